package diagnose

import (
	"slices"
	"sync"

	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/shape"
)

// turn says when a record came: the number of its chunk above, its place in the chunk below. Whatever two states of a
// shape are compared by it, they can be merged in any order.
type turn uint64

func turnOf(seq int) turn { return turn(seq) << 32 }

func (o turn) seq() int { return int(o >> 32) }

// shapeState sums up the records of one shape. It holds what each record changes and is two lines of the cache long: in a log
// of many kinds of lines it is read from memory for every record (BenchmarkDistinct).
type shapeState struct {
	count  int64
	lastAt turn
	last   stamp
	known  *entry // what is to be done for a record besides counting it, nil for nothing
	order  *trend // of a source without times: the places of the records
	hash   uint64
	*shapeInfo
	trend trend
}

// stamp is a time with, in the same 16 bytes, the highest severity seen.
type stamp struct {
	nano   int64
	offset int32
	kind   parsers.TimeKind
	rank   parsers.Severity
}

func (s *shapeState) setLast(t parsers.Timestamp) {
	s.last.nano, s.last.offset, s.last.kind = t.Nano, t.Offset, t.Kind
}

func (s *shapeState) lastTime() parsers.Timestamp {
	return parsers.Timestamp{Nano: s.last.nano, Offset: s.last.offset, Kind: s.last.kind}
}

// shapeInfo is what few records of a shape change.
type shapeInfo struct {
	origin   *entry // whose system, format and scope count
	firstAt  turn
	first    parsers.Timestamp
	latest   parsers.Timestamp // set when the time went back after it
	line     int64             // in a table: in the chunk of the first record
	scope    string
	text     []byte
	sample   shape.Sample // for the templates
	signed   string       // the signature
	signedAt turn
	code     int   // the source line that logged
	waiting  turn  // in a table: the last record that waited for a time to inherit
	queued   int   // of it, the index in partial.untimed
	untimed  int64 // in a merged source: records that wait for the first time
}

// shapeTable holds the states of the shapes of a source that one worker has met, under the keys of collector.record. It
// lasts from chunk to chunk: a state for each chunk made a log of 60,000 kinds of lines three times as slow as one of ten
// (BenchmarkDistinct).
type shapeTable struct {
	slots []shapeSlot // open addressing; at most half of them are used
	slabs []*slab
	used  int
	begin turn // of the chunk that is being read
	until int  // the number of the chunk after the last one
}

// tables holds the memory of tables that are folded.
var tables = sync.Pool{New: func() any { return new(shapeTable) }}

func newShapeTable() *shapeTable { return tables.Get().(*shapeTable) }

type shapeSlot struct {
	key   uint64
	state *shapeState
}

// slab holds states that are allocated together.
type slab struct {
	states [slabSize]shapeState
	infos  [slabSize]shapeInfo
}

const slabSize = 32

func (t *shapeTable) find(key uint64) *shapeState {
	if len(t.slots) == 0 {
		return nil
	}
	mask := uint64(len(t.slots) - 1)
	for i := key & mask; ; i = (i + 1) & mask {
		switch s := &t.slots[i]; {
		case s.state == nil:
			return nil
		case s.key == key:
			return s.state
		}
	}
}

// insert returns a new state under a key that the table does not hold.
func (t *shapeTable) insert(key uint64) *shapeState {
	if 2*t.used >= len(t.slots) {
		old := t.slots
		t.slots = make([]shapeSlot, max(64, 2*len(old)))
		for _, s := range old {
			if s.state != nil {
				t.put(s.key, s.state)
			}
		}
	}
	if t.used == len(t.slabs)*slabSize {
		t.slabs = append(t.slabs, new(slab))
	}
	in := t.slabs[t.used/slabSize]
	s := &in.states[t.used%slabSize]
	s.shapeInfo = &in.infos[t.used%slabSize]
	t.used++
	t.put(key, s)
	return s
}

func (t *shapeTable) put(key uint64, s *shapeState) {
	mask := uint64(len(t.slots) - 1)
	i := key & mask
	for t.slots[i].state != nil {
		i = (i + 1) & mask
	}
	t.slots[i] = shapeSlot{key, s}
}

// each calls f for every state.
func (t *shapeTable) each(f func(*shapeState)) {
	for n := range t.used {
		f(&t.slabs[n/slabSize].states[n%slabSize])
	}
}

// reset empties the table and keeps its memory.
func (t *shapeTable) reset() {
	clear(t.slots)
	for n := 0; n < t.used; n += slabSize {
		*t.slabs[n/slabSize] = slab{}
	}
	t.used, t.until = 0, 0
}

// count keeps the statistics of a record that any record has.
func (c *collector) count(s *shapeState, r *parsers.Record, at parsers.Timestamp) {
	p := c.part
	s.count++
	if c.turn > s.lastAt {
		if at.Nano < s.last.nano && s.last.nano > s.latest.Nano {
			s.latest = s.lastTime()
		}
		s.lastAt = c.turn
		s.setLast(at)
	} else { // chunks may come in any order
		if at.Nano > s.latest.Nano {
			s.latest = at
		}
		if c.turn < s.firstAt {
			c.begin(s, r, at)
		}
	}
	if at.Kind != parsers.TimeNone {
		second := secondOf(at.Nano)
		s.trend.count(second, 1)
		p.levels.add(r.Severity, second, at.Absolute())
	} else {
		c.wait(s, r.Position.Offset)
		p.levels.add(r.Severity, 0, false)
	}
	if r.Severity > s.last.rank {
		s.last.rank = r.Severity
	}
	if r.Severity != 0 && (p.verbose == 0 || r.Severity < p.verbose) {
		p.verbose = r.Severity
	}
}

