package rows

import "bytes"

// countReach is how far behind a line whose number is known others are counted.
const countReach = 64 << 20

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
		return first + r.lineFeeds(l.key.start, e.offset)
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
	line := near.line + r.lineFeeds(near.offset, l.key.start)
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

// lineFeeds counts lines.
func (r *reader) lineFeeds(from, to int64) (n int64) {
	for at := from; at < to; at += blockSize {
		n += int64(bytes.Count(r.window(at, min(at+blockSize, to)), lineFeed))
	}
	return n
}
