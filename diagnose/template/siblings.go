package template

import (
	"cmp"
	"slices"
)

const (
	manyValues = 10
	firstWord  = 12
	rareRecord = 3
)

func siblings(rows []*row) []*row {
	rows = same(rows)
	for range 8 {
		n := len(rows)
		rows = single(rows)
		rows = rareWords(rows)
		if len(rows) == n {
			break
		}
	}
	return rows
}

// same joins rows with equal cells.
func same(rows []*row) []*row {
	sortRows(rows)
	first := make(map[uint64]*row)
	out := rows[:0]
	for _, r := range rows {
		h := r.sum()
		if f := first[h]; f != nil {
			f.join(r)
			continue
		}
		first[h] = r
		out = append(out, r)
	}
	return out
}

type masked struct {
	key      uint64
	row      int32
	position int16
}

// single joins rows that differ in one cell.
func single(rows []*row) []*row {
	list := shared(rows)
	slices.SortFunc(list, func(a, b masked) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.row, b.row)) })
	type span struct{ from, to int }
	var groups []span
	for i := 0; i < len(list); {
		j := i + 1
		for j < len(list) && list[j].key == list[i].key {
			j++
		}
		if j-i > 1 {
			groups = append(groups, span{i, j})
		}
		i = j
	}
	slices.SortFunc(groups, func(a, b span) int {
		return cmp.Or(-cmp.Compare(a.to-a.from, b.to-b.from), cmp.Compare(list[a.from].row, list[b.from].row), cmp.Compare(list[a.from].position, list[b.from].position))
	})
	joined := false
	gone := make([]bool, len(rows))
	for _, g := range groups {
		var members []*row
		var ids []int32
		p := int(list[g.from].position)
		for _, m := range list[g.from:g.to] {
			if !gone[m.row] {
				members = append(members, rows[m.row])
				ids = append(ids, m.row)
			}
		}
		if len(members) < 2 || !variable(members, p) {
			continue
		}
		joined = true
		for k, m := range members[1:] {
			members[0].join(m)
			gone[ids[k+1]] = true
		}
	}
	if !joined {
		return rows
	}
	out := rows[:0]
	for i, r := range rows {
		if !gone[i] {
			out = append(out, r)
		}
	}
	return same(out)
}

// shared lists the rows without one of their cells, those that are most probably equal to another one without one. Most are
// not, and a sieve that holds a few of them too many is an eighth of the cost of sorting all (BenchmarkBuild).
func shared(rows []*row) []masked {
	n := 0
	for _, r := range rows {
		n += len(r.cells)
	}
	width := 6 // of the sieve: 16 bits for each
	for 1<<width < 16*n {
		width++
	}
	once, twice := make([]uint64, 1<<(width-6)), make([]uint64, 1<<(width-6))
	each := func(f func(m masked)) {
		for i, r := range rows {
			if r.words() < 2 {
				continue
			}
			h := r.sum()
			for p := range r.cells {
				if id := r.cells[p].id; id&0xff != isName {
					f(masked{h - mixCell(id, p) + uint64(p)*0x9e3779b97f4a7c15, int32(i), int16(p)})
				}
			}
		}
	}
	place := func(key uint64) (word int, bit uint64) {
		key = key * 0x9e3779b97f4a7c15 >> (64 - width)
		return int(key >> 6), 1 << (key & 63)
	}
	each(func(m masked) {
		w, b := place(m.key)
		twice[w] |= once[w] & b
		once[w] |= b
	})
	var list []masked
	each(func(m masked) {
		if w, b := place(m.key); twice[w]&b != 0 {
			list = append(list, m)
		}
	})
	return list
}

// variable decides whether position p, in which rows differ, holds values.
func variable(rows []*row, p int) bool {
	weights := make(map[uint64]int)
	for _, r := range rows {
		weights[r.cells[p].id] += r.weight
	}
	distinct, rare, soft := len(weights), 0, true
	for id, w := range weights {
		soft = soft && id&0xff != isWord
		if id == value || w <= rareRecord {
			rare++
		}
	}
	if _, ok := weights[value]; ok && distinct > 1 && rare*2 >= distinct {
		return true
	}
	if soft && distinct > 1 && (p > 0 || distinct > 2) {
		return true
	}
	if p == 0 {
		return distinct >= firstWord
	}
	if rows[0].cells[p].keyed && distinct > 2 {
		return true
	}
	return distinct > 2 && (distinct >= manyValues || rare*2 >= distinct)
}

// rareWords joins rows that are equal but for words that stand nowhere else.
func rareWords(rows []*row) []*row {
	if !slices.ContainsFunc(rows, func(r *row) bool { return r.weight <= rareRecord }) {
		return rows
	}
	type place struct {
		id uint64
		p  int
	}
	seen := make(map[place]int)
	for _, r := range rows {
		for p := range r.cells {
			if r.cells[p].word() {
				seen[place{r.cells[p].id, p}]++
			}
		}
	}
	groups := make(map[uint64][]int)
	var keys []uint64
	for i, r := range rows {
		h := uint64(len(r.cells))
		masks, kept := 0, 0
		for p := range r.cells {
			c := &r.cells[p]
			if p > 0 && c.word() && seen[place{c.id, p}] == 1 && r.weight <= rareRecord {
				masks++
				h += mixCell(value, p)
				continue
			}
			if c.word() {
				kept++
			}
			h += mixCell(c.id, p)
		}
		if masks == 0 || kept < masks || kept < 1 {
			continue
		}
		if groups[h] == nil {
			keys = append(keys, h)
		}
		groups[h] = append(groups[h], i)
	}
	joined := false
	gone := make([]bool, len(rows))
	for _, k := range keys {
		g := groups[k]
		if len(g) < 3 {
			continue
		}
		joined = true
		for _, i := range g[1:] {
			rows[g[0]].join(rows[i])
			gone[i] = true
		}
	}
	if !joined {
		return rows
	}
	out := rows[:0]
	for i, r := range rows {
		if !gone[i] {
			out = append(out, r)
		}
	}
	return same(out)
}
