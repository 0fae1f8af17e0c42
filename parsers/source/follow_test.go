package source

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/whytls/whytls/parsers"
)

func TestMain(m *testing.M) {
	if fake := fakes[filepath.Base(os.Args[0])]; fake != nil { // started by a command under test
		fake(os.Args[1:])
		return
	}
	goleak.VerifyTestMain(m)
}

// deadline bounds every wait of a test; nothing waits for a fixed time.
const deadline = 20 * time.Second

// bench follows one file and collects what comes of it.
type bench struct {
	t      *testing.T
	path   string
	events chan Event
	cancel context.CancelFunc
	done   chan error
	text   bytes.Buffer
	marks  []string
	lost   int64
	short  int64 // dropped bytes
	last   Event // the latest one with data
	fault  error // of the latest Gone
}

func follow(t *testing.T, path string, o FollowOptions) *bench {
	t.Helper()
	return followLive(t, NewFile(path, o))
}

func followLive(t *testing.T, s Live) *bench {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	b := &bench{t: t, path: s.Path(), events: make(chan Event, 1), cancel: cancel, done: make(chan error, 1)}
	go func() {
		b.done <- s.Follow(ctx, func(e Event) error {
			e.Data = bytes.Clone(e.Data)
			b.events <- e
			return nil
		})
		close(b.events)
	}()
	t.Cleanup(func() {
		cancel()
		for range b.events {
		}
	})
	return b
}

// one takes the next event.
func (b *bench) one() bool {
	b.t.Helper()
	select {
	case e, ok := <-b.events:
		if !ok {
			return false
		}
		if e.Kind == Data {
			b.text.Write(e.Data)
			b.last = e
		}
		b.lost += e.Lost
		b.short += e.Dropped
		switch e.Kind {
		case Rotated:
			b.marks = append(b.marks, "rotated")
		case Truncated:
			b.marks = append(b.marks, "truncated")
		case Elsewhere:
			b.marks = append(b.marks, "elsewhere")
		case Notice:
			b.marks = append(b.marks, "notice "+e.Text)
		case Counted:
			b.marks = append(b.marks, "counted")
		case Gone:
			b.marks = append(b.marks, "gone")
			b.fault = e.Err
		case Back:
			b.marks = append(b.marks, "back")
		case CaughtUp:
			b.marks = append(b.marks, "caught up")
		case Quiet:
			b.marks = append(b.marks, "quiet")
		}
		return true
	case <-time.After(deadline):
		b.t.Fatalf("no event within %v; so far %d bytes, events %v, the end: %q", deadline, b.text.Len(), b.marks, tailOf(b.text.String()))
		return false
	}
}

func tailOf(s string) string { return s[max(len(s)-200, 0):] }

// await takes events until the text read ends with s.
func (b *bench) await(s string) {
	b.t.Helper()
	for !strings.HasSuffix(b.text.String(), s) {
		b.one()
	}
}

// mark takes events until one of the given name has come after the marks seen so far.
func (b *bench) mark(name string) {
	b.t.Helper()
	for seen := len(b.marks); ; {
		for _, m := range b.marks[seen:] {
			if m == name {
				return
			}
		}
		seen = len(b.marks)
		b.one()
	}
}

// stop ends the follower and takes what is left.
func (b *bench) stop() string {
	b.t.Helper()
	b.cancel()
	for b.one() {
	}
	if err := <-b.done; err != nil {
		b.t.Errorf("Follow: %v", err)
	}
	return b.text.String()
}

// expect ends the follower and compares what was read.
func (b *bench) expect(want string) {
	b.t.Helper()
	if got := b.stop(); got != want {
		i := 0
		for i < len(got) && i < len(want) && got[i] == want[i] {
			i++
		}
		b.t.Errorf("read %d bytes, want %d; they differ at %d: got %q, want %q", len(got), len(want), i, clipAt(got, i), clipAt(want, i))
	}
}

func clipAt(s string, i int) string { return s[max(i-40, 0):min(i+80, len(s))] }

