package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/diagnose/report"
)

// askExport asks for the name of a file for the report.
func askExport(s *state) []effect {
	s.ask(prompt{
		label: "report to:",
		hint:  "a name; its end tells the form: .txt, .md or .json",
		enter: func(s *state, name string) []effect {
			if name == "" {
				return nil
			}
			return []effect{export(s.snapshot, s.title, expand(name), report.CreateFile)}
		},
	}, "whytls-"+s.now.Format("20060102-1504")+".md")
	return nil
}

// expand puts the home folder in the place of a tilde.
func expand(name string) string {
	if rest, ok := strings.CutPrefix(name, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	return name
}

// export writes the report of what is on the screen. create is report.CreateFile or, when the person wants it so,
// report.WriteFile.
func export(snapshot *diagnose.Snapshot, title func(string) string, name string, create func(string, func(io.Writer) error) error) effect {
	return func(context.Context) message {
		err := create(name, func(w io.Writer) error {
			o := report.Options{Verbose: true, Title: title}
			switch strings.ToLower(filepath.Ext(name)) {
			case ".json":
				return report.JSON(w, snapshot)
			case ".md", ".markdown":
				return report.Markdown(w, snapshot, o)
			}
			return report.Text(w, snapshot, o)
		})
		return &exported{snapshot, title, name, err}
	}
}

// exported is the outcome of an export.
type exported struct {
	snapshot *diagnose.Snapshot
	title    func(string) string
	name     string
	err      error
}

func (m *exported) apply(s *state) []effect {
	switch {
	case errors.Is(m.err, fs.ErrExist):
		s.ask(prompt{
			label: fmt.Sprintf("%s is there already; overwrite it, yes or no:", m.name),
			enter: func(s *state, text string) []effect {
				if text != "yes" && text != "y" {
					s.say(faint, "nothing was written")
					return nil
				}
				return []effect{export(m.snapshot, m.title, m.name, report.WriteFile)}
			},
		}, "")
	case m.err != nil:
		s.say(bad, m.err.Error())
	default:
		s.say(good, "the report is in "+m.name)
	}
	return nil
}
