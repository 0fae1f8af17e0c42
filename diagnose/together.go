package diagnose

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/whytls/whytls/knowledgebase"
)

// effectShare is how probable the message of an effect is when its cause holds.
const effectShare = 0.8

// Together joins findings that are known to tell of one incident, such as lines that somebody pasted together, into one:
// each message is an observation of the same root cause, so the shares multiply. A cause explains the messages of what it
// leads to, and a reason that one line knows explains another that only saw the effect. nil stands for no findings. The findings are
// not changed.
func Together(base *knowledgebase.Base, findings []*Finding) *Finding {
	findings = slices.Clone(findings)
	if slices.ContainsFunc(findings, func(f *Finding) bool { return f.Urgency != "noise" }) {
		findings = slices.DeleteFunc(findings, func(f *Finding) bool { return f.Urgency == "noise" })
	}
	if len(findings) < 2 {
		return first(findings)
	}
	scores := make(map[string]float64)
	for _, f := range findings {
		for _, c := range f.Causes {
			scores[c.ID] = 0
		}
	}
	rest, total := 0.0, 0.0
	for _, f := range findings {
		rest += math.Log(max(f.Undetermined, base.Ranking.Floor))
	}
	for id := range scores {
		for _, f := range findings {
			scores[id] += math.Log(f.givenCause(base, id))
		}
	}
	best := rest
	for _, s := range scores {
		best = max(best, s)
	}
	for id := range scores {
		scores[id] = math.Exp(scores[id] - best)
	}
	rest = math.Exp(rest - best)
	ids := slices.Sorted(maps.Keys(scores))
	for _, id := range ids {
		total += scores[id]
	}
	undetermined := max(rest/(total+rest), base.Ranking.Floor)
	return joined(findings, func(id string) float64 { return scores[id] / total * (1 - undetermined) }, undetermined)
}

// Either joins findings of which one holds and nobody knows which, such as the readings of a bare number: their shares
// are averaged, and the lowest urgency counts.
func Either(findings []*Finding) *Finding {
	if len(findings) < 2 {
		return first(findings)
	}
	shares := make(map[string]float64)
	undetermined := 0.0
	for _, f := range findings {
		for _, c := range f.Causes {
			shares[c.ID] += c.Confidence / float64(len(findings))
		}
		undetermined += f.Undetermined / float64(len(findings))
	}
	f := joined(findings, func(id string) float64 { return shares[id] }, undetermined)
	f.Event = "" // what one of them says does not hold for all
	for _, other := range findings {
		if urgencyRank[other.Urgency] < urgencyRank[f.Urgency] {
			f.Urgency = other.Urgency
		}
	}
	f.Title = title("", f)
	return f
}

func first(findings []*Finding) *Finding {
	if len(findings) == 0 {
		return nil
	}
	return findings[0]
}

// givenCause is the share that the finding gives to a cause. One that it does not list explains the message too when it
// leads to what the message tells of, or when the message stands for any reason that the other side knows.
func (f *Finding) givenCause(base *knowledgebase.Base, id string) float64 {
	share := f.Undetermined * base.Ranking.Unlisted
	card := base.Causes[id]
	for _, c := range f.Causes {
		effect := base.Causes[c.ID]
		switch {
		case c.ID == id:
			return max(c.Confidence, 1e-6)
		case card == nil || effect == nil:
		case card.LeadsTo.Has(c.ID), effect.Elsewhere && !card.Elsewhere && handshakeFamilies[card.Family]:
			share = max(share, effectShare*c.Confidence)
		}
	}
	return max(share, 1e-6)
}

// joined makes one finding out of several. The one that knows most about the leading cause lends it title and shape.
func joined(findings []*Finding, share func(id string) float64, undetermined float64) *Finding {
	cards := make(map[string]*Cause)
	for _, f := range findings {
		for i := range f.Causes {
			c := &f.Causes[i]
			if have := cards[c.ID]; have == nil || c.Confidence > have.Confidence {
				cards[c.ID] = c
			}
		}
	}
	causes := make([]Cause, 0, len(cards))
	for id, c := range cards {
		copied := *c
		copied.Confidence = round(share(id))
		causes = append(causes, copied)
	}
	slices.SortFunc(causes, func(a, b Cause) int {
		return cmp.Or(-cmp.Compare(a.Confidence, b.Confidence), cmp.Compare(a.ID, b.ID))
	})
	for _, c := range causes[min(len(causes), shownCauses):] {
		undetermined += c.Confidence
	}
	causes = causes[:min(len(causes), shownCauses)]
	main := findings[0]
	for _, f := range findings {
		if f.confidence(causes[0].ID) > main.confidence(causes[0].ID) {
			main = f
		}
	}
	out := *main
	out.Causes, out.Undetermined, out.Consequences = causes, round(undetermined), []string{}
	out.Evidence, out.Signatures = nil, nil
	for _, f := range findings {
		out.Evidence = append(out.Evidence, f.Evidence...)
		out.Signatures = append(out.Signatures, f.Signatures...)
		if urgencyRank[f.Urgency] > urgencyRank[out.Urgency] && f.confidence(causes[0].ID) > 0 {
			out.Urgency = f.Urgency
		}
	}
	slices.SortStableFunc(out.Evidence, func(a, b Line) int { return cmp.Compare(a.Line, b.Line) })
	out.Evidence = slices.CompactFunc(out.Evidence, func(a, b Line) bool { return a.Source == b.Source && a.Line == b.Line })
	out.Evidence = out.Evidence[:min(len(out.Evidence), shownEvidence)]
	slices.Sort(out.Signatures)
	out.Signatures = slices.Compact(out.Signatures)
	out.Title = title(out.Event, &out)
	separating(&out)
	return &out
}

func (f *Finding) confidence(id string) float64 {
	for _, c := range f.Causes {
		if c.ID == id {
			return c.Confidence
		}
	}
	return 0
}
