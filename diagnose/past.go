package diagnose

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/source"
)

// A live source may begin with the end of its file, because whoever waits wants to see what happens now. Until the rest
// is read, it has two states: the past, which grows in chunks from the start of the file as in a batch run, and the
// tail, which grows at its end. Both are in the snapshots, like two files of one rotation. When the past reaches the tail,
// the tail is appended to it, so that the state is the one that a batch run comes to.

// tailChunk is the number of the first chunk of a tail: larger than that of any chunk before it.
const tailChunk = 1 << 24

// split makes a source two: past and tail. size is the number of bytes in the past.
func (e *Engine) split(n int, size int64) {
	e.update(n, func(s *sourceState) {
		s.tail = &sourceState{name: s.name, detection: s.detection, merged: newPartial(), next: tailChunk, waiting: s.waiting, whole: s}
		s.waiting, s.pastSize = make(map[int]*partial), size
	})
}

// part is the state that a chunk belongs to.
func (s *sourceState) part(seq int) *sourceState {
	if s.tail != nil && seq >= tailChunk {
		return s.tail
	}
	return s
}

// growing is the state that the source grows in.
func (s *sourceState) growing() *sourceState {
	if s.tail != nil {
		return s.tail
	}
	return s
}

// unread is the number of bytes between the past and the tail.
func (s *sourceState) unread() int64 {
	if s.tail == nil {
		return 0
	}
	return max(s.pastSize-s.merged.count.Bytes, 0)
}

// rejoin appends the tail to the past, all of which is read.
func (e *Engine) rejoin(n int) {
	e.update(n, func(s *sourceState) {
		tail := s.tail
		if tail == nil {
			return
		}
		if missing := s.unread(); missing > 0 {
			s.lost += missing // the file was truncated meanwhile
		}
		lines := s.merged.count.Lines
		s.merged.join(tail.merged)
		s.origins = tail.origins
		s.origins.shift(lines)
		s.next, s.waiting, s.covers, s.tail = tail.next, tail.waiting, nil, nil
	})
}

// join appends the merged state of what follows directly after p in the same source.
func (p *partial) join(q *partial) {
	lines, last := p.count.Lines, p.last.Timestamp
	hadTime := p.last.Kind != parsers.TimeNone
	p.append(q)
	p.cutShape += q.cutShape
	add(p.systems, q.systems)
	add(p.formats, q.formats)
	for scope, at := range q.scopes {
		if have, ok := p.scopes[scope]; !ok || have.Nano < at.Nano {
			p.scopes[scope] = at
		}
	}
	if len(p.scopes) > maxScopes {
		p.trimScopes()
	}
	for hash, s := range q.shapes {
		if s.count > 0 {
			s.line += lines
			if s.first.Kind == parsers.TimeNone {
				s.first = last
			}
			if s.last.kind == parsers.TimeNone {
				s.setLast(last)
			}
		}
		have := p.shapes[hash]
		if have == nil {
			if p.shapes == nil {
				p.shapes = make(map[uint64]*shapeState)
			}
			have, p.shapes[hash] = s, s
		} else {
			untimed := have.untimed + s.untimed
			have.merge(s)
			have.untimed = untimed
		}
		if hadTime && have.untimed > 0 {
			have.trend.add(last.Nano, uint32(have.untimed))
			have.untimed = 0
		}
	}
	if len(p.shapes) > maxShapes {
		p.trimShapes()
	}
}

// readPast reads what is before the tail of a source, in parallel, and appends the tail to it. The file is closed at the
// end. The past ends early when its context does (the file was truncated): what was read counts, and the rest is lost.
// When the whole run ends, the past stays as it is.
func (l *Live) readPast(run, past context.Context, j job, file *os.File, size int64) error {
	err := l.readChunks(past, j, file, size)
	file.Close()
	if run.Err() != nil {
		return nil
	}
	l.engine.rejoin(j.source)
	l.touch()
	if err != nil {
		return fmt.Errorf("reading the past: %w", err)
	}
	return nil
}

// readChunks parses the first bytes of a file as chunks of a source; j says which and how. The error is never that of the
// context.
func (l *Live) readChunks(ctx context.Context, j job, file io.ReaderAt, size int64) error {
	select {
	case <-l.shown: // the cores are for the tail first
	case <-ctx.Done():
		return nil
	}
	select {
	case l.pasts <- struct{}{}: // one after the other: each takes all cores
		defer func() { <-l.pasts }()
	case <-ctx.Done():
		return nil
	}
	jobs := make(chan job, l.engine.options.Workers)
	var fault atomic.Value
	wait := l.engine.crew(jobs, &fault, l.touch)
	err := source.Cut(io.NewSectionReader(file, 0, size), nil, j.detect, j.clock, l.engine.options.ChunkSize, func(c source.Chunk) error {
		j.chunk = c
		select {
		case jobs <- j:
		case <-ctx.Done():
		}
		return ctx.Err()
	})
	close(jobs)
	wait()
	if f, failed := fault.Load().(failure); failed {
		return f.error
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}
