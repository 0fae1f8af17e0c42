package main

import (
	"context"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// streams are the standard streams of the program: data goes to out, everything else to err.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer

	mu       sync.Mutex
	progress bool // a progress line stands on err
}

func newStreams(in io.Reader, out, errs io.Writer) *streams {
	return &streams{in: in, out: out, err: errs}
}

// isTerminal reports whether a stream is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// isPiped reports whether somebody feeds the stream: a pipe or a file, not a terminal and not /dev/null.
func isPiped(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return stream != nil
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice == 0
}

// Widths of the report: a terminal's own, within what is still easy to read; 80 columns elsewhere.
const (
	narrowest    = 40
	widest       = 120
	defaultWidth = 80
)

func (s *streams) width() int {
	if f, ok := s.out.(*os.File); ok {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			return min(max(w, narrowest), widest)
		}
	}
	return defaultWidth
}

// colored decides about colours on out: the flag first, then NO_COLOR, CLICOLOR_FORCE and TERM, then whether it is a
// terminal.
func colored(when string, terminal bool, env func(string) string) bool {
	switch {
	case when == "always":
		return true
	case when == "never", env("NO_COLOR") != "":
		return false
	case env("CLICOLOR_FORCE") != "" && env("CLICOLOR_FORCE") != "0":
		return true
	}
	return terminal && env("TERM") != "dumb"
}

// interruptible ends a stream when ctx ends, although a read from it still waits. What waits is left behind: the
// program is about to end.
func interruptible(ctx context.Context, r io.Reader) io.Reader {
	type block struct {
		data []byte
		err  error
	}
	blocks := make(chan block, 1)
	go func() {
		for {
			buf := make([]byte, 256<<10)
			n, err := r.Read(buf)
			blocks <- block{buf[:n], err} // at the end nobody takes it: the channel holds one
			if err != nil || ctx.Err() != nil {
				return
			}
		}
	}()
	var rest block
	return readerFunc(func(b []byte) (int, error) {
		for len(rest.data) == 0 {
			if rest.err != nil {
				return 0, rest.err
			}
			select {
			case rest = <-blocks:
			case <-ctx.Done():
				// What was read already and is on its way still counts.
				select {
				case rest = <-blocks:
				case <-time.After(100 * time.Millisecond):
					return 0, io.EOF
				}
			}
		}
		n := copy(b, rest.data)
		rest.data = rest.data[n:]
		return n, nil
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }
