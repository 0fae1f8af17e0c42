package tui

import (
	"context"
	"time"

	"github.com/whytls/whytls/diagnose/rows"
)

// Rows is the log as a list of any length; *rows.Store is one. It is asked by effects, never while the screen is drawn.
type Rows interface {
	Page(ctx context.Context, q rows.Query) (rows.Page, error)
	Find(ctx context.Context, from rows.Cursor, forward bool, match func(*rows.Row) bool, f rows.Filter) (rows.Cursor, bool, error)
	Total() (n int64, exact bool)
	Lost() (bytes int64, fault error)
	Generation() uint64
}

// logReader keeps the rows around the chosen one: a few screens of them, read anew when the choice comes near an edge.
// A read is an effect; what it brings is taken unless a later one has begun. A move that goes beyond what is known is
// owed until the rows are there.
type logReader struct {
	store Rows
	rows  []rows.Row
	ids   []string // of the rows
	// atStart and atEnd: there is nothing before or behind the rows.
	atStart, atEnd  bool
	behind          rows.Anchor // the place behind what was read
	hidden, scanned int64
	total           int64 // rows of the whole log
	exact           bool  // the total is no estimate
	loaded          bool

	follow bool // the last row is chosen, whatever comes
	owed   int  // rows that the choice is still to move
	wrap   bool
	raw    bool   // whole lines, not the messages in them
	column int    // of the text at the left edge
	clock  string // how times are written

	// queue is what keys have asked for while a search or a jump is under way: a fast typist means the row that it
	// leads to.
	queue []func(*state) []effect
	busy  bool // a search or a jump is under way

	turn       int    // of the latest read or search
	reading    bool   // its outcome is awaited
	searching  string // what is looked for meanwhile
	cancel     context.CancelFunc
	generation uint64    // of the rows
	readAt     time.Time // when rows were last read because there are new ones
	waiting    bool      // an effect waits to read on
	settledAt  uint64    // the generation when the end was last read as a whole
}

// screens is how many times the height of the screen is read in both directions.
const screens = 3

// patience is how long a part of a read or search may take until the screen is told how far it is.
const patience = 200 * time.Millisecond

// begin starts a read or a search in place of the one before.
func (r *logReader) begin() (context.Context, int) {
	r.stop()
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel, r.reading = cancel, true
	return ctx, r.turn
}

// stop gives up what is being read or looked for.
func (r *logReader) stop() {
	if r.cancel != nil {
		r.cancel()
	}
	r.turn++ // what is under way is not taken any more
	r.cancel, r.reading, r.searching = nil, false, ""
}

// giveUp ends a search or a jump and forgets what was to come after it.
func (r *logReader) giveUp() {
	r.stop()
	r.busy, r.queue = false, nil
}

// maxQueue bounds the queue: a key that is held down must not go on for minutes.
const maxQueue = 100

// soon does what a key asks for, now or when the search that is under way has ended.
func (r *logReader) soon(s *state, do func(*state) []effect) []effect {
	if !r.busy {
		return do(s)
	}
	if len(r.queue) < maxQueue {
		r.queue = append(r.queue, do)
	}
	return nil
}

// settled ends a search or a jump, and does what waits for it until the next one.
func (r *logReader) settled(s *state) (effects []effect) {
	r.busy = false
	for len(r.queue) > 0 && !r.busy {
		next := r.queue[0]
		r.queue = r.queue[1:]
		effects = append(effects, next(s)...)
	}
	return effects
}

// within joins the context of an effect with that of the turn.
func within(turn, screen context.Context) (context.Context, func()) {
	ctx, cancel := context.WithTimeout(turn, patience)
	stop := context.AfterFunc(screen, cancel)
	return ctx, func() { stop(); cancel() }
}

// choose selects a row; the detail of another one begins at its top.
func (p *pane) choose(id string) {
	if id != p.selected {
		p.selected, p.scroll = id, 0
	}
}

// show reads the log when it comes to the screen.
func (r *logReader) show(s *state) []effect {
	if r.loaded || r.reading {
		return r.refresh(s)
	}
	r.follow = true
	return r.readEnd(s)
}

