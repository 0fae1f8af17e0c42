// Package source is where bytes come from: files, folders, globs, archives, standard input, files that grow, and
// programs that hand out logs. It reads, decompresses and cuts into chunks; it does not know what a line means beyond
// where a record begins.
//
// What is read once is an Input, which Cut divides into chunks for workers. What is read while it grows is a Live: a File
// by its name, a Pipe or a Command, each followed by one goroutine that emits events in order. A Discovery finds files
// that appear. The followers of one run share a Ledger, so that each file is read once whatever names lead to it.
package source

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Input is one thing to read.
type Input struct {
	// Name is what reports call it: the path as the user wrote it, or "-".
	Name string
	// Size is the number of bytes on disk, 0 when unknown.
	Size int64
	// ModTime is when it was last written, zero when unknown.
	ModTime time.Time

	// Found is set for a file that a folder was searched for, not named by the user: one that is no log is
	// nothing to complain about.
	Found bool

	path     string
	stdin    io.Reader
	consumed atomic.Int64
}

// Consumed is the number of bytes read from the disk (or pipe) so far, of an archive before it is decompressed.
func (in *Input) Consumed() int64 { return in.consumed.Load() }

// Path returns the path in the file system, "" for standard input.
func (in *Input) Path() string { return in.path }

// Faults that a caller may want to tell apart.
var (
	ErrBinary = errors.New("binary file, no log")
	ErrEmpty  = errors.New("empty")
	ErrNoLogs = errors.New("no log files in this folder")
)

// Fault is an argument, or a file below it, that cannot be used.
type Fault struct {
	Name string
	Err  error
}

func (f *Fault) Error() string { return "reading " + f.Name + ": " + f.Err.Error() }

// Unwrap returns the reason.
func (f *Fault) Unwrap() error { return f.Err }

// Expand turns arguments into inputs: files, folders (all their files, recursively, hidden ones left out), globs,
// and "-" for stdin. Inputs come in the order of the arguments, those of a folder or glob by name, each file once.
// What cannot be used is returned as errors, each a *Fault, beside the usable rest.
func Expand(args []string, stdin io.Reader) (inputs []*Input, faults []error) {
	seen := make(map[string]bool)
	file := func(name string, info fs.FileInfo, found bool) {
		key := name
		if abs, err := filepath.Abs(name); err == nil {
			key = abs
		}
		if seen[key] {
			return
		}
		seen[key] = true
		inputs = append(inputs, &Input{Name: name, Size: info.Size(), ModTime: info.ModTime(), Found: found, path: name})
	}
	var one func(arg string)
	one = func(arg string) {
		info, err := os.Stat(arg)
		switch {
		case err != nil && errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(arg, "*?["):
			matches, globErr := filepath.Glob(arg)
			if globErr != nil {
				faults = append(faults, &Fault{arg, globErr})
				return
			}
			if len(matches) == 0 {
				faults = append(faults, &Fault{arg, fmt.Errorf("nothing matches: %w", fs.ErrNotExist)})
				return
			}
			for _, m := range matches {
				one(m)
			}
		case err != nil:
			faults = append(faults, &Fault{arg, cause(err)})
		case info.IsDir():
			before := len(inputs)
			root := walkable(arg)
			err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
				switch {
				case err != nil:
					faults = append(faults, &Fault{path, cause(err)})
					return nil
				case path != root && strings.HasPrefix(d.Name(), "."):
					if d.IsDir() {
						return fs.SkipDir
					}
					return nil
				case d.IsDir():
					return nil
				}
				info, err := os.Stat(path)
				if err != nil {
					faults = append(faults, &Fault{path, cause(err)})
				} else if info.Mode().IsRegular() {
					file(path, info, true)
				}
				return nil
			})
			if err != nil {
				faults = append(faults, &Fault{arg, cause(err)})
			} else if len(inputs) == before {
				faults = append(faults, &Fault{arg, ErrNoLogs})
			}
		default:
			file(arg, info, false)
		}
	}
	for _, arg := range args {
		if arg == "-" {
			if !seen["-"] {
				seen["-"] = true
				inputs = append(inputs, &Input{Name: "-", stdin: stdin})
			}
			continue
		}
		one(arg)
	}
	return inputs, faults
}

// walkable names a folder so that filepath.WalkDir goes into it although it is a link.
func walkable(folder string) string {
	if info, err := os.Lstat(folder); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return folder + string(os.PathSeparator)
	}
	return folder
}

// cause strips the operation and the path that the os package repeats.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// Open opens the input and undoes gzip and zstd, which are recognised by their first bytes.
func (in *Input) Open() (io.ReadCloser, error) {
	var raw io.ReadCloser
	if in.stdin != nil {
		raw = io.NopCloser(in.stdin)
	} else {
		f, err := os.Open(in.path)
		if err != nil {
			return nil, cause(err)
		}
		raw = f
	}
	buffered := bufio.NewReaderSize(&counting{raw, &in.consumed}, 64<<10)
	magic, _ := buffered.Peek(4)
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(buffered)
		if err != nil {
			raw.Close()
			return nil, fmt.Errorf("decompressing gzip: %w", err)
		}
		return &stacked{Reader: z, closers: []func() error{z.Close, raw.Close}, what: "gzip"}, nil
	case bytes.HasPrefix(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(buffered, zstd.WithDecoderMaxMemory(256<<20))
		if err != nil {
			raw.Close()
			return nil, fmt.Errorf("decompressing zstd: %w", err)
		}
		return &stacked{Reader: z, closers: []func() error{func() error { z.Close(); return nil }, raw.Close}, what: "zstd"}, nil
	}
	return &stacked{Reader: buffered, closers: []func() error{raw.Close}}, nil
}

// counting tells how far an input has been read; it sees large reads only, below the buffer.
type counting struct {
	r io.Reader
	n *atomic.Int64
}

func (c *counting) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n.Add(int64(n))
	return n, err
}

// stacked closes what lies under a decompressor too.
type stacked struct {
	io.Reader
	closers []func() error
	what    string
}

func (s *stacked) Read(b []byte) (int, error) {
	n, err := s.Reader.Read(b)
	if err != nil && err != io.EOF && s.what != "" {
		err = fmt.Errorf("decompressing %s: %w", s.what, err)
	}
	return n, err
}

func (s *stacked) Close() error {
	var faults []error
	for _, c := range s.closers {
		faults = append(faults, c())
	}
	return errors.Join(faults...)
}

// Binary reports whether the first bytes of a source are no text: a NUL in UTF-8 text is damage, many are a
// binary file.
func Binary(sample []byte) bool {
	if len(sample) > 8<<10 {
		sample = sample[:8<<10]
	}
	odd := 0
	for _, c := range sample {
		if c < 7 || (c > 13 && c < 27 && c != 22) || c == 0x7f {
			odd++
		}
	}
	return len(sample) > 0 && odd*10 > len(sample)
}
