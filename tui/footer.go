package tui

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/whytls/whytls/diagnose"
)

// footer is what the person is asked or told, and below it the keys.
func footer(s *state, l layout) []line {
	if l.footer == 1 {
		if talk := s.talk(); talk != nil {
			return []line{talk}
		}
		return []line{keysLine(s, l.width)}
	}
	talk := s.talk()
	if talk == nil {
		talk = notice(s)
	}
	return []line{talk, keysLine(s, l.width)}
}

// talk is what is being typed, or the answer to the last key.
func (s *state) talk() line {
	switch {
	case s.prompt != nil:
		return s.prompt.line(s.width)
	case s.answer.text != "":
		return say(s.answer.look, s.answer.text)
	case s.log.searching != "":
		return line{{watch, "searching "}, {plain, s.log.searching}}
	}
	if text := s.narrowing(); text != "" && !hasTabs(s, text) {
		return say(watch, text)
	}
	return nil
}

// keysLine says which keys there are. Where they do not all fit, those in the middle give way: how to move and how to
// get help and leave are always told.
func keysLine(s *state, width int) line {
	keys := shortHelp(s)
	length := func() int {
		n := 2 * (len(keys) - 1)
		for _, k := range keys {
			n += ansi.StringWidth(k[0]) + 1 + ansi.StringWidth(k[1])
		}
		return n
	}
	for len(keys) > 3 && length() > width {
		keys = slices.Delete(keys, len(keys)-3, len(keys)-2)
	}
	l := line{}
	for _, k := range keys {
		if len(l) > 0 {
			l = append(l, span{faint, "  "})
		}
		l = append(l, span{label, k[0]}, span{faint, " " + k[1]})
	}
	return l
}

// newsTime is how long a change is told.
const newsTime = time.Minute

// about puts the name of a system before a text that does not begin with it.
func (s *state) about(system, text string) string {
	if name := s.title(system); !strings.HasPrefix(text, name) {
		return name + ": " + text
	}
	return text
}

// notice is the one thing worth a line at the bottom: what has just changed, lost bytes, blind spots.
func notice(s *state) line {
	for _, c := range slices.Backward(s.news) {
		if s.now.Sub(c.At) > newsTime || c.Past || c.Finding.Urgency == "noise" {
			continue
		}
		switch c.Event {
		case diagnose.EventNew, diagnose.EventWorse, diagnose.EventBack:
			l := line{{plain, c.At.Format(time.TimeOnly) + " "}, {urgencyLane(c.Finding.Urgency), string(c.Event)}, {plain, "  " + c.Finding.Headline()}}
			if c.Why != "" {
				l = append(l, span{faint, ": " + c.Why})
			}
			return l
		}
	}
	for _, w := range s.snapshot.Warnings {
		if w.Code == "truncated" {
			return line{{bad, "lost "}, {plain, path.Base(w.Source) + " " + w.Text}}
		}
	}
	spots := s.snapshot.BlindSpots
	if len(spots) == 0 {
		return nil
	}
	l := line{{label, "blind "}}
	if n := len(spots); n > 1 {
		l = append(l, span{faint, fmt.Sprintf("1 of %d: ", n)})
	}
	return append(l, span{plain, s.about(spots[0].System, spots[0].Text)})
}
