package knowledgebase

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// reader collects the entries of files of knowledge. A file is of the kind that its keys tell, wherever it lies.
type reader struct {
	index  *index
	own    bool // the files are the user's: their entries replace those of the same id that the program has
	faults []error
}

func newReader(x *index, own bool) *reader {
	if x.places == nil {
		x.places = make(map[any]place)
	}
	return &reader{index: x, own: own}
}

// readTree reads the sources of the embedded base.
func readTree(dir fs.FS) (*index, error) {
	r := newReader(&index{Tables: make(map[string]*table)}, false)
	for _, folder := range []string{"signatures", "causes", "systems"} {
		entries, err := fs.ReadDir(dir, folder)
		if err != nil {
			return nil, fmt.Errorf("reading the knowledge sources: %w", err)
		}
		for _, e := range entries {
			if name := folder + "/" + e.Name(); !e.IsDir() && filepath.Ext(name) == ".yaml" {
				data, err := fs.ReadFile(dir, name)
				if err != nil {
					return nil, fmt.Errorf("reading %s: %w", name, err)
				}
				r.read(name, data)
			}
		}
	}
	for name, into := range map[string]any{"ranking.yaml": &r.index.Ranking, "families.yaml": &r.index.Families} {
		data, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, fmt.Errorf("reading the knowledge sources: %w", err)
		}
		r.readOne(name, data, into)
	}
	r.index.sort()
	return r.index, errors.Join(r.faults...)
}

// IsTree reports whether a folder holds a whole base, as knowledgebase/ does, and not just additions to one.
func IsTree(dir fs.FS) bool {
	_, err := fs.Stat(dir, "ranking.yaml")
	return err == nil
}

// Extended returns the embedded knowledge with the user's files over it. Each path is a file or a folder, of which all
// .yaml files below are read. The user's entries are linted: an error says what is wrong with them, and where.
func Extended(paths ...string) (*Base, error) {
	b, err := Overlay(paths...)
	if err != nil {
		return nil, err
	}
	if err := b.Lint(); err != nil {
		return nil, err
	}
	return b, nil
}

// Overlay is Extended without the lint.
func Overlay(paths ...string) (*Base, error) {
	x, err := decodeIndex(embedded)
	if err != nil {
		return nil, err
	}
	r := newReader(x, true)
	for _, path := range paths {
		names, err := filesOf(path)
		if err != nil {
			return nil, fmt.Errorf("reading knowledge: %w", err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				return nil, fmt.Errorf("reading knowledge: %w", err)
			}
			r.read(name, data)
		}
	}
	if err := errors.Join(r.faults...); err != nil {
		return nil, err
	}
	x.own = true
	x.sort()
	b, err := compile(x)
	if err != nil {
		return nil, err
	}
	return b, nil
}

func filesOf(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	var names []string
	err = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && (filepath.Ext(name) == ".yaml" || filepath.Ext(name) == ".yml") {
			names = append(names, name)
		}
		return err
	})
	return names, err
}

// Replaced lists the embedded entries that entries of the user replace.
func (b *Base) Replaced() []string { return b.index.replaced }

func (r *reader) fail(err error) { r.faults = append(r.faults, err) }

