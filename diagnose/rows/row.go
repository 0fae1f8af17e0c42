package rows

import (
	"github.com/whytls/whytls/parsers"
)

// Row is one record of the log as a line of a list. Its texts are redacted and not escaped: whoever shows them on a
// terminal makes control bytes visible.
type Row struct {
	Cursor Cursor
	Source string
	// Line is the 1-based line in the source's file, 0 when it is not known (yet).
	Line int64
	// Time is the record's own time; Kind is TimeNone when it carries none. Order is by Cursor, not by it.
	Time     parsers.Timestamp
	Severity parsers.Severity
	// System is the id of the program that wrote the record, "" when it is not recognised.
	System string
	// Text is the first line of the record as logged, without envelopes and colours.
	Text string
	// Message is the part of the record that says what happened, without time, level and place.
	Message string
	// More are the further lines of a record of several lines.
	More []string
	// Cut is set when the record has more text than is kept for a row.
	Cut bool
	// Signature is the id of the known message that the record is, "" for none; findings list theirs.
	Signature string
}

// Cursor names a row of a Store for as long as the store lives. It is comparable and means nothing outside of its
// store; the zero Cursor names no row.
type Cursor struct {
	source int32 // number of the source plus one
	part   int32 // of the source
	offset int64 // in the part
	sub    int32 // of several records on one line
	key    int64 // place in the merged order, Unix nanoseconds
}

// IsZero reports whether the cursor names no row.
func (c Cursor) IsZero() bool { return c == Cursor{} }
