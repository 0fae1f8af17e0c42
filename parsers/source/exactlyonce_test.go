package source

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/whytls/whytls/parsers"
)

// Each scenario writes numbered lines at 10,000 a second, and each line must come once and as it was written. The short
// form runs always; go test -tags exactlyonce ./parsers/source runs 40,000 lines through each.

// numbered is a program that writes numbered lines.
type numbered struct {
	t     *testing.T
	n     int
	total int
	line  func(n int) string
	start time.Time
	file  *os.File
	first int    // line of the file
	seen  func() // waits until a reader has seen the file
}

const linesPerSecond = 10000

func newNumbered(t *testing.T) *numbered {
	return &numbered{t: t, total: exactlyOnceLines, line: numberedLine, start: time.Now()}
}

func numberedLine(n int) string {
	return fmt.Sprintf("2026-11-22 00:00:00 line %06d of a program that logs %x\n", n, uint32(n)*2654435761)
}

// open makes the writer write to the file at path from now on.
func (w *numbered) open(path string) {
	w.t.Helper()
	if w.file != nil {
		w.check(w.file.Close())
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	w.check(err)
	w.file, w.first = file, w.n
}

func (w *numbered) check(err error) {
	if err != nil {
		w.t.Errorf("the writer: %v", err)
		runtime.Goexit()
	}
}

// write writes the next lines, each with a call of its own, at the pace of the load.
func (w *numbered) write(lines int) {
	for range lines {
		if w.n >= w.total {
			return
		}
		w.emit(w.line(w.n))
		w.n++
		w.pace()
	}
}

func (w *numbered) emit(text string) {
	_, err := w.file.WriteString(text)
	w.check(err)
}

func (w *numbered) pace() {
	if due := w.start.Add(time.Duration(w.n) * time.Second / linesPerSecond); time.Until(due) > time.Millisecond {
		time.Sleep(time.Until(due))
	}
}

func (w *numbered) done() bool { return w.n >= w.total }

// tally checks the lines that a reader hands out. It is safe for concurrent use.
type tally struct {
	mu      sync.Mutex
	line    func(n int) string
	seen    map[int]int
	damaged []string
	turns   map[EventKind]int
	lost    int64
	news    chan struct{}
}

func newTally(line func(n int) string) *tally {
	return &tally{line: line, seen: make(map[int]int), turns: make(map[EventKind]int), news: make(chan struct{}, 1)}
}

func (c *tally) take(e Event) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turns[e.Kind]++
	c.lost += e.Lost
	if e.Kind != Data || len(e.Data) == 0 {
		return nil
	}
	for line := range bytes.Lines(e.Data) {
		var n int
		if _, err := fmt.Sscanf(string(line[:min(len(line), 40)]), "2026-11-22 00:00:00 line %06d", &n); err != nil || !c.whole(n, string(line)) {
			c.damaged = append(c.damaged, fmt.Sprintf("%.120q", line))
			continue
		}
		c.seen[n]++
	}
	select {
	case c.news <- struct{}{}:
	default:
	}
	return nil
}

// whole reports that a line is as it was written, or as much of it as is kept of a long one.
func (c *tally) whole(n int, line string) bool {
	want := c.line(n)
	if len(want) > parsers.MaxLine+1 {
		want = want[:parsers.MaxLine+1]
	}
	return line == want
}

func (c *tally) has(n int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen[n] > 0
}

func (c *tally) hasOneOf(from, to int) bool {
	for n := max(from, 0); n <= to; n++ {
		if c.has(n) {
			return true
		}
	}
	return false
}

func (c *tally) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.seen)
}

// await waits until enough has come.
func (c *tally) await(t *testing.T, enough func() bool) {
	t.Helper()
	for end := time.After(30 * time.Second); !enough(); {
		select {
		case <-c.news:
		case <-end:
			t.Errorf("%d distinct lines came, and no more", c.count())
			return
		}
	}
}

// verdict fails the test for each line that came twice or damaged, and returns the missing ones.
func (c *tally) verdict(t *testing.T, total int) (missing []int) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	twice := 0
	for n := range total {
		switch times := c.seen[n]; {
		case times == 0:
			missing = append(missing, n)
		case times > 1:
			twice++
		}
	}
	if twice > 0 || len(c.damaged) > 0 || len(c.seen) > total {
		t.Errorf("%d lines came more than once, %d damaged: %.500v", twice, len(c.damaged), c.damaged)
	}
	return missing
}

// running follows sources until stop.
type running struct {
	cancel context.CancelFunc
	all    sync.WaitGroup
}

func runAll(t *testing.T, c *tally, sources []Live, later *Discovery) *running {
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{cancel: cancel}
	follow := func(s Live) {
		r.all.Go(func() {
			if err := s.Follow(ctx, c.take); err != nil {
				t.Errorf("following %s: %v", s.Name(), err)
			}
		})
	}
	for _, s := range sources {
		follow(s)
	}
	if later != nil {
		r.all.Go(func() { later.Run(ctx, follow) })
	}
	return r
}

