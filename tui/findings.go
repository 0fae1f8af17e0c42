package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/diagnose/report"
)

// findings is the first view: what is wrong, worst first.
type findings struct {
	state *state
	rows  []findingRow
}

// findingRow is one line of the list: a finding, or the noise folded into one.
type findingRow struct {
	id      string
	finding *diagnose.Finding // nil for the fold
	depth   int               // below the finding that explains it
	noise   []*diagnose.Finding
}

const foldID = "noise"

// findingsOf lists the findings as the report does: worst first, what another one explains below it, noise at the end.
func findingsOf(s *state) *findings {
	byID := make(map[string]*diagnose.Finding, len(s.snapshot.Findings))
	for _, f := range s.snapshot.Findings {
		byID[f.ID] = f
	}
	var rows []findingRow
	var quiet []*diagnose.Finding
	shown := make(map[string]bool)
	var add func(f *diagnose.Finding, depth int)
	add = func(f *diagnose.Finding, depth int) {
		if shown[f.ID] {
			return
		}
		shown[f.ID] = true
		rows = append(rows, findingRow{id: f.ID, finding: f, depth: depth})
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
		rows = append(rows, findingRow{id: foldID, noise: quiet})
		if s.unfolded {
			for _, f := range quiet {
				rows = append(rows, findingRow{id: f.ID, finding: f, depth: 1})
			}
		}
	}
	return &findings{s, rows}
}

func (l *findings) len() int { return len(l.rows) }

func (l *findings) id(i int) string { return l.rows[i].id }

func (l *findings) row(i int, chosen bool, width int) []line {
	return []line{findingLine(l.state, &l.rows[i], chosen, width)}
}

func (l *findings) detail(i, width int) []line {
	if f := l.rows[i].finding; f != nil {
		return findingLines(l.state, f, width)
	}
	return noiseLines(l.state, l.rows[i].noise, width)
}

func (l *findings) text(i int) string {
	f := l.rows[i].finding
	if f == nil {
		return "noise"
	}
	text := []string{f.Urgency, f.Title, l.state.title(f.System)}
	for _, c := range f.Causes {
		text = append(text, c.Title)
	}
	for _, e := range f.Evidence {
		text = append(text, e.Text)
	}
	return strings.Join(text, "\n")
}

// trouble is what needs somebody.
func (l *findings) trouble(i int) bool {
	return l.rows[i].finding != nil && l.rows[i].finding.Urgency != "noise"
}

// open unfolds the noise.
func (l *findings) open(i int) bool {
	if l.rows[i].finding == nil {
		l.state.unfolded = !l.state.unfolded
		return true
	}
	return false
}

// nothing is an answer, too: what was looked at, and that it is fine as far as the log can show.
func (l *findings) nothing(width int) []line {
	s := l.state
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

func findingLine(s *state, r *findingRow, chosen bool, width int) line {
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
