package rows

import (
	"bytes"
	"math"
	"slices"
	"sort"

	"github.com/whytls/whytls/parsers"
)

// Blocks. A part is divided by a grid of fixed size, and what is to be known about a block is found out when it is
// first needed, from the bytes around it alone. So nothing has to be read to look at the end of a file of any size.
const (
	blockSize = 256 << 10
	// maxBlocks bounds the index of a part. A part that outgrows it gets blocks of twice the size.
	maxBlocks = 64 << 10
	// nearCut and farCut are how far before a place of the grid a safe place to cut is looked for.
	nearCut = 64 << 10
	farCut  = 4 * blockSize
	// lineReach is how much of the line at a place of the grid is looked at.
	lineReach = 64 << 10
	// keySample is how much of a block is read first for its key.
	keySample = 8 << 10
)

// index is what has been found out about the blocks of a part. It is guarded by the lock of the source's indexes.
type index struct {
	epoch  uint64 // of the source's format; another one makes the index void
	size   int64  // of a block, 0 before the first use
	base   int    // number of the first block that is kept
	blocks []block
	keyed  []int // the blocks that have a key, in order
	timed  bool  // records of the part carry times
	tail   tail
	ending ending
}

// tri is a truth that may not be known yet.
type tri uint8

const (
	unknown tri = iota
	no
	yes
)

// block is one block. It holds the records that begin from its start on, up to the start of the next block that has one.
type block struct {
	begins tri   // whether a line begins in it; then start holds
	start  int64 // a line that begins a record, at or somewhat before the place of the grid
	keyed  bool
	key    int64 // place of the first record in the merged order
	// counts hold for a block that grows no more.
	counted bool
	counts  Counts
	line    int64 // number of the line at start, 0 when unknown
}

// tail is the latest time in the last block, found out as the block grows.
type tail struct {
	block int
	to    int64 // bytes before it have been looked at
	key   int64
	valid bool
}

// ending is how many records the last block held when it ended at a place.
type ending struct {
	end     int64
	records int64
}

// reader sees a part as it is at one moment. Its methods want the lock of the source's indexes.
type reader struct {
	*part
	view      *view
	at        int // in the view
	low, high int64
	index     *index
}

// prepare makes the index fit the format and the size of the part.
func (r *reader) prepare() {
	epoch, x := r.view.format.epoch, r.part.index
	if x == nil || x.epoch != epoch {
		x = &index{epoch: epoch, size: blockSize}
	}
	for r.high-r.low > x.size*maxBlocks {
		x = &index{epoch: epoch, size: 2 * x.size}
	}
	// A reader of before keeps the index that it has begun with.
	if r.index = x; r.part.index == nil || r.part.index.epoch <= epoch {
		r.part.index = x
	}
	if gone := min(int(r.low/x.size)-x.base, len(x.blocks)); gone > 0 {
		x.blocks = x.blocks[gone:]
	}
	x.base = max(x.base, int(r.low/x.size))
	x.keyed = x.keyed[sort.SearchInts(x.keyed, x.base):]
	if n := r.blocks() - x.base; n > len(x.blocks) {
		x.blocks = append(x.blocks, make([]block, n-len(x.blocks))...)
	}
}

// blocks is the number of blocks up to the end that the reader sees. The first ones may be gone.
func (r *reader) blocks() int { return int((r.high + r.index.size - 1) / r.index.size) }

// block returns what is known of block k, which is not gone.
func (r *reader) block(k int) *block { return &r.index.blocks[k-r.index.base] }

// start returns where the records of block k begin; ok is false for a block in which none begins.
func (r *reader) start(k int) (start int64, ok bool) {
	end := int64(k+1) * r.index.size
	if k < r.index.base || k >= r.index.base+len(r.index.blocks) || end <= r.low {
		return 0, false
	}
	b := r.block(k)
	if place := int64(k) * r.index.size; b.begins == unknown && (place > r.low || r.low == 0) {
		b.start, ok = r.cut(place)
		if b.begins = no; ok {
			b.begins = yes
		}
	}
	if r.low == 0 || b.begins == yes && b.start >= r.low {
		return b.start, b.begins == yes
	}
	// The beginning of what is kept moves on and knows nothing of records.
	return r.firstLine(end)
}

