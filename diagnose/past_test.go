package diagnose

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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
			s.past = func(f *os.File, size int64) {
				split++
				read = func() {
					read = func() {}
					if err := l.readPast(context.Background(), s.number, s.detection, s.clock, nil, f, size); err != nil {
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
