package source

import (
	"context"
	"errors"
	"os"
	"time"
)

// lookAtFile reads the current file, by a tailer where there is little to read, and moves on to the next one when it
// has gone quiet. info is what the system has just said of the file, nil when it was not asked.
func (f *follower) lookAtFile(ctx context.Context, info os.FileInfo) error {
	g := f.queue[0]
	if len(f.queue) > 1 {
		info = nil // it is that of the last one
	}
	grown, truncated, lost, err := g.look(info)
	if err != nil {
		return f.unreadable(err)
	}
	if grown {
		f.moved = time.Now()
	}
	if g.size > 0 && g.offset == 0 {
		if gone, err := f.disown(g); gone || err != nil {
			return err
		}
	}
	if truncated {
		if err := f.stopTailer(); err != nil {
			return err
		}
		if err := f.truncated(lost); err != nil {
			return err
		}
	}
	if err := f.lookAtTailer(g); err != nil {
		return err
	}
	if f.tailer == nil && (g.size != g.seen || !f.caughtUp) {
		if err := f.catchUp(ctx, g); err != nil {
			return f.unreadable(err)
		}
	}
	if len(f.queue) > 1 {
		return f.moveOn(g)
	}
	return nil
}

// lookAtTailer takes the work from a tailer that does not do it or has none.
func (f *follower) lookAtTailer(g *growing) error {
	behind := g.size - g.offset
	switch {
	case f.tailer == nil:
		return nil
	case behind > 0 && g.size != g.seen:
		// The library gives notice of growth to nobody when its reader is not waiting at that moment.
		f.idle++
		if behind <= maxBacklog && f.idle < stalled {
			return nil
		}
	case time.Since(f.active) < tailFor:
		return nil
	}
	return f.stopTailer()
}

// catchUp reads to the end of the file and hands over to a tailer where more is to come soon.
func (f *follower) catchUp(ctx context.Context, g *growing) error {
	unread := !g.compared && g.size == 0 // what comes next may be a copy: it is compared first
	held := 0
	var err error
	if !unread {
		held, err = g.catchUp(ctx, f.reader(g))
	}
	if err != nil || ctx.Err() != nil {
		return err
	}
	if !f.caughtUp && len(f.queue) == 1 {
		f.caughtUp = true
		f.meetStrangers()
		if err := f.emit(Event{Kind: CaughtUp}); err != nil {
			return err
		}
	}
	f.idle, g.seen = 0, g.offset+int64(held)
	if unread || g.skipping || g.hole || held > maxHeld {
		return nil // no line begins here that a tailer could wait for
	}
	if time.Since(f.before) > tailFor || time.Since(f.active) > tailFor {
		return nil // a line now and then is not worth the tailer
	}
	// Where a tailer cannot be had (a file that may no longer be opened, a system without names for descriptors), the
	// next poll reads on by itself.
	f.tailer, err = startTailer(g.file, g.offset, busyPace(f.ledger.size()))
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
	if len(f.queue) == 2 && (info.Size() == 0 || quiet < settled) || quiet < 2*busyPace(1) {
		return nil
	}
	if err := f.stopTailer(); err != nil {
		return err
	}
	if err := g.finish(false, f.reader(g)); err != nil {
		if err := f.unreadable(err); err != nil {
			return err
		}
	}
	f.queue = f.queue[1:]
	f.late = append(f.late, lateFile{g, time.Now().Add(lateFor)})
	if len(f.late) > maxLate {
		f.leave(f.late[0].growing)
		f.late = f.late[1:]
	}
	f.moved = time.Now()
	return f.emit(Event{Kind: Rotated, Generation: f.queue[0].generation, Names: f.names(g)})
}

// maxPassed bounds the files whose names are looked after.
const maxPassed = 8

// names finds out what the files are called now that the name has moved on from, g the latest of them.
func (f *follower) names(g *growing) map[int]string {
	f.pass(g.info, g.generation)
	names := make(map[int]string)
	for _, s := range f.family() {
		for _, p := range f.passed {
			if os.SameFile(s.info, p.info) && s.path != f.path {
				names[p.generation] = s.path
			}
		}
	}
	return names
}

func (f *follower) pass(info os.FileInfo, generation int) {
	f.passed = append(f.passed, passed{info, generation})
	if len(f.passed) > maxPassed {
		f.passed = f.passed[1:]
	}
}

// lookAtLate reads what a lagging writer still adds to a file that was passed on from.
func (f *follower) lookAtLate(ctx context.Context) error {
	kept := f.late[:0]
	for _, g := range f.late {
		grown, truncated, _, err := g.look(nil)
		if err != nil || truncated || time.Now().After(g.until) {
			f.leave(g.growing)
			continue
		}
		kept = append(kept, g)
		if grown {
			if _, err := g.catchUp(ctx, f.reader(g.growing)); err != nil {
				if err := f.unreadable(err); err != nil {
					return err
				}
			}
		}
	}
	f.late = kept
	return nil
}

// truncated begins the file anew that was cut in place. What was not read of it is taken from the copy that whoever
// truncates makes before, where there is one; lost is what was seen of it and not read.
func (f *follower) truncated(lost int64) error {
	g := f.queue[0]
	risk := g.atRisk()
	if rest := f.copyOf(g); rest != nil {
		risk = 0
		before := g.offset
		err := f.readCopy(g, rest)
		f.pass(rest.info, g.generation)
		f.leave(rest)
		if err != nil {
			return err
		}
		lost = max(lost-(g.offset-before), 0)
	}
	f.generations++
	g.restart(f.generations)
	if info, err := g.file.Stat(); err == nil {
		g.size = info.Size()
	}
	f.ledger.mark(g.entry, position{line: 1})
	return f.emit(Event{Kind: Truncated, Generation: g.generation, Lost: lost, AtRisk: risk, Names: f.names(g)})
}

// copyOf looks beside a file that was truncated for the copy of what it held, nil when there is none.
func (f *follower) copyOf(g *growing) *growing {
	at := g.read
	if at.offset == 0 || at.last.length == 0 {
		return nil
	}
	for _, s := range f.family() {
		if os.SameFile(s.info, g.info) || s.info.Size() < at.offset {
			continue
		}
		c, err := openGrowing(s.path)
		if err != nil {
			continue
		}
		if at.describes(c.file, c.size) {
			if c.entry, _ = f.ledger.claim(c, f); c.entry != nil && c.entry.at.offset < at.offset {
				return c
			}
			if c.entry != nil {
				f.ledger.release(c.entry, f)
			}
		}
		c.file.Close()
	}
	return nil
}

// readCopy reads on in the copy of a file.
func (f *follower) readCopy(g, rest *growing) error {
	rest.offset, rest.line, rest.inside, rest.generation = g.read.offset, g.line, g.inside, g.generation
	rest.skipping = g.skipping
	f.ledger.mark(rest.entry, g.read) // whoever else finds the copy needs not read it
	err := rest.finish(false, f.reader(rest))
	g.offset = rest.offset
	if err != nil {
		return f.unreadable(err)
	}
	return nil
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
	f.faulty, f.gone = true, true
	return f.emit(Event{Kind: Gone, Err: fault.error})
}
