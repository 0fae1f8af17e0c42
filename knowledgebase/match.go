package knowledgebase

import (
	"bytes"
	"sort"
	"sync"

	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/shape"
)

// Capture is the token range that a placeholder took: the same positions hold for every record of the shape.
type Capture struct {
	Name     string
	From, To int // indices into shape.Tokens.List, To exclusive
}

// Literal is a typed token that a pattern demands with this very text, checked on each record.
type Literal struct {
	Token int
	Text  string
}

// Match is a signature found in a shape.
type Match struct {
	Signature *Signature
	Captures  []Capture
	Literals  []Literal
	Weight    int
}

// Analysis is what the base knows about one shape, the most specific match first. Which of the matches holds
// for a record depends on its literals; see Analysis.Primary.
type Analysis struct {
	Matches []*Match
}

// Context is what a record says about its origin besides its words.
type Context struct {
	System   string
	Format   string
	Scope    []byte
	Function []byte
}

// NewContext returns the context of a record taken by format f in a source of the given system.
func NewContext(r *parsers.Record, f *parsers.Format, system string) Context {
	c := Context{System: system, Scope: r.Scope, Function: r.Function}
	if f != nil {
		c.Format = f.Name
		if f.System != "" {
			c.System = f.System
		}
	}
	return c
}

// token is the matcher's view of a token; the names of fields stand before their values as words.
type token struct {
	hash  uint32
	kind  shape.Kind
	index int // into Tokens.List, -1 for a field name
}

type span struct{ from, to int }

// Match finds all signatures in the tokens of a record. It is called once a shape and may allocate; nil
// means that nothing is known.
func (b *Base) Match(t *shape.Tokens, c Context) *Analysis {
	m := matchers.Get().(*matcher)
	m.base, m.tokens, m.context = b, t, c
	defer m.release()
	m.build()
	for i := range m.list {
		if m.list[i].kind == shape.Word {
			for _, p := range b.patterns[m.list[i].hash] {
				m.try(p)
			}
		}
	}
	for _, p := range b.loose {
		m.try(p)
	}
	m.nested()
	if len(m.found) == 0 {
		return nil
	}
	sort.SliceStable(m.found, func(i, j int) bool {
		if m.found[i].Weight != m.found[j].Weight {
			return m.found[i].Weight > m.found[j].Weight
		}
		return m.found[i].Signature.ID < m.found[j].Signature.ID
	})
	return &Analysis{Matches: m.found}
}

// matchers holds the memory of matchers: a log of many kinds of lines needs one for each kind.
var matchers = sync.Pool{New: func() any { return &matcher{tried: make(map[*pattern]bool)} }}

func (m *matcher) release() {
	clear(m.tried)
	*m = matcher{list: m.list[:0], regions: m.regions[:0], tried: m.tried}
	matchers.Put(m)
}

type matcher struct {
	base    *Base
	tokens  *shape.Tokens
	context Context
	list    []token
	regions []span // segments, then wrapped reasons
	found   []*Match
	tried   map[*pattern]bool
	regionN int // how many regions whole patterns were tried on
}

func (m *matcher) build() {
	segment := -1
	start := 0
	for i, tok := range m.tokens.List {
		if int(tok.Segment) != segment {
			if segment >= 0 {
				m.regions = append(m.regions, span{start, len(m.list)})
			}
			segment = int(tok.Segment)
			if name := m.tokens.Segments[segment].Name; name != nil {
				m.list = append(m.list, token{hash: shape.WordHash(name), index: -1})
			}
			start = len(m.list)
		}
		m.list = append(m.list, token{hash: tok.Hash, kind: tok.Kind, index: i})
	}
	if segment >= 0 {
		m.regions = append(m.regions, span{start, len(m.list)})
	}
}

func (m *matcher) admitted(s *Signature) (bonus int, ok bool) {
	c := &m.context
	if len(s.OnlyIn) > 0 && c.System != "" && !s.OnlyIn.Has(c.System) {
		return 0, false
	}
	if len(s.Formats) > 0 && !s.Formats.Has(c.Format) {
		return 0, false
	}
	if s.System != "" && s.System == c.System {
		bonus += 40
	}
	if len(s.Scope) > 0 {
		switch {
		case len(c.Scope) == 0 && len(c.Function) == 0:
			bonus -= 10
		case inScope(s.Scope, c):
			bonus += 20
		default:
			return 0, false
		}
	}
	return bonus, true
}

