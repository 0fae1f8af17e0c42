package diagnose

import "time"

// ring counts events by the time of their arrival, in spans of RecentSpan on absolute boundaries, for ten minutes.
type ring struct {
	counts [keptSpans]int64
	first  int64 // the number of the span that was counted first
	last   int64 // the number of the span that was counted last
}

func spanOf(t time.Time) int64 { return floorDiv(t.UnixNano(), int64(RecentSpan)) }

func (r *ring) add(now time.Time, n int64) {
	at := spanOf(now)
	if r.last == 0 {
		r.first, r.last = at, at
	}
	r.forward(at)
	r.counts[at%keptSpans] += n
}

// forward empties the spans in which nothing was counted.
func (r *ring) forward(to int64) {
	if to-r.last >= keptSpans {
		r.counts = [keptSpans]int64{}
		r.last = to
	}
	for r.last < to {
		r.last++
		r.counts[r.last%keptSpans] = 0
	}
}

// at is the count of a span, 0 for one that was given up.
func (r *ring) at(span int64) int64 {
	if span > r.last || span <= r.last-keptSpans || r.last == 0 {
		return 0
	}
	return r.counts[span%keptSpans]
}

// sum counts the last n spans, and how long they are since the first event.
func (r *ring) sum(n int, now time.Time) (events int64, length time.Duration) {
	to := spanOf(now)
	from := max(to-int64(n)+1, r.first)
	for span := from; span <= to; span++ {
		events += r.at(span)
	}
	return events, time.Duration(max(to-from+1, 0)) * RecentSpan
}

// busiest is the largest number of events in n successive spans before the last n.
func (r *ring) busiest(n int, now time.Time) int64 {
	if r.last == 0 {
		return 0
	}
	var most, sum int64
	to := spanOf(now) - int64(n)
	from := max(to-keptSpans+1, r.first)
	for span := from; span <= to; span++ {
		sum += r.at(span)
		if span-int64(n) >= from {
			sum -= r.at(span - int64(n))
		}
		most = max(most, sum)
	}
	return most
}

// list returns the counts of the last n spans.
func (r *ring) list(n int, now time.Time) []int64 {
	out := make([]int64, n)
	to := spanOf(now)
	for i := range out {
		out[i] = r.at(to - int64(n-1-i))
	}
	return out
}
