package knowledgebase

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed index.json
var embedded []byte

// Base is the compiled knowledge. It is immutable and safe for concurrent use.
type Base struct {
	Ranking    Ranking
	Families   map[string]Strings // library → libraries whose signatures know its messages
	Signatures []*Signature       // sorted by id
	Causes     map[string]*Cause
	Systems    map[string]*System
	Tables     map[string]map[string]TableEntry

	systems   []*System // sorted by id
	signature map[string]*Signature
	patterns  map[uint32][]*pattern // by the hash of the anchor word
	loose     []*pattern            // patterns without a literal word
	keys      map[string]*keys      // by table
}

var load = sync.OnceValues(func() (*Base, error) { return decode(embedded) })

// Embedded returns the knowledge that the binary carries.
func Embedded() (*Base, error) { return load() }

func decode(data []byte) (*Base, error) {
	var x index
	if err := json.Unmarshal(data, &x); err != nil {
		return nil, fmt.Errorf("decoding the knowledge index: %w", err)
	}
	if err := x.unpack(); err != nil {
		return nil, fmt.Errorf("decoding the knowledge index: %w", err)
	}
	return compile(&x)
}

// pack writes the tables in a form that is read faster than JSON: one line an entry, with the key, what it stands for,
// what it says, its place among the shared weights (from one) and "q" when it is quiet. The big tables have many
// entries and few meanings; as JSON they took most of the time of the start.
func (x *index) pack() {
	x.Packed = make(map[string]string, len(x.Tables))
	places := make(map[string]int)
	for _, table := range slices.Sorted(maps.Keys(x.Tables)) {
		var b strings.Builder
		for _, key := range slices.Sorted(maps.Keys(x.Tables[table])) {
			e := x.Tables[table][key]
			place := ""
			if len(e.Suggests) > 0 {
				text := fmt.Sprint(e.Suggests) // sorted by cause
				if places[text] == 0 {
					x.Shared = append(x.Shared, e.Suggests)
					places[text] = len(x.Shared)
				}
				place = strconv.Itoa(places[text])
			}
			quiet := ""
			if e.Quiet {
				quiet = "q"
			}
			b.WriteString(strings.Join([]string{key, e.As, e.Says, place, quiet}, "\t") + "\n")
		}
		x.Packed[table] = b.String()
	}
}

func (x *index) unpack() error {
	x.Tables = make(map[string]map[string]TableEntry, len(x.Packed))
	for table, text := range x.Packed {
		entries := make(map[string]TableEntry, strings.Count(text, "\n"))
		for len(text) > 0 {
			var line string
			line, text, _ = strings.Cut(text, "\n")
			key, rest, _ := strings.Cut(line, "\t")
			var e TableEntry
			e.As, rest, _ = strings.Cut(rest, "\t")
			e.Says, rest, _ = strings.Cut(rest, "\t")
			place, quiet, _ := strings.Cut(rest, "\t")
			if place != "" {
				n, err := strconv.Atoi(place)
				if err != nil || n < 1 || n > len(x.Shared) {
					return fmt.Errorf("table %q: %q has no weights", table, key)
				}
				e.Suggests = x.Shared[n-1]
			}
			e.Quiet = quiet == "q"
			entries[key] = e
		}
		x.Tables[table] = entries
	}
	return nil
}

// signatureFile is one file of signatures/.
type signatureFile struct {
	Library    string                           `yaml:"library"`
	System     string                           `yaml:"system,omitempty"`
	Versions   string                           `yaml:"versions,omitempty"`
	Tables     map[string]map[string]TableEntry `yaml:"tables,omitempty"`
	Signatures []*Signature                     `yaml:"signatures"`
}

// causeFile is one file of causes/.
type causeFile struct {
	Family string   `yaml:"family"`
	Causes []*Cause `yaml:"causes"`
}

// Read loads the YAML sources from a folder that holds signatures/, causes/ and systems/. Unknown keys are errors,
// and every error names file and line.
func Read(dir fs.FS) (*Base, error) {
	x, err := read(dir)
	if err != nil {
		return nil, err
	}
	return compile(x)
}

// Index returns the compact form of the sources, as embedded.
func Index(dir fs.FS) ([]byte, error) {
	x, err := read(dir)
	if err != nil {
		return nil, err
	}
	x.pack()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(x); err != nil {
		return nil, fmt.Errorf("encoding the knowledge index: %w", err)
	}
	return out.Bytes(), nil
}

