package rows

import "bytes"

// countReach is how far behind a line whose number is known others are counted.
const countReach = 16 << 20

// line returns the number of the line that a record of a leaf begins on, 0 when it is not known.
func (v *view) line(r *reader, l *leaf, t *text, e *entry) int64 {
	first := v.firstLine(r, l)
	switch {
	case first == 0:
		return 0
	case len(t.runs) > 1: // the text leaves something out
		if e.offset-l.key.start > countReach {
			return 0
		}
		within, ok := r.lineFeeds(l.key.start, e.offset)
		if !ok {
			return 0
		}
		return first + within
	}
	return first + int64(bytes.Count(t.data[:min(int(e.at), len(t.data))], lineFeed))
}

// firstLine returns the number of the first line of a leaf. It is counted once, from the nearest line before whose
// number is known.
func (v *view) firstLine(r *reader, l *leaf) int64 {
	v.feed.indexes.Lock()
	defer v.feed.indexes.Unlock()
	if l.block < r.index.base || l.block >= r.blocks() {
		return 0
	}
	b := r.block(l.block)
	if b.line > 0 && b.start == l.key.start {
		return b.line
	}
	near := r.numbered(l)
	if near.line == 0 || l.key.start-near.offset > countReach {
		return 0
	}
	between, ok := r.lineFeeds(near.offset, l.key.start)
	if !ok {
		return 0
	}
	line := near.line + between
	if b.begins == yes && b.start == l.key.start {
		b.line = line
	}
	return line
}

// numbered returns the nearest line at or before the beginning of a leaf whose number is known.
func (r *reader) numbered(l *leaf) place {
	r.mu.Lock()
	near, _ := r.marks.numbered(l.key.start)
	r.mu.Unlock()
	r.counting.Lock()
	counted := r.tallies.lines(l.key.start)
	r.counting.Unlock()
	if counted.offset > near.offset {
		near = counted
	}
	for k := l.block - 1; k >= r.index.base && l.key.start-r.block(k).start < countReach; k-- {
		if b := r.block(k); b.line > 0 {
			if b.start > near.offset {
				near = place{offset: b.start, line: b.line}
			}
			break
		}
	}
	return near
}

// lineFeeds counts lines; ok is false when some of them cannot be read any more.
func (r *reader) lineFeeds(from, to int64) (n int64, ok bool) {
	b := make([]byte, min(to-from, blockSize))
	for at := from; at < to; at += int64(len(b)) {
		k, err := r.ReadAt(b[:min(to-at, int64(len(b)))], at)
		if err != nil {
			return 0, false
		}
		n += int64(bytes.Count(b[:k], lineFeed))
	}
	return n, true
}
