package diagnose

import (
	"cmp"
	"fmt"
	"slices"
	"sort"

	"github.com/whytls/whytls/knowledgebase"
	"github.com/whytls/whytls/parsers"
)

// place is a hit with the source that it comes from.
type place struct {
	hit
	source *sourceState
	number int
}

// incident is a group of folded hits: one system, one signature group, one deciding code.
type incident struct {
	system    string
	group     string
	code      string
	signature *knowledgebase.Signature // the most specific one
	whens     uint32
	weight    int
	members   map[string]int64 // hits by signature
	with      map[string]bool
	scopes    map[string]bool
	functions map[string]bool
	formats   map[string]bool
	values    map[string]*valueCounts
	buckets   buckets
	hits      []place // kept ones, in order of time
	count     int64   // folded events
	maxGap    int64
	gapHit    place

	bySource map[int]map[line]int64 // source → line of the event → hits
}

// line tells the lines of one event apart: a message, or one message in two wrappers (console and log file).
type line struct{ signature, wrapper, group string }

// systemState is all that is known about one system in all its sources.
type systemState struct {
	id        string
	profile   *knowledgebase.System
	version   knowledgebase.Versions
	incidents []*incident
	markers   map[string]*markerState
	scopes    map[string]moment
	formats   map[string]bool
	records   int64
	verbose   parsers.Severity
	first     moment
	last      moment
	sources   []*sourceState // of every system, by number
	quiet     map[string]int64
	seen      map[string]bool // signature ids and groups
	causes    map[string]bool // leading causes of findings
	loud      int             // findings that are not noise
	noise     int

	configuration []Fact // that were given beside the logs
}

// gather groups the hits of all sources into the incidents of each system, in a fixed order.
func gather(base *knowledgebase.Base, sources []*sourceState) []*systemState {
	systems := make(map[string]*systemState)
	get := func(id string) *systemState {
		s := systems[id]
		if s == nil {
			s = &systemState{
				id: id, profile: base.Systems[id], sources: sources, markers: map[string]*markerState{}, scopes: map[string]moment{},
				formats: map[string]bool{}, quiet: map[string]int64{}, seen: map[string]bool{}, causes: map[string]bool{},
			}
			systems[id] = s
		}
		return s
	}
	incidents := make(map[string]*incident)
	for n, src := range sources {
		p := src.merged
		main := mainSystem(p)
		s := get(main)
		s.records += p.count.Records()
		if p.verbose != 0 && (s.verbose == 0 || p.verbose < s.verbose) {
			s.verbose = p.verbose
		}
		if p.first.Kind != parsers.TimeNone && (s.first.Kind == parsers.TimeNone || p.first.Nano < s.first.Nano) {
			s.first = p.first
		}
		if p.last.Kind != parsers.TimeNone && (s.last.Kind == parsers.TimeNone || p.last.Nano > s.last.Nano) {
			s.last = p.last
		}
		for f := range p.formats {
			s.formats[f] = true
		}
		for scope, m := range p.scopes {
			if have, ok := s.scopes[scope]; !ok || m.Nano > have.Nano {
				s.scopes[scope] = m
			}
		}
		for id := range p.quiet {
			s.quiet[id] += p.quiet[id]
			s.seen[id] = true
		}
		slices.SortFunc(p.proofs, func(a, b knowledgebase.Versions) int {
			if a.Exact != b.Exact {
				return -cmp.Compare(a.Exact, b.Exact)
			}
			return cmp.Or(cmp.Compare(a.Min, b.Min), cmp.Compare(a.Max, b.Max))
		})
		for _, v := range p.proofs {
			s.version = s.version.Intersect(v)
		}
		for name, m := range p.markers {
			s.addMarker(name, m)
			if len(name) > 3 && name[:3] == "id:" {
				s.seen[name[3:]] = true
			}
		}
		for _, key := range sortedHits(p) {
			h := p.hits[key]
			system := key.system
			if system == "" {
				system = main
			}
			s := get(system)
			sig := key.signature
			group := sig.Group
			if group == "" {
				group = sig.ID
			}
			s.seen[sig.ID], s.seen[group] = true, true
			for _, w := range h.with {
				s.seen[w] = true
			}
			id := system + "\x00" + group + "\x00" + key.code
			in := incidents[id]
			if in == nil {
				in = &incident{
					system: system, group: group, code: key.code, maxGap: -1, weight: -1,
					members: map[string]int64{}, with: map[string]bool{}, scopes: map[string]bool{}, functions: map[string]bool{},
					formats: map[string]bool{}, values: map[string]*valueCounts{}, bySource: map[int]map[line]int64{},
				}
				incidents[id] = in
				s.incidents = append(s.incidents, in)
			}
			in.add(n, src, key, h)
		}
	}
	views := instances(sources)
	ids := make([]string, 0, len(systems))
	for id := range systems {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	var out []*systemState
	for _, id := range ids {
		s := systems[id]
		for _, in := range s.incidents {
			in.fold(views)
		}
		out = append(out, s)
	}
	return out
}

// mainSystem is the system that most records of a source belong to.
func mainSystem(p *partial) string {
	best, most := "", int64(0)
	for id, n := range p.systems {
		if id != "" && (n > most || n == most && id < best) {
			best, most = id, n
		}
	}
	return best
}

// wrapping is the id of the wrapper, "" for none.
func (k *hitKey) wrapping() string {
	if k.wrapper == nil {
		return ""
	}
	return k.wrapper.ID
}

func sortedHits(p *partial) []hitKey {
	keys := make([]hitKey, 0, len(p.hits))
	for k := range p.hits {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b hitKey) int {
		return cmp.Or(cmp.Compare(a.signature.ID, b.signature.ID), cmp.Compare(a.code, b.code), cmp.Compare(a.scope, b.scope),
			cmp.Compare(a.system, b.system), cmp.Compare(a.whens, b.whens), cmp.Compare(a.wrapping(), b.wrapping()))
	})
	return keys
}

