package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/diagnose/report"
)

// row is one line of the list: a finding, or the noise folded into one.
type row struct {
	id      string
	finding *diagnose.Finding // nil for the fold
	depth   int               // below the finding that explains it
	noise   []*diagnose.Finding
}

const foldID = "noise"

// rowsOf lists the findings as the report does: worst first, what another one explains below it, noise at the end.
func rowsOf(s *state) []row {
	byID := make(map[string]*diagnose.Finding, len(s.snapshot.Findings))
	for _, f := range s.snapshot.Findings {
		byID[f.ID] = f
	}
	var rows []row
	var quiet []*diagnose.Finding
	shown := make(map[string]bool)
	var add func(f *diagnose.Finding, depth int)
	add = func(f *diagnose.Finding, depth int) {
		if shown[f.ID] {
			return
		}
		shown[f.ID] = true
		rows = append(rows, row{id: f.ID, finding: f, depth: depth})
		for _, id := range f.Consequences {
			if g := byID[id]; g != nil && g.Urgency != "noise" {
				add(g, depth+1)
			}
		}
	}
	for _, f := range report.Roots(s.snapshot.Findings) {
		if f.Urgency != "noise" {
			add(f, 0)
		}
	}
	for _, f := range s.snapshot.Findings {
		if f.Urgency == "noise" {
			quiet = append(quiet, f)
		}
	}
	if len(quiet) > 0 {
		rows = append(rows, row{id: foldID, noise: quiet})
		if s.unfolded {
			for _, f := range quiet {
				rows = append(rows, row{id: f.ID, finding: f, depth: 1})
			}
		}
	}
	return rows
}

// selection is the index of the selected row; a row that is gone leaves the selection at the first one.
func selection(s *state, rows []row) int {
	for i := range rows {
		if rows[i].id == s.selected {
			return i
		}
	}
	return 0
}

// listOf draws the visible part of the list.
func listOf(s *state, rows []row, height, width int) []line {
	if len(rows) == 0 {
		return nothing(s, width)
	}
	chosen := selection(s, rows)
	from := max(min(chosen-height/2, len(rows)-height), 0)
	var out []line
	for i := from; i < len(rows) && len(out) < height; i++ {
		out = append(out, rowLine(s, &rows[i], i == chosen, width))
	}
	return out
}

// nothing is an answer, too: what was looked at, and that it is fine as far as the log can show.
func nothing(s *state, width int) []line {
	in := &s.snapshot.Input
	if in.Records == 0 {
		return wrapped(nil, faint, "nothing was logged yet", width)
	}
	text := fmt.Sprintf("no known fault in %s", report.Count(in.Records, "record", "records"))
	if s.snapshot.Unexplained > 0 {
		text += fmt.Sprintf("; %s that nothing here explains", report.Count(s.snapshot.Unexplained, "error record", "error records"))
	}
	return wrapped(line{{good, "ok  "}}, plain, text, width)
}

func rowLine(s *state, r *row, chosen bool, width int) line {
	mark, titleLook := "  ", plain
	if chosen {
		mark, titleLook = "▸ ", strong
	}
	if r.finding == nil {
		var events int64
		for _, f := range r.noise {
			events += f.Count
		}
		fold := "Enter opens"
		if s.unfolded {
			fold = "Enter folds"
		}
		l := line{{plain, mark}, {noise, pad("noise", 9)}, {titleLook, fmt.Sprintf("%s, %s", report.Count(events, "ordinary event", "ordinary events"), report.Count(int64(len(r.noise)), "kind", "kinds"))}}
		return beside(l, span{faint, fold}, width)
	}
	f := r.finding
	urgency := strings.ToUpper(f.Urgency)
	if f.Urgency == "noise" {
		urgency = "noise"
	}
	l := line{{plain, mark}, {urgencyLooks[f.Urgency], urgency}, {plain, strings.Repeat(" ", max(9-len(urgency), 1))}}
	facts := report.Number(f.Count) + "×"
	if at := lastSeen(f); at != "" {
		facts += " " + at
	}
	cause := ""
	if len(f.Causes) > 0 && f.Urgency != "noise" {
		cause = fmt.Sprintf("%4s ", strings.ReplaceAll(report.Percent(f.Causes[0].Confidence), " ", ""))
	}
	l = append(l, span{faint, cause})
	if r.depth > 0 {
		l = append(l, span{faint, strings.Repeat("  ", min(r.depth, 4)-1) + "└ "})
	}
	room := width - columns(l) - ansi.StringWidth(facts) - 1
	if room < 12 { // the title says more than the time
		return append(l, span{titleLook, f.Headline()})
	}
	title := ansi.Truncate(clean(f.Headline()), room, "…")
	return beside(append(l, span{titleLook, title}), span{faint, facts}, width)
}

// lastSeen is the time of the last event of a finding.
func lastSeen(f *diagnose.Finding) string {
	t, err := time.Parse(time.RFC3339Nano, f.Last)
	if err != nil {
		return ""
	}
	return t.Format(time.TimeOnly)
}

func pad(s string, n int) string { return s + strings.Repeat(" ", max(n-ansi.StringWidth(s), 0)) }
