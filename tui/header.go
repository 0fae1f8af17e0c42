package tui

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/diagnose/report"
)

// header says what is looked at, and accounts for every line of it.
func header(s *state, width int) []line {
	in := &s.snapshot.Input
	first := line{{strong, "whytls"}, {plain, "  "}}
	switch n := len(in.Sources); n {
	case 0:
		first = append(first, span{faint, "no source"})
	case 1:
		first = append(first, span{plain, short(in.Sources[0].Name, max(width/2, 12))})
	default:
		first = append(first, span{plain, report.Count(int64(n), "source", "sources")})
	}
	if systems := programs(s); systems != "" {
		first = append(first, span{faint, " · "}, span{plain, systems})
	}
	if at := extent(in); at != "" && width >= 100 {
		first = append(first, span{faint, " · " + at})
	}
	state := health(s)
	return []line{beside(first, state, width), accounting(in, width)}
}

// health is how the sources are, the worst first.
func health(s *state) span {
	if s.paused {
		return span{watch, fmt.Sprintf("PAUSED, %s new", report.Number(s.missed))}
	}
	reading := false
	for _, src := range s.snapshot.Input.Sources {
		switch src.State {
		case "":
			reading = true
		case "live":
		default:
			return span{bad, src.State}
		}
	}
	switch {
	case len(s.snapshot.Faults) > 0:
		f := s.snapshot.Faults[0]
		return span{bad, fmt.Sprintf("%s: %v", path.Base(f.Source), f.Err)}
	case reading:
		return span{watch, "reading"}
	}
	return span{good, "live"}
}

// programs names the systems with their versions.
func programs(s *state) string {
	var names []string
	for _, src := range s.snapshot.Input.Sources {
		if src.System == "" {
			continue
		}
		name := s.title(src.System)
		if src.Version != "" {
			name += " " + src.Version
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// extent is from when to when the sources go.
func extent(in *diagnose.Input) string {
	var first, last string
	for _, src := range in.Sources {
		if src.First != "" && (first == "" || src.First < first) {
			first = src.First
		}
		last = max(last, src.Last)
	}
	return report.Span(in, first, last)
}

// accounting is the line of the report: no line of a log is dropped in silence.
func accounting(in *diagnose.Input, width int) line {
	reasons := make([]string, 0, len(in.Skipped))
	for reason := range in.Skipped {
		reasons = append(reasons, reason)
	}
	slices.Sort(reasons)
	sum := func(continuation string) string {
		out := report.Number(in.Heads) + " heads"
		add := func(n int64, what string) {
			if n > 0 {
				out += " + " + report.Number(n) + " " + what
			}
		}
		add(in.Continuation, continuation)
		add(in.Blank, "blank")
		add(in.Unparsed, "unparsed")
		for _, reason := range reasons {
			add(in.Skipped[reason], reason)
		}
		return out
	}
	full := line{
		{plain, report.Count(in.Lines, "line", "lines")}, {faint, " = " + sum("continuation")},
		{plain, " · " + report.Count(in.Records, "record", "records")},
	}
	for _, l := range []line{full, full[:2]} {
		if columns(l) <= width {
			return l
		}
	}
	return line{{plain, report.Number(in.Lines)}, {faint, " = " + sum("cont.")}}
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

// notice is the one thing worth a line at the bottom: lost bytes before blind spots.
func notice(s *state) line {
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
	return append(l, span{plain, s.title(spots[0].System) + ": " + spots[0].Text})
}

// short cuts the folders of a path, from the left, so that its name stays.
func short(name string, width int) string {
	r := []rune(name)
	if len(r) <= width {
		return name
	}
	return "…" + string(r[len(r)-width+1:])
}
