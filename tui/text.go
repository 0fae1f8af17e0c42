package tui

import (
	"io"
	"strings"
	"unicode"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"github.com/whytls/whytls/diagnose/report"
)

// look is what a piece of text is, which decides how it is drawn.
type look int

const (
	plain look = iota
	strong
	faint
	label
	command
	logged // bytes of a log
	good
	bad // a source or a count that needs attention
	noise
	watch
	degraded
	outage
	up   // speaks for a cause
	down // speaks against it
	bar
	cursor
	found // by a search
	looks // how many there are
)

// urgencyLooks are the looks of the urgencies by their names.
var urgencyLooks = map[string]look{"noise": noise, "watch": watch, "degraded": degraded, "outage": outage}

// span is text with a look; line is a row of the screen.
type span struct {
	look look
	text string
}

type line []span

// say is a line of one look.
func say(l look, text string) line { return line{{l, text}} }

// theme draws. It uses the sixteen colours that every terminal defines for its own ground, and no colour carries a
// meaning that the words do not. Blue text is left out, which a dark ground swallows.
type theme struct{ styles [looks]lipgloss.Style }

// newTheme binds the looks to a renderer of its own, which asks no terminal anything.
func newTheme(color bool) *theme {
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(termenv.Ascii)
	if color {
		r.SetColorProfile(termenv.ANSI)
	}
	r.SetHasDarkBackground(true) // else lipgloss asks the terminal and reads the answer from the keyboard
	style := func() lipgloss.Style { return r.NewStyle().Inline(true) }
	colored := func(code string) lipgloss.Style { return style().Foreground(lipgloss.Color(code)) }
	t := &theme{}
	for i := range t.styles {
		t.styles[i] = style()
	}
	t.styles[strong] = style().Bold(true)
	t.styles[faint] = style().Faint(true)
	t.styles[label] = colored("6")
	t.styles[command] = colored("6").Bold(true)
	t.styles[logged] = style().Italic(true)
	t.styles[good] = colored("2").Bold(true)
	t.styles[bad] = colored("1").Bold(true)
	t.styles[noise] = style().Faint(true)
	t.styles[watch] = colored("3") // in bold it would be bright, which a light ground swallows
	t.styles[degraded] = colored("1").Bold(true)
	t.styles[outage] = colored("15").Background(lipgloss.Color("1")).Bold(true)
	t.styles[up] = colored("2")
	t.styles[down] = colored("5")
	t.styles[bar] = colored("4")
	t.styles[found] = style().Reverse(true).Bold(true)
	t.styles[cursor] = style().Reverse(true)
	return t
}

// render draws a line exactly width columns wide: cut with an ellipsis, or filled up.
func (t *theme) render(l line, width int) string {
	out, plain := t.compose(l, width, clean)
	// A character may join with the one before it across two spans, and then be narrower or wider than both.
	// Such text is hostile or at least not worth a torn screen.
	if ansi.StringWidth(plain) != width {
		out, _ = t.compose(l, width, ascii)
	}
	return out
}

func (t *theme) compose(l line, width int, clean func(string) string) (styled, unstyled string) {
	var out, raw strings.Builder
	used := 0
	for i, s := range l {
		text := clean(s.text)
		free := width - used
		w := ansi.StringWidth(text)
		if w > free || w == free && hasText(l[i+1:]) {
			text = ansi.Truncate(text, free, "…")
			w = ansi.StringWidth(text)
		}
		if text != "" {
			out.WriteString(t.styles[s.look].Render(text))
			raw.WriteString(text)
			used += w
		}
		if used >= width {
			break
		}
	}
	if used < width {
		pad := strings.Repeat(" ", width-used)
		out.WriteString(pad)
		raw.WriteString(pad)
	}
	return out.String(), raw.String()
}

func hasText(l line) bool {
	for _, s := range l {
		if strings.TrimSpace(s.text) != "" {
			return true
		}
	}
	return false
}

// maxMarks is how many combining marks a character may carry: real text has at most a few, and hundreds of them
// reach over the lines around.
const maxMarks = 3

// clean makes text safe to print and of a width that terminals agree on.
func clean(s string) string {
	s = report.Safe(s)
	odd := false
	for i := 0; i < len(s) && !odd; i++ {
		odd = s[i] >= 0x80
	}
	if !odd {
		return s
	}
	var b strings.Builder
	marks := maxMarks // none at the beginning of a text, where it has nothing to sit on
	for _, r := range s {
		switch {
		case r >= 0xfe00 && r <= 0xfe0f || r >= 0xe0100 && r <= 0xe01ef:
			continue // variation selectors: terminals do not agree on the width of what they follow
		case unicode.Is(unicode.M, r):
			if marks++; marks > maxMarks {
				continue
			}
		default:
			marks = 0
		}
		b.WriteRune(r)
	}
	return b.String()
}

// ascii replaces everything whose width could be in doubt.
func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, report.Safe(s))
}

// wrapped breaks text into lines under a hanging label: first stands before the first line, blanks of the same width
// before the others.
func wrapped(first line, l look, text string, width int) []line {
	indent := columns(first)
	if indent > width/2 {
		return append([]line{first}, wrapped(say(plain, "  "), l, text, max(width, 5))...)
	}
	var out []line
	for i, part := range report.Wrap(clean(text), max(width-indent, 1)) {
		if i == 0 {
			out = append(out, append(append(line{}, first...), span{l, part}))
		} else {
			out = append(out, line{{plain, strings.Repeat(" ", indent)}, {l, part}})
		}
	}
	return out
}

// beside puts text at the right edge of a line, where there is room for both.
func beside(l line, right span, width int) line {
	used := columns(l) + ansi.StringWidth(clean(right.text))
	if used+1 > width {
		return l
	}
	return append(append(line{}, l...), span{plain, strings.Repeat(" ", width-used)}, right)
}

// fit cuts a line with an ellipsis, or fills it up, to a width.
func fit(l line, width int) line {
	var out line
	used := 0
	for i, s := range l {
		text := clean(s.text)
		w := ansi.StringWidth(text)
		if w > width-used || w == width-used && hasText(l[i+1:]) {
			text = ansi.Truncate(text, max(width-used, 0), "…")
			w = ansi.StringWidth(text)
		}
		out, used = append(out, span{s.look, text}), used+w
		if used >= width {
			break
		}
	}
	return append(out, span{plain, pad("", width-used)})
}

// columns is the width of a line.
func columns(l line) int {
	n := 0
	for _, s := range l {
		n += ansi.StringWidth(clean(s.text))
	}
	return n
}
