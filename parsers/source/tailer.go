package source

import (
	"fmt"
	"io"
	"log"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/hpcloud/tail"
	"github.com/hpcloud/tail/util"
	"github.com/hpcloud/tail/watch"
)

// tailer is hpcloud/tail on one inode.
//
// Used on the name of a log, the library lost up to 38,000 of 40,000 lines when the log was rotated, hung in Stop when
// its lines were not drained, and ended the process when the folder vanished. Used on /proc/self/fd/N of a descriptor
// that we hold, it cannot see a rename or a deletion, and in none of 11 scenarios it lost, repeated or damaged a
// line. So it never gets a name here, and what happens to the name is our business (see follower).
type tailer struct {
	tail *tail.Tail
	// truncated gets a value when the library has seen a truncation, and another one before it reads on. Who
	// receives the first must call stop, which keeps the library from reading the file from its start:
	// there may be a hole of any size there, and it would take it for one line.
	truncated chan struct{}
}

var prepared sync.Once

// prepareTail sets what the library has one of for the whole process; the first caller's pace counts.
func prepareTail(pace time.Duration) {
	prepared.Do(func() { setUpTail(pace) })
}

func setUpTail(pace time.Duration) {
	watch.POLL_DURATION = pace
	// A stat that fails with anything but "not found" (an NFS handle gone stale, a disk gone bad) makes the library
	// log a line and call os.Exit(1). The line is where we get hold of it: only the poller ends.
	util.LOGGER = &util.Logger{Logger: log.New(endsGoroutine{}, "", 0)}
}

// endsGoroutine ends the goroutine that writes to it.
type endsGoroutine struct{}

func (endsGoroutine) Write([]byte) (int, error) {
	runtime.Goexit()
	return 0, io.ErrClosedPipe // not reached
}

// startTailer follows file from offset on, which must be the beginning of a line.
func startTailer(file *os.File, offset int64, pace time.Duration) (*tailer, error) {
	prepareTail(pace)
	t := &tailer{truncated: make(chan struct{})}
	var err error
	t.tail, err = tail.TailFile(descriptorPath(file), tail.Config{
		Follow: true, Poll: true, ReOpen: false, MustExist: true,
		Location: &tail.SeekInfo{Offset: offset, Whence: io.SeekStart},
		Logger:   noticing{tail.DiscardingLogger, t.truncated},
	})
	if err != nil {
		return nil, cause(err)
	}
	return t, nil
}

// stop ends the tailer and gives the lines that it has read already to take. The lines must be drained: the library
// waits for its reader for ever otherwise.
func (t *tailer) stop(take func(*tail.Line) error) error {
	t.tail.Kill(nil)
	var fault error
	for {
		select {
		case <-t.truncated:
		case line, ok := <-t.tail.Lines:
			if !ok {
				t.tail.Wait()
				return fault
			}
			if fault == nil {
				fault = take(line)
			}
		}
	}
}

// noticing discards what the library logs, except that it tells of truncations, in the order of the lines: the library
// is in the call, so all lines before are out.
type noticing struct {
	*log.Logger
	truncated chan<- struct{}
}

func (l noticing) Printf(format string, v ...any) {
	if strings.HasPrefix(format, "Re-opening truncated file") {
		l.truncated <- struct{}{}
		l.truncated <- struct{}{}
	}
}

// descriptorPath names an open file by its descriptor, so that renaming and deleting it change nothing. Where a
// system has no such names (Windows), the name is what is left, and a rotated file may lose its last lines there.
func descriptorPath(file *os.File) string {
	switch runtime.GOOS {
	case "linux", "android":
		return fmt.Sprintf("/proc/self/fd/%d", file.Fd())
	case "windows", "plan9", "js", "wasip1":
		return file.Name()
	}
	return fmt.Sprintf("/dev/fd/%d", file.Fd())
}
