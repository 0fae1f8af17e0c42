package tui

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/atotto/clipboard"
	"github.com/aymanbagabas/go-osc52/v2"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/diagnose/report"
)

// copyChosen copies what is chosen: a finding as a report, a row of the log, a template.
func copyChosen(markdown bool) func(*state) []effect {
	return func(s *state) []effect {
		text, what := s.copied(markdown)
		if text == "" {
			s.say(faint, "there is nothing to copy here")
			return nil
		}
		return []effect{toClipboard(s.terminal, text, what)}
	}
}

// copied is the text of what is chosen.
func (s *state) copied(markdown bool) (text, what string) {
	if f := s.chosenFinding(); f != nil {
		var b strings.Builder
		o := report.Options{Verbose: true, Title: s.title}
		render, what := report.Text, "finding"
		if markdown {
			render, what = report.Markdown, "finding as Markdown"
		}
		if err := render(&b, only(s.snapshot, f), o); err != nil {
			return "", ""
		}
		return b.String(), what
	}
	list := listingOf(s)
	i := chosen(list, s.pane().selected)
	if i < 0 {
		return "", ""
	}
	switch l := list.(type) {
	case *logLines:
		return safeLines(rowText(&l.rows[i])), "row"
	case *templates:
		return report.Safe(l.rows[i].Template), "template"
	case *sources:
		return report.Safe(l.rows[i].Name), "name"
	}
	return "", ""
}

// safeLines makes the lines of a text printable.
func safeLines(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = report.Safe(lines[i])
	}
	return strings.Join(lines, "\n")
}

// only is a snapshot of one finding and what it explains.
func only(s *diagnose.Snapshot, f *diagnose.Finding) *diagnose.Snapshot {
	one := *s
	one.Findings, one.Clusters, one.BlindSpots, one.Warnings, one.Faults = []*diagnose.Finding{f}, nil, nil, nil, nil
	one.ClustersRest, one.FindingsRest, one.Quiet, one.Unexplained = diagnose.Rest{}, diagnose.Left{}, 0, 0
	for _, g := range s.Findings {
		for _, id := range f.Consequences {
			if g.ID == id && g != f {
				one.Findings = append(one.Findings, g)
			}
		}
	}
	for _, b := range s.BlindSpots {
		if b.System == f.System {
			one.BlindSpots = append(one.BlindSpots, b)
		}
	}
	return &one
}

// mostSequence is the most that is put into a sequence for the terminal; larger ones are dropped by many.
const mostSequence = 74 << 10

// toClipboard copies text by the sequence that terminals know (OSC 52), which works over SSH too, and by the clipboard
// program of this machine when there is one and the person sits at it.
func toClipboard(terminal func(sequence string), text, what string) effect {
	return func(context.Context) message {
		by := "the terminal"
		if len(text) <= mostSequence {
			for _, sequence := range clipboardSequences(text, os.Getenv) {
				terminal(sequence)
			}
		} else {
			by = ""
		}
		if !remote(os.Getenv) && clipboard.WriteAll(text) == nil {
			by = "the clipboard"
		}
		if by == "" {
			return said{bad, fmt.Sprintf("the %s is too long for this terminal; o writes a file", what)}
		}
		return said{good, fmt.Sprintf("the %s is handed to %s: %s", what, by, report.Count(int64(strings.Count(strings.TrimSuffix(text, "\n"), "\n")+1), "line", "lines"))}
	}
}

// clipboardSequences are what sets the clipboard of the terminal. Programs between must be told to pass it on; tmux obeys
// the plain one or passes the wrapped one on, as it is set.
func clipboardSequences(text string, env func(string) string) []string {
	plain := osc52.New(text)
	switch {
	case env("TMUX") != "":
		return []string{plain.String(), plain.Tmux().String()}
	case strings.HasPrefix(env("TERM"), "screen"):
		return []string{plain.Screen().String()}
	}
	return []string{plain.String()}
}

// remote reports whether the person sits at another machine.
func remote(env func(string) string) bool { return env("SSH_TTY") != "" || env("SSH_CONNECTION") != "" }

// said is an answer of an effect.
type said struct {
	look look
	text string
}

func (m said) apply(s *state) []effect {
	s.say(m.look, m.text)
	return nil
}
