package change

import "math"

// novelty judges templates that only one side has. A log has a long tail of rare templates, and two hours of it never hold
// the same ones; so five new lines mean much in a log that repeats itself and nothing in one that does not.
//
// The unit is the burst: lines within a short time of one another are one event. The statistic is the expected
// number of templates that would show at least as many events on one side and none on the other by chance, as for per-family
// error rates (Spjøtvoll, Annals of Mathematical Statistics 43, 1972; by Markov's inequality it bounds the probability
// of any). Two terms add up to it. Whatever the rate of the template in question is, chance does this with at most a certain
// probability: an unconditional test, maximised over the nuisance parameter (Barnard, Biometrika 34, 1947). And each other
// template does it with the probability that its own rate gives, so that a long tail raises the bar by itself. Templates
// that are candidates for the same verdict cannot vouch for each other; the rest is weighted up by the probability not to be
// one (Horvitz and Thompson, JASA 47, 1952).
type novelty struct {
	q             float64 // the share of the exposure that the after side has
	before, after []int   // events by template
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

// expected is the number of templates that chance would show with at least this many events on one side only.
func (n *novelty) expected(direction, events int) float64 {
	key := [2]int{direction, events}
	if v, ok := n.rest[key]; ok {
		return v + n.worst[key]
	}
	here, there := n.q, 1-n.q
	absent := n.before
	if direction == isGone {
		here, there = there, here
		absent = n.after
	}
	rest := 0.0
	for u := range absent {
		if absent[u] == 0 {
			continue
		}
		all := float64(n.before[u] + n.after[u])
		rest += math.Exp(-all*there) * poissonTail(events, all*here) / (1 - math.Pow(here, all))
	}
	worst := 0.0
	for mean := 0.05; mean < 400; mean *= 1.05 {
		worst = max(worst, math.Exp(-mean*there)*poissonTail(events, mean*here))
	}
	n.rest[key], n.worst[key] = rest, worst
	return rest + worst
}
