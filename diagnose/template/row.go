package template

import (
	"cmp"
	"slices"

	"github.com/whytls/whytls/parsers/shape"
)

// cell is one position of a row: a word, a value, or the name of a field.
type cell struct {
	id   uint64 // equal for equal cells; value for a value
	form uint32 // of a value: its kinds and how many; mixed where the members differ
	kind uint8  // of a value: its kind; anyKind where the members differ

	keyed bool // the value of key=value
}

const (
	value  uint64 = 1
	mixed  uint32 = 0
	isWord        = 2 // the low bits of a cell's id
	isPart        = 3 // an identifier with a constant part
	isName        = 4 // a field name

	anyKind uint8 = 0xff
)

func (c *cell) word() bool { return c.id&0xff == isWord || c.id&0xff == isPart }

// row is one or more shapes on their way to a template.
type row struct {
	cells   []cell
	own     bool     // cells may be changed; else they are those of a shape
	weight  int      // records, counted up to manyRecords
	members []uint64 // hashes of the shapes, the one that is rendered first
	guests  []uint64 // those of another length
}

// manyRecords is where the records of a row are no longer counted: the rules ask for few or many. With it the templates
// depend on the counts of rare shapes only, and a builder has little to do when frequent ones go on.
const manyRecords = 8

func readCells(t *shape.Tokens) []cell {
	cells := make([]cell, 0, len(t.List)+len(t.Segments))
	eachCell(t, func(c cell, _, _ int, _ uint32) { cells = append(cells, c) })
	return cells
}

// eachCell yields the cells of a record with the tokens from..to that they cover. Values in a row are one, and so
// are a number and its unit.
func eachCell(t *shape.Tokens, yield func(c cell, from, to int, end uint32)) {
	i := 0
	for s, seg := range t.Segments {
		if seg.Name != nil {
			yield(cell{id: uint64(shape.WordHash(seg.Name))<<8 | isName}, i, i, 0)
		}
		for i < len(t.List) && int(t.List[i].Segment) == s {
			tok := t.List[i]
			c := cell{keyed: isKeyed(seg.Text, tok)}
			switch {
			case tok.Kind == shape.Word:
				c.id = uint64(tok.Hash)<<8 | isWord
				yield(c, i, i+1, tok.End)
				i++
			case tok.Hash != 0 && tok.Values == 1:
				c.id, c.kind, c.form = uint64(tok.Hash)<<8|isPart, uint8(tok.Kind), uint32(tok.Kind)
				yield(c, i, i+1, tok.End)
				i++
			default:
				from, closed := i, uint32(0)
				c.id, c.kind, c.form = value, uint8(tok.Kind), uint32(tok.Values)<<8|uint32(tok.Kind)
				for i++; i < len(t.List) && int(t.List[i].Segment) == s; i++ {
					next := t.List[i]
					gap := seg.Text[t.List[i-1].End:next.Start]
					if next.Kind == shape.Word {
						if t.List[i-1].Kind != shape.Number || len(gap) != 1 || gap[0] != ' ' || !isUnit(seg.Text[next.Start:next.End]) {
							break
						}
						c.form = c.form*0x9e3779b1 ^ next.Hash
						continue
					}
					if next.Hash != 0 || !joined(gap) {
						if !inBrackets(t, i, gap) {
							break
						}
						closed = t.List[i+1].End + 1
					}
					c.form = c.form*0x9e3779b1 ^ (uint32(next.Values)<<8 | uint32(next.Kind))
					if uint8(next.Kind) != c.kind {
						c.kind = anyKind
					}
				}
				yield(c, from, i, max(closed, t.List[i-1].End))
			}
		}
	}
}

// isKeyed reports whether tok is the whole value of a key=value pair.
func isKeyed(text []byte, tok shape.Token) bool {
	at := int(tok.Start)
	for at > 0 && (text[at-1] == '"' || text[at-1] == '\'') {
		at--
	}
	if at == 0 || text[at-1] != '=' {
		return false
	}
	end := int(tok.End)
	for end < len(text) && (text[end] == '"' || text[end] == '\'') {
		end++
	}
	if end == len(text) {
		return true
	}
	switch text[end] {
	case ',', ';', ')', ']', '}', '|', '&':
		return true
	case ' ':
		return end+1 == len(text) || nextIsKey(text[end+1:])
	}
	return false
}

// nextIsKey reports whether text goes on with key=.
func nextIsKey(text []byte) bool {
	for i, c := range text {
		switch c {
		case '=':
			return i > 0
		case ' ', ',', ':', ';', '"', '(', '[', '{':
			return false
		}
	}
	return false
}

// inBrackets reports that token i is a second form of the quantity before it: 1165 bytes (1.13 KB).
func inBrackets(t *shape.Tokens, i int, gap []byte) bool {
	if string(gap) != " (" || t.List[i-1].Kind != shape.Word || t.List[i].Kind != shape.Number || i+1 >= len(t.List) || t.List[i+1].Kind != shape.Word {
		return false
	}
	text := t.Segments[t.List[i].Segment].Text
	unit := t.List[i+1]
	return isUnit(text[unit.Start:unit.End]) && int(unit.End) < len(text) && text[unit.End] == ')'
}

// isUnit recognises the units that programs choose by the size of a number, so that they vary with it.
func isUnit(word []byte) bool {
	switch string(word) {
	case "B", "KB", "MB", "GB", "TB", "kB", "KiB", "MiB", "GiB", "TiB", "byte", "bytes", "ns", "us", "ms", "s", "sec", "secs", "second", "seconds",
		"msec", "msecs", "min", "mins", "minute", "minutes", "hour", "hours":
		return true
	}
	return false
}

// joined reports whether between two values stand only blanks, commas and colons.
func joined(gap []byte) bool {
	for _, c := range gap {
		if c != ' ' && c != ',' && c != ':' {
			return false
		}
	}
	return true
}

func mixCell(id uint64, position int) uint64 {
	h := (id + uint64(position)*0x9e3779b97f4a7c15) * 0xff51afd7ed558ccd
	h ^= h >> 32
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>29
}

// sum hashes the cells so that one of them can be taken out again.
func (r *row) sum() uint64 {
	h := uint64(len(r.cells))
	for i := range r.cells {
		h += mixCell(r.cells[i].id, i)
	}
	return h
}

func (r *row) identity(k room) uint64 {
	h := r.sum()
	for _, s := range [...]string{k.scope, k.signature} {
		h = mixCell(h, 1)
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * 1099511628211
		}
	}
	return h
}

func (r *row) words() int {
	n := 0
	for i := range r.cells {
		if r.cells[i].word() {
			n++
		}
	}
	return n
}

// join takes in rows of the same length.
func (r *row) join(s *row) {
	if !r.own {
		r.cells, r.own = slices.Clone(r.cells), true
	}
	for i := range r.cells {
		a, b := &r.cells[i], &s.cells[i]
		if a.id != b.id {
			if a.kind != b.kind {
				a.kind = anyKind
			}
			a.id, a.form = value, mixed
			continue
		}
		if a.form != b.form {
			a.form = mixed
		}
		if a.kind != b.kind {
			a.kind = anyKind
		}
	}
	r.members = append(r.members, s.members...)
	r.guests = append(r.guests, s.guests...)
	r.weight = min(r.weight+s.weight, manyRecords)
}

// leads orders rows: the more frequent first, which is rendered when they join.
func leads(a, b *row) int {
	return cmp.Or(-cmp.Compare(a.weight, b.weight), cmp.Compare(a.members[0], b.members[0]))
}

func sortRows(rows []*row) { slices.SortFunc(rows, leads) }
