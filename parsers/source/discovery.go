package source

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Discovery finds files that appear in folders and behind patterns.
type Discovery struct {
	args    []string // folders and patterns
	options FollowOptions
	known   map[string]bool      // names
	folders map[string]time.Time // that were searched, with their times of change
	last    time.Time            // the last search
}

// Pace of the search. It costs a stat for each file that is there, so there is one only when a folder has changed, and
// one now and then for what that does not show: another target of a link, a rotated file that grows late.
const (
	searchEvery = time.Second
	searchAll   = 15 * time.Second
	searchShare = 100 // of the time is spent searching at most: one part in so many
)

// newDiscovery returns nil when nothing can appear.
func newDiscovery(args []string, o FollowOptions, have []*Input) *Discovery {
	d := &Discovery{options: o, known: make(map[string]bool)}
	for _, arg := range args {
		if info, err := os.Stat(arg); arg != "-" && (err != nil || info.IsDir()) {
			d.args = append(d.args, arg)
		}
	}
	if len(d.args) == 0 {
		return nil
	}
	for _, in := range have {
		d.known[in.Name] = true
	}
	d.options.FromEnd, d.options.Since = false, time.Time{} // a file that appears is new from its first line
	return d
}

// Run hands each file that appears to found, until the context ends; those that have appeared by then are among them.
func (d *Discovery) Run(ctx context.Context, found func(Live)) {
	pause := time.NewTimer(searchEvery)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			d.search(found)
			return
		case <-pause.C:
		}
		start := time.Now()
		if start.Sub(d.last) >= searchAll || d.changed() {
			d.search(found)
		}
		pause.Reset(max(searchEvery, searchShare*time.Since(start)))
	}
}

// changed reports that something may have appeared in a folder that was searched.
func (d *Discovery) changed() bool {
	for folder, before := range d.folders {
		info, err := os.Stat(folder)
		if err != nil || !info.ModTime().Equal(before) || time.Since(before) < 2*searchEvery { // within the grain of its clock
			return true
		}
	}
	return false
}

// visit notes the folders that are searched.
func (d *Discovery) visit() {
	d.folders = make(map[string]time.Time)
	for _, arg := range d.args {
		folder := arg
		for strings.ContainsAny(folder, "*?[") {
			folder = filepath.Dir(folder)
		}
		folder = walkable(folder)
		_ = filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
			if err != nil || !e.IsDir() {
				return nil
			}
			if path != folder && strings.HasPrefix(e.Name(), ".") {
				return fs.SkipDir
			}
			if info, err := e.Info(); err == nil {
				d.folders[path] = info.ModTime()
			}
			return nil
		})
	}
}

func (d *Discovery) search(found func(Live)) {
	d.visit() // before: what appears meanwhile is found the next time
	d.last = time.Now()
	inputs, _ := Expand(d.args, nil) // what cannot be read now may be later
	for _, in := range inputs {
		if d.known[in.Name] || d.options.Ledger.excludes(in.path) || d.covered(in) {
			continue
		}
		d.known[in.Name] = true
		found(&File{Options: d.options, name: in.Name, found: true, modified: in.ModTime})
	}
}

// covered reports that a name leads to a file that is read by another one: a log that was rotated.
func (d *Discovery) covered(in *Input) bool {
	info, err := os.Stat(in.path)
	return err == nil && d.options.Ledger.covers(info)
}
