package rows

import (
	"errors"
	"fmt"
	"os"
	"runtime"
)

// spool is a private file of fixed slots for pages that no longer fit into the memory. Its name is removed at once, so
// that nothing is left behind however the program ends; where a system does not allow that, close removes it. It is
// guarded by the lock of its ring.
type spool struct {
	slots int64
	file  *os.File // nil until the first page comes
	name  string   // while there is one to remove
	next  int64
	taken map[int64]*page
	full  bool // it takes no more: writing failed
}

func newSpool(limit int64) *spool {
	return &spool{slots: max(limit/pageSize, 1), taken: make(map[int64]*page)}
}

// spoolFolder is where the spool is made. The runtime folder of a user comes second: it lies in memory.
func spoolFolder() string {
	dir := os.TempDir()
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return dir
	}
	if runtime := os.Getenv("XDG_RUNTIME_DIR"); runtime != "" {
		return runtime
	}
	return dir
}

// put writes a page. old is the page that had to give way, nil for none.
func (s *spool) put(p *page, data []byte) (old *page, err error) {
	if s.full {
		return nil, errors.New("the spool takes no more")
	}
	if s.file == nil {
		if err := s.open(); err != nil {
			return nil, err
		}
	}
	slot := s.next
	s.next = (s.next + 1) % s.slots
	if old = s.taken[slot]; old != nil {
		delete(s.taken, slot)
	}
	if _, err := s.file.WriteAt(data, slot*pageSize); err != nil {
		return old, fmt.Errorf("writing the spool: %w", err)
	}
	p.slot = slot
	s.taken[slot] = p
	return old, nil
}

func (s *spool) open() error {
	// CreateTemp opens with 0600 and never an existing file.
	file, err := os.CreateTemp(spoolFolder(), "whytls-spool-")
	if err != nil {
		return fmt.Errorf("making the spool: %w", err)
	}
	s.file = file
	if runtime.GOOS == "windows" || os.Remove(file.Name()) != nil {
		s.name = file.Name()
	}
	return nil
}

func (s *spool) read(p *page, b []byte, skip int) error {
	if s.taken[p.slot] != p {
		return errGone
	}
	if _, err := s.file.ReadAt(b, p.slot*pageSize+int64(skip)); err != nil {
		return fmt.Errorf("reading the spool: %w", err)
	}
	return nil
}

func (s *spool) free(p *page) {
	if s.taken[p.slot] == p {
		delete(s.taken, p.slot)
	}
}

func (s *spool) close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if s.name != "" {
		err = errors.Join(err, os.Remove(s.name))
	}
	s.file, s.full = nil, true
	return err
}
