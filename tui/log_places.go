package tui

import (
	"context"
	"fmt"
	"time"

	"github.com/whytls/whytls/diagnose/rows"
	"github.com/whytls/whytls/tui/session"
)

// goToLine shows the log at a line of a source. at is its time, zero when it has none.
func (s *state) goToLine(source string, number int64, at time.Time) []effect {
	s.show(logView)
	r := &s.log
	if r.store == nil {
		return nil
	}
	ctx, turn := r.begin()
	r.follow, r.loaded, r.busy = false, true, true
	r.searching = place(source, number)
	f := &lineFound{rowFound: rowFound{
		turn: turn, ctx: ctx, forward: true, what: place(source, number),
		match: func(row *rows.Row) bool {
			return row.Source == source && row.Line <= number && number <= row.Line+int64(len(row.More))
		},
		filter: rows.Filter{Sources: []string{source}},
	}, line: number, time: at}
	s.filter, s.window = filter{}, timeWindow{} // what was asked for must show
	return []effect{f.begin(r.store)}
}

// lineFound looks for a line from its time on, or, where nobody has told that, from a time that halving has come near to.
type lineFound struct {
	rowFound
	line int64
	time time.Time
}

// begin looks at the first row at that time, which a search leaves out.
func (f *lineFound) begin(store Rows) effect {
	return func(screen context.Context) message {
		ctx, done := within(f.ctx, screen)
		defer done()
		if f.time.IsZero() {
			f.time = f.halve(ctx, store)
		}
		row, ok := f.first(ctx, store, rows.AtTime(f.time))
		switch {
		case !ok || f.time.IsZero():
			return f.find(store)(screen)
		case f.match(&row):
			f.at, f.ok = row.Cursor, true
			return &f.rowFound
		}
		f.at = row.Cursor
		return f.find(store)(screen)
	}
}

// halvings are enough for a year down to a millisecond.
const halvings = 36

// halve comes near to the line by its number: lines and times grow together, but for threads that overtake each other. It
// returns the zero time where lines have no times or no numbers.
func (f *lineFound) halve(ctx context.Context, store Rows) (near time.Time) {
	first, okFirst := f.first(ctx, store, rows.Start())
	last, err := store.Page(ctx, rows.Query{From: rows.End(), Before: 1, Filter: f.filter})
	if !okFirst || err != nil || len(last.Rows) == 0 || !first.Time.Absolute() || !last.Rows[0].Time.Absolute() {
		return near
	}
	low, high := first.Time.Nano, last.Rows[0].Time.Nano
	for range halvings {
		middle := low + (high-low)/2
		row, ok := f.first(ctx, store, rows.AtTime(time.Unix(0, middle)))
		if !ok || row.Line == 0 || high-low < int64(time.Millisecond) {
			break
		}
		if row.Line > f.line {
			high = middle
		} else {
			low, near = middle, time.Unix(0, middle)
		}
	}
	if near.IsZero() {
		return near
	}
	return near.Add(-overtaken)
}

// overtaken is how much earlier a line may stand than its time says.
const overtaken = time.Second

// first is the first row of the source from a place on.
func (f *lineFound) first(ctx context.Context, store Rows, from rows.Anchor) (row rows.Row, ok bool) {
	page, err := store.Page(ctx, rows.Query{From: from, After: 1, Filter: f.filter})
	if err != nil || len(page.Rows) == 0 {
		return row, false
	}
	return page.Rows[0], true
}

// goToTime shows the log at a time.
func (s *state) goToTime(t time.Time) []effect {
	s.show(logView)
	s.log.follow, s.log.busy = false, s.log.store != nil
	return s.log.read(s, rows.AtTime(t), landHere)
}

// markOf is the mark of a row.
func markOf(r *rows.Row) session.Mark {
	return session.Mark{Source: r.Source, Line: r.Line, Time: r.Time.Time(), Text: beginning(r.Text, 10)}
}

func (s *state) isMarked(r *rows.Row) bool { return s.session.Marked(markOf(r)) }

// mark marks the chosen row, or no longer.
func mark(s *state) []effect { return s.log.soon(s, markNow) }

func markNow(s *state) []effect {
	i := chosen(logOf(s), s.pane().selected)
	if i < 0 {
		return nil
	}
	if s.session.Mark(markOf(&s.log.rows[i])) {
		s.say(good, "marked; u and U go to the next and the previous mark")
	} else {
		s.say(good, "no longer marked")
	}
	return []effect{s.save()}
}

// toMark goes to the next mark in the order of marking, or the one before.
func toMark(forward bool) func(*state) []effect {
	return func(s *state) []effect {
		marks := s.session.Marks()
		if len(marks) == 0 {
			s.say(faint, "nothing is marked; m in the log marks a row")
			return nil
		}
		if forward {
			s.marked++
		} else {
			s.marked--
		}
		s.marked = (s.marked%len(marks) + len(marks)) % len(marks)
		m := marks[s.marked]
		effects := s.goToLine(m.Source, m.Line, m.Time)
		s.say(faint, fmt.Sprintf("mark %d of %d", s.marked+1, len(marks)))
		return effects
	}
}
