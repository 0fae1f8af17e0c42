package source

import (
	"context"
	"os"
	"time"
)

// Discovery finds files that appear in folders and behind patterns.
type Discovery struct {
	args    []string // folders and patterns
	options FollowOptions
	known   map[string]bool // names
}

// Pace of the search. It costs a stat for each file that is there, so it takes at most a hundredth of a core.
const (
	searchEvery = time.Second
	searchShare = 100
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
		d.search(found)
		pause.Reset(max(searchEvery, searchShare*time.Since(start)))
	}
}

func (d *Discovery) search(found func(Live)) {
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
