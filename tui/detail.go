package tui

import (
	"fmt"
	"path"
	"strings"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/diagnose/report"
)

// bars is the width of a full bar.
const bars = 10

// findingLines explains a finding.
func findingLines(s *state, f *diagnose.Finding, width int) []line {
	d := &detail{state: s, width: width, gutter: narrowGutter}
	d.finding(f)
	return d.lines
}

// detail collects lines.
type detail struct {
	state  *state
	width  int
	gutter int // width of the labels with the blanks behind them
	lines  []line
}

// Gutters: of findings, whose labels are short, and of other views.
const (
	narrowGutter = 8
	wideGutter   = 10
)

func (d *detail) add(lines ...line) { d.lines = append(d.lines, lines...) }

// row puts text behind a label in the left column.
func (d *detail) row(name string, l look, text string) {
	d.add(wrapped(line{{label, fmt.Sprintf("%*s  ", d.gutter-2, name)}}, l, text, d.width)...)
}

func (d *detail) finding(f *diagnose.Finding) {
	d.add(wrapped(line{{urgencyLooks[f.Urgency], strings.ToUpper(f.Urgency)}, {plain, "  "}}, strong, f.Headline(), d.width)...)
	facts := []string{report.Number(f.Count) + "×"}
	if f.System != "" {
		name := d.state.title(f.System)
		if f.Version != "" {
			name += " " + f.Version
		}
		facts = append([]string{name}, facts...)
	}
	if a := report.Arrival(f); a != "" {
		facts = append(facts, a)
	}
	if at := report.Span(&d.state.snapshot.Input, f.First, f.Last); at != "" {
		facts = append(facts, at)
	}
	d.add(wrapped(nil, faint, strings.Join(facts, " · "), d.width)...)
	d.triage(f)
	for i := range f.Causes {
		d.cause(&f.Causes[i], i == 0)
	}
	if f.Undetermined >= 0.005 {
		d.add(d.share(f.Undetermined, span{faint, "something else: this log does not tell"})...)
	}
	first := min(firstEvidence, len(f.Evidence))
	d.evidence(f.Evidence[:first])
	d.peers(f)
	if len(f.Causes) > 0 {
		d.todo(f, &f.Causes[0])
	}
	d.consequences(f)
	d.probed(f)
	if f.System != "" {
		d.blind(f.System)
	}
	if rest := f.Evidence[first:]; len(rest) > 0 {
		d.add(nil, say(label, report.Count(int64(len(rest)), "more line", "more lines")))
		d.evidence(rest)
	}
}

// share draws a bar with its percentage.
func (d *detail) share(confidence float64, title span) []line {
	full := min(max(int(confidence*bars+0.5), 0), bars)
	head := line{
		{bar, strings.Repeat("█", full)}, {faint, strings.Repeat("░", bars-full)},
		{plain, fmt.Sprintf(" %5s  ", report.Percent(confidence))},
	}
	if d.width < 60 {
		head = line{{plain, fmt.Sprintf("%5s  ", report.Percent(confidence))}}
	}
	return wrapped(head, title.look, title.text, d.width)
}

// cause tells a cause; of the leading one also what it means and each reason, of the others the strongest reason.
func (d *detail) cause(c *diagnose.Cause, lead bool) {
	look := plain
	if lead {
		look = strong
		d.add(nil)
	}
	d.add(d.share(c.Confidence, span{look, c.Title})...)
	if lead && c.Meaning != "" {
		d.add(wrapped(say(plain, strings.Repeat(" ", d.gutter)), plain, c.Meaning, d.width)...)
	}
	var best *diagnose.Factor
	for i := range c.Why {
		w := &c.Why[i]
		if lead {
			d.factor(w)
		} else if w.Ratio > 1 && (best == nil || w.Ratio > best.Ratio) {
			best = w
		}
	}
	if best != nil {
		d.factor(best)
	}
}

func (d *detail) factor(w *diagnose.Factor) {
	ratio, look := report.Ratio(w.Ratio), up
	switch {
	case w.Ratio == 1:
		ratio, look = "·", faint
	case w.Ratio < 1:
		look = down
	}
	text := w.Text
	if at := place(w.Source, w.Line); at != "" {
		text += "  " + at
	}
	d.add(wrapped(line{{look, fmt.Sprintf("%*s  ", d.gutter+2, ratio)}}, plain, text, d.width)...)
}

// Evidence comes in two parts: a few lines before what is to be done, so that this can be seen, and the rest at the end.
const (
	firstEvidence = 2
	maxEvidence   = 4 // rows that a line of the log may take
)

func (d *detail) evidence(lines []diagnose.Line) {
	if len(lines) == 0 {
		return
	}
	d.add(nil)
	for i := range lines {
		d.evidenceLine(&lines[i])
	}
}

