package parsertest

import (
	"bytes"
	"fmt"
	"time"

	"github.com/whytls/whytls/parsers"
)

// clock is what the samples are read against: fixed, so that goldens are the same everywhere.
func clock() parsers.Clock { return parsers.Clock{Year: 2026} }

// result is what a source became.
type result struct {
	records []string // one dump each
	count   parsers.Accounting
}

// read runs data through a stream. The dumps leave out the line number, because a chunk of a source does not know
// its own; the offset is there.
func read(d *parsers.Detection, data []byte, offset int64) result {
	var res result
	s := parsers.NewStream(d, clock(), parsers.Everything, func(r *parsers.Record, f *parsers.Format) {
		res.records = append(res.records, dump(r, f))
	})
	s.Block(data, offset)
	s.Close()
	res.count = s.Count
	return res
}

// dump writes what a golden file holds about a record: a line for each part that is present.
func dump(r *parsers.Record, f *parsers.Format) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s @%d lines=%d", f.Name, r.Position.Offset, r.Lines)
	if r.Torn {
		b.WriteString(" torn")
	}
	b.WriteByte('\n')
	switch r.Time.Kind {
	case parsers.TimeNone:
	case parsers.TimeUptime:
		fmt.Fprintf(&b, "  time      +%s\n", time.Duration(r.Time.Nano))
	case parsers.TimeLocal:
		fmt.Fprintf(&b, "  time      %s local\n", r.Time.Time().Format("2006-01-02T15:04:05.999999999"))
	default:
		fmt.Fprintf(&b, "  time      %s\n", r.Time.Time().Format(time.RFC3339Nano))
	}
	if r.Severity != parsers.SeverityUnset || len(r.SeverityText) > 0 {
		fmt.Fprintf(&b, "  severity  %d %q\n", r.Severity, r.SeverityText)
	}
	part := func(name string, value []byte) {
		if len(value) > 0 {
			fmt.Fprintf(&b, "  %-9s %q\n", name, value)
		}
	}
	part("scope", r.Scope)
	part("function", r.Function)
	if r.CodeLine != 0 {
		fmt.Fprintf(&b, "  line      %d\n", r.CodeLine)
	}
	part("thread", r.Thread)
	part("envelope", []byte(r.Envelope.Kind))
	part("stream", r.Envelope.Stream)
	part("container", r.Envelope.Container)
	part("host", r.Envelope.Host)
	part("body", r.Body)
	for _, field := range r.Fields {
		fmt.Fprintf(&b, "  field     %s = %q\n", field.Name, field.Value)
	}
	return b.String()
}
