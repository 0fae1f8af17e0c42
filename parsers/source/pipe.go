package source

import (
	"bytes"
	"context"
	"io"
	"time"

	"github.com/whytls/whytls/parsers"
)

// Pipe is a stream that somebody writes into while it is read: standard input, a named pipe.
type Pipe struct {
	name string
	r    io.Reader
}

// NewPipe prepares to follow r, which reports call name. Follow leaves a read that still waits behind when its context
// ends: nothing can end it.
func NewPipe(name string, r io.Reader) *Pipe { return &Pipe{name, r} }

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
	if err := emit(Event{Kind: CaughtUp}); err != nil {
		return err
	}
	return followReader(ctx, p.r, emit)
}

// block is one read of a stream.
type block struct {
	data []byte
	err  error
}

// followReader cuts what r gives into runs of whole lines and tells when it is quiet. When the context ends, what was
// read by then is handed out. The error is that of r or of emit.
func followReader(ctx context.Context, r io.Reader, emit func(Event) error) error {
	blocks := make(chan block)
	free := make(chan []byte, 2)
	free <- make([]byte, streamBlock)
	free <- make([]byte, streamBlock)
	done := make(chan struct{})
	defer close(done)
	go func() {
		for buf := range free {
			n, err := r.Read(buf)
			select {
			case blocks <- block{buf[:n], err}:
			case <-done:
				return
			}
			if err != nil {
				return
			}
		}
	}()
	defer close(free)
	c := lineCutter{emit: emit, line: 1}
	quiet := time.NewTimer(QuietAfter)
	defer quiet.Stop()
	for {
		select {
		case b := <-blocks:
			if err := c.write(b.data); err != nil {
				return err
			}
			if b.err != nil {
				err := c.end()
				if b.err != io.EOF && err == nil {
					err = cause(b.err)
				}
				return err
			}
			free <- b.data[:cap(b.data)]
			quiet.Reset(QuietAfter)
		case <-quiet.C:
			if err := emit(Event{Kind: Quiet}); err != nil {
				return err
			}
		case <-ctx.Done():
			return c.end()
		}
	}
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

func (c *lineCutter) out(data []byte, dropped int) error {
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
