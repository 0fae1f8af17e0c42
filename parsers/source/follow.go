package source

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/hpcloud/tail"
)

// ErrNotRegular is returned for a name that is no file that could grow.
var ErrNotRegular = errors.New("not a regular file")

// EventKind says what happened to a followed file.
type EventKind int

// What Follow reports.
const (
	// Data is one or more whole lines.
	Data EventKind = iota
	// CaughtUp comes once: all that was there has been read.
	CaughtUp
	// Quiet comes when nothing has been written for QuietAfter: a record that waits for more lines is complete.
	Quiet
	// Rotated: the name belongs to another file, which is read from its start from here on.
	Rotated
	// Truncated: the file was cut in place (copytruncate) and is read from its start from here on.
	Truncated
	// Gone: the name leads nowhere (Err says why). The file that bore it is still read; Follow waits for the name.
	Gone
	// Back: the name leads to a file again.
	Back
)

// QuietAfter is how long a source is silent before the record that is open is taken for complete.
const QuietAfter = 300 * time.Millisecond

// Event is something that happened to a followed file. Events come in order, one at a time.
type Event struct {
	Kind EventKind
	// Data are whole lines, the last one possibly without its line feed when no more of it can come. It is borrowed:
	// it may change when the receiver returns.
	Data []byte
	// Offset is the position of Data in its file.
	Offset int64
	// Line is the number of the first line of Data in its file, from 1; 0 when unknown.
	Line int64
	// Generation is the number of the file that Data comes from among those that bore the name, from 1; a file that was
	// truncated in place counts as another one. Offsets and lines count in each anew, and a lagging writer may still add to
	// an earlier one.
	Generation int
	// Dropped is the number of bytes after Data that were read and not kept: the rest of a line beyond
	// parsers.MaxLine, or a hole.
	Dropped int64
	// Lost is the number of bytes that were seen and not read when the file was truncated. What was written between
	// the last look and the truncation, a few milliseconds, may be lost besides.
	Lost int64
	Err  error
}

// FollowOptions say where to begin.
type FollowOptions struct {
	// FromEnd leaves out what is there already.
	FromEnd bool
	// Offset is where to begin in the first file, which must be the beginning of a line, and Line the number of that
	// line, 0 when unknown. Both are for a reader that has read what comes before by itself.
	Offset, Line int64
}

// A name that has moved on to another file does not mean that nobody writes to the old one: its writer may not have
// reopened its log yet.
const (
	// settled is how long the old file must be quiet before the new one is read.
	settled = 250 * time.Millisecond
	// lateFor and maxLate bound how long old files are looked at after that; they cost a descriptor each.
	lateFor = 30 * time.Second
	maxLate = 4
)

// Limits of what is left to a tailer.
const (
	maxBacklog = 1 << 20  // bytes that it may be behind before we read in blocks again
	batchBytes = 64 << 10 // of lines that are handed on at once
	stalled    = 8        // polls without a line although there is one
)

// Follow hands out what is written to the file at path until the context ends, and after that what is left, the
// unfinished last line included. Every line comes exactly once and in order, whatever happens to the name: rename,
// deletion, another file or another target of a symbolic link in its place, a folder that vanishes and comes back. A
// name that leads nowhere is waited for. A file that is truncated in place is read from its start again.
//
// The error returned is that of emit.
func Follow(ctx context.Context, path string, o FollowOptions, emit func(Event) error) error {
	f := &follower{path: path, emit: emit, buf: make([]byte, blockSize), options: o}
	defer f.close()
	return f.run(ctx)
}

// follower knows one name and the files that have borne it.
type follower struct {
	path    string
	emit    func(Event) error
	options FollowOptions
	buf     []byte

	generations int // files that have borne the name

	queue []*growing // the first one is read, the last one bears the name or was the last to do so
	late  []lateFile // read to their end and passed on from
	gone  bool

	faulty bool // a read failed, and none has given data since

	tailer  *tailer
	pending []byte // lines of the tailer that wait to be handed on; they end where queue[0].offset is
	idle    int    // polls since the tailer gave a line although there is one
	seen    int64  // size of the file when we last read it ourselves: the rest is an unfinished line

	caughtUp bool
	silent   bool      // Quiet was reported
	active   time.Time // last data
	moved    time.Time // last growth of queue[0], or when another file took its name
}

type lateFile struct {
	*growing
	until time.Time
}

func (f *follower) run(ctx context.Context) error {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	f.active = time.Now()
	every := pollEvery
	for {
		if err := f.poll(ctx); err != nil {
			return err
		}
		if want := f.pace(); want != every {
			every = want
			ticker.Reset(every)
		}
		if err := f.wait(ctx, ticker.C); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return f.finish()
		}
	}
}

