package diagnose

import "time"

// trendSlots is the number of spans that the trend of a shape tells apart.
const trendSlots = 16

// trend is a small histogram over time. Its spans begin on absolute boundaries and last a power of two seconds, the
// smallest with which all of them fit; so it does not depend on the order of records or of merging. It costs a shift and an
// addition a record, where a map of buckets would cost a lookup (BenchmarkTrend).
type trend struct {
	start  int64 // number of the first span
	shift  uint8 // spans last 1<<shift seconds
	used   bool
	counts [trendSlots]uint32
}

func (t *trend) add(nano int64, n uint32) {
	second := nano / 1e9
	if nano < 0 {
		second = floorDiv(nano, 1e9)
	}
	if !t.used {
		t.start, t.used = second, true
	}
	span := second >> t.shift
	for span < t.start || span >= t.start+trendSlots {
		if !t.fit(span) {
			t.widen()
			span = second >> t.shift
		}
	}
	t.counts[span-t.start] += n
}

// fit moves the counts to the right so that span is the first, if there is room.
func (t *trend) fit(span int64) bool {
	if span > t.start {
		return false
	}
	last := trendSlots - 1
	for last > 0 && t.counts[last] == 0 {
		last--
	}
	by := t.start - span
	if by+int64(last) >= trendSlots {
		return false
	}
	copy(t.counts[by:], t.counts[:last+1])
	clear(t.counts[:by])
	t.start = span
	return true
}

// widen doubles the length of the spans.
func (t *trend) widen() {
	var wider [trendSlots]uint32
	start := t.start >> 1
	for i, n := range t.counts {
		if n > 0 {
			wider[(t.start+int64(i))>>1-start] += n
		}
	}
	t.start, t.counts = start, wider
	t.shift++
}

func (t *trend) merge(u *trend) {
	if !u.used {
		return
	}
	if !t.used {
		*t = *u
		return
	}
	for t.shift < u.shift {
		t.widen()
	}
	for i, n := range u.counts {
		if n > 0 {
			t.add((u.start+int64(i))<<u.shift*1e9, n)
		}
	}
}

// buckets lists the spans from the first to the last that hold a record.
func (t *trend) buckets() []Bucket {
	var out []Bucket
	for i, n := range t.counts {
		if n == 0 && (len(out) == 0 || !t.more(i)) {
			continue
		}
		at := time.Unix((t.start+int64(i))<<t.shift, 0).UTC()
		out = append(out, Bucket{Start: at.Format(time.RFC3339), Seconds: 1 << t.shift, Count: int64(n)})
	}
	return out
}

func (t *trend) more(from int) bool {
	for _, n := range t.counts[from:] {
		if n > 0 {
			return true
		}
	}
	return false
}
