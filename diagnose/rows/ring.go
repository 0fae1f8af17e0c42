package rows

import (
	"errors"
	"slices"
	"sort"
	"sync"
)

// errGone is returned for bytes that are kept no longer.
var errGone = errors.New("the bytes are kept no longer")

// ring keeps the latest bytes of all sources that cannot be read again, within one bound. It is a queue of pages: the
// oldest page of all gives way first, to the spool where there is one, else for good.
type ring struct {
	mu     sync.Mutex
	limit  int64
	memory int64   // capacity of the pages in it
	queue  []*page // those in memory, the oldest first, and some that were given up
	held   int     // how many pages are in memory
	spool  *spool  // nil for none
	fault  error   // why there is no spool any more
	lost   int64   // bytes given up that nobody else has
}

// pageSize is the unit in which bytes are kept and given up.
const pageSize = 64 << 10

// page is a run of bytes of a strip.
type page struct {
	strip  *strip
	offset int64
	length int
	data   []byte // nil once it is in the spool
	slot   int64
}

func (p *page) end() int64 { return p.offset + int64(p.length) }

// share is how many bytes one file may bring at once.
func (r *ring) share() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.spool != nil && !r.spool.full {
		return r.spool.slots * pageSize / 8
	}
	return r.limit / 4
}

// strip is what the ring holds of one part of a source. Its methods lock the ring.
type strip struct {
	ring *ring
	// spare marks bytes that lie in a file as well: they are not worth the spool.
	spare     bool
	pages     []*page // in order, without gaps
	low, high int64
	mid       bool // low lies inside a line, as far as is known
}

// append adds bytes at the end of the strip. Bytes that leave a gap make it begin anew.
func (s *strip) append(data []byte, offset int64) {
	r := s.ring
	r.mu.Lock()
	defer r.mu.Unlock()
	if offset != s.high {
		s.clear()
		s.low, s.high, s.mid = offset, offset, false
	}
	for len(data) > 0 {
		last := len(s.pages) - 1
		if last < 0 || s.pages[last].data == nil || s.pages[last].length == pageSize {
			s.pages = append(s.pages, &page{strip: s, offset: s.high})
			last++
			r.queue = append(r.queue, s.pages[last])
			r.held++
		}
		p := s.pages[last]
		n := min(len(data), pageSize-p.length)
		p.grow(n)
		p.data = append(p.data, data[:n]...)
		p.length += n
		s.high += int64(n)
		data = data[n:]
	}
	r.trim()
}

// grow makes room for n bytes and accounts for it. Pages of slow sources stay small.
func (p *page) grow(n int) {
	need := p.length + n
	if need <= cap(p.data) {
		return
	}
	size := 512
	for size < need {
		size *= 2
	}
	p.strip.ring.memory += int64(size - cap(p.data))
	p.data = append(make([]byte, 0, size), p.data...)
}

// trim lets pages go until the memory is within its bound. A single page always stays.
func (r *ring) trim() {
	for r.memory > r.limit && len(r.queue) > 1 {
		p := r.queue[0]
		r.queue = r.queue[1:]
		if p.data == nil {
			continue
		}
		if r.spool == nil || p.strip.spare {
			p.strip.drop(p)
			continue
		}
		data := p.data
		old, err := r.spool.put(p, data)
		if old != nil {
			old.strip.drop(old)
		}
		if err != nil {
			// The disk is full or broken. What it holds can still be read.
			r.fault, r.spool.full = err, true
			p.strip.drop(p)
			continue
		}
		r.memory -= int64(cap(data))
		r.held--
		p.data = nil
	}
	if len(r.queue) > 2*r.held+64 {
		r.queue = slices.DeleteFunc(r.queue, func(p *page) bool { return p.data == nil })
	}
}

// drop gives up a page and all before it, which are older.
func (s *strip) drop(p *page) {
	for len(s.pages) > 0 && s.pages[0].offset <= p.offset {
		s.low, s.mid = s.pages[0].end(), true
		if !s.spare {
			s.ring.lost += int64(s.pages[0].length)
		}
		s.forget(s.pages[0])
		s.pages[0] = nil
		s.pages = s.pages[1:]
	}
}

// forget gives the memory or the slot of a page back. Its place in the queue stays until it comes up.
func (s *strip) forget(p *page) {
	if p.data != nil {
		s.ring.memory -= int64(cap(p.data))
		s.ring.held--
		p.data = nil
	} else if s.ring.spool != nil {
		s.ring.spool.free(p)
	}
}

// clear gives up all pages.
func (s *strip) clear() {
	for _, p := range s.pages {
		s.forget(p)
	}
	s.pages = nil
	s.low = s.high
}

// release gives up all pages of a strip that is not used any more.
func (s *strip) release() {
	s.ring.mu.Lock()
	defer s.ring.mu.Unlock()
	s.clear()
}

// keep makes the strip the only place where its bytes are.
func (s *strip) keep() {
	s.ring.mu.Lock()
	defer s.ring.mu.Unlock()
	s.spare = false
}

// lose counts bytes that are gone.
func (r *ring) lose(n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lost += n
}

// bounds are the offsets of the first byte kept and of the one behind the last.
func (s *strip) bounds() (low, high int64) {
	s.ring.mu.Lock()
	defer s.ring.mu.Unlock()
	return s.low, s.high
}

// beginsLine reports whether a line is known to begin at an offset.
func (s *strip) beginsLine(offset int64) bool {
	s.ring.mu.Lock()
	defer s.ring.mu.Unlock()
	return s.low == offset && !s.mid
}

// ReadAt fills b from offset on, as far as there are bytes.
func (s *strip) ReadAt(b []byte, offset int64) (int, error) {
	s.ring.mu.Lock()
	defer s.ring.mu.Unlock()
	if offset < s.low {
		return 0, errGone
	}
	n := 0
	for i := sort.Search(len(s.pages), func(i int) bool { return s.pages[i].end() > offset }); i < len(s.pages) && n < len(b); i++ {
		p := s.pages[i]
		skip := int(offset - p.offset)
		if p.data != nil {
			k := copy(b[n:], p.data[skip:])
			n, offset = n+k, offset+int64(k)
			continue
		}
		k := min(len(b)-n, p.length-skip)
		if err := s.ring.spool.read(p, b[n:n+k], skip); err != nil {
			return n, err
		}
		n, offset = n+k, offset+int64(k)
	}
	return n, nil
}
