package diagnose

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/source"
)

// diagnoseFiles runs the engine over files that hold the given texts and returns the report as JSON.
func diagnoseFiles(t testing.TB, o Options, texts map[string][]byte) (*Snapshot, []byte) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	inputs, faults := source.Expand([]string{dir}, nil)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	for _, in := range inputs {
		in.Name = filepath.Base(in.Name)
	}
	e, err := NewEngine(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Run(context.Background(), inputs); err != nil {
		t.Fatal(err)
	}
	s := e.Snapshot()
	data, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return s, data
}

// checkAccounting holds for every report.
func checkAccounting(t testing.TB, s *Snapshot, lines int64) {
	t.Helper()
	in := s.Input
	sum := in.Heads + in.Continuation + in.Blank + in.Unparsed
	for _, n := range in.Skipped {
		sum += n
	}
	if sum != in.Lines {
		t.Errorf("%d lines, but %d accounted for: %+v", in.Lines, sum, in)
	}
	if in.Lines != lines {
		t.Errorf("%d lines read, want %d", in.Lines, lines)
	}
	if in.Records != in.Heads+in.Splits {
		t.Errorf("%d records = %d heads + %d splits?", in.Records, in.Heads, in.Splits)
	}
	clusters := s.ClustersRest.Records
	for _, c := range s.Clusters {
		clusters += c.Count
	}
	if clusters != in.Records {
		t.Errorf("clusters hold %d records of %d", clusters, in.Records)
	}
}

// samples are the lines that random logs are made of: every format and kind of trouble.
func samples(t testing.TB) [][]byte {
	t.Helper()
	files, err := filepath.Glob("../parsers/testdata/*/*.log")
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	var out [][]byte
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, data)
	}
	return out
}

// randomLog makes a log of one main format, with lines of others, damage and long lines.
func randomLog(r *rand.Rand, all [][]byte, size int) []byte {
	main := bytes.SplitAfter(all[r.IntN(len(all))], []byte("\n"))
	var out []byte
	for len(out) < size {
		switch n := r.IntN(100); {
		case n < 80:
			// A run of the main sample in its own order, so that multi-line records stay whole.
			at := r.IntN(len(main))
			for _, line := range main[at:min(len(main), at+1+r.IntN(12))] {
				out = append(out, line...)
			}
		case n < 92:
			other := bytes.SplitAfter(all[r.IntN(len(all))], []byte("\n"))
			out = append(out, other[r.IntN(len(other))]...)
		case n < 94:
			out = append(out, "\r\n\n"...)
		case n < 96:
			out = append(out, "a\x00b\xff\xfe\n"...)
		case n < 97:
			out = append(out, bytes.Repeat([]byte("long "), r.IntN(2000))...)
			out = append(out, '\n')
		default:
			line := main[r.IntN(len(main))]
			out = append(out, line[:r.IntN(len(line)+1)]...)
			out = append(out, '\n')
		}
	}
	return out
}

// TestReportDoesNotDependOnChunksOrWorkers is the property that everything parallel stands on.
func TestReportDoesNotDependOnChunksOrWorkers(t *testing.T) {
	all := samples(t)
	for seed := range uint64(25) {
		r := rand.New(rand.NewPCG(seed, 1))
		texts := map[string][]byte{}
		var lines int64
		for i := range 1 + r.IntN(3) {
			text := randomLog(r, all, 2000+r.IntN(60_000))
			if r.IntN(2) == 0 {
				text = bytes.TrimRight(text, "\n")
			}
			texts[fmt.Sprintf("%d.log", i)] = text
			lines += countLines(text)
		}
		s, want := diagnoseFiles(t, Options{Workers: 1, ChunkSize: 1 << 20}, texts)
		checkAccounting(t, s, lines)
		for _, o := range []Options{{Workers: 1, ChunkSize: 4096}, {Workers: 2, ChunkSize: 1 << 13}, {Workers: 7, ChunkSize: 1000 + r.IntN(20_000)}} {
			_, got := diagnoseFiles(t, o, texts)
			if !bytes.Equal(got, want) {
				t.Fatalf("seed %d, %d workers, chunks of %d: the report differs:\n%s", seed, o.Workers, o.ChunkSize, cmp.Diff(string(want), string(got)))
			}
		}
	}
}

func countLines(text []byte) int64 {
	n := int64(bytes.Count(text, []byte("\n")))
	if len(text) > 0 && text[len(text)-1] != '\n' {
		n++
	}
	return n
}