func (d *detail) evidenceLine(e *diagnose.Line) {
	where := "│ " + place(e.Source, e.Line)
	text := e.Text
	if e.Message != "" { // the line without its time and place
		text = e.Message
		if at := report.Span(&d.state.snapshot.Input, e.Time, e.Time); at != "" {
			where += "  " + at
		}
	}
	d.add(say(faint, where))
	rows := wrapped(line{{faint, "│ "}}, logged, text, d.width)
	for i, l := range rows[:min(len(rows), maxEvidence)] {
		if l[0].look == plain { // the hanging indentation
			l[0] = span{faint, "│ "}
		}
		if i == maxEvidence-1 && len(rows) > maxEvidence {
			l = append(l, span{faint, " …"})
		}
		d.add(l)
	}
}

func (d *detail) peers(f *diagnose.Finding) {
	if len(f.Peers.Top) == 0 {
		return
	}
	var parts []string
	rest := f.Peers.Distinct
	for _, p := range f.Peers.Top[:min(len(f.Peers.Top), 4)] {
		parts = append(parts, fmt.Sprintf("%s %s×", p.Peer, report.Number(p.Count)))
		rest--
	}
	if rest > 0 {
		parts = append(parts, report.Count(rest, "other", "others"))
	}
	d.row("from", plain, strings.Join(parts, ", "))
}

// todo says what decides and what helps.
func (d *detail) todo(f *diagnose.Finding, c *diagnose.Cause) {
	if len(c.Checks)+len(c.Fixes) > 0 {
		d.add(nil)
	}
	for _, check := range c.Checks {
		d.row("check", command, check.Run)
		if check.LookFor != "" {
			d.row("", plain, "→ "+check.LookFor)
		}
	}
	for _, fix := range c.Fixes {
		if fix.Do != "" {
			d.row("fix", plain, fix.Do)
		}
		if fix.Never != "" {
			d.row("never", bad, fix.Never)
		}
	}
	for _, r := range c.References {
		d.row("see", faint, r)
	}
}

func (d *detail) consequences(f *diagnose.Finding) {
	for _, id := range f.Consequences {
		for _, g := range d.state.snapshot.Findings {
			if g.ID != id {
				continue
			}
			text := fmt.Sprintf("%s×  %s", report.Number(g.Count), g.Headline())
			if at := report.Span(&d.state.snapshot.Input, g.First, g.Last); at != "" {
				text += ", " + at
			}
			d.add(wrapped(line{{label, fmt.Sprintf("%*s  ", d.gutter-2, "└")}}, plain, text, d.width)...)
		}
	}
}

// noiseLines tells what was set aside and why.
func noiseLines(s *state, findings []*diagnose.Finding, width int) []line {
	d := &detail{state: s, width: width, gutter: narrowGutter}
	d.add(wrapped(nil, plain, "Set aside, because it happens on every public port and needs nobody:", width)...)
	for _, f := range findings {
		text := fmt.Sprintf("%s×  %s", report.Number(f.Count), f.Title)
		if a := report.Arrival(f); a != "" {
			text += ", " + a
		}
		d.row("", plain, text)
		if len(f.Causes) > 0 && f.Causes[0].Title != f.Title {
			d.row("", faint, "  "+f.Causes[0].Title)
		}
	}
	d.add(nil)
	d.add(blindLines(s, width)...)
	return d.lines
}

// blindLines tells what these logs cannot show, and what else is to know about them.
func blindLines(s *state, width int) []line {
	d := &detail{state: s, width: width, gutter: narrowGutter}
	d.blind("")
	d.notes("")
	return d.lines
}

// blind tells what the logs of a system cannot show; "" stands for all systems.
func (d *detail) blind(system string) {
	for _, b := range d.state.snapshot.BlindSpots {
		if system != "" && b.System != system {
			continue
		}
		d.row("blind", plain, d.state.about(b.System, b.Text))
		if b.Remedy != "" {
			d.row("", plain, "→ "+b.Remedy)
		}
	}
}

// notes tells what happened to a source; "" stands for all sources.
func (d *detail) notes(source string) {
	for _, w := range d.state.snapshot.Warnings {
		text := w.Text
		switch {
		case source != "" && w.Source != source:
			continue
		case source == "" && w.Source != "":
			text = path.Base(w.Source) + ": " + text
		}
		d.row("note", faint, text)
	}
}

// place names a line of a source by the last part of its path: the header tells the rest.
func place(source string, n int64) string {
	if source == "" {
		return ""
	}
	if n <= 0 {
		return path.Base(source)
	}
	return fmt.Sprintf("%s:%d", path.Base(source), n)
}
