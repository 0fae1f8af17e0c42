package diagnose

import (
	"hash/fnv"
	"sort"

	"github.com/whytls/whytls/parsers"
)

// valueCounts counts distinct values. Beyond its cap it keeps those with the smallest hashes, whose counts
// stay exact whatever the order in which counts are merged.
type valueCounts struct {
	counts map[string]*int64 // pointers, so that counting a known value allocates nothing
	cut    bool
}

func (v *valueCounts) add(value string, n int64) {
	if have := v.counts[value]; have != nil {
		*have += n
		return
	}
	v.insert(value, n)
}

func (v *valueCounts) addBytes(value []byte, n int64) {
	if have := v.counts[string(value)]; have != nil {
		*have += n
		return
	}
	v.insert(string(value), n)
}

func (v *valueCounts) insert(value string, n int64) {
	v.counts[value] = &n
	if len(v.counts) > maxValues*2 {
		v.trim()
	}
}

func (v *valueCounts) trim() {
	if len(v.counts) <= maxValues {
		return
	}
	keys := make([]string, 0, len(v.counts))
	for k := range v.counts {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		a, b := valueHash(keys[i]), valueHash(keys[j])
		if a != b {
			return a < b
		}
		return keys[i] < keys[j]
	})
	for _, k := range keys[maxValues:] {
		delete(v.counts, k)
	}
	v.cut = true
}

func valueHash(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}

// buckets counts events on absolute time boundaries. The width starts at one second and doubles when more than
// maxBuckets are in use; it is the smallest width that the union needs, whatever the order of merging.
type buckets struct {
	width  int64 // seconds
	counts map[int64]int64
}

const maxBuckets = 4096

func (b *buckets) empty() bool { return len(b.counts) == 0 }

func (b *buckets) add(nano, n int64) {
	if b.counts == nil {
		b.counts, b.width = make(map[int64]int64), 1
	}
	b.counts[floorDiv(floorDiv(nano, 1e9), b.width)] += n
	for len(b.counts) > maxBuckets {
		b.widen()
	}
}

func (b *buckets) widen() {
	wider := make(map[int64]int64, len(b.counts)/2)
	for k, n := range b.counts {
		wider[floorDiv(k, 2)] += n
	}
	b.width *= 2
	b.counts = wider
}

