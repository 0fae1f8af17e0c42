package source

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Live is a source that is read while it grows: a file under its name, standard input, the output of a command.
type Live interface {
	// Name is what reports call it.
	Name() string
	// Path is where the lines can be read again by their offsets, "" where they cannot: standard input, a command.
	Path() string
	// ModTime is when it was last written before it was followed, zero when unknown.
	ModTime() time.Time
	// Found reports that a folder or a pattern led to it and nobody named it: one that is no log is nothing to
	// complain about.
	Found() bool
	// Follow hands out what there is and what comes, one event at a time and in order, until the source ends (nil: a
	// file never does), it fails, or the context ends (nil, too). It is called once.
	Follow(ctx context.Context, emit func(Event) error) error
}

// File is a file that grows, by its name.
type File struct {
	// Options say where to begin; they may be changed before Follow is called.
	Options FollowOptions

	name     string
	found    bool
	modified time.Time
}

// NewFile prepares to follow the file at path, which need not be there yet.
func NewFile(path string, o FollowOptions) *File {
	f := &File{Options: o, name: path}
	if info, err := os.Stat(path); err == nil {
		f.modified = info.ModTime()
	}
	return f
}

// Name is the path as the user wrote it.
func (f *File) Name() string { return f.name }

// Path is where the file is.
func (f *File) Path() string { return f.name }

// ModTime is when the file was last written.
func (f *File) ModTime() time.Time { return f.modified }

// Found reports that a folder or a pattern led to the file.
func (f *File) Found() bool { return f.found }

// Follow is the function Follow on this name.
func (f *File) Follow(ctx context.Context, emit func(Event) error) error {
	return Follow(ctx, f.name, f.Options, emit)
}

// leastEnd is how much of the end of each file is read first at least, however many there are.
const leastEnd = 256 << 10

// Watch turns arguments into what can be followed: files, folders, patterns, and "-" for stdin, as Expand does for what
// is read once. The discovery finds what appears in the folders and behind the patterns later; it is nil when there
// are none. What cannot be used is returned as errors, each a *Fault.
func Watch(args []string, stdin io.Reader, o FollowOptions) (sources []Live, later *Discovery, faults []error) {
	if o.Ledger == nil {
		o.Ledger = NewLedger()
	}
	inputs, faults := Expand(args, stdin)
	if n := int64(len(inputs)); n > 1 && o.EndFirst > 0 {
		o.EndFirst = max(o.EndFirst/n, leastEnd)
	}
	for _, in := range inputs {
		if in.stdin != nil {
			sources = append(sources, NewPipe(in.Name, in.stdin))
			continue
		}
		if in.Found && o.Ledger.excludes(in.path) {
			continue
		}
		if info, err := os.Stat(in.path); err == nil && info.Mode()&os.ModeNamedPipe != 0 {
			sources = append(sources, newNamedPipe(in.path))
			continue
		}
		sources = append(sources, &File{Options: o, name: in.Name, found: in.Found, modified: in.ModTime})
	}
	later = newDiscovery(args, o, inputs)
	return sources, later, slices.DeleteFunc(faults, comesLater)
}

// comesLater reports that what an argument lacks may appear: a folder or a pattern in a folder that is there.
func comesLater(err error) bool {
	var f *Fault
	if !errors.As(err, &f) {
		return false
	}
	if errors.Is(err, ErrNoLogs) {
		return true
	}
	folder := f.Name
	for strings.ContainsAny(folder, "*?[") {
		folder = filepath.Dir(folder)
	}
	info, err := os.Stat(folder)
	return folder != f.Name && err == nil && info.IsDir() && errors.Is(f, fs.ErrNotExist)
}
