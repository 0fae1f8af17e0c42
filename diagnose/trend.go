package diagnose

import (
	"math"
	"slices"
	"time"
)

const (
	// trendSpans is the number of spans of time that the trend of a shape tells apart; trendSlots of them are shown.
	// A wide trend, of which there are a few a source, tells wideSpans apart.
	trendSpans = 64
	wideSpans  = 512
	trendSlots = 16
)

// span is a number of records in one span of time.
type span struct {
	at uint32 // its number since 1970
	n  uint32
}

// trend counts the records of a shape over time. Its spans begin on absolute boundaries and last a power of two seconds,
// the smallest with which at most trendSpans of them hold a record; so it does not depend on the order of records or of
// merging. A rare shape keeps its seconds and with them its bursts, and a frequent one a histogram over its whole life.
// Most records fall into the span of the one before, which costs a shift, a comparison and an addition (BenchmarkTrend);
// the first spans stand in the shape itself, so that a shape seen once needs no other memory. A trend must not be copied
// by value. Times before 1970 count as its first second, those after 2106 as the last one.
type trend struct {
	shift uint8 // spans last 1<<shift seconds
	wide  bool
	last  int32 // index of the span that was counted last
	spans []span
	few   [4]span
}

func (t *trend) add(nano int64, n uint32) { t.count(secondOf(nano), n) }

// secondOf is the second of a time as trends count it.
func secondOf(nano int64) uint32 {
	if nano <= 0 {
		return 0
	}
	return uint32(min(nano/1e9, math.MaxUint32))
}

// addPlace counts a record at a place in its source, for logs without times. The unit is half a short line.
func (t *trend) addPlace(offset int64) { t.count(uint32(min(offset/placeUnit, math.MaxUint32)), 1) }

const placeUnit = 64

func (t *trend) count(second, n uint32) {
	at := second >> t.shift
	if int(t.last) < len(t.spans) && t.spans[t.last].at == at {
		t.spans[t.last].n += n
		return
	}
	t.insert(at, n)
}

// insert counts n records in the span with number at of the present width.
func (t *trend) insert(at, n uint32) {
	if t.spans == nil {
		t.spans = t.few[:0]
	}
	i := len(t.spans)
	if i > 0 && at <= t.spans[i-1].at {
		var found bool
		if i, found = slices.BinarySearchFunc(t.spans, at, func(s span, at uint32) int { return int(int64(s.at) - int64(at)) }); found {
			t.spans[i].n += n
			t.last = int32(i)
			return
		}
	}
	t.spans = slices.Insert(t.spans, i, span{at, n})
	t.last = int32(i)
	for len(t.spans) > t.most() {
		t.widen()
	}
}

func (t *trend) most() int {
	if t.wide {
		return wideSpans
	}
	return trendSpans
}

// widen doubles the length of the spans.
func (t *trend) widen() {
	t.shift++
	kept := t.spans[:0]
	for _, s := range t.spans {
		s.at >>= 1
		if k := len(kept) - 1; k >= 0 && kept[k].at == s.at {
			kept[k].n += s.n
			continue
		}
		kept = append(kept, s)
	}
	t.spans = kept
	t.last = 0
}

// merge adds the records of u, which stays as it is.
func (t *trend) merge(u *trend) {
	if len(t.spans) == 0 {
		t.shift, t.spans = u.shift, append(t.few[:0], u.spans...)
		return
	}
	for t.shift < u.shift {
		t.widen()
	}
	for _, s := range u.spans {
		t.insert(s.at>>(t.shift-u.shift), s.n)
	}
}

// take adds the records of u, whose memory it takes.
func (t *trend) take(u *trend) {
	if len(t.spans) > 0 || cap(u.spans) <= len(u.few) {
		t.merge(u)
		return
	}
	t.shift, t.last, t.spans = u.shift, u.last, u.spans
}

// buckets lists a few spans from the first to the last that hold a record.
func (t *trend) buckets() []Bucket {
	if len(t.spans) == 0 {
		return nil
	}
	first, last, shift := t.spans[0].at, t.spans[len(t.spans)-1].at, t.shift
	for last-first >= trendSlots {
		first, last, shift = first>>1, last>>1, shift+1
	}
	out := make([]Bucket, last-first+1)
	for i := range out {
		at := time.Unix(int64(first+uint32(i))<<shift, 0).UTC()
		out[i] = Bucket{Start: at.Format(time.RFC3339), Seconds: 1 << shift}
	}
	for _, s := range t.spans {
		out[s.at>>(shift-t.shift)-first].Count += int64(s.n)
	}
	return out
}
