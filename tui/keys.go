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
	able  func(s *state) bool // whether it can be done at all; nil for always
}

// aboutFindings are the views whose rows are findings.
var aboutFindings = []view{findingsView, timelineView}

var keymap []binding

func init() { // not a composite literal: the functions refer to the help, and that to the list
	keymap = []binding{
		{moving, []string{"j", "down"}, "j ↓", "", "next row; in the detail, one line down", nil, by(1), nil},
		{moving, []string{"k", "up"}, "k ↑", "", "previous row; in the detail, one line up", nil, by(-1), nil},
		{moving, []string{"pgdown", "ctrl+f", "ctrl+d"}, "PgDn", "", "a page down", nil, func(s *state) []effect { return move(s, page(s)) }, nil},
		{moving, []string{"pgup", "ctrl+b", "ctrl+u"}, "PgUp", "", "a page up", nil, func(s *state) []effect { return move(s, -page(s)) }, nil},
		{moving, []string{"g", "home"}, "g", "", "to the first one", nil, by(-far), nil},
		{moving, []string{"G", "end"}, "G", "", "to the last one", nil, by(far), nil},
		{moving, []string{"enter"}, "Enter", "open", "open the row; from the detail of a finding or a template, its lines in the log", nil, open, nil},
		{moving, []string{"tab", "shift+tab"}, "Tab", "switch", "switch between the list and the detail", nil, other, nil},
		{moving, []string{"esc"}, "Esc", "back", "back to the list, then to the view before; ends a search", nil, back, nil},
		{moving, []string{"right", "l"}, "l →", "", "open; in the log, further along the lines", nil, sideways(1), nil},
		{moving, []string{"left", "h"}, "h ←", "", "back; in the log, back along the lines", nil, sideways(-1), nil},
		{moving, []string{"s"}, "s", "", "the list or the detail alone, or both again", nil, zoom, nil},

		{looking, []string{"/"}, "/", "find", "look for text or a regular expression", nil, askSearch, nil},
		{looking, []string{"n"}, "n", "", "the next one", nil, again(true), nil},
		{looking, []string{"N"}, "N", "", "the one before", nil, again(false), nil},
		{looking, []string{"e"}, "e", "", "the next error", nil, toTrouble(true), nil},
		{looking, []string{"E"}, "E", "", "the error before", nil, toTrouble(false), nil},
		{looking, []string{"f"}, "f", "filter", "show only some: words, /regexp/, severity:warn, system:, source:, finding:", nil, askFilter, nil},
		{looking, []string{"t"}, "t", "time", "show only some time: 15m, 00:03-00:14", nil, askWindow, nil},
		{looking, []string{"F"}, "F", "", "show all again", nil, clearFilter, nil},
		{looking, []string{":"}, ":", "", "go to a line or a time, or give a command", nil, askInstruction, nil},
		{looking, []string{" "}, "Space", "pause", "hold the screen still; the log is read on", nil, (*state).pause, nil},
		{looking, []string{"w"}, "w", "", "in the log: wrap long lines, or go along them", []view{logView}, wrapLines, nil},
		{looking, []string{"r"}, "r", "", "in the log: whole lines, or the messages in them", []view{logView}, rawLines, nil},
		{looking, []string{"m"}, "m", "mark", "in the log: mark the row", []view{logView}, mark, nil},
		{looking, []string{"u"}, "u", "", "the next mark", nil, toMark(true), nil},
		{looking, []string{"U"}, "U", "", "the mark before", nil, toMark(false), nil},

		{acting, []string{"a"}, "a", "ack", "acknowledge the finding, with a note and an end; again takes it back", aboutFindings, onFinding(acknowledge), nil},
		{acting, []string{"z"}, "z", "noise", "set the finding aside as noise; again takes it back", aboutFindings, onFinding(silence), nil},
		{acting, []string{"y"}, "y", "copy", "copy the finding, the row or the template as text", nil, copyChosen(false), nil},
		{acting, []string{"Y"}, "Y", "", "copy the finding as Markdown", aboutFindings, copyChosen(true), nil},
		{acting, []string{"o"}, "o", "", "write the report to a file", nil, askExport, nil},
		{acting, []string{"p"}, "p", "", "connect to the endpoint of the finding and see what it speaks; asks first", aboutFindings, onFinding(askProbe), func(s *state) bool { return s.probe != nil }},

		{going, []string{"1"}, "1", "", "findings: what is wrong, and why", nil, goes(findingsView), nil},
		{going, []string{"2"}, "2", "", "log: every line", nil, goes(logView), nil},
		{going, []string{"3"}, "3", "", "templates: the kinds of messages", nil, goes(templatesView), nil},
		{going, []string{"4"}, "4", "", "timeline: what came first", nil, goes(timelineView), nil},
		{going, []string{"5"}, "5", "", "sources: what is read, and how that goes", nil, goes(sourcesView), nil},
		{going, []string{"?"}, "?", "help", "this help", nil, toggleHelp, nil},
		{going, []string{"q"}, "q", "quit", "quit", nil, func(s *state) []effect { s.done = true; return nil }, nil},
	}
}

// bound is the binding of a key on this screen, nil when it has none.
func bound(s *state, key string) *binding {
	for i := range keymap {
		if b := &keymap[i]; slices.Contains(b.keys, key) && b.applies(s) {
			return b
		}
	}
	return nil
}

func (b *binding) applies(s *state) bool {
	return (b.in == nil || slices.Contains(b.in, s.view)) && (b.able == nil || b.able(s))
}

func by(n int) func(*state) []effect { return func(s *state) []effect { return move(s, n) } }

func goes(v view) func(*state) []effect {
	return func(s *state) []effect { return s.show(v) }
}

func toggleHelp(s *state) []effect {
	if s.view == helpView {
		return back(s)
	}
	return s.show(helpView)
}

func wrapLines(s *state) []effect {
	s.log.wrap, s.log.column = !s.log.wrap, 0
	return nil
}

func rawLines(s *state) []effect {
	s.log.raw = !s.log.raw
	return nil
}

// shortHelp is for the footer: how to move, and what the other keys do.
func shortHelp(s *state) [][2]string {
	out := [][2]string{{"jk", "move"}}
	for i := range keymap {
		b := &keymap[i]
		switch {
		case b.short == "" || !b.applies(s):
		case b.short == "pause" && s.paused:
			out = append(out, [2]string{b.shown, "go on"})
		default:
			out = append(out, [2]string{b.shown, b.short})
		}
	}
	return out
}
