package source

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/hpcloud/tail"

	"github.com/whytls/whytls/parsers"
)

// ErrNotRegular is returned for a name that is no file that could grow.
var ErrNotRegular = errors.New("not a regular file")

// FollowOptions say where to begin and what is known already. The zero value reads from the start.
type FollowOptions struct {
	// FromEnd leaves out what is there already.
	FromEnd bool
	// EndFirst is how many bytes at the end of the first file are handed out before the rest, when that is larger than
	// twice as much: whoever waits wants to see what happens now. The rest is left to the receiver; see Past. 0 means
	// from the start on.
	EndFirst int64
	// Since leaves out what is there already and older, as far as the times in the file are in order; the zero time
	// leaves out nothing. Location is assumed for times without a zone (nil means UTC), Format forces a format.
	Since    time.Time
	Location *time.Location
	Format   *parsers.Format
	// Ledger knows what has been read in this run and before, nil for a run that follows one name only. A file that it
	// knows is read on from where it was left, whatever the other options say.
	Ledger *Ledger
	// Resumable leaves an unfinished last line in the file when the context ends, for the run that goes on from the
	// ledger.
	Resumable bool
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
	// tailFor is how long after its last line a file has a tailer: a quiet one costs a stat for each look with it, and
	// one for both of us without.
	tailFor = 2 * time.Second
)

// Follow hands out what is written to the file at path until the context ends, and after that what is left, the
// unfinished last line included. Every line comes exactly once and in order, whatever happens to the name: rename,
// deletion, another file or another target of a symbolic link in its place, a folder that vanishes and comes back. A
// name that leads nowhere is waited for. A file that is truncated in place is read from its start again.
//
// The error returned is that of emit.
func Follow(ctx context.Context, path string, o FollowOptions, emit func(Event) error) error {
	if o.Ledger == nil {
		o.Ledger = NewLedger()
	}
	f := &follower{path: path, head: parsers.RotationFamily(path), emit: emit, options: o, ledger: o.Ledger, counted: make(chan Event)}
	f.ledger.join(1)
	defer f.close()
	return f.run(ctx)
}

// follower knows one name and the files that have borne it.
type follower struct {
	path    string
	head    string // what the files of the rotation have in common
	emit    func(Event) error
	options FollowOptions
	ledger  *Ledger

	queue       []*growing             // the first one is read, the last one bears the name or was the last to do so
	late        []lateFile             // read to their end and passed on from
	generations int                    // files that have borne the name
	passed      []passed               // the latest of them that the name has moved on from
	strangers   map[FileID]fingerprint // files of the rotation that were there before; nil when not known
	gone        bool
	elsewhere   os.FileInfo // the file that the name leads to and another source reads

	faulty bool // a read failed, and none has given data since

	tailer  *tailer
	pending []byte // lines of the tailer that wait to be handed on; they end where queue[0].offset is
	idle    int    // polls since the tailer gave a line although there is one

	caughtUp bool
	silent   bool      // Quiet was reported
	active   time.Time // last data
	before   time.Time // the data before that
	moved    time.Time // last growth of queue[0], or when another file took its name

	counted chan Event // from the goroutine that counts lines
	counts  context.CancelFunc
}

type lateFile struct {
	*growing
	until time.Time
}

// passed is a file that bore the name.
type passed struct {
	info       os.FileInfo
	generation int
}

func (f *follower) run(ctx context.Context) error {
	f.active = time.Now()
	if err := f.resume(); err != nil {
		return err
	}
	look := time.NewTimer(0)
	defer look.Stop()
	<-look.C
	for {
		if err := f.poll(ctx); err != nil {
			return err
		}
		look.Reset(f.untilNextLook())
		if err := f.wait(ctx, look.C); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return f.finish()
		}
	}
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
		case e := <-f.counted:
			if err := f.countedUp(e); err != nil {
				return err
			}
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
	f.idle = 0
	if len(line.Text) > parsers.MaxLine {
		return f.takeLong(line.Text)
	}
	f.pending = append(append(f.pending, line.Text...), '\n')
	f.queue[0].offset += int64(len(line.Text)) + 1
	if len(f.pending) >= batchBytes {
		return f.flush()
	}
	return nil
}

// takeLong hands on a line beyond parsers.MaxLine, cut as in catchUp.
func (f *follower) takeLong(text string) error {
	if err := f.flush(); err != nil {
		return err
	}
	g := f.queue[0]
	const kept = parsers.MaxLine + 1
	return g.out(f.reader(g), []byte(text[:min(kept, len(text))]), len(text)+1-min(kept, len(text)))
}

func (f *follower) flush() error {
	if len(f.pending) == 0 {
		return nil
	}
	data := f.pending
	f.pending = f.pending[:0]
	g := f.queue[0]
	g.seen = max(g.seen, g.offset)
	return f.data(g, g.event(data, 0, g.offset-int64(len(data))))
}

// data hands on what was read from a file, and notes that it was.
func (f *follower) data(g *growing, e Event) error {
	f.before, f.active = f.active, time.Now()
	f.moved, f.silent, f.faulty = f.active, false, false
	if err := f.emit(e); err != nil {
		return err
	}
	g.read = g.position(e)
	f.ledger.mark(g.entry, g.read)
	return nil
}

// reader returns where the data of a file goes.
func (f *follower) reader(g *growing) func(Event) error {
	return func(e Event) error { return f.data(g, e) }
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
	info, err := f.lookAtName(ctx)
	if err == nil && info != nil && info.Size() > 0 {
		_, err = f.disown(f.queue[len(f.queue)-1])
	}
	if err != nil {
		return err
	}
	if len(f.queue) > 0 {
		if err := f.lookAtFile(ctx, info); err != nil {
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

// mostAtEnd is how much of a past that is not read yet the end of the run is held up for.
const mostAtEnd = 64 << 20

// finish hands out what is left in all files, in their order.
func (f *follower) finish() error {
	if _, err := f.lookAtName(context.Background()); err != nil { // what has happened since the last look
		return err
	}
	var left int64
	for _, g := range f.queue {
		left += g.size - g.offset
	}
	if !f.caughtUp && left > mostAtEnd {
		return nil // somebody wants to leave
	}
	for len(f.queue) > 0 {
		g := f.queue[0]
		if err := g.finish(f.options.Resumable, f.reader(g)); err != nil {
			if err := f.unreadable(err); err != nil {
				return err
			}
		}
		f.leave(g)
		f.queue = f.queue[1:]
	}
	return f.lookAtLate(context.Background())
}

// leave closes a file.
func (f *follower) leave(g *growing) {
	g.file.Close()
	f.ledger.release(g.entry, f)
}

func (f *follower) close() {
	if f.counts != nil {
		f.counts()
	}
	if f.tailer != nil {
		_ = f.tailer.stop(func(*tail.Line) error { return nil })
	}
	for _, g := range f.queue {
		f.leave(g)
	}
	for _, g := range f.late {
		f.leave(g.growing)
	}
	f.ledger.join(-1)
}
