package rows

import "github.com/whytls/whytls/parsers"

// severities is the number of ranges of severity, with the one of records without any.
const severities = 7

// severityRange is the range that a severity lies in.
func severityRange(s parsers.Severity) int { return int(min(s+3, 27)) / 4 }

// count notes how many records of each severity a complete block holds.
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
		b.counts[severityRange(l.entries[i].severity)]++
	}
}

// without reports whether block k is known to hold no record of a severity or a higher one, and how many it holds.
func (r *reader) without(k int, lowest parsers.Severity) (records int64, ok bool) {
	if k < r.index.base {
		return 0, false
	}
	b := r.block(k)
	if !b.counted {
		return 0, false
	}
	for i, n := range b.counts {
		if records += int64(n); n > 0 && i >= severityRange(lowest) {
			return 0, false
		}
	}
	return records, true
}

// Total is the number of rows. While parts of the log have not been looked at, it is an estimate and exact is false.
func (s *Store) Total() (rows int64, exact bool) {
	exact = true
	for _, v := range s.views() {
		n, known := v.total()
		rows, exact = rows+n, exact && known
	}
	return rows, exact
}

// guessedLine is how long a record is as long as none has been seen.
const guessedLine = 150

// total counts the records of a source; blocks that were not looked at count as those that were.
func (v *view) total() (rows int64, exact bool) {
	v.feed.indexes.Lock()
	defer v.feed.indexes.Unlock()
	var seen, unseen int64 // bytes
	for _, r := range v.parts {
		size := r.index.size
		for k := r.index.base; k < r.blocks(); k++ {
			bytes := min(int64(k+1)*size, r.high) - max(int64(k)*size, r.low)
			if b := r.block(k); b.counted {
				seen += bytes
				for _, n := range b.counts {
					rows += int64(n)
				}
			} else if r.next(k) >= r.blocks() && r.index.ending.end == r.high {
				seen += bytes
				rows += r.index.ending.records
			} else {
				unseen += bytes
			}
		}
	}
	switch {
	case unseen == 0:
		return rows, true
	case seen == 0:
		return unseen / guessedLine, false
	}
	return rows + int64(float64(unseen)*float64(rows)/float64(seen)), false
}
