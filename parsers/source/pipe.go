package source

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"time"

	"github.com/whytls/whytls/parsers"
)

// Pipe is a stream that somebody writes into while it is read: standard input, a named pipe.
type Pipe struct {
	name string
	open func() (io.Reader, error)
}

// NewPipe prepares to follow r, which reports call name. Follow leaves a read that still waits behind when its context
// ends, unless r is a file that knows deadlines: nothing else can end it.
func NewPipe(name string, r io.Reader) *Pipe {
	return &Pipe{name, func() (io.Reader, error) { return r, nil }}
}

// newNamedPipe prepares to follow a pipe that has a name in the file system. It is opened for writing, too, so that it
// does not end when one writer has and the next one has not come yet.
func newNamedPipe(path string) *Pipe {
	return &Pipe{path, func() (io.Reader, error) {
		mode := os.O_RDWR
		if strings.HasPrefix(path, "/dev/fd/") || strings.HasPrefix(path, "/proc/") {
			mode = os.O_RDONLY // of a shell, <(command), which ends with the command
		}
		file, err := os.OpenFile(path, mode, 0)
		if err != nil {
			return nil, cause(err)
		}
		return file, nil
	}}
}

// Name is what reports call the stream.
func (p *Pipe) Name() string { return p.name }

// Path is "": what was read from a stream is gone.
func (p *Pipe) Path() string { return "" }

// ModTime is not known of a stream.
func (p *Pipe) ModTime() time.Time { return time.Time{} }

// Found is false: somebody named it.
func (p *Pipe) Found() bool { return false }

// Follow hands out lines until the stream ends.
func (p *Pipe) Follow(ctx context.Context, emit func(Event) error) error {
	r, err := p.open()
	if err != nil {
		return err
	}
	if file, ok := r.(*os.File); ok && p.name != "-" {
		defer file.Close()
	}
	s := newStreamReader(emit)
	if err := s.pastRead(); err != nil { // what is in a pipe was written just now
		return err
	}
	fault, err := s.read(ctx, r, nil)
	if err == nil {
		err = s.cutter.end()
	}
	if err == nil && fault != nil {
		err = cause(fault)
	}
	return err
}

// piece is what one read of a stream gave.
type piece struct {
	data []byte
	err  error
}

// streamReader makes events of what streams give, one after the other.
type streamReader struct {
	emit     func(Event) error
	cutter   lineCutter
	begun    time.Time
	caughtUp bool
	// quiet is called when nothing has come for a while, notice for a message that came beside the stream.
	quiet  func() error
	notice func(text string) error
}

// settling is how long a stream is taken to tell of its past at most, when it never pauses.
const settling = 5 * time.Second

func newStreamReader(emit func(Event) error) *streamReader {
	return &streamReader{
		emit: emit, cutter: lineCutter{emit: emit, line: 1}, begun: time.Now(), quiet: func() error { return nil },
		notice: func(text string) error { return emit(Event{Kind: Notice, Text: text}) },
	}
}

// read takes what r gives until it ends, it fails (fault), the receiver fails (err) or the context ends. Messages that
// come beside it become notices.
func (s *streamReader) read(ctx context.Context, r io.Reader, messages <-chan string) (fault, err error) {
	pieces := make(chan piece)
	free := make(chan []byte, 2)
	free <- make([]byte, streamBlock)
	free <- make([]byte, streamBlock)
	done := make(chan struct{})
	defer close(done)
	go func() {
		for buf := range free {
			n, err := r.Read(buf)
			select {
			case pieces <- piece{buf[:n], err}:
			case <-done:
				return
			}
			if err != nil {
				return
			}
		}
	}()
	defer close(free)
	quiet := time.NewTimer(QuietAfter)
	defer quiet.Stop()
	for {
		select {
		case b := <-pieces:
			if err := s.take(b.data); err != nil {
				return nil, err
			}
			switch b.err {
			case nil:
			case io.EOF:
				return nil, nil
			default:
				return b.err, nil
			}
			free <- b.data[:cap(b.data)]
			quiet.Reset(QuietAfter)
		case text, ok := <-messages:
			if !ok {
				messages = nil
			} else if err := s.notice(text); err != nil {
				return nil, err
			}
		case <-quiet.C:
			if err := s.pause(); err != nil {
				return nil, err
			}
		case <-ctx.Done():
			if file, ok := r.(*os.File); ok {
				_ = file.SetReadDeadline(time.Now()) // ends the read where that is possible
			}
			return nil, nil
		}
	}
}

