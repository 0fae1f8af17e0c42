// Package change compares how often the same templates came in two populations of records, a before and an after, and
// says which of them changed. It is honest about chance: on two pieces of one steady source it reports any change at
// all in at most Options.Level of the cases, although lines come in bursts and load drifts.
//
// Three ideas carry it.
//
// The variance is measured, not assumed. Counts of log lines are overdispersed: a retry loop prints fifty lines for one
// event. For each template the counts in blocks of time give a dispersion φ = variance/mean, as in quasi-likelihood
// (McCullagh and Nelder, Generalized Linear Models, 2nd ed., ch. 9), taken over several lengths of block, because
// autocorrelation shows in the long ones. The drift of the load that all templates share is a variance of its own.
//
// A template that one side lacks is judged by its bursts, not by its lines, and by how many other rare templates could
// have played the same trick (novelty.go).
//
// All statements hold together. The level is divided: two fifths for templates that are more or less frequent, two fifths
// for new and one fifth for gone ones. Among the first, one half is divided equally by the number of templates with enough
// records to show anything, as Tarone (Biometrics 46, 1990) does for discrete tests: those that cannot are "too few to say"
// and cost nothing. The other half goes where it helps most to see a doubling, by the weights of Spjøtvoll (see novelty)
// and of Roeder and Wasserman (Statistical Science 24, 2009): a template of many lines needs none of it.
package change

import (
	"math"
	"slices"
)

// Series is how often one template came in one population. Spans are ascending, of 1<<Shift seconds each, on absolute
// boundaries; records without a time are in Count only.
type Series struct {
	Count int64
	Shift uint8
	Spans []Span
}

// Span is a number of records in one span of time; At is its number since 1970.
type Span struct{ At, Count int64 }

// Pair is one template in both populations.
type Pair struct{ Before, After Series }

// Side is one population as a whole. First and Last are Unix seconds, and Timed says that they mean something.
type Side struct {
	Records     int64
	First, Last float64
	Timed       bool
}

// Per is what counts are divided by before they are compared.
type Per string

// The exposures. Time asks whether something came more often, Records whether it took a larger share.
const (
	Time    Per = "time"
	Records Per = "records"
)

// Options say how to compare. The zero value is the usual one.
type Options struct {
	// Per is the exposure; "" means time where both sides have times, and records otherwise.
	Per Per
	// Level is the probability of reporting any change where there is none; 0 means 0.05.
	Level float64
}

// Kind is what happened to a template.
type Kind string

// The kinds. Unchanged means that a doubling would have been seen.
const (
	New       Kind = "new"
	Gone      Kind = "gone"
	More      Kind = "more"
	Less      Kind = "less"
	Unchanged Kind = "unchanged"
	TooFew    Kind = "too-few"
)

// Changed reports whether the kind is a significant change.
func (k Kind) Changed() bool { return k == New || k == Gone || k == More || k == Less }

// Result is the verdict on one template. Factor is the rate after over the rate before (0 for gone, +Inf for new), Low and
// High its interval, which holds for all templates together and is left open where there is too little to say. P is the probability of a difference at least as large by
// chance, for New and Gone the expected number of such templates; both are before any correction for their number.
type Result struct {
	Kind       Kind
	Factor     float64
	Low, High  float64
	P          float64
	Dispersion float64
}

// Comparison is the verdict on all templates, in the order given.
type Comparison struct {
	Results []Result
	Per     Per
	Level   float64
	// Before and After are the exposures: seconds or records.
	Before, After float64
	// Tested is the number of templates with enough records to show a change of rate.
	Tested int
	// Timed says that the dispersion was measured; without times it is assumed.
	Timed bool
}

// The level is divided between what can be said.
const (
	rateShare = 0.4
	newShare  = 0.4
	goneShare = 0.2
)

// Sizes of change: a template that could not show the larger one is not tested; one that could show the smaller one and
// did not is unchanged.
var (
	testable = math.Log(4)
	visible  = math.Log(2)
)

