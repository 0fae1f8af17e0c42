package tui

import "slices"

// group is a heading of the help.
type group string

const (
	moving  group = "Moving"
	looking group = "Finding things"
	acting  group = "Doing something about it"
	going   group = "Views"
)

var groups = []group{moving, looking, acting, going}

// binding is a key, what it does and how the help says it. Help and footer are made of this list, so they cannot lie.
type binding struct {
	group group
	keys  []string // as bubbletea names them
	shown string
	short string // in the footer; "" for the help alone
	help  string
	in    []view // the views that have it; nil for all
	do    func(s *state) []effect
}

var keymap []binding

func init() { // not a composite literal: the functions refer to the help, and that to the list
	keymap = []binding{
		{moving, []string{"j", "down"}, "j ↓", "", "next row; in the detail, one line down", nil, by(1)},
		{moving, []string{"k", "up"}, "k ↑", "", "previous row; in the detail, one line up", nil, by(-1)},
		{moving, []string{"pgdown", "ctrl+f", "ctrl+d"}, "PgDn", "", "a page down", nil, func(s *state) []effect { return move(s, page(s)) }},
		{moving, []string{"pgup", "ctrl+b", "ctrl+u"}, "PgUp", "", "a page up", nil, func(s *state) []effect { return move(s, -page(s)) }},
		{moving, []string{"g", "home"}, "g", "", "to the first one", nil, by(-far)},
		{moving, []string{"G", "end"}, "G", "", "to the last one", nil, by(far)},
		{moving, []string{"enter", "right", "l"}, "Enter", "open", "open the row; on the noise, unfold it", nil, open},
		{moving, []string{"tab", "shift+tab"}, "Tab", "switch", "switch between the list and the detail", nil, other},
		{moving, []string{"esc", "left", "h"}, "Esc", "back", "back to the list, then to the view before", nil, back},
		{moving, []string{"s"}, "s", "zoom", "the list or the detail alone, or both again", nil, zoom},

		{looking, []string{" "}, "Space", "pause", "hold the screen still; the log is read on", nil, (*state).pause},

		{going, []string{"1"}, "1", "", "findings: what is wrong, and why", nil, goes(findingsView)},
		{going, []string{"3"}, "3", "", "templates: the kinds of messages", nil, goes(templatesView)},
		{going, []string{"4"}, "4", "", "timeline: what came first", nil, goes(timelineView)},
		{going, []string{"5"}, "5", "", "sources: what is read, and how that goes", nil, goes(sourcesView)},
		{going, []string{"?"}, "?", "help", "this help", nil, toggleHelp},
		{going, []string{"q"}, "q", "quit", "quit", nil, func(s *state) []effect { s.done = true; return nil }},
	}
}

// bound is the binding of a key in a view, nil when it has none.
func bound(v view, key string) *binding {
	for i := range keymap {
		if b := &keymap[i]; slices.Contains(b.keys, key) && b.applies(v) {
			return b
		}
	}
	return nil
}

func (b *binding) applies(v view) bool { return b.in == nil || slices.Contains(b.in, v) }

func by(n int) func(*state) []effect { return func(s *state) []effect { return move(s, n) } }

func goes(v view) func(*state) []effect {
	return func(s *state) []effect {
		s.show(v)
		return nil
	}
}

func toggleHelp(s *state) []effect {
	if s.view == helpView {
		return back(s)
	}
	s.show(helpView)
	return nil
}

// shortHelp is for the footer: how to move, and what the other keys do.
func shortHelp(s *state) [][2]string {
	out := [][2]string{{"jk", "move"}}
	for i := range keymap {
		b := &keymap[i]
		switch {
		case b.short == "" || !b.applies(s.view):
		case b.short == "pause" && s.paused:
			out = append(out, [2]string{b.shown, "go on"})
		default:
			out = append(out, [2]string{b.shown, b.short})
		}
	}
	return out
}