// first returns the first block in which a record begins, or the number of blocks.
func (r *reader) first() int { return r.next(max(r.index.base, int(r.low/r.index.size)) - 1) }

// firstLine is where the first whole line that is kept begins, if that is before an offset.
func (r *reader) firstLine(before int64) (int64, bool) {
	if r.beginsLine(r.low) {
		return r.low, true
	}
	buffer := make([]byte, 4<<10)
	for at := r.low; at < min(before, r.high); {
		n, err := r.ReadAt(buffer, at)
		if err != nil || n == 0 {
			return 0, false
		}
		if i := bytes.IndexByte(buffer[:n], '\n'); i >= 0 {
			start := at + int64(i) + 1
			return start, start < min(before, r.high)
		}
		at += int64(n)
	}
	return 0, false
}

// cut finds the line at or before a place of the grid at which the part may be divided without changing any record.
// Where there is none within reach, it divides at a record with a time or at any line; where no line begins within a
// block, it does not.
func (r *reader) cut(place int64) (int64, bool) {
	if place == 0 {
		return 0, true
	}
	detection, clock := r.view.format.detection, r.view.format.clock
	at := int64(-1)
	for _, reach := range [...]int64{nearCut, farCut} {
		from := max(place-reach, r.low, 0)
		window := r.window(from, min(place+lineReach, r.high))
		if int64(len(window)) <= place-from {
			return 0, false
		}
		if reach == nearCut && bytes.IndexByte(window[:place-from], '\n') < 0 &&
			bytes.IndexByte(r.window(max(place-r.index.size, r.low), place), '\n') < 0 {
			return 0, false
		}
		end := len(window)
		if i := bytes.IndexByte(window[place-from:], '\n'); i >= 0 {
			end = int(place-from) + i + 1
		}
		if cut := detection.Cut(window[:end], clock); cut > 0 {
			at = from + int64(cut)
			break
		}
		if reach < farCut || from == 0 { // at the beginning, the first block holds it all
			continue
		}
		if at = r.view.lastHead(window[:end], from, max(place-nearCut, from)); at < 0 {
			at = from + int64(bytes.LastIndexByte(window[:place-from], '\n')) + 1
		}
	}
	// What begins before the place before this one belongs to that block.
	return at, at > place-r.index.size
}

// lastHead returns where the last record with a time begins in whole lines, not before an offset, or -1.
func (v *view) lastHead(lines []byte, offset, from int64) int64 {
	if i := bytes.IndexByte(lines[from-offset:], '\n'); i >= 0 {
		lines, offset = lines[from-offset+int64(i)+1:], from+int64(i)+1
	}
	last := int64(-1)
	s := parsers.NewStream(v.format.detection, v.format.clock, parsers.Everything, func(r *parsers.Record, _ *parsers.Format) {
		if r.Time.Absolute() {
			last = max(last, r.Position.Offset)
		}
	})
	s.Block(lines, offset)
	s.Close()
	return last
}

// window reads what there is from one offset to another.
func (r *reader) window(from, to int64) []byte {
	if to <= from {
		return nil
	}
	b := make([]byte, to-from)
	n, err := r.ReadAt(b, from)
	if err != nil {
		return nil
	}
	return b[:n]
}

// next returns the first block after k in which a record begins, or the number of blocks. There may be many without: a
// file that was truncated under a writer that keeps its position begins with a hole of any size. When the context of
// the view ends, the answer is worth nothing.
func (r *reader) next(k int) int {
	for k++; k < r.blocks() && r.view.ctx.Err() == nil; k++ {
		if _, ok := r.start(k); ok {
			return k
		}
	}
	return k
}

// end is where the records of block k end.
func (r *reader) end(k int) int64 {
	if next := r.next(k); next < r.blocks() {
		start, _ := r.start(next)
		return start
	}
	return r.high
}

