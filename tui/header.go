package tui

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/diagnose/report"
)

// header says what is looked at, accounts for every line of it, and names the views.
func header(s *state, l layout) []line {
	in := &s.snapshot.Input
	first := line{{strong, "whytls"}, {plain, "  "}}
	if l.header < fullHeader && s.view != findingsView { // there is no line for the names of the views
		first = append(first, span{label, viewNames[s.view]}, span{plain, "  "})
	}
	switch n := len(in.Sources); n {
	case 0:
		first = append(first, span{faint, "no source"})
	case 1:
		first = append(first, span{plain, short(in.Sources[0].Name, max(l.width/2, 12))})
	default:
		first = append(first, span{plain, report.Count(int64(n), "source", "sources")})
	}
	if systems := programs(s); systems != "" {
		first = append(first, span{faint, " · "}, span{plain, systems})
	}
	if at := extent(in); at != "" && l.width >= 100 {
		first = append(first, span{faint, " · " + at})
	}
	how := health(s) // it matters more than the rest
	how.text = ansi.Truncate(clean(how.text), l.width/2, "…")
	first = append(fit(first, max(l.width-ansi.StringWidth(how.text)-1, 0)), span{plain, " "}, how)
	return []line{first, accounting(in, l.width), rates(s, l.width), beside(tabs(s), span{watch, s.besideTabs()}, l.width)}
}

// tabs names the views with their keys; the one on the screen stands in brackets.
func tabs(s *state) line {
	var out line
	for v := range views {
		out = append(out, tab(s, v)...)
	}
	return out
}

// hasTabs reports whether the header has a line for the views and what is filtered fits into it, too.
func hasTabs(s *state, narrowing string) bool {
	return s.height >= roomyHeight && columns(tabs(s))+columns(say(plain, narrowing)) < s.width
}

// tab names a view.
func tab(s *state, v view) line {
	key := string(rune('1' + v))
	if v == helpView {
		key = "?"
	}
	if v == s.view {
		return line{{strong, "[" + key + " " + viewNames[v] + "]"}, {plain, " "}}
	}
	return line{{faint, " " + key + " "}, {plain, viewNames[v] + "  "}}
}

// health is how the sources are, the worst first.
func health(s *state) span {
	if s.paused {
		return span{watch, fmt.Sprintf("PAUSED, %s new", report.Number(s.missed()))}
	}
	if len(s.snapshot.Faults) > 0 {
		f := s.snapshot.Faults[0]
		return span{bad, fmt.Sprintf("%s: %v", path.Base(f.Source), f.Err)}
	}
	all := sourcesOf(s)
	reading, ended := 0, 0
	for i := range all.rows {
		src := &all.rows[i]
		switch h := all.health(i); {
		case h.look == bad:
			return span{bad, path.Base(src.Name) + ": " + src.State}
		case src.Reading():
			reading++
		case src.State == "ended":
			ended++
		}
	}
	switch n := len(all.rows); {
	case s.snapshot.Input.Unread() > 0:
		return span{watch, fmt.Sprintf("newest part shown, %.0f %% of the past read", 100*s.snapshot.Input.PastRead())}
	case reading > 0 && n > 1:
		return span{watch, fmt.Sprintf("reading %d of %d", reading, n)}
	case reading > 0:
		return span{watch, "reading"}
	case n > 0 && ended == n:
		return span{faint, "ended"}
	}
	return span{good, "live"}
}

// programs names the systems with their versions.
func programs(s *state) string {
	var names []string
	for _, src := range s.snapshot.Input.Sources {
		if name := program(s, &src); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// extent is from when to when the sources go.
func extent(in *diagnose.Input) string {
	first, last, ok := report.Extent(in)
	if !ok {
		return ""
	}
	return report.Span(in, first.Format(time.RFC3339Nano), last.Format(time.RFC3339Nano))
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

// short cuts the folders of a path, from the left, so that its name stays.
func short(name string, width int) string {
	r := []rune(name)
	if len(r) <= width {
		return name
	}
	return "…" + string(r[len(r)-width+1:])
}
