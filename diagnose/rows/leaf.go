package rows

import (
	"bytes"
	"cmp"
	"context"
	"math"
	"slices"
	"sort"
	"sync/atomic"

	"github.com/whytls/whytls/parsers"
)

// leaf is the list of records of a block.
type leaf struct {
	key     leafKey
	entries []entry
	// whole is set when records share lines: they can be parsed only together.
	whole bool
	block int
	// signed are the numbers of the signatures of the records, nil until somebody asks.
	signed atomic.Pointer[[]uint16]
}

// leafKey names what a leaf was made of.
type leafKey struct {
	feed       int
	part       int
	epoch      uint64
	start, end int64 // of the block's records
	ceiling    int64 // of their keys
}

// entry is a record in a leaf: enough to place and to hide it.
type entry struct {
	key      int64 // place in the merged order
	nano     int64 // its own time, noTime when it has none
	offset   int64
	at       int32 // in the text of the leaf
	system   uint16
	sub      uint16 // of several records on one line
	severity parsers.Severity
}

const (
	entryBytes = 40
	noTime     = math.MinInt64
)

// text is the bytes of a block. Of a line that is too long only the beginning is there.
type text struct {
	data []byte
	runs []run
}

// run is where bytes of the part begin in a text.
type run struct {
	at     int
	offset int64
}

// wholeText is the size up to which a block is read at once. Blocks that exceed it hold lines that are too long.
const wholeText = 8 * blockSize

// leafOf returns the records of block k of a part.
func (v *view) leafOf(ctx context.Context, r *reader, k int) (*leaf, error) {
	v.feed.indexes.Lock()
	key := leafKey{feed: v.feed.number, part: r.number, epoch: v.format.epoch, ceiling: math.MaxInt64}
	var floor int64
	start, ok := r.start(k)
	if ok {
		key.start, key.end, floor = start, r.end(k), r.key(k)
		if next := r.next(k); next < r.blocks() {
			key.ceiling = r.key(next)
		} else if begin, ok := v.begin(r.at + 1); ok {
			key.ceiling = begin
		}
	}
	v.feed.indexes.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !ok || key.start >= key.end {
		return &leaf{key: key, block: k}, nil
	}
	store := v.feed.store
	if l, ok := store.leaves.get(key); ok {
		return l, nil
	}
	t, err := v.textOf(ctx, r, key)
	if err != nil {
		return nil, err
	}
	l := v.parse(t, key)
	l.block = k
	v.place(l, r, floor)
	v.feed.indexes.Lock()
	r.count(k, l)
	v.feed.indexes.Unlock()
	store.leaves.put(key, l, int64(len(l.entries))*entryBytes+200)
	return l, nil
}

// textOf returns the bytes of a leaf.
func (v *view) textOf(ctx context.Context, r *reader, key leafKey) (*text, error) {
	key.ceiling = 0
	texts := &v.feed.store.texts
	if t, ok := texts.get(key); ok {
		return t, nil
	}
	t := &text{runs: []run{{0, key.start}}}
	if key.end-key.start <= wholeText {
		t.data = r.window(key.start, key.end)
	}
	if len(t.data) > 0 && t.data[0] != 0 {
		// All is there.
	} else if err := t.skim(ctx, r, key.start, key.end); err != nil {
		return nil, err
	}
	texts.put(key, t, int64(cap(t.data))+200)
	return t, nil
}

// skim reads bytes without what exceeds parsers.MaxLine of a line, and without the hole that a truncated file may begin
// with.
func (t *text) skim(ctx context.Context, r *reader, from, to int64) error {
	t.data = nil
	kept := 0 // of the current line
	for at := from; at < to; {
		if err := ctx.Err(); err != nil {
			return err
		}
		b := r.window(at, min(at+blockSize, to))
		if len(b) == 0 {
			return nil
		}
		for len(b) > 0 {
			if text := bytes.TrimLeft(b, "\x00"); kept == 0 && len(text) < len(b) {
				at += int64(len(b) - len(text))
				b = text
				continue
			}
			line := b
			if i := bytes.IndexByte(b, '\n'); i >= 0 {
				line = b[:i+1]
			}
			b = b[len(line):]
			ended := line[len(line)-1] == '\n'
			if room := parsers.MaxLine + 1 - kept; room > 0 {
				if t.offset(len(t.data)) != at {
					t.runs = append(t.runs, run{len(t.data), at})
				}
				keep := line[:min(room, len(line))]
				t.data = append(t.data, keep...)
				kept += len(keep)
				if ended && len(keep) < len(line) {
					t.data = append(t.data, '\n')
				}
			} else if ended {
				t.data = append(t.data, '\n')
			}
			if ended {
				kept = 0
			}
			at += int64(len(line))
		}
	}
	return nil
}

// offset translates a place in the text.
func (t *text) offset(at int) int64 {
	i := sort.Search(len(t.runs), func(i int) bool { return t.runs[i].at > at }) - 1
	return t.runs[i].offset + int64(at-t.runs[i].at)
}

// place translates an offset.
func (t *text) place(offset int64) int {
	i := max(sort.Search(len(t.runs), func(i int) bool { return t.runs[i].offset > offset })-1, 0)
	return t.runs[i].at + int(offset-t.runs[i].offset)
}

