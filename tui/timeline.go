package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/diagnose/report"
)

// timeline is the view of what came first: findings by their onset, each with a lane that shows when its events came.
// The noise is left out, and findings of logs without times stand at the end.
type timeline struct {
	state       *state
	rows        []*diagnose.Finding
	first, last time.Time // of the lanes
	hidden
}

func timelineOf(s *state) *timeline {
	l := &timeline{state: s}
	v := s.sieve()
	l.first, l.last = s.visibleTime()
	for _, f := range s.snapshot.Findings {
		switch {
		case s.quiet(f):
		case v.finding(f):
			l.rows = append(l.rows, f)
		default:
			l.hidden.n++
		}
	}
	slices.SortStableFunc(l.rows, func(a, b *diagnose.Finding) int {
		x, okX := moment(a.First)
		y, okY := moment(b.First)
		switch {
		case okX && okY:
			return x.Compare(y)
		case okX:
			return -1
		case okY:
			return 1
		}
		return 0
	})
	return l
}

func (l *timeline) len() int { return len(l.rows) }

func (l *timeline) id(i int) string { return l.rows[i].ID }

func (l *timeline) text(i int) string { return l.rows[i].Headline() }

func (l *timeline) trouble(int) bool { return true }

func (l *timeline) row(i int, chosen bool, width int) []line {
	f := l.rows[i]
	mark, look := marked(chosen)
	out := line{{plain, mark}}
	if at, ok := moment(f.First); ok {
		out = append(out, span{plain, at.Format(time.TimeOnly)}, span{faint, fmt.Sprintf(" %9s", l.after(i))})
	} else {
		out = append(out, span{faint, pad("no time", len(time.TimeOnly)+10)})
	}
	indent := columns(out) + 2
	out = append(out, span{plain, "  "}, span{urgencyLooks[f.Urgency], strings.ToUpper(f.Urgency)}, span{plain, pad("", urgencyColumn-len(f.Urgency))})
	if l.state.height < roomyHeight || l.first.IsZero() {
		return []line{append(out, span{look, f.Headline()})}
	}
	lane := sparkline(spread(f.Histogram, l.first, l.last, max(width-indent-1, 0)), '·')
	return append(wrapped(out, look, f.Headline(), width), line{{plain, pad("", indent)}, {urgencyLane(f.Urgency), lane}})
}

// after is how long after the first finding finding i began.
func (l *timeline) after(i int) string {
	first, _ := moment(l.rows[0].First)
	at, _ := moment(l.rows[i].First)
	if i == 0 || at.Equal(first) {
		return "first"
	}
	return "+" + report.Duration(at.Sub(first))
}

// urgencyLane is the look of events in a lane: that of the urgency, but for the ground.
func urgencyLane(urgency string) look {
	if urgency == "outage" {
		return bad
	}
	return urgencyLooks[urgency]
}

func (l *timeline) detail(i, width int) []line {
	d := &detail{state: l.state, width: width, gutter: narrowGutter}
	f := l.rows[i]
	if at, ok := moment(f.First); ok {
		d.add(wrapped(nil, label, l.order(i, at), width)...)
		d.add(nil)
	}
	d.finding(f)
	return d.lines
}

// order tells what came before a finding and what after it.
func (l *timeline) order(i int, at time.Time) string {
	text := "Nothing else that is shown here began before it."
	if i > 0 {
		before, _ := moment(l.rows[i-1].First)
		text = fmt.Sprintf("Began %s after: %s.", report.Duration(at.Sub(before)), l.rows[i-1].Headline())
	}
	if i+1 < len(l.rows) {
		if next, ok := moment(l.rows[i+1].First); ok {
			text += fmt.Sprintf(" %s later: %s.", report.Duration(next.Sub(at)), l.rows[i+1].Headline())
		}
	}
	return text
}

// open shows the finding in its own view.
func (l *timeline) open(i int, inDetail bool) ([]effect, bool) {
	if !inDetail {
		return nil, false
	}
	effects := l.state.show(findingsView)
	l.state.pane().choose(l.rows[i].ID)
	l.state.pane().inDetail = true
	return effects, true
}

func (l *timeline) nothing(width int) []line {
	return wrapped(nil, faint, "nothing that went wrong", width)
}
