package rows

import (
	"errors"
	"os"
	"slices"
	"sort"
	"sync"

	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/source"
)

// Feed is one source of a Store. Who reads the source tells the feed what comes; the methods never wait for a page that
// is being made, and may be called from any goroutine, on a nil Feed, too.
type Feed struct {
	store  *Store
	number int
	name   string
	path   string

	mu     sync.Mutex
	parts  []*part // in order of their numbers
	format *format
	epoch  uint64
	live   bool // its past has been read
	closed bool

	indexes sync.Mutex // guards the index of each part
}

// format is how the lines of a source are read.
type format struct {
	epoch     uint64
	detection *parsers.Detection
	clock     parsers.Clock
	guessed   int64 // by how many bytes it was chosen here; -1 when it was given
}

// Add registers a source. What lies in the file at path is there at once and is read from there; path is "" for a source
// that cannot be read again. Sources with equal times come in the order of this call.
func (s *Store) Add(name, path string) *Feed {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := &Feed{store: s, number: len(s.feeds), name: name, path: path}
	if f.closed = s.closed; f.closed {
		return f
	}
	s.feeds = append(s.feeds[:len(s.feeds):len(s.feeds)], f)
	if path != "" {
		if file := s.shelf.openFile(path, nil); file != nil {
			f.parts = append(f.parts, f.newPart(1, file))
		}
	}
	s.generation.Add(1)
	return f
}

func (f *Feed) newPart(number int, file *file) *part {
	p := &part{number: number, ring: f.store.ring, file: file}
	if file == nil {
		p.strip = &strip{ring: f.store.ring}
		return p
	}
	if info, err := file.Stat(); err == nil {
		p.high = info.Size()
		p.marks.add(place{line: 1, came: info.ModTime().UnixNano()})
	}
	return p
}

// Format tells how the lines of the source are read. Without it, the feed chooses by the first bytes itself.
func (f *Feed) Format(d *parsers.Detection, clock parsers.Clock) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.epoch++
	f.format = &format{epoch: f.epoch, detection: d, clock: clock, guessed: -1}
	for _, p := range f.parts {
		p.counting.Lock()
		p.tallies = nil // of other records
		p.counting.Unlock()
	}
	f.store.generation.Add(1)
}

// Take follows an event of the source. Of data that lie in a file it remembers little more than that they are there.
func (f *Feed) Take(e source.Event) {
	if f == nil {
		return
	}
	switch e.Kind {
	case source.Data:
		f.data(e)
	case source.CaughtUp:
		// The latest of what is new from here on is kept in memory even where it lies in a file, because a file may
		// be truncated or deleted.
		f.mu.Lock()
		f.live = true
		f.mu.Unlock()
	case source.Rotated, source.Gone:
		f.leave()
	case source.Truncated:
		f.truncated(e.Generation)
		f.trim()
	case source.Elsewhere:
		f.remove(func(p *part) bool { return !p.checked }) // its rows are those of another source
	default:
		return
	}
	f.store.generation.Add(1)
}

// Clear takes all rows of the source away: it is no log after all.
func (f *Feed) Clear() {
	if f == nil {
		return
	}
	f.remove(func(*part) bool { return true })
	f.store.generation.Add(1)
}

func (f *Feed) remove(which func(*part) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.parts = slices.DeleteFunc(slices.Clone(f.parts), func(p *part) bool {
		if !which(p) {
			return false
		}
		p.close() // it was only read
		return true
	})
}

func (f *Feed) data(e source.Event) {
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		return
	}
	live, part := f.live, f.part(max(e.Generation, 1), e.Info)
	f.mu.Unlock()
	part.take(e, live)
}

// part returns the part of a number. A new one is looked for by name; what is not found there is kept in the ring.
func (f *Feed) part(number int, info os.FileInfo) *part {
	i := sort.Search(len(f.parts), func(i int) bool { return f.parts[i].number >= number })
	if i < len(f.parts) && f.parts[i].number == number {
		if p := f.parts[i]; info == nil || p.checked || p.is(info) {
			p.checked = true
			return p
		}
		// The name led to another file when it was opened here than when the reader opened it.
		f.parts[i].close()
		f.parts = slices.Delete(slices.Clone(f.parts), i, i+1)
	}
	var opened *file
	if f.path != "" {
		opened = f.store.shelf.openFile(f.path, info)
	}
	p := f.newPart(number, opened)
	p.checked = true
	p.high = 0 // what is there already comes as data
	f.parts = slices.Insert(slices.Clone(f.parts), i, p)
	return p
}

// truncated gives up what the file held whose next generation has come; the rows of it that are in memory stay.
func (f *Feed) truncated(next int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range slices.Backward(f.parts) {
		if p.number < next {
			p.lose() // it was only read
			return
		}
	}
}

// leave lets go of files that nobody can reach any more but us, so that their disk space is free: the newest part of what
// they hold moves to the ring.
func (f *Feed) leave() {
	f.mu.Lock()
	parts := slices.Clone(f.parts)
	f.mu.Unlock()
	for _, p := range parts {
		p.leave()
	}
	f.trim()
}

// maxParts bounds the files of one source that are kept open after they have lost its name.
const maxParts = 32

// trim forgets the oldest parts.
func (f *Feed) trim() {
	f.mu.Lock()
	defer f.mu.Unlock()
	kept := slices.Clone(f.parts)
	for len(kept) > maxParts {
		kept[0].close()
		kept = kept[1:]
	}
	f.parts = kept
}

func (f *Feed) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	var faults []error
	for _, p := range f.parts {
		faults = append(faults, p.close())
	}
	f.parts = nil
	return errors.Join(faults...)
}
