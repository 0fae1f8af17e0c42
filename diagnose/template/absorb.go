package template

import (
	"cmp"
	"slices"
)

const (
	maxAbsorbed = 3 // cells that a value may stand for besides itself
	rareGuest   = 2 // records of a row that another template may take in
	hostRecords = 3 // times as many records the template must have
	hostWords   = 2 // words that it must have
)

// slot is a value of a row, as seen by rows of another length.
type slot struct {
	before, after uint64
	p, q          int // cells before and after
}

// absorb lets a template take in rows of another length that it describes: equal but for one value, which is longer
// or missing there. The rows themselves stay as they are: a builder keeps them.
func absorb(rows []*row) []*row {
	sortRows(rows)
	if !slices.ContainsFunc(rows, (*row).rare) {
		return rows
	}
	for i, r := range rows {
		c := *r
		c.own = false
		c.guests = slices.Clip(c.guests)
		rows[i] = &c
	}
	var guests []*row
	for _, r := range rows {
		if r.rare() {
			guests = append(guests, r)
		}
	}
	slices.SortStableFunc(guests, func(a, b *row) int { return cmp.Compare(a.weight, b.weight) })
	slots := make(map[slot][]*row)
	prefixes := func(r *row) (before, after []uint64) {
		n := len(r.cells)
		before, after = make([]uint64, n+1), make([]uint64, n+1)
		for i := range r.cells {
			before[i+1] = before[i]*0x9e3779b97f4a7c15 + mixCell(r.cells[i].id, 0)
		}
		for i := n - 1; i >= 0; i-- {
			after[i] = after[i+1]*0x9e3779b97f4a7c15 + mixCell(r.cells[i].id, 0)
		}
		return before, after
	}
	for _, r := range rows {
		if r.words() < hostWords || r.weight < hostRecords {
			continue
		}
		before, after := prefixes(r)
		for p := range r.cells {
			if r.cells[p].id == value {
				k := slot{before[p], after[p+1], p, len(r.cells) - p - 1}
				slots[k] = append(slots[k], r)
			}
		}
	}
	gone := make(map[*row]bool)
	for _, g := range guests {
		if g.weight > rareGuest {
			continue // by now
		}
		before, after := prefixes(g)
		n := len(g.cells)
		var best *row
		var at slot
		for width := 0; width <= maxAbsorbed+1 && best == nil; width++ {
			if width == 1 {
				continue
			}
			for p := 0; p+width <= n; p++ {
				k := slot{before[p], after[p+width], p, n - p - width}
				for _, r := range slots[k] {
					if r != g && !gone[r] && r.weight >= hostRecords*g.weight && (best == nil || leads(r, best) < 0) && !hasName(g.cells[p:p+width]) {
						best, at = r, k
					}
				}
			}
		}
		if best != nil {
			best.guests = append(append(best.guests, g.members...), g.guests...)
			best.weight = min(best.weight+g.weight, manyRecords)
			if !best.own {
				best.cells, best.own = slices.Clone(best.cells), true
			}
			c := &best.cells[at.p]
			c.kind, c.form = anyKind, mixed
			gone[g] = true
		}
	}
	out := rows[:0]
	for _, r := range rows {
		if !gone[r] {
			out = append(out, r)
		}
	}
	return out
}

func hasName(cells []cell) bool {
	for i := range cells {
		if cells[i].id&0xff == isName {
			return true
		}
	}
	return false
}

// rare reports whether another template may take in the row.
func (r *row) rare() bool { return r.weight <= rareGuest && r.words() > 0 }