// pace is how often there is a reason to look. Without a tailer we alone see what is written, and while a file is being
// left, how long it has been quiet matters.
func (f *follower) pace() time.Duration {
	if f.tailer != nil && len(f.queue) == 1 && time.Since(f.active) > time.Second {
		return pollIdle
	}
	return pollEvery
}

// wait takes lines from the tailer until it is time to look at the files again.
func (f *follower) wait(ctx context.Context, tick <-chan time.Time) error {
	for {
		var lines <-chan *tail.Line
		var truncated <-chan struct{}
		if f.tailer != nil {
			lines, truncated = f.tailer.tail.Lines, f.tailer.truncated
		}
		select {
		case <-ctx.Done():
			return f.stopTailer()
		case <-tick:
			return f.flush()
		case <-truncated:
			if err := f.stopTailer(); err != nil {
				return err
			}
			if err := f.truncated(max(f.queue[0].size-f.queue[0].offset, 0)); err != nil {
				return err
			}
		case line, ok := <-lines:
			if !ok { // the library could not read on; we try ourselves at the next poll
				f.tailer = nil
				return f.flush()
			}
			if err := f.take(line); err != nil {
				return err
			}
		}
	}
}

// take adds a line of the tailer to those that wait.
func (f *follower) take(line *tail.Line) error {
	if line.Err != nil {
		return nil // only of its rate limiter, which is not in use
	}
	f.pending = append(append(f.pending, line.Text...), '\n')
	f.queue[0].offset += int64(len(line.Text)) + 1
	f.idle = 0
	if len(f.pending) >= batchBytes {
		return f.flush()
	}
	return nil
}

func (f *follower) flush() error {
	if len(f.pending) == 0 {
		return nil
	}
	data := f.pending
	f.pending = f.pending[:0]
	g := f.queue[0]
	return f.data(g.event(data, 0, g.offset-int64(len(data))))
}

func (f *follower) data(e Event) error {
	f.active, f.silent, f.faulty = time.Now(), false, false
	f.moved = f.active
	return f.emit(e)
}

// stopTailer takes what the tailer has read; after it, offset is where the next line begins.
func (f *follower) stopTailer() error {
	if f.tailer == nil {
		return nil
	}
	t := f.tailer
	f.tailer = nil
	return errors.Join(t.stop(f.take), f.flush())
}

// poll looks at the name and the files and does what there is to do.
func (f *follower) poll(ctx context.Context) error {
	if err := f.lookAtName(); err != nil {
		return err
	}
	if len(f.queue) > 0 {
		if err := f.lookAtFile(ctx); err != nil {
			return err
		}
	}
	if err := f.lookAtLate(ctx); err != nil {
		return err
	}
	if !f.silent && time.Since(f.active) >= QuietAfter {
		f.silent = true
		return f.emit(Event{Kind: Quiet})
	}
	return nil
}

// lookAtName finds out whether the name leads to another file than before. That file is opened at once, so that it
// cannot get lost when the name moves on again.
func (f *follower) lookAtName() error {
	info, err := os.Stat(f.path)
	if err == nil && len(f.queue) > 0 && os.SameFile(info, f.queue[len(f.queue)-1].info) {
		return f.back()
	}
	var next *growing
	if err == nil {
		next, err = openGrowing(f.path)
	}
	if err != nil {
		if f.gone {
			return nil
		}
		f.gone = true
		return f.emit(Event{Kind: Gone, Err: cause(err)})
	}
	if err := f.back(); err != nil {
		next.file.Close()
		return err
	}
	for _, have := range f.queue {
		if os.SameFile(have.info, next.info) { // the old name came back; what is between is read first
			return next.file.Close()
		}
	}
	for i, have := range f.late {
		if os.SameFile(have.info, next.info) {
			next.file.Close()
			next = have.growing
			f.late = append(f.late[:i:i], f.late[i+1:]...)
			break
		}
	}
	if next.generation == 0 {
		if len(f.queue) == 0 && !f.caughtUp {
			if err := next.begin(f.options); err != nil {
				next.file.Close()
				return f.emit(Event{Kind: Gone, Err: err})
			}
		}
		f.generations++
		next.generation = f.generations
	}
	f.queue = append(f.queue, next)
	f.moved = time.Now()
	return nil
}

func (f *follower) back() error {
	if !f.gone {
		return nil
	}
	f.gone = false
	return f.emit(Event{Kind: Back})
}

