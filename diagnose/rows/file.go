package rows

import (
	"container/list"
	"errors"
	"os"
	"path/filepath"
	"sync"
)

// file is a file that can be read as long as somebody can find it. Of many files only those are open that were used
// last: descriptors are few, and who follows the files needs them, too.
type file struct {
	path  string
	info  os.FileInfo // which file it is
	shelf *shelf

	mu   sync.Mutex
	open *os.File // nil while it is not used
	done bool
}

// openFile opens the file that is meant: by its name, else, when that leads elsewhere by now, by what it is in the
// name's folder, where log rotation leaves it. Without info it is the name that counts. It returns nil when there is
// none.
func (s *shelf) openFile(path string, info os.FileInfo) *file {
	opened := find(path, info)
	if opened == nil {
		return nil
	}
	info, err := opened.Stat()
	if err != nil {
		opened.Close()
		return nil
	}
	f := &file{path: path, info: info, shelf: s, open: opened}
	s.use(f)
	return f
}

func find(path string, info os.FileInfo) *os.File {
	if f := openSame(path, info); f != nil || info == nil {
		return f
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil
	}
	for _, e := range entries {
		have, err := e.Info()
		if err == nil && os.SameFile(have, info) {
			return openSame(filepath.Join(filepath.Dir(path), e.Name()), info)
		}
	}
	return nil
}

func openSame(path string, info os.FileInfo) *os.File {
	if have, err := os.Stat(path); err != nil || !have.Mode().IsRegular() {
		return nil // opening a pipe would wait for its writer
	}
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	have, err := f.Stat()
	if err != nil || !have.Mode().IsRegular() || info != nil && !os.SameFile(have, info) {
		f.Close()
		return nil
	}
	return f
}

// descriptor opens the file if it is not.
func (f *file) descriptor() (*os.File, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.done:
		return nil, os.ErrClosed
	case f.open == nil:
		if f.open = find(f.path, f.info); f.open == nil {
			return nil, errGone
		}
	}
	return f.open, nil
}

// ReadAt reads as os.File does.
func (f *file) ReadAt(b []byte, offset int64) (n int, err error) {
	err = f.do(func(open *os.File) (err error) { n, err = open.ReadAt(b, offset); return err })
	return n, err
}

// Stat tells how the file is now.
func (f *file) Stat() (info os.FileInfo, err error) {
	err = f.do(func(open *os.File) (err error) { info, err = open.Stat(); return err })
	return info, err
}

// do runs an operation on the open file.
func (f *file) do(operation func(open *os.File) error) error {
	for {
		open, err := f.descriptor()
		if err != nil {
			return err
		}
		f.shelf.use(f)
		if err = operation(open); !errors.Is(err, os.ErrClosed) {
			return err
		}
		// It was put away in this moment, or closed for good, which the next round tells.
	}
}

// Close closes the file for good.
func (f *file) Close() error {
	f.shelf.forget(f)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.done = true
	return f.shut()
}

// rest closes the file until it is used again.
func (f *file) rest() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.shut() // it was only read
}

func (f *file) shut() error {
	if f.open == nil {
		return nil
	}
	err := f.open.Close()
	f.open = nil
	return err
}

// maxOpen bounds the files that are open.
const maxOpen = 256

// shelf knows the open files, the one that was used last first.
type shelf struct {
	limit int

	mu    sync.Mutex
	order list.List // of *file
	at    map[*file]*list.Element
}

// use notes that a file is used, and puts the one away that was not for longest when there are too many.
func (s *shelf) use(f *file) {
	for _, old := range s.note(f) {
		old.rest()
	}
}

func (s *shelf) note(f *file) (old []*file) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.at[f]; e != nil {
		s.order.MoveToFront(e)
		return nil
	}
	if s.at == nil {
		s.at = make(map[*file]*list.Element)
	}
	s.at[f] = s.order.PushFront(f)
	for s.order.Len() > s.limit {
		last := s.order.Back()
		f := s.order.Remove(last).(*file)
		delete(s.at, f)
		old = append(old, f)
	}
	return old
}

func (s *shelf) forget(f *file) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.at[f]; e != nil {
		s.order.Remove(e)
		delete(s.at, f)
	}
}
