package diagnose

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/whytls/whytls/knowledgebase"
	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/shape"
)

// maxCode bounds the text of a deciding code.
const maxCode = 80

// hit records what the signatures of a record say.
func (c *collector) hit(state *shapeState, r *parsers.Record, t *shape.Tokens, at moment, gap int64) {
	e := state.known
	for i := 0; i < len(e.proofs); i++ {
		if e.proofs[i].match.Holds(t) {
			c.part.prove(e.proofs[i].versions)
			e.proofs = slices.Delete(e.proofs, i, i+1) // once a chunk is enough
			i--
		}
	}
	for i := range e.marks {
		k := &e.marks[i]
		if s := k.match.Signature; k.match.Holds(t) && (s.Table == "" || k.ordinary(c, code(s, k.match, r, t))) {
			c.mark(k, t, at)
		}
	}
	m := e.primary
	if !e.fixed {
		m = e.analysis.Primary(t)
	}
	if m == nil {
		return
	}
	printed := code(m.Signature, m, r, t)
	h, known := e.states[string(printed)]
	if !known || !e.fixed {
		h = c.state(e, m, printed, t)
		if e.fixed && len(e.states) < maxValues {
			e.states[string(printed)] = h
		}
	}
	quiet := h == nil && c.quiet(m.Signature, printed)
	if (state.signed == "" || c.turn < state.signedAt) && (h != nil || quiet || m.Signature.Marker != "") {
		state.signed, state.signedAt = m.Signature.ID, c.turn // else the message is as unknown as without its match
	}
	if quiet {
		c.part.quiet[m.Signature.ID]++
	}
	if h == nil {
		return
	}
	c.keep(e, h, m, r, t, at, gap)
}

// ordinary reports whether the table says that a code is quiet, which makes the message a marker. Most records have the
// code of the one before.
func (m *mark) ordinary(c *collector, printed []byte) bool {
	if !m.asked || m.printed != string(printed) {
		m.asked, m.printed = true, string(printed)
		m.quiet = c.base.Table(m.match.Signature.Table)[c.fold(m.match.Signature, printed)].Quiet
	}
	return m.quiet
}

// quiet reports whether a message is ordinary and must not be reported.
func (c *collector) quiet(s *knowledgebase.Signature, printed []byte) bool {
	return s.Quiet || s.Table != "" && c.base.Table(s.Table)[c.fold(s, printed)].Quiet
}

// state returns the state that a hit counts into, nil when it is quiet or says nothing.
func (c *collector) state(e *entry, m *knowledgebase.Match, printed []byte, t *shape.Tokens) *hitState {
	s := m.Signature
	if c.quiet(s, printed) || s.Marker != "" && len(s.Suggests) == 0 && s.Table == "" && len(s.When) == 0 {
		return nil
	}
	code := c.fold(s, printed)
	if !s.Speaks(c.base, code) {
		return nil
	}
	key := hitKey{signature: s, code: code, scope: e.scope, system: e.system}
	if s.System != "" {
		key.system = s.System
	}
	var with []string
	e.wrappers = e.wrappers[:0]
	for _, other := range e.analysis.Matches {
		if other == m || !other.Holds(t) {
			continue
		}
		with = append(with, other.Signature.ID)
		if w := other.Signature; w.Wraps != "" {
			key.wrapper = cmp.Or(key.wrapper, w)
			key.system = cmp.Or(key.system, w.System)
			if len(other.Captures) > 1 || len(w.Captures) > 0 {
				e.wrappers = append(e.wrappers, other)
			}
		}
	}
	key.whens = s.StaticWhens(with, key.system, key.scope, code)
	h := c.part.hits[key]
	if h == nil {
		h = &hitState{weight: m.Weight, with: with, function: e.function, format: e.format.Name, values: map[string]*valueCounts{}, maxGap: -1}
		c.part.hits[key] = h
	}
	h.weight = max(h.weight, m.Weight) // with the function of a stack the same message is more specific
	return h
}

// keep adds a record to the state of its hits.
func (c *collector) keep(e *entry, h *hitState, m *knowledgebase.Match, r *parsers.Record, t *shape.Tokens, at moment, gap int64) {
	h.count++
	one := hit{at: at, line: r.Position.Line, offset: r.Position.Offset, gap: gap, thread: threadHash(r.Thread)}
	if len(h.first) < keptTexts {
		one.text, one.body = clip(r.Head), message(r)
	}
	h.add(one)
	if at.Kind == parsers.TimeNone {
		h.untimed++
	} else {
		h.buckets.add(at.Nano, 1)
		c.part.addSketch(mixHash(uint64(at.Nano), t.Hash^one.thread))
	}
	if gap > h.maxGap {
		h.maxGap, h.gapHit = gap, one
		h.gapHit.text, h.gapHit.body = clip(r.Head), message(r)
	}
	for _, w := range e.wrappers {
		h.captures(w, r, t)
	}
	h.captures(m, r, t)
	for _, name := range peerFields {
		if v := r.Field(name); v != nil {
			h.value("peer", v)
			break
		}
	}
}

// message renders what a record says.
func message(r *parsers.Record) string { return clip(shape.Message(r, maxText)) }

// peerFields are the attribute names under which loggers give the other end of a connection.
var peerFields = []string{"peer", "remote_addr", "peer_addr", "remote", "remoteAddr", "client_addr", "client", "clientip", "network.peer.address"}

// code returns the deciding code of a record as printed, nil when its signature has none.
func code(s *knowledgebase.Signature, m *knowledgebase.Match, r *parsers.Record, t *shape.Tokens) []byte {
	if s.Code == "" {
		return nil
	}
	v := m.Value(t, s.Code)
	if v == nil {
		v = r.Field(s.Code)
	}
	return v[:min(len(v), maxCode)]
}

// fold maps a code as printed to the one that tells incidents apart.
func (c *collector) fold(s *knowledgebase.Signature, printed []byte) string {
	if s.Table == "" {
		return string(printed)
	}
	code, _, ok := c.base.Entry(s, printed)
	for !ok && len(printed) > 0 {
		// A capture at the end of a text may have taken words that follow the value.
		printed = bytes.TrimRight(printed[:max(bytes.LastIndexByte(printed, ' '), 0)], " \"';,:)")
		code, _, ok = c.base.Entry(s, printed)
	}
	return code // "" for a value that the table does not know: it is no incident of its own
}

// add adds a hit that comes after all hits kept so far.
func (h *hitState) add(one hit) {
	if len(h.first) < keptHits {
		if h.first == nil {
			h.first = make([]hit, 0, keptHits)
		}
		h.first = append(h.first, one)
		return
	}
	if len(h.last) == keptHits {
		copy(h.last, h.last[1:])
		h.last = h.last[:keptHits-1]
	}
	h.last = append(h.last, one)
}

// captures counts the values that a match took from a record, but for the message that a wrapper holds.
func (h *hitState) captures(m *knowledgebase.Match, r *parsers.Record, t *shape.Tokens) {
	for i := range m.Captures {
		if name := m.Captures[i].Name; name != m.Signature.Wraps {
			h.value(name, m.Value(t, name))
		}
	}
	for _, name := range m.Signature.Captures {
		h.value(name, r.Field(name))
	}
}

// value counts a captured value.
func (h *hitState) value(name string, v []byte) {
	if len(v) == 0 {
		return
	}
	if len(v) > 200 {
		v = v[:200]
	}
	c := h.values[name]
	if c == nil {
		c = &valueCounts{counts: make(map[string]*int64)}
		h.values[name] = c
	}
	c.addBytes(v, 1)
}
