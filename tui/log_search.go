package tui

import (
	"context"
	"fmt"

	"github.com/whytls/whytls/diagnose/rows"
	"github.com/whytls/whytls/parsers"
)

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
