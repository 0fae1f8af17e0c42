package change

import (
	"math"
	"slices"
)

const (
	// mostBlocks is how many blocks of time a side has at the finest length that is looked at.
	mostBlocks = 64
	// leastFreedom is how many blocks, beyond the means, a length must give to be looked at.
	leastFreedom = 8
	// trust is the weight, in blocks, of the finer length when a coarser one is judged: few blocks scatter widely.
	trust = 10
	// Without anything measured a template is taken to come in bursts of assumedPhi lines; that guess weighs as much as
	// assumedFreedom blocks.
	assumedPhi     = 3
	assumedFreedom = 1
	// untimedFreedom is for logs without times, where nothing can be measured and assumedPhi must do.
	untimedFreedom = 20
	// driftBlocks is the least number of stretches that the shorter side is cut into to see how the load wanders.
	driftBlocks = 5
)

// dispersion says how much the counts vary beyond chance.
type dispersion struct {
	phi     []float64
	freedom []float64
	// drift is the variance that the wandering of the load, which all templates share, gives to the logarithm of a ratio of
	// rates.
	drift float64
}

func (d *dispersion) of(i int) (phi, freedom float64) { return d.phi[i], d.freedom[i] }

// blocks are the counts of all templates on one side, in blocks of one length that hold any record.
type blocks struct {
	at     []int64     // numbers of the blocks, ascending
	counts [][]float64 // by template, then block; nil for one that has no timed record
	sums   []float64   // by template
	load   []float64   // by block: the records of all templates, none of which counts for a burst of its own
	total  float64
}

// measure estimates the dispersion of each template and the drift of the load.
func measure(pairs []Pair, before, after Side, timed bool) *dispersion {
	d := &dispersion{phi: make([]float64, len(pairs)), freedom: make([]float64, len(pairs))}
	if !timed {
		for i := range pairs {
			d.phi[i], d.freedom[i] = assumedPhi, untimedFreedom
		}
		return d
	}
	shift := commonShift(pairs)
	first := true
	for {
		a, b := cut(pairs, func(p *Pair) *Series { return &p.Before }, shift), cut(pairs, func(p *Pair) *Series { return &p.After }, shift)
		if !first && len(a.at)+len(b.at)-2 < leastFreedom {
			break
		}
		for i := range pairs {
			x, f := a.scatter(i)
			y, g := b.scatter(i)
			phi, freedom := x+y, f+g
			if first {
				d.phi[i] = (phi + assumedFreedom*assumedPhi) / (freedom + assumedFreedom)
				d.freedom[i] = freedom + assumedFreedom
				continue
			}
			if phi = (phi + trust*d.phi[i]) / (freedom + trust); phi > d.phi[i] {
				d.phi[i] = phi
			}
		}
		first = false
		if len(a.at)+len(b.at)-2 < leastFreedom {
			break
		}
		shift++
	}
	for i := range d.phi {
		d.phi[i] = max(d.phi[i], 1) // more regular than chance: not relied on
	}
	d.drift = drift(pairs, before, after, commonShift(pairs))
	return d
}

// commonShift is the finest length of block in which every series is known and no side has more than mostBlocks.
func commonShift(pairs []Pair) uint8 {
	shift := uint8(0)
	for i := range pairs {
		shift = max(shift, pairs[i].Before.Shift, pairs[i].After.Shift)
	}
	for {
		a, b := make(map[int64]bool), make(map[int64]bool)
		for i := range pairs {
			for _, s := range pairs[i].Before.Spans {
				a[s.At>>(shift-pairs[i].Before.Shift)] = true
			}
			for _, s := range pairs[i].After.Spans {
				b[s.At>>(shift-pairs[i].After.Shift)] = true
			}
		}
		if max(len(a), len(b)) <= mostBlocks {
			return shift
		}
		shift++
	}
}

