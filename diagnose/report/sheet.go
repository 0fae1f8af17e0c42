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

// sheet is the report under construction: labelled lines within a width. All text goes through safe on its way.
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

// text writes wrapped text under a label; the label stands on the first line only.
func (s *sheet) text(label, text string, style lipgloss.Style) {
	for i, line := range wrap(safe(text), s.room()) {
		if i > 0 {
			label = ""
		}
		s.row(label, s.styles.label, span{line, style})
	}
}

// placed writes wrapped text with a mark before it and a place at the right edge of its last line, or on a line of its
// own where it does not fit. most bounds the lines of the text, 0 means all; it reports whether something was cut.
func (s *sheet) placed(label string, mark span, text string, style lipgloss.Style, place string, most int) bool {
	room := s.room()
	indent := ansi.StringWidth(mark.text)
	text, place = safe(text), safe(place)
	width := room - indent
	lines := wrap(text, width)
	// One line with its place beside it is the best use of a line; so a text that is going to be cut anyway is cut
	// where the place fits.
	reserve := ansi.StringWidth(place) + 2
	cut := false
	if most == 1 && len(lines) > 1 && width-reserve >= 24 {
		lines, cut = clip(wrap(text, width-reserve), 1, width-reserve)
	} else if most > 0 {
		lines, cut = clip(lines, most, width)
	}
	for i, line := range lines {
		spans := []span{{strings.Repeat(" ", indent), s.styles.plain}, {line, style}}
		if i == 0 {
			spans[0] = mark
		} else {
			label = ""
		}
		if i == len(lines)-1 && place != "" {
			free := width - ansi.StringWidth(line)
			if free < reserve {
				s.row(label, s.styles.label, spans...)
				label, spans, free = "", []span{{strings.Repeat(" ", indent), s.styles.plain}}, width
			}
			if extra := ansi.StringWidth(place) - free; extra > 0 { // wider than a whole line
				for _, part := range wrap(place, width) {
					s.row("", s.styles.label, span{strings.Repeat(" ", indent), s.styles.plain}, span{part, s.styles.faint})
				}
				break
			}
			spans = append(spans, span{strings.Repeat(" ", free-ansi.StringWidth(place)), s.styles.plain}, span{place, s.styles.faint})
		}
		s.row(label, s.styles.label, spans...)
	}
	return cut
}
