package rows

import (
	"hash/maphash"
	"sync"

	"github.com/whytls/whytls/knowledgebase"
	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/shape"
)

// names numbers the systems that write records.
type names struct {
	base *knowledgebase.Base

	mu      sync.Mutex
	list    []string
	numbers map[string]uint16
}

// origin is what tells the system of a record.
type origin struct {
	format *parsers.Format
	scope  string
}

// maxOrigins bounds how many are remembered.
const maxOrigins = 4096

// reader returns a look-up for one goroutine.
func (n *names) reader() *nameReader { return &nameReader{names: n, seen: make(map[origin]uint16)} }

type nameReader struct {
	names *names
	seen  map[origin]uint16
}

// number returns the number of the system that a record belongs to.
func (r *nameReader) number(f *parsers.Format, scope []byte) uint16 {
	if f.System != "" {
		scope = nil
	}
	if n, ok := r.seen[origin{f, string(scope)}]; ok {
		return n
	}
	var system string
	if r.names.base != nil {
		system = r.names.base.SystemOf(f, scope)
	} else {
		system = f.System
	}
	if len(r.seen) >= maxOrigins {
		clear(r.seen)
	}
	n := r.names.add(system)
	r.seen[origin{f, string(scope)}] = n
	return n
}

func (n *names) add(system string) uint16 {
	n.mu.Lock()
	defer n.mu.Unlock()
	number, ok := n.numbers[system]
	if !ok {
		if n.numbers == nil {
			n.numbers = make(map[string]uint16)
		}
		number = uint16(len(n.list)) // systems are few: formats and the knowledge name them
		n.list = append(n.list, system)
		n.numbers[system] = number
	}
	return number
}

// name returns the system with a number.
func (n *names) name(number uint16) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.list[number]
}

// known tells which known message a record is. The base is asked once a shape.
type known struct {
	base *knowledgebase.Base
	pool sync.Pool // of *shape.Tokens

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
