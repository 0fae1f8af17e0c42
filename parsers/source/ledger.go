package source

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// FileID tells a file from all others that are there at the same time, whatever it is called: device and inode.
type FileID struct{ Device, Inode uint64 }

// Ledger knows of each file how far it has been read, whatever it is called. It makes sure that a file which several
// names lead to (a folder with its rotated logs, links) is read once, and where reading goes on when a file is met
// again. Encode and Restore carry it from one run to the next. It is safe for concurrent use.
type Ledger struct {
	mu        sync.Mutex
	readings  map[FileID]*reading
	followers int
	changes   int64
	excluded  string

	listings sync.Mutex
	folders  map[string]*listing
}

// reading is what the ledger knows of one file.
type reading struct {
	id    FileID
	name  string // that led to it first
	owner *follower
	met   bool // it was read before, in this run or an earlier one
	at    position
	since time.Time // when it was claimed last
}

// position is how far a file has been read, and what tells that file from another one in its place: an inode is given
// to the next file as soon as the last one is gone.
type position struct {
	offset, line int64
	first        fingerprint // of its beginning
	last         fingerprint // of what was read last, right before offset
}

// fingerprint is a hash of a few bytes of a file; the zero value knows none and is like anything. It is a hash because it
// may be stored, and the bytes of a log may hold secrets.
type fingerprint struct {
	length int
	sum    [sha256.Size]byte
}

func fingerprintOf(b []byte) fingerprint { return fingerprint{len(b), sha256.Sum256(b)} }

func (p fingerprint) String() string { return hex.EncodeToString(p.sum[:]) }

// firstBytes and lastBytes are how much of a file tells it from another one: more than a banner and a timestamp.
const (
	firstBytes = 512
	lastBytes  = 64
)

// maxReadings bounds the ledger. The files that were left the longest ago are forgotten first.
const maxReadings = 16 << 10

// NewLedger returns an empty ledger.
func NewLedger() *Ledger {
	return &Ledger{readings: make(map[FileID]*reading), folders: make(map[string]*listing)}
}

// Exclude names the file in which the ledger is stored: it is no log, whatever folder it lies in. It is called before
// the ledger is used.
func (l *Ledger) Exclude(path string) {
	if path != "" {
		l.excluded, _ = filepath.Abs(path)
	}
}

func (l *Ledger) excludes(path string) bool {
	if l.excluded == "" {
		return false
	}
	absolute, _ := filepath.Abs(path)
	return absolute == l.excluded
}

// describes reports that the file is the one that was read up to the position, perhaps grown since.
func (p *position) describes(file io.ReaderAt, size int64) bool {
	if size < p.offset {
		return false
	}
	return p.first.isAt(file, 0) && p.last.isAt(file, p.offset-int64(p.last.length))
}

func (p fingerprint) isAt(file io.ReaderAt, offset int64) bool {
	if p.length == 0 {
		return true
	}
	b := make([]byte, p.length)
	n, err := file.ReadAt(b, offset)
	return n == len(b) && (err == nil || err == io.EOF) && fingerprintOf(b) == p
}

// claim asks to read the file that g has opened, under a name. The answer is its entry, which tells where to begin and is
// the follower's until release, or the name of the source that reads it already.
func (l *Ledger) claim(g *growing, f *follower) (*reading, string) {
	id, known := identify(g.info)
	if !known {
		return &reading{name: f.path, owner: f}, ""
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.readings[id]
	if r == nil {
		r = l.remounted(id, g, f)
	}
	if r == nil {
		if name := l.copied(g, f); name != "" {
			return nil, name
		}
	}
	switch {
	case r == nil:
	case r.owner != nil && r.owner != f:
		return nil, r.owner.path
	case !r.at.describes(g.file, g.size):
		r = nil
	default:
		r.met = true
	}
	if r == nil {
		r = &reading{id: id, name: f.path}
	}
	r.owner, r.since = f, time.Now()
	l.readings[id] = r
	l.changes++
	l.trim()
	return r, ""
}

// remounted looks for a file that is known by another device number: that of a file system changes when it is
// mounted anew.
func (l *Ledger) remounted(id FileID, g *growing, f *follower) *reading {
	for have, r := range l.readings {
		if have.Inode == id.Inode && r.name == f.path && r.at.offset > 0 && r.at.last.length > 0 && r.at.describes(g.file, g.size) {
			delete(l.readings, have)
			r.id = id
			return r
		}
	}
	return nil
}

// copiedFrom is copied for a follower that has claimed the file.
func (l *Ledger) copiedFrom(g *growing, f *follower) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.copied(g, f)
}

