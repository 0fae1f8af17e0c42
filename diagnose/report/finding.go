package report

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/whytls/whytls/diagnose"
)

// What a finding shows unless everything is asked for.
const (
	leastConfidence = 0.03 // of another cause that is worth a line
	briefFixes      = 1
	briefChecks     = 1
	briefPeers      = 3
)

// detail is how much a finding tells. One finding may fill a screen; of three, each gets a third of it.
type detail struct {
	factors, others, lines int
	meaning                bool
	undetermined           float64 // told from here on
}

var (
	full  = detail{factors: 2, others: 2, lines: 2, meaning: true, undetermined: 0.10}
	tight = detail{factors: 1, others: 1, lines: 1, undetermined: 0.20}
)

// manyFindings is where findings begin to be tight.
const manyFindings = 3

// leftOut counts what the brief form of the report leaves out, so that it can say so.
type leftOut struct{ causes, factors, checks, fixes, lines, blind int64 }

func (l *leftOut) String() string {
	var parts []string
	add := func(n int64, one, many string) {
		if n > 0 {
			parts = append(parts, count(n, one, many))
		}
	}
	add(l.causes, "cause", "causes")
	add(l.factors, "reason", "reasons")
	add(l.checks, "check", "checks")
	add(l.fixes, "fix", "fixes")
	add(l.lines, "line of evidence", "lines of evidence")
	add(l.blind, "blind spot in full", "blind spots in full")
	return strings.Join(parts, ", ")
}

// brief limits a list to n entries unless everything is shown, and counts the rest.
func brief[T any](p *page, list []T, n int, rest *int64) []T {
	if p.options.Verbose || len(list) <= n {
		return list
	}
	*rest += int64(len(list) - n)
	return list[:n]
}

// findings writes everything but noise, worst first, and returns how many there are. A finding that another one explains
// stands under that one.
func (p *page) findings() int {
	var loud []*diagnose.Finding
	for _, f := range roots(p.snapshot.Findings) {
		if f.Urgency != "noise" {
			loud = append(loud, f)
		}
	}
	p.detail = full
	if len(loud) >= manyFindings && !p.options.Verbose {
		p.detail = tight
	}
	for _, f := range loud {
		if !p.shown[f.ID] {
			p.finding(f)
		}
	}
	return len(loud)
}

// finding writes one finding.
func (p *page) finding(f *diagnose.Finding) {
	p.shown[f.ID] = true
	p.blank()
	p.title(f)
	if len(f.Causes) > 0 {
		lead := &f.Causes[0]
		p.lead(f, lead)
		p.evidence(f)
		p.factors(f, lead)
		p.others(f)
		p.peers(f)
		p.todo(f, lead)
	}
	p.consequences(f, 0)
}

// title writes urgency and title, with count, arrival and times at the right edge.
func (p *page) title(f *diagnose.Finding) {
	facts := p.facts(f)
	label, look := strings.ToUpper(f.Urgency), p.styles.urgency[f.Urgency]
	lines := wrap(Safe(f.Headline()), p.room())
	for i, line := range lines {
		spans := []span{{line, p.styles.title}}
		if i > 0 {
			label = ""
		}
		if i == len(lines)-1 {
			if free := p.room() - ansi.StringWidth(line) - ansi.StringWidth(facts); free >= 2 {
				spans = append(spans, span{strings.Repeat(" ", free), p.styles.plain}, span{facts, p.styles.faint})
				facts = ""
			}
		}
		p.row(label, look, spans...)
	}
	if facts == "" {
		return
	}
	if pad := p.room() - ansi.StringWidth(facts); pad >= 0 {
		p.row("", look, span{strings.Repeat(" ", pad), p.styles.plain}, span{facts, p.styles.faint})
		return
	}
	p.text("", facts, p.styles.faint)
}