func (r *running) stop() {
	r.cancel()
	r.all.Wait()
}

// once runs a writer against the follower of one name, and wants each line once.
func once(t *testing.T, name string, write func(w *numbered, path string)) {
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "logs", "app.log")
		must(t, os.Mkdir(filepath.Dir(path), 0o700))
		w := newNumbered(t)
		w.open(path)
		c := newTally(func(n int) string { return w.line(n) })
		w.seen = func() {
			for end := time.Now().Add(deadline); !c.hasOneOf(w.first, w.n-1) && time.Now().Before(end); {
				time.Sleep(time.Millisecond)
			}
		}
		r := runAll(t, c, []Live{NewFile(path, FollowOptions{})}, nil)
		written := make(chan struct{})
		go func() {
			defer close(written)
			write(w, path)
			w.file.Close()
		}()
		<-written
		c.await(t, func() bool { return c.count() >= w.total })
		r.stop()
		if missing := c.verdict(t, w.total); len(missing) > 0 {
			t.Errorf("%d lines are lost: %.80v", len(missing), missing)
		}
	})
}

func TestExactlyOnce(t *testing.T) {
	const rotations = 8
	piece := exactlyOnceLines / rotations

	once(t, "rename", func(w *numbered, path string) {
		for i := 0; !w.done(); i++ {
			w.write(piece)
			w.check(os.Rename(path, fmt.Sprintf("%s.%d", path, i)))
			w.open(path)
		}
	})
	once(t, "rename in a chain", func(w *numbered, path string) {
		for !w.done() {
			w.write(piece)
			for i := rotations; i > 0; i-- {
				_ = os.Rename(fmt.Sprintf("%s.%d", path, i), fmt.Sprintf("%s.%d", path, i+1))
			}
			w.check(os.Rename(path, path+".1"))
			w.open(path)
		}
	})
	once(t, "delete and recreate", func(w *numbered, path string) {
		for !w.done() {
			w.write(piece)
			w.seen() // nobody reads a file that came and went between two looks
			w.check(os.Remove(path))
			w.open(path)
		}
	})
	once(t, "symlink switch", func(w *numbered, path string) {
		w.check(os.Remove(path))
		for i := 0; !w.done(); i++ {
			target := fmt.Sprintf("%s-%d", path, i)
			w.open(target)
			w.check(os.Symlink(target, path+".new"))
			w.check(os.Rename(path+".new", path))
			w.write(piece)
			w.seen()
		}
	})
	once(t, "lagging writer", func(w *numbered, path string) {
		for i := 0; !w.done(); i++ {
			w.write(piece / 2)
			w.check(os.Rename(path, fmt.Sprintf("%s.%d", path, i)))
			fresh, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
			w.check(err)
			for range piece / 4 { // two threads, of which one has not reopened yet
				w.write(1)
				w.file, fresh = fresh, w.file
				w.write(1)
				w.file, fresh = fresh, w.file
			}
			w.check(w.file.Close())
			w.file = fresh
		}
	})
	once(t, "partial lines", func(w *numbered, _ string) {
		for !w.done() {
			line := w.line(w.n)
			at := w.n % len(line)
			w.emit(line[:at])
			if w.n%500 == 0 {
				time.Sleep(2 * busyPace(1)) // long enough to be seen
			}
			w.emit(line[at:])
			w.n++
			w.pace()
		}
	})
	once(t, "CRLF", func(w *numbered, path string) {
		w.line = func(n int) string { return strings.TrimSuffix(numberedLine(n), "\n") + "\r\n" }
		for i := 0; !w.done(); i++ {
			w.write(piece)
			w.check(os.Rename(path, fmt.Sprintf("%s.%d", path, i)))
			w.open(path)
		}
	})
	once(t, "invalid UTF-8", func(w *numbered, _ string) {
		w.line = func(n int) string { return strings.Replace(numberedLine(n), "program", "\xff\xfe\x80\xc3(\x00", 1) }
		w.write(w.total)
	})
	once(t, "5 MB lines", func(w *numbered, path string) {
		long := strings.Repeat("0123456789abcdef", 5<<20/16)
		w.line = func(n int) string {
			if n%(exactlyOnceLines/20) == 7 {
				return strings.TrimSuffix(numberedLine(n), "\n") + long + "\n"
			}
			return numberedLine(n)
		}
		for i := 0; !w.done(); i++ {
			w.write(piece)
			w.check(os.Rename(path, fmt.Sprintf("%s.%d", path, i)))
			w.open(path)
		}
	})
	once(t, "vanishing folder", func(w *numbered, path string) {
		for i := 0; !w.done(); i++ {
			w.write(piece)
			w.seen()
			if i%2 == 0 {
				w.check(os.Rename(filepath.Dir(path), fmt.Sprintf("%s-%d", filepath.Dir(path), i)))
			} else {
				w.check(os.RemoveAll(filepath.Dir(path)))
			}
			w.write(piece / 8) // into what is no longer there
			w.check(os.MkdirAll(filepath.Dir(path), 0o700))
			w.open(path)
		}
	})
	once(t, "unmounted and back", func(w *numbered, path string) {
		folder := filepath.Dir(path)
		for !w.done() {
			w.write(piece)
			w.check(os.Rename(folder, folder+"-device"))
			w.check(os.Mkdir(folder, 0o700)) // the empty mount point
			w.write(piece / 4)
			w.check(os.Remove(folder))
			w.check(os.Rename(folder+"-device", folder))
		}
	})
	once(t, "unreadable and back", func(w *numbered, path string) {
		for !w.done() {
			w.write(piece)
			w.check(os.Rename(path, path+"-aside"))
			w.check(os.Symlink(path, path)) // a loop: not even root can open it
			w.write(piece / 4)
			w.check(os.Remove(path))
			w.check(os.Rename(path+"-aside", path))
		}
	})
}

