package knowledgebase

import (
	"errors"
	"fmt"
	"strings"

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
	listed bool
	keys   *keys
}

func (e *element) placeholder() bool { return e.name != "" }

// pattern is one compiled text of a signature.
type pattern struct {
	signature *Signature
	elements  []element
	anchor    int // the element looked up; -1 when there is no literal word
	// weight orders patterns that match the same record: the more literal text the more specific.
	weight int
}

var kinds = map[string]shape.Kind{
	"word": shape.Word, "num": shape.Number, "hex": shape.Hex, "uuid": shape.UUID, "mac": shape.MAC, "ip": shape.IP,
	"host": shape.Host, "path": shape.Path, "url": shape.URL, "time": shape.Clock, "bool": shape.Bool, "id": shape.Identifier,
}

func parsePattern(s *Signature, text string) (*pattern, error) {
	p := &pattern{signature: s, anchor: -1}
	var literal strings.Builder
	flush := func() {
		var t shape.Tokens
		t.ReadText([]byte(literal.String()))
		for _, tok := range t.List {
			e := element{hash: tok.Hash, kind: tok.Kind}
			if tok.Kind != shape.Word {
				e.text = string(t.Text(tok))
			}
			p.elements = append(p.elements, e)
			p.weight += 2 + int(tok.End-tok.Start)
		}
		literal.Reset()
	}
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text) && text[i+1] == '<':
			literal.WriteByte('<')
			i++
		case text[i] == '<':
			end := strings.IndexByte(text[i:], '>')
			if end < 0 {
				return nil, fmt.Errorf("text %q: placeholder without end", text)
			}
			flush()
			name, kind, limited := strings.Cut(text[i+1:i+end], ":")
			if name == "" {
				return nil, fmt.Errorf("text %q: placeholder without name", text)
			}
			e := element{name: name, one: limited}
			if limited {
				kind, e.optional = strings.CutSuffix(kind, "?")
				if kind == "table" || kind == "key" {
					e.listed, e.one = true, kind == "key"
				} else if kind == "any" {
					e.any = true
				} else if k, ok := kinds[kind]; ok {
					e.kind = k
				} else {
					return nil, fmt.Errorf("text %q: unknown kind %q", text, kind)
				}
			}
			p.elements = append(p.elements, e)
			i += end
		default:
			literal.WriteByte(text[i])
		}
	}
	flush()
	if len(p.elements) == 0 {
		return nil, errors.New("empty text")
	}
	for i := range p.elements {
		if p.elements[i].listed {
			p.weight /= 4 // behind the texts that somebody wrote for one of the table's values
			break
		}
	}
	if s.Fallback {
		p.weight -= 1000 // behind every other pattern, in order among themselves
	}
	return p, nil
}

func (b *Base) add(p *pattern) {
	// The anchor is chosen in chooseAnchors, when all words are known.
	b.loose = append(b.loose, p)
}

// chooseAnchors files every pattern under its rarest literal word.
func (b *Base) chooseAnchors() {
	frequency := make(map[uint32]int)
	for _, p := range b.loose {
		for i := range p.elements {
			if e := &p.elements[i]; !e.placeholder() && e.kind == shape.Word {
				frequency[e.hash]++
			}
		}
	}
	all := b.loose
	b.loose = nil
	for _, p := range all {
		for i := range p.elements {
			e := &p.elements[i]
			if !e.placeholder() && e.kind == shape.Word && (p.anchor < 0 || frequency[e.hash] < frequency[p.elements[p.anchor].hash]) {
				p.anchor = i
			}
		}
		if p.anchor < 0 && p.elements[0].keys != nil {
			for h := range p.elements[0].keys.first {
				b.patterns[h] = append(b.patterns[h], p)
			}
			continue
		}
		if p.anchor < 0 {
			b.loose = append(b.loose, p)
			continue
		}
		h := p.elements[p.anchor].hash
		b.patterns[h] = append(b.patterns[h], p)
	}
}
