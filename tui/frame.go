package tui

import "strings"

// layout is where the parts of a frame are.
type layout struct {
	width, height int
	header        int
	footer        int
	body          int // height between them
	list          int // height of the list, 0 when it is not shown
	listWidth     int
	beside        bool // the list stands left of the detail, else above it
	detail        int  // height of the detail, 0 when it is not shown
	detailWidth   int
}

// At these sizes parts of the screen come and go.
const (
	besideWidth  = 110 // room for list and detail side by side
	smallHeight  = 18  // a lower body shows the list or the detail, not both, when the detail is opened
	roomyHeight  = 20  // room for rates and histogram
	mediumHeight = 12  // room for the accounting and a line of notices
)

// fullHeader is the height of the header where there is room: sources, accounting, rates, views.
const fullHeader = 4

// arrange divides the screen. It depends on the size, the number of rows and what is open, on nothing else.
func arrange(s *state, rows int) layout {
	l := layout{width: s.width, height: s.height, listWidth: s.width, detailWidth: s.width}
	switch {
	case s.height >= roomyHeight:
		l.header, l.footer = fullHeader, 2
	case s.height >= mediumHeight:
		l.header, l.footer = 2, 2
	case s.height >= 5:
		l.header, l.footer = 1, 1
	}
	l.body = s.height - l.header - l.footer
	p := s.pane()
	whole := p.zoomed || s.view == helpView || s.view == logView && !p.inDetail
	switch {
	case whole && p.inDetail, p.inDetail && s.width < besideWidth && l.body < smallHeight:
		l.detail = max(l.body-1, 0)
	case whole:
		l.list = l.body
	case s.width >= besideWidth:
		l.beside = true
		l.listWidth = listColumns(s)
		l.list, l.detail, l.detailWidth = l.body, l.body, s.width-l.listWidth-3
	default:
		// The detail is what is read; the rest of the screen shows where one is. A line parts them.
		share := 2
		if s.view == findingsView {
			share = 3
		}
		l.list = min(max(rows, 1), max(l.body/share, 1))
		l.detail = max(l.body-l.list-1, 0)
	}
	return l
}

// listColumns is the width of a list that stands beside its detail.
func listColumns(s *state) int {
	switch s.view {
	case findingsView:
		return min(max(s.width*2/5, 48), 90)
	case logView, templatesView, timelineView:
		return s.width * 3 / 5
	}
	return s.width / 2
}

// frame draws the screen: exactly as many lines as the state is high, each exactly as many columns as it is wide.
// It is pure.
func frame(s *state) []string {
	if s.width <= 0 || s.height <= 0 {
		return nil
	}
	list := listingOf(s)
	l := arrange(s, list.len())
	out := make([]string, 0, s.height)
	draw := func(lines []line, n, width int) {
		for i := range n {
			out = append(out, s.theme.render(at(lines, i), width))
		}
	}
	draw(header(s, l), l.header, s.width)
	selected := chosen(list, s.pane().selected)
	rows, _ := visibleList(list, selected, l.list, l.listWidth)
	if sought := s.sought(); sought != nil {
		for i := range rows {
			rows[i] = sought.highlight(rows[i])
		}
	}
	var detail []line
	var above, below int
	if l.detail > 0 {
		detail, above, below = window(detailOf(s, list, selected, l.detailWidth), s.pane().scroll, l.detail)
	}
	if l.beside {
		for i := range l.body {
			out = append(out, s.columns(rows, detail, i, l, above, below))
		}
	} else {
		draw(rows, l.list, s.width)
		draw([]line{rule(s, s.width, above, below)}, l.body-l.list-l.detail, s.width)
		draw(detail, l.detail, s.width)
	}
	draw(footer(s, l), l.footer, s.width)
	return out
}

// columns draws line i of a list and the detail beside it.
func (s *state) columns(list, detail []line, i int, l layout, above, below int) string {
	return s.theme.render(at(list, i), l.listWidth) + s.theme.render(divider(s, i, above, below, l.body), 3) + s.theme.render(at(detail, i), l.detailWidth)
}

func at(lines []line, i int) line {
	if i < len(lines) {
		return lines[i]
	}
	return nil
}

// window cuts what is visible out of lines. above and below say how many are not.
func window(lines []line, from, height int) (shown []line, above, below int) {
	from = max(min(from, len(lines)-height), 0)
	to := min(from+max(height, 0), len(lines))
	return lines[from:to], from, len(lines) - to
}

// maxScroll is how far the detail can be scrolled.
func maxScroll(s *state) int {
	list := listingOf(s)
	l := arrange(s, list.len())
	return max(len(detailOf(s, list, chosen(list, s.pane().selected), l.detailWidth))-l.detail, 0)
}

// readable is how wide prose is set at most: the eye loses longer lines.
const readable = 120

// detailOf explains the chosen row, as lines for a window of the given width.
func detailOf(s *state, list listing, chosen, width int) []line {
	if s.view != logView {
		width = min(width, readable)
	}
	if chosen < 0 {
		return blindLines(s, width)
	}
	return list.detail(chosen, width)
}

// rule parts the list from the detail and tells how much of the detail is out of sight.
func rule(s *state, width, above, below int) line {
	look := faint
	if s.pane().inDetail {
		look = label
	}
	note := more(above, below)
	return line{{look, strings.Repeat("─", max(width-len([]rune(note))-2, 0))}, {look, note}, {look, "──"}}
}

func more(above, below int) string {
	switch {
	case above > 0 && below > 0:
		return " ↑ more ↓ "
	case above > 0:
		return " ↑ more "
	case below > 0:
		return " more ↓ "
	}
	return "──"
}

// divider is the same between columns, in line i.
func divider(s *state, i, above, below, height int) line {
	look := faint
	if s.pane().inDetail {
		look = label
	}
	switch {
	case i == 0 && above > 0:
		return say(look, " ↑ ")
	case i == height-1 && below > 0:
		return say(look, " ↓ ")
	}
	return say(look, " │ ")
}
