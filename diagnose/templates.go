package diagnose

import (
	"cmp"
	"slices"

	"github.com/whytls/whytls/diagnose/template"
	"github.com/whytls/whytls/parsers"
)

// shownClusters bounds the list of clusters in a snapshot; what it leaves out is counted in ClustersRest.
// shownErrors of them are kept for errors that no signature knows, which are few lines among many.
const (
	shownClusters = 200
	shownErrors   = 100
)

// tally sums up the records of a shape in all sources, and then those of a template.
type tally struct {
	hash   uint64
	count  int64
	rank   int
	begin  moment
	end    moment
	trend  *trend
	own    bool        // the trend belongs to this tally and may be changed
	sample *shapeState // the record that stands for it
	from   *sourceState
	number int // of the source
}

// add takes in the records of t. The earlier sample stays.
func (a *tally) add(t *tally) {
	a.count += t.count
	a.rank = max(a.rank, t.rank)
	if t.begin.Kind != parsers.TimeNone && (a.begin.Kind == parsers.TimeNone || t.begin.Nano < a.begin.Nano) {
		a.begin = t.begin
	}
	if t.end.Kind != parsers.TimeNone && (a.end.Kind == parsers.TimeNone || t.end.Nano > a.end.Nano) {
		a.end = t.end
	}
	if !a.own {
		sum := new(trend)
		sum.merge(a.trend)
		a.trend, a.own = sum, true
	}
	a.trend.merge(t.trend)
}

// templates computes the templates of all sources, the most frequent first. The last result is the number of records
// whose shape a cap has cut.
func templatesOf(views *template.Builder, sources []*sourceState) (list []*template.Template, sums []*tally, cut int64) {
	n := 0
	for _, src := range sources {
		n += len(src.merged.shapes)
	}
	all := make([]tally, 0, n)
	for n, src := range sources {
		cut += src.merged.cutShape
		for h, sh := range src.merged.shapes {
			all = append(all, tally{h, sh.count, int(sh.last.rank), moment{Timestamp: sh.first}, moment{Timestamp: sh.lastTime()}, &sh.trend, false, sh, src, n})
		}
	}
	shapes := make([]*tally, n)
	for i := range all {
		shapes[i] = &all[i]
	}
	slices.SortFunc(shapes, func(a, b *tally) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.number, b.number))
	})
	shapes = joinEqual(shapes)
	if len(shapes) > maxShapes {
		for _, t := range shapes[maxShapes:] {
			cut += t.count
		}
		shapes = shapes[:maxShapes]
	}
	table := make([]template.Shape, len(shapes))
	for i, t := range shapes {
		s := t.sample
		table[i] = template.Shape{Hash: t.hash, Scope: s.scope, Signature: s.signed, Count: t.count, Sample: s.sample}
	}
	built := views.Build(table)
	sorted := make([]*template.Template, len(built))
	for i := range built {
		sorted[i] = &built[i]
	}
	slices.SortFunc(sorted, func(a, b *template.Template) int {
		return cmp.Or(-cmp.Compare(a.Count, b.Count), cmp.Compare(a.ID, b.ID))
	})
	sums = make([]*tally, len(sorted))
	for i, t := range sorted {
		sums[i] = shapes[t.Leader()]
		for _, k := range t.Shapes {
			if k != t.Leader() {
				sums[i].add(shapes[k])
			}
		}
	}
	return sorted, sums, cut
}

// joinEqual adds up the tallies of one shape in several sources, which stand side by side.
func joinEqual(shapes []*tally) []*tally {
	out := shapes[:0]
	for _, t := range shapes {
		if n := len(out); n > 0 && out[n-1].hash == t.hash {
			out[n-1].add(t)
			continue
		}
		out = append(out, t)
	}
	return out
}

// cluster renders a template.
func cluster(t *template.Template, sum *tally) Cluster {
	name, number := sum.from.place(sum.sample.line)
	return Cluster{
		ID: t.ID, Template: redact(t.Text()), Severity: severityName(sum.rank), Count: t.Count,
		First: sum.begin.format(), Last: sum.end.format(), Signature: t.Signature,
		Sample:    Sample{Source: name, Line: number, Text: redact(string(sum.sample.text))},
		Histogram: sum.trend.buckets(), rank: sum.rank,
	}
}

// cluster fills the list of clusters: the most frequent ones, and errors that nothing explains before others.
func (s *Snapshot) cluster(e *Engine, sources []*sourceState) {
	list, sums, cut := templatesOf(&e.views, sources)
	s.ClustersRest.Records = cut
	shown := make([]bool, len(list))
	left := shownClusters
	unexplained := func(i int) bool { return sums[i].rank >= int(parsers.SeverityError) && list[i].Signature == "" }
	for i := range list {
		if unexplained(i) {
			s.Unexplained += list[i].Count
			if shownClusters-left < shownErrors {
				shown[i] = true
				left--
			}
		}
	}
	for i := range list {
		if !shown[i] && left > 0 {
			shown[i] = true
			left--
		}
		if !shown[i] {
			s.ClustersRest.Templates++
			s.ClustersRest.Records += list[i].Count
			continue
		}
		s.Clusters = append(s.Clusters, cluster(list[i], sums[i]))
	}
}

// Templates are all templates of what was read, the most frequent first.
type Templates struct {
	Clusters []Cluster
	// Cut is the number of records whose shape a cap has cut.
	Cut int64
	// Lines gives for each source, in the order of the arguments, the index of each line's template, -1 for a line before
	// the first record. It is nil unless Options.Lines is set.
	Lines [][]int32
	// Faults are the inputs that could not be read.
	Faults []Fault
}

// Templates computes the templates of everything read so far.
func (e *Engine) Templates() *Templates {
	e.mu.Lock()
	defer e.mu.Unlock()
	sources := e.settled()
	list, sums, cut := templatesOf(&e.views, sources)
	t := &Templates{Clusters: make([]Cluster, len(list)), Cut: cut, Faults: slices.Clone(e.faults)}
	slices.SortStableFunc(t.Faults, func(a, b Fault) int { return cmp.Compare(a.Source, b.Source) })
	for i := range list {
		t.Clusters[i] = cluster(list[i], sums[i])
	}
	if !e.options.Lines {
		return t
	}
	of := make(map[uint64]int32)
	for i := range list {
		for _, h := range list[i].Hashes() {
			of[h] = int32(i)
		}
	}
	for _, src := range sources {
		lines := make([]int32, src.merged.count.Lines)
		last := int32(-1)
		for i := range lines {
			if i < len(src.merged.rows) && src.merged.rows[i] != 0 {
				n, ok := of[src.merged.rows[i]]
				if !ok {
					n = -1
				}
				last = n
			}
			lines[i] = last
		}
		t.Lines = append(t.Lines, lines)
	}
	return t
}
