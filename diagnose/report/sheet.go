package report

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
)

// gutter is the width of the left column, which holds the labels, and gap what stands between it and the text.
const (
	gutter = 8
	gap    = 2
)

// sheet is the report under construction: labelled lines within a width. All text goes through Safe on its way.
type sheet struct {
	styles *styles
	width  int
	out    strings.Builder
}

// room is the number of columns right of the gutter.
func (s *sheet) room() int { return max(s.width-gutter-gap, 24) }

func (s *sheet) blank() { s.out.WriteByte('\n') }

// span is a piece of a line in one style.
type span struct {
	text  string
	style lipgloss.Style
}

// row writes one line: a label, and spans that the caller has fitted. Trailing blanks are left out.
func (s *sheet) row(label string, look lipgloss.Style, spans ...span) {
	var line strings.Builder
	pad := gutter - ansi.StringWidth(label)
	if pad < 0 {
		pad = 0
	}
	if label == "" {
		line.WriteString(strings.Repeat(" ", gutter))
	} else {
		line.WriteString(look.Render(label) + strings.Repeat(" ", pad))
	}
	line.WriteString(strings.Repeat(" ", gap))
	for _, p := range spans {
		if p.text == "" {
			continue
		}
		if strings.TrimSpace(p.text) == "" {
			line.WriteString(p.text)
		} else {
			line.WriteString(p.style.Render(p.text))
		}
	}
	s.out.WriteString(strings.TrimRight(line.String(), " ") + "\n")
}

// right is a label that stands at the right edge of the gutter.
func right(label string) string {
	return strings.Repeat(" ", max(gutter-ansi.StringWidth(label), 0)) + label
}

// paragraph writes wrapped text under a label, which stands on the first line only.
func (s *sheet) paragraph(label string, look lipgloss.Style, text string, style lipgloss.Style) {
	for _, line := range wrap(Safe(text), s.room()) {
		s.row(label, look, span{line, style})
		label = ""
	}
}

// text is a paragraph with an ordinary label.
func (s *sheet) text(label, text string, style lipgloss.Style) {
	s.paragraph(label, s.styles.label, text, style)
}

// entry is text with a mark before it and a place (file:line) at the right edge of its last line.
type entry struct {
	label string
	look  lipgloss.Style // of the label
	mark  span
	text  string
	style lipgloss.Style
	place string
	// known is set when the place stands right above already: it may be left out where it needs a line of its own.
	known bool
	// most bounds the lines of the text; 0 means all.
	most int
}

// entry writes an entry; its place takes a line of its own where it does not fit.
func (s *sheet) entry(e entry) {
	indent := ansi.StringWidth(e.mark.text)
	margin := span{strings.Repeat(" ", indent), s.styles.plain}
	width := s.room() - indent
	lines := wrap(Safe(e.text), width)
	reserve := ansi.StringWidth(Safe(e.place)) + 2
	switch {
	case e.most == 1 && len(lines) > 1 && width-reserve >= 24:
		// What is going to be cut anyway is cut where the place fits beside it.
		lines = clip(wrap(Safe(e.text), width-reserve), 1, width-reserve)
	case e.most > 0:
		lines = clip(lines, e.most, width)
	}
	for i, line := range lines[:len(lines)-1] {
		if i == 0 {
			s.row(e.label, e.look, e.mark, span{line, e.style})
		} else {
			s.row("", e.look, margin, span{line, e.style})
		}
	}
	label, mark := e.label, e.mark
	if len(lines) > 1 {
		label, mark = "", margin
	}
	last := span{lines[len(lines)-1], e.style}
	place := Safe(e.place)
	free := width - ansi.StringWidth(last.text) - ansi.StringWidth(place)
	if place == "" || free >= 2 {
		s.row(label, e.look, mark, last, span{strings.Repeat(" ", max(free, 0)), s.styles.plain}, span{place, s.styles.faint})
		return
	}
	s.row(label, e.look, mark, last)
	if e.known {
		return
	}
	for _, part := range wrap(place, width) {
		pad := span{strings.Repeat(" ", width-ansi.StringWidth(part)), s.styles.plain}
		s.row("", e.look, margin, pad, span{part, s.styles.faint})
	}
}
