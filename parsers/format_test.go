package parsers

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// describe prints what a format makes of a line, "" when it rejects it.
func describe(t *testing.T, format, line string) string {
	t.Helper()
	f, err := Lookup(format)
	if err != nil {
		t.Fatal(err)
	}
	var r Record
	if !f.Parse([]byte(line), &r, &Clock{Year: 2026}) {
		return ""
	}
	return describeRecord(&r)
}

func describeRecord(r *Record) string {
	var b strings.Builder
	switch r.Time.Kind {
	case TimeZoned:
		b.WriteString(r.Time.Time().Format("2006-01-02T15:04:05.999999999-07:00"))
	case TimeLocal:
		b.WriteString(r.Time.Time().Format("2006-01-02T15:04:05.999999999"))
	case TimeUptime:
		fmt.Fprintf(&b, "+%ds", r.Time.Nano/1e9)
	}
	fmt.Fprintf(&b, " %s", r.Severity)
	for _, p := range []struct {
		name  string
		value string
	}{{"scope", string(r.Scope)}, {"thread", string(r.Thread)}, {"function", string(r.Function)}} {
		if p.value != "" {
			fmt.Fprintf(&b, " %s:%s", p.name, p.value)
		}
	}
	if r.CodeLine != 0 {
		fmt.Fprintf(&b, " line:%d", r.CodeLine)
	}
	fmt.Fprintf(&b, " %q", r.Body)
	for _, f := range r.Fields {
		fmt.Fprintf(&b, " %s=%q", f.Name, f.Value)
	}
	return b.String()
}

// records returns the records that the whole text becomes, with format and number of lines.
func records(t *testing.T, text string) []string {
	t.Helper()
	var got []string
	s := NewStream(Detect([]byte(text), Clock{}), Clock{}, Everything, func(r *Record, f *Format) {
		got = append(got, fmt.Sprintf("%s %d %s", f.Name, r.Lines, describeRecord(r)))
	})
	s.Block([]byte(text), 0)
	s.Close()
	if !s.Count.Balanced() || s.Count.Records() != int64(len(got)) {
		t.Errorf("unbalanced accounting %+v, %d records", s.Count, len(got))
	}
	return got
}

func checkRecords(t *testing.T, text string, want ...string) {
	t.Helper()
	got := records(t, text)
	for i := range max(len(got), len(want)) {
		g, w := "nothing", "nothing"
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			t.Errorf("record %d of %q\n got %s\nwant %s", i, text, g, w)
		}
	}
}

func sampleFiles(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/*/*.log")
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	m := make(map[string][]byte)
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		m[filepath.ToSlash(name)] = data
	}
	return m
}

// TestCutChangesNothing divides every sample wherever Cut allows it.
func TestCutChangesNothing(t *testing.T) {
	all := sampleFiles(t)
	var mixed []byte
	for _, name := range []string{"wukongim-banner/v2.2.5", "wukongim-json/v2.2.5", "go-panic/cgo", "gnet/start", "go-panic/zap", "wukongim-raw/raw", "wukongim-json/v1.2.6"} {
		mixed = append(mixed, all["testdata/"+name+".log"]...)
	}
	all["mixed"] = mixed
	all["usage"] = []byte("one\ntwo\nthree\nfour\nError: x\nUsage:\n  a\nFlags:\n  b\n\nx\none\ntwo\nthree\n" + string(all["testdata/go-panic/cgo.log"]) + "one\ntwo\nthree\nfour\npanic: a\nb\nc\nd\ne\nf\ng\n")
	for name, data := range all {
		d := Detect(data, Clock{})
		collect := func(parts ...[]byte) []string {
			var got []string
			for _, part := range parts {
				s := NewStream(d, Clock{}, Everything, func(r *Record, f *Format) {
					got = append(got, f.Name+describeRecord(r))
				})
				s.Block(part, 0)
				s.Close()
			}
			return got
		}
		want := collect(data)
		seen := -1
		for end := 1; end <= len(data); end++ {
			if data[end-1] != '\n' {
				continue
			}
			at := d.Cut(data[:end], Clock{})
			if at <= 0 || at == seen {
				continue
			}
			seen = at
			if got := collect(data[:at], data[at:]); strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("%s cut at %d (%.60q) changes the records", name, at, data[at:])
			}
		}
	}
}

// TestTruncatedLines cuts every sample line at every byte: nothing may panic.
func TestTruncatedLines(t *testing.T) {
	var r Record
	none := &Record{}
	for _, data := range sampleFiles(t) {
		for _, line := range strings.Split(string(data), "\n") {
			for n := 1; n <= min(len(line), 400); n++ {
				cut := []byte(line[:n])
				for _, f := range Formats() {
					r.Reset()
					f.Parse(cut, &r, &Clock{})
					if f.Claims != nil {
						f.Claims(cut, none)
					}
					r.Lines = 2
					if f.Continues != nil && f.Continues(cut, &r) && f.Join != nil {
						f.Join(cut, &r)
					}
				}
			}
		}
	}
}

// TestParseDoesNotAllocate holds for every format on every sample line, its own or not.
func TestParseDoesNotAllocate(t *testing.T) {
	for name, data := range sampleFiles(t) {
		var lines [][]byte
		for _, line := range strings.Split(string(data), "\n") {
			if line != "" {
				lines = append(lines, []byte(line))
			}
		}
		for _, f := range Formats() {
			var r Record
			var c Clock
			parse := func() {
				for _, line := range lines {
					r.Reset()
					f.Parse(line, &r, &c)
				}
			}
			parse()
			if n := testing.AllocsPerRun(5, parse); n > 0 {
				t.Errorf("%s on %s: %v allocations in %d lines", f.Name, name, n, len(lines))
			}
		}
	}
}

func BenchmarkParse(b *testing.B) {
	for _, name := range []string{"wukongim-json/v2.2.5", "json/loggers", "logfmt/loggers", "timestamped/servers", "go-log/net-http"} {
		data := sampleFiles(b)["testdata/"+name+".log"]
		b.Run(name, func(b *testing.B) {
			s := NewStream(Detect(data, Clock{}), Clock{}, Everything, func(*Record, *Format) {})
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for range b.N {
				s.Block(data, 0)
			}
		})
	}
}
