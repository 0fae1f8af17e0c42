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
	hidden
}

// findingRow is one line of the list: a finding, or the noise folded into one.
type findingRow struct {
	id      string
	finding *diagnose.Finding // nil for the fold
	depth   int               // below the finding that explains it
	noise   []*diagnose.Finding
}

const foldID = "noise"

// findingsOf lists the findings as the report does: worst first, what another one explains below it; what is acknowledged
// comes after them, and the noise at the end.
func findingsOf(s *state) *findings {
	l := &findings{state: s}
	b := findingsBuilder{byID: make(map[string]*diagnose.Finding), shown: make(map[string]bool)}
	v := s.sieve()
	acknowledged := make(map[*diagnose.Finding]bool)
	var kept, noise []*diagnose.Finding
	for _, f := range s.snapshot.Findings {
		switch {
		case !v.finding(f):
			l.hidden.n++
		case s.quiet(f):
			noise = append(noise, f)
		default:
			_, acknowledged[f], _ = s.session.Acknowledged(f, s.now)
			kept = append(kept, f)
			b.byID[f.ID] = f
		}
	}
	for _, known := range []bool{false, true} {
		for _, f := range report.Roots(kept) {
			if acknowledged[f] == known {
				b.add(f, 0)
			}
		}
	}
	l.rows = b.rows
	if len(noise) > 0 {
		l.rows = append(l.rows, findingRow{id: foldID, noise: noise})
	}
	if s.unfolded {
		for _, f := range noise {
			l.rows = append(l.rows, findingRow{id: f.ID, finding: f, depth: 1})
		}
	}
	return l
}

// findingsBuilder puts what a finding explains below it.
type findingsBuilder struct {
	byID  map[string]*diagnose.Finding
	shown map[string]bool
	rows  []findingRow
}

func (b *findingsBuilder) add(f *diagnose.Finding, depth int) {
	if b.shown[f.ID] {
		return
	}
	b.shown[f.ID] = true
	b.rows = append(b.rows, findingRow{id: f.ID, finding: f, depth: depth})
	for _, id := range f.Consequences {
		if g := b.byID[id]; g != nil {
			b.add(g, depth+1)
		}
	}
}

func (l *findings) len() int { return len(l.rows) }

func (l *findings) id(i int) string { return l.rows[i].id }

func (l *findings) row(i int, chosen bool, width int) []line {
	r := &l.rows[i]
	switch {
	case r.finding == nil:
		return []line{l.foldLine(r, chosen, width)}
	case width < l.state.width: // it stands beside the detail, where there is height
		return l.tall(r, chosen, width)
	}
	return []line{l.short(r, chosen, width)}
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
	return findingText(l.state, f)
}

// findingText is what a search and a filter look at.
func findingText(s *state, f *diagnose.Finding) string {
	text := []string{f.Urgency, f.Title, s.title(f.System)}
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

// open unfolds the noise, and leads from the detail of a finding to its first line in the log.
func (l *findings) open(i int, inDetail bool) ([]effect, bool) {
	f := l.rows[i].finding
	switch {
	case f == nil:
		l.state.unfolded = !l.state.unfolded
		return nil, true
	case !inDetail || len(f.Evidence) == 0 || l.state.log.store == nil:
		return nil, false
	}
	e := f.Evidence[0]
	at, _ := moment(e.Time)
	return l.state.goToLine(e.Source, e.Line, at), true
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

// foldLine draws the noise folded into one line.
func (l *findings) foldLine(r *findingRow, chosen bool, width int) line {
	mark, look := marked(chosen)
	var events int64
	for _, f := range r.noise {
		events += f.Count
	}
	fold := "Enter opens"
	if l.state.unfolded {
		fold = "Enter folds"
	}
	text := fmt.Sprintf("%s, %s", report.Count(events, "ordinary event", "ordinary events"), report.Count(int64(len(r.noise)), "kind", "kinds"))
	return beside(line{{plain, mark}, {noise, pad("noise", urgencyColumn)}, {look, text}}, span{faint, fold}, width)
}

// urgencyColumn is the width of the urgency and the blank behind it.
const urgencyColumn = 9

// titleLine draws how bad a finding is, how sure its cause, and what it is.
func (l *findings) titleLine(r *findingRow, chosen bool) (head line, title span) {
	f := r.finding
	mark, look := marked(chosen)
	urgency, urgencyLook := strings.ToUpper(f.Urgency), urgencyLooks[f.Urgency]
	if l.state.quiet(f) {
		urgency, urgencyLook = "noise", noise
	}
	if _, holds, _ := l.state.session.Acknowledged(f, l.state.now); holds {
		urgencyLook = faint
	}
	head = line{{plain, mark}, {urgencyLook, urgency}, {plain, pad("", urgencyColumn-len(urgency))}}
	cause := ""
	if len(f.Causes) > 0 && urgency != "noise" {
		cause = fmt.Sprintf("%4s ", strings.ReplaceAll(report.Percent(f.Causes[0].Confidence), " ", ""))
	}
	head = append(head, span{faint, cause})
	if r.depth > 0 {
		head = append(head, span{faint, strings.Repeat("  ", min(r.depth, 4)-1) + "└ "})
	}
	return head, span{look, f.Headline()}
}

// facts are what changes about a finding: how it stands, how often it came, when it was last seen.
func (l *findings) facts(f *diagnose.Finding) line {
	var out line
	if word, look := l.state.standing(f); word != "" {
		out = append(out, span{look, word}, span{plain, " "})
	}
	out = append(out, span{faint, report.Number(f.Count) + "×"})
	if at, ok := moment(f.Last); ok {
		out = append(out, span{faint, " " + at.Format(time.TimeOnly)})
	}
	return out
}

// short draws a finding as one line.
func (l *findings) short(r *findingRow, chosen bool, width int) line {
	head, title := l.titleLine(r, chosen)
	facts := l.facts(r.finding)
	room := width - columns(head) - columns(facts) - 1
	if room < 12 { // the title says more than the time
		return append(head, title)
	}
	text := ansi.Truncate(clean(title.text), room, "…")
	head = append(head, span{title.look, pad(text, room+1)})
	return append(head, facts...)
}

// tall draws a finding with its whole title, and below it when its events came.
func (l *findings) tall(r *findingRow, chosen bool, width int) []line {
	head, title := l.titleLine(r, chosen)
	out := wrapped(head, title.look, title.text, width)
	indent := line{{plain, pad("", 2+urgencyColumn)}}
	facts := l.facts(r.finding)
	first, last := l.state.visibleTime()
	trend := width - columns(indent) - columns(facts) - 2
	if first.IsZero() || trend < 8 {
		return append(out, append(indent, facts...))
	}
	trend = min(trend, longestTrend)
	indent = append(indent, span{bar, sparkline(spread(r.finding.Histogram, first, last, trend), '·')}, span{plain, "  "})
	return append(out, append(indent, facts...))
}

// longestTrend is how wide the trend of a finding is drawn.
const longestTrend = 32

func pad(s string, n int) string { return s + strings.Repeat(" ", max(n-ansi.StringWidth(s), 0)) }
