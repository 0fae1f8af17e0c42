package tui

import "slices"

// listing is the list of a view. Rows are drawn when they are visible, so a list may be long.
type listing interface {
	len() int
	// id names a row in a way that stays when rows come and go.
	id(i int) string
	// row draws a row: one line, or more of it in a log that is wrapped.
	row(i int, chosen bool, width int) []line
	// detail explains a row.
	detail(i, width int) []line
	// text is what a search looks at.
	text(i int) string
	// trouble reports whether e and E stop at the row.
	trouble(i int) bool
	// nothing stands in the place of rows when there are none.
	nothing(width int) []line
}

// listingOf is the list of the view on the screen.
func listingOf(s *state) listing {
	switch s.view {
	case logView:
		return logOf(s)
	case templatesView:
		return templatesOf(s)
	case timelineView:
		return timelineOf(s)
	case sourcesView:
		return sourcesOf(s)
	case helpView:
		return helpOf(s)
	}
	return findingsOf(s)
}

// chosen is the index of the selected row; a row that is gone leaves the selection at the first one. It is -1 for a list
// without rows.
func chosen(l listing, selected string) int {
	n := l.len()
	if selected != "" {
		for i := range n {
			if l.id(i) == selected {
				return i
			}
		}
	}
	return min(0, n-1)
}

// visibleList draws the part of a list around the chosen row: as many lines as there is height for, or all there are.
// owners says of each line which row it belongs to.
func visibleList(l listing, chosen, height, width int) (lines []line, owners []int) {
	if height <= 0 {
		return nil, nil
	}
	if l.len() == 0 {
		return l.nothing(width), nil
	}
	own := l.row(chosen, true, width)
	own = own[:min(len(own), height)]
	room := height - len(own)
	var above, below []line
	var of, under []int
	for i := chosen - 1; i >= 0 && len(above) < room; i-- {
		row := l.row(i, false, width)
		above = append(row, above...)
		of = append(slices.Repeat([]int{i}, len(row)), of...)
	}
	for i := chosen + 1; i < l.len() && len(below) < room; i++ {
		row := l.row(i, false, width)
		below = append(below, row...)
		under = append(under, slices.Repeat([]int{i}, len(row))...)
	}
	down := min(len(below), room-min(len(above), room/2))
	up := min(len(above), room-down)
	lines = slices.Concat(above[len(above)-up:], own, below[:down])
	return lines, slices.Concat(of[len(of)-up:], slices.Repeat([]int{chosen}, len(own)), under[:down])
}

// rowAt is the row that line y of a list belongs to, -1 for none.
func rowAt(l listing, chosen, height, width, y int) int {
	if _, owners := visibleList(l, chosen, height, width); y >= 0 && y < len(owners) {
		return owners[y]
	}
	return -1
}
