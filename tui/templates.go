package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/diagnose/report"
	"github.com/whytls/whytls/parsers"
)

// templates is the view of the kinds of messages.
type templates struct {
	state *state
	rows  []*diagnose.Cluster
	hidden
}

func templatesOf(s *state) *templates {
	l := &templates{state: s}
	v := s.sieve()
	for i := range s.snapshot.Clusters {
		if c := &s.snapshot.Clusters[i]; v.cluster(c) {
			l.rows = append(l.rows, c)
		} else {
			l.hidden.n++
		}
	}
	return l
}

func (l *templates) len() int { return len(l.rows) }

func (l *templates) id(i int) string { return l.rows[i].ID }

func (l *templates) text(i int) string { return l.rows[i].Template + "\n" + l.rows[i].Sample.Text }

func (l *templates) trouble(i int) bool { return severityOf(l.rows[i]) >= parsers.SeverityError }

// trendColumns is the width of the trend at the end of a row.
const trendColumns = 16

func (l *templates) row(i int, chosen bool, width int) []line {
	c := l.rows[i]
	mark, look := marked(chosen)
	out := line{{plain, mark}, {severityLook(severityOf(c)), fmt.Sprintf("%-5s", c.Severity)}, {plain, fmt.Sprintf(" %9s×  ", report.Number(c.Count))}}
	first, last := l.state.visibleTime()
	room := width - columns(out) - trendColumns - 1
	if first.IsZero() || room < 40 {
		return []line{append(out, span{look, c.Template})}
	}
	text := ansi.Truncate(clean(c.Template), room, "…")
	trend := sparkline(spread(c.Histogram, first, last, trendColumns), ' ')
	return []line{beside(append(out, span{look, text}), span{bar, trend}, width)}
}

func (l *templates) detail(i, width int) []line {
	c := l.rows[i]
	d := &detail{state: l.state, width: width, gutter: wideGutter}
	d.add(wrapped(nil, strong, c.Template, width)...)
	facts := []string{report.Count(c.Count, "record", "records")}
	if c.Severity != "" {
		facts = append([]string{c.Severity}, facts...)
	}
	if at := report.Span(&l.state.snapshot.Input, c.First, c.Last); at != "" {
		facts = append(facts, at)
	}
	d.add(wrapped(nil, faint, strings.Join(facts, " · "), width)...)
	d.add(nil)
	d.row("for", logged, c.Sample.Text)
	d.row("", faint, place(c.Sample.Source, c.Sample.Line))
	if c.Signature == "" {
		d.row("known", plain, "no: nothing here explains this message")
		return d.lines
	}
	d.row("known", plain, "as "+c.Signature)
	for _, f := range l.state.snapshot.Findings {
		for _, id := range f.Signatures {
			if id == c.Signature {
				d.row("part of", urgencyLooks[f.Urgency], f.Headline())
			}
		}
	}
	return d.lines
}

// open shows the record that stands for the template in the log.
func (l *templates) open(i int, inDetail bool) ([]effect, bool) {
	c := l.rows[i]
	if !inDetail || l.state.log.store == nil {
		return nil, false
	}
	return l.state.goToLine(c.Sample.Source, c.Sample.Line, time.Time{}), true
}

func (l *templates) nothing(width int) []line {
	return wrapped(nil, faint, "no messages yet", width)
}

// marked is how a list shows which row is chosen: by a sign and not by colour alone.
func marked(chosen bool) (string, look) {
	if chosen {
		return "▸ ", strong
	}
	return "  ", plain
}

// severityOf is the highest severity among the records of a template.
func severityOf(c *diagnose.Cluster) parsers.Severity {
	return max(parsers.Severity(c.Rank()), parsers.ParseSeverity([]byte(c.Severity)))
}

func severityLook(s parsers.Severity) look {
	switch {
	case s >= parsers.SeverityError:
		return bad
	case s >= parsers.SeverityWarn:
		return watch
	case s > 0 && s < parsers.SeverityInfo:
		return faint
	}
	return plain
}