// cut counts one side in blocks of 1<<shift seconds. Blocks without any record are left out: nobody knows whether the
// source was silent or not there, as when a log holds every other minute.
func cut(pairs []Pair, side func(*Pair) *Series, shift uint8) *blocks {
	b := &blocks{counts: make([][]float64, len(pairs)), sums: make([]float64, len(pairs))}
	seen := make(map[int64]bool)
	for i := range pairs {
		s := side(&pairs[i])
		for _, span := range s.Spans {
			if at := span.At >> (shift - s.Shift); !seen[at] {
				seen[at] = true
				b.at = append(b.at, at)
			}
		}
	}
	slices.Sort(b.at)
	b.load = make([]float64, len(b.at))
	for i := range pairs {
		s := side(&pairs[i])
		if len(s.Spans) == 0 {
			continue
		}
		counts := make([]float64, len(b.at))
		for _, span := range s.Spans {
			k, _ := slices.BinarySearch(b.at, span.At>>(shift-s.Shift))
			counts[k] += float64(span.Count)
			b.sums[i] += float64(span.Count)
		}
		b.counts[i] = counts
		most := 3*b.sums[i]/float64(len(b.at)) + 5 // a burst of one template is no load for the others
		for k, n := range counts {
			b.load[k] += min(n, most)
			b.total += min(n, most)
		}
	}
	return b
}

// scatter is Pearson's X² of the counts of a template against its share of the load, and its degrees of freedom. The load
// takes gaps in the log and ups and downs that all templates share out of it.
func (b *blocks) scatter(i int) (x2, freedom float64) {
	counts, sum := b.counts[i], b.sums[i]
	if counts == nil || len(b.at) < 2 {
		return 0, 0
	}
	share := min(sum/b.total, 0.75) // the template is itself part of the load
	for k, n := range counts {
		if expected := sum * b.load[k] / b.total; expected > 0 {
			x2 += (n - expected) * (n - expected) / expected
		}
	}
	return x2 / (1 - share), float64(len(b.at) - 1)
}

// drift is the variance, of the logarithm, that the wandering of the load gives to the ratio of two rates. It comes from the
// load in long stretches of each side: what they scatter about a straight line, and the line itself, prolonged from the
// middle of one side to that of the other. Stretches follow one another with some memory, so the variance of their mean
// is taken as three times that of independent ones (that is a correlation of one half: Priestley, Spectral Analysis and
// Time Series, 1981, 5.3.2). Where the sides run at the same time, both see the same load. What chance alone would give is
// taken off.
func drift(pairs []Pair, before, after Side, shift uint8) float64 {
	shorter := min(before.Last-before.First, after.Last-after.First)
	if shorter <= 0 {
		return 0
	}
	for math.Ldexp(driftBlocks, int(shift)+1) <= shorter {
		shift++
	}
	a := cut(pairs, func(p *Pair) *Series { return &p.Before }, shift).stretches(before, shift)
	b := cut(pairs, func(p *Pair) *Series { return &p.After }, shift).stretches(after, shift)
	// One slope and two levels.
	var tt, tr, rr, chance, n float64
	for _, list := range [][]stretch{a, b} {
		for _, s := range list {
			tt += s.time * s.time
			tr += s.time * s.rate
			rr += s.rate * s.rate
			chance += s.chance
			n++
		}
	}
	freedom := n - 3
	if freedom < 1 || tt == 0 {
		return 0
	}
	chance /= n
	slope := tr / tt
	scatter := max((rr-slope*tr)/freedom-chance, 0)
	distance := math.Abs((before.First + before.Last - after.First - after.Last) / 2)
	apart := 1 - max(min(before.Last, after.Last)-max(before.First, after.First), 0)/shorter
	trend := max(slope*slope-chance/tt, 0) * distance * distance
	return 4*scatter/n*(1+2*apart) + apart*trend
}

// stretch is the load in a long block of which the side covers at least half: its time and its rate in units of their mean,
// less the mean.
type stretch struct{ time, rate, chance float64 }

func (b *blocks) stretches(side Side, shift uint8) []stretch {
	length := math.Ldexp(1, int(shift))
	var list []stretch
	var time, rate float64
	for k, at := range b.at {
		start := float64(at) * length
		from, to := max(start, side.First), min(start+length, side.Last)
		if to-from >= length/2 && b.load[k] > 0 {
			list = append(list, stretch{(from + to) / 2, b.load[k] / (to - from), 1 / b.load[k]})
			time += (from + to) / 2
			rate += b.load[k] / (to - from)
		}
	}
	for i := range list {
		list[i].time -= time / float64(len(list))
		list[i].rate = list[i].rate*float64(len(list))/rate - 1
	}
	return list
}
