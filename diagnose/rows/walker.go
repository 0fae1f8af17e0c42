package rows

import (
	"context"
	"math"
	"sort"
)

// walker goes through the rows of one source, forward or backward, from a place in the merged order. It reads a block
// only when it must know its next row exactly.
type walker struct {
	view    *view
	forward bool
	sieve   *sieve
	place   Cursor

	part  int // index into view.parts
	block int
	leaf  *leaf // nil until the block is read
	text  *text // nil until the bytes are needed
	at    int   // index of the next row in leaf
	fresh bool  // the block is the one that place lies in
	bound int64 // while leaf is nil: the next row does not come before it (forward) or behind it (backward)
	done  bool
	lost  bool // the context ended on the way to the next block: where that is is not known
}

// newWalker stands a walker at a place: forward, the rows from the place on are next, backward those before it.
func newWalker(v *view, place Cursor, forward bool, s *sieve) *walker {
	w := &walker{view: v, forward: forward, sieve: s, place: place, fresh: true}
	v.feed.indexes.Lock()
	defer v.feed.indexes.Unlock()
	if len(v.parts) == 0 {
		w.done = true
		return w
	}
	if w.own() {
		w.seekOffset()
	} else {
		w.seekKey()
	}
	w.look()
	return w
}

// own reports that the place is given by an offset in this source.
func (w *walker) own() bool { return w.place.part > 0 && int(w.place.source) == w.view.feed.number+1 }

// seekOffset finds the block of a place in this source.
func (w *walker) seekOffset() {
	parts := w.view.parts
	w.part = sort.Search(len(parts), func(i int) bool { return parts[i].number >= int(w.place.part) })
	if w.part == len(parts) || parts[w.part].number != int(w.place.part) {
		// The part is gone: the place is between two others.
		if w.part < len(parts) {
			w.block = parts[w.part].first()
		} else {
			w.part--
			w.block = parts[w.part].blocks() - 1
		}
		return
	}
	r := parts[w.part]
	w.block = min(int(max(w.place.offset, 0)/r.index.size), r.blocks()-1)
	// The records of a block begin somewhat before its place in the grid.
	if next := r.next(w.block); next < r.blocks() {
		if start, _ := r.start(next); start <= w.place.offset {
			w.block = next
		}
	}
	for w.block > r.first() {
		if start, ok := r.start(w.block); ok && start <= w.place.offset {
			break
		}
		w.block--
	}
}

// before reports whether rows with a key lie before the place.
func (w *walker) before(key int64) bool {
	return key < w.place.key || key == w.place.key && w.view.feed.number+1 < int(w.place.source)
}

// seekKey finds the block of a place in time: the last one that begins before it.
func (w *walker) seekKey() {
	parts := w.view.parts
	switch w.place.key {
	case math.MinInt64:
		w.block = parts[0].first()
		return
	case math.MaxInt64:
		w.part = len(parts) - 1
		w.block = parts[w.part].blocks() - 1
		return
	}
	for w.part = len(parts) - 1; w.part > 0; w.part-- {
		if r := parts[w.part]; r.first() < r.blocks() && w.before(r.key(r.first())) {
			break
		}
	}
	r := parts[w.part]
	first := r.first()
	w.block = first
	if n := r.blocks() - first; n > 0 {
		w.block += max(sort.Search(n, func(k int) bool { return !w.before(r.key(first + k)) })-1, 0)
	}
	for _, ok := r.start(w.block); !ok && w.block > first; _, ok = r.start(w.block) {
		w.block--
	}
}

// look finds the bound of the current block.
func (w *walker) look() {
	r := w.view.parts[w.part]
	defer func() { w.lost = w.view.ctx.Err() != nil }()
	if w.forward {
		if w.bound = r.key(w.block); w.fresh && !w.own() {
			w.bound = max(w.bound, w.place.key)
		}
		return
	}
	if w.bound = r.limit(w.block); w.fresh && !w.own() {
		w.bound = min(w.bound, w.place.key)
	}
}

// key is the place of the next row, or its bound.
func (w *walker) key() int64 {
	if w.leaf != nil {
		return w.leaf.entries[w.at].key
	}
	return w.bound
}

