package rows

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/source"
)

// lines writes numbered records.
func lines(from, to int) []byte {
	var b bytes.Buffer
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "%s  INFO a: record %d\n", epoch.Add(time.Duration(i)*time.Millisecond).Format("2006-01-02T15:04:05.000000Z"), i)
	}
	return b.Bytes()
}

// numbers reads which records a store shows.
func numbers(t testing.TB, s *Store) []int {
	t.Helper()
	rnd := rand.New(rand.NewPCG(1, 1))
	there := forward(t, s, rnd, Start(), Filter{})
	if back := backward(t, s, rnd, End(), Filter{}); !slices.Equal(there, back) {
		t.Fatalf("%d rows forward, %d backward", len(there), len(back))
	}
	var out []int
	for _, row := range there {
		var n int
		_, after, _ := strings.Cut(row, "record ")
		if _, err := fmt.Sscan(after, &n); err != nil {
			t.Fatalf("%q: %v", row, err)
		}
		out = append(out, n)
	}
	return out
}

// run reports whether numbers go from one to another without a gap.
func isRun(n []int, from, to int) bool {
	if len(n) != to-from {
		return false
	}
	for i := range n {
		if n[i] != from+i {
			return false
		}
	}
	return true
}

func TestStreamIsKeptWithinItsBounds(t *testing.T) {
	f := func(memory, spool int64, atLeast, atMost int) {
		t.Helper()
		t.Setenv("TMPDIR", t.TempDir())
		s := New(Options{Memory: memory, Spool: spool})
		feed := s.Add("-", "")
		rnd := rand.New(rand.NewPCG(3, 3))
		const all = 40000 // 50 bytes each
		for n := 0; n < all; {
			to := min(n+1+rnd.IntN(400), all)
			feed.Take(source.Event{Data: lines(n, to)})
			n = to
		}
		got := numbers(t, s)
		if len(got) == 0 || !isRun(got, all-len(got), all) || len(got) < atLeast || len(got) > atMost {
			t.Errorf("memory %d, spool %d: %d records kept, want %d to %d, the latest", memory, spool, len(got), atLeast, atMost)
		}
		size := int64(len(lines(0, all)) - len(lines(all-len(got), all)))
		if lost, err := s.Lost(); err != nil || lost > size || lost < size-100 {
			t.Errorf("%d bytes are lost, want about %d (%v)", lost, size, err)
		}
		if s.ring.memory > memory {
			t.Errorf("%d bytes in memory, want at most %d", s.ring.memory, memory)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if s.ring.memory != 0 || s.ring.held != 0 {
			t.Errorf("%d bytes in %d pages after Close", s.ring.memory, s.ring.held)
		}
		if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	}
	f(64<<20, -1, 40000, 40000)
	f(300<<10, -1, 3500, 7000)
	f(300<<10, 64<<20, 40000, 40000)
	f(300<<10, 600<<10, 12000, 20000)
}

func TestSpoolIsPrivate(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	s := New(Options{Memory: 1, Spool: 10 << 20})
	defer s.Close()
	s.Add("-", "").Take(source.Event{Data: lines(0, 10000)})
	file := s.ring.spool.file
	if file == nil {
		t.Fatal("nothing was spooled")
	}
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if runtime.GOOS == "windows" {
		t.Skip("an open file keeps its name here")
	}
	// Whatever ends the program, no name is left.
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("it has a name: %v, %v", left, err)
	}
}

func TestFullDiskLosesTheOldestOnly(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "missing"))
	t.Setenv("XDG_RUNTIME_DIR", "")
	s := New(Options{Memory: 200 << 10, Spool: 10 << 20})
	defer s.Close()
	s.Add("-", "").Take(source.Event{Data: lines(0, 20000)})
	if got := numbers(t, s); len(got) < 1000 || !isRun(got, 20000-len(got), 20000) {
		t.Errorf("%d records", len(got))
	}
	if lost, err := s.Lost(); err == nil || lost == 0 {
		t.Errorf("%d bytes lost, %v", lost, err)
	}
}

// writer writes a file and tells a feed as the reader of the file does.
type writer struct {
	t          *testing.T
	feed       *Feed
	path       string
	file       *os.File
	offset     int64
	next       int // record
	line       int64
	generation int
}

