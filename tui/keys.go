package tui

import "fmt"

// binding is a key, what it does and how the help says it. The help is made of this list, so it cannot lie.
type binding struct {
	keys  []string // as bubbletea names them
	shown string
	short string // in the footer; "" for the help alone
	help  string
	do    func(m *model)
}

var bindings []binding

func init() { // not a composite literal: the functions refer to the help, and that to the list
	bindings = []binding{
		{[]string{"j", "down"}, "j ↓", "", "next finding; in the detail, one line down", func(m *model) { m.move(1) }},
		{[]string{"k", "up"}, "k ↑", "", "previous finding; in the detail, one line up", func(m *model) { m.move(-1) }},
		{[]string{"pgdown", "ctrl+f", "ctrl+d"}, "PgDn", "", "a page down", func(m *model) { m.move(m.page()) }},
		{[]string{"pgup", "ctrl+b", "ctrl+u"}, "PgUp", "", "a page up", func(m *model) { m.move(-m.page()) }},
		{[]string{"g", "home"}, "g", "", "to the first one", func(m *model) { m.move(-far) }},
		{[]string{"G", "end"}, "G", "", "to the last one", func(m *model) { m.move(far) }},
		{[]string{"enter", "right", "l"}, "Enter", "open", "open the finding; on the noise, unfold it", (*model).open},
		{[]string{"tab"}, "Tab", "switch", "switch between the list and the detail", func(m *model) { m.state.inDetail = !m.state.inDetail }},
		{[]string{"esc", "left", "h"}, "Esc", "back", "back to the list", (*model).back},
		{[]string{" "}, "Space", "pause", "hold the screen still; the log is read on", (*model).pause},
		{[]string{"?"}, "?", "help", "this help", func(m *model) { m.state.help = !m.state.help; m.state.scroll = 0 }},
		{[]string{"q"}, "q", "quit", "quit", (*model).quit},
	}
}

// shortHelp is for the footer: how to move, and what the other keys do.
func shortHelp(s *state) [][2]string {
	out := [][2]string{{"jk", "move"}}
	for _, b := range bindings {
		switch {
		case b.short == "":
		case b.short == "pause" && s.paused:
			out = append(out, [2]string{b.shown, "go on"})
		default:
			out = append(out, [2]string{b.shown, b.short})
		}
	}
	return out
}

func helpLines(width int) []line {
	out := []line{say(strong, "Keys"), nil}
	for _, b := range bindings {
		out = append(out, wrapped(line{{label, fmt.Sprintf("%7s  ", b.shown)}}, plain, b.help, width)...)
	}
	out = append(out, nil)
	for _, u := range [][2]string{
		{"outage", "a service does not work for anybody"}, {"degraded", "it does not work for some, or not well"},
		{"watch", "worth a look by day"}, {"noise", "ordinary; set aside with its reason"},
	} {
		out = append(out, wrapped(line{{urgencyLooks[u[0]], fmt.Sprintf("%8s", u[0])}, {plain, "  "}}, plain, u[1], width)...)
	}
	return append(append(out, nil), wrapped(nil, plain,
		"A percentage is how probable a cause is in the light of this log. Below it stand the reasons: ×8 makes the cause eight times as likely, ÷3 a third; the line that says so stands behind.", width)...)
}