// seenEnd is end for a block whose followers have been looked at; it reads nothing.
func (r *reader) seenEnd(k int) int64 {
	for k++; k < r.blocks(); k++ {
		if b := r.block(k); b.begins == yes {
			return b.start
		}
	}
	return r.high
}

// key returns the place of block k in the merged order: no record in it or behind it comes earlier, none before it
// later. A block without records of its own has the place of the one before it.
func (r *reader) key(k int) int64 {
	start, ok := r.start(k)
	for !ok && k > r.index.base {
		k--
		start, ok = r.start(k)
	}
	if !ok {
		return math.MinInt64
	}
	b := r.block(k)
	if b.keyed {
		return b.key
	}
	key, found := r.firstTime(k, start)
	i := sort.SearchInts(r.index.keyed, k)
	floor, ceiling := r.floor(i), r.ceiling(i)
	if !found {
		switch p, ok := r.said(start); {
		case !r.index.timed && ok:
			key = p.came
		case floor > math.MinInt64:
			key = floor
		case ceiling < math.MaxInt64:
			key = ceiling
		}
	}
	b.keyed, b.key = true, min(max(key, floor), ceiling)
	r.index.keyed = slices.Insert(r.index.keyed, i, k)
	return b.key
}

// floor is the latest key that is known before the keyed block i.
func (r *reader) floor(i int) int64 {
	if i > 0 {
		return r.block(r.index.keyed[i-1]).key
	}
	for at := r.at - 1; at >= 0; at-- {
		if p := r.view.parts[at]; len(p.index.keyed) > 0 {
			return p.block(p.index.keyed[len(p.index.keyed)-1]).key
		}
	}
	return math.MinInt64
}

// ceiling is the first key that is known from the keyed block i on.
func (r *reader) ceiling(i int) int64 {
	if i < len(r.index.keyed) {
		return r.block(r.index.keyed[i]).key
	}
	for at := r.at + 1; at < len(r.view.parts); at++ {
		if p := r.view.parts[at]; len(p.index.keyed) > 0 {
			return p.block(p.index.keyed[0]).key
		}
	}
	return math.MaxInt64
}

// firstTime returns the time at which block k begins: the earliest of its first three, unless that lies alone, so that one
// record whose clock was wrong does not move a block.
func (r *reader) firstTime(k int, start int64) (int64, bool) {
	in := func(from, to int64) []int64 { return r.view.times(r.window(from, to), from, 3) }
	times := in(start, min(start+keySample, r.high))
	if len(times) == 0 {
		end := r.end(k)
		if times = in(start, min(start+farCut, end)); len(times) == 0 && start+farCut < end {
			times = in(end-farCut, end) // it begins with a hole, or a line without end
		}
	}
	if len(times) == 0 {
		return 0, false
	}
	r.index.timed = true
	slices.Sort(times)
	if len(times) == 3 && times[1]-times[0] > isolated {
		return times[1], true
	}
	return times[0], true
}

// limit is a place in the merged order that no record of block k exceeds.
func (r *reader) limit(k int) int64 {
	if next := r.next(k); next < r.blocks() {
		return r.key(next)
	}
	if key, ok := r.view.begin(r.at + 1); ok {
		return key
	}
	t := &r.index.tail
	start, ok := r.start(k)
	if !ok {
		return math.MaxInt64
	}
	if !t.valid || t.block != k || t.to < start {
		*t = tail{block: k, to: start, key: r.key(k), valid: true}
	}
	for t.to < r.high {
		b := r.window(t.to, min(t.to+blockSize, r.high))
		if i := bytes.LastIndexByte(b, '\n'); i >= 0 {
			b = b[:i+1]
		}
		if len(b) == 0 {
			return math.MaxInt64
		}
		for _, key := range r.view.times(b, t.to, math.MaxInt) {
			t.key = max(t.key, key)
		}
		t.to += int64(len(b))
	}
	if p, ok := r.said(r.high); ok && !r.index.timed {
		return max(t.key, p.came)
	}
	return t.key
}
