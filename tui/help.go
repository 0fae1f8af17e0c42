package tui

import (
	"fmt"
)

// help is the view that explains the keys and the words of the others.
type help struct{ state *state }

func helpOf(s *state) *help { return &help{s} }

func (l *help) len() int { return 1 }

func (l *help) id(int) string { return "help" }

func (l *help) row(int, bool, int) []line { return nil }

func (l *help) text(int) string { return "" }

func (l *help) trouble(int) bool { return false }

func (l *help) nothing(int) []line { return nil }

func (l *help) detail(_, width int) []line {
	var out []line
	for _, g := range groups {
		out = append(out, say(strong, string(g)))
		for _, b := range keymap {
			if b.group == g && (b.able == nil || b.able(l.state)) {
				out = append(out, wrapped(line{{label, fmt.Sprintf("%10s  ", b.shown)}}, plain, b.help, width)...)
			}
		}
		out = append(out, nil)
	}
	out = append(out, say(strong, "After the colon"))
	for _, c := range instructions {
		out = append(out, wrapped(line{{label, fmt.Sprintf("%10s  ", c.names[0])}}, plain, c.explain(), width)...)
	}
	out = append(out, nil, say(strong, "Words"))
	for _, u := range [][2]string{
		{"outage", "a service does not work for anybody"}, {"degraded", "it does not work for some, or not well"},
		{"watch", "worth a look by day"}, {"noise", "ordinary; set aside with its reason"},
	} {
		out = append(out, wrapped(line{{urgencyLooks[u[0]], fmt.Sprintf("%10s", u[0])}, {plain, "  "}}, plain, u[1], width)...)
	}
	return append(append(out, nil), wrapped(nil, plain,
		"A percentage is how probable a cause is in the light of this log. Below it stand the reasons: ×8 makes the cause eight times as likely, ÷3 a third; the line that says so stands behind.", width)...)
}
