package rows

import (
	"context"
	"time"
)

// Anchor is a place in the list. The zero value is its start.
type Anchor struct {
	kind   anchorKind
	cursor Cursor
	nano   int64
}

type anchorKind uint8

const (
	anchorStart anchorKind = iota
	anchorEnd
	anchorCursor
	anchorTime
)

// Start is the place before the first row.
func Start() Anchor { return Anchor{} }

// End is the place behind the last row.
func End() Anchor { return Anchor{kind: anchorEnd} }

// At is the place of a row. A row that is gone or hidden by the filter is a place, too.
func At(c Cursor) Anchor { return Anchor{kind: anchorCursor, cursor: c} }

// AtTime is the place of the first row that is not before t.
func AtTime(t time.Time) Anchor { return Anchor{kind: anchorTime, nano: t.UnixNano()} }

// Query asks for the rows around a place: up to Before rows before it, and up to After rows from it on.
type Query struct {
	From          Anchor
	Before, After int
	Filter        Filter
}

// Page is a run of rows in their order.
type Page struct {
	Rows []Row
	// AtStart and AtEnd report that nothing that the filter shows lies before or behind the rows.
	AtStart, AtEnd bool
	// Hidden is the number of rows that were passed over because of the filter, Scanned that of all rows looked at.
	Hidden, Scanned int64
	// Truncated reports that the scan was given up before the page was full: its bound or the context's deadline was
	// reached. Ask again At(First) for rows before, At(Last) for rows behind: the scan goes on where it ended.
	Truncated bool
	// First and Last are the places of the first and the last row that were looked at, shown or hidden; the zero
	// Cursor when there was none.
	First, Last Cursor
}

// Page returns the rows around a place. A deadline of the context ends the scan, not the call: what was found by then is
// returned with Truncated set; only a cancelled context is an error. It is safe for concurrent use.
func (s *Store) Page(ctx context.Context, q Query) (Page, error) {
	return Page{AtStart: true, AtEnd: true}, ctx.Err()
}

// Find looks for the next row after (or before) from that the filter shows and match takes; nil takes all. The zero
// Cursor stands for the start, looking forward, and for the end, looking backward. When it finds none, the cursor is
// where the scan was given up (its bound or the deadline was reached; go on from there), or zero: there is none.
//
// The row that match sees is valid during the call only.
func (s *Store) Find(ctx context.Context, from Cursor, forward bool, match func(*Row) bool, f Filter) (Cursor, bool, error) {
	return Cursor{}, false, ctx.Err()
}
