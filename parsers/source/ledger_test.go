package source

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// again carries a ledger into the next run, as a file does.
func again(t *testing.T, l *Ledger) *Ledger {
	t.Helper()
	next := NewLedger()
	must(t, next.Restore(l.Encode()))
	return next
}

func TestResume(t *testing.T) {
	// meanwhile happens to a log of 100 lines that was read between two runs; want is what the second run reads.
	f := func(name string, meanwhile func(path string), want string) {
		t.Run(name, func(t *testing.T) {
			t.Helper()
			path := filepath.Join(t.TempDir(), "a.log")
			write(t, path, lines(0, 100)+"half ")
			o := FollowOptions{Ledger: NewLedger(), Resumable: true}
			first := follow(t, path, o)
			first.mark("caught up")
			if got := first.stop(); got != lines(0, 100) {
				t.Fatalf("the first run: %q", tailOf(got))
			}
			meanwhile(path)
			o.Ledger, o.FromEnd = again(t, o.Ledger), true // which does not count any more
			second := follow(t, path, o)
			second.mark("caught up")
			second.expect(want)
		})
	}
	f("nothing", func(string) {}, "")
	f("grown", func(path string) { write(t, path, "line\n"+lines(101, 200)) }, "half line\n"+lines(101, 200))
	f("rotated", func(path string) {
		write(t, path, "line\n"+lines(101, 200))
		must(t, os.Rename(path, path+".1"))
		write(t, path, lines(200, 300))
	}, "half line\n"+lines(101, 300))
	f("rotated with half a line", func(path string) {
		must(t, os.Rename(path, path+".1"))
		write(t, path, lines(200, 300))
	}, "half "+lines(200, 300))
	f("rotated three times", func(path string) {
		write(t, path, "line\n")
		for i := 1; i <= 3; i++ {
			for n := i - 1; n > 0; n-- {
				must(t, os.Rename(path+"."+string(rune('0'+n)), path+"."+string(rune('1'+n))))
			}
			must(t, os.Rename(path, path+".1"))
			writeLater(t, path, path+".1", lines(i*100, i*100+100))
		}
	}, "half line\n"+lines(100, 400))
	f("truncated", func(path string) { must(t, os.WriteFile(path, []byte(lines(500, 510)), 0o600)) }, lines(500, 510))
	f("another file of the same size", func(path string) {
		must(t, os.WriteFile(path, []byte(lines(500, 700)), 0o600))
	}, lines(500, 700))
	f("deleted and made again", func(path string) {
		must(t, os.Remove(path))
		write(t, path, lines(500, 700))
	}, lines(500, 700))
}

// writeLater writes a file that is younger than another by the clock of the file system.
func writeLater(t *testing.T, path, than, text string) {
	t.Helper()
	write(t, path, text)
	before, err := os.Stat(than)
	must(t, err)
	if after, err := os.Stat(path); err == nil && !after.ModTime().After(before.ModTime()) {
		must(t, os.Chtimes(path, before.ModTime().Add(1e6), before.ModTime().Add(1e6)))
	}
}

// The line numbers go on where they were.
func TestResumeCountsLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	write(t, path, lines(0, 100))
	o := FollowOptions{Ledger: NewLedger(), Resumable: true}
	b := follow(t, path, o)
	b.mark("caught up")
	b.stop()
	o.Ledger = again(t, o.Ledger)
	write(t, path, lines(100, 110))
	b = follow(t, path, o)
	b.await(lines(109, 110))
	if b.last.Line != 101 || b.last.Offset != int64(len(lines(0, 100))) {
		t.Errorf("line %d at %d", b.last.Line, b.last.Offset)
	}
	b.stop()
}

func TestRestoreRefusesWhatIsDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	write(t, path, lines(0, 100))
	l := NewLedger()
	b := follow(t, path, FollowOptions{Ledger: l})
	b.mark("caught up")
	b.stop()
	good := string(l.Encode())
	if strings.Contains(good, "line 0000") {
		t.Errorf("the state quotes the log:\n%s", good)
	}
	f := func(text string) {
		t.Helper()
		l := NewLedger()
		if err := l.Restore([]byte(text)); !errors.Is(err, ErrState) {
			t.Errorf("Restore(%.60q): %v", text, err)
		}
		if len(l.readings) > 0 {
			t.Errorf("Restore(%.60q) kept a part", text)
		}
	}
	f("")
	f("no JSON")
	f("{}")
	f(good[:len(good)/2])
	f(strings.Replace(good, "state/1", "state/9", 1))
	f(strings.Replace(good, `"offset": `, `"offset": -`, 1))
	f(strings.Replace(good, `"sha256": "`, `"sha256": "zz`, 1))
	f(strings.Replace(good, `"length": `, `"length": 9999`, 1))
	must(t, l.Restore([]byte(good)))
}

// A folder that is watched holds the rotated logs too: every line is read once, under one of the names.
func TestFollowersShareFiles(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.log")
	write(t, path+".1", lines(0, 100))
	write(t, path, lines(100, 200))
	o := FollowOptions{Ledger: NewLedger()}
	one := follow(t, path, o)
	one.mark("caught up")
	two := follow(t, path+".1", o)
	two.mark("caught up")
	must(t, os.Rename(path+".1", path+".2"))
	must(t, os.Rename(path, path+".1"))
	two.mark("elsewhere")
	write(t, path+".1", lines(200, 201))
	write(t, path, lines(201, 300))
	one.await(lines(299, 300))
	write(t, path+".2", lines(500, 501)) // the old one is still looked at
	two.await(lines(500, 501))
	one.expect(lines(100, 300))
	two.expect(lines(0, 100) + lines(500, 501))
}

