package source

import (
	"context"
	"io"
	"os"
	"time"
)

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
