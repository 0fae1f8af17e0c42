package report

import (
	"io"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// styles are the looks of the report. They use the sixteen colours that every terminal theme defines, so that the
// report is readable on light and dark grounds alike; no colour carries a meaning that the words do not.
type styles struct {
	urgency map[string]lipgloss.Style
	title   lipgloss.Style // of a finding
	strong  lipgloss.Style // the leading cause
	label   lipgloss.Style // left column
	faint   lipgloss.Style // places, times, what is secondary
	up      lipgloss.Style // a factor that speaks for a cause
	down    lipgloss.Style // a factor that speaks against it
	command lipgloss.Style // what can be pasted into a shell
	log     lipgloss.Style // bytes of the log
	good    lipgloss.Style
	plain   lipgloss.Style
}

// newStyles binds the looks to a renderer of its own: nothing global is read or changed.
func newStyles(w io.Writer, color bool) *styles {
	r := lipgloss.NewRenderer(w)
	r.SetColorProfile(termenv.Ascii)
	if color {
		r.SetColorProfile(termenv.ANSI)
	}
	ansi := func(code string) lipgloss.Style { return r.NewStyle().Foreground(lipgloss.Color(code)) }
	return &styles{
		urgency: map[string]lipgloss.Style{
			"outage":   ansi("15").Background(lipgloss.Color("1")).Bold(true),
			"degraded": ansi("1").Bold(true),
			"watch":    ansi("3").Bold(true),
			"noise":    r.NewStyle().Faint(true),
		},
		title:   r.NewStyle().Bold(true),
		strong:  r.NewStyle().Bold(true),
		label:   ansi("6"),
		faint:   r.NewStyle().Faint(true),
		up:      ansi("2"),
		down:    ansi("5"),
		command: ansi("4").Bold(true),
		log:     r.NewStyle().Italic(true),
		good:    ansi("2").Bold(true),
		plain:   r.NewStyle(),
	}
}
