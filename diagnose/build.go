package diagnose

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/whytls/whytls/knowledgebase"
	"github.com/whytls/whytls/parsers"
)

// Snapshot makes an immutable picture of everything read so far.
func (e *Engine) Snapshot() *Snapshot {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := &Snapshot{
		Schema: Schema, Findings: []*Finding{}, BlindSpots: []BlindSpot{}, Clusters: []Cluster{}, Warnings: []Warning{},
		Faults: slices.Clone(e.faults),
	}
	slices.SortStableFunc(s.Faults, func(a, b Fault) int { return cmp.Compare(a.Source, b.Source) })
	sources := e.settled()
	sources = inRotation(sources)
	systems := gather(e.base, sources)
	for _, system := range systems {
		system.configuration = e.options.Configuration
		found := diagnoseSystem(e.base, system)
		nest(e.base, found)
		s.Findings = append(s.Findings, found...)
		s.BlindSpots = append(s.BlindSpots, blindSpots(system)...)
		for _, n := range system.quiet {
			s.Quiet += n
		}
	}
	s.Findings = joinSides(e.base, s.Findings, int64(e.options.Skew))
	order(s.Findings)
	s.account(e.base, sources, systems)
	s.cluster(e, sources)
	s.warn(sources)
	passed := slices.Clone(e.passed)
	slices.SortStableFunc(passed, func(a, b Warning) int { return cmp.Compare(a.Source, b.Source) })
	s.Warnings = append(s.Warnings, passed...)
	return s
}

// settled returns the sources that could be opened, with the times that they inherit.
func (e *Engine) settled() []*sourceState {
	var sources []*sourceState
	for _, src := range e.sources {
		if src.detection == nil {
			continue // could not be opened: a fault
		}
		src.merged.settle()
		sources = append(sources, src)
		if src.tail != nil { // whose first records may inherit a time from the past
			sources = append(sources, src.tail)
		}
	}
	return sources
}

// inRotation puts the files of one rotation into the order in which they were written: the numbers behind their names do
// not tell (NanoMQ's wrap around), their first times do.
func inRotation(sources []*sourceState) []*sourceState {
	names := make([]string, len(sources))
	first := make([]parsers.Timestamp, len(sources))
	for i, src := range sources {
		names[i], first[i] = src.name, src.merged.first.Timestamp
	}
	out := make([]*sourceState, 0, len(sources))
	for _, i := range parsers.RotationOrder(names, first) {
		out = append(out, sources[i])
	}
	return out
}

// account adds up the lines of all sources.
func (s *Snapshot) account(base *knowledgebase.Base, sources []*sourceState, systems []*systemState) {
	in := &s.Input
	in.Skipped = map[string]int64{}
	in.Sources = []SourceInfo{}
	versions := make(map[string]string)
	for _, system := range systems {
		versions[system.id] = system.version.String()
	}
	var sum parsers.Accounting
	var all levels
	all.init()
	at := make(map[*sourceState]int)
	for _, src := range sources {
		if src.whole == nil {
			at[src] = len(in.Sources)
			in.Sources = append(in.Sources, src.info(versions))
		}
	}
	for _, src := range sources {
		s.sourceOf = append(s.sourceOf, at[cmp.Or(src.whole, src)])
		sum.Merge(&src.merged.count)
		all.merge(&src.merged.levels)
	}
	s.Counts, s.Timeline = all.counts, all.timeline()
	in.Bytes, in.Lines, in.Heads, in.Splits = sum.Bytes, sum.Lines, sum.Heads, sum.Splits
	in.Records, in.Continuation, in.Blank, in.Unparsed = sum.Records(), sum.Continuation, sum.Blank, sum.Unparsed
	for reason, n := range sum.Skipped {
		in.Skipped[reason] = n
	}
}

// warn says what the reader must know about the input and the limits of the run.
func (s *Snapshot) warn(sources []*sourceState) {
	for _, src := range sources {
		if src.whole != nil {
			continue
		}
		p := src.limits()
		s.Warnings = append(s.Warnings, src.turns()...)
		add := func(code, format string, args ...any) {
			s.Warnings = append(s.Warnings, Warning{Code: code, Text: fmt.Sprintf(format, args...), Source: src.name})
		}
		if n := p.count.Torn; n > 0 {
			add("torn-lines", "%d torn %s: two threads wrote into one line and a message was lost", n, plural(n, "line", "lines"))
		}
		if n := p.count.Truncated; n > 0 {
			add("long-lines", "%d %s longer than %d MiB: the rest of each was not looked at", n, plural(n, "line", "lines"), parsers.MaxLine>>20)
		}
		if n := p.count.Unparsed; n > 0 {
			add("unparsed-lines", "%d %s could not be read as text or as %s", n, plural(n, "line", "lines"), src.detection.Format.Name)
		}
		if p.local {
			add("assumed-zone", "times carry no zone; they are read in the zone of --timezone")
		}
		if p.cut > 0 {
			add("limits", "more than %d message shapes: %d records are counted without one", maxShapes, p.cut)
		}
	}
}

func plural(n int64, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
