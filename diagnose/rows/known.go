package rows

import (
	"hash/maphash"
	"sync"

	"github.com/whytls/whytls/knowledgebase"
	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/shape"
)

// names gives numbers to names that come again and again. The zero value is ready; it is safe for concurrent use.
type names struct {
	mu      sync.Mutex
	list    []string
	numbers map[string]uint16
}

// number returns the number of a name. Names are few: formats and the knowledge know them all.
func (n *names) number(name string) uint16 {
	n.mu.Lock()
	defer n.mu.Unlock()
	number, ok := n.numbers[name]
	if !ok {
		if n.numbers == nil {
			n.numbers = make(map[string]uint16)
		}
		number = uint16(len(n.list))
		n.list = append(n.list, name)
		n.numbers[name] = number
	}
	return number
}

// name returns the name with a number.
func (n *names) name(number uint16) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.list[number]
}

// origin is what tells the system of a record.
type origin struct {
	format *parsers.Format
	scope  string
}

// maxOrigins bounds how many are remembered.
const maxOrigins = 4096

// systems tells which programs wrote records. It is for one goroutine.
type systems struct {
	base  *knowledgebase.Base
	names *names
	seen  map[origin]uint16
}

func newSystems(k *known) *systems {
	return &systems{base: k.base, names: &k.systems, seen: make(map[origin]uint16)}
}

// number returns the number of the system that a record belongs to.
func (s *systems) number(f *parsers.Format, scope []byte) uint16 {
	if f.System != "" || s.base == nil {
		scope = nil
	}
	if n, ok := s.seen[origin{f, string(scope)}]; ok {
		return n
	}
	system := f.System
	if s.base != nil {
		system = s.base.SystemOf(f, scope)
	}
	if len(s.seen) >= maxOrigins {
		clear(s.seen)
	}
	n := s.names.number(system)
	s.seen[origin{f, string(scope)}] = n
	return n
}

// known tells which known message a record is. The base is asked once a shape.
type known struct {
	base       *knowledgebase.Base
	systems    names
	signatures names
	pool       sync.Pool // of *shape.Tokens

	mu     sync.Mutex
	shapes map[uint64]*knowledgebase.Analysis
}

// maxKnown bounds the shapes that are remembered.
const maxKnown = 16 << 10

var seed = maphash.MakeSeed() // only for keys that never leave the process

// signature returns the id of the known message that a record is, "" for none.
func (k *known) signature(r *parsers.Record, f *parsers.Format, system string) string {
	if k.base == nil {
		return ""
	}
	t, ok := k.pool.Get().(*shape.Tokens)
	if !ok {
		t = new(shape.Tokens)
	}
	defer k.pool.Put(t)
	t.Read(r)
	key := t.Hash ^ maphash.String(seed, f.Name)
	if len(r.Function) > 0 {
		key ^= maphash.Bytes(seed, r.Function)
	}
	k.mu.Lock()
	analysis, ok := k.shapes[key]
	k.mu.Unlock()
	if !ok {
		analysis = k.base.Match(t, knowledgebase.NewContext(r, f, system))
		k.mu.Lock()
		if k.shapes == nil || len(k.shapes) >= maxKnown {
			k.shapes = make(map[uint64]*knowledgebase.Analysis)
		}
		k.shapes[key] = analysis
		k.mu.Unlock()
	}
	if analysis == nil {
		return ""
	}
	m := analysis.Primary(t)
	if m == nil {
		return ""
	}
	return m.Signature.ID
}