// A writer at full speed, whose log is copied and truncated: what is lost is reported, and nothing is lost besides what
// was written around the truncations.
func TestExactlyOnceCopyTruncate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.log")
	w := newNumbered(t)
	w.open(path)
	c := newTally(numberedLine)
	r := runAll(t, c, []Live{NewFile(path, FollowOptions{})}, nil)
	const truncations = 2
	var around []int // the number of the line at each truncation
	for range truncations {
		w.write(exactlyOnceLines / (truncations + 1))
		copyOf(t, path, path+".1")
		must(t, os.Truncate(path, 0))
		around = append(around, w.n)
	}
	w.write(w.total)
	w.file.Close()
	c.await(t, func() bool { return c.has(w.total - 1) })
	r.stop()
	missing := c.verdict(t, w.total)
	if got := c.turns[Truncated]; got != truncations {
		t.Errorf("%d truncations were reported, of %d", got, truncations)
	}
	for _, n := range missing {
		near := false
		for _, at := range around {
			near = near || n < at && n > at-linesPerSecond // of the last second before one
		}
		if !near {
			t.Errorf("line %d is lost, although nothing was truncated then (%v)", n, around)
			break
		}
	}
	if len(missing) > 0 {
		t.Logf("%d lines lost, %d bytes reported", len(missing), c.lost)
	}
}

func copyOf(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	must(t, err)
	defer in.Close()
	out, err := os.Create(to)
	must(t, err)
	defer out.Close()
	_, err = io.Copy(out, in)
	must(t, err)
}

// A thousand files in a folder, some of which appear later, and all of which are rotated inside that folder.
func TestExactlyOnceThousandFiles(t *testing.T) {
	const files = 1000
	dir := t.TempDir()
	name := func(i int) string {
		return filepath.Join(dir, fmt.Sprintf("app-%c.log", rune('a'+i%26))+fmt.Sprintf("-%03dx", i))
	}
	w := newNumbered(t)
	for i := range files / 2 {
		write(t, name(i), "")
	}
	c := newTally(numberedLine)
	sources, later, faults := Watch([]string{dir}, nil, FollowOptions{})
	if len(faults) > 0 || len(sources) != files/2 {
		t.Fatal(len(sources), faults)
	}
	r := runAll(t, c, sources, later)
	for i := 0; !w.done(); i++ {
		path := name(i * 7 % files)
		if _, err := os.Stat(path); err == nil && i%20 == 19 {
			w.check(os.Rename(path, fmt.Sprintf("%s.%d", path, i)))
		}
		w.open(path)
		w.write(3)
	}
	w.file.Close()
	c.await(t, func() bool { return c.count() >= w.total })
	r.stop()
	if missing := c.verdict(t, w.total); len(missing) > 0 {
		t.Errorf("%d lines are lost: %.80v", len(missing), missing)
	}
}

// A reader that ends and goes on from its ledger, while a writer rotates its log.
func TestExactlyOnceRestarts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.log")
	w := newNumbered(t)
	w.open(path)
	c := newTally(numberedLine)
	written := make(chan struct{})
	go func() {
		defer close(written)
		for i := 0; !w.done(); i++ {
			w.write(exactlyOnceLines / 10)
			w.check(os.Rename(path, fmt.Sprintf("%s.%d", path, i)))
			w.open(path)
		}
		w.file.Close()
	}()
	ledger, restarts := NewLedger(), 0
	for ; ; restarts++ {
		have := c.count()
		r := runAll(t, c, []Live{NewFile(path, FollowOptions{Ledger: ledger, Resumable: true})}, nil)
		more := exactlyOnceLines / 15
		c.await(t, func() bool { return c.count() >= min(have+more, w.total) })
		r.stop()
		if c.count() >= w.total || t.Failed() {
			break
		}
		stored := ledger.Encode()
		ledger = NewLedger()
		must(t, ledger.Restore(stored))
	}
	<-written
	if missing := c.verdict(t, w.total); len(missing) > 0 {
		t.Errorf("after %d restarts %d lines are lost: %.80v", restarts, len(missing), missing)
	}
}
