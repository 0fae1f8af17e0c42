package tui

import (
	"regexp"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// matcher is what / looks for.
type matcher struct {
	text    string
	pattern *regexp.Regexp
}

// newMatcher takes text for a regular expression when it is one, else for itself. Without capital letters it is found in
// any case.
func newMatcher(text string) *matcher {
	if text == "" {
		return nil
	}
	expression := text
	if _, err := regexp.Compile(text); err != nil {
		expression = regexp.QuoteMeta(text)
	}
	if text == strings.ToLower(text) {
		expression = "(?i)" + expression
	}
	pattern, err := regexp.Compile(expression)
	if err != nil {
		return nil
	}
	return &matcher{text, pattern}
}

// sought is what is highlighted: what / looks for, else the text of the filter; nil for nothing.
func (s *state) sought() *matcher {
	switch {
	case s.search != nil:
		return s.search
	case s.filter.pattern != nil:
		return &matcher{s.filter.text, s.filter.pattern}
	case s.filter.phrase != "":
		return newMatcher(regexp.QuoteMeta(s.filter.phrase))
	}
	return nil
}

func (m *matcher) matches(text string) bool { return m.pattern.MatchString(text) }

// highlight shows where the text stands in a line.
func (m *matcher) highlight(l line) line {
	var out line
	for _, s := range l {
		at := 0
		for _, where := range m.pattern.FindAllStringIndex(s.text, -1) {
			if where[0] == where[1] {
				continue
			}
			out = append(out, span{s.look, s.text[at:where[0]]}, span{found, s.text[where[0]:where[1]]})
			at = where[1]
		}
		out = append(out, span{s.look, s.text[at:]})
	}
	return out
}

// askSearch asks what to look for and goes to the next row that has it.
func askSearch(s *state) []effect {
	s.ask(prompt{
		label: "/",
		hint:  "text or a regular expression; n and N go on, nothing ends the search",
		enter: func(s *state, text string) []effect {
			if s.search = newMatcher(text); s.search == nil {
				return nil
			}
			return seek(s, true, true)
		},
	}, "")
	return nil
}

// again goes to the next row that has what was looked for, or the one before.
func again(forward bool) func(*state) []effect {
	return func(s *state) []effect {
		if s.search == nil {
			return askSearch(s)
		}
		return seek(s, forward, false)
	}
}

// seek goes to the next row that has what was looked for. here says that the chosen row will do.
func seek(s *state, forward, here bool) []effect {
	if p := s.pane(); p.inDetail {
		return seekInDetail(s, forward)
	}
	if s.view == logView {
		return s.log.seek(s, forward, here)
	}
	list := listingOf(s)
	return s.walk(list, forward, here, func(i int) bool { return s.search.matches(list.text(i)) }, "nothing here has "+s.search.text)
}

// walk goes to the next row of a list that will do, beyond the end to the beginning.
func (s *state) walk(list listing, forward, here bool, will func(i int) bool, none string) []effect {
	n := list.len()
	at := chosen(list, s.pane().selected)
	for step := range n {
		if !here {
			step++
		}
		i := (at + step) % n
		if !forward {
			i = (at - step + 2*n) % n
		}
		if !will(i) {
			continue
		}
		if forward && i < at || !forward && i > at {
			s.say(faint, "beyond the end, from the other side")
		}
		return s.choose(list, i)
	}
	s.say(faint, none)
	return nil
}

// seekInDetail scrolls to the next line of the detail that has what was looked for.
func seekInDetail(s *state, forward bool) []effect {
	list := listingOf(s)
	l := arrange(s, list.len())
	lines := detailOf(s, list, chosen(list, s.pane().selected), l.detailWidth)
	p := s.pane()
	for step := 1; step <= len(lines); step++ {
		i := (p.scroll + step) % len(lines)
		if !forward {
			i = (p.scroll - step + len(lines)) % len(lines)
		}
		if s.search.matches(lines[i].String()) {
			p.scroll = min(i, max(len(lines)-l.detail, 0))
			return nil
		}
	}
	s.say(faint, "nothing here has "+s.search.text)
	return nil
}

// toTrouble goes to the next row that is an error, or the one before.
func toTrouble(forward bool) func(*state) []effect {
	return func(s *state) []effect {
		if s.view == logView {
			return s.log.toError(s, forward)
		}
		list := listingOf(s)
		if list.len() == 0 {
			return nil
		}
		return s.walk(list, forward, false, list.trouble, "no error here")
	}
}

// String is the text of a line as it is drawn.
func (l line) String() string {
	var b strings.Builder
	for _, s := range l {
		b.WriteString(s.text)
	}
	return ansi.Strip(b.String())
}