func inScope(scopes Strings, c *Context) bool {
	for _, s := range scopes {
		if bytes.HasPrefix(c.Scope, []byte(s)) || (len(c.Function) > 0 && bytes.HasPrefix(c.Function, []byte(s))) {
			return true
		}
	}
	return false
}

func (m *matcher) try(p *pattern) {
	if m.tried[p] {
		return
	}
	m.tried[p] = true
	bonus, ok := m.admitted(p.signature)
	if !ok || !p.ready() {
		return
	}
	if p.signature.Whole {
		for _, r := range m.regions {
			m.tryWhole(p, r, bonus)
		}
		return
	}
	first := &p.elements[0]
	for i := range m.list {
		if first.keys != nil {
			if len(first.keys.lengths(m.list[i:], first.one)) == 0 {
				continue
			}
		} else if first.placeholder() {
			// A pattern that begins with a placeholder begins with the segment.
			if !m.startsRegion(i) {
				continue
			}
		} else if !m.fits(first, i) {
			continue
		}
		limit := m.segmentEnd(i)
		if match := m.walk(p, i, limit, false); match != nil {
			match.Weight = p.weight + bonus
			m.add(p, match)
			return
		}
	}
}

func (m *matcher) tryWhole(p *pattern, r span, bonus int) {
	if r.from >= r.to {
		return
	}
	if match := m.walk(p, r.from, r.to, true); match != nil {
		match.Weight = p.weight + bonus + 8
		m.add(p, match)
	}
}

func (m *matcher) startsRegion(i int) bool {
	for _, r := range m.regions {
		if r.from == i {
			return true
		}
	}
	return false
}

// segmentEnd returns the end of what a pattern that starts at i may reach: the whole record, because the name
// of a field may be part of the pattern ("close connn error=<reason>").
func (m *matcher) segmentEnd(int) int { return len(m.list) }

// add keeps the most specific match of each signature, and beside it those whose literals a record may lack.
func (m *matcher) add(p *pattern, match *Match) {
	kept := false
	for _, f := range m.found {
		if f.Signature != p.signature || len(f.Literals) > 0 {
			continue
		}
		if match.Weight <= f.Weight {
			return
		}
		if len(match.Literals) == 0 {
			*f, kept = *match, true
			break
		}
	}
	if !kept {
		m.found = append(m.found, match)
	}
	if w := p.signature.Wraps; w != "" {
		for _, c := range match.Captures {
			if c.Name == w {
				m.regions = append(m.regions, m.spanOf(c))
			}
		}
	}
}

// spanOf translates a capture back into the matcher's own list.
func (m *matcher) spanOf(c Capture) span {
	s := span{-1, -1}
	for i := range m.list {
		if m.list[i].index >= 0 && m.list[i].index >= c.From && m.list[i].index < c.To {
			if s.from < 0 {
				s.from = i
			}
			s.to = i + 1
		}
	}
	return s
}

// nested tries the whole patterns on the reasons that wrappers hold.
func (m *matcher) nested() {
	for n := 0; n < len(m.regions) && n < 32; n++ {
		r := m.regions[n]
		if r.from < 0 || n < m.regionN {
			continue
		}
		seen := make(map[*pattern]bool)
		for i := r.from; i < r.to; i++ {
			if m.list[i].kind != shape.Word {
				continue
			}
			for _, p := range m.base.patterns[m.list[i].hash] {
				if seen[p] {
					continue
				}
				seen[p] = true
				bonus, ok := m.admitted(p.signature)
				if !ok || !p.ready() {
					continue
				}
				if p.signature.Whole {
					m.tryWhole(p, r, bonus)
				} else if p.elements[0].placeholder() {
					if match := m.walk(p, r.from, r.to, false); match != nil {
						match.Weight = p.weight + bonus
						m.add(p, match)
					}
				}
			}
		}
	}
}

