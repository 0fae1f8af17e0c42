package diagnose

import (
	"cmp"
	"math"
	"slices"

	"github.com/whytls/whytls/diagnose/change"
	"github.com/whytls/whytls/diagnose/template"
	"github.com/whytls/whytls/parsers"
)

// DifferenceSchema names the version of the JSON form of a Difference. Fields may be added to it, never renamed.
const DifferenceSchema = "whytls.diff/1"

// Difference is what changed from one population of records to another. It is immutable.
type Difference struct {
	Schema string `json:"schema"`
	// Level bounds the probability that any change is reported where there is none.
	Level float64 `json:"level"`
	// Per is what the rates are per: "second" or "record".
	Per    string     `json:"per"`
	Before Population `json:"before"`
	After  Population `json:"after"`
	// Changes hold the templates that changed, the strongest first, then, on demand, the others.
	Changes []Change `json:"changes"`
	// Verdicts count all templates by what is said of them, listed or not.
	Verdicts map[change.Kind]int `json:"verdicts"`
	Warnings []Warning           `json:"warnings"`

	// Faults are the inputs that could not be read.
	Faults []Fault `json:"-"`
}

// Population is one side of a Difference.
type Population struct {
	Input Input `json:"input"`
	// Exposure is what the counts are divided by: the seconds from the first to the last record, or the records.
	Exposure float64 `json:"exposure"`
}

// Change is what is said of one template. The bounds of the factor hold for all templates together at the level of the
// Difference; what has no bound is left out, as is the factor of a new template.
type Change struct {
	ID         string      `json:"id"`
	Change     change.Kind `json:"change"`
	Factor     *float64    `json:"factor,omitempty"`
	Low        *float64    `json:"low,omitempty"`
	High       *float64    `json:"high,omitempty"`
	P          float64     `json:"p"`
	Dispersion float64     `json:"dispersion"`
	Before     Frequency   `json:"before"`
	After      Frequency   `json:"after"`
	Template   string      `json:"template"`
	Severity   string      `json:"severity"`
	Signature  string      `json:"signature"`
	First      string      `json:"first"`
	Last       string      `json:"last"`
	Sample     Sample      `json:"sample"`

	strength float64
}

// Frequency is how often a template came on one side.
type Frequency struct {
	Count int64   `json:"count"`
	Rate  float64 `json:"rate"`
}

// Compare says what changed from what one engine read to what another did. The templates are those of both together.
func Compare(before, after *Engine, o change.Options) *Difference {
	sides := [2]*Engine{before, after}
	d := &Difference{Schema: DifferenceSchema, Changes: []Change{}, Verdicts: make(map[change.Kind]int), Warnings: []Warning{}}
	var sources [2][]*sourceState
	var spans [2]change.Side
	for k, e := range sides {
		s := e.Snapshot() // accounts for every line
		population := &d.Before
		if k == 1 {
			population = &d.After
		}
		population.Input = s.Input
		d.Warnings = append(d.Warnings, s.Warnings...)
		d.Faults = append(d.Faults, s.Faults...)
		e.mu.Lock()
		defer e.mu.Unlock()
		sources[k] = e.settled()
		spans[k] = side(sources[k])
	}
	list, sums, cut := templatesOf(new(template.Builder), slices.Concat(sources[0], sources[1]))
	if cut > 0 {
		d.Warnings = append(d.Warnings, Warning{Code: "limits", Text: "more message shapes than are kept: some records are not compared"})
	}
	places := !spans[0].Timed && !spans[1].Timed
	if places {
		// Without times, what stands together in the file tells bursts from a steady trickle all the same.
		o.Per = change.Records
		for k := range spans {
			spans[k].Last, spans[k].Timed = float64(length(sources[k])), true
		}
		d.Warnings = append(d.Warnings, Warning{Code: "no-times", Text: "no times: shares of the records are compared, and bursts told by the places of the lines"})
	}
	pairs := make([]change.Pair, len(list))
	for i := range list {
		hashes := list[i].Hashes()
		pairs[i] = change.Pair{Before: series(sources[0], hashes, places), After: series(sources[1], hashes, places)}
	}
	c := change.Compare(pairs, spans[0], spans[1], o)
	d.Level, d.Per = c.Level, "record"
	if c.Per == change.Time {
		d.Per = "second"
	}
	if !c.Timed && len(list) > 0 {
		d.Warnings = append(d.Warnings, Warning{Code: "no-times", Text: "only one side has times, so bursts cannot be told; they are assumed to be of three lines"})
	}
	d.Before.Exposure, d.After.Exposure = c.Before, c.After
	for i := range list {
		r := &c.Results[i]
		d.Verdicts[r.Kind]++
		t := cluster(list[i], sums[i])
		d.Changes = append(d.Changes, Change{
			ID: t.ID, Change: r.Kind, Factor: finite(r.Factor), Low: finite(r.Low), High: finite(r.High), P: r.P, Dispersion: r.Dispersion,
			Before:   Frequency{pairs[i].Before.Count, float64(pairs[i].Before.Count) / c.Before},
			After:    Frequency{pairs[i].After.Count, float64(pairs[i].After.Count) / c.After},
			Template: t.Template, Severity: t.Severity, Signature: t.Signature, First: t.First, Last: t.Last, Sample: t.Sample,
			strength: math.Max(r.Low, 1/r.High),
		})
	}
	slices.SortStableFunc(d.Changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(rankOf(a.Change), rankOf(b.Change)), -cmp.Compare(a.strength, b.strength), cmp.Compare(a.ID, b.ID))
	})
	return d
}

// rankOf orders the kinds: what is new, what changed, what is gone, and the rest.
func rankOf(k change.Kind) int {
	switch k {
	case change.New:
		return 0
	case change.More, change.Less:
		return 1
	case change.Gone:
		return 2
	case change.Unchanged:
		return 3
	}
	return 4
}

func finite(v float64) *float64 {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return nil
	}
	return &v
}

// side sums up a population: its records, and from when to when it goes.
func side(sources []*sourceState) change.Side {
	s := change.Side{First: math.Inf(1), Last: math.Inf(-1)}
	for _, src := range sources {
		p := src.merged
		s.Records += p.count.Records()
		for _, m := range []moment{p.first, p.last} {
			if m.Kind != parsers.TimeNone {
				s.First, s.Last = min(s.First, float64(m.Nano)/1e9), max(s.Last, float64(m.Nano)/1e9)
			}
		}
	}
	if s.Timed = s.First < s.Last; !s.Timed {
		s.First, s.Last = 0, 0
	}
	return s
}

// length is that of some sources one after the other, in the units of trend.addPlace.
func length(sources []*sourceState) int64 {
	n := int64(0)
	for _, src := range sources {
		n += src.merged.count.Bytes/placeUnit + 1
	}
	return n
}

// series counts the records of some shapes over time, or over their places.
func series(sources []*sourceState, hashes []uint64, places bool) change.Series {
	var out change.Series
	var sum trend
	for k, src := range sources {
		for _, h := range hashes {
			sh := src.merged.shapes[h]
			if sh == nil {
				continue
			}
			out.Count += sh.count
			switch {
			case !places:
				sum.merge(&sh.trend)
			case sh.order != nil:
				begin := length(sources[:k])
				for _, s := range sh.order.spans {
					sum.count(uint32(begin+int64(s.at)<<sh.order.shift), s.n)
				}
			}
		}
	}
	out.Shift = sum.shift
	for _, s := range sum.spans {
		out.Spans = append(out.Spans, change.Span{At: int64(s.at), Count: int64(s.n)})
	}
	return out
}
