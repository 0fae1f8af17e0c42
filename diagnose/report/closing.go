package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/whytls/whytls/diagnose"
)

// What the last part of the report shows at most; the rest is counted.
const (
	shownNoise   = 4
	shownUnknown = 3
)

// closing writes what is no finding: noise, errors that nothing explains, what this log cannot show, and where every
// line went.
func (p *page) closing() {
	p.blank()
	if rest := p.snapshot.FindingsRest; rest.Findings > 0 {
		p.text("beyond", "--top leaves out "+count(rest.Findings, "finding", "findings")+" of "+count(rest.Events, "event", "events"), p.styles.plain)
	}
	p.noise()
	p.unknown()
	p.blind()
	p.notes()
	if left := p.left.String(); left != "" {
		p.text("more", left+": --verbose", p.styles.faint)
	}
	p.accounting("read")
}

// nothing says honestly that no fault was found, and no more than that.
func (p *page) nothing() {
	p.blank()
	switch {
	case len(p.snapshot.Input.Sources) == 0:
		p.text("none", "no log was read, so nothing can be said", p.styles.plain)
	case p.snapshot.Input.Records == 0:
		p.text("none", "no record was read, so nothing can be said", p.styles.plain)
	default:
		text := "no known fault in " + count(p.snapshot.Input.Records, "record", "records")
		if len(p.snapshot.BlindSpots) > 0 {
			text += "; what this log cannot show is listed under blind"
		}
		label, look := "ok", p.styles.good
		if p.snapshot.Unexplained > 0 { // listed below; all is not well
			label, look = "none", p.styles.label
		}
		p.paragraph(label, look, text, p.styles.plain)
	}
}

// noise writes what was set aside, with the reason.
func (p *page) noise() {
	label := "noise"
	var rest, restCount int64
	n := 0
	for _, f := range p.snapshot.Findings {
		if f.Urgency != "noise" || p.shown[f.ID] {
			continue
		}
		if n++; n > shownNoise && !p.options.Verbose {
			rest++
			restCount += f.Count
			continue
		}
		text := times(f.Count) + " " + f.Title
		if len(f.Causes) > 0 && f.Causes[0].Title != f.Title {
			text += ": " + f.Causes[0].Title
		}
		for _, fact := range []string{arrival(f), onlyPeer(f)} {
			if fact != "" {
				text += ", " + fact
			}
		}
		p.text(label, text, p.styles.faint)
		label = ""
	}
	if rest > 0 {
		p.text(label, times(restCount)+" "+count(rest, "other kind", "other kinds")+": --verbose", p.styles.faint)
	}
}

func onlyPeer(f *diagnose.Finding) string {
	if f.Peers.Distinct == 1 && len(f.Peers.Top) == 1 {
		return "from " + f.Peers.Top[0].Peer
	}
	return ""
}

// unknown writes the error records that no signature knows. They are shown, never explained by a guess.
func (p *page) unknown() {
	if p.snapshot.Unexplained == 0 {
		return
	}
	var kinds []diagnose.Cluster
	for _, c := range p.snapshot.Clusters {
		if c.Signature == "" && (c.Severity == "ERROR" || c.Severity == "FATAL") {
			kinds = append(kinds, c)
		}
	}
	slices.SortStableFunc(kinds, func(a, b diagnose.Cluster) int {
		return cmp.Or(-cmp.Compare(b2i(a.Severity == "FATAL"), b2i(b.Severity == "FATAL")), -cmp.Compare(a.Count, b.Count))
	})
	text := count(p.snapshot.Unexplained, "error record that nothing here explains", "error records that nothing here explains")
	if rest := len(kinds) - shownUnknown; rest > 0 && !p.options.Verbose {
		kinds = kinds[:shownUnknown]
		text += ", the worst"
	}
	p.text("unknown", text+":", p.styles.plain)
	most := 2
	if p.options.Verbose {
		most = 0
	}
	for _, c := range kinds {
		p.entry(entry{
			mark: span{times(c.Count) + " ", p.styles.plain}, text: c.Template, style: p.styles.log,
			place: p.place(c.Sample.Source, c.Sample.Line), most: most,
		})
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// blind writes what the programs do not log and how to see it all the same.
func (p *page) blind() {
	label := "blind"
	seen := make(map[string]bool)
	for _, b := range p.snapshot.BlindSpots {
		text, remedy := b.Text, b.Remedy
		if seen[text] {
			continue
		}
		seen[text] = true
		if !p.options.Verbose {
			if text, remedy = firstSentence(text), firstSentence(remedy); text != b.Text || remedy != b.Remedy {
				p.left.blind++
			}
		}
		if remedy != "" {
			text = strings.TrimRight(text, ".:; ") + " → " + remedy
		}
		p.text(label, text, p.styles.plain)
		label = ""
	}
}

// notes writes the warnings; one that holds for many sources is told once.
func (p *page) notes() {
	type note struct {
		text    string
		sources []string
	}
	var list []*note
	byText := make(map[string]*note)
	for _, w := range p.snapshot.Warnings {
		if w.Code == "assumed-zone" && p.timed && !p.options.Verbose {
			continue // the header tells
		}
		n := byText[w.Text]
		if n == nil {
			n = &note{text: w.Text}
			byText[w.Text] = n
			list = append(list, n)
		}
		if w.Source != "" {
			n.sources = append(n.sources, p.place(w.Source, w.Line))
		}
	}
	label := "note"
	for _, n := range list {
		text := n.text
		switch {
		case len(n.sources) == 1 && (len(p.snapshot.Input.Sources) != 1 || n.sources[0] != p.place(p.snapshot.Input.Sources[0].Name, 0)):
			text += " (" + n.sources[0] + ")"
		case len(n.sources) > 1:
			text += " (" + count(int64(len(n.sources)), "source", "sources") + ")"
		}
		p.text(label, text, p.styles.faint)
		label = ""
	}
}

// accounting says where every line of what label names went.
func (p *page) accounting(label string) {
	in := &p.snapshot.Input
	sum := count(in.Lines, "line", "lines") + " = " + count(in.Heads, "head", "heads")
	add := func(n int64, what string) {
		if n > 0 {
			sum += " + " + number(n) + " " + what
		}
	}
	add(in.Continuation, "continuation")
	add(in.Blank, "blank")
	add(in.Unparsed, "unparsed")
	reasons := make([]string, 0, len(in.Skipped))
	for reason := range in.Skipped {
		reasons = append(reasons, reason)
	}
	slices.Sort(reasons)
	for _, reason := range reasons {
		add(in.Skipped[reason], reason)
	}
	parts := []string{sum, count(in.Records, "record", "records")}
	if in.Splits > 0 {
		parts[1] += " (" + number(in.Splits) + " out of torn lines)"
	}
	if p.options.Elapsed > 0 {
		parts = append(parts, elapsed(p.options.Elapsed))
	}
	for _, line := range joinParts(parts, p.room()) {
		p.row(label, p.styles.label, span{line, p.styles.faint})
		label = ""
	}
}

// elapsed is told to a hundredth of a second, and never as nothing.
func elapsed(d time.Duration) string {
	return strconv.FormatFloat(max(d.Seconds(), 0.01), 'f', 2, 64) + " s"
}