func write(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func lines(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "line %06d of a log that a program writes\n", i)
	}
	return b.String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestFollowAppend(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	write(t, path, lines(0, 60000)) // several blocks
	b := follow(t, path, FollowOptions{})
	b.mark("caught up")
	for i := 60000; i < 60050; i += 5 {
		write(t, path, lines(i, i+5))
		b.await(lines(i+4, i+5))
	}
	b.mark("quiet")
	b.expect(lines(0, 60050))
}

func TestFollowBurstBeyondTheTailer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	write(t, path, "")
	b := follow(t, path, FollowOptions{})
	b.mark("caught up")
	write(t, path, lines(0, 100000))
	b.await(lines(99999, 100000))
	b.expect(lines(0, 100000))
}

func TestFollowFromEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	write(t, path, lines(0, 10)+"begun ")
	b := follow(t, path, FollowOptions{FromEnd: true})
	b.mark("caught up")
	write(t, path, "and ended\n")
	b.await("ended\n")
	b.expect("begun and ended\n")
}

func TestFollowPartialLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	write(t, path, "one\r\ntw")
	b := follow(t, path, FollowOptions{})
	b.mark("caught up")
	write(t, path, "o\r")
	b.mark("quiet")
	if got := b.text.String(); got != "one\r\n" {
		t.Errorf("before the line end: %q", got)
	}
	write(t, path, "\nthree\r\n")
	b.await("three\r\n")
	write(t, path, "the last one, without its end")
	b.mark("quiet")
	b.expect("one\r\ntwo\r\nthree\r\nthe last one, without its end")
}

func TestFollowRename(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	write(t, path, lines(0, 100))
	b := follow(t, path, FollowOptions{})
	b.mark("caught up")
	must(t, os.Rename(path, path+".1"))
	b.mark("gone")
	write(t, path+".1", lines(100, 200)) // the writer has not reopened yet
	write(t, path, lines(200, 300))
	b.mark("back")
	write(t, path+".1", lines(300, 301)) // and still not
	b.mark("rotated")
	b.await(lines(299, 300))
	write(t, path+".1", lines(301, 302)) // very late
	b.await(lines(301, 302))
	write(t, path, lines(302, 303))
	b.await(lines(302, 303))
	b.expect(lines(0, 200) + lines(300, 301) + lines(200, 300) + lines(301, 303))
}

func TestFollowManyRotations(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	write(t, path, lines(0, 100))
	b := follow(t, path, FollowOptions{})
	b.mark("caught up")
	for i := 1; i <= 10; i++ {
		must(t, os.Rename(path, fmt.Sprintf("%s.%d", path, i)))
		b.mark("gone")
		write(t, path, lines(i*100, i*100+100))
		b.mark("back")
	}
	b.await(lines(1099, 1100))
	b.expect(lines(0, 1100))
}

func TestFollowCopyTruncate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	write(t, path, lines(0, 100))
	b := follow(t, path, FollowOptions{})
	b.mark("caught up")
	must(t, os.Truncate(path, 0))
	b.mark("truncated")
	write(t, path, lines(100, 110))
	b.await(lines(109, 110))
	write(t, path, "held back ")
	b.mark("quiet")
	must(t, os.Truncate(path, 0))
	b.mark("truncated")
	if b.lost != int64(len("held back ")) {
		t.Errorf("lost %d bytes", b.lost)
	}
	write(t, path, lines(110, 400)) // longer than before
	b.await(lines(399, 400))
	b.expect(lines(0, 400))
}

// A truncation that is outgrown between two looks is told by the first bytes.
func TestFollowTruncateOutgrown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	write(t, path, lines(0, 100))
	b := follow(t, path, FollowOptions{})
	b.mark("caught up")
	b.mark("quiet")
	must(t, os.WriteFile(path, []byte(lines(100, 300)), 0o600))
	b.mark("truncated")
	b.await(lines(299, 300))
	b.stop()
	if got := b.text.String(); !strings.HasSuffix(got, lines(100, 300)) || !strings.HasPrefix(got, lines(0, 100)) {
		t.Errorf("got %d bytes ending in %q", len(got), tailOf(got))
	}
}

