package rows

import "cmp"

// Cursor names a row of a Store for as long as the store lives. It is comparable and means nothing outside of its
// store; the zero Cursor names no row.
type Cursor struct {
	source int32 // number of the source plus one
	part   int32 // number of the part in the source; 0 for a place that is given by the key alone
	offset int64 // in the part
	sub    int32 // of several records on one line
	key    int64 // place in the merged order, Unix nanoseconds
}

// IsZero reports whether the cursor names no row.
func (c Cursor) IsZero() bool { return c == Cursor{} }

func cursorOf(v *view, r *reader, e *entry) Cursor {
	return Cursor{int32(v.feed.number) + 1, int32(r.number), e.offset, int32(e.sub), e.key}
}

// behind is the place right behind a row.
func (c Cursor) behind() Cursor {
	c.sub++
	return c
}

// within compares the place of a cursor with a row of its own source.
func (c Cursor) within(part int, offset int64, sub int) int {
	return cmp.Or(cmp.Compare(int(c.part), part), cmp.Compare(c.offset, offset), cmp.Compare(int(c.sub), sub))
}
