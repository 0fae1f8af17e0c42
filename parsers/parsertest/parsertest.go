// Package parsertest is the conformance suite of log formats, in the way of testing/slogtest: it walks the
// registry and the samples and checks what the rest of the program relies on, whatever the format.
//
//   - Every format has samples in testdata/NAME/*.log, each with a golden file of the records that they hold.
//   - A format wins detection on its own samples, and with that on nobody else's.
//   - Every line is accounted for and no record is empty.
//   - A source may be cut wherever Detection.Cut allows without changing a record.
//   - Damage (torn, flipped, doubled, NUL and CR bytes) never breaks the accounting.
//   - Reading allocates nothing per line.
//
// A new format is tested by adding its file and its samples, nothing else.
package parsertest

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/whytls/whytls/parsers"
)

var update = flag.Bool("update", false, "rewrite the golden files of the samples")

// allocating names the formats that may allocate per line, with the reason.
var allocating = map[string]string{}

// Sample is one file of log lines of a format.
type Sample struct {
	Format string
	Path   string
	Data   []byte
}

// Samples reads the samples of all formats under dir, in the order of the registry.
func Samples(dir string) ([]Sample, error) {
	var samples []Sample
	for _, f := range parsers.Formats() {
		paths, err := filepath.Glob(filepath.Join(dir, f.Name, "*.log"))
		if err != nil {
			return nil, fmt.Errorf("samples of %s: %w", f.Name, err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				return nil, fmt.Errorf("samples of %s: %w", f.Name, err)
			}
			samples = append(samples, Sample{f.Name, path, data})
		}
	}
	return samples, nil
}

// Run checks every registered format against its samples in dir.
func Run(t *testing.T, dir string) {
	samples, err := Samples(dir)
	if err != nil {
		t.Fatal(err)
	}
	have := make(map[string]bool)
	for _, s := range samples {
		have[s.Format] = true
	}
	for _, f := range parsers.Formats() {
		if !have[f.Name] {
			t.Errorf("format %s has no samples in %s", f.Name, filepath.Join(dir, f.Name))
		}
	}
	for _, s := range samples {
		t.Run(s.Format+"/"+filepath.Base(s.Path), func(t *testing.T) {
			t.Parallel()
			t.Run("detection", func(t *testing.T) { detection(t, s) })
			t.Run("golden", func(t *testing.T) { golden(t, s) })
			t.Run("lossless", func(t *testing.T) { lossless(t, s) })
			t.Run("cuts", func(t *testing.T) { cuts(t, s) })
			t.Run("carriage-returns", func(t *testing.T) { carriageReturns(t, s) })
			t.Run("damage", func(t *testing.T) { damage(t, s) })
		})
	}
	// Allocations are counted for the whole process: not beside anything parallel.
	t.Run("allocations", func(t *testing.T) {
		for _, s := range samples {
			allocations(t, s)
		}
	})
}

func detection(t *testing.T, s Sample) {
	d := parsers.Detect(s.Data, clock())
	if d.Format.Name != s.Format {
		t.Errorf("detected as %s: %s", d.Format.Name, d.Why())
	}
}

func golden(t *testing.T, s Sample) {
	got := []byte(strings.Join(read(parsers.Detect(s.Data, clock()), s.Data, 0).records, ""))
	path := s.Path + ".golden"
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("no golden file: run go test ./parsers -update and read what it wrote")
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := firstDifference(string(got), string(want)); diff != "" {
		t.Errorf("records differ from %s: %s", path, diff)
	}
}

func lossless(t *testing.T, s Sample) {
	d := parsers.Detect(s.Data, clock())
	stream := parsers.NewStream(d, clock(), parsers.Everything, func(r *parsers.Record, f *parsers.Format) {
		if r.Position.Line == 0 {
			t.Errorf("record of %s at offset %d has no position", f.Name, r.Position.Offset)
		}
		text := len(r.Body)
		for _, field := range r.Fields {
			text += len(field.Value)
		}
		if text == 0 {
			t.Errorf("line %d became an empty record of %s: %q", r.Position.Line, f.Name, r.Head)
		}
	})
	stream.Block(s.Data, 0)
	stream.Close()
	if want := int64(lines(s.Data)); stream.Count.Lines != want {
		t.Errorf("%d lines counted of %d", stream.Count.Lines, want)
	}
	if want := int64(len(s.Data)); stream.Count.Bytes != want {
		t.Errorf("%d bytes counted of %d", stream.Count.Bytes, want)
	}
	balanced(t, "the sample", read(d, s.Data, 0))
}

// cuts divides the sample, twice over so that there is something before and after, at every place that Cut names.
func cuts(t *testing.T, s Sample) {
	data := append([]byte(nil), s.Data...)
	if n := len(data); n > 0 && data[n-1] != '\n' {
		data = append(data, '\n')
	}
	data = append(data, data...)
	d := parsers.Detect(data, clock())
	whole := strings.Join(read(d, data, 0).records, "")
	tried := make(map[int]bool)
	for end := 0; end < len(data); {
		end += bytes.IndexByte(data[end:], '\n') + 1
		at := d.Cut(data[:end], clock())
		if at < 0 || tried[at] {
			continue
		}
		tried[at] = true
		left, right := read(d, data[:at], 0), read(d, data[at:], int64(at))
		parts := strings.Join(left.records, "") + strings.Join(right.records, "")
		if diff := firstDifference(parts, whole); diff != "" {
			t.Errorf("cutting at offset %d changes the records: %s", at, diff)
			return
		}
		left.count.Merge(&right.count)
		left.records = append(left.records, right.records...)
		balanced(t, fmt.Sprintf("the sample cut at %d", at), left)
	}
}

