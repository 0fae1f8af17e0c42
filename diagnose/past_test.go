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
			s := newLiveSource(l.engine, file)
			read := func() {}
			s.past = func(f *os.File, size int64) {
				split++
				read = func() {
					read = func() {}
					if err := l.readPast(context.Background(), s.number, s.detection, s.clock, f, size); err != nil {
						t.Fatal(err)
					}
				}
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

// While its past is read, a file grows, is rotated and interrupted like any other.
func TestEndFirstWhileTheFileGrows(t *testing.T) {
	defer goleak.VerifyNone(t)
	text := func(from, to int) string {
		var b strings.Builder
		for i := from; i < to; i++ {
			if i%1000 == 7 {
				fmt.Fprintf(&b, "2026/11/22 %02d:%02d:%02d http: TLS handshake error from 203.0.113.9:%d: EOF\n", i/3600%24, i/60%60, i%60, i%65536)
				continue
			}
			fmt.Fprintf(&b, "2026/11/22 %02d:%02d:%02d request %d served\n", i/3600%24, i/60%60, i%60, i)
		}
		return b.String()
	}
	const before, grown, rotated = 80_000, 80_500, 81_000
	f := func(name string, interrupt bool) {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.log")
			appendTo(t, path, text(0, before))
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
			for _, f := range first.Findings {
				for _, e := range f.Evidence {
					if e.Line != 0 && e.Line > first.Input.Lines {
						t.Errorf("evidence on line %d, of %d", e.Line, first.Input.Lines)
					}
				}
			}
			if interrupt {
				cancel()
			} else {
				appendTo(t, path, text(before, grown))
				if err := os.Rename(path, path+".1"); err != nil {
					t.Fatal(err)
				}
				appendTo(t, path, text(grown, rotated))
				awaitSnapshot(t, l, "the second file", func(s *Snapshot) bool { return s.Input.Sources[0].Rotations == 1 })
				<-l.pasts
				awaitSnapshot(t, l, "all lines", func(s *Snapshot) bool { return s.Input.Records == rotated && !s.Input.Sources[0].Reading() })
				cancel()
			}
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			s := l.Latest()
			balanced(t, s)
			if interrupt {
				return
			}
			if n := s.Findings[0].Count; s.Input.Lines != rotated || n != rotated/1000 || len(s.Warnings) != 2 {
				t.Errorf("%d lines, %d events, warnings %+v", s.Input.Lines, n, s.Warnings)
			}
			// Evidence names the line that holds it, in the file that holds it now.
			for _, c := range s.Clusters {
				at := c.Sample
				data, err := os.ReadFile(at.Source)
				if err != nil {
					t.Fatal(err)
				}
				if lines := strings.Split(string(data), "\n"); int(at.Line) > len(lines) || at.Line < 1 || lines[at.Line-1] != at.Text {
					t.Errorf("%s:%d does not hold %q", at.Source, at.Line, at.Text)
				}
			}
		})
	}
	f("grows and is rotated", false)
	f("interrupted", true)
}
