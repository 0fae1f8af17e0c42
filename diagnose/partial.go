package diagnose

import (
	"hash/maphash"

	"github.com/whytls/whytls/knowledgebase"
	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/shape"
)

// Caps of one source. They bound memory whatever the input; BenchmarkPipeline shows the peak.
const (
	maxShapes   = 64 << 10
	maxHitKeys  = 4096
	keptHits    = 64 // first and last ones of a key, each
	keptTexts   = 8
	maxValues   = 256 // distinct values of one capture of a key
	maxText     = 400
	sketchSize  = 256
	maxScopes   = 1024
	maxMessages = 64
)

// moment is a time as logged, or inherited from the record before.
type moment struct {
	parsers.Timestamp
	inherited bool
}

// hit is one record that a signature speaks for.
type hit struct {
	at     moment
	line   int64
	offset int64
	thread uint64
	gap    int64 // nanoseconds since the record before in the source, -1 when unknown
	text   string
	body   string // the message inside text, without time, level and place
}

// hitKey tells the hits of a source apart: which message, which deciding code, under which conditions.
type hitKey struct {
	signature *knowledgebase.Signature
	wrapper   *knowledgebase.Signature // what the message stood in, nil for none
	code      string
	whens     uint32 // the When entries whose static conditions hold
	scope     string
	system    string
}

// hitState sums up the hits of one key.
type hitState struct {
	count    int64
	weight   int // of the match: the more specific, the higher
	with     []string
	function string
	format   string
	first    []hit // in order, at most keptHits
	last     []hit // in order, at most keptHits, those after first
	buckets  buckets
	untimed  int64 // hits that wait for a time to inherit
	values   map[string]*valueCounts
	maxGap   int64
	gapHit   hit
}

// markerState sums up the markers of one kind.
type markerState struct {
	count       int64
	first, last moment
}

// partial is the state of a chunk of a source, or of a whole source once merged.
type partial struct {
	count    parsers.Accounting
	table    *shapeTable            // of a chunk, unless the worker keeps it
	untimed  []untimed              // of a chunk: records that inherit the time of the one before
	shapes   map[uint64]*shapeState // of a merged source
	spare    []*shapeState
	cutShape int64 // records of shapes beyond the cap
	hits     map[hitKey]*hitState
	cutHits  int64
	markers  map[string]*markerState // by kind, and "id:"+signature for each marker signature
	quiet    map[string]int64        // by signature
	proofs   []knowledgebase.Versions
	validity validity         // of certificates, by lines of their own
	systems  map[string]int64 // records by system
	formats  map[string]int64 // records by format
	scopes   map[string]moment
	verbose  parsers.Severity // the most verbose severity seen, 0 for none
	levels   levels
	first    moment // of the timed records
	last     moment
	lastLine int64
	sketch   []uint64 // the smallest hashes of timed hits
	local    bool     // some times carried no zone
	timeless int64    // records without a time of their own
	rows     []uint64 // with Options.Lines: the shape that begins on each line, 0 for none
}

func newPartial() *partial {
	p := &partial{
		hits:    make(map[hitKey]*hitState),
		markers: make(map[string]*markerState),
		quiet:   make(map[string]int64),
		systems: make(map[string]int64),
		formats: make(map[string]int64),
		scopes:  make(map[string]moment),
	}
	p.levels.init()
	return p
}

// collector builds a partial from the records of one chunk. It is used by one goroutine.
type collector struct {
	base     *knowledgebase.Base
	part     *partial
	tokens   shape.Tokens
	known    map[uint64]*entry // by shape, format, function; outlives the chunk
	table    *shapeTable       // of the source; see read
	turn     turn              // of the record
	bound    []*entry          // those with states in the current chunk
	lastNano int64
	timed    bool
	rows     bool // keep the shape of each line
}

// entry is what the collector knows about a shape in its context.
type entry struct {
	part     *partial // of the chunk that the fields below belong to
	analysis *knowledgebase.Analysis
	// fingerprints is set when the places in the code of the system tell its versions apart.
	fingerprints bool
	format       *parsers.Format
	system       string
	scope        string
	function     string
	marks        []mark
	proofs       []proof
	wrappers     []*knowledgebase.Match // that give captures of their own; see collector.state

	// fixed is set when the same matches hold for every record of the shape: no pattern demands a typed token.
	// Then the state of a code is looked up once.
	fixed   bool
	primary *knowledgebase.Match
	states  map[string]*hitState // by code as printed; nil for one that is quiet or says nothing
}