// Compare says for each pair what changed.
func Compare(pairs []Pair, before, after Side, o Options) *Comparison {
	c := &Comparison{Results: make([]Result, len(pairs)), Per: o.Per, Level: o.Level}
	if c.Level <= 0 {
		c.Level = 0.05
	}
	c.Timed = before.Timed && after.Timed
	c.expose(before, after)
	q := c.After / (c.Before + c.After)
	d := measure(pairs, before, after, c.Timed)
	rates := make([]rate, len(pairs))
	reach := make([]float64, 0, len(pairs))
	for i, p := range pairs {
		phi, freedom := d.of(i)
		r := rate{a: float64(p.Before.Count), b: float64(p.After.Count), q: q, phi: phi, freedom: freedom}
		if c.Per == Time {
			r.phi += d.drift * (r.a + r.b) * q * (1 - q)
		}
		rates[i] = r
		reach = append(reach, r.reaches(testable))
	}
	levels := divide(rates, reach, c.Level*rateShare)
	n := newNovelty(pairs, q, max(before.Last-before.First, after.Last-after.First), c.Timed)
	for i := range pairs {
		r := &rates[i]
		out := &c.Results[i]
		*out = Result{Kind: TooFew, Factor: r.factor(), High: math.Inf(1), P: r.p(), Dispersion: r.phi}
		alpha := levels[i]
		if reach[i] <= alpha {
			c.Tested++
		}
		switch {
		case r.a == 0 && r.b == 0:
			*out = Result{Kind: TooFew, Factor: 1, P: 1, High: math.Inf(1), Dispersion: r.phi}
		case r.a == 0:
			if out.P = n.new(i); out.P <= c.Level*newShare {
				out.Kind = New
			}
		case r.b == 0:
			if out.P = n.gone(i); out.P <= c.Level*goneShare {
				out.Kind = Gone
			}
		case reach[i] <= alpha && out.P <= alpha:
			out.Kind = More
			if out.Factor < 1 {
				out.Kind = Less
			}
		case r.reaches(visible) <= alpha:
			out.Kind = Unchanged
		}
		if out.Kind != TooFew {
			out.Low, out.High = r.interval(studentQuantile(alpha/2, r.freedom))
		}
	}
	return c
}

// expose settles what counts are divided by.
func (c *Comparison) expose(before, after Side) {
	c.Before, c.After = before.Last-before.First, after.Last-after.First
	if c.Per == "" {
		c.Per = Time
	}
	if !c.Timed || c.Before <= 0 || c.After <= 0 {
		c.Per = Records
	}
	if c.Per == Records {
		c.Before, c.After = max(float64(before.Records), 1), max(float64(after.Records), 1)
	}
}

// divide gives each template its part of the level. The parts add up to the level over the templates that can reach
// theirs.
func divide(rates []rate, reach []float64, level float64) []float64 {
	parts := make([]float64, len(rates))
	even := level / 2 / float64(family(reach, level/2))
	doubling := make([]float64, len(rates)) // the normal variable that a doubling would give
	for i := range rates {
		doubling[i] = visible * rates[i].information()
	}
	spend := func(c float64) (sum float64) {
		for i, x := range doubling {
			if parts[i] = 0; x > 0 {
				parts[i] = math.Erfc((x/2 + c/x) / math.Sqrt2)
				sum += parts[i]
			}
		}
		return sum
	}
	low, high := 0.0, 1.0
	for spend(high) > level/2 {
		high *= 2
	}
	for range 50 {
		if mid := (low + high) / 2; spend(mid) > level/2 {
			low = mid
		} else {
			high = mid
		}
	}
	spend(high)
	for i := range parts {
		parts[i] += even
	}
	return parts
}

// family is the number of tests that the level must be divided by: the smallest m with at most m tests that can reach
// level/m at all.
func family(reach []float64, level float64) int {
	sorted := slices.Sorted(slices.Values(reach))
	able := len(sorted)
	for m := 1; ; m++ {
		for able > 0 && sorted[able-1] > level/float64(m) {
			able--
		}
		if able <= m {
			return m
		}
	}
}
