package report

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/diagnose/change"
)

// DifferenceJSON writes the contract of a difference.
func DifferenceJSON(w io.Writer, d *diagnose.Difference) error {
	return indented(w, d, "the difference")
}

// DifferenceText writes for a person what changed: two lines a template, the change and the numbers, and what it says.
func DifferenceText(w io.Writer, d *diagnose.Difference, o Options) error {
	if o.Width <= 0 {
		o.Width = 80
	}
	p := &comparison{sheet: sheet{styles: newStyles(w, o.Color), width: o.Width}, difference: d}
	p.population("before", &d.Before)
	p.population("after", &d.After)
	p.out.WriteByte('\n')
	p.changes()
	p.verdicts()
	p.notes()
	for _, side := range []struct {
		label string
		input *diagnose.Input
	}{{"before", &d.Before.Input}, {"after", &d.After.Input}} {
		a := page{sheet: sheet{styles: p.styles, width: o.Width}, snapshot: &diagnose.Snapshot{Input: *side.input}}
		a.accounting(side.label)
		p.out.WriteString(a.out.String())
	}
	if _, err := io.WriteString(w, p.out.String()); err != nil {
		return fmt.Errorf("writing the difference: %w", err)
	}
	return nil
}

// comparison is one difference under construction.
type comparison struct {
	sheet
	difference *diagnose.Difference
}

// population says what one side is.
func (p *comparison) population(label string, side *diagnose.Population) {
	in := &side.Input
	what := "nothing"
	switch n := len(in.Sources); n {
	case 0:
	case 1:
		if what = in.Sources[0].Name; what == "-" {
			what = "standard input"
		}
	default:
		what = number(int64(n)) + " sources"
		if folder := commonFolder(in.Sources); folder != "" {
			what += " in " + folder
		}
	}
	parts := []string{what, count(in.Records, "record", "records")}
	if c, first, last, ok := newClock(in); ok {
		c.day = ""
		parts = append(parts, c.span(first.Format(rfc3339), last.Format(rfc3339))+" "+c.zone, seconds(last.Sub(first).Seconds()))
	}
	for _, line := range joinParts(parts, p.room()) {
		p.row(label, p.styles.label, span{line, p.styles.faint})
		label = ""
	}
}

const rfc3339 = "2006-01-02T15:04:05.999999999Z07:00"

// changes lists the templates.
func (p *comparison) changes() {
	list := p.difference.Changes
	var labels, numbers, rates []string
	widths := [3]int{}
	for i := range list {
		labels = append(labels, verdict(&list[i]))
		numbers = append(numbers, number(list[i].Before.Count)+" → "+number(list[i].After.Count))
		rates = append(rates, p.rate(list[i].Before.Rate, list[i].After.Rate))
		for k, s := range []string{labels[i], numbers[i], rates[i]} {
			widths[k] = max(widths[k], ansi.StringWidth(s))
		}
	}
	pad := func(s string, width int) string { return strings.Repeat(" ", width-ansi.StringWidth(s)) }
	for i := range list {
		c := &list[i]
		line := p.look(c).Render(labels[i]) + pad(labels[i], widths[0]) + "  " + pad(numbers[i], widths[1]) + numbers[i] + "  " + pad(rates[i], widths[2]) + rates[i]
		if c.Severity != "" {
			line += "  " + p.styles.faint.Render(c.Severity)
		}
		p.out.WriteString(ansi.Truncate(line, p.width, "…") + "\n")
		text := Safe(c.Template)
		if c.Signature != "" {
			text += " [" + c.Signature + "]"
		}
		const indent = 4
		for _, line := range clip(wrap(text, p.width-indent), 3, p.width-indent) {
			p.out.WriteString(strings.Repeat(" ", indent) + p.styles.log.Render(line) + "\n")
		}
	}
	if len(list) > 0 {
		p.out.WriteByte('\n')
	}
}

func (p *comparison) look(c *diagnose.Change) lipgloss.Style {
	switch c.Change {
	case change.New, change.More:
		return p.styles.urgency["watch"]
	case change.Gone, change.Less:
		return p.styles.command
	}
	return p.styles.faint
}

// verdict is the change in a few characters: the factor with its interval, or a word.
func verdict(c *diagnose.Change) string {
	if c.Change == change.TooFew {
		return "too few"
	}
	if c.Change == change.New || c.Change == change.Gone || c.Factor == nil {
		return string(c.Change)
	}
	bounds := "?"
	if c.Low != nil && c.High != nil {
		bounds = factor(*c.Low) + "–" + factor(*c.High)
	}
	return "×" + factor(*c.Factor) + " (" + bounds + ")"
}

// factor writes a number with two significant digits, more where it is large.
func factor(v float64) string {
	switch {
	case v >= 9.95:
		return number(int64(math.Round(v)))
	case v >= 0.995:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case v >= 0.01:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strconv.FormatFloat(v, 'g', 1, 64)
}

// rate writes two rates in the unit that suits the larger one.
func (p *comparison) rate(before, after float64) string {
	scale, unit, most := 1.0, "/s", max(before, after)
	switch {
	case p.difference.Per == "record":
		scale, unit = 100, " %"
	case most >= 1:
	case most*60 >= 1:
		scale, unit = 60, "/min"
	case most*3600 >= 1:
		scale, unit = 3600, "/h"
	default:
		scale, unit = 86400, "/d"
	}
	write := func(v float64) string {
		switch v *= scale; {
		case v == 0:
			return "0"
		case v >= 100:
			return number(int64(math.Round(v)))
		}
		return strconv.FormatFloat(v, 'g', 2, 64)
	}
	return write(before) + " → " + write(after) + unit
}

// verdicts sums up.
func (p *comparison) verdicts() {
	v := p.difference.Verdicts
	changed := v[change.New] + v[change.Gone] + v[change.More] + v[change.Less]
	text := "no significant change; "
	if changed > 0 {
		text = count(int64(changed), "template", "templates") + " changed, "
		if rest := changed - p.listed(); rest > 0 {
			text += number(int64(rest)) + " of them not listed, "
		}
	}
	text += count(int64(v[change.Unchanged]), "template", "templates") + " unchanged, " + number(int64(v[change.TooFew])) + " too few to say"
	for _, line := range wrap(text+" (level "+strconv.FormatFloat(p.difference.Level, 'g', -1, 64)+" for all together, per "+p.difference.Per+")", p.width) {
		p.out.WriteString(line + "\n")
	}
}

func (p *comparison) listed() int {
	n := 0
	for i := range p.difference.Changes {
		if p.difference.Changes[i].Change.Changed() {
			n++
		}
	}
	return n
}

// notes writes the warnings, each once.
func (p *comparison) notes() {
	seen := make(map[string]bool)
	label := "note"
	for _, w := range p.difference.Warnings {
		if w.Code == "assumed-zone" || seen[w.Text] {
			continue
		}
		seen[w.Text] = true
		p.text(label, w.Text, p.styles.faint)
		label = ""
	}
}
