package knowledgebase

import (
	_ "embed"
	"io/fs"
	"sort"
	"sync"
)

//go:embed index.txt
var embedded string

// Base is the compiled knowledge. It is immutable and safe for concurrent use.
type Base struct {
	Ranking    Ranking
	Families   map[string]Strings // library → libraries whose signatures know its messages
	Signatures []*Signature       // sorted by id
	Causes     map[string]*Cause  // with what systems add to their cards
	Systems    map[string]*System

	index     *index
	systems   []*System // sorted by id
	signature map[string]*Signature
	patterns  map[uint32][]*pattern // by the hash of the anchor word
	loose     []*pattern            // patterns without a literal word
	keys      *keyStore
	near      *nearness
	names     *names
}

// index is what the files say, before it is compiled; codec.go has the form in which it is embedded.
type index struct {
	Ranking    Ranking
	Families   map[string]Strings
	Signatures []*Signature
	Tables     map[string]*table
	Causes     []*Cause
	Systems    []*System

	places   map[any]place // where entries stand, by *Signature, *Cause, *System and *table; of those read from YAML
	own      bool          // some entries are the user's
	replaced []string      // what entries of the user replace
}

var load = sync.OnceValues(func() (*Base, error) { return decode(embedded) })

// Embedded returns the knowledge that the binary carries.
func Embedded() (*Base, error) { return load() }

func decode(text string) (*Base, error) {
	x, err := decodeIndex(text)
	if err != nil {
		return nil, err
	}
	return compile(x)
}

// Read loads the YAML sources from a folder that holds signatures/, causes/ and systems/. Unknown keys are errors,
// and every error names file, line and column.
func Read(dir fs.FS) (*Base, error) {
	x, err := readTree(dir)
	if err != nil {
		return nil, err
	}
	b, err := compile(x)
	if err != nil {
		return nil, err
	}
	return b, b.compileAll()
}

// Index returns the compact form of the sources, as embedded.
func Index(dir fs.FS) ([]byte, error) {
	x, err := readTree(dir)
	if err != nil {
		return nil, err
	}
	return x.encode(), nil
}

// sort puts the entries into the order in which they are matched and written.
func (x *index) sort() {
	sort.Slice(x.Signatures, func(i, j int) bool { return x.Signatures[i].ID < x.Signatures[j].ID })
	sort.Slice(x.Causes, func(i, j int) bool { return x.Causes[i].ID < x.Causes[j].ID })
	sort.Slice(x.Systems, func(i, j int) bool { return x.Systems[i].ID < x.Systems[j].ID })
}

func compile(x *index) (*Base, error) {
	b := &Base{
		Ranking: x.Ranking, Families: x.Families, Signatures: x.Signatures, index: x, systems: x.Systems,
		Causes:    make(map[string]*Cause, len(x.Causes)),
		Systems:   make(map[string]*System, len(x.Systems)),
		signature: make(map[string]*Signature, len(x.Signatures)),
		keys:      &keyStore{known: make(map[string]*keys)},
		near:      &nearness{},
		names:     &names{},
	}
	for _, c := range x.Causes {
		if b.Causes[c.ID] != nil {
			return nil, x.fault(c, []string{"id"}, "cause %q exists twice", c.ID)
		}
		b.Causes[c.ID] = c
	}
	for _, s := range x.Systems {
		if b.Systems[s.ID] != nil {
			return nil, x.fault(s, []string{"system"}, "system %q exists twice", s.ID)
		}
		b.Systems[s.ID] = s
	}
	for _, s := range x.Systems {
		if err := b.adopt(s); err != nil {
			return nil, err
		}
	}
	for _, s := range x.Signatures {
		if b.signature[s.ID] != nil {
			return nil, x.fault(s, []string{"id"}, "signature %q exists twice", s.ID)
		}
		b.signature[s.ID] = s
	}
	return b, b.file()
}

// adopt puts what a system adds to causes onto their cards.
func (b *Base) adopt(s *System) error {
	for _, id := range sorted(s.Causes) {
		notes := s.Causes[id]
		if b.Causes[id] == nil {
			return b.index.fault(s, []string{"causes", id}, "system %s: unknown cause %q", s.ID, id)
		}
		c := *b.Causes[id]
		only := Strings{s.ID}
		checks := make([]Check, 0, len(notes.Checks)+len(c.Checks))
		for _, check := range notes.Checks {
			check.For = only
			checks = append(checks, check)
		}
		fixes := make([]Fix, 0, len(notes.Fixes)+len(c.Fixes))
		for _, fix := range notes.Fixes {
			fix.For = only
			fixes = append(fixes, fix)
		}
		c.Evidence = append([]Evidence(nil), c.Evidence...)
		for _, e := range notes.Evidence {
			e.For = only
			c.Evidence = append(c.Evidence, e)
		}
		c.Checks = append(checks, c.Checks...)
		c.Fixes = append(fixes, c.Fixes...)
		b.Causes[id] = &c
	}
	return nil
}

// SystemTitle names a system as people write it, by its id where the base knows no title.
func (b *Base) SystemTitle(id string) string {
	if system := b.Systems[id]; system != nil && system.Title != "" {
		return system.Title
	}
	return id
}

// Signature returns the signature called id, or nil.
func (b *Base) Signature(id string) *Signature { return b.signature[id] }

// Table returns what the values of a code mean, nil when no table has that name. The caller must not change it.
func (b *Base) Table(name string) map[string]TableEntry {
	if t := b.index.Tables[name]; t != nil {
		return t.entries()
	}
	return nil
}

// Tables returns the names of all tables, sorted.
func (b *Base) Tables() []string { return sorted(b.index.Tables) }
