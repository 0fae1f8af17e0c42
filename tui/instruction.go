package tui

import (
	"strconv"
	"strings"
	"time"

	"github.com/whytls/whytls/diagnose/report"
)

// instruction is a word that can be typed after the colon.
type instruction struct {
	names []string
	takes string // what it takes, for the help; "" for nothing
	help  string
	do    func(s *state, argument string) []effect
}

// explain says what the word takes and does, and which others do the same.
func (c *instruction) explain() string {
	text := c.help
	if c.takes != "" {
		text = c.takes + ": " + text
	}
	if len(c.names) > 1 {
		text += "; also " + strings.Join(c.names[1:], ", ")
	}
	return text
}

var instructions []instruction

func init() { // the functions refer to the help, and that to the list
	instructions = []instruction{
		{[]string{"findings", "log", "templates", "timeline", "sources", "help"}, "", "go to this view", nil},
		{[]string{"filter"}, "WORDS", "what f does", func(s *state, text string) []effect { return s.narrow(text, (*state).setFilter) }},
		{[]string{"time"}, "WINDOW", "what t does", func(s *state, text string) []effect { return s.narrow(text, (*state).setWindow) }},
		{[]string{"clear"}, "", "what F does", func(s *state, _ string) []effect { return clearFilter(s) }},
		{[]string{"export", "w"}, "FILE", "what o does", func(s *state, name string) []effect {
			if name == "" {
				return askExport(s)
			}
			return []effect{export(s.snapshot, s.title, expand(name), report.CreateFile)}
		}},
		{[]string{"q", "quit"}, "", "quit", func(s *state, _ string) []effect { s.done = true; return nil }},
	}
}

// askInstruction asks for a place or a command.
func askInstruction(s *state) []effect {
	s.ask(prompt{
		label:   ":",
		hint:    "a line, a time (00:03:34) or a command (" + instructionWords() + ")",
		suggest: completeInstruction,
		enter: func(s *state, text string) []effect {
			if text == "" {
				return nil
			}
			return s.instruct(text)
		},
	}, "")
	return nil
}

func instructionWords() string {
	var all []string
	for _, c := range instructions {
		all = append(all, c.names[0])
	}
	return strings.Join(all, ", ")
}

func completeInstruction(_ *state, text string) []string {
	var out []string
	for _, c := range instructions {
		for _, name := range c.names {
			if text != "" && strings.HasPrefix(name, text) {
				out = append(out, name)
			}
		}
	}
	return out
}

// instruct does what was typed after the colon.
func (s *state) instruct(text string) []effect {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n > 0 {
		return s.goToNumber(n)
	}
	word, argument, _ := strings.Cut(text, " ")
	for v, name := range viewNames {
		if strings.EqualFold(word, name) {
			return goes(view(v))(s)
		}
	}
	for _, c := range instructions {
		for _, name := range c.names {
			if name == word && c.do != nil {
				return c.do(s, strings.TrimSpace(argument))
			}
		}
	}
	if t, err := parseMoment(text, s.newest(), false); err == nil {
		return s.goToTime(t)
	}
	s.say(bad, "no line, no time and no command: "+text)
	return nil
}

// goToNumber goes to a line: in the log, that of the source of the chosen row, else a row of the list.
func (s *state) goToNumber(n int64) []effect {
	if s.view != logView {
		list := listingOf(s)
		if list.len() == 0 {
			return nil
		}
		return s.choose(list, int(min(n, int64(list.len())))-1)
	}
	i := chosen(logOf(s), s.pane().selected)
	if i < 0 {
		return nil
	}
	return s.goToLine(s.log.rows[i].Source, n, time.Time{})
}