// proof is a match that proves a range of versions.
type proof struct {
	match    *knowledgebase.Match
	versions knowledgebase.Versions
}

// mark is a marker among the matches of a shape, with the states that it counts into.
type mark struct {
	match  *knowledgebase.Match
	states [2]*markerState // of the kind and of the signature

	asked   bool // quiet is the answer for printed
	printed string
	quiet   bool
}

var seed = maphash.MakeSeed() // only for keys that never leave the process

func newCollector(base *knowledgebase.Base) *collector {
	return &collector{base: base, part: newPartial(), known: make(map[uint64]*entry)}
}

// record takes one record. It is the emit function of a parsers.Stream; r is borrowed.
func (c *collector) record(r *parsers.Record, f *parsers.Format) {
	p := c.part
	at := moment{Timestamp: r.Time}
	gap := int64(-1)
	switch {
	case r.Time.Kind != parsers.TimeNone:
		if r.Time.Kind == parsers.TimeLocal {
			p.local = true
		}
		if c.timed {
			gap = max(r.Time.Nano-c.lastNano, 0)
		} else {
			p.first = at
			c.timed = true
		}
		c.lastNano = r.Time.Nano
		p.last = at
		p.lastLine = r.Position.Line
	case c.timed:
		p.timeless++
		at = moment{p.last.Timestamp, true}
		gap = 0
	default:
		// The time of the record before is in an earlier chunk: append and settle know it.
		p.timeless++
		at.inherited = true
	}

	t := &c.tokens
	t.Read(r)
	if c.rows {
		p.row(r.Position.Line, t.Hash)
	}
	key := t.Hash
	if len(r.Function) > 0 {
		key ^= maphash.Bytes(seed, r.Function)
	}
	key ^= uint64(len(f.Name))<<56 ^ uint64(f.Rank)<<48
	c.turn++
	s := c.table.find(key)
	if s == nil {
		s = c.newShape(key, r, f, t)
		c.begin(s, r, at.Timestamp)
	}
	c.count(s, r, at.Timestamp)
	if e := s.known; e != nil {
		if e.fingerprints && r.CodeLine != s.code {
			c.fingerprint(s, r)
		}
		if e.analysis != nil {
			if e.part != p {
				c.bind(e, t)
			}
			c.hit(s, r, t, at, gap)
		}
	}
}

// newShape makes the state of a shape at its first record in the table.
func (c *collector) newShape(key uint64, r *parsers.Record, f *parsers.Format, t *shape.Tokens) *shapeState {
	e := c.known[key]
	if e == nil {
		if len(c.known) > maxShapes {
			clear(c.known)
		}
		e = c.meet(r, f, t)
		c.known[key] = e
	}
	s := c.table.insert(key)
	s.hash, s.origin = t.Hash, e
	if e.analysis != nil || e.fingerprints {
		s.known = e
		c.fingerprint(s, r)
	}
	return s
}

// fingerprint notes what the place in the code that logged proves about the version.
func (c *collector) fingerprint(s *shapeState, r *parsers.Record) {
	s.code = r.CodeLine
	if p := c.base.FingerprintOf(s.origin.system, r); p.Known() {
		c.part.prove(p)
	}
}

// meet prepares what is known about a shape at its first record.
func (c *collector) meet(r *parsers.Record, f *parsers.Format, t *shape.Tokens) *entry {
	e := &entry{format: f, scope: string(r.Scope), function: string(r.Function)}
	e.system = c.base.SystemOf(f, r.Scope)
	system := c.base.Systems[e.system]
	e.fingerprints = system != nil && len(system.Fingerprints) > 0
	e.analysis = c.base.Match(t, knowledgebase.NewContext(r, f, e.system))
	return e
}

// bind ties the signatures of a shape to the current chunk at its first record there: their hits are kept in order.
func (c *collector) bind(e *entry, t *shape.Tokens) {
	c.bound = append(c.bound, e)
	e.part = c.part
	e.marks, e.proofs = e.marks[:0], e.proofs[:0]
	e.fixed, e.primary, e.states = true, e.analysis.Primary(t), make(map[string]*hitState)
	for _, m := range e.analysis.Matches {
		if len(m.Literals) > 0 {
			e.fixed = false
		}
		if m.Signature.Marker != "" {
			e.marks = append(e.marks, mark{match: m, states: [2]*markerState{c.part.marker(m.Signature.Marker), c.part.marker("id:" + m.Signature.ID)}})
		}
		if m.Signature.Proves != "" {
			if v, err := knowledgebase.ParseRange(m.Signature.Proves); err == nil {
				e.proofs = append(e.proofs, proof{m, v})
			}
		}
	}
}

