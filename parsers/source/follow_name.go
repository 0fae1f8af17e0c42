package source

import (
	"context"
	"io"
	"os"
	"slices"
	"time"

	"github.com/whytls/whytls/parsers"
)

// lookAtName finds out whether the name leads to another file than before. That file is opened at once, so that it
// cannot get lost when the name moves on again. It returns what the system says of the file at the end of the queue when
// the name leads to that, nil otherwise.
func (f *follower) lookAtName(ctx context.Context) (os.FileInfo, error) {
	info, err := os.Stat(f.path)
	if err != nil {
		f.elsewhere = nil
		return nil, f.lost(err)
	}
	if n := len(f.queue); n > 0 && os.SameFile(info, f.queue[n-1].info) {
		f.elsewhere = nil
		if f.faulty {
			return nil, f.reopen(f.queue[n-1])
		}
		return info, f.back()
	}
	if f.elsewhere != nil && os.SameFile(info, f.elsewhere) && f.ledger.held(info, f) {
		return nil, nil
	}
	next, err := openGrowing(f.path)
	if err != nil {
		return nil, f.lost(err)
	}
	return nil, f.appeared(ctx, next)
}

// appeared takes a file that the name leads to now.
func (f *follower) appeared(ctx context.Context, next *growing) error {
	for _, have := range f.queue {
		if os.SameFile(have.info, next.info) { // the old name came back; what is between is read first
			next.file.Close()
			return f.back()
		}
	}
	for i, have := range f.late {
		if os.SameFile(have.info, next.info) {
			next.file.Close()
			f.late = slices.Delete(f.late, i, i+1)
			f.enqueue(have.growing)
			return f.back()
		}
	}
	if n := len(f.queue); n > 0 {
		if err := f.admitAll(f.between(f.queue[n-1], next)); err != nil {
			next.file.Close()
			return err
		}
	}
	entry, owner := f.ledger.claim(next, f)
	if entry == nil {
		next.file.Close()
		f.elsewhere, f.gone = next.info, false
		return f.emit(Event{Kind: Elsewhere, Text: owner})
	}
	f.elsewhere = nil
	if err := f.back(); err != nil {
		f.ledger.release(entry, f)
		next.file.Close()
		return err
	}
	if f.taken(next, entry) {
		return nil
	}
	next.entry, next.compared = entry, next.size > 0
	if f.generations == 0 && !entry.met {
		if err := f.begin(ctx, next); err != nil {
			f.leave(next)
			return f.lost(err)
		}
	}
	past := next.past != nil // whose reader counts
	if err := f.admitted(next); err != nil || past {
		return err
	}
	f.count(ctx, next)
	return nil
}

// disown gives up a file that was empty when it appeared and is becoming a copy of a log that another follower reads.
func (f *follower) disown(g *growing) (gone bool, err error) {
	if g.compared {
		return false, nil
	}
	g.compared = true
	owner := f.ledger.copiedFrom(g, f)
	if owner == "" {
		return false, nil
	}
	f.queue = slices.DeleteFunc(f.queue, func(have *growing) bool { return have == g })
	g.file.Close()
	f.ledger.forget(g.entry)
	f.elsewhere = g.info
	return true, f.emit(Event{Kind: Elsewhere, Text: owner})
}

// taken looks for the same file, mounted anew, at the end of the queue: it is read on with the new descriptor, since the
// old one may lead into what is no longer mounted.
func (f *follower) taken(next *growing, entry *reading) bool {
	for _, g := range f.queue {
		if g.entry == entry {
			f.exchange(g, next)
			return true
		}
	}
	return false
}

// exchange gives a file a new descriptor.
func (f *follower) exchange(g, fresh *growing) {
	g.file.Close()
	g.file, g.info, g.size = fresh.file, fresh.info, fresh.size
}

// reopen opens a file that could not be read on: after an error its descriptor may be stale for good (NFS) although the
// file is there.
func (f *follower) reopen(g *growing) error {
	fresh, err := openGrowing(f.path)
	if err != nil || !os.SameFile(fresh.info, g.info) {
		if err == nil {
			fresh.file.Close()
		}
		return nil // the next look tells
	}
	if err := f.stopTailer(); err != nil {
		fresh.file.Close()
		return err
	}
	if _, err := fresh.file.ReadAt(make([]byte, 1), 0); err != nil && err != io.EOF {
		return fresh.file.Close()
	}
	f.exchange(g, fresh)
	f.faulty = false
	return f.back()
}

// lost notes that the name leads nowhere.
func (f *follower) lost(err error) error {
	if f.gone {
		return nil
	}
	f.gone = true
	return f.emit(Event{Kind: Gone, Err: cause(err)})
}

func (f *follower) back() error {
	if !f.gone {
		return nil
	}
	f.gone = false
	return f.emit(Event{Kind: Back})
}