func newWriter(t *testing.T, s *Store) *writer {
	w := &writer{t: t, path: filepath.Join(t.TempDir(), "app.log"), generation: 0}
	w.create()
	w.feed = s.Add("app.log", w.path)
	return w
}

func (w *writer) create() {
	file, err := os.Create(w.path)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { file.Close() })
	w.file, w.offset, w.line = file, 0, 1
	w.generation++
}

func (w *writer) write(n int) {
	data := lines(w.next, w.next+n)
	if _, err := w.file.Write(data); err != nil {
		w.t.Fatal(err)
	}
	info, err := w.file.Stat()
	if err != nil {
		w.t.Fatal(err)
	}
	w.feed.Take(source.Event{Data: data, Offset: w.offset, Line: w.line, Generation: w.generation, Info: info})
	w.offset += int64(len(data))
	w.next += n
	w.line += int64(n)
}

func (w *writer) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *writer) truncate() {
	w.must(w.file.Truncate(0))
	_, err := w.file.Seek(0, 0)
	w.must(err)
	w.offset, w.line = 0, 1
	w.generation++
	w.feed.Take(source.Event{Kind: source.Truncated, Generation: w.generation})
}

func (w *writer) rotate() {
	w.must(os.Rename(w.path, fmt.Sprintf("%s.%d", w.path, w.generation)))
	w.create()
	w.feed.Take(source.Event{Kind: source.Rotated, Generation: w.generation})
}

func (w *writer) delete() {
	w.must(os.Remove(w.path))
	w.create()
	w.feed.Take(source.Event{Kind: source.Rotated, Generation: w.generation})
}

func TestRotations(t *testing.T) {
	f := func(what string, turn func(w *writer)) {
		t.Helper()
		s := New(Options{Memory: 8 << 20, Spool: -1})
		defer s.Close()
		w := newWriter(t, s)
		w.write(100)
		w.feed.Take(source.Event{Kind: source.CaughtUp})
		for range 3 {
			w.write(5500)
			turn(w)
			w.write(2000)
		}
		// What was there before the source was live is lost with its file, and no more than that.
		got := numbers(t, s)
		if n := len(got); n < w.next-100 || !isRun(got, w.next-n, w.next) {
			t.Errorf("%s: %d of %d records", what, n, w.next)
		}
		p, err := s.Page(t.Context(), Query{From: End(), Before: 3})
		if err != nil || len(p.Rows) != 3 || p.Rows[2].Line != w.line-1 {
			t.Errorf("%s: the last line is %d, want %d (%v)", what, p.Rows[2].Line, w.line-1, err)
		}
	}
	f("rename", func(w *writer) { w.rotate() })
	f("delete", func(w *writer) { w.delete() })
	f("truncate", func(w *writer) { w.truncate() })
	f("rename, then delete", func(w *writer) { w.rotate(); w.must(os.Remove(fmt.Sprintf("%s.%d", w.path, w.generation-1))) })
	f("all", func(w *writer) { w.truncate(); w.write(10); w.delete(); w.write(10); w.rotate() })
	f("late", func(w *writer) {
		old := *w
		w.rotate()
		old.write(50)
		w.next = old.next
	})
}

// TestDeletedFilesAreLetGo shows that no descriptor keeps the space of a deleted log.
func TestDeletedFilesAreLetGo(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an open file cannot be deleted here")
	}
	s := New(Options{Memory: 8 << 20, Spool: -1})
	defer s.Close()
	w := newWriter(t, s)
	w.write(100)
	w.delete()
	w.write(10)
	if p := w.feed.parts[0]; p.file != nil || p.strip == nil {
		t.Error("the deleted file is still open")
	}
	if got := numbers(t, s); !isRun(got, 0, 110) {
		t.Errorf("%d records", len(got))
	}
}

// TestFewFilesAreOpen shows that more files can be read than may be open.
func TestFewFilesAreOpen(t *testing.T) {
	rnd := rand.New(rand.NewPCG(11, 11))
	s := New(Options{})
	defer s.Close()
	s.shelf.limit = 3
	var sources [][]simple
	for i := range 20 {
		data := logText(rnd, epoch, 1+rnd.IntN(10000), 0)
		path := filepath.Join(t.TempDir(), "x.log")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		s.Add(path, path)
		sources = append(sources, naive(i, path, data))
		if i%2 == 0 {
			if err := os.Rename(path, path+".1"); err != nil {
				t.Fatal(err)
			}
		}
	}
	same(t, "forward", forward(t, s, rnd, Start(), Filter{}), merge(sources...))
	open := 0
	for _, f := range s.feeds {
		if f.parts[0].file.open != nil {
			open++
		}
	}
	if open > 3 {
		t.Errorf("%d files are open", open)
	}
}