// begin makes a record the first one of a state, whose text the templates show.
func (c *collector) begin(s *shapeState, r *parsers.Record, at parsers.Timestamp) {
	s.firstAt, s.first = c.turn, at
	s.line = r.Position.Line
	if s.scope = s.origin.scope; s.scope != string(r.Scope) {
		s.scope = string(r.Scope)
	}
	s.sample, s.text = c.tokens.Sample(r.Head[:min(len(r.Head), maxText)])
}

// untimed is a number of records of a shape at the beginning of a chunk, which inherit the time of the chunk before.
type untimed struct {
	hash  uint64
	count int64
}

// wait counts a record whose time is in an earlier chunk.
func (c *collector) wait(s *shapeState, offset int64) {
	if s.order == nil {
		s.order = new(trend)
	}
	s.order.addPlace(offset)
	list := c.part.untimed
	if s.waiting >= c.table.begin && s.queued < len(list) && list[s.queued].hash == s.hash {
		list[s.queued].count++
		return
	}
	s.waiting, s.queued = c.turn, len(list)
	c.part.untimed = append(list, untimed{s.hash, 1})
}

// cover is what a table needs to know about a chunk in whose records it has a share.
type cover struct {
	lines int64             // before the chunk
	last  parsers.Timestamp // before the chunk
}

// fold adds the states of a table, whose chunks are merged, and takes its memory: of the first table the states themselves,
// of others a copy, since one that a cap spares must not keep its neighbours. What they need of their chunks is in covers.
func (p *partial) fold(t *shapeTable, covers func(seq int) cover) {
	adopt := p.shapes == nil
	if adopt {
		p.shapes = make(map[uint64]*shapeState, t.used)
	}
	t.each(func(s *shapeState) {
		cover := covers(s.firstAt.seq())
		s.line += cover.lines
		if s.first.Kind == parsers.TimeNone {
			s.first = cover.last
		}
		if s.last.kind == parsers.TimeNone {
			s.setLast(covers(s.lastAt.seq()).last)
		}
		p.systems[s.origin.system] += s.count
		p.formats[s.origin.format.Name] += s.count
		if s.scope != "" {
			m := s.lastTime()
			if s.latest.Nano > m.Nano {
				m = s.latest
			}
			if have, ok := p.scopes[s.scope]; m.Kind != parsers.TimeNone && (!ok || have.Nano < m.Nano) {
				p.scopes[s.scope] = moment{Timestamp: m}
			}
		}
		if adopt && p.shapes[s.hash] == nil {
			s.known, s.origin = nil, nil
			p.shapes[s.hash] = s
			return
		}
		have := p.shape(s.hash)
		if have.count == 0 { // new, or known for its records without a time
			have.count, have.lastAt, have.last, have.order = s.count, s.lastAt, s.last, s.order
			s.untimed, s.origin = have.untimed, nil
			*have.shapeInfo = *s.shapeInfo
			have.trend.take(&s.trend)
			return
		}
		have.merge(s)
	})
	if !adopt {
		t.reset()
		tables.Put(t)
	}
	if len(p.scopes) > maxScopes {
		p.trimScopes()
	}
	if len(p.shapes) > maxShapes {
		p.trimShapes()
	}
}

// merge adds other records of the same shape.
func (s *shapeState) merge(o *shapeState) {
	s.count += o.count
	s.last.rank = max(s.last.rank, o.last.rank)
	s.trend.merge(&o.trend)
	if s.order == nil {
		s.order = o.order
	} else if o.order != nil {
		s.order.merge(o.order)
	}
	if o.firstAt < s.firstAt {
		s.firstAt, s.first, s.line, s.scope, s.text, s.sample = o.firstAt, o.first, o.line, o.scope, o.text, o.sample
	}
	if o.lastAt > s.lastAt {
		s.lastAt = o.lastAt
		s.setLast(o.lastTime())
	}
	if o.signed != "" && (s.signed == "" || o.signedAt < s.signedAt) {
		s.signed, s.signedAt = o.signed, o.signedAt
	}
}

// shape returns the state of a shape in a merged source.
func (p *partial) shape(hash uint64) *shapeState {
	s := p.shapes[hash]
	if s == nil {
		if n := len(p.spare); n > 0 {
			s = p.spare[n-1]
			p.spare = p.spare[:n-1]
		} else {
			s = &shapeState{shapeInfo: new(shapeInfo)}
		}
		s.hash = hash
		if p.shapes == nil {
			p.shapes = make(map[uint64]*shapeState)
		}
		p.shapes[hash] = s
	}
	return s
}

// trimShapes keeps the shapes with the smallest hashes and counts the records of the others.
func (p *partial) trimShapes() {
	keys := make([]uint64, 0, len(p.shapes))
	for k := range p.shapes {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys[maxShapes:] {
		s := p.shapes[k]
		p.cutShape += s.count
		delete(p.shapes, k)
		*s.shapeInfo = shapeInfo{}
		*s = shapeState{shapeInfo: s.shapeInfo}
		p.spare = append(p.spare, s)
	}
}