// TestPartialsMergeInAnyOrder merges the chunks of a source in a random order; overlaps are refused.
func TestPartialsMergeInAnyOrder(t *testing.T) {
	all := samples(t)
	r := rand.New(rand.NewPCG(7, 7))
	text := randomLog(r, all, 100_000)
	d := parsers.Detect(text[:min(len(text), parsers.SampleSize)], parsers.Clock{})
	var jobs []job
	err := source.Cut(bytes.NewReader(text), nil, d, parsers.Clock{}, 4096, func(c source.Chunk) error {
		c.Data = bytes.Clone(c.Data)
		jobs = append(jobs, job{source: 0, chunk: c, clock: parsers.Clock{}, detect: d})
		return nil
	})
	if err != nil || len(jobs) < 3 {
		t.Fatalf("%d chunks, %v", len(jobs), err)
	}
	run := func(order []int) []byte {
		e, err := NewEngine(Options{})
		if err != nil {
			t.Fatal(err)
		}
		e.addSource("x", d)
		c := newCollector(e.base)
		for _, i := range order {
			if err := e.merge(0, jobs[i].chunk.Seq, e.parse(c, jobs[i])); err != nil {
				t.Fatal(err)
			}
		}
		if err := e.merge(0, jobs[0].chunk.Seq, newPartial()); err == nil {
			t.Error("an overlap was merged")
		}
		s := e.Snapshot()
		checkAccounting(t, s, countLines(text))
		data, _ := json.Marshal(s)
		return data
	}
	inOrder := make([]int, len(jobs))
	for i := range inOrder {
		inOrder[i] = i
	}
	want := run(inOrder)
	for range 5 {
		if got := run(r.Perm(len(jobs))); !bytes.Equal(got, want) {
			t.Fatal("the report depends on the order of merging")
		}
	}
}

func TestDamagedInput(t *testing.T) {
	f := func(name string, text string, warning string) {
		t.Helper()
		s, _ := diagnoseFiles(t, Options{}, map[string][]byte{"x.log": []byte(text)})
		checkAccounting(t, s, countLines([]byte(text)))
		found := warning == ""
		for _, w := range s.Warnings {
			found = found || w.Code == warning
		}
		if !found {
			t.Errorf("%s: no warning %s: %+v", name, warning, s.Warnings)
		}
		if s.Input.Bytes != int64(len(text)) {
			t.Errorf("%s: %d bytes of %d", name, s.Input.Bytes, len(text))
		}
	}
	f("no final newline", "one\ntwo", "")
	f("CRLF", "one\r\ntwo\r\n", "")
	f("NUL", strings.Repeat("text\n", 50)+"a\x00b\ntext\n", "unparsed-lines")
	f("invalid UTF-8", "caf\xe9 \xff\xfe\nok\n", "")
	f("a very long line", "one\n"+strings.Repeat("x", 5<<20)+"\ntwo\n", "long-lines")
	f("nothing but a very long line", strings.Repeat("x", 3<<20), "long-lines")
	f("blank lines", "\n\n  \n\t\n", "")
}

func TestWindowCountsWhatItSkips(t *testing.T) {
	text := "2026-11-22 00:00:01 a\n  more\n2026-11-22 00:00:02 b\nplain\n2026-11-22 00:00:03 c\n"
	at := func(s string) int64 {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v.UnixNano()
	}
	s, _ := diagnoseFiles(t, Options{Window: parsers.Window{Since: at("2026-11-22T00:00:02Z"), Until: at("2026-11-22T00:00:02Z")}},
		map[string][]byte{"x.log": []byte(text)})
	checkAccounting(t, s, 5)
	if got := s.Input.Skipped[parsers.SkippedWindow]; got != 3 {
		t.Errorf("%d lines skipped, want 3: %+v", got, s.Input)
	}
}

func TestRotatedFilesAreInTheirTrueOrder(t *testing.T) {
	line := func(at string) []byte {
		return []byte("2026-11-22 " + at + " [77] WARN  /x/nng/src/sp/transport/mqtts/broker_tls.c:347: nego aio error: Cryptographic error\n")
	}
	s, _ := diagnoseFiles(t, Options{}, map[string][]byte{
		"nanomq.log": line("00:00:04"), "nanomq.log.1": line("00:00:03"), "nanomq.log.2": line("00:00:01"), "nanomq.log.3": line("00:00:02"),
	})
	var got []string
	for _, src := range s.Input.Sources {
		got = append(got, src.Name)
	}
	if want := "nanomq.log.2 nanomq.log.3 nanomq.log.1 nanomq.log"; strings.Join(got, " ") != want {
		t.Errorf("order %v, want %s", got, want)
	}
	if e := s.Findings[0].Evidence[0]; e.Source != "nanomq.log.2" {
		t.Errorf("the first evidence is from %s", e.Source)
	}
}
