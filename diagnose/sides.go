package diagnose

import (
	"fmt"

	"github.com/whytls/whytls/knowledgebase"
)

// Two logs may tell of the same failed connections, one from each end. The end that refused knows the reason; the other
// one only saw an alert, a close or a reset. joinSides lets the first settle the second, so that one finding comes out.

// sidesRatio is how much the view of the other side supports a cause that it allows for.
const sidesRatio = 2

// joinSides folds findings whose reason stands elsewhere into the finding of another log that knows it. skew is in
// nanoseconds.
func joinSides(base *knowledgebase.Base, findings []*Finding, skew int64) []*Finding {
	absorbed := make(map[*Finding]bool)
	for _, vague := range findings {
		if vague.Urgency == "noise" {
			continue
		}
		var best *Finding
		for _, clear := range findings {
			if clear == vague || absorbed[clear] || !explains(base, clear, vague) || !otherSide(clear, vague, skew) {
				continue
			}
			if best == nil || clear.Causes[0].Confidence > best.Causes[0].Confidence {
				best = clear
			}
		}
		if best != nil {
			best.absorb(vague)
			absorbed[vague] = true
		}
	}
	if len(absorbed) == 0 {
		return findings
	}
	var kept []*Finding
	for _, f := range findings {
		if !absorbed[f] {
			kept = append(kept, f)
		}
	}
	return kept
}

// handshakeFamilies are the families of causes that end a handshake, so that the other end sees an alert, a close or a reset.
var handshakeFamilies = map[string]bool{
	"certificate verification": true, "parameter negotiation": true, "wrong protocol or port": true, "local configuration": true,
}

// settled is how sure an end must be to settle what the other one leaves open between several causes.
const settled = 0.6

// explains reports whether what clear knows may be the reason that vague does not: vague only saw the effect, or it
// cannot tell several reasons apart of which clear's is one.
func explains(base *knowledgebase.Base, clear, vague *Finding) bool {
	c, v := base.Causes[clear.Causes[0].ID], base.Causes[vague.Causes[0].ID]
	if c.Elsewhere || clear.Urgency == "noise" {
		return false
	}
	if v.Elsewhere && (handshakeFamilies[c.Family] || c.LeadsTo.Has(v.ID)) {
		return true
	}
	if c.SeenAs.Has(v.ID) {
		return true
	}
	sure, open := clear.Causes[0].Confidence, vague.Causes[0].Confidence
	if open < 0.3 && sure >= settled && v.Family == c.Family {
		return true // an alert that stands for every fault of a certificate lists only the usual ones
	}
	return (v.Elsewhere || open < 0.5 && (sure >= settled || sure >= 2*open)) && vague.possible[c.ID]
}

// wrongClock is the cause that says itself that the times of its log mean nothing.
const wrongClock = "clock-skew"

// otherSide reports whether two findings may be the two ends of the same connections: they come from different logs, of
// different programs (the nodes of a cluster are no two ends), at about the same time as far as the logs tell.
func otherSide(a, b *Finding, skew int64) bool {
	for n := range a.sources {
		if b.sources[n] {
			return false
		}
	}
	if a.System == b.System && a.System != "" || a.side == b.side && (a.side == "server" || a.side == "client") {
		return false
	}
	if !a.timed || !b.timed || a.First == "" || b.First == "" || a.Causes[0].ID == wrongClock || b.Causes[0].ID == wrongClock {
		return true
	}
	return a.first-skew <= b.last && b.first-skew <= a.last
}

// absorb takes the other side's view into the finding.
func (f *Finding) absorb(other *Finding) {
	lead := &f.Causes[0]
	text := fmt.Sprintf("the other side's log shows the same from its end: %s", other.Headline())
	why := Factor{Text: text, Ratio: sidesRatio}
	if len(other.Evidence) > 0 {
		why.Source, why.Line = other.Evidence[0].Source, other.Evidence[0].Line
	}
	lead.Why = append(lead.Why, why)
	before := lead.Confidence
	after := sidesRatio * before / (sidesRatio*before + 1 - before)
	if rest := 1 - before; rest > 0 {
		scale := (1 - after) / rest
		for i := range f.Causes[1:] {
			f.Causes[i+1].Confidence = round(f.Causes[i+1].Confidence * scale)
		}
		f.Undetermined = round(f.Undetermined * scale)
	}
	lead.Confidence = round(after)
	f.Title = title(f.Event, f)
	if f.OtherSide == nil {
		f.OtherSide = &OtherSide{Title: other.Headline(), System: other.System, Evidence: []Line{}}
	}
	f.OtherSide.Count += other.Count
	f.incidents = append(f.incidents, other.incidents...)
	for _, l := range other.Evidence {
		if len(f.OtherSide.Evidence) < 2 {
			f.OtherSide.Evidence = append(f.OtherSide.Evidence, l)
		}
	}
}
