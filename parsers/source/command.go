package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"
)

// Command is a program whose output is a log that grows. It runs in a process group of its own, which is ended with
// Follow. When it ends by itself it is started again, after a pause that doubles each time; what it printed before
// is not read again where the program can be told where to go on (see seam).
type Command struct {
	name string
	argv []string
	seam seam // nil when the program cannot be told where to go on
	// both is set for a program that sends what its log has on the standard error, too.
	both bool
	// renew ends the program after this time and starts it anew, 0 for never: it does not see by itself what has come
	// since it was started.
	renew time.Duration
	pause time.Duration // before the first restart
}

// verdict is what becomes of a line of output.
type verdict int

const (
	handOut verdict = iota
	leaveOut
	message // it is no part of the log, but the program's own
)

// seam knows where the output of a program was left.
type seam interface {
	// arguments are those that make the program go on where it was left, or begin.
	arguments() []string
	// take decides about the next line and notes how far the output has been read.
	take(line []byte) verdict
	// restart is called when the program has ended.
	restart()
}

// Restarting a program that ends.
const (
	firstPause = time.Second
	mostPause  = 30 * time.Second
	// stable is how long a program must have run for its end to be a new trouble.
	stable = time.Minute
	// grace is how long a program has to end after it was told to, and for what holds its output open after its end.
	grace = time.Second
)

// errEnded is what a source waits for whose program has ended without an error.
var errEnded = errors.New("the program has ended")

// newCommand looks for the program.
func newCommand(name string, s seam, argv ...string) (*Command, error) {
	if _, err := exec.LookPath(argv[0]); err != nil {
		return nil, &Fault{name, fmt.Errorf("running %s: %w", argv[0], exec.ErrNotFound)}
	}
	return &Command{name: name, argv: argv, seam: s, pause: firstPause}, nil
}

// Name is what reports call the output.
func (c *Command) Name() string { return c.name }

// Path is "": what was read from a program is gone.
func (c *Command) Path() string { return "" }

// ModTime is not known of a program.
func (c *Command) ModTime() time.Time { return time.Time{} }

// Found is false: somebody named it.
func (c *Command) Found() bool { return false }

// Follow runs the program until the context ends, or until it has ended without an error and cannot be told where to go
// on: it has said what it had to say.
func (c *Command) Follow(ctx context.Context, emit func(Event) error) error {
	s := c.reader(emit)
	for pause := c.pause; ; {
		started := time.Now()
		fault, err := c.run(ctx, s)
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil && c.seam != nil:
			return nil // half a line of a program that has more to say is nothing to hand out
		case ctx.Err() != nil || c.seam == nil && fault == nil:
			return s.cutter.end()
		}
		if err := c.cut(s); err != nil {
			return err
		}
		if errors.Is(fault, errRenew) {
			continue
		}
		if err := s.stopped(fault); err != nil {
			return err
		}
		if time.Since(started) > stable {
			pause = c.pause
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		pause = min(2*pause, mostPause)
	}
}

// outputReader reads the output of a program over its restarts.
type outputReader struct {
	*streamReader
	waiting bool   // for the program to be there again
	said    string // what it said last, beside its log
}

func (c *Command) reader(emit func(Event) error) *outputReader {
	s := &outputReader{streamReader: newStreamReader(emit)}
	s.quiet = s.back
	s.cutter.emit = func(e Event) error {
		if err := s.back(); err != nil {
			return err
		}
		return emit(e)
	}
	s.notice = func(text string) error {
		s.said = text
		return emit(Event{Kind: Notice, Text: text})
	}
	if c.seam != nil {
		s.cutter.sift = func(line []byte) (verdict, error) {
			v := c.seam.take(line)
			if v == message {
				return leaveOut, s.notice(clipMessage(string(line)))
			}
			return v, nil
		}
	}
	return s
}

// back tells that the program runs again: it has printed something, or not ended for a while.
func (s *outputReader) back() error {
	if !s.waiting {
		return nil
	}
	s.waiting = false
	return s.emit(Event{Kind: Back})
}

// stopped tells that the program has ended, and why.
func (s *outputReader) stopped(fault error) error {
	s.waiting = true
	switch {
	case fault == nil:
		fault = errEnded
	case s.said != "":
		fault = fmt.Errorf("%w: %s", fault, s.said)
	}
	s.said = ""
	return s.emit(Event{Kind: Gone, Err: fault})
}

// cut deals with half a line at the end of the output: a program that goes on where it was left prints it again.
func (c *Command) cut(s *outputReader) error {
	if c.seam == nil {
		return s.cutter.end()
	}
	s.cutter.rest, s.cutter.skipping = s.cutter.rest[:0], false
	c.seam.restart()
	return nil
}

// errRenew ends a program that is to be started anew.
var errRenew = errors.New("started anew")

// run starts the program and reads what it prints until it ends. fault says how it ended.
func (c *Command) run(ctx context.Context, s *outputReader) (fault, err error) {
	p, err := c.start()
	if err != nil {
		return err, nil
	}
	defer p.close()
	reading := ctx
	if c.renew > 0 {
		var cancel context.CancelFunc
		reading, cancel = context.WithTimeoutCause(ctx, c.renew, errRenew)
		defer cancel()
	}
	_, err = s.read(reading, p.out, p.messages)
	if reading.Err() != nil {
		terminate(p.cmd)
	}
	fault = p.end()
	for text := range p.messages { // what it said at its end tells most
		err = cmp.Or(err, s.notice(text))
	}
	if context.Cause(reading) == errRenew {
		fault = errRenew
	}
	return fault, err
}
