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
	trend  trend
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
	a.trend.merge(&t.trend)
}

// templates computes the templates of all sources, the most frequent first. The last result is the number of records
// whose shape a cap has cut.
func (e *Engine) templates(sources []*sourceState) (list []template.Template, sums []tally, cut int64) {
	all := make(map[uint64]*tally)
	for n, src := range sources {
		cut += src.merged.cutShape
		for h, sh := range src.merged.shapes {
			t := &tally{h, sh.count, int(sh.rank), sh.first, sh.last, sh.trend, sh, src, n}
			if have := all[h]; have != nil {
				have.add(t)
			} else {
				all[h] = t
			}
		}
	}
	shapes := make([]*tally, 0, len(all))
	for _, t := range all {
		shapes = append(shapes, t)
	}
	slices.SortFunc(shapes, func(a, b *tally) int { return cmp.Compare(a.hash, b.hash) })
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
	list = e.views.Build(table)
	slices.SortFunc(list, func(a, b template.Template) int {
		return cmp.Or(-cmp.Compare(a.Count, b.Count), cmp.Compare(a.ID, b.ID))
	})
	sums = make([]tally, len(list))
	for i := range list {
		sum := *shapes[list[i].Leader()]
		sum.count = 0
		sum.rank = 0
		sum.trend = trend{}
		for _, k := range list[i].Shapes {
			sum.add(shapes[k])
		}
		sums[i] = sum
	}
	return list, sums, cut
}

// cluster renders a template.
func cluster(t *template.Template, sum *tally) Cluster {
	return Cluster{
		ID: t.ID, Template: redact(t.Text()), Severity: severityName(sum.rank), Count: t.Count,
		First: sum.begin.format(), Last: sum.end.format(), Signature: t.Signature,
		Sample:    Sample{Source: sum.from.name, Line: sum.sample.line, Text: redact(string(sum.sample.text))},
		Histogram: sum.trend.buckets(), rank: sum.rank,
	}
}

// cluster fills the list of clusters: the most frequent ones, and errors that nothing explains before others.
func (s *Snapshot) cluster(e *Engine, sources []*sourceState) {
	list, sums, cut := e.templates(sources)
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
		s.Clusters = append(s.Clusters, cluster(&list[i], &sums[i]))
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
	list, sums, cut := e.templates(sources)
	t := &Templates{Clusters: make([]Cluster, len(list)), Cut: cut, Faults: slices.Clone(e.faults)}
	slices.SortStableFunc(t.Faults, func(a, b Fault) int { return cmp.Compare(a.Source, b.Source) })
	for i := range list {
		t.Clusters[i] = cluster(&list[i], &sums[i])
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