// lookAtFile reads the current file, by a tailer where there is little to read, and moves on to the next one when it
// has gone quiet.
func (f *follower) lookAtFile(ctx context.Context) error {
	g := f.queue[0]
	grown, truncated, lost, err := g.look()
	if err != nil {
		return f.unreadable(err)
	}
	if grown {
		f.moved = time.Now()
	}
	if truncated {
		if err := f.stopTailer(); err != nil {
			return err
		}
		if err := f.truncated(lost); err != nil {
			return err
		}
	}
	behind := g.size - g.offset
	if f.tailer != nil && behind > 0 && g.size != f.seen {
		// The library gives notice of growth to nobody when its reader is not waiting at that moment.
		f.idle++
		if behind > maxBacklog || f.idle >= stalled {
			if err := f.stopTailer(); err != nil {
				return err
			}
		}
	}
	if f.tailer == nil {
		if err := f.catchUp(ctx, g); err != nil {
			return f.unreadable(err)
		}
	}
	if len(f.queue) > 1 {
		return f.moveOn(g)
	}
	return nil
}

// catchUp reads to the end of the file and hands over to a tailer.
func (f *follower) catchUp(ctx context.Context, g *growing) error {
	held, err := g.catchUp(ctx, f.buf, f.data)
	if err != nil || ctx.Err() != nil {
		return err
	}
	if !f.caughtUp {
		f.caughtUp = true
		if err := f.emit(Event{Kind: CaughtUp}); err != nil {
			return err
		}
	}
	f.idle, f.seen = 0, g.offset+int64(held)
	if g.skipping || g.hole || held > maxHeld {
		return nil // no line begins here that a tailer could wait for
	}
	// Where a tailer cannot be had (a file that may no longer be opened, a system without names for descriptors), the
	// next poll reads on by itself.
	f.tailer, err = startTailer(g.file, g.offset)
	if err != nil {
		f.tailer = nil
	}
	return nil
}

// moveOn goes to the next file once nobody writes to the current one: the next one has lines, and this one has
// been quiet for a while.
func (f *follower) moveOn(g *growing) error {
	info, err := f.queue[1].file.Stat()
	if err != nil {
		return f.unreadable(err)
	}
	quiet := time.Since(f.moved)
	if len(f.queue) == 2 && (info.Size() == 0 || quiet < settled) || quiet < 2*pollEvery {
		return nil
	}
	if err := f.stopTailer(); err != nil {
		return err
	}
	if err := g.finish(f.buf, f.data); err != nil {
		if err := f.unreadable(err); err != nil {
			return err
		}
	}
	f.queue = f.queue[1:]
	f.late = append(f.late, lateFile{g, time.Now().Add(lateFor)})
	if len(f.late) > maxLate {
		f.late[0].file.Close()
		f.late = f.late[1:]
	}
	f.moved = time.Now()
	return f.emit(Event{Kind: Rotated})
}

// lookAtLate reads what a lagging writer still adds to a file that was passed on from.
func (f *follower) lookAtLate(ctx context.Context) error {
	kept := f.late[:0]
	for _, g := range f.late {
		grown, truncated, _, err := g.look()
		if err != nil || truncated || time.Now().After(g.until) {
			g.file.Close()
			continue
		}
		kept = append(kept, g)
		if grown {
			if _, err := g.catchUp(ctx, f.buf, f.data); err != nil {
				if err := f.unreadable(err); err != nil {
					return err
				}
			}
		}
	}
	f.late = kept
	return nil
}

func (f *follower) truncated(lost int64) error {
	g := f.queue[0]
	f.generations++
	g.restart(f.generations)
	if info, err := g.file.Stat(); err == nil {
		g.size = info.Size()
	}
	return f.emit(Event{Kind: Truncated, Lost: lost})
}

// unreadable reports a fault of a file once and lets the next poll try again; other errors end the follower.
func (f *follower) unreadable(err error) error {
	var fault *readError
	if !errors.As(err, &fault) {
		return err
	}
	if f.faulty {
		return nil
	}
	f.faulty = true
	return f.emit(Event{Kind: Gone, Err: fault.error})
}

// finish hands out what is left in all files, in their order.
func (f *follower) finish() error {
	if !f.caughtUp {
		return nil // the rest may be gigabytes, and somebody wants to leave
	}
	for len(f.queue) > 0 {
		g := f.queue[0]
		if err := g.finish(f.buf, f.data); err != nil {
			if err := f.unreadable(err); err != nil {
				return err
			}
		}
		g.file.Close()
		f.queue = f.queue[1:]
	}
	return nil
}

func (f *follower) close() {
	if f.tailer != nil {
		f.tailer.stop(func(*tail.Line) error { return nil })
	}
	for _, g := range f.queue {
		g.file.Close()
	}
	for _, g := range f.late {
		g.file.Close()
	}
}

// Sample returns the first bytes of a file, for detection.
func Sample(path string, size int) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, cause(err)
	}
	defer file.Close()
	b := make([]byte, size)
	n, err := file.ReadAt(b, 0)
	if err != nil && err != io.EOF {
		return nil, cause(err)
	}
	return b[:n], nil
}