// facts says how often, how and when; and of which program, where the report has several.
func (p *page) facts(f *diagnose.Finding) string {
	var parts []string
	if p.severalSystems() && f.System != "" {
		parts = append(parts, p.options.Title(f.System))
	}
	parts = append(parts, times(f.Count))
	if a := arrival(f); a != "" {
		parts = append(parts, a)
	}
	if at := p.clock.span(f.First, f.Last); at != "" {
		parts = append(parts, at)
	}
	return Safe(strings.Join(parts, "  "))
}

func (p *page) severalSystems() bool {
	first := ""
	for _, s := range p.snapshot.Input.Sources {
		if s.System != "" && first != "" && s.System != first {
			return true
		}
		first = cmp.Or(first, s.System)
	}
	return false
}

// lead writes the most probable cause: its title only when the finding has another one, and else what it means.
func (p *page) lead(f *diagnose.Finding, c *diagnose.Cause) {
	label := right(percent(c.Confidence))
	if c.Title != f.Title {
		p.paragraph(label, p.styles.strong, doubted(f, 0), p.styles.strong)
		if !p.options.Verbose {
			return
		}
		label = ""
	}
	switch {
	case p.options.Verbose && c.Meaning != "":
		p.paragraph(label, p.styles.strong, c.Meaning, p.styles.plain)
	case p.detail.meaning && c.Meaning != "":
		p.paragraph(label, p.styles.strong, firstSentence(c.Meaning), p.styles.plain)
	case label != "" && len(f.Evidence) > 0:
		p.pending = label // stands before the line of evidence
	case label != "":
		p.paragraph(label, p.styles.strong, "most probably so", p.styles.plain)
	}
}

// doubted is the title of a cause; where the finding is in doubt, the two that lead read "probably … or …".
func doubted(f *diagnose.Finding, i int) string {
	title := f.Causes[i].Title
	if !f.Doubtful() || f.Headline() == f.Title {
		return title
	}
	switch i {
	case 0:
		return "probably: " + title
	case 1:
		return "or: " + title
	}
	return title
}

// fence is what printers put around a message to make it stand out.
var fence = regexp.MustCompile(`-{4,}>?|={4,}|\*{4,}|_{4,}|#{4,}`)

// evidence writes the lines of the log that the finding stands on.
func (p *page) evidence(f *diagnose.Finding) {
	for _, line := range brief(p, f.Evidence, 1, &p.left.lines) {
		text, most := line.Text, 0
		if !p.options.Verbose {
			// The title has told when.
			text, most = fence.ReplaceAllString(cmp.Or(line.Message, line.Text), "…"), p.detail.lines
		}
		label := p.pending
		p.pending = ""
		p.entry(entry{
			label: label, look: p.styles.strong,
			mark: span{"│ ", p.styles.faint}, text: text, style: p.styles.log, place: p.place(line.Source, line.Line), most: most,
		})
	}
}

// factors writes what moved the cause, the strongest first. What moved nothing (the message itself) is told by the
// line of evidence already.
func (p *page) factors(f *diagnose.Finding, c *diagnose.Cause) {
	var moved []diagnose.Factor
	for _, w := range c.Why {
		if w.Ratio > 0 && math.Abs(math.Log(w.Ratio)) > 0.04 {
			moved = append(moved, w)
		}
	}
	slices.SortStableFunc(moved, func(a, b diagnose.Factor) int {
		return -cmp.Compare(math.Abs(math.Log(a.Ratio)), math.Abs(math.Log(b.Ratio)))
	})
	for _, w := range brief(p, moved, p.detail.factors, &p.left.factors) {
		look := p.styles.up
		if w.Ratio < 1 {
			look = p.styles.down
		}
		mark := ratio(w.Ratio)
		mark += strings.Repeat(" ", max(5-ansi.StringWidth(mark), 1))
		known := len(f.Evidence) > 0 && w.Source == f.Evidence[0].Source && w.Line == f.Evidence[0].Line
		p.entry(entry{mark: span{mark, look}, text: w.Text, style: p.styles.plain, place: p.place(w.Source, w.Line), known: known})
	}
}