// A writer that keeps its position leaves a hole before its next line.
func TestFollowTruncateLeavesHole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	w, err := os.Create(path)
	must(t, err)
	defer w.Close()
	_, err = w.WriteString(lines(0, 60000))
	must(t, err)
	b := follow(t, path, FollowOptions{})
	b.mark("caught up")
	must(t, os.Truncate(path, 0))
	b.mark("truncated")
	_, err = w.WriteString(lines(60000, 60010))
	must(t, err)
	b.await(lines(60009, 60010))
	b.expect(lines(0, 60010))
	if b.short != int64(len(lines(0, 60000))) {
		t.Errorf("the hole counts %d bytes", b.short)
	}
}

func TestFollowDeleteAndRecreate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	write(t, path, lines(0, 100)+"a rest")
	b := follow(t, path, FollowOptions{})
	b.mark("caught up")
	must(t, os.Remove(path))
	b.mark("gone")
	write(t, path, lines(100, 200))
	b.mark("rotated")
	b.await(lines(199, 200))
	if got := b.stop(); got != lines(0, 100)+"a rest"+lines(100, 200) {
		t.Errorf("got %q", tailOf(got))
	}
}

func TestFollowSymlinkSwitch(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "current")
	write(t, filepath.Join(dir, "1.log"), lines(0, 100))
	must(t, os.Symlink("1.log", link))
	b := follow(t, link, FollowOptions{})
	b.mark("caught up")
	write(t, filepath.Join(dir, "2.log"), lines(101, 200))
	must(t, os.Symlink("2.log", link+".new"))
	must(t, os.Rename(link+".new", link))
	write(t, filepath.Join(dir, "1.log"), lines(100, 101))
	b.mark("rotated")
	b.await(lines(199, 200))
	b.expect(lines(0, 200))
}

func TestFollowFolderVanishes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "logs")
	must(t, os.Mkdir(dir, 0o700))
	path := filepath.Join(dir, "a.log")
	write(t, path, lines(0, 100))
	b := follow(t, path, FollowOptions{})
	b.mark("caught up")
	must(t, os.RemoveAll(dir))
	b.mark("gone")
	b.mark("quiet")
	must(t, os.Mkdir(dir, 0o700))
	write(t, path, lines(100, 200))
	b.mark("back")
	b.await(lines(199, 200))
	b.expect(lines(0, 200))
}

func TestFollowWaitsForTheName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	b := follow(t, path, FollowOptions{})
	b.mark("gone")
	write(t, path, lines(0, 10))
	b.mark("back")
	b.await(lines(9, 10))
	b.expect(lines(0, 10))
}

// Lines beyond parsers.MaxLine are cut, wherever they grow.
func TestFollowLongLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	long := strings.Repeat("x", 3<<20)
	write(t, path, "a\n"+long+"\nb\n")
	b := follow(t, path, FollowOptions{})
	b.mark("caught up")
	for i := 0; i < len(long); i += 1 << 19 {
		write(t, path, long[i:i+1<<19])
		if i == 1<<20 {
			b.mark("quiet")
		}
	}
	write(t, path, "\nc\n")
	b.await("c\n")
	kept := long[:parsers.MaxLine+1]
	b.expect("a\n" + kept + "b\n" + kept + "c\n")
	if want := int64(2 * (len(long) - len(kept) + 1)); b.short != want {
		t.Errorf("dropped %d bytes, want %d", b.short, want)
	}
}

// A writer at full speed and its rotations, all at once.
func TestFollowWhileWriting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	const total = 40000
	b := follow(t, path, FollowOptions{})
	b.mark("gone")
	go func() {
		w, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		for i := 0; i < total && err == nil; i++ {
			_, err = w.WriteString(lines(i, i+1))
			if i%10000 == 9999 {
				w.Close()
				os.Rename(path, fmt.Sprintf("%s.%d", path, i))
				w, err = os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
			} else if i%100 == 99 {
				time.Sleep(time.Millisecond) // a load, not a synchronisation
			}
		}
		w.Close()
	}()
	b.await(lines(total-1, total))
	b.expect(lines(0, total))
}
