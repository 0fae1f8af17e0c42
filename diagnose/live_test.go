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
	"go.uber.org/goleak"

	"github.com/whytls/whytls/parsers/source"
)

func inputOf(t testing.TB, path string) *source.Input {
	t.Helper()
	inputs, faults := source.Expand([]string{path}, nil)
	if len(faults) > 0 || len(inputs) != 1 {
		t.Fatal(inputs, faults)
	}
	return inputs[0]
}

func jsonOf(t testing.TB, s *Snapshot) string {
	t.Helper()
	b, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func batchOf(t testing.TB, path string) string {
	t.Helper()
	e, err := NewEngine(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Run(context.Background(), []*source.Input{inputOf(t, path)}); err != nil {
		t.Fatal(err)
	}
	return jsonOf(t, e.Snapshot())
}

// growingSamples are the logs that every format must pass, and one that mixes them until it is larger than what
// detection looks at.
func growingSamples(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob("../parsers/testdata/*/*")
	if err != nil || len(paths) == 0 {
		t.Fatal("no samples", err)
	}
	var mixed bytes.Buffer
	var logs []string
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil || len(b) == 0 || source.Binary(b) || strings.HasSuffix(p, ".golden") {
			continue
		}
		logs = append(logs, p)
		mixed.Write(b)
		if b[len(b)-1] != '\n' {
			mixed.WriteByte('\n')
		}
	}
	large := filepath.Join(t.TempDir(), "mixed.log")
	if err := os.WriteFile(large, bytes.Repeat(mixed.Bytes(), 1+(1<<20)/mixed.Len()), 0o600); err != nil {
		t.Fatal(err)
	}
	return append(logs, large)
}

// Whatever the pieces in which a log grows, the live run ends in the report of the batch run, and the
// accounting of every snapshot on the way is balanced.
func TestLiveFindsWhatBatchFinds(t *testing.T) {
	for seed, path := range growingSamples(t) {
		want := batchOf(t, path)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		rnd := rand.New(rand.NewPCG(1, uint64(seed)))
		for range 3 {
			e, err := NewEngine(Options{})
			if err != nil {
				t.Fatal(err)
			}
			s := newLiveSource(e, source.NewFile(path, source.FollowOptions{}), nil)
			most := 1 + rnd.IntN(1+len(data)/4)
			for at := 0; at < len(data); {
				to := min(at+1+rnd.IntN(most), len(data))
				if i := bytes.IndexByte(data[to-1:], '\n'); i >= 0 {
					to += i
				} else {
					to = len(data)
				}
				if err := s.feed(source.Event{Data: data[at:to], Offset: int64(at), Generation: 1, Line: 1 + int64(bytes.Count(data[:at], []byte("\n")))}); err != nil {
					t.Fatal(err)
				}
				at = to
				if rnd.IntN(8) == 0 {
					balanced(t, e.Snapshot())
				}
			}
			if err := s.close(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(jsonOf(t, e.Snapshot()), "\n")); diff != "" {
				t.Errorf("%s: the reports differ (-batch +live):\n%s", path, diff)
				break
			}
		}
	}
}

func balanced(t *testing.T, s *Snapshot) {
	t.Helper()
	in := s.Input
	sum := in.Heads + in.Continuation + in.Blank + in.Unparsed
	for _, n := range in.Skipped {
		sum += n
	}
	if sum != in.Lines || in.Records != in.Heads+in.Splits {
		t.Errorf("accounting of a live snapshot: %+v", in)
	}
}

// awaitSnapshot waits for a snapshot that holds, which must come within a deadline.
func awaitSnapshot(t *testing.T, l *Live, what string, holds func(*Snapshot) bool) *Snapshot {
	t.Helper()
	var before uint64
	for end := time.After(20 * time.Second); ; {
		s := l.Latest()
		if s.Generation < before {
			t.Fatalf("generation %d after %d", s.Generation, before)
		}
		before = s.Generation
		balanced(t, s)
		if holds(s) {
			return s
		}
		select {
		case <-l.Changed():
		case <-end:
			t.Fatalf("no snapshot with %s; the latest: %s", what, jsonOf(t, s))
		}
	}
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

func TestLiveFollowsFiles(t *testing.T) {
	defer goleak.VerifyNone(t)
	dir := t.TempDir()
	paths := []string{filepath.Join(dir, "a.log"), filepath.Join(dir, "b.log")}
	line := func(i int) string {
		return fmt.Sprintf("2026/11/22 00:02:%02d http: TLS handshake error from 203.0.113.9:%d: tls: first record does not look like a TLS handshake\n", i, 50000+i)
	}
	appendTo(t, paths[0], line(1)+line(2))
	appendTo(t, paths[1], "")
	l, err := NewLive(Options{}, []source.Live{source.NewFile(paths[0], source.FollowOptions{}), source.NewFile(paths[1], source.FollowOptions{})}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	// The second line is an open record until the file has been quiet.
	awaitSnapshot(t, l, "two events", func(s *Snapshot) bool { return len(s.Findings) == 1 && s.Findings[0].Count == 2 })
	appendTo(t, paths[1], "2026/11/22 00:03:00 hello\n")
	s := awaitSnapshot(t, l, "both files", func(s *Snapshot) bool { return s.Input.Records == 3 })
	if n := len(s.Input.Sources); n != 2 || s.Input.Sources[0].State != "live" {
		t.Errorf("sources: %+v", s.Input.Sources)
	}
	if err := os.Truncate(paths[0], 0); err != nil {
		t.Fatal(err)
	}
	awaitSnapshot(t, l, "a warning", func(s *Snapshot) bool {
		for _, w := range s.Warnings {
			if w.Code == "truncated" {
				return true
			}
		}
		return false
	})
	appendTo(t, paths[0], line(3)+strings.TrimSuffix(line(4), "\n"))
	awaitSnapshot(t, l, "three events", func(s *Snapshot) bool { return len(s.Findings) == 1 && s.Findings[0].Count == 3 })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if s := l.Latest(); s.Findings[0].Count != 4 || s.Input.Lines != 5 {
		t.Errorf("the last snapshot lacks the unfinished line: %d events, %d lines", s.Findings[0].Count, s.Input.Lines)
	}
}

// The cost of one snapshot bounds how often it may be made.
func BenchmarkLiveSnapshot(b *testing.B) {
	f := func(name string, text func(i int) string) {
		b.Run(name, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "a.log")
			if err := os.WriteFile(path, []byte("\n"), 0o600); err != nil {
				b.Fatal(err)
			}
			e, err := NewEngine(Options{})
			if err != nil {
				b.Fatal(err)
			}
			s := newLiveSource(e, source.NewFile(path, source.FollowOptions{}), nil)
			var text1 strings.Builder
			for i := range 200000 {
				text1.WriteString(text(i))
			}
			if err := s.feed(source.Event{Data: []byte(text1.String()), Generation: 1, Line: 1}); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				e.Snapshot()
			}
		})
	}
	f("one-shape", func(i int) string {
		return fmt.Sprintf("2026/11/22 %02d:%02d:%02d http: TLS handshake error from 203.0.113.9:%d: EOF\n", i/3600%24, i/60%60, i%60, i%65536)
	})
	f("64k-shapes", func(i int) string {
		return fmt.Sprintf("2026/11/22 %02d:%02d:%02d the word %c%c%c%c is new\n", i/3600%24, i/60%60, i%60, 'a'+i%26, 'a'+i/26%26, 'a'+i/676%26, 'a'+i/17576%26)
	})
}
