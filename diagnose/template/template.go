package template

import (
	"cmp"
	"slices"

	"github.com/whytls/whytls/parsers/shape"
)

// Shape is one row of the shape table: what the templates are computed from.
type Shape struct {
	Hash      uint64
	Scope     string
	Signature string
	Count     int64
	Sample    shape.Sample
}

// Template is a readable view over the shapes that, most probably, one statement of a program printed.
type Template struct {
	ID        string
	Scope     string
	Signature string
	Count     int64
	// Shapes are the indices of the shapes in the table, ascending.
	Shapes []int

	row    *row
	leader int
	table  []Shape
}

// Build computes the templates of a shape table, which must be sorted by hash and hold each hash once.
func Build(table []Shape) []Template { return new(Builder).Build(table) }

// Builder computes templates again and again from a table that grows. It remembers what did not change, and its
// result is that of Build. The zero value is ready; it is not safe for concurrent use.
type Builder struct {
	cells map[uint64][]cell // by shape
	halls map[hall]*result
}

// room holds the shapes that may join at all: those of one component that mean the same to the signatures.
type room struct{ scope, signature string }

// hall holds the shapes of a room that have the same length.
type hall struct {
	room
	length int
}

// result is what the shapes of a hall came to.
type result struct {
	key  uint64 // of the shapes and their counts, up to manyRecords
	rows []*row
}

// Build computes the templates of a table, as the function of that name does.
func (b *Builder) Build(table []Shape) []Template {
	halls, lengths, rooms := b.sort(table)
	var out []Template
	byID := make(map[uint64]int, len(table))
	lists := make([]int, len(table)) // memory of Template.Shapes
	index := make(map[uint64]int, len(table))
	for i := range table {
		index[table[i].Hash] = i
	}
	for _, k := range rooms {
		var rows []*row
		for _, n := range lengths[k] {
			rows = append(rows, b.hall(hall{k, n}, halls[hall{k, n}], table)...)
		}
		rows = absorb(rows)
		out = slices.Grow(out, len(rows))
		for _, r := range rows {
			id := r.identity(k)
			n, ok := byID[id]
			if !ok {
				n = len(out)
				byID[id] = n
				out = append(out, Template{ID: name(id), Scope: k.scope, Signature: k.signature, row: r, leader: -1, table: table})
			}
			t := &out[n]
			if size := len(r.members) + len(r.guests); t.Shapes == nil {
				t.Shapes, lists = lists[:0:size], lists[size:]
			}
			own := t.row == r // else the shape that leads is one of the first row
			for n, list := range [2][]uint64{r.members, r.guests} {
				for _, h := range list {
					i := index[h]
					t.Shapes = append(t.Shapes, i)
					t.Count += table[i].Count
					if n == 0 && own && t.follows(i) {
						t.leader = i
					}
				}
			}
		}
	}
	for i := range out {
		slices.Sort(out[i].Shapes)
	}
	return out
}

// sort tokenises the shapes that are new and files all under their halls.
func (b *Builder) sort(table []Shape) (halls map[hall][]int, lengths map[room][]int, rooms []room) {
	if b.cells == nil || len(b.cells) > 2*len(table)+1024 {
		b.cells = make(map[uint64][]cell, len(table))
	}
	halls, lengths = make(map[hall][]int), make(map[room][]int)
	var tokens shape.Tokens
	for i := range table {
		s := &table[i]
		cells, ok := b.cells[s.Hash]
		if !ok {
			tokens.ReadSample(s.Sample)
			cells = readCells(&tokens)
			b.cells[s.Hash] = cells
		}
		h := hall{room{s.Scope, s.Signature}, len(cells)}
		if halls[h] == nil {
			if lengths[h.room] == nil {
				rooms = append(rooms, h.room)
			}
			lengths[h.room] = append(lengths[h.room], h.length)
		}
		halls[h] = append(halls[h], i)
	}
	for _, n := range lengths {
		slices.Sort(n)
	}
	slices.SortFunc(rooms, func(a, b room) int {
		return cmp.Or(cmp.Compare(a.scope, b.scope), cmp.Compare(a.signature, b.signature))
	})
	return halls, lengths, rooms
}

// hall consolidates the shapes of a hall, unless they are the same as the last time.
func (b *Builder) hall(h hall, shapes []int, table []Shape) []*row {
	key := uint64(len(shapes))
	for _, i := range shapes {
		key = mixCell(key^table[i].Hash, int(min(table[i].Count, manyRecords)))
	}
	if r := b.halls[h]; r != nil && r.key == key {
		return r.rows
	}
	rows := make([]*row, len(shapes))
	memory, hashes := make([]row, len(shapes)), make([]uint64, len(shapes))
	for n, i := range shapes {
		hashes[n] = table[i].Hash
		memory[n] = row{cells: b.cells[table[i].Hash], members: hashes[n : n+1 : n+1], weight: int(min(table[i].Count, manyRecords))}
		rows[n] = &memory[n]
	}
	if b.halls == nil {
		b.halls = make(map[hall]*result)
	}
	rows = siblings(rows)
	b.halls[h] = &result{key, rows}
	return rows
}

// name is the id of a template.
func name(id uint64) string {
	const digits = "0123456789abcdef"
	b := [...]byte{'t', '1', '-', 18: 0}
	for i := len(b) - 1; i > 2; i-- {
		b[i] = digits[id&15]
		id >>= 4
	}
	return string(b[:])
}

// follows reports whether shape i leads rather than the one that leads so far.
func (t *Template) follows(i int) bool {
	if t.leader < 0 {
		return true
	}
	a, b := &t.table[i], &t.table[t.leader]
	return a.Count > b.Count || a.Count == b.Count && i < t.leader
}

// Leader is the index of the shape whose text the template shows: the most frequent one.
func (t *Template) Leader() int { return t.leader }

// Text renders the template.
func (t *Template) Text() string { return t.row.render(t.table[t.Leader()].Sample) }

// Hashes are those of the shapes.
func (t *Template) Hashes() []uint64 { return append(slices.Clone(t.row.members), t.row.guests...) }
