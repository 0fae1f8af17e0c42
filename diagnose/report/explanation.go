package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/diagnose/explain"
)

// ExplanationJSON writes the report contract with the readings beside it.
func ExplanationJSON(w io.Writer, e *explain.Explanation) error {
	return indented(w, e, "the explanation")
}

// Explanation writes what a pasted text is, and then its finding as in a report with everything that is known of it.
func Explanation(w io.Writer, e *explain.Explanation, o Options) error {
	p := newPage(w, e.Snapshot, o)
	for i := range e.Readings {
		if i > 0 {
			p.blank()
		}
		p.reading(&e.Readings[i], i > 0 && e.Readings[i].Text == e.Readings[i-1].Text)
	}
	p.doubtfulReading(e)
	p.resembling(e)
	_ = p.findings()
	if len(e.Findings) > 0 && e.Findings[0].Urgency == "noise" {
		p.finding(e.Findings[0])
	}
	text := strings.TrimLeft(p.out.String(), "\n")
	if _, err := io.WriteString(w, text); err != nil {
		return fmt.Errorf("writing the explanation: %w", err)
	}
	return nil
}

// longest is how much of a pasted line is repeated.
const longest = 3

// reading writes one thing that was recognised. again leaves the text out, which stands above.
func (p *page) reading(r *explain.Reading, again bool) {
	if !again {
		p.entry(entry{mark: span{"│ ", p.styles.faint}, text: r.Text, style: p.styles.log, most: longest})
	}
	what := r.What
	if r.Alternative {
		what = "perhaps " + what
	}
	if r.Name != "" {
		what += ": " + r.Name
	}
	p.text(right("is"), what, p.styles.strong)
	if r.Says != "" && r.Says != r.Name {
		p.text(right("says"), r.Says, p.styles.plain)
	}
	if a := r.Alert; a != nil {
		sent := map[string]string{"peer": "sent by the other side", "self": "sent by the side that logs"}[a.Sender]
		p.text(right("alert"), fmt.Sprintf("%d %s, %s (RFC 8446 section 6)", a.Number, a.Name, cmp.Or(sent, "the text does not say by whom")), p.styles.plain)
	}
	switch r.Side {
	case "server", "client":
		p.text(right("by"), "printed by a "+r.Side, p.styles.plain)
	case "either":
		p.text(right("by"), "printed by a server or a client", p.styles.plain)
	}
	for _, fact := range r.Proves {
		p.text(right("certain"), fact, p.styles.plain)
	}
	if r.Mostly != "" {
		p.text(right("nearly"), "always: "+r.Mostly, p.styles.plain)
	}
	if len(r.Open) > 0 {
		p.text(right("open"), "which of these: "+strings.Join(r.Open, "; "), p.styles.plain)
	}
	if r.Source != "" {
		p.text(right("source"), r.Source, p.styles.faint)
	}
}

// doubtfulReading says what a text that may be several things lacks.
func (p *page) doubtfulReading(e *explain.Explanation) {
	for _, r := range e.Readings {
		if r.Alternative {
			p.blank()
			p.text(right("say"), "which program printed the number: paste the whole line", p.styles.plain)
			return
		}
	}
}

// resembling writes the known messages that an unknown text is near to.
func (p *page) resembling(e *explain.Explanation) {
	if len(e.Near) == 0 && len(e.Readings) == 0 {
		p.text("unknown", "nobody has described this text, and nothing known resembles it", p.styles.plain)
	}
	for i, n := range e.Near {
		if i == 0 || e.Near[i-1].Line != n.Line {
			p.blank()
			p.text("unknown", fmt.Sprintf("line %d is not known. It resembles these messages, which may mean something else:", n.Line), p.styles.plain)
		}
		p.entry(entry{label: right(percent(n.Likeness)), look: p.styles.faint, text: n.Text, style: p.styles.log, place: n.Library})
		if n.Says != "" {
			p.text("", "→ "+n.Says, p.styles.faint)
		}
	}
	if len(e.Near) > 0 {
		p.text("", "whytls kb show "+e.Near[0].Signature+" tells more of the first", p.styles.faint)
	}
}

// newPage prepares a report of a snapshot.
func newPage(w io.Writer, s *diagnose.Snapshot, o Options) *page {
	if o.Width <= 0 {
		o.Width = 80
	}
	if o.Title == nil {
		o.Title = func(id string) string { return id }
	}
	p := &page{
		sheet:    sheet{styles: newStyles(w, o.Color), width: o.Width},
		snapshot: s,
		options:  o,
		byID:     make(map[string]*diagnose.Finding, len(s.Findings)),
		shown:    make(map[string]bool),
		detail:   full,
	}
	p.clock, p.first, p.last, p.timed = newClock(&s.Input)
	p.folder = commonFolder(s.Input.Sources)
	for _, f := range s.Findings {
		p.byID[f.ID] = f
	}
	return p
}
