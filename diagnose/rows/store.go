package rows

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/whytls/whytls/knowledgebase"
)

// The bounds of what a Store keeps unless its Options say otherwise.
const (
	DefaultMemory = 16 << 20
	DefaultSpool  = 512 << 20
)

// What pages are made of is kept for the next one.
const (
	leafCache = 8 << 20
	textCache = 8 << 20
)

// Options say what a Store may use. The zero value works.
type Options struct {
	// Base tells systems and known messages; nil means that rows name neither.
	Base *knowledgebase.Base
	// Redact removes secrets from a text; nil leaves texts as they are.
	Redact func(string) string
	// Memory bounds the bytes kept of sources that cannot be read again; 0 means DefaultMemory.
	Memory int64
	// Spool bounds the private file that takes what no longer fits into the memory; 0 means DefaultSpool, less none.
	Spool int64
}

// Store is the list of all records of all sources, merged by time. All methods are safe for concurrent use.
type Store struct {
	options    Options
	ring       *ring
	shelf      *shelf
	generation atomic.Uint64
	known      known
	leaves     cache[leafKey, *leaf]
	texts      cache[leafKey, *text]

	mu     sync.Mutex
	feeds  []*Feed
	closed bool

	totals totals
}

// New returns a store without rows. Close gives back what it holds.
func New(o Options) *Store {
	if o.Memory <= 0 {
		o.Memory = DefaultMemory
	}
	if o.Spool == 0 {
		o.Spool = DefaultSpool
	}
	s := &Store{options: o, ring: &ring{limit: o.Memory}, shelf: &shelf{limit: maxOpen}}
	if o.Spool > 0 {
		s.ring.spool = newSpool(o.Spool)
	}
	s.known.base = o.Base
	s.leaves.limit, s.texts.limit = leafCache, textCache
	return s
}

// Generation grows when rows were added or lost.
func (s *Store) Generation() uint64 { return s.generation.Load() }

// Lost is the number of bytes of which the rows are kept no longer, because they lie in no file and the bounds are reached,
// or their file was truncated or deleted. What is lost is the oldest. The fault is why the spool takes no more, nil while
// it does.
func (s *Store) Lost() (bytes int64, fault error) {
	s.ring.mu.Lock()
	defer s.ring.mu.Unlock()
	return s.ring.lost, s.ring.fault
}

// Close gives back files and memory, and removes the spool. Later pages are empty.
func (s *Store) Close() error {
	s.mu.Lock()
	feeds := s.feeds
	s.feeds, s.closed = nil, true
	s.mu.Unlock()
	s.totals.close()
	var faults []error
	for _, f := range feeds {
		faults = append(faults, f.close())
	}
	s.ring.mu.Lock()
	defer s.ring.mu.Unlock()
	if s.ring.spool != nil {
		faults = append(faults, s.ring.spool.close())
	}
	s.generation.Add(1)
	return errors.Join(faults...)
}

// views are the sources as they are now.
func (s *Store) views(ctx context.Context) []*view {
	s.mu.Lock()
	feeds := s.feeds
	s.mu.Unlock()
	views := make([]*view, 0, len(feeds))
	for _, f := range feeds {
		views = append(views, f.look(ctx))
	}
	return views
}
