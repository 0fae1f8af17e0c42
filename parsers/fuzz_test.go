package parsers_test

import (
	"bytes"
	"testing"

	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/parsertest"
)

// FuzzStream checks that any bytes are accounted for, and that a source may be cut where Cut says so.
func FuzzStream(f *testing.F) {
	samples, err := parsertest.Samples("testdata")
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range samples {
		f.Add(s.Data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d := parsers.Detect(data, parsers.Clock{})
		run := func(data []byte) (bodies []byte, count parsers.Accounting) {
			var records int64
			s := parsers.NewStream(d, parsers.Clock{}, parsers.Everything, func(r *parsers.Record, f *parsers.Format) {
				records++
				bodies = append(append(append(append(bodies, f.Name...), ' '), r.Body...), '\n')
			})
			s.Block(data, 0)
			s.Close()
			if !s.Count.Balanced() || s.Count.Records() != records {
				t.Fatalf("%d records, accounting %+v", records, s.Count)
			}
			return bodies, s.Count
		}
		whole, _ := run(data)
		if at := d.Cut(data, parsers.Clock{}); at > 0 {
			left, _ := run(data[:at])
			right, _ := run(data[at:])
			if !bytes.Equal(append(left, right...), whole) {
				t.Fatalf("cutting at %d changes the records\n got %q\nwant %q", at, append(left, right...), whole)
			}
		}
	})
}

// FuzzFormat gives one line to every format, as a head and as a continuation of each.
func FuzzFormat(f *testing.F) {
	samples, err := parsertest.Samples("testdata")
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range samples {
		for line := range bytes.Lines(s.Data) {
			f.Add(bytes.TrimRight(line, "\r\n"))
		}
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		if len(bytes.TrimLeft(line, " \t")) == 0 || bytes.ContainsAny(line, "\n\x00") {
			return // never given to a format
		}
		var r parsers.Record
		for _, format := range parsers.Formats() {
			var clock parsers.Clock
			r.Reset()
			if !format.Parse(line, &r, &clock) {
				continue
			}
			first := string(r.Body)
			if format.Split != nil {
				if at := format.Split(line); at < -1 || at > len(line) {
					t.Fatalf("%s splits a line of %d bytes at %d", format.Name, len(line), at)
				}
			}
			for _, next := range [][]byte{line, []byte("  next"), line[len(line)/2:]} {
				if len(bytes.TrimLeft(next, " \t")) == 0 {
					continue
				}
				if format.Claims != nil {
					format.Claims(next, &r)
				}
				if format.Continues != nil {
					format.Continues(next, &r)
				}
				if format.Join != nil {
					format.Join(next, &r)
				}
			}
			r.Reset()
			if !format.Parse(line, &r, &clock) || string(r.Body) != first {
				t.Fatalf("%s is not deterministic on %q", format.Name, line)
			}
		}
	})
}