// row notes the shape of the record that begins on a line; of two in one line the first.
func (p *partial) row(line int64, hash uint64) {
	if line < 1 {
		return // of a live run: it began before this chunk
	}
	for int64(len(p.rows)) < line {
		p.rows = append(p.rows, 0)
	}
	if p.rows[line-1] == 0 {
		p.rows[line-1] = hash
	}
}

func clip(b []byte) string {
	if len(b) > maxText {
		b = b[:maxText]
	}
	return string(b)
}

// mark counts a marker. Its states were looked up once for the shape: building their names a record cost a sixth of a
// log full of markers (BenchmarkPipeline).
func (c *collector) mark(m *mark, t *shape.Tokens, at moment) {
	for _, k := range m.states {
		if k.count == 0 {
			k.first = at // without a time: before the first one of the source, which settle knows
		}
		k.count++
		if at.Kind != parsers.TimeNone {
			if k.first.Kind != parsers.TimeNone && at.Nano < k.first.Nano {
				k.first = at
			}
			if k.last.Kind == parsers.TimeNone || at.Nano >= k.last.Nano {
				k.last = at
			}
		}
	}
	if len(m.match.Captures) == 0 {
		return
	}
	if v := m.match.Value(t, "version"); v != nil {
		if version, ok := knowledgebase.ParseVersion(string(v)); ok {
			c.part.prove(version)
		}
	}
	c.part.validity.merge(validity{parseDate(string(m.match.Value(t, "not-before"))), parseDate(string(m.match.Value(t, "not-after")))})
}

// marker returns the state of the marker called name.
func (p *partial) marker(name string) *markerState {
	k := p.markers[name]
	if k == nil {
		k = &markerState{}
		p.markers[name] = k
	}
	return k
}

// prove adds a proof about the version. Proofs are kept apart until the end, so that their order does not matter.
func (p *partial) prove(v knowledgebase.Versions) {
	for _, have := range p.proofs {
		if have == v {
			return
		}
	}
	if len(p.proofs) < maxMessages {
		p.proofs = append(p.proofs, v)
	}
}

// read makes the collector ready for the records of a chunk.
func (c *collector) read(seq int) {
	c.turn = turnOf(seq)
	if c.table == nil {
		c.table = newShapeTable()
	}
	c.table.begin = c.turn
	c.table.until = max(c.table.until, seq+1)
}

// close finishes the chunk. The table of shapes goes with the partial; a worker may take it back.
func (c *collector) close(count *parsers.Accounting) *partial {
	p := c.part
	p.count, p.table = *count, c.table
	for name, k := range p.markers {
		if k.count == 0 { // looked up for a shape whose records did not hold its literals
			delete(p.markers, name)
		}
	}
	for _, e := range c.bound { // or an entry would keep the states of its last chunk alive
		e.part, e.states = nil, nil
		clear(e.marks)
	}
	clear(c.bound)
	c.bound = c.bound[:0]
	c.part, c.table, c.timed, c.lastNano = newPartial(), nil, false, 0
	return p
}

func threadHash(b []byte) uint64 {
	if len(b) == 0 {
		return 0
	}
	h := uint64(14695981039346656037)
	for _, x := range b {
		h = (h ^ uint64(x)) * 1099511628211
	}
	return h
}

func mixHash(a, b uint64) uint64 {
	h := a*0x9e3779b97f4a7c15 ^ b
	h ^= h >> 32
	h *= 0xff51afd7ed558ccd
	return h ^ h>>29
}

// addSketch keeps the smallest hashes.
func (p *partial) addSketch(v uint64) {
	i := len(p.sketch)
	if i >= sketchSize && v >= p.sketch[i-1] {
		return
	}
	lo, hi := 0, i
	for lo < hi {
		mid := (lo + hi) / 2
		if p.sketch[mid] < v {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < i && p.sketch[lo] == v {
		return
	}
	if i < sketchSize {
		p.sketch = append(p.sketch, 0)
	}
	copy(p.sketch[lo+1:], p.sketch[lo:])
	p.sketch[lo] = v
}