// others writes what it could be instead.
func (p *page) others(f *diagnose.Finding) {
	var worth []diagnose.Cause
	for _, c := range f.Causes[1:] {
		if c.Confidence >= leastConfidence {
			worth = append(worth, c)
		} else if !p.options.Verbose {
			p.left.causes++
		}
	}
	if p.options.Verbose {
		worth = f.Causes[1:]
	}
	for i, c := range brief(p, worth, p.detail.others, &p.left.causes) {
		p.text(right(percent(c.Confidence)), doubted(f, i+1), p.styles.plain)
	}
	if f.Undetermined >= p.detail.undetermined {
		p.text(right(percent(f.Undetermined)), "something else: this log does not tell", p.styles.faint)
	}
}

// peers writes who was at the other end.
func (p *page) peers(f *diagnose.Finding) {
	if len(f.Peers.Top) == 0 {
		return
	}
	top := f.Peers.Top
	if !p.options.Verbose && len(top) > briefPeers {
		top = top[:briefPeers]
	}
	parts := make([]string, 0, len(top)+1)
	for _, peer := range top {
		parts = append(parts, peer.Peer+" "+times(peer.Count))
	}
	if rest := f.Peers.Distinct - int64(len(top)); rest > 0 {
		parts = append(parts, count(rest, "other", "others"))
	}
	p.text(right("from"), strings.Join(parts, ", "), p.styles.faint)
}

// todo writes the commands that decide, the cheapest first, and the remedies, those for this system first.
func (p *page) todo(f *diagnose.Finding, c *diagnose.Cause) {
	for _, check := range brief(p, c.Checks, briefChecks, &p.left.checks) {
		p.check(check)
	}
	var do, never []diagnose.Fix
	for _, fix := range c.Fixes {
		if fix.Do != "" {
			do = append(do, fix)
		}
		if fix.Never != "" {
			never = append(never, fix)
		}
	}
	slices.SortStableFunc(do, func(a, b diagnose.Fix) int {
		own := func(x diagnose.Fix) int {
			if f.System != "" && strings.Contains(", "+x.For+", ", ", "+f.System+", ") {
				return 0
			}
			return 1
		}
		return cmp.Compare(own(a), own(b))
	})
	for _, fix := range brief(p, do, briefFixes, &p.left.fixes) {
		p.text(right("fix"), fix.Do, p.styles.plain)
	}
	for _, fix := range brief(p, never, 1, &p.left.fixes) {
		p.text(right("never"), fix.Never, p.styles.plain)
	}
	if p.options.Verbose && len(c.References) > 0 {
		p.text(right("see"), strings.Join(c.References, " · "), p.styles.faint)
	}
}

// check writes a command and what its answer means, on one line where both fit.
func (p *page) check(c diagnose.Check) {
	run, look := Safe(c.Run), Safe(c.LookFor)
	if look != "" {
		look = "→ " + look
	}
	if joined := run + "  " + look; look != "" && fits(joined, p.room()) {
		p.row(right("check"), p.styles.label, span{run, p.styles.command}, span{"  ", p.styles.plain}, span{look, p.styles.plain})
		return
	}
	p.text(right("check"), run, p.styles.command)
	if look != "" {
		p.text("", look, p.styles.plain)
	}
}

// consequences writes what the finding explains, each one once.
func (p *page) consequences(f *diagnose.Finding, depth int) {
	for _, id := range f.Consequences {
		g := p.byID[id]
		if g == nil || p.shown[id] {
			continue
		}
		p.shown[id] = true
		text := times(g.Count) + " " + g.Headline()
		for _, fact := range []string{arrival(g), p.clock.span(g.First, g.Last)} {
			if fact != "" {
				text += ", " + fact
			}
		}
		p.entry(entry{label: right("└"), look: p.styles.label, mark: span{strings.Repeat("  ", depth), p.styles.plain}, text: text, style: p.styles.plain})
		p.consequences(g, depth+1)
	}
}

func fits(s string, width int) bool { return ansi.StringWidth(s) <= width }
