package rows

import (
	"container/heap"
	"context"
	"errors"
	"math"
	"slices"
)

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