func (m *matcher) fits(e *element, i int) bool {
	t := &m.list[i]
	if e.kind != t.kind {
		return false
	}
	if e.kind == shape.Word {
		return e.hash == t.hash
	}
	return true
}

// walk matches the elements of p from token i on, up to limit.
func (m *matcher) walk(p *pattern, i, limit int, whole bool) *Match {
	match := &Match{Signature: p.signature}
	steps := 0
	var step func(e, i int) bool
	step = func(e, i int) bool {
		if steps++; steps > 4096 {
			return false
		}
		if e == len(p.elements) {
			return !whole || i == limit
		}
		el := &p.elements[e]
		if !el.placeholder() {
			if i >= limit || !m.fits(el, i) {
				return false
			}
			if el.kind != shape.Word {
				match.Literals = append(match.Literals, Literal{m.list[i].index, el.text})
				if step(e+1, i+1) {
					return true
				}
				match.Literals = match.Literals[:len(match.Literals)-1]
				return false
			}
			return step(e+1, i+1)
		}
		capture := func(from, to int) bool {
			a, z := m.list[from].index, m.list[to-1].index
			if a < 0 && from+1 < to {
				a = m.list[from+1].index
			}
			if a < 0 || z < a {
				return false
			}
			match.Captures = append(match.Captures, Capture{el.name, a, z + 1})
			if step(e+1, to) {
				return true
			}
			match.Captures = match.Captures[:len(match.Captures)-1]
			return false
		}
		if el.keys != nil {
			if i >= limit {
				return false
			}
			for _, n := range el.keys.lengths(m.list[i:limit], el.one) {
				if capture(i, i+n) {
					return true
				}
			}
			return false
		}
		if el.one {
			if el.optional && e > 0 && step(e+1, i) {
				return true
			}
			if i >= limit || (!el.any && m.list[i].kind != el.kind) {
				return false
			}
			return capture(i, i+1)
		}
		end := min(limit, m.regionEnd(i))
		if e == len(p.elements)-1 {
			return i < end && capture(i, end)
		}
		for to := i + 1; to <= limit && to-i <= 128; to++ {
			if capture(i, to) {
				return true
			}
		}
		return false
	}
	if !step(0, i) {
		return nil
	}
	return match
}

// regionEnd returns the end of the segment that token i lies in.
func (m *matcher) regionEnd(i int) int {
	for _, r := range m.regions {
		if i >= r.from && i < r.to {
			return r.to
		}
		if i == r.from-1 {
			return r.to
		}
	}
	return len(m.list)
}

// Primary returns the match that speaks for a record of the analysed shape: the most specific one whose
// literals the record has; a wrapper only when nothing else is left. It returns nil when no match holds.
func (a *Analysis) Primary(t *shape.Tokens) *Match {
	var wrapper, marker *Match
	for _, m := range a.Matches {
		if !m.Holds(t) {
			continue
		}
		switch s := m.Signature; {
		case s.Wraps != "":
			if wrapper == nil && (len(s.Suggests) > 0 || len(s.When) > 0 || s.Table != "") {
				wrapper = m
			}
		case s.Marker != "" && len(s.Suggests) == 0:
			if marker == nil {
				marker = m
			}
		default:
			return m
		}
	}
	if wrapper != nil {
		return wrapper
	}
	return marker
}

// Holds reports whether the typed literals of the pattern stand in the record.
func (m *Match) Holds(t *shape.Tokens) bool {
	for _, l := range m.Literals {
		if l.Token >= len(t.List) || string(t.Text(t.List[l.Token])) != l.Text {
			return false
		}
	}
	return true
}

// Value returns what the placeholder called name took in a record of the shape, or nil.
func (m *Match) Value(t *shape.Tokens, name string) []byte {
	for _, c := range m.Captures {
		if c.Name != name || c.To > len(t.List) || c.From >= c.To {
			continue
		}
		a, z := t.List[c.From], t.List[c.To-1]
		if a.Segment != z.Segment {
			return nil
		}
		return t.Segments[a.Segment].Text[a.Start:z.End]
	}
	return nil
}
