package tui

import (
	"context"
	"fmt"
	"time"

	"github.com/whytls/whytls/diagnose/rows"
	"github.com/whytls/whytls/parsers"
)

// Rows is the log as a list of any length; *rows.Store is one. It is asked by effects, never while the screen is drawn.
type Rows interface {
	Page(ctx context.Context, q rows.Query) (rows.Page, error)
	Find(ctx context.Context, from rows.Cursor, forward bool, match func(*rows.Row) bool, f rows.Filter) (rows.Cursor, bool, error)
	Total() (n int64, exact bool)
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
	hidden, scanned int64
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
	generation uint64 // of the rows
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

// landing says which row is chosen when rows have come.
type landing int

const (
	landHere landing = iota // the one that was asked for
	landKeep                // the one that is chosen
	landLast
)

// read asks for the rows around a place.
func (r *logReader) read(s *state, from rows.Anchor, land landing) []effect {
	around := max(s.height, 20) * screens
	return r.readRows(s, from, land, around, around)
}

// readEnd asks for the last rows, no more than the screen shows: a log that is followed is read at each change.
func (r *logReader) readEnd(s *state) []effect {
	return r.readRows(s, rows.End(), landLast, max(s.height, 20), 1)
}

func (r *logReader) readRows(s *state, from rows.Anchor, land landing, before, after int) []effect {
	if r.store == nil {
		return nil
	}
	ctx, turn := r.begin()
	p := &pageRead{turn: turn, land: land, ctx: ctx, before: before, after: after, filter: s.rowsFilter(), behind: from, ahead: from}
	return []effect{p.read(r.store)}
}

// pageRead is the outcome of a read so far: rows before and behind a place.
type pageRead struct {
	turn            int
	land            landing
	ctx             context.Context
	before, after   int // rows that are still wanted
	filter          rows.Filter
	ahead, behind   rows.Anchor // where the scan goes on
	above, below    []rows.Row
	atStart, atEnd  bool
	hidden, scanned int64
	generation      uint64
	err             error
}

// read reads a part of what is wanted.
func (p *pageRead) read(store Rows) effect {
	return func(screen context.Context) message {
		ctx, done := within(p.ctx, screen)
		defer done()
		p.generation = store.Generation()
		if p.before > 0 && !p.atStart {
			page := p.ask(ctx, store, rows.Query{From: p.ahead, Before: p.before, Filter: p.filter})
			p.above = append(page.Rows, p.above...)
			want := p.before
			p.atStart, p.before = page.AtStart, 0
			p.ahead = page.Above
			if page.Truncated {
				p.before = max(want-len(page.Rows), 0)
			}
		}
		if p.after > 0 && !p.atEnd {
			page := p.ask(ctx, store, rows.Query{From: p.behind, After: p.after, Filter: p.filter})
			p.below = append(p.below, page.Rows...)
			want := p.after
			p.atEnd, p.after = page.AtEnd, 0
			p.behind = page.Below
			if page.Truncated {
				p.after = max(want-len(page.Rows), 0)
			}
		}
		return p
	}
}

func (p *pageRead) ask(ctx context.Context, store Rows, q rows.Query) rows.Page {
	page, err := store.Page(ctx, q)
	if err != nil {
		p.err = err
	}
	p.hidden += page.Hidden
	p.scanned += page.Scanned
	return page
}

func (p *pageRead) apply(s *state) []effect {
	r := &s.log
	if p.turn != r.turn {
		return nil
	}
	if p.err != nil && p.ctx.Err() == nil {
		s.say(bad, fmt.Sprintf("reading the log: %v", p.err))
	}
	var keep rows.Cursor
	if i := chosen(logOf(s), s.panes[logView].selected); i >= 0 {
		keep = r.rows[i].Cursor
	}
	all := append(append(make([]rows.Row, 0, len(p.above)+len(p.below)), p.above...), p.below...)
	if len(all) == 0 && (p.before > 0 || p.after > 0) {
		r.hidden, r.scanned = p.hidden, p.scanned
		return []effect{p.read(r.store)} // what was there stays on the screen meanwhile
	}
	r.take(p, all)
	r.land(s, p, keep)
	if p.before > 0 || p.after > 0 {
		next := *p
		next.land = landKeep
		return []effect{next.read(r.store)}
	}
	r.reading = false
	if owed := r.owed; owed != 0 {
		r.owed = 0
		return append(r.moveNow(s, owed), r.settled(s)...)
	}
	return r.settled(s)
}

// take makes the rows the known ones.
func (r *logReader) take(p *pageRead, all []rows.Row) {
	r.rows, r.atStart, r.atEnd, r.loaded = all, p.atStart, p.atEnd, true
	r.hidden, r.scanned, r.generation = p.hidden, p.scanned, p.generation
	r.ids = make([]string, len(all))
	r.clock = time.TimeOnly
	for i := range all {
		r.ids[i] = fmt.Sprint(all[i].Cursor)
		if all[i].Time.Nano%int64(time.Second) != 0 {
			r.clock = fineClock
		}
	}
}

// land chooses a row of those that have come.
func (r *logReader) land(s *state, p *pageRead, keep rows.Cursor) {
	if len(r.rows) == 0 {
		return
	}
	i := min(len(p.above), len(r.rows)-1)
	switch p.land {
	case landLast:
		i = len(r.rows) - 1
	case landKeep:
		for j := range r.rows {
			if r.rows[j].Cursor == keep {
				i = j
			}
		}
	}
	s.panes[logView].choose(r.ids[i])
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

// refresh reads on when rows have come that the screen would show.
func (r *logReader) refresh(s *state) []effect {
	if r.store == nil || s.view != logView || s.paused || r.reading || r.loaded && r.store.Generation() == r.generation {
		return nil
	}
	if r.follow || len(r.rows) == 0 {
		return r.readEnd(s)
	}
	if r.atEnd {
		return r.around(s)
	}
	return nil
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

// seek looks for the next row that has what was searched for.
func (r *logReader) seek(s *state, forward, here bool) []effect {
	return r.soon(s, func(s *state) []effect { return r.seekNow(s, forward, here) })
}

func (r *logReader) seekNow(s *state, forward, here bool) []effect {
	search := s.search
	if search == nil {
		return nil
	}
	if i := chosen(logOf(s), s.pane().selected); here && i >= 0 && search.matches(rowText(&r.rows[i])) {
		return nil
	}
	return r.find(s, forward, search.text, func(row *rows.Row) bool { return search.matches(rowText(row)) }, s.rowsFilter())
}

// toError goes to the next row at ERROR or above.
func (r *logReader) toError(s *state, forward bool) []effect {
	return r.soon(s, func(s *state) []effect {
		f := s.rowsFilter()
		f.Severity = max(f.Severity, parsers.SeverityError)
		return r.find(s, forward, "an error", nil, f)
	})
}

// find looks for a row from the chosen one on; match is nil when the filter says it all.
func (r *logReader) find(s *state, forward bool, what string, match func(*rows.Row) bool, filter rows.Filter) []effect {
	if r.store == nil || len(r.rows) == 0 {
		return nil
	}
	ctx, turn := r.begin()
	r.searching, r.follow, r.busy = what, false, true
	f := &rowFound{turn: turn, ctx: ctx, forward: forward, what: what, match: match, filter: filter}
	f.at = r.rows[chosen(logOf(s), s.pane().selected)].Cursor
	return []effect{f.find(r.store)}
}

// rowFound is the outcome of a search so far.
type rowFound struct {
	turn    int
	ctx     context.Context
	forward bool
	what    string
	match   func(*rows.Row) bool
	filter  rows.Filter
	at      rows.Cursor // the row, or where the search goes on
	ok      bool
	err     error
}

func (f *rowFound) find(store Rows) effect {
	return func(screen context.Context) message {
		ctx, done := within(f.ctx, screen)
		defer done()
		f.at, f.ok, f.err = store.Find(ctx, f.at, f.forward, f.match, f.filter)
		return f
	}
}

func (f *rowFound) apply(s *state) []effect {
	r := &s.log
	switch {
	case f.turn != r.turn:
		return nil
	case f.ok:
		r.stop()
		return r.read(s, rows.At(f.at), landHere)
	case f.err != nil && f.ctx.Err() == nil && f.at.IsZero():
		r.giveUp()
		s.say(bad, fmt.Sprintf("searching the log: %v", f.err))
	case f.at.IsZero():
		r.stop()
		where := "below"
		if !f.forward {
			where = "above"
		}
		s.say(faint, fmt.Sprintf("%s: nothing more %s", f.what, where))
		return r.settled(s)
	default:
		r.searching = f.what + " … Esc stops"
		return []effect{f.find(r.store)}
	}
	return nil
}
