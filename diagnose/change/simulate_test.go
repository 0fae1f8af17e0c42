package change

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// runs is the number of pairs for each source and way to cut it. The few of an ordinary test only guard against breakage:
//
//	go test ./diagnose/change -run 'Nothing|Planted' -v -runs 100
var runs = flag.Int("runs", 3, "simulated pairs of each kind")

// source is a steady source of logs, as real ones are: templates of very different frequency, some of which come in
// bursts, a load that wanders from minute to minute, and a slope over the day.
type source struct {
	name   string
	plain  bool      // what is planted must be found in it: no wandering, no rare templates
	rates  []float64 // events an hour, by template
	bursts []float64 // mean lines an event
	wander float64   // standard deviation of the load from minute to minute, in logarithms
	memory float64   // correlation of the load from one minute to the next
	own    float64   // the same for each template by itself
	slope  float64   // of the load, an hour
}

// log is what a source printed: the second of each line, by template.
type log [][]float64

func (s *source) print(r *rand.Rand, hours float64) log {
	minutes := int(hours * 60)
	walk := func(deviation float64) []float64 {
		out := make([]float64, minutes)
		v := deviation * r.NormFloat64()
		for i := range out {
			out[i] = math.Exp(v - deviation*deviation/2)
			v = s.memory*v + math.Sqrt(1-s.memory*s.memory)*deviation*r.NormFloat64()
		}
		return out
	}
	load := walk(s.wander)
	out := make(log, len(s.rates))
	for i, rate := range s.rates {
		mine := walk(s.own)
		for m := range minutes {
			expected := rate / 60 * load[m] * mine[m] * (1 + s.slope*float64(m)/60)
			for range chance(r, expected) {
				at := float64(m*60) + 60*r.Float64()
				out[i] = append(out[i], at)
				if mean := s.bursts[i]; mean > 1 {
					for r.Float64() < 1-1/mean {
						at += 0.3 * r.ExpFloat64()
						out[i] = append(out[i], at)
					}
				}
			}
		}
	}
	return out
}

// chance draws a Poisson number.
func chance(r *rand.Rand, mean float64) int {
	n := 0
	for t := r.ExpFloat64(); t < mean; t += r.ExpFloat64() {
		n++
	}
	return n
}

// split deals the lines out by their time.
func split(l log, isAfter func(at float64) bool) (before, after log) {
	before, after = make(log, len(l)), make(log, len(l))
	for i, times := range l {
		for _, at := range times {
			if isAfter(at) {
				after[i] = append(after[i], at)
			} else {
				before[i] = append(before[i], at)
			}
		}
	}
	return before, after
}

const epoch = 1_800_000_000

// series counts lines in at most 64 spans, as the engine does.
func series(times []float64) Series {
	s := Series{Count: int64(len(times))}
	sorted := slices.Sorted(slices.Values(times))
	for _, at := range sorted {
		s.Spans = join(s.Spans, Span{epoch + int64(at), 1})
	}
	for len(s.Spans) > 64 {
		s.Shift++
		var wider []Span
		for _, p := range s.Spans {
			wider = join(wider, Span{p.At >> 1, p.Count})
		}
		s.Spans = wider
	}
	return s
}

func join(spans []Span, s Span) []Span {
	if k := len(spans) - 1; k >= 0 && spans[k].At == s.At {
		spans[k].Count += s.Count
		return spans
	}
	return append(spans, s)
}

func compareLogs(before, after log, o Options) *Comparison {
	pairs := make([]Pair, len(before))
	var sides [2]Side
	for k, l := range []log{before, after} {
		sides[k] = Side{First: math.Inf(1), Last: math.Inf(-1), Timed: true}
		for i, times := range l {
			if k == 0 {
				pairs[i].Before = series(times)
			} else {
				pairs[i].After = series(times)
			}
			for _, at := range times {
				sides[k].First, sides[k].Last = min(sides[k].First, epoch+at), max(sides[k].Last, epoch+at)
			}
			sides[k].Records += int64(len(times))
		}
	}
	return Compare(pairs, sides[0], sides[1], o)
}

// zipf are rates that fall from the most to the least.
func zipf(n int, most, least float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = most * math.Pow(least/most, float64(i)/float64(n-1))
	}
	return out
}

func times(n int, v float64) []float64 { return slices.Repeat([]float64{v}, n) }

// bursty gives every third template bursts.
func bursty(n int, mean float64) []float64 {
	out := times(n, 1)
	for i := 1; i < n; i += 3 {
		out[i] = mean
	}
	return out
}

