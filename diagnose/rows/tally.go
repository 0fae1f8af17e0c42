package rows

import (
	"slices"
	"sort"

	"github.com/whytls/whytls/parsers"
)

// Counts are numbers of records by severity: those without any, up to DEBUG, INFO, WARN, ERROR, FATAL.
type Counts [6]int64

// level is the index in Counts of a severity.
func level(s parsers.Severity) int {
	switch {
	case s == parsers.SeverityUnset || s > 24:
		return 0
	case s < parsers.SeverityInfo:
		return 1
	case s < parsers.SeverityWarn:
		return 2
	case s < parsers.SeverityError:
		return 3
	case s < parsers.SeverityFatal:
		return 4
	}
	return 5
}

// reaches reports whether there is a record of a severity or a higher one.
func (c *Counts) reaches(lowest parsers.Severity) bool {
	for _, n := range c[level(lowest):] {
		if n > 0 {
			return true
		}
	}
	return false
}

func (c *Counts) total() (sum int64) {
	for _, n := range c {
		sum += n
	}
	return sum
}

// Tally is what another reader counted between two offsets of a file: the records that begin there, but for the last one,
// which may be counted behind it. The zero Generation means the first.
type Tally struct {
	Generation int
	From, To   int64
	Lines      int64 // 0 when unknown
	Records    Counts
}

// tallies are those of a part, in order of their offsets and without overlap.
type tallies []Tally

// Neighbours become one up to a size, and when there are too many, twice that.
const (
	tallySize  = blockSize
	maxTallies = 16 << 10
)

// add takes a tally at its place.
func (all *tallies) add(t Tally) {
	list := *all
	i := sort.Search(len(list), func(i int) bool { return list[i].From >= t.From })
	switch {
	case t.To == t.From && i > 0 && list[i-1].To == t.From: // a record that was open is complete
		list[i-1].take(t)
		return
	case t.To <= t.From || i < len(list) && list[i].From < t.To || i > 0 && list[i-1].To > t.From:
		return // it was counted before
	case i > 0 && list[i-1].To == t.From && t.To-list[i-1].From <= tallySize && (list[i-1].Lines == 0) == (t.Lines == 0):
		list[i-1].take(t)
		return
	}
	list = slices.Insert(list, i, t)
	if len(list) > maxTallies {
		list = list.thin()
	}
	*all = list
}

// thin makes each two neighbours one.
func (all tallies) thin() tallies {
	kept := all[:0]
	for i := 0; i < len(all); i++ {
		t := all[i]
		if i+1 < len(all) && all[i+1].From == t.To {
			i++
			t.take(all[i])
		}
		kept = append(kept, t)
	}
	return kept
}

// take adds what comes right behind.
func (t *Tally) take(next Tally) {
	t.To = next.To
	t.Lines += next.Lines
	for i, n := range next.Records {
		t.Records[i] += n
	}
}

// covering returns the tallies that cover a range of bytes, nil when they do not.
func (all tallies) covering(from, to int64) tallies {
	i := sort.Search(len(all), func(i int) bool { return all[i].To > from })
	if i == len(all) || all[i].From > from {
		return nil
	}
	j := i
	for ; all[j].To < to; j++ {
		if j+1 == len(all) || all[j+1].From != all[j].To {
			return nil
		}
	}
	return all[i : j+1]
}

// share is about how many records begin in a range of bytes that is covered; the shares of ranges that follow one another
// add up to all.
func (all tallies) share(from, to int64) (n int64) {
	for i := range all {
		t := &all[i]
		upTo := func(at int64) int64 {
			return int64(float64(t.Records.total()) * float64(min(max(at, t.From), t.To)-t.From) / float64(t.To-t.From))
		}
		n += upTo(to) - upTo(from)
	}
	return n
}

// lines returns where a number of whole lines from the beginning ends, as far as is counted before an offset.
func (all tallies) lines(before int64) place {
	p := place{line: 1}
	for i := range all {
		if t := &all[i]; t.From == p.offset && t.To <= before && t.Lines > 0 {
			p.offset, p.line = t.To, p.line+t.Lines
		} else {
			break
		}
	}
	return p
}

// Count takes what another reader counted.
func (f *Feed) Count(t Tally) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.parts {
		if p.number == max(t.Generation, 1) && p.sharesOffsets() {
			p.counting.Lock()
			p.tallies.add(t)
			p.counting.Unlock()
		}
	}
}

// count notes how many records of each severity a block holds.
func (r *reader) count(k int, l *leaf) {
	if k < r.index.base {
		return
	}
	if r.next(k) >= r.blocks() {
		r.index.ending = ending{l.key.end, int64(len(l.entries))}
		return
	}
	b := r.block(k)
	if b.counted {
		return
	}
	b.counted = true
	for i := range l.entries {
		b.counts[level(l.entries[i].severity)]++
	}
}

// without reports whether block k is known to hold no record of a severity or a higher one, and how many it holds.
func (r *reader) without(k int, lowest parsers.Severity) (records int64, ok bool) {
	start, ok := r.start(k)
	if !ok {
		return 0, false
	}
	if b := r.block(k); b.counted {
		return b.counts.total(), !b.counts.reaches(lowest)
	}
	end := r.end(k)
	if r.view.ctx.Err() != nil {
		return 0, false
	}
	r.counting.Lock()
	defer r.counting.Unlock()
	// The last record before the end may be counted behind it.
	all := r.tallies.covering(start, end+1)
	for i := range all {
		if all[i].Records.reaches(lowest) {
			return 0, false
		}
	}
	return all.share(start, end), all != nil
}