func TestFollowersReadALinkOnce(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.log")
	write(t, path, lines(0, 100))
	must(t, os.Symlink("a.log", filepath.Join(dir, "current")))
	o := FollowOptions{Ledger: NewLedger()}
	one := follow(t, path, o)
	one.mark("caught up")
	two := follow(t, filepath.Join(dir, "current"), o)
	two.mark("elsewhere")
	write(t, filepath.Join(dir, "b.log"), lines(100, 200))
	must(t, os.Symlink("b.log", filepath.Join(dir, "next")))
	must(t, os.Rename(filepath.Join(dir, "next"), filepath.Join(dir, "current")))
	two.await(lines(199, 200))
	two.expect(lines(100, 200))
	one.expect(lines(0, 100))
}

// Twice rotated between two looks: the file between is not forgotten.
func TestFollowRotatedTwiceAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	write(t, path, lines(0, 100))
	b := follow(t, path, FollowOptions{})
	b.mark("caught up")
	hold := make(chan struct{})
	go func() { // while the reader is busy with one event
		defer close(hold)
		must(t, os.Rename(path, path+".1"))
		writeLater(t, path, path+".1", lines(100, 200))
		must(t, os.Rename(path+".1", path+".2"))
		must(t, os.Rename(path, path+".1"))
		writeLater(t, path, path+".1", lines(200, 300))
	}()
	<-hold
	b.await(lines(299, 300))
	b.expect(lines(0, 300))
}

// A file system that is mounted anew has another device number, and its files are the same.
func TestResumeOnAnotherDevice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	write(t, path, lines(0, 100))
	l := NewLedger()
	b := follow(t, path, FollowOptions{Ledger: l, Resumable: true})
	b.mark("caught up")
	b.stop()
	for id, r := range l.readings {
		delete(l.readings, id)
		r.id.Device++
		l.readings[r.id] = r
	}
	write(t, path, lines(100, 110))
	b = follow(t, path, FollowOptions{Ledger: l})
	b.await(lines(109, 110))
	b.expect(lines(100, 110))
}

// A descriptor that has gone stale is exchanged for a fresh one, and reading goes on.
func TestStaleDescriptor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	write(t, path, lines(0, 100))
	var got strings.Builder
	var kinds []EventKind
	l := NewLedger()
	f := &follower{path: path, ledger: l, options: FollowOptions{Ledger: l}, emit: func(e Event) error {
		kinds = append(kinds, e.Kind)
		if e.Kind == Data {
			got.Write(e.Data)
		}
		return nil
	}}
	l.join(1)
	defer f.close()
	must(t, f.poll(t.Context()))
	f.queue[0].file.Close() // as NFS does it: every read fails from here on
	write(t, path, lines(100, 200))
	must(t, f.poll(t.Context()))
	must(t, f.poll(t.Context()))
	must(t, f.poll(t.Context()))
	if got.String() != lines(0, 200) {
		t.Errorf("got %d bytes that end in %q", got.Len(), tailOf(got.String()))
	}
	if want := []EventKind{Data, CaughtUp, Gone, Back, Data}; !slices.Equal(kinds, want) {
		t.Errorf("events %v, want %v", kinds, want)
	}
}

// A copy that is made before the log is truncated is no other log, in a folder where both are followed.
func TestCopyIsReadOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	write(t, path, lines(0, 100))
	o := FollowOptions{Ledger: NewLedger()}
	one := follow(t, path, o)
	one.mark("caught up")
	two := follow(t, path+".1", o)
	two.mark("gone")
	copyOf(t, path, path+".1")
	two.mark("elsewhere")
	must(t, os.Truncate(path, 0))
	one.mark("truncated")
	write(t, path, lines(100, 200))
	one.await(lines(199, 200))
	one.expect(lines(0, 200))
	two.expect("")
}

// What was written and not read before a truncation is read from the copy.
func TestRestOfACopy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	write(t, path, lines(0, 100)+"half ")
	b := follow(t, path, FollowOptions{})
	b.mark("caught up")
	must(t, os.WriteFile(path+".1", []byte(lines(0, 100)+"half a line\n"+lines(101, 150)), 0o600))
	must(t, os.Truncate(path, 0))
	b.mark("truncated")
	write(t, path, lines(150, 200))
	b.await(lines(199, 200))
	b.expect(lines(0, 100) + "half a line\n" + lines(101, 200))
	if b.lost != 0 {
		t.Errorf("%d bytes lost", b.lost)
	}
}

func FuzzRestore(f *testing.F) {
	l := NewLedger()
	l.readings[FileID{1, 2}] = &reading{id: FileID{1, 2}, name: "a.log", at: position{offset: 70, line: 3, last: fingerprintOf([]byte("a line\n"))}}
	f.Add(l.Encode())
	f.Add([]byte(`{"schema":"whytls.state/1","files":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		l := NewLedger()
		if err := l.Restore(data); err != nil {
			if len(l.readings) > 0 {
				t.Error("a part was kept")
			}
			return
		}
		if err := NewLedger().Restore(l.Encode()); err != nil {
			t.Errorf("what was restored cannot be stored: %v", err)
		}
	})
}