// admitAll takes files of the rotation that are not somebody else's.
func (f *follower) admitAll(files []*growing) error {
	for _, g := range files {
		entry, _ := f.ledger.claim(g, f)
		if entry == nil {
			g.file.Close()
			continue
		}
		g.entry = entry
		if err := f.admitted(g); err != nil {
			return err
		}
	}
	return nil
}

// admitted puts a file that is ours behind the others, to be read from where the ledger says.
func (f *follower) admitted(g *growing) error {
	if at := g.entry.at; g.entry.met {
		g.offset, g.line, g.inside = at.offset, max(at.line, 1), at.line == 0 && at.offset > 0
	}
	f.generations++
	g.generation = f.generations
	f.enqueue(g)
	if g.offset == 0 {
		return nil
	}
	// Reading begins inside: what tells the format is in what is left out.
	sample := make([]byte, parsers.SampleSize)
	n, err := g.file.ReadAt(sample, 0)
	if err != nil && err != io.EOF {
		return nil // the first look tells
	}
	if err := f.emit(Event{Kind: Head, Data: sample[:n], Generation: g.generation}); err != nil || g.past == nil {
		return err
	}
	past := g.past
	g.past = nil
	return f.emit(Event{Kind: Past, File: past, Offset: g.offset, Generation: g.generation})
}

func (f *follower) enqueue(g *growing) {
	f.queue = append(f.queue, g)
	f.moved = time.Now()
}

// resume takes the files that an earlier run has left, in their order: the one that bore the name then may have been
// rotated away meanwhile, and others too.
func (f *follower) resume() error {
	left := f.ledger.left(f.path)
	if len(left) == 0 {
		return nil
	}
	f.options.FromEnd, f.options.Since = false, time.Time{} // what came meanwhile is new
	family := f.family()
	var last *growing
	for i, r := range left {
		g := findReading(family, &r)
		if g == nil {
			if i == len(left)-1 {
				err := f.emit(Event{Kind: Notice, Text: "the file that was read last is gone or cut: what was written to it afterwards is not known"})
				if err != nil {
					return err
				}
			}
			continue
		}
		if err := f.admitAll([]*growing{g}); err != nil {
			return err
		}
		last = g
	}
	current, err := openGrowing(f.path)
	if err != nil || last == nil {
		if err == nil {
			current.file.Close()
		}
		return nil // the first look tells
	}
	defer current.file.Close()
	return f.admitAll(f.between(last, current))
}

// findReading opens the file of an entry, whatever it is called now.
func findReading(family []sibling, r *reading) *growing {
	for _, s := range family {
		if id, _ := identify(s.info); id.Inode != r.id.Inode {
			continue
		}
		g, err := openGrowing(s.path)
		if err != nil {
			continue
		}
		if r.at.describes(g.file, g.size) {
			return g
		}
		g.file.Close()
	}
	return nil
}

// between opens the files that bore the name after one and before another, in their order: rotated twice between two
// looks, or while nobody looked. They are those of the rotation that nobody has read and that were not there when we
// began; when that is not known, those that were written after the one before.
func (f *follower) between(before, current *growing) []*growing {
	info, err := before.file.Stat()
	if err != nil {
		return nil
	}
	var found []*growing
	for _, s := range f.family() {
		if os.SameFile(s.info, info) || os.SameFile(s.info, current.info) || f.strangers == nil && !s.info.ModTime().After(info.ModTime()) {
			continue
		}
		g, err := openGrowing(s.path)
		if err != nil {
			continue
		}
		if f.ledger.knows(g) || f.stranger(g) || compressed(g) {
			g.file.Close()
			continue
		}
		found = append(found, g)
	}
	slices.SortFunc(found, func(a, b *growing) int { return a.info.ModTime().Compare(b.info.ModTime()) })
	return found
}

// meetStrangers notes which files of the rotation nobody wants to read: those that are there already.
func (f *follower) meetStrangers() {
	f.strangers = make(map[FileID]fingerprint)
	for _, s := range f.family() {
		id, known := identify(s.info)
		if slices.ContainsFunc(f.queue, func(g *growing) bool { return os.SameFile(g.info, s.info) }) {
			continue
		}
		if g, err := openGrowing(s.path); err == nil {
			if known && !f.ledger.knows(g) {
				f.strangers[id] = fingerprintOf(g.beginning())
			}
			g.file.Close()
		}
	}
}

// stranger reports that a file was there when we began. An inode alone does not tell: it may be that of one that was
// deleted since.
func (f *follower) stranger(g *growing) bool {
	id, _ := identify(g.info)
	first, met := f.strangers[id]
	return met && first.isAt(g.file, 0)
}

// compressed reports that a file is no plain text: a rotated log that was compressed is a copy of what we have read.
func compressed(g *growing) bool { return Binary(g.beginning()) }
