package check

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Bounds of what is read: configuration is small, and a folder named by mistake must not keep anybody waiting.
const (
	largestFile = 4 << 20
	mostFiles   = 20000
	mostNested  = 16 // folders below a folder that was named
)

// ErrNothing is the fault of paths below which no configuration and no certificate was found.
var ErrNothing = errors.New("holds no configuration or certificate that check knows")

// errTooLarge is the fault of a named file that is larger than any configuration.
var errTooLarge = fmt.Errorf("larger than %d MiB, which no configuration is", largestFile>>20)

// passedFolders are never searched: they hold copies, not what runs.
var passedFolders = []string{".git", ".hg", ".svn", "node_modules", "target", "vendor", "__pycache__", ".terraform"}

// collect reads the files that paths name or hold and recognises them.
func (r *run) collect(paths []string) {
	for _, path := range paths {
		before := len(r.files)
		info, err := os.Stat(path)
		switch {
		case err != nil:
			r.unreadable(path, err)
		case info.IsDir():
			r.folder(path)
			if len(r.files) == before && !r.options.Beside && !r.reads(path) {
				r.unreadable(path, ErrNothing)
			}
		default:
			r.named(path)
		}
	}
}

// reads reports whether something below path was read before, for another path.
func (r *run) reads(path string) bool {
	root := absolute(path) + string(filepath.Separator)
	for name := range r.seen {
		if strings.HasPrefix(name, root) {
			return true
		}
	}
	return false
}

// named reads a file that the user named: it is checked whatever its name is, and it is a fault when it cannot be.
func (r *run) named(path string) {
	d, err := r.read(path)
	switch {
	case err != nil:
		r.unreadable(path, err)
	case d == nil: // read before
	default:
		kind := kindOf(d, true)
		if kind == "" {
			r.unreadable(path, errors.New("is no configuration or certificate that check knows"))
			return
		}
		r.take(d, kind)
	}
}

// folder reads all files below a folder that are configuration.
func (r *run) folder(root string) {
	count := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			r.unreadable(path, err)
			return nil
		}
		if entry.IsDir() {
			if path != root && r.options.Beside {
				return fs.SkipDir
			}
			depth := strings.Count(strings.TrimPrefix(path, root), string(filepath.Separator))
			if path != root && (slices.Contains(passedFolders, entry.Name()) || depth > mostNested) {
				r.result.PassedOver["folders that hold no configuration"]++
				return fs.SkipDir
			}
			return nil
		}
		if count++; count > mostFiles {
			r.unreadable(root, fmt.Errorf("has more than %d files: name the folders that matter", mostFiles))
			return fs.SkipAll
		}
		r.found(path)
		return nil
	})
	if err != nil {
		r.unreadable(root, err)
	}
}

// found reads a file that lay in a folder.
func (r *run) found(path string) {
	info, err := os.Stat(path) // follows links: certificates are often links
	switch {
	case err != nil:
		r.result.PassedOver["links that lead nowhere"]++
		return
	case info.IsDir() || !info.Mode().IsRegular():
		r.result.PassedOver["not regular files"]++
		return
	case info.Size() > largestFile:
		r.result.PassedOver["too large"]++
		return
	}
	if r.seen[absolute(path)] != nil {
		return
	}
	top, err := readDocument(path, head)
	switch {
	case err != nil:
		r.unreadable(path, err)
		return
	case kindOf(top, false) == "":
		r.result.PassedOver["no configuration"]++
		return
	}
	d, err := r.read(path)
	if err != nil {
		r.unreadable(path, err)
		return
	}
	r.take(d, kindOf(d, false))
}

// read reads a file once; nil means that it was read before.
func (r *run) read(path string) (*document, error) {
	key := absolute(path)
	if r.seen[key] != nil {
		return nil, nil
	}
	d, err := readDocument(path, largestFile+1)
	if err == nil && len(d.data) > largestFile {
		err = fmt.Errorf("reading %s: %w", path, errTooLarge)
	}
	if err != nil {
		return nil, err
	}
	r.seen[key] = d
	return d, nil
}

// readDocument reads at most the first bytes of a file.
func readDocument(path string, most int64) (*document, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("reading %s: not a regular file", path)
	}
	data, err := io.ReadAll(io.LimitReader(f, most))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return &document{name: path, path: path, data: data, mode: info.Mode()}, nil
}

func absolute(path string) string {
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		path = resolved
	}
	if a, err := filepath.Abs(path); err == nil {
		return a
	}
	return path
}

func (r *run) unreadable(path string, err error) {
	r.result.Unreadable = append(r.result.Unreadable, Unreadable{path, err.Error(), err})
}

// byteOrderMark is what some editors put in front of UTF-8; most parsers stumble over it.
var byteOrderMark = []byte("\xef\xbb\xbf")

// skipMark takes a byte order mark off a configuration. YAML and TOML allow it; where it does harm, a rule says so.
func skipMark(data []byte) []byte { return bytes.TrimPrefix(data, byteOrderMark) }

// open returns the document of a file that is named inside of another one, nil when it cannot be read. It does not make
// it a file that is checked for itself.
func (r *run) open(path string) *document {
	if d := r.seen[absolute(path)]; d != nil {
		return d
	}
	d, err := r.read(path)
	if err != nil {
		return nil
	}
	return d
}
