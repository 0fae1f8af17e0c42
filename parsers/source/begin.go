package source

import (
	"bytes"
	"context"
	"io"
	"os"
	"slices"
	"time"

	"github.com/whytls/whytls/parsers"
)

// begin moves to where the options say that the first file is read from.
func (f *follower) begin(ctx context.Context, g *growing) error {
	o := &f.options
	switch {
	case o.FromEnd:
		if err := g.toEnd(); err != nil {
			return err
		}
	case !o.Since.IsZero():
		ordered, err := g.toTime(o)
		if err != nil {
			return err
		}
		if !ordered {
			err := f.emit(Event{Kind: Notice, Text: "its times are not in order or not readable: it is read from its start"})
			if err != nil {
				return err
			}
		}
	case o.EndFirst > 0 && g.size > 2*o.EndFirst && !o.Resumable:
		return g.toEndFirst(f.path, o)
	}
	g.inside = g.offset > 0
	return nil
}

// mostCounted is how much of a file is read only to know the number of a line.
const mostCounted = 4 << 30

// count counts the lines before where reading begins, in a goroutine of its own: of a file of some gigabytes that takes
// seconds, and the lines that come are what matters.
func (f *follower) count(ctx context.Context, g *growing) {
	if !g.inside || g.offset > mostCounted {
		return
	}
	ctx, f.counts = context.WithCancel(ctx)
	file, before, generation := g.file, g.offset, g.generation
	go func() {
		lines, ok := countLines(ctx, file, before)
		if !ok {
			return
		}
		select {
		case f.counted <- Event{Kind: Counted, Generation: generation, Line: lines + 1}:
		case <-ctx.Done():
		}
	}()
}

// countedUp takes the outcome of count.
func (f *follower) countedUp(e Event) error {
	for _, g := range f.queue {
		if g.generation == e.Generation && g.inside {
			g.line, g.inside = g.line+e.Line-1, false
		}
	}
	return f.emit(e)
}

func countLines(ctx context.Context, file io.ReaderAt, to int64) (lines int64, ok bool) {
	block := make([]byte, 256<<10)
	for at := int64(0); at < to; at += int64(len(block)) {
		n, err := file.ReadAt(block[:min(int64(len(block)), to-at)], at)
		if ctx.Err() != nil || err != nil && err != io.EOF {
			return 0, false
		}
		lines += int64(bytes.Count(block[:n], []byte{'\n'}))
	}
	return lines, true
}

// toEndFirst moves to the first place near the end where the file may be cut without changing any record; if there is
// none, the file is read from its start. What is before that place is for the receiver.
func (g *growing) toEndFirst(path string, o *FollowOptions) error {
	block := make([]byte, o.EndFirst)
	n, err := g.file.ReadAt(block[:min(parsers.SampleSize, len(block))], 0)
	if err != nil && err != io.EOF {
		return cause(err)
	}
	if Binary(block[:n]) {
		return nil
	}
	clock := parsers.Clock{Location: o.Location, Year: g.info.ModTime().In(zone(o.Location)).Year()}
	d := parsers.Force(o.Format)
	if o.Format == nil {
		d = parsers.Detect(block[:n], clock)
	}
	from := g.size - o.EndFirst
	if n, err = g.file.ReadAt(block, from); err != nil && err != io.EOF {
		return cause(err)
	}
	at := firstCut(d, clock, block[:n])
	if at < 0 {
		return nil
	}
	// The receiver's descriptor must not depend on how long this one is needed.
	past, err := os.Open(path)
	if err != nil {
		return nil // the name has moved on: the next look tells
	}
	if info, err := past.Stat(); err != nil || !os.SameFile(info, g.info) {
		past.Close()
		return nil
	}
	g.offset, g.inside, g.past = from+int64(at), true, past
	return nil
}

// firstCut finds a place for a cut near the beginning of a block that begins anywhere in a line, -1 for none.
func firstCut(d *parsers.Detection, clock parsers.Clock, block []byte) int {
	begin := bytes.IndexByte(block, '\n') + 1
	if begin == 0 {
		return -1
	}
	for size := 64 << 10; ; size *= 2 {
		end := min(begin+size, len(block))
		if at := d.Cut(block[begin:end], clock); at > 0 {
			return begin + at
		}
		if end == len(block) {
			return -1
		}
	}
}

// Search for a time in a file.
const (
	// probe is how much is read at one place to find a record with a time, and maxProbe at most.
	probe    = 64 << 10
	maxProbe = 4 << 20
	// disorder is how far the times of neighbouring records may go back: several threads write into one log.
	disorder = time.Minute
)

// timed is a record with a time in a file.
type timed struct{ offset, nano int64 }

// toTime moves to a record before the first one at or after a time, by bisection over the offsets. It stays at the
// start and reports false when the times do not grow with the offsets, or there are none.
func (g *growing) toTime(o *FollowOptions) (ordered bool, err error) {
	sample := make([]byte, parsers.SampleSize)
	n, err := g.file.ReadAt(sample, 0)
	if err != nil && err != io.EOF {
		return false, cause(err)
	}
	if n == 0 {
		return true, nil
	}
	clock := parsers.Clock{Location: o.Location, Year: g.info.ModTime().In(zone(o.Location)).Year()}
	d := parsers.Force(o.Format)
	if o.Format == nil {
		d = parsers.Detect(sample[:n], clock)
	}
	target := o.Since.Add(-disorder).UnixNano()
	before, found := g.timeAt(d, clock, 0)
	if !found {
		return false, nil
	}
	probes := []timed{before}
	for low, high := before.offset, g.size; before.nano < target && high-low > probe; {
		middle := low + (high-low)/2
		at, found := g.timeAt(d, clock, middle)
		if found {
			probes = append(probes, at)
		}
		if found && at.nano < target {
			before, low = at, max(at.offset, middle)
		} else {
			high = middle
		}
	}
	slices.SortFunc(probes, func(a, b timed) int { return int(a.offset - b.offset) })
	for i := 1; i < len(probes); i++ {
		if probes[i].nano < probes[i-1].nano-int64(disorder) {
			return false, nil
		}
	}
	if before.nano < target {
		g.offset = before.offset
	}
	return true, nil
}

func zone(l *time.Location) *time.Location {
	if l == nil {
		return time.UTC
	}
	return l
}

// timeAt returns the first record with a time that begins at or after an offset.
func (g *growing) timeAt(d *parsers.Detection, clock parsers.Clock, offset int64) (first timed, found bool) {
	for size := probe; size <= maxProbe; size *= 8 {
		block := make([]byte, size)
		n, err := g.file.ReadAt(block, offset)
		if err != nil && err != io.EOF {
			return first, false
		}
		block = block[:n]
		skip := 0
		if offset > 0 { // the rest of a line
			if skip = bytes.IndexByte(block, '\n') + 1; skip == 0 && n == size {
				continue
			}
		}
		s := parsers.NewStream(d, clock, parsers.Everything, func(r *parsers.Record, _ *parsers.Format) {
			if !found && r.Time.Absolute() {
				first, found = timed{r.Position.Offset, r.Time.Nano}, true
			}
		})
		s.Block(block[skip:], offset+int64(skip))
		s.Close()
		if found || n < size {
			return first, found
		}
	}
	return first, false
}
