package diagnose

import (
	"slices"
	"strconv"
	"time"

	"github.com/whytls/whytls/parsers"
)

// occasionGap joins hits that are closer together into one occasion: two lines of one event, a connection tried twice.
const occasionGap = int64(1500 * time.Millisecond)

// pattern of arrival of the kept hits of an incident.
type arrivalPattern struct {
	kind   string  // single, burst, periodic, steady, "" without times
	period float64 // seconds, for periodic
}

func init() {
	registerFeature("arrival", func(o *observer) *observation {
		a := o.in.arrival()
		if a.kind == "" {
			return nil
		}
		v := &observation{values: []string{a.kind}, at: o.in.anyHit(), words: map[string]string{"value": a.kind}}
		if a.period > 0 {
			v.words["period"] = formatSeconds(a.period)
		}
		return v
	})
	registerFeature("burst", func(o *observer) *observation {
		b := &o.in.buckets
		if b.empty() || b.width != 1 {
			return nil
		}
		var most int64
		for _, n := range b.counts {
			most = max(most, n)
		}
		return number(float64(most), o.in.anyHit())
	})
	registerFeature("duration", func(o *observer) *observation {
		first, last, ok := o.in.span()
		if !ok {
			return nil
		}
		return number(float64(last-first)/1e9, o.in.anyHit())
	})
}

// number is the observation of one number.
func number(v float64, at *place) *observation {
	s := strconv.FormatFloat(v, 'f', -1, 64)
	return &observation{values: []string{s}, at: at, words: map[string]string{"value": trimNumber(v)}}
}

func trimNumber(v float64) string {
	if v >= 100 || v == float64(int64(v)) {
		return strconv.FormatInt(int64(v), 10)
	}
	return strconv.FormatFloat(v, 'f', 1, 64)
}

// formatSeconds renders a duration the way a person says it.
func formatSeconds(s float64) string {
	d := time.Duration(s * float64(time.Second))
	switch {
	case d < 10*time.Second:
		return trimNumber(s) + " s"
	case d < time.Minute:
		return strconv.Itoa(int(d.Seconds()+0.5)) + " s"
	}
	return d.Round(time.Second).String()
}

// span returns the first and last moment of the incident.
func (in *incident) span() (first, last int64, ok bool) {
	for i := range in.hits {
		at := in.hits[i].at
		if at.Kind == parsers.TimeNone {
			continue
		}
		if !ok {
			first, last, ok = at.Nano, at.Nano, true
			continue
		}
		first, last = min(first, at.Nano), max(last, at.Nano)
	}
	return first, last, ok
}

func (in *incident) arrival() arrivalPattern {
	var times []int64
	for i := range in.hits {
		if in.hits[i].at.Kind != parsers.TimeNone {
			times = append(times, in.hits[i].at.Nano)
		}
	}
	if len(times) == 0 {
		return arrivalPattern{}
	}
	slices.Sort(times)
	occasions := []int64{times[0]}
	previous := times[0]
	for _, t := range times[1:] {
		if t-previous > occasionGap {
			occasions = append(occasions, t)
		}
		previous = t
	}
	if len(occasions) == 1 {
		if in.count >= 3 {
			return arrivalPattern{kind: "burst"}
		}
		return arrivalPattern{kind: "single"}
	}
	if period, ok := regular(occasions); ok && in.count <= int64(len(occasions))*3 {
		return arrivalPattern{"periodic", period}
	}
	if in.count >= int64(len(occasions))*5 {
		return arrivalPattern{kind: "burst"}
	}
	return arrivalPattern{kind: "steady"}
}

// regular reports whether at least four occasions follow each other at one distance of two seconds or more: three
// quarters of the distances lie within 15 % (or a second, the resolution of many logs) of their median.
func regular(occasions []int64) (seconds float64, ok bool) {
	if len(occasions) < 4 {
		return 0, false
	}
	var gaps []int64
	for i := 1; i < len(occasions); i++ {
		gaps = append(gaps, occasions[i]-occasions[i-1])
	}
	sorted := slices.Clone(gaps)
	slices.Sort(sorted)
	median := sorted[len(sorted)/2]
	if median < int64(2*time.Second) {
		return 0, false
	}
	tolerance := median * 15 / 100
	if median >= int64(5*time.Second) {
		tolerance = max(tolerance, int64(time.Second))
	}
	near := 0
	for _, g := range gaps {
		if g >= median-tolerance && g <= median+tolerance {
			near++
		}
	}
	return float64(median) / 1e9, near*4 >= len(gaps)*3
}