func sources() []source {
	tail := append(zipf(25, 5000, 60), times(12, 1.5)...)
	one := append(zipf(20, 3000, 80), 2, 3)
	return []source{
		{name: "even", plain: true, rates: zipf(20, 4000, 60), bursts: times(20, 1)},
		{name: "many", rates: zipf(300, 4000, 20), bursts: times(300, 1)},
		{name: "wandering", rates: zipf(25, 5000, 60), bursts: times(25, 1), wander: 0.3, memory: 0.9, own: 0.1},
		{name: "sloping", plain: true, rates: zipf(25, 8000, 60), bursts: times(25, 1), slope: 0.08},
		{name: "long memory", rates: zipf(25, 5000, 60), bursts: times(25, 1), wander: 0.1, memory: 0.99, own: 0.05},
		{name: "bursts", rates: zipf(25, 2000, 40), bursts: bursty(25, 12), wander: 0.2, memory: 0.8},
		{name: "rare bursts", rates: append(zipf(15, 3000, 60), 3, 1, 2), bursts: append(times(15, 1), 20, 20, 8), wander: 0.1, memory: 0.5},
		{name: "one rare burst", plain: true, rates: append(zipf(15, 3000, 60), 2), bursts: append(times(15, 1), 20)},
		{name: "tail", rates: tail, bursts: bursty(len(tail), 4), wander: 0.15, memory: 0.7, own: 0.1},
		{name: "few rare", rates: one, bursts: times(len(one), 1), wander: 0.1, memory: 0.7},
		{name: "one template", plain: true, rates: []float64{3000}, bursts: []float64{1}, wander: 0.1, memory: 0.8},
		{name: "quiet", rates: zipf(8, 300, 20), bursts: bursty(8, 5)},
	}
}

var cuts = []struct {
	name  string
	hours float64
	after func(at float64) bool
}{
	{"alternate minutes", 2, func(at float64) bool { return int(at/60)%2 == 1 }},
	{"adjacent hours", 2, func(at float64) bool { return at >= 3600 }},
}

func changes(c *Comparison) (n int, text string) {
	for i, r := range c.Results {
		if r.Kind.Changed() {
			n++
			text += fmt.Sprintf(" %d %s ×%.2f p %.1e φ %.1f;", i, r.Kind, r.Factor, r.P, r.Dispersion)
		}
	}
	return n, text
}

// TestNothingChanged compares pieces of steady sources: at most one pair in twenty may report any change.
func TestNothingChanged(t *testing.T) {
	all, wrong := 0, 0
	for _, s := range sources() {
		for _, c := range cuts {
			bad := 0
			example := ""
			for seed := range *runs {
				r := rand.New(rand.NewPCG(uint64(seed), 11))
				before, after := split(s.print(r, c.hours), c.after)
				if n, text := changes(compareLogs(before, after, Options{})); n > 0 {
					bad++
					example = text
				}
			}
			t.Logf("%-15s %-18s %5.1f %%  %s", s.name, c.name, 100*float64(bad)/float64(*runs), example)
			all += *runs
			wrong += bad
		}
	}
	t.Logf("all %.2f %%", 100*float64(wrong)/float64(all))
	if wrong*20 > all {
		t.Errorf("%d of %d pairs report a change", wrong, all)
	}
}

// TestPlantedChangesAreFound doubles a template of at least 100 lines and adds a template of 5 lines.
func TestPlantedChangesAreFound(t *testing.T) {
	var found, planted int
	for _, s := range sources() {
		for _, c := range cuts {
			doubled, added := 0, 0
			tried, triedHundred, hundred := 0, 0, 0
			for seed := range *runs {
				r := rand.New(rand.NewPCG(uint64(seed), 12))
				before, after := split(s.print(r, c.hours), c.after)
				var able []int
				smallest := -1
				for i := range after {
					if len(before[i]) >= 100 && len(after[i]) >= 100 {
						able = append(able, i)
						if smallest < 0 || len(after[i]) < len(after[smallest]) {
							smallest = i
						}
					}
				}
				if len(able) > 0 {
					tried++
					i := able[r.IntN(len(able))]
					was := after[i]
					after[i] = append(slices.Clone(was), was...)
					if compareLogs(before, after, Options{}).Results[i].Kind == More {
						doubled++
					}
					after[i] = was
					triedHundred++
					i = smallest
					was = after[i]
					after[i] = append(slices.Clone(was), was...)
					if compareLogs(before, after, Options{}).Results[i].Kind == More {
						hundred++
					}
					after[i] = was
				}
				var new []float64
				for len(new) < 5 {
					if at := r.Float64() * c.hours * 3600; c.after(at) {
						new = append(new, at)
					}
				}
				before, after = append(before, nil), append(after, new)
				if compareLogs(before, after, Options{}).Results[len(before)-1].Kind == New {
					added++
				}
			}
			if s.plain {
				found += doubled + added
				planted += tried + *runs
			}
			t.Logf("%-15s %-18s ×2 %5.1f %%  smallest ×2 %5.1f %%  new %5.1f %%", s.name, c.name, 100*float64(doubled)/float64(max(tried, 1)), 100*float64(hundred)/float64(max(triedHundred, 1)), 100*float64(added)/float64(*runs))
		}
	}
	if float64(found) < 0.95*float64(planted) {
		t.Errorf("%d of %d planted changes were found", found, planted)
	}
}