func TestAnotherFileThanTheNameSaid(t *testing.T) {
	s := New(Options{Memory: 8 << 20, Spool: -1})
	defer s.Close()
	w := newWriter(t, s)
	old := w.file
	w.write(1) // of the first file; the feed knows it
	w.must(os.Rename(w.path, w.path+".1"))
	w.create()
	w.must(os.WriteFile(w.path, lines(0, 5), 0o600))
	// A second source begins with the file that was renamed in between, as one that goes on from a ledger does.
	feed := s.Add("again", w.path)
	info, err := old.Stat()
	w.must(err)
	feed.Take(source.Event{Data: lines(0, 1), Generation: 1, Info: info})
	p, err := s.Page(t.Context(), Query{After: 10, Filter: Filter{Sources: []string{"again"}}})
	if err != nil || len(p.Rows) != 1 {
		t.Errorf("%d rows, %v; want the one of the renamed file", len(p.Rows), err)
	}
}

// TestWithoutTimes shows that a source whose records carry no time stands in the order of its coming.
func TestWithoutTimes(t *testing.T) {
	s := New(Options{})
	defer s.Close()
	a, b := s.Add("a", ""), s.Add("b", "")
	for _, f := range []*Feed{a, b} {
		f.Take(source.Event{Data: []byte("first\n")})
		f.Take(source.Event{Kind: source.CaughtUp})
	}
	rnd := rand.New(rand.NewPCG(5, 5))
	for i := range 3000 {
		feed := []*Feed{a, b}[rnd.IntN(2)]
		feed.Take(source.Event{Data: fmt.Appendf(nil, "plain words that say nothing of the hour, number %d\n", i)})
	}
	if got := forward(t, s, rnd, Start(), Filter{}); len(got) != 3002 || !slices.Equal(got, backward(t, s, rnd, End(), Filter{})) {
		t.Errorf("%d rows", len(got))
	}
}

// TestFeedingWhilePagesAreRead is for the race detector.
func TestFeedingWhilePagesAreRead(t *testing.T) {
	s := New(Options{Memory: 200 << 10, Spool: 400 << 10})
	defer s.Close()
	w := newWriter(t, s)
	pipe := s.Add("-", "")
	var both sync.WaitGroup
	stop := make(chan struct{})
	both.Go(func() {
		defer close(stop)
		for i := range 200 {
			w.write(300)
			pipe.Take(source.Event{Data: lines(i*300, i*300+300)})
			switch i % 10 {
			case 3:
				w.rotate()
			case 6:
				w.truncate()
			case 9:
				w.delete()
			}
		}
	})
	for range 2 {
		both.Go(func() {
			from := End()
			for {
				select {
				case <-stop:
					return
				default:
				}
				p, err := s.Page(t.Context(), Query{From: from, Before: 50, After: 20, Filter: Filter{Severity: parsers.SeverityInfo}})
				if err != nil {
					t.Error(err)
					return
				}
				if from = p.Above; p.AtStart {
					from = End()
				}
				s.Total()
				s.Generation()
			}
		})
	}
	both.Wait()
}

// TestMemory shows that going through a log leaves little behind.
func TestMemory(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	path := filepath.Join(t.TempDir(), "x.log")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for i := range 60 {
		if _, err := file.Write(logText(rnd, epoch.Add(time.Duration(i)*time.Hour), 1<<20, 0)); err != nil {
			t.Fatal(err)
		}
	}
	s := New(Options{})
	defer s.Close()
	s.Add("x", path)
	before := heapInUse()
	for from := Start(); ; {
		p, err := s.Page(t.Context(), Query{From: from, After: 100, Filter: Filter{Text: "not there"}})
		if err != nil {
			t.Fatal(err)
		}
		if p.AtEnd {
			break
		}
		from = p.Below
	}
	if used := heapInUse() - before; used > leafCache+textCache+8<<20 {
		t.Errorf("%d MiB in use after 60 MiB of log", used>>20)
	}
}

func heapInUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
