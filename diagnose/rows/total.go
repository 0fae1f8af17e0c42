package rows

import (
	"context"
	"sync"
	"time"
)

// total is the number of rows at a time.
type total struct {
	rows  int64
	exact bool
	at    time.Time // zero: nobody has counted
}

// totals knows the latest total.
type totals struct {
	mu       sync.Mutex
	latest   total
	counting sync.WaitGroup
	busy     bool // somebody counts, or nobody may any more
	closed   bool
}

// countEvery is how long a total holds.
const countEvery = 200 * time.Millisecond

// Total is the number of rows. While parts of the log have not been looked at, it is an estimate and exact is false. It may
// be called while a screen is drawn: but for the first call, it returns what was counted last and counts anew
// behind, a few times a second.
func (s *Store) Total() (rows int64, exact bool) {
	t := &s.totals
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.latest.at.IsZero() {
		t.latest = s.count()
	}
	if !t.busy && time.Since(t.latest.at) > countEvery {
		t.busy = true
		t.counting.Go(func() {
			sum := s.count()
			t.mu.Lock()
			defer t.mu.Unlock()
			t.latest, t.busy = sum, t.closed
		})
	}
	return t.latest.rows, t.latest.exact
}

// close waits for what is being counted; nothing is counted any more.
func (t *totals) close() {
	t.mu.Lock()
	t.busy, t.closed = true, true
	t.mu.Unlock()
	t.counting.Wait()
}

func (s *Store) count() total {
	sum := total{exact: true}
	for _, v := range s.views(context.Background()) {
		n, exact := v.total()
		sum.rows, sum.exact = sum.rows+n, sum.exact && exact
	}
	sum.at = time.Now()
	return sum
}

// guessedLine is how long a record is as long as none has been seen.
const guessedLine = 150

// total counts the records of a source; blocks that were not looked at count as those that were.
func (v *view) total() (rows int64, exact bool) {
	v.feed.indexes.Lock()
	defer v.feed.indexes.Unlock()
	sum := census{exact: true}
	for _, r := range v.parts {
		sum.count(r)
	}
	switch {
	case sum.unseen == 0:
		return sum.rows, sum.exact
	case sum.seen == 0:
		return sum.unseen / guessedLine, false
	}
	return sum.rows + int64(float64(sum.unseen)*float64(sum.rows)/float64(sum.seen)), false
}

// census is how many rows there are in how many bytes, and in how many nobody knows.
type census struct {
	rows, seen, unseen int64
	exact              bool
}

func (c *census) count(r *reader) {
	r.counting.Lock()
	defer r.counting.Unlock()
	if all := r.tallies.covering(r.low, r.high); all != nil {
		c.rows += all.share(r.low, r.high)
		c.seen += r.high - r.low
		return
	}
	// Where the end is known, the blocks after which no record begins hold the last ones. Only these are asked: a screen
	// that draws waits for the answer, and each costs a look into the file.
	ending := r.blocks()
	for r.index.ending.end == r.high && ending > r.index.base && r.next(ending-1) >= r.blocks() {
		ending--
	}
	for k := r.index.base; k < r.blocks(); k++ {
		from, to := max(int64(k)*r.index.size, r.low), min(int64(k+1)*r.index.size, r.high)
		all := r.tallies.covering(from, to)
		switch b := r.block(k); {
		case b.counted:
			c.rows += b.counts.total()
		case k >= ending:
			c.rows += r.index.ending.records
		case all != nil:
			c.rows += all.share(from, to)
			c.exact = false
		default:
			c.unseen += to - from
			continue
		}
		c.seen += to - from
	}
}