// refresh reads on when rows have come that the screen would show. Of a log that is followed this is only what is new.
func (r *logReader) refresh(s *state) []effect {
	if r.store == nil || s.view != logView || s.paused || r.reading || r.loaded && r.store.Generation() == r.generation {
		return nil
	}
	if wait := pace - s.now.Sub(r.readAt); wait > 0 && r.loaded {
		return r.later(wait)
	}
	r.readAt = s.now
	switch i := chosen(logOf(s), s.panes[logView].selected); {
	case r.follow && r.atEnd:
		return r.readOn(s)
	case r.follow || i < 0:
		return r.readEnd(s)
	case r.atEnd && i >= len(r.rows)-max(s.height, 20): // the end is on the screen
		return r.around(s)
	}
	r.atEnd = false
	return nil
}

// pace is how long the rows stay on the screen at least while they come by themselves: nobody reads faster.
const pace = 250 * time.Millisecond

// later reads on after a while.
func (r *logReader) later(wait time.Duration) []effect {
	if r.waiting {
		return nil
	}
	r.waiting = true
	return []effect{func(ctx context.Context) message {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
		return due{}
	}}
}

// due says that it is time to read on.
type due struct{}

func (due) apply(s *state) []effect {
	s.log.waiting, s.log.readAt = false, time.Time{}
	return s.log.refresh(s)
}

// settle puts rows that came late by their time where they belong. A filtered log is left as it is: to look for a few rows
// from the end on may mean to read all of it.
func (r *logReader) settle(s *state) []effect {
	filtered := s.filter.text != "" || s.window.text != ""
	if !r.follow || filtered || r.store == nil || s.view != logView || s.paused || r.reading || r.settledAt == r.store.Generation() {
		return r.refresh(s)
	}
	r.settledAt = r.store.Generation()
	return r.readEnd(s)
}

// around reads the rows around the chosen one.
func (r *logReader) around(s *state) []effect {
	i := chosen(logOf(s), s.panes[logView].selected)
	if i < 0 {
		return r.readEnd(s)
	}
	return r.read(s, rows.At(r.rows[i].Cursor), landKeep)
}

// narrowed reads anew because the filter has changed.
func (r *logReader) narrowed(s *state) []effect {
	if !r.loaded && !r.reading {
		return nil
	}
	if r.follow {
		return r.readEnd(s)
	}
	i := chosen(logOf(s), s.panes[logView].selected)
	if i < 0 {
		return r.readEnd(s)
	}
	return r.read(s, rows.At(r.rows[i].Cursor), landHere)
}

// move goes n rows down. far leads to the ends of the whole log.
func (r *logReader) move(s *state, n int) []effect {
	return r.soon(s, func(s *state) []effect { return r.moveNow(s, n) })
}

func (r *logReader) moveNow(s *state, n int) []effect {
	switch {
	case n >= far:
		r.follow, r.owed, r.busy = true, 0, r.store != nil
		return r.readEnd(s)
	case n <= -far:
		r.follow, r.owed, r.busy = false, 0, r.store != nil
		return r.read(s, rows.Start(), landHere)
	case len(r.rows) == 0:
		return nil
	}
	at := chosen(logOf(s), s.panes[logView].selected)
	to := min(max(at+n, 0), len(r.rows)-1)
	s.panes[logView].choose(r.ids[to])
	r.follow = n > 0 && r.atEnd && to == len(r.rows)-1
	if rest := at + n - to; rest < 0 && !r.atStart || rest > 0 && !r.atEnd {
		r.owed += rest
	}
	near := max(s.height, 20)
	if (to < near && !r.atStart || to >= len(r.rows)-near && !r.atEnd) && !r.reading {
		return r.around(s)
	}
	return nil
}

// rowsFilter is the filter of the screen as the store takes it.
func (s *state) rowsFilter() rows.Filter {
	v := s.sieve()
	f := rows.Filter{Text: v.phrase, Regexp: v.pattern, Severity: v.severity, From: v.from, To: v.to}
	if len(v.systems) > 0 {
		f.Systems = []string{nobody}
	}
	if len(v.sources) > 0 {
		f.Sources = []string{nobody}
	}
	for _, src := range s.snapshot.Input.Sources {
		if len(v.systems) > 0 && src.System != "" && names(v.systems, src.System, s.title(src.System)) {
			f.Systems = append(f.Systems, src.System)
		}
		if len(v.sources) > 0 && names(v.sources, src.Name) {
			f.Sources = append(f.Sources, src.Name)
		}
	}
	if len(v.findings) > 0 {
		f.Signatures = append([]string{nobody}, v.signatures()...)
	}
	return f
}

// nobody is a name that nothing has: a list without names would show all.
const nobody = "\x00"
