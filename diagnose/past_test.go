package diagnose

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/whytls/whytls/parsers/source"
)

// A live run that begins with the end of a file comes to the report of a batch run, wherever the end begins and whenever
// the past is read. The snapshots on the way are balanced.
func TestEndFirstFindsWhatBatchFinds(t *testing.T) {
	split := 0
	for n, path := range growingSamples(t) {
		want := batchOf(t, path)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []int64{2, 3, 7} {
			l, err := NewLive(Options{ChunkSize: 4 << 10}, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			file := source.NewFile(path, source.FollowOptions{EndFirst: max(info.Size()/part-1, 1)})
			close(l.shown)
			s := newLiveSource(l.engine, file, nil)
			read := func() {}
			s.past = func(f *os.File, size int64) func() {
				split++
				read = func() {
					read = func() {}
					ctx, j := context.Background(), job{source: s.number, clock: s.clock, detect: s.detection}
					if err := l.readPast(ctx, ctx, j, f, size); err != nil {
						t.Fatal(err)
					}
				}
				return func() {}
			}
			ctx, cancel := context.WithCancel(context.Background())
			err = file.Follow(ctx, func(e source.Event) error {
				if e.Kind == source.CaughtUp {
					cancel()
				}
				if e.Kind == source.Data && n%3 == 0 {
					read()
				}
				err := s.take(e)
				if n%3 == 1 {
					read()
				}
				balanced(t, l.engine.Snapshot())
				return err
			})
			if err == nil {
				err = s.close()
			}
			if err != nil {
				t.Fatal(err)
			}
			read()
			if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(jsonOf(t, l.engine.Snapshot()), "\n")); diff != "" {
				t.Errorf("%s, the last 1/%d first: the reports differ (-batch +live):\n%s", path, part, diff)
			}
		}
	}
	if split < 20 {
		t.Errorf("%d files were read end first: the test shows little", split)
	}
}

// runEndFirst follows a file end first. Its past is not read before change lets it; the last snapshot is returned.
func runEndFirst(t *testing.T, path string, change func(l *Live, cancel func())) *Snapshot {
	t.Helper()
	defer goleak.VerifyNone(t)
	l, err := NewLive(Options{ChunkSize: 8 << 10}, []source.Live{source.NewFile(path, source.FollowOptions{EndFirst: 64 << 10})}, nil)
	if err != nil {
		t.Fatal(err)
	}
	l.pasts <- struct{}{} // another past is being read
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	first := awaitSnapshot(t, l, "the end", func(s *Snapshot) bool { return s.Input.Records > 0 })
	if in := &first.Input; in.Unread() == 0 || in.PastRead() > 0 || !in.Sources[0].Reading() || len(in.Sources) != 1 {
		t.Errorf("the first snapshot is not that of the end: %+v", in)
	}
	for _, c := range first.Clusters {
		if c.Sample.Line != 0 {
			t.Errorf("a line number that nobody knows yet: %d", c.Sample.Line)
		}
	}
	change(l, cancel)
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	balanced(t, l.Latest())
	return l.Latest()
}

// While its past waits to be read, a file grows and is rotated, is truncated, or the run is interrupted.
func TestEndFirstWhileTheFileChanges(t *testing.T) {
	text := func(from, to int) string {
		var b strings.Builder
		for i := from; i < to; i++ {
			what := "served"
			if i%1000 == 7 {
				what = "http: TLS handshake error from 203.0.113.9:50000: EOF"
			}
			fmt.Fprintf(&b, "2026/11/22 %02d:%02d:%02d %s\n", i/3600%24, i/60%60, i%60, what)
		}
		return b.String()
	}
	const before, grown, rotated = 20_000, 20_500, 21_000
	t.Run("rotated", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "a.log")
		appendTo(t, path, text(0, before))
		s := runEndFirst(t, path, func(l *Live, cancel func()) {
			appendTo(t, path, text(before, grown))
			if err := os.Rename(path, path+".1"); err != nil {
				t.Fatal(err)
			}
			appendTo(t, path, text(grown, rotated))
			awaitSnapshot(t, l, "the second file", func(s *Snapshot) bool { return s.Input.Sources[0].Rotations == 1 })
			<-l.pasts
			awaitSnapshot(t, l, "all lines", func(s *Snapshot) bool {
				return s.Input.Records == rotated && !s.Input.Sources[0].Reading()
			})
		})
		if n := s.Findings[0].Count; s.Input.Lines != rotated || n != rotated/1000 {
			t.Errorf("%d lines, %d events", s.Input.Lines, n)
		}
		// Evidence names the line that holds it, in the file that holds it now.
		for _, e := range s.Findings[0].Evidence {
			data, err := os.ReadFile(e.Source)
			if err != nil {
				t.Fatal(err)
			}
			if lines := strings.Split(string(data), "\n"); int(e.Line) > len(lines) || e.Line < 1 || lines[e.Line-1] != e.Text {
				t.Errorf("%s:%d does not hold %q", e.Source, e.Line, e.Text)
			}
		}
	})
	t.Run("truncated", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "a.log")
		appendTo(t, path, text(0, before))
		var past int64
		s := runEndFirst(t, path, func(l *Live, cancel func()) {
			past = l.Latest().Input.Sources[0].Past
			if err := os.Truncate(path, 0); err != nil {
				t.Fatal(err)
			}
			awaitSnapshot(t, l, "the loss", func(s *Snapshot) bool {
				return s.Input.Sources[0].Lost > 0 && !s.Input.Sources[0].Reading()
			})
			<-l.pasts
		})
		if lost := s.Input.Sources[0].Lost; lost != past || past == 0 {
			t.Errorf("%d bytes are said to be lost, want %d", lost, past)
		}
	})
	t.Run("interrupted", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "a.log")
		appendTo(t, path, text(0, before))
		s := runEndFirst(t, path, func(l *Live, cancel func()) { cancel() })
		if s.Input.Lines == 0 || s.Input.Lines >= before {
			t.Errorf("%d lines", s.Input.Lines)
		}
	})
}