func read(dir fs.FS) (*index, error) {
	x := &index{Tables: map[string]map[string]TableEntry{}}
	err := each(dir, "signatures", func(name string, d *yaml.Decoder) error {
		var f signatureFile
		if err := d.Decode(&f); err != nil {
			return err
		}
		if f.Library == "" {
			return errors.New("no library")
		}
		for _, s := range f.Signatures {
			s.Library, s.System = f.Library, f.System
			x.Signatures = append(x.Signatures, s)
		}
		for table, entries := range f.Tables {
			if x.Tables[table] != nil {
				return fmt.Errorf("table %q exists already", table)
			}
			x.Tables[table] = entries
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = each(dir, "causes", func(name string, d *yaml.Decoder) error {
		var f causeFile
		if err := d.Decode(&f); err != nil {
			return err
		}
		for _, c := range f.Causes {
			c.Family = f.Family
			x.Causes = append(x.Causes, c)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = each(dir, "systems", func(name string, d *yaml.Decoder) error {
		var s System
		if err := d.Decode(&s); err != nil {
			return err
		}
		x.Systems = append(x.Systems, &s)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for name, into := range map[string]any{"ranking.yaml": &x.Ranking, "families.yaml": &x.Families} {
		data, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, fmt.Errorf("reading the knowledge sources: %w", err)
		}
		if err := yaml.Unmarshal(data, into); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	sort.Slice(x.Signatures, func(i, j int) bool { return x.Signatures[i].ID < x.Signatures[j].ID })
	sort.Slice(x.Causes, func(i, j int) bool { return x.Causes[i].ID < x.Causes[j].ID })
	sort.Slice(x.Systems, func(i, j int) bool { return x.Systems[i].ID < x.Systems[j].ID })
	return x, nil
}

func each(dir fs.FS, folder string, decode func(string, *yaml.Decoder) error) error {
	entries, err := fs.ReadDir(dir, folder)
	if err != nil {
		return fmt.Errorf("reading the knowledge sources: %w", err)
	}
	for _, e := range entries {
		name := path.Join(folder, e.Name())
		if e.IsDir() || !strings.HasSuffix(name, ".yaml") {
			continue
		}
		data, err := fs.ReadFile(dir, name)
		if err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
		d := yaml.NewDecoder(bytes.NewReader(data))
		d.KnownFields(true)
		if err := decode(name, d); err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func compile(x *index) (*Base, error) {
	b := &Base{
		Ranking: x.Ranking, Families: x.Families, Signatures: x.Signatures, Tables: x.Tables, systems: x.Systems,
		Causes:    make(map[string]*Cause, len(x.Causes)),
		Systems:   make(map[string]*System, len(x.Systems)),
		signature: make(map[string]*Signature, len(x.Signatures)),
		patterns:  make(map[uint32][]*pattern),
		keys:      make(map[string]*keys),
	}
	for _, c := range x.Causes {
		if b.Causes[c.ID] != nil {
			return nil, fmt.Errorf("cause %q exists twice", c.ID)
		}
		b.Causes[c.ID] = c
	}
	for _, s := range x.Systems {
		if b.Systems[s.ID] != nil {
			return nil, fmt.Errorf("system %q exists twice", s.ID)
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
			return nil, fmt.Errorf("signature %q exists twice", s.ID)
		}
		b.signature[s.ID] = s
		for _, text := range s.Text {
			p, err := parsePattern(s, text)
			if err != nil {
				return nil, fmt.Errorf("signature %q: %w", s.ID, err)
			}
			for i := range p.elements {
				if e := &p.elements[i]; e.listed {
					if e.keys = b.keysOf(s.Table); e.keys == nil || e.name != s.Code {
						return nil, fmt.Errorf("signature %q: text %q: <%s> needs a table and must be its code", s.ID, text, e.name)
					}
				}
			}
			b.add(p)
		}
	}
	b.chooseAnchors()
	return b, nil
}

// adopt puts what a system adds to causes onto their cards.
func (b *Base) adopt(s *System) error {
	for id, notes := range s.Causes {
		c := b.Causes[id]
		if c == nil {
			return fmt.Errorf("system %s: unknown cause %q", s.ID, id)
		}
		only := Strings{s.ID}
		var checks []Check
		for _, check := range notes.Checks {
			check.For = only
			checks = append(checks, check)
		}
		var fixes []Fix
		for _, fix := range notes.Fixes {
			fix.For = only
			fixes = append(fixes, fix)
		}
		for _, e := range notes.Evidence {
			e.For = only
			c.Evidence = append(c.Evidence, e)
		}
		c.Checks = append(checks, c.Checks...)
		c.Fixes = append(fixes, c.Fixes...)
	}
	return nil
}

// Signature returns the signature called id, or nil.
func (b *Base) Signature(id string) *Signature { return b.signature[id] }