// blocks hands the text to a stream.
func (t *text) blocks(s *parsers.Stream) {
	for i, r := range t.runs {
		end := len(t.data)
		if i+1 < len(t.runs) {
			end = t.runs[i+1].at
		}
		s.Block(t.data[r.at:end], r.offset)
	}
	s.Close()
}

// parse finds the records of a text.
func (v *view) parse(t *text, key leafKey) *leaf {
	l := &leaf{key: key}
	systems := newSystems(&v.feed.store.known)
	s := parsers.NewStream(v.format.detection, v.format.clock, parsers.Everything, func(r *parsers.Record, f *parsers.Format) {
		e := entry{
			offset: r.Position.Offset, at: int32(t.place(r.Position.Offset)), nano: noTime,
			severity: r.Severity, system: systems.number(f, r.Scope),
		}
		if r.Time.Absolute() {
			e.nano = r.Time.Nano
		}
		l.entries = append(l.entries, e)
	})
	t.blocks(s)
	l.whole = s.Count.Splits > 0
	if l.whole {
		// A record that lost its message to another writer comes when that has been found.
		slices.SortStableFunc(l.entries, func(a, b entry) int { return cmp.Compare(a.offset, b.offset) })
		for i := range l.entries[1:] {
			if l.entries[i+1].offset == l.entries[i].offset {
				l.entries[i+1].sub = l.entries[i].sub + 1
			}
		}
	}
	return l
}

// isolated is how far a single time must lie ahead of the times around it to be taken for a fault of the clock.
const isolated = int64(3600e9)

// place gives the records of a leaf their keys: their times, as long as these do not go back. A record without a time, and
// one whose time does not fit between its neighbours, has the place of the one before it.
func (v *view) place(l *leaf, r *reader, floor int64) {
	key := floor
	dated := false
	following := int64(noTime) // the time after the current one
	next := 0                  // the entry that has it
	for i := range l.entries {
		e := &l.entries[i]
		if t := e.nano; t != noTime {
			dated = true
			if next <= i {
				following = noTime
				for next = i + 1; next < len(l.entries); next++ {
					if following = l.entries[next].nano; following != noTime {
						break
					}
				}
			}
			if t > key && t <= l.key.ceiling && t <= v.latest && !(t-key > isolated && following != noTime && following < t-isolated) {
				key = t
			}
		}
		e.key = key
	}
	if dated || len(l.entries) == 0 {
		return
	}
	v.feed.indexes.Lock()
	timed := r.index.timed
	v.feed.indexes.Unlock()
	if timed {
		return
	}
	// A source without times: what came later stands later.
	for i := range l.entries {
		e := &l.entries[i]
		if p, ok := r.said(e.offset); ok && p.came > key && p.came <= l.key.ceiling {
			key = p.came
		}
		e.key = key
	}
}

// extent returns the bytes of a record: its lines up to the next record.
func (l *leaf) extent(t *text, i int) []byte {
	from := int(l.entries[i].at)
	to := len(t.data) // less than when it was parsed, if bytes are gone since
	for j := i + 1; j < len(l.entries); j++ {
		if at := int(l.entries[j].at); at > from {
			to = min(to, at)
			break
		}
	}
	return t.data[min(from, to):to]
}

// record parses record i of a leaf again and hands it to f, with which it is valid.
func (v *view) record(l *leaf, t *text, i int, f func(r *parsers.Record, format *parsers.Format)) {
	e := &l.entries[i]
	sub := uint16(0)
	v.emit = func(r *parsers.Record, format *parsers.Format) {
		if r.Position.Offset != e.offset {
			return
		}
		if sub == e.sub {
			f(r, format)
		}
		sub++
	}
	if v.stream == nil {
		v.stream = parsers.NewStream(v.format.detection, v.format.clock, parsers.Everything, func(r *parsers.Record, format *parsers.Format) { v.emit(r, format) })
	}
	if l.whole {
		t.blocks(v.stream)
		return
	}
	v.stream.Block(l.extent(t, i), e.offset)
	v.stream.Close()
}

// signatures returns the numbers of the known messages that the records of a leaf are.
func (v *view) signatures(l *leaf, t *text) []uint16 {
	if have := l.signed.Load(); have != nil {
		return *have
	}
	known := &v.feed.store.known
	signed := make([]uint16, len(l.entries))
	seen := make(map[int64]uint16) // records by their offsets
	s := parsers.NewStream(v.format.detection, v.format.clock, parsers.Everything, func(r *parsers.Record, f *parsers.Format) {
		offset := r.Position.Offset
		sub := uint16(0)
		if l.whole {
			sub = seen[offset]
			seen[offset]++
		}
		i := sort.Search(len(l.entries), func(i int) bool {
			e := &l.entries[i]
			return e.offset > offset || e.offset == offset && e.sub >= sub
		})
		if i < len(signed) {
			signed[i] = known.signatures.number(known.signature(r, f, known.systems.name(l.entries[i].system)))
		}
	})
	t.blocks(s)
	l.signed.Store(&signed)
	return signed
}
