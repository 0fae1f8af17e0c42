package tui

import (
	"strings"

	"github.com/whytls/whytls/diagnose"
)

// state is all that a frame is made of.
type state struct {
	theme    *theme
	snapshot *diagnose.Snapshot
	title    func(system string) string // the name of a system as people write it

	selected string // the row that is selected, by its id: findings move when others come
	inDetail bool   // the keys move the detail, not the list
	scroll   int    // lines of the detail above its window
	unfolded bool   // the noise is shown finding by finding
	help     bool

	paused bool
	missed int64 // lines that came since the pause
}

// layout is where the parts of a frame are.
type layout struct {
	width, height  int
	header, footer int
	body           int // height between them
	list           int // height of the list, 0 when it is not shown
	beside         int // width of the list when it stands left of the detail, 0 when it stands above
	detail         int // height of the detail
	detailWidth    int
}

// Below these sizes parts of the screen give way.
const (
	besideWidth = 110 // room for list and detail side by side
	smallHeight = 18  // below it, the detail takes the place of the list when it is opened
)

// arrange divides the screen. It depends on the size, the number of rows and what is open, on nothing else.
func arrange(s *state, rows, width, height int) layout {
	l := layout{width: width, height: height}
	switch {
	case height >= 12:
		l.header, l.footer = 2, 2
	case height >= 5:
		l.header, l.footer = 1, 1
	}
	l.body = height - l.header - l.footer
	switch {
	case s.help:
		l.detail, l.detailWidth = max(l.body-1, 0), width
	case width >= besideWidth:
		l.beside = min(max(width*2/5, 48), 76)
		l.list, l.detail, l.detailWidth = l.body, l.body, width-l.beside-3
	case s.inDetail && l.body < smallHeight:
		l.detail, l.detailWidth = max(l.body-1, 0), width
	default:
		// The detail is what is read; a third of the screen shows where one is. A line parts them.
		l.list = min(max(rows, 1), max(l.body/3, 1))
		l.detail, l.detailWidth = max(l.body-l.list-1, 0), width
	}
	return l
}

// frame draws the screen: exactly height lines, each exactly width columns wide. It is pure.
func frame(s *state, width, height int) []string {
	if width <= 0 || height <= 0 {
		return nil
	}
	rows := rowsOf(s)
	l := arrange(s, len(rows), width, height)
	out := make([]string, 0, height)
	draw := func(lines []line, n int) {
		for i := range n {
			var one line
			if i < len(lines) {
				one = lines[i]
			}
			out = append(out, s.theme.render(one, width))
		}
	}
	draw(header(s, width), l.header)
	detail, above, below := window(detailOf(s, rows, l.detailWidth), s.scroll, l.detail)
	list := listOf(s, rows, l.list, listWidth(l))
	switch {
	case l.beside > 0 && !s.help:
		for i := range l.body {
			left, right := at(list, i), at(detail, i)
			out = append(out, s.theme.render(left, l.beside)+s.theme.render(divider(s, i, above, below, l.body), 3)+s.theme.render(right, l.detailWidth))
		}
	default:
		draw(list, l.list)
		draw([]line{rule(s, width, above, below)}, l.body-l.list-l.detail)
		draw(detail, l.detail)
	}
	if l.footer > 1 {
		draw([]line{notice(s)}, l.footer-1)
	}
	draw([]line{keysLine(s, width)}, min(l.footer, 1))
	return out
}

func listWidth(l layout) int {
	if l.beside > 0 {
		return l.beside
	}
	return l.width
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
func maxScroll(s *state, width, height int) int {
	rows := rowsOf(s)
	l := arrange(s, len(rows), width, height)
	return max(len(detailOf(s, rows, l.detailWidth))-l.detail, 0)
}

// rule parts the list from the detail and tells how much of the detail is out of sight.
func rule(s *state, width, above, below int) line {
	look := faint
	if s.inDetail {
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

// divider is the same between columns, in row i.
func divider(s *state, i, above, below, height int) line {
	look := faint
	if s.inDetail {
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