// syntax are the errors of the YAML parser, which tell the line in words.
var syntax = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?(.*)$`)

// offByOne are the errors for which the parser counts lines from zero.
var offByOne = regexp.MustCompile(`^did not find expected (node content|',' or|key|'-'|<)`)

// documents parses a file, which may hold several documents.
func (r *reader) documents(name string, data []byte, each func(*file, *yaml.Node)) {
	f := &file{name: name, lines: strings.Split(string(data), "\n")}
	d := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var document yaml.Node
		err := d.Decode(&document)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			m := syntax.FindStringSubmatch(err.Error())
			at := &yaml.Node{Column: 1}
			at.Line, err = strconv.Atoi(m[1])
			if err == nil && offByOne.MatchString(m[2]) {
				at.Line++
			}
			if err == nil && at.Line <= len(f.lines) {
				text := f.lines[at.Line-1]
				at.Column = len(text) - len(strings.TrimLeft(text, " ")) + 1
			}
			r.fail(f.fault(at, "%s", m[2]))
			return
		}
		if len(document.Content) > 0 && document.Content[0].Tag != "!!null" {
			each(f, document.Content[0])
		}
	}
}

// readOne reads a file of a fixed form.
func (r *reader) readOne(name string, data []byte, into any) {
	r.documents(name, data, func(f *file, n *yaml.Node) { r.decode(f, n, into) })
}

// decode checks a node against the type of what it is to fill, and fills it when it fits.
func (r *reader) decode(f *file, n *yaml.Node, into any) bool {
	before := len(r.faults)
	checkNode(n, reflect.TypeOf(into).Elem(), "", func(at *yaml.Node, text string) { r.fail(f.fault(at, "%s", text)) })
	if len(r.faults) > before {
		return false
	}
	if err := n.Decode(into); err != nil {
		r.fail(f.fault(n, "%s", strings.TrimPrefix(err.Error(), "yaml: ")))
		return false
	}
	return true
}

// read reads a file of signatures, causes or a system.
func (r *reader) read(name string, data []byte) {
	r.documents(name, data, func(f *file, n *yaml.Node) {
		has := func(key string) bool { return valueOf(n, key) != nil }
		switch {
		case n.Kind == yaml.MappingNode && (has("library") || has("signatures") || has("tables")):
			var s signatureFile
			if r.decode(f, n, &s) {
				r.signatures(f, n, &s)
			}
		case n.Kind == yaml.MappingNode && has("system"):
			s := new(System)
			if r.decode(f, n, s) {
				r.add(f, n, s, s.ID)
			}
		case n.Kind == yaml.MappingNode && (has("family") || has("causes")):
			var c causeFile
			if r.decode(f, n, &c) {
				for i, cause := range c.Causes {
					cause.Family = c.Family
					r.add(f, valueOf(n, "causes").Content[i], cause, cause.ID)
				}
			}
		default:
			r.fail(f.fault(n, "a file of knowledge has the key library (of signatures), family (of causes) or system"))
		}
	})
}

func (r *reader) signatures(f *file, n *yaml.Node, s *signatureFile) {
	if s.Library == "" {
		r.fail(f.fault(n, "the key library is missing"))
		return
	}
	for i, signature := range s.Signatures {
		signature.Library, signature.System, signature.Generated = s.Library, s.System, s.Generated
		r.add(f, valueOf(n, "signatures").Content[i], signature, signature.ID)
	}
	for _, name := range sorted(s.Tables) {
		t := &table{known: s.Tables[name]}
		r.add(f, valueOf(valueOf(n, "tables"), name), t, name)
	}
}

// add adds an entry, or puts it in the place of one that the program has.
func (r *reader) add(f *file, n *yaml.Node, entry any, id string) {
	x := r.index
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if id == "" {
		r.fail(f.fault(n, "the key id is missing"))
		return
	}
	kind := ""
	var old any
	switch e := entry.(type) {
	case *Signature:
		kind = "signature"
		i := slices.IndexFunc(x.Signatures, func(s *Signature) bool { return s.ID == id })
		if i < 0 {
			x.Signatures = append(x.Signatures, e)
			break
		}
		old, x.Signatures[i] = x.Signatures[i], e
	case *Cause:
		kind = "cause"
		i := slices.IndexFunc(x.Causes, func(c *Cause) bool { return c.ID == id })
		if i < 0 {
			x.Causes = append(x.Causes, e)
			break
		}
		old, x.Causes[i] = x.Causes[i], e
	case *System:
		kind = "system"
		i := slices.IndexFunc(x.Systems, func(s *System) bool { return s.ID == id })
		if i < 0 {
			x.Systems = append(x.Systems, e)
			break
		}
		old, x.Systems[i] = x.Systems[i], e
	case *table:
		kind = "table"
		if t := x.Tables[id]; t != nil {
			old = t
		}
		x.Tables[id] = e
	}
	x.places[entry] = place{f, n, r.own}
	if old == nil {
		return
	}
	switch first, read := x.places[old]; {
	case read && first.own == r.own:
		r.fail(f.fault(idNode(n), "%s %q exists already, at %s:%d", kind, id, first.file.name, first.node.Line))
	default:
		x.replaced = append(x.replaced, fmt.Sprintf("%s %s of %s:%d replaces the one that whytls has", kind, id, f.name, n.Line))
	}
}

// idNode is the id of an entry, for the caret.
func idNode(n *yaml.Node) *yaml.Node {
	for _, key := range []string{"id", "system"} {
		if v := valueOf(n, key); v != nil {
			return v
		}
	}
	return n
}

// valueOf returns the value of a key of a mapping, or nil.
func valueOf(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Kind == yaml.MappingNode && n.Content[i].Value == key {
			if v := n.Content[i+1]; v.Kind == yaml.AliasNode {
				return v.Alias
			}
			return n.Content[i+1]
		}
	}
	return nil
}