func (s *streamReader) take(data []byte) error {
	if !s.caughtUp && time.Since(s.begun) > settling {
		if err := s.pastRead(); err != nil {
			return err
		}
	}
	return s.cutter.write(data)
}

// pause tells that nothing has come for a while.
func (s *streamReader) pause() error {
	if err := s.pastRead(); err != nil {
		return err
	}
	if err := s.quiet(); err != nil {
		return err
	}
	return s.emit(Event{Kind: Quiet})
}

func (s *streamReader) pastRead() error {
	if s.caughtUp {
		return nil
	}
	s.caughtUp = true
	return s.emit(Event{Kind: CaughtUp})
}

// streamBlock is how much is read from a stream at once: what a pipe holds, a few times over.
const streamBlock = 256 << 10

// lineCutter makes events of whole lines from blocks that end anywhere.
type lineCutter struct {
	emit     func(Event) error
	rest     []byte // of a line whose end has not come
	offset   int64  // of rest in the stream
	line     int64  // number of the line that rest begins
	skipping bool   // the line is longer than parsers.MaxLine and its kept part is out
	// sift decides about each line, with its line feed, nil for all; see Command.
	sift func(line []byte) (verdict, error)
}

// write takes the next block of the stream.
func (c *lineCutter) write(data []byte) error {
	if c.skipping {
		n := bytes.IndexByte(data, '\n') + 1
		c.skipping = n == 0
		if c.skipping {
			n = len(data)
		}
		if err := c.out(nil, n); err != nil {
			return err
		}
		data = data[n:]
	}
	last := bytes.LastIndexByte(data, '\n') + 1
	if last > 0 && len(c.rest) > 0 {
		first := bytes.IndexByte(data, '\n') + 1
		c.rest = append(c.rest, data[:first]...)
		if err := c.flush(); err != nil {
			return err
		}
		data, last = data[first:], last-first
	}
	if last > 0 {
		if err := c.out(data[:last], 0); err != nil {
			return err
		}
		data = data[last:]
	}
	c.rest = append(c.rest, data...)
	if len(c.rest) > parsers.MaxLine+1 {
		c.skipping = true
		return c.flush()
	}
	return nil
}

// flush hands out what is kept of one line. As in Cut, one byte more than MaxLine goes out, so that the reader sees
// the cut.
func (c *lineCutter) flush() error {
	kept, dropped := c.rest, 0
	if n := parsers.MaxLine + 1; len(bytes.TrimSuffix(kept, []byte{'\n'})) > n {
		kept, dropped = kept[:n], len(kept)-n
	}
	c.rest = c.rest[:0]
	return c.out(kept, dropped)
}

// end hands out the unfinished last line.
func (c *lineCutter) end() error { return c.flush() }

// out hands on lines, without those that are sifted out.
func (c *lineCutter) out(data []byte, dropped int) error {
	if c.sift == nil || len(data) == 0 {
		return c.hand(data, dropped)
	}
	from := 0
	for at := 0; at < len(data); {
		end := at + bytes.IndexByte(data[at:], '\n') + 1
		if end == at {
			end = len(data)
		}
		keep, err := c.sift(data[at:end])
		if err != nil {
			return err
		}
		if keep == leaveOut {
			if err := c.hand(data[from:at], 0); err != nil {
				return err
			}
			from = end
		}
		at = end
	}
	return c.hand(data[from:], dropped)
}

func (c *lineCutter) hand(data []byte, dropped int) error {
	if len(data)+dropped == 0 {
		return nil
	}
	e := Event{Kind: Data, Data: data, Dropped: int64(dropped), Offset: c.offset, Line: c.line, Generation: 1}
	c.offset += int64(len(data) + dropped)
	c.line += linesIn(data)
	return c.emit(e)
}

// linesIn counts the lines in a run of them; the last one may lack its line feed.
func linesIn(data []byte) int64 {
	n := int64(bytes.Count(data, []byte{'\n'}))
	if len(data) > 0 && data[len(data)-1] != '\n' {
		n++
	}
	return n
}