func (b *buckets) merge(c *buckets) {
	if c.counts == nil {
		return
	}
	if b.counts == nil {
		b.counts, b.width = make(map[int64]int64, len(c.counts)), c.width
	}
	for b.width < c.width {
		b.widen()
	}
	for k, n := range c.counts {
		for w := c.width; w < b.width; w *= 2 {
			k = floorDiv(k, 2)
		}
		b.counts[k] += n
	}
	for len(b.counts) > maxBuckets {
		b.widen()
	}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// append merges the partial of the chunk that follows directly after p in the same source. lines is the number of
// lines before that chunk.
func (p *partial) append(q *partial) {
	lines := p.count.Lines
	hadTime := p.last.Kind != parsers.TimeNone
	gap := int64(-1)
	if hadTime && q.first.Kind != parsers.TimeNone {
		gap = max(q.first.Nano-p.last.Nano, 0)
	}
	inherit := func(m *moment) {
		if m.Kind == parsers.TimeNone && hadTime {
			*m = moment{p.last.Timestamp, true}
		}
	}
	p.count.Merge(&q.count)
	if q.rows != nil {
		p.rows = append(append(p.rows, make([]uint64, lines-int64(len(p.rows)))...), q.rows...)
	}
	for _, u := range q.untimed {
		s := p.shape(u.hash)
		if hadTime {
			s.trend.add(p.last.Nano, uint32(u.count))
		} else {
			s.untimed += u.count
		}
	}
	for k, h := range q.hits {
		fix := func(list []hit) {
			for i := range list {
				list[i].line += lines
				inherit(&list[i].at)
				if list[i].gap < 0 && hadTime {
					// Only the first timed record of a chunk and the untimed ones before it wait for their gap.
					list[i].gap = gap
					if list[i].at.inherited {
						list[i].gap = 0
					}
					if list[i].gap > h.maxGap {
						h.maxGap, h.gapHit = list[i].gap, list[i]
						h.gapHit.line -= lines // shifted below
					}
				}
			}
		}
		fix(h.first)
		fix(h.last)
		h.gapHit.line += lines
		if h.untimed > 0 && hadTime {
			h.buckets.add(p.last.Nano, h.untimed)
			h.untimed = 0
		}
		have := p.hits[k]
		if have == nil {
			p.hits[k] = h
			continue
		}
		have.merge(h)
	}
	if len(p.hits) > maxHitKeys {
		p.trimHits()
	}
	p.cutHits += q.cutHits
	for name, m := range q.markers {
		inherit(&m.first)
		inherit(&m.last)
		have := p.markers[name]
		if have == nil {
			p.markers[name] = m
			continue
		}
		have.count += m.count
		if have.first.Kind != parsers.TimeNone && m.first.Kind != parsers.TimeNone && m.first.Nano < have.first.Nano {
			have.first = m.first
		}
		if m.last.Kind != parsers.TimeNone && (have.last.Kind == parsers.TimeNone || m.last.Nano >= have.last.Nano) {
			have.last = m.last
		}
	}
	add(p.quiet, q.quiet)
	for _, v := range q.proofs {
		p.prove(v)
	}
	p.validity.merge(q.validity)
	if q.verbose != 0 && (p.verbose == 0 || q.verbose < p.verbose) {
		p.verbose = q.verbose
	}
	if !hadTime {
		p.first = q.first
	}
	if q.last.Kind != parsers.TimeNone {
		p.last = q.last
		p.lastLine = q.lastLine + lines
	}
	for _, v := range q.sketch {
		p.addSketch(v)
	}
	p.levels.merge(&q.levels)
	p.local = p.local || q.local
	p.timeless += q.timeless
}

func add(to, from map[string]int64) {
	for k, n := range from {
		to[k] += n
	}
}

// trimHits keeps the keys with the smallest hashes and counts the hits of the others.
func (p *partial) trimHits() {
	keys := make([]hitKey, 0, len(p.hits))
	for k := range p.hits {
		keys = append(keys, k)
	}
	hash := func(k hitKey) uint64 {
		return valueHash(k.signature.ID + "\x00" + k.code + "\x00" + k.scope + "\x00" + k.wrapping())
	}
	sort.Slice(keys, func(i, j int) bool {
		if a, b := hash(keys[i]), hash(keys[j]); a != b {
			return a < b
		}
		return keys[i].whens < keys[j].whens
	})
	for _, k := range keys[maxHitKeys:] {
		p.cutHits += p.hits[k].count
		delete(p.hits, k)
	}
}

// trimScopes keeps the scopes with the smallest hashes.
func (p *partial) trimScopes() {
	keys := make([]string, 0, len(p.scopes))
	for k := range p.scopes {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		if a, b := valueHash(keys[i]), valueHash(keys[j]); a != b {
			return a < b
		}
		return keys[i] < keys[j]
	})
	for _, k := range keys[maxScopes:] {
		delete(p.scopes, k)
	}
}

// settle gives the first time of the source to what came before it. It is called on a merged source, for every
// snapshot: what has no time came before the first one, whether more follows or not.
func (p *partial) settle() {
	for _, h := range p.hits {
		for _, v := range h.values {
			v.trim() // what is kept above the cap depends on the chunks
		}
	}
	if p.first.Kind == parsers.TimeNone {
		return
	}
	first := moment{p.first.Timestamp, true}
	give := func(m *moment) {
		if m.Kind == parsers.TimeNone {
			*m = first
		}
	}
	for _, s := range p.shapes {
		s.order = nil
		if s.first.Kind == parsers.TimeNone {
			s.first = first.Timestamp
		}
		if s.last.kind == parsers.TimeNone {
			s.setLast(first.Timestamp)
		}
		if s.untimed > 0 {
			s.trend.add(first.Nano, uint32(s.untimed))
			s.untimed = 0
		}
	}
	for _, h := range p.hits {
		for i := range h.first {
			give(&h.first[i].at)
		}
		for i := range h.last {
			give(&h.last[i].at)
		}
		if h.untimed > 0 {
			h.buckets.add(first.Nano, h.untimed)
			h.untimed = 0
		}
	}
	for _, m := range p.markers {
		give(&m.first)
		give(&m.last)
	}
}

// merge adds the hits of a later chunk.
func (h *hitState) merge(g *hitState) {
	total := h.count + g.count
	for i, one := range g.first {
		if len(h.first) >= keptTexts || h.count+int64(i) >= keptTexts {
			one.text, one.body = "", ""
		}
		h.add(one)
	}
	for _, one := range g.last {
		h.add(one)
	}
	h.count = total
	h.weight = max(h.weight, g.weight)
	h.untimed += g.untimed
	h.buckets.merge(&g.buckets)
	if g.maxGap > h.maxGap {
		h.maxGap, h.gapHit = g.maxGap, g.gapHit
	}
	for name, v := range g.values {
		have := h.values[name]
		if have == nil {
			h.values[name] = v
			continue
		}
		for value, n := range v.counts {
			have.add(value, *n)
		}
		have.cut = have.cut || v.cut
	}
}
