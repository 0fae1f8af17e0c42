package rows

import (
	"context"
	"math"
	"slices"
	"time"
)

// Anchor is a place in the list. The zero value is its start.
type Anchor struct {
	kind   anchorKind
	cursor Cursor
}

type anchorKind uint8

const (
	anchorStart anchorKind = iota
	anchorEnd
	anchorCursor
)

// Start is the place before the first row.
func Start() Anchor { return Anchor{} }

// End is the place behind the last row.
func End() Anchor { return Anchor{kind: anchorEnd} }

// At is the place of a row. A row that is gone or hidden by the filter is a place, too.
func At(c Cursor) Anchor { return Anchor{anchorCursor, c} }

// AtTime is the place of the first row that is not before t.
func AtTime(t time.Time) Anchor { return Anchor{anchorCursor, Cursor{key: t.UnixNano()}} }

// place is the anchor as a cursor.
func (a Anchor) place() Cursor {
	switch a.kind {
	case anchorStart:
		return Cursor{key: math.MinInt64}
	case anchorEnd:
		return Cursor{key: math.MaxInt64, source: math.MaxInt32}
	}
	return a.cursor
}

// Query asks for the rows around a place: up to Before rows before it, and up to After rows from it on.
type Query struct {
	From          Anchor
	Before, After int
	Filter        Filter
}

// Page is a run of rows in their order.
type Page struct {
	Rows []Row
	// AtStart and AtEnd report that nothing that the filter shows lies before or behind the rows. They are known only
	// for the directions that were asked for.
	AtStart, AtEnd bool
	// Hidden is the number of rows that were passed over because of the filter, Scanned that of all rows passed.
	Hidden, Scanned int64
	// Truncated reports that the scan was given up before the page was full: its bound or the context's deadline was
	// reached.
	Truncated bool
	// Above and Below are where the scan ended. The rows before this page are those of Query{From: Above, Before: n},
	// the rows behind it those of Query{From: Below, After: n}, truncated or not.
	Above, Below Anchor
}

// Page returns the rows around a place. A deadline of the context ends the scan, not the call: what was found by then is
// returned with Truncated set; only a cancelled context is an error. It is safe for concurrent use.
func (s *Store) Page(ctx context.Context, q Query) (Page, error) {
	p := Page{Above: q.From, Below: q.From}
	sieve := newSieve(q.Filter)
	views := s.chosen(ctx, sieve)
	if q.Before > 0 {
		scan := newScan(views, q.From.place(), false, sieve)
		if err := p.take(ctx, scan, q.Before); err != nil {
			return Page{}, err
		}
		slices.Reverse(p.Rows)
		p.AtStart, p.Above = scan.ended(), At(scan.stop())
	}
	if q.After > 0 {
		scan := newScan(views, q.From.place(), true, sieve)
		if err := p.take(ctx, scan, q.After); err != nil {
			return Page{}, err
		}
		p.AtEnd, p.Below = scan.ended(), At(scan.stop())
	}
	return p, nil
}

// take adds up to n rows.
func (p *Page) take(ctx context.Context, s *scan, n int) error {
	for ; n > 0 && s.next(ctx); n-- {
		row, err := s.row(ctx)
		if err != nil {
			s.give(err)
			break
		}
		p.Rows = append(p.Rows, row)
	}
	if s.err != nil {
		return s.err
	}
	p.Hidden += s.hidden
	p.Scanned += s.scanned
	p.Truncated = p.Truncated || s.truncated
	return nil
}

// Find looks for the next row after (or before) from that the filter shows and match takes; nil takes all. The zero
// Cursor stands for the start, looking forward, and for the end, looking backward. When it finds none, the cursor is
// where the scan was given up (its bound or the deadline was reached; go on from there), or zero: there is none.
//
// What the filter can say is cheaper there than in match: blocks without errors are not read when it asks for errors.
// The row that match sees is valid during the call only.
func (s *Store) Find(ctx context.Context, from Cursor, forward bool, match func(*Row) bool, f Filter) (Cursor, bool, error) {
	place := from
	switch {
	case from.IsZero() && forward:
		place = Start().place()
	case from.IsZero():
		place = End().place()
	case forward && from.part > 0:
		place = from.behind()
	}
	sieve := newSieve(f)
	scan := newScan(s.chosen(ctx, sieve), place, forward, sieve)
	for scan.next(ctx) {
		if match == nil {
			return scan.last, true, nil
		}
		row, err := scan.row(ctx)
		if err != nil {
			scan.give(err)
			break
		}
		if match(&row) {
			return scan.last, true, nil
		}
	}
	switch {
	case scan.err != nil:
		return Cursor{}, false, scan.err
	case scan.ended():
		return Cursor{}, false, nil
	}
	stop := scan.stop()
	if forward && stop.part > 0 {
		stop.sub-- // Find goes on behind the cursor that it is given
	}
	return stop, false, nil
}