// forget gives up a file as if it had never been met.
func (l *Ledger) forget(r *reading) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.readings[r.id] == r {
		delete(l.readings, r.id)
	}
}

// copied reports that a file is a copy of one that is being read: of a log that is about to be truncated in place. It
// returns the name of that log. What is in the copy and not read of the log its follower reads after the truncation.
func (l *Ledger) copied(g *growing, f *follower) string {
	for _, r := range l.readings {
		if r.owner == nil || r.owner == f || r.at.first.length < copiedBytes || r.owner.head != f.head || !r.at.first.isAt(g.file, 0) {
			continue
		}
		if r.copiedTo(g) {
			return r.owner.path
		}
	}
	return ""
}

// copiedBytes is how much two files must have in common to be compared as a whole: more than a banner.
const copiedBytes = 64

// copiedTo compares the end of a file with the same place in the file of the entry. When that was truncated and its
// follower has not seen it yet, it is a copy, too: a moment later one knows.
func (r *reading) copiedTo(g *growing) bool {
	original, err := openGrowing(r.owner.path)
	if err != nil {
		return false
	}
	defer original.file.Close()
	if id, _ := identify(original.info); id != r.id {
		return false // rotated by its name
	}
	if !r.at.describes(original.file, original.size) {
		return true
	}
	info, err := g.file.Stat()
	if err != nil {
		return false
	}
	end := make([]byte, min(info.Size(), firstBytes))
	at := info.Size() - int64(len(end))
	if _, err := g.file.ReadAt(end, at); err != nil && err != io.EOF {
		return false
	}
	return fingerprintOf(end).isAt(original.file, at)
}

// held reports that another follower reads the file.
func (l *Ledger) held(info os.FileInfo, f *follower) bool {
	id, _ := identify(info)
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.readings[id]
	return r != nil && r.owner != nil && r.owner != f
}

// knows reports that the file was read in this or an earlier run.
func (l *Ledger) knows(g *growing) bool {
	id, known := identify(g.info)
	if !known {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.readings[id]
	return r != nil && (r.owner != nil || r.at.describes(g.file, g.size))
}

// covers reports that nothing in the file is left to read for one who finds it by another name.
func (l *Ledger) covers(info os.FileInfo) bool {
	id, _ := identify(info)
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.readings[id]
	return r != nil && (r.owner != nil || r.at.offset == info.Size())
}

// mark notes how far a file has been read.
func (l *Ledger) mark(r *reading, at position) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r.at = at
	l.changes++
}

// release gives a file free; it may be claimed again under any name.
func (l *Ledger) release(r *reading, f *follower) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.owner == f {
		r.owner = nil
	}
}

// left returns what is known of the files that a name led to and that nobody reads, in their order.
func (l *Ledger) left(name string) []reading {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []reading
	for _, r := range l.readings {
		if r.name == name && r.owner == nil {
			out = append(out, *r)
		}
	}
	slices.SortFunc(out, func(a, b reading) int { return a.since.Compare(b.since) })
	return out
}

// trim forgets files that are not read any more when there are too many.
func (l *Ledger) trim() {
	if len(l.readings) <= maxReadings {
		return
	}
	var left []*reading
	for _, r := range l.readings {
		if r.owner == nil {
			left = append(left, r)
		}
	}
	slices.SortFunc(left, func(a, b *reading) int { return a.since.Compare(b.since) })
	for _, r := range left[:len(left)/2] {
		delete(l.readings, r.id)
	}
}

// join counts the followers, whose number sets their pace.
func (l *Ledger) join(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.followers += n
}

func (l *Ledger) size() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.followers
}
