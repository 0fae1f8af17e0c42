package source

import (
	"cmp"
	"os"
	"path/filepath"
	"time"

	"github.com/whytls/whytls/parsers"
)

// sibling is a file beside the one that bears the name and of the same rotation, or that file itself.
type sibling struct {
	path string
	info os.FileInfo
}

// family lists the files of the rotation.
func (f *follower) family() []sibling {
	dir, base := filepath.Split(f.path)
	names := []string{base}
	if head := parsers.RotationFamily(base); head == base { // else it is a rotated one itself, and its siblings are others' business
		names = f.ledger.rotation(cmp.Or(dir, "."), head)
	}
	var out []sibling
	for _, name := range names {
		path := dir + name
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			out = append(out, sibling{path, info})
		}
	}
	return out
}

// listing is what a folder held, by rotation. A thousand followers in one folder share it.
type listing struct {
	changed, read time.Time
	names         map[string][]string
}

// grain is how much later than a change another one may have the same time, by the clock of a file system.
const grain = 20 * time.Millisecond

// rotation lists the names in a folder that belong to one rotation.
func (l *Ledger) rotation(dir, head string) []string {
	info, err := os.Stat(dir)
	if err != nil {
		return nil
	}
	l.listings.Lock()
	defer l.listings.Unlock()
	if have := l.folders[dir]; have != nil && have.changed.Equal(info.ModTime()) && have.read.Sub(have.changed) > grain {
		return have.names[head]
	}
	fresh := &listing{changed: info.ModTime(), read: time.Now(), names: make(map[string][]string)}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		family := parsers.RotationFamily(e.Name())
		fresh.names[family] = append(fresh.names[family], e.Name())
	}
	if len(l.folders) >= maxListings {
		clear(l.folders)
	}
	l.folders[dir] = fresh
	return fresh.names[head]
}

// maxListings bounds the folders whose listings are kept.
const maxListings = 256
