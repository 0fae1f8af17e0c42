package rows

import (
	"container/heap"
	"context"
	"errors"
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
	// Reached is the time up to which a truncated scan has come, zero when unknown.
	Reached time.Time
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
	if s.truncated {
		p.Truncated = true
		if key := s.last.key; s.scanned > 0 {
			p.Reached = time.Unix(0, key)
		}
	}
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

// chosen are the sources as they are now that a filter can show.
func (s *Store) chosen(ctx context.Context, sieve *sieve) []*view {
	return slices.DeleteFunc(s.views(ctx), func(v *view) bool { return !sieve.takesSource(v.feed.name) })
}

// maxLooked bounds the rows that one scan looks at, about a quarter of a second of work.
const maxLooked = 256 << 10

// scan goes through the rows of several sources in the merged order.
type scan struct {
	sieve   *sieve
	forward bool
	walkers walkers
	current *walker // of the row that next found
	at      int     // its index in the leaf
	last    Cursor  // the last row that was passed
	start   Cursor

	hidden, scanned, looked int64
	truncated               bool
	err                     error
}

func newScan(views []*view, from Cursor, forward bool, sieve *sieve) *scan {
	switch {
	case forward && from.key < sieve.from:
		from = Cursor{key: sieve.from}
	case !forward && from.key > sieve.to:
		from = Cursor{key: sieve.to, source: math.MaxInt32}
	}
	s := &scan{sieve: sieve, forward: forward, start: from}
	for _, v := range views {
		if w := newWalker(v, from, forward, sieve); !w.done {
			s.walkers = append(s.walkers, w)
		}
	}
	heap.Init(&s.walkers)
	return s
}

// next goes to the next row that the filter shows. It returns false at the end, and where the scan is given up.
func (s *scan) next(ctx context.Context) bool {
	if s.current != nil {
		s.current.step()
		s.fix()
		s.current = nil
	}
	for steps := 0; len(s.walkers) > 0; steps++ {
		w := s.walkers[0]
		if s.beyond(w.key()) {
			s.walkers = nil
			return false
		}
		if steps%1024 == 0 || w.leaf == nil {
			if err := ctx.Err(); err != nil {
				s.give(err)
				return false
			}
		}
		if s.looked >= maxLooked {
			s.truncated = true
			return false
		}
		if w.leaf == nil {
			hidden, err := w.settle(ctx)
			if err != nil {
				s.give(err)
				return false
			}
			s.hidden, s.scanned = s.hidden+hidden, s.scanned+hidden
			s.fix()
			continue
		}
		s.scanned++
		s.looked++
		e := &w.leaf.entries[w.at]
		s.last = cursorOf(w.view, w.view.parts[w.part], e)
		takes, err := w.takes(ctx)
		if err != nil {
			s.give(err)
			return false
		}
		if takes {
			s.current = w
			return true
		}
		s.hidden++
		w.step()
		s.fix()
	}
	return false
}

// beyond reports that a place lies outside of the filter's time.
func (s *scan) beyond(key int64) bool {
	if s.forward {
		return key > s.sieve.to
	}
	return key < s.sieve.from
}

// fix restores the order of the walkers after the first one has moved.
func (s *scan) fix() {
	if s.walkers[0].done {
		heap.Pop(&s.walkers)
	} else {
		heap.Fix(&s.walkers, 0)
	}
}

// give ends the scan. A deadline is a way to ask for less.
func (s *scan) give(err error) {
	s.truncated, s.current = true, nil
	if !errors.Is(err, context.DeadlineExceeded) {
		s.err = err
	}
}

// ended reports that there are no more rows.
func (s *scan) ended() bool {
	return len(s.walkers) == 0 || s.current != nil && len(s.walkers) == 1 && s.current.final()
}

// row is the row that next found.
func (s *scan) row(ctx context.Context) (Row, error) {
	w := s.current
	if err := w.load(ctx); err != nil {
		return Row{}, err
	}
	return w.view.row(w.view.parts[w.part], w.leaf, w.text, w.at), nil
}

// stop is the place where the scan ended: what was passed lies on one side of it, all else on the other.
func (s *scan) stop() Cursor {
	if s.current != nil {
		s.current.step()
		s.fix()
		s.current = nil
	}
	switch {
	case len(s.walkers) > 0 && !slices.ContainsFunc(s.walkers, func(w *walker) bool { return w.lost }):
		return s.walkers[0].stop()
	case s.last.IsZero():
		return s.start
	case s.forward && s.last.part > 0:
		return s.last.behind()
	}
	return s.last
}

// walkers is a heap: the one whose row is next comes first.
type walkers []*walker

func (h walkers) Len() int { return len(h) }

func (h walkers) Less(i, j int) bool {
	a, b := h[i], h[j]
	if a.key() != b.key() {
		return a.key() < b.key() == a.forward
	}
	return a.view.feed.number < b.view.feed.number == a.forward
}

func (h walkers) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push is for package heap.
func (h *walkers) Push(w any) { *h = append(*h, w.(*walker)) }

// Pop is for package heap.
func (h *walkers) Pop() any {
	old := *h
	w := old[len(old)-1]
	*h = old[:len(old)-1]
	return w
}