func carriageReturns(t *testing.T, s Sample) {
	d := parsers.Detect(s.Data, clock())
	crlf := bytes.ReplaceAll(bytes.ReplaceAll(s.Data, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
	if got := parsers.Detect(crlf, clock()); got.Format != d.Format {
		t.Errorf("with CRLF detected as %s", got.Format.Name)
	}
	got, want := read(d, crlf, 0), read(d, s.Data, 0)
	if diff := firstDifference(withoutOffsets(got.records), withoutOffsets(want.records)); diff != "" {
		t.Errorf("CRLF changes the records: %s", diff)
	}
}

func withoutOffsets(records []string) string {
	var b strings.Builder
	for _, r := range records {
		head, rest, _ := strings.Cut(r, "\n")
		name, _, _ := strings.Cut(head, " @")
		b.WriteString(name + "\n" + rest)
	}
	return b.String()
}

// damage spoils the sample in the ways that real logs are spoilt. Only the accounting is asked for.
func damage(t *testing.T, s Sample) {
	d := parsers.Detect(s.Data, clock())
	check := func(what string, data []byte) {
		t.Helper()
		balanced(t, what, read(d, data, 0))
	}
	// Every line torn at every byte, alone and with another after it.
	var first []byte
	seen := 0
	for line := range bytes.Lines(s.Data) {
		if first == nil && len(bytes.TrimSpace(line)) > 0 {
			first = line
		}
		if seen++; seen > 40 {
			break
		}
		for at := range line {
			check("a torn line", line[:at])
			check("a torn line and its rest", slicesOf(line[:at], []byte("\n"), line[at:]))
			check("a torn line and another", slicesOf(line[:at], first))
		}
	}
	// The sample ends, or begins, anywhere.
	step := max(1, len(s.Data)/256)
	for at := 0; at < len(s.Data); at += step {
		check("a truncated sample", s.Data[:at])
		check("a sample without its beginning", s.Data[at:])
		parsers.Detect(s.Data[at:], clock())
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		data := bytes.Clone(s.Data)
		if len(data) == 0 {
			break
		}
		for range 1 + random.IntN(8) {
			data[random.IntN(len(data))] = byte(random.IntN(256))
		}
		check("a sample with flipped bytes", data)
		parsers.Detect(data, clock())
	}
	for range 50 {
		at := random.IntN(len(s.Data) + 1)
		check("a sample with NULs", slicesOf(s.Data[:at], make([]byte, 1+random.IntN(64)), s.Data[at:]))
	}
	var doubled []byte
	for line := range bytes.Lines(s.Data) {
		doubled = append(append(doubled, line...), line...)
	}
	check("doubled lines", doubled)
	check("no line feeds", bytes.ReplaceAll(s.Data, []byte("\n"), []byte(" ")))
	check("blank lines in between", bytes.ReplaceAll(s.Data, []byte("\n"), []byte("\n\n")))
}

func slicesOf(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// balanced checks the accounting's contract.
func balanced(t *testing.T, what string, res result) {
	t.Helper()
	if !res.count.Balanced() {
		t.Errorf("%s: the accounting does not balance: %+v", what, res.count)
	}
	if got, want := int64(len(res.records)), res.count.Records(); got != want {
		t.Errorf("%s: %d records handed on, %d counted", what, got, want)
	}
}

// allocations reads the sample through one stream again and again. What buffers grow to in the first rounds does not
// count.
func allocations(t *testing.T, s Sample) {
	if reason, ok := allocating[s.Format]; ok {
		t.Logf("%s may allocate: %s", s.Format, reason)
		return
	}
	data := s.Data
	if n := len(data); n == 0 || data[n-1] != '\n' {
		data = slicesOf(data, []byte("\n"))
	}
	stream := parsers.NewStream(parsers.Detect(data, clock()), clock(), parsers.Everything, func(*parsers.Record, *parsers.Format) {})
	round := func() {
		stream.Block(data, 0)
		stream.Close()
	}
	for range 8 {
		round()
	}
	if perLine := testing.AllocsPerRun(64, round) / float64(lines(data)); perLine > 0.02 {
		t.Errorf("%s: %.2f allocations a line", s.Path, perLine)
	}
}

func lines(data []byte) int {
	n := bytes.Count(data, []byte("\n"))
	if len(data) > 0 && data[len(data)-1] != '\n' {
		n++
	}
	return n
}

// firstDifference shows the first line in which two texts differ, or "".
func firstDifference(got, want string) string {
	if got == want {
		return ""
	}
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		var a, b string
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			return fmt.Sprintf("line %d\n got %s\nwant %s", i+1, a, b)
		}
	}
	return "they differ"
}
