package knowledgebase

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/whytls/whytls/parsers/shape"
)

// element is one step of a pattern.
type element struct {
	// A literal word has hash; a literal of another kind has kind and text, which each record must have.
	hash uint32
	kind shape.Kind
	text string
	// A placeholder has a name; limited ones take exactly one token, of kind or (any) of all kinds, or (optional)
	// none.
	name     string
	one      bool
	any      bool
	optional bool
	// A placeholder <name:table> takes the longest run of tokens that is a key of the signature's table, <name:key> one
	// token that is one written as a constant, and nothing else.
	keys *keys
}

func (e *element) placeholder() bool { return e.name != "" }

// pattern is one text of a signature. It is compiled when the first shape with its anchor comes: most texts wait for
// a program whose logs are not read.
type pattern struct {
	base      *Base
	signature *Signature
	text      string
	once      sync.Once
	err       error // that the text cannot be compiled; the texts of the index can
	elements  []element
	// weight orders patterns that match the same record: the more literal text the more specific.
	weight int
}

var kinds = map[string]shape.Kind{
	"word": shape.Word, "num": shape.Number, "hex": shape.Hex, "uuid": shape.UUID, "mac": shape.MAC, "ip": shape.IP,
	"host": shape.Host, "path": shape.Path, "url": shape.URL, "time": shape.Clock, "bool": shape.Bool, "id": shape.Identifier,
}

// splitter splits texts into literals and what stands between "<" and ">". It keeps its memory from text to text.
type splitter struct{ pending []byte }

func (s *splitter) split(text string, literal func([]byte), placeholder func(string) error) error {
	pending := s.pending[:0]
	defer func() { s.pending = pending }()
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text) && text[i+1] == '<':
			pending = append(pending, '<')
			i++
		case text[i] == '<':
			end := strings.IndexByte(text[i:], '>')
			if end < 0 {
				return fmt.Errorf("text %q: placeholder without end", text)
			}
			if len(pending) > 0 {
				literal(pending)
				pending = pending[:0]
			}
			if err := placeholder(text[i+1 : i+end]); err != nil {
				return fmt.Errorf("text %q: %w", text, err)
			}
			i += end
		default:
			pending = append(pending, text[i])
		}
	}
	if len(pending) > 0 {
		literal(pending)
	}
	return nil
}

// ready compiles the pattern once. A pattern with an error matches nothing.
func (p *pattern) ready() bool {
	p.once.Do(func() {
		if p.err = p.compile(); p.err != nil {
			p.elements = nil
		}
	})
	return p.err == nil
}

func (p *pattern) compile() error {
	var t shape.Tokens
	literal := func(text []byte) {
		t.ReadText(text)
		for _, tok := range t.List {
			e := element{hash: tok.Hash, kind: tok.Kind}
			if tok.Kind != shape.Word {
				e.text = string(t.Text(tok))
			}
			p.elements = append(p.elements, e)
			p.weight += 2 + int(tok.End-tok.Start)
		}
	}
	listed := false
	err := new(splitter).split(p.text, literal, func(text string) error {
		e, err := p.placeholder(text)
		p.elements = append(p.elements, e)
		listed = listed || e.keys != nil
		return err
	})
	if err != nil {
		return err
	}
	if len(p.elements) == 0 {
		return errors.New("empty text")
	}
	if listed {
		p.weight /= 4 // behind the texts that somebody wrote for one of the table's values
	}
	if p.signature.Fallback {
		p.weight -= 1000 // behind every other pattern, in order among themselves
	}
	return nil
}

// placeholder reads what stands between "<" and ">".
func (p *pattern) placeholder(text string) (element, error) {
	name, kind, limited := strings.Cut(text, ":")
	e := element{name: name, one: limited}
	if name == "" {
		return e, errors.New("placeholder without name")
	}
	if !limited {
		return e, nil
	}
	kind, e.optional = strings.CutSuffix(kind, "?")
	switch kind {
	case "any":
		e.any = true
	case "table", "key":
		e.one = kind == "key"
		if e.keys = p.base.keysOf(p.signature.Table); e.keys == nil || name != p.signature.Code {
			return e, fmt.Errorf("<%s> needs a table and must be its code", name)
		}
	default:
		known := false
		if e.kind, known = kinds[kind]; !known {
			return e, fmt.Errorf("unknown kind %q", kind)
		}
	}
	return e, nil
}

// file files the patterns of all signatures under their rarest literal word. Only the words are looked at.
func (b *Base) file() error {
	type words struct {
		pattern  *pattern
		from, to int
	}
	texts := 0
	for _, s := range b.Signatures {
		texts += len(s.Text)
	}
	var (
		t         shape.Tokens
		split     splitter
		hashes    = make([]uint32, 0, 8*texts)
		all       = make([]words, 0, texts)
		memory    = make([]pattern, texts)
		frequency = make(map[uint32]int32, 2*texts)
	)
	literal := func(text []byte) {
		t.ReadText(text)
		for _, tok := range t.List {
			if tok.Kind == shape.Word {
				hashes = append(hashes, tok.Hash)
				frequency[tok.Hash]++
			}
		}
	}
	for _, s := range b.Signatures {
		for _, text := range s.Text {
			p := &memory[len(all)]
			p.base, p.signature, p.text = b, s, text
			from := len(hashes)
			if err := split.split(text, literal, func(string) error { return nil }); err != nil {
				return fmt.Errorf("signature %q: %w", s.ID, err)
			}
			all = append(all, words{p, from, len(hashes)})
		}
	}
	b.patterns = make(map[uint32][]*pattern, texts)
	for _, w := range all {
		if w.from == w.to {
			b.fileWithoutWords(w.pattern)
			continue
		}
		rarest := hashes[w.from]
		for _, h := range hashes[w.from:w.to] {
			if frequency[h] < frequency[rarest] {
				rarest = h
			}
		}
		b.patterns[rarest] = append(b.patterns[rarest], w.pattern)
	}
	return nil
}

// fileWithoutWords files a pattern under the words that the keys of its table begin with, or among those that
// are tried on every shape.
func (b *Base) fileWithoutWords(p *pattern) {
	if p.ready() && p.elements[0].keys != nil {
		for h := range p.elements[0].keys.first {
			b.patterns[h] = append(b.patterns[h], p)
		}
		return
	}
	b.loose = append(b.loose, p)
}

// compileAll compiles all patterns now, so that their errors come out.
func (b *Base) compileAll() error {
	for _, list := range b.patterns {
		for _, p := range list {
			if !p.ready() {
				return fmt.Errorf("signature %q: %w", p.signature.ID, p.err)
			}
		}
	}
	for _, p := range b.loose {
		if !p.ready() {
			return fmt.Errorf("signature %q: %w", p.signature.ID, p.err)
		}
	}
	return nil
}
