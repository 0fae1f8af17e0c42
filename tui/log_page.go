package tui

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/whytls/whytls/diagnose/rows"
)

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
	return r.ask(s, &pageRead{land: land, before: around, after: around, ahead: from, behind: from})
}

// readEnd asks for the last rows, no more than the screen shows: a log that is followed is read often.
func (r *logReader) readEnd(s *state) []effect {
	return r.ask(s, &pageRead{land: landLast, before: max(s.height, 20), after: screens * max(s.height, 20), end: true})
}

// readOn asks for the rows that came behind the known ones.
func (r *logReader) readOn(s *state) []effect {
	most := screens * max(s.height, 20)
	cut := max(len(r.rows)-most, 0)
	return r.ask(s, &pageRead{
		land: landLast, after: most, above: slices.Clone(r.rows[cut:]), atStart: r.atStart && cut == 0,
		behind: r.behind, hidden: r.hidden, scanned: r.scanned, onward: true,
	})
}

// ask begins a read in the place of the one before.
func (r *logReader) ask(s *state, p *pageRead) []effect {
	if r.store == nil {
		return nil
	}
	p.ctx, p.turn = r.begin()
	p.filter = s.rowsFilter()
	return []effect{p.read(r.store)}
}

// pageRead is the outcome of a read so far: rows before and behind a place.
type pageRead struct {
	turn            int
	land            landing
	ctx             context.Context
	before, after   int // rows that are still wanted
	filter          rows.Filter
	end             bool        // the place is the last row, which is still to be found
	ahead, behind   rows.Anchor // where the scan goes on
	above, below    []rows.Row
	atStart, atEnd  bool
	onward          bool // it goes on behind the known rows
	hidden, scanned int64
	total           int64
	exact           bool
	generation      uint64
	err             error
}

// read reads a part of what is wanted.
func (p *pageRead) read(store Rows) effect {
	return func(screen context.Context) message {
		ctx, done := within(p.ctx, screen)
		defer done()
		p.generation = store.Generation()
		if p.end {
			p.find(ctx, store)
		}
		if p.before > 0 && !p.atStart {
			page := p.page(ctx, store, rows.Query{From: p.ahead, Before: p.before, Filter: p.filter})
			p.above = append(page.Rows, p.above...)
			p.ahead, p.atStart, p.before = page.Above, page.AtStart, left(&page, p.before)
		}
		if p.after > 0 && !p.atEnd {
			page := p.page(ctx, store, rows.Query{From: p.behind, After: p.after, Filter: p.filter})
			p.below = append(p.below, page.Rows...)
			p.behind, p.atEnd, p.after = page.Below, page.AtEnd, left(&page, p.after)
		}
		p.total, p.exact = store.Total()
		return p
	}
}

// find finds the place of the last row, whether the filter shows it or not: what comes later comes behind it.
func (p *pageRead) find(ctx context.Context, store Rows) {
	p.end = false
	last, err := store.Page(ctx, rows.Query{From: rows.End(), Before: 1})
	switch {
	case err != nil:
		p.err = err
	case len(last.Rows) == 0:
		p.before, p.atStart = 0, true // and what has come meanwhile is read from the start on
	default:
		p.ahead = rows.At(last.Rows[0].Cursor)
		p.behind = p.ahead
	}
}

// left is how many of the rows that were wanted are still to come.
func left(page *rows.Page, wanted int) int {
	if !page.Truncated {
		return 0
	}
	return max(wanted-len(page.Rows), 0)
}

func (p *pageRead) page(ctx context.Context, store Rows, q rows.Query) rows.Page {
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
	if p.onward && !p.atEnd && p.after == 0 { // more has come than is shown
		return r.readEnd(s)
	}
	var keep rows.Cursor
	if i := chosen(logOf(s), s.panes[logView].selected); i >= 0 {
		keep = r.rows[i].Cursor
	}
	all := slices.Concat(p.above, p.below)
	if len(all) == 0 && (p.before > 0 || p.after > 0) {
		r.rows, r.ids, r.hidden, r.scanned = nil, nil, p.hidden, p.scanned
		return []effect{p.read(r.store)}
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
	r.total, r.exact = p.total, p.exact
	r.hidden, r.scanned, r.generation, r.behind = p.hidden, p.scanned, p.generation, p.behind
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
