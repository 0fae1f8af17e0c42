package change

import "math"

// novelty judges templates that only one side has. A log has a long tail of rare templates, and two hours of it never hold
// the same ones; so five new lines mean much in a log that repeats itself and nothing in one that does not.
//
// The unit is the burst: lines within a short time of one another are one event. Two questions are asked, and the worse
// answer counts. Whatever the rate of this template is, how probable are so many events on one side and none on the other:
// an unconditional test, maximised over the nuisance parameter (Barnard, Biometrika 34, 1947)? And how many of the other
// templates would chance show so, each at the rate that it seems to have: a per-family error rate (Spjøtvoll, Annals of
// Mathematical Statistics 43, 1972), which a long tail raises by itself? Templates that are candidates for the same verdict
// cannot vouch for each other; the rest is weighted up by the probability not to be one (Horvitz and Thompson, JASA 47,
// 1952). With a single rare template more than these terms know, the sum of what chance shows stays within twice the level
// of the verdict, which the division of the level in Compare has room for (TestNothingChanged).
type novelty struct {
	q             float64  // the share of the exposure that the after side has
	before, after []int    // events by template
	common        [2][]int // by direction and number of events: templates that are no candidates
	worst         map[[2]int]float64
	rest          map[[2]int]float64
}

const (
	// A burst ends when nothing came for 1/burstShare of the time compared, at least leastPause seconds.
	burstShare = 3600
	leastPause = 3
	// untimedBurst is the number of lines that count as one event where there are no times.
	untimedBurst = 3
	// Directions, as keys.
	isNew, isGone = 0, 1
)

func newNovelty(pairs []Pair, q, seconds float64, timed bool) *novelty {
	n := &novelty{q: q, before: make([]int, len(pairs)), after: make([]int, len(pairs)), worst: make(map[[2]int]float64), rest: make(map[[2]int]float64)}
	pause := max(seconds/burstShare, leastPause)
	for i := range pairs {
		n.before[i], n.after[i] = events(&pairs[i].Before, pause, timed), events(&pairs[i].After, pause, timed)
		all := n.before[i] + n.after[i]
		for direction, absent := range [2]int{n.before[i], n.after[i]} {
			if absent == 0 {
				continue
			}
			for len(n.common[direction]) <= all {
				n.common[direction] = append(n.common[direction], 0)
			}
			n.common[direction][all]++
		}
	}
	return n
}

// events counts the bursts of a series.
func events(s *Series, pause float64, timed bool) int {
	if s.Count == 0 {
		return 0
	}
	if !timed || len(s.Spans) == 0 {
		return int((s.Count + untimedBurst - 1) / untimedBurst)
	}
	n := 1
	for i := 1; i < len(s.Spans); i++ {
		if math.Ldexp(float64(s.Spans[i].At-s.Spans[i-1].At), int(s.Shift)) > pause {
			n++
		}
	}
	return n
}

func (n *novelty) new(i int) float64  { return n.expected(isNew, n.after[i]) }
func (n *novelty) gone(i int) float64 { return n.expected(isGone, n.before[i]) }

// expected bounds the number of templates that chance would show with at least this many events on one side only.
func (n *novelty) expected(direction, events int) float64 {
	key := [2]int{direction, events}
	if v, ok := n.rest[key]; ok {
		return max(v, n.worst[key])
	}
	here, there := n.q, 1-n.q
	if direction == isGone {
		here, there = there, here
	}
	rest := 0.0
	for number, templates := range n.common[direction] {
		if templates > 0 {
			all := float64(number)
			rest += float64(templates) * math.Exp(-all*there) * poissonTail(events, all*here) / (1 - math.Pow(here, all))
		}
	}
	worst := 0.0
	for mean := 0.05; mean < 400; mean *= 1.05 {
		worst = max(worst, math.Exp(-mean*there)*poissonTail(events, mean*here))
	}
	n.rest[key], n.worst[key] = rest, worst
	return max(rest, worst)
}