func (s *systemState) addMarker(name string, m *markerState) {
	have := s.markers[name]
	if have == nil {
		c := *m
		s.markers[name] = &c
		return
	}
	have.count += m.count
	if have.first.Kind == parsers.TimeNone || m.first.Kind != parsers.TimeNone && m.first.Nano < have.first.Nano {
		have.first = m.first
	}
	if m.last.Kind != parsers.TimeNone && (have.last.Kind == parsers.TimeNone || m.last.Nano > have.last.Nano) {
		have.last = m.last
	}
}

func (in *incident) add(n int, src *sourceState, key hitKey, h *hitState) {
	// The most specific message speaks for the incident; of equals the one with the smallest id.
	if in.signature == nil || h.weight > in.weight {
		if in.signature != key.signature {
			in.whens = 0
		}
		in.weight, in.signature = h.weight, key.signature
	}
	if key.signature == in.signature {
		in.whens |= key.whens
	}
	in.members[key.signature.ID] += h.count
	if in.bySource[n] == nil {
		in.bySource[n] = make(map[line]int64)
	}
	l := line{signature: key.signature.ID}
	if w := key.wrapper; w != nil {
		l.wrapper, l.group = w.ID, cmp.Or(w.Group, w.ID)
	}
	in.bySource[n][l] += h.count
	for _, w := range h.with {
		in.with[w] = true
	}
	if key.scope != "" {
		in.scopes[key.scope] = true
	}
	if h.function != "" {
		in.functions[h.function] = true
	}
	in.formats[h.format] = true
	for name, v := range h.values {
		have := in.values[name]
		if have == nil {
			have = &valueCounts{counts: make(map[string]*int64)}
			in.values[name] = have
		}
		for value, c := range v.counts {
			have.add(value, *c)
		}
		have.cut = have.cut || v.cut
	}
	in.buckets.merge(&h.buckets)
	for _, list := range [2][]hit{h.first, h.last} {
		for _, one := range list {
			in.hits = append(in.hits, place{one, src, n})
		}
	}
	if h.maxGap > in.maxGap {
		in.maxGap, in.gapHit = h.maxGap, place{h.gapHit, src, n}
	}
}

// fold counts events: the lines of one event are counted once, and so are the views of one process.
func (in *incident) fold(views []int) {
	slices.SortStableFunc(in.hits, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.at.Nano, b.at.Nano), cmp.Compare(a.number, b.number), cmp.Compare(a.hit.line, b.hit.line))
	})
	byView := make(map[int]int64)
	for n, lines := range in.bySource {
		// Wrappers of one group are lines of one event; those of different groups tell of different events.
		wrapped := make(map[line]int64)
		for l, c := range lines {
			event := line{signature: l.signature, group: l.group}
			wrapped[event] = max(wrapped[event], c)
		}
		signatures := make(map[string]int64)
		for l, c := range wrapped {
			signatures[l.signature] += c
		}
		for _, c := range signatures {
			byView[views[n]] = max(byView[views[n]], c)
		}
	}
	for _, c := range byView {
		in.count += c
	}
}

// instances finds the sources that show the same process twice (console and file): they share most of their hits.
// It returns the number of the first source of the same process for each source.
func instances(sources []*sourceState) []int {
	views := make([]int, len(sources))
	for i := range sources {
		views[i] = i
		a := sources[i].merged.sketch
		for j := 0; j < i; j++ {
			b := sources[j].merged.sketch
			if smaller := min(len(a), len(b)); smaller > 0 && shared(a, b)*2 >= smaller {
				views[i] = views[j]
				break
			}
		}
	}
	return views
}

// shared counts the common values of two sorted sketches, within the range that both cover.
func shared(a, b []uint64) int {
	n, i, j := 0, 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			n, i, j = n+1, i+1, j+1
		}
	}
	return n
}

// key identifies the incident independent of counts and times.
func (in *incident) key() string { return fmt.Sprintf("%s/%s/%s", in.system, in.group, in.code) }

// line renders a hit as evidence.
func (p *place) evidence() Line {
	name, number := p.source.place(p.hit.line)
	return Line{Source: name, Line: number, Offset: p.offset, Time: p.at.format(), Text: redact(p.text), Message: redact(p.body)}
}

// format renders a time with the offset as logged, "" where there is none.
func (m moment) format() string {
	if !m.Absolute() {
		return ""
	}
	t := m.Time()
	if t.Nanosecond() == 0 {
		return t.Format("2006-01-02T15:04:05Z07:00")
	}
	return t.Format("2006-01-02T15:04:05.000Z07:00")
}
