package source

import (
	"context"
	"io"
	"os"
	"strings"
	"time"
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