// settle reads the current block, and goes to the next one if it has no row in the direction of the walk. A block that is
// known to hold nothing to show is not read; hidden is the number of its rows.
func (w *walker) settle(ctx context.Context) (hidden int64, err error) {
	r := w.view.parts[w.part]
	if w.sieve.severity > 0 && !w.fresh {
		if hidden, ok := w.skip(r); ok {
			return hidden, nil
		}
	}
	l, err := w.view.leafOf(ctx, r, w.block)
	if err != nil {
		return 0, err
	}
	w.leaf, w.text, w.at = l, nil, 0
	switch {
	case w.fresh && w.own():
		w.at = sort.Search(len(l.entries), func(i int) bool {
			e := &l.entries[i]
			return w.place.within(r.number, e.offset, int(e.sub)) <= 0
		})
	case w.fresh:
		w.at = sort.Search(len(l.entries), func(i int) bool { return !w.before(l.entries[i].key) })
	case !w.forward:
		w.at = len(l.entries)
	}
	if !w.forward {
		w.at--
	}
	w.fresh = false
	w.pass()
	return 0, nil
}

// skip leaves a block that is known to hold nothing to show.
func (w *walker) skip(r *reader) (hidden int64, ok bool) {
	w.view.feed.indexes.Lock()
	defer w.view.feed.indexes.Unlock()
	if hidden, ok = r.without(w.block, w.sieve.severity); ok && w.move() {
		w.look()
	}
	return hidden, ok
}

// takes reports whether the filter shows the current row.
func (w *walker) takes(ctx context.Context) (bool, error) {
	v := w.view
	known := &v.feed.store.known
	e := &w.leaf.entries[w.at]
	if !w.sieve.takesEntry(e, &known.systems) {
		return false, nil
	}
	if !w.sieve.needsText() {
		return true, nil
	}
	if err := w.load(ctx); err != nil {
		return false, err
	}
	if !w.sieve.takesText(w.leaf.extent(w.text, w.at)) {
		return false, nil
	}
	if len(w.sieve.signatures) == 0 {
		return true, nil
	}
	signed := v.signatures(w.leaf, w.text)
	return inAll(w.sieve.signatures, known.signatures.name(signed[w.at])), nil
}

// load reads the bytes of the current block.
func (w *walker) load(ctx context.Context) (err error) {
	if w.text == nil {
		w.text, err = w.view.textOf(ctx, w.view.parts[w.part], w.leaf.key)
	}
	return err
}

// final reports that no row comes behind the current one.
func (w *walker) final() bool {
	if w.forward {
		return w.at == len(w.leaf.entries)-1 && w.part == len(w.view.parts)-1 && w.block == w.view.parts[w.part].blocks()-1
	}
	r := w.view.parts[w.part]
	w.view.feed.indexes.Lock()
	defer w.view.feed.indexes.Unlock()
	return w.at == 0 && w.part == 0 && w.block <= r.first()
}

// step goes to the next row.
func (w *walker) step() {
	if w.forward {
		w.at++
	} else {
		w.at--
	}
	w.pass()
}

// pass leaves a block that has no more rows.
func (w *walker) pass() {
	if w.at >= 0 && w.at < len(w.leaf.entries) {
		return
	}
	w.leaf = nil
	w.view.feed.indexes.Lock()
	defer w.view.feed.indexes.Unlock()
	if w.move() {
		w.look()
	}
}

// move goes to the next block that has records.
func (w *walker) move() bool {
	for w.view.ctx.Err() == nil { // else the scan is about to end
		r := w.view.parts[w.part]
		if w.forward {
			w.block++
		} else {
			w.block--
		}
		if w.block < 0 || w.block >= r.blocks() {
			if w.forward {
				w.part++
			} else {
				w.part--
			}
			if w.part < 0 || w.part >= len(w.view.parts) {
				w.done = true
				return false
			}
			w.block = -1
			if !w.forward {
				w.block = w.view.parts[w.part].blocks()
			}
			continue
		}
		if _, ok := r.start(w.block); ok {
			return true
		}
	}
	return true
}

// stop is the place where the walk ended: all rows that were passed lie on one side of it, all others on the other.
func (w *walker) stop() Cursor {
	r := w.view.parts[w.part]
	if w.leaf != nil {
		c := cursorOf(w.view, r, &w.leaf.entries[w.at])
		if !w.forward {
			c = c.behind()
		}
		return c
	}
	c := Cursor{source: int32(w.view.feed.number) + 1, key: w.bound}
	switch {
	case w.fresh && w.own():
		return w.place
	case w.fresh: // between the sources
		if !w.forward {
			c.source++
		}
		return c
	}
	w.view.feed.indexes.Lock()
	defer w.view.feed.indexes.Unlock()
	c.part = int32(r.number)
	if c.offset, _ = r.start(w.block); !w.forward {
		c.offset = r.seenEnd(w.block)
	}
	return c
}
