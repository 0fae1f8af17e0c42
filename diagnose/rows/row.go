package rows

import (
	"bytes"
	"strings"

	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/shape"
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
	// Message is the part of the record that says what happened, without time, level and place: its text and
	// the fields that bear the reason.
	Message string
	// More are the further lines of a record of several lines.
	More []string
	// Cut is set when the record has more text than is kept for a row.
	Cut bool
	// Signature is the id of the known message that the record is, "" for none; findings list theirs.
	Signature string
}

// Bounds of the text of a row.
const (
	maxText    = 32 << 10
	maxMessage = 8 << 10
	maxMore    = 1000 // lines
	maxMoreAll = 128 << 10
)

// row makes the row of record i of a leaf.
func (v *view) row(r *reader, l *leaf, t *text, i int) Row {
	e := &l.entries[i]
	store := v.feed.store
	row := Row{
		Cursor: cursorOf(v, r, e), Source: v.feed.name, Severity: e.severity, System: store.known.systems.name(e.system),
		Line: v.line(r, l, t, e),
	}
	extent := l.extent(t, i)
	first, rest, _ := bytes.Cut(extent, lineFeed)
	head, message := first, []byte(nil)
	var scratch parsers.Record
	clock := v.format.clock
	v.record(l, t, i, func(rec *parsers.Record, f *parsers.Format) {
		row.Time = rec.Time
		head, message = bytes.Clone(rec.Head), shape.Message(rec, maxMessage)
		row.Signature = store.known.signature(rec, f, row.System)
	})
	if len(head) > maxText {
		head, row.Cut = head[:maxText], true
	}
	var text strings.Builder
	text.Write(head)
	size := 0
	// A container runtime cuts long lines in pieces, which the record's head has put together.
	scratch.Reset()
	v.format.detection.Bare(bytes.TrimSuffix(first, carriageReturn), &scratch, &clock)
	pieces := scratch.Envelope.Partial
	for lines := 0; len(rest) > 0; {
		var line []byte
		line, rest, _ = bytes.Cut(rest, lineFeed)
		scratch.Reset()
		line = v.format.detection.Bare(bytes.TrimSuffix(line, carriageReturn), &scratch, &clock)
		if pieces {
			pieces = scratch.Envelope.Partial
			continue
		}
		if lines++; lines > maxMore || size+len(line) > maxMoreAll {
			row.Cut = true
			break
		}
		size += len(line)
		text.WriteByte('\n')
		text.Write(line)
	}
	// Secrets may span lines.
	lines := strings.Split(strings.TrimRight(store.redact(text.String()), "\n"), "\n")
	row.Text, row.More = lines[0], lines[1:]
	row.Message = store.redact(string(message))
	if len(row.More) == 0 {
		row.More = nil
	}
	return row
}

var carriageReturn = []byte{'\r'}

func (s *Store) redact(text string) string {
	if s.options.Redact == nil {
		return text
	}
	return s.options.Redact(text)
}
