package diagnose

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/whytls/whytls/knowledgebase"
)

// ranked is a cause with its confidence and what moved it.
type ranked struct {
	cause      *knowledgebase.Cause
	confidence float64
	factors    []factor
}

// factor is a piece of evidence that was used.
type factor struct {
	group knowledgebase.Group
	ratio float64
	text  string
	at    *place
}

// prior returns what the message of the incident alone makes likely, and what it says. The first When that holds wins,
// then the table's entry for the code, then the signature.
func (o *observer) prior() (weights knowledgebase.Weights, says string) {
	s := o.in.signature
	says = s.Says
	for i := range s.When {
		if i >= 32 || o.in.whens&(1<<i) == 0 || !o.whenHolds(&s.When[i]) {
			continue
		}
		return s.When[i].Suggests, cmp.Or(s.When[i].Says, says)
	}
	if s.Table != "" {
		if e, ok := o.base.Table(s.Table)[o.in.code]; ok && len(e.Suggests) > 0 {
			return e.Suggests, cmp.Or(e.Says, says)
		}
	}
	return s.Suggests, says
}

// whenHolds tests the conditions that depend on more than the record.
func (o *observer) whenHolds(w *knowledgebase.When) bool {
	if w.Version != "" {
		if yes, _, _ := o.holds("version", w.Version); !yes {
			return false
		}
	}
	for feature, is := range w.Facts {
		if yes, _, _ := o.holds(feature, is); !yes {
			return false
		}
	}
	return true
}

// rank orders the causes of an incident by naive Bayes that a person can follow: the prior of the message times, for each
// group of correlated features, the strongest ratio. The rest that the message leaves undetermined competes with
// ratio one and never falls below the floor.
func (o *observer) rank() (list []ranked, undetermined float64, says string) {
	constants := o.base.Ranking
	prior, says := o.prior()
	ids := make([]string, 0, len(prior))
	for id := range prior {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	rest := 1.0
	for _, id := range ids { // in a fixed order: the last bit of a sum must not decide a tie
		rest -= prior[id]
	}
	rest = max(rest, constants.Floor)
	for id, c := range o.base.Causes {
		if _, ok := prior[id]; !ok && len(c.Evidence) > 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	total := 0.0
	for _, id := range ids {
		c := o.base.Causes[id]
		if c == nil {
			continue
		}
		weight, listed := prior[id]
		product, factors := o.weigh(c, listed)
		if !listed {
			if product <= 1 {
				continue
			}
			weight = rest * constants.Unlisted
		}
		score := math.Pow(weight*product, 1/constants.Temperature)
		list = append(list, ranked{c, score, factors})
		total += score
	}
	restScore := math.Pow(rest, 1/constants.Temperature)
	total += restScore
	if total == 0 {
		return nil, 1, says
	}
	undetermined = max(restScore/total, constants.Floor)
	scale := (1 - undetermined) / (total - restScore)
	if total == restScore {
		scale = 0
	}
	for i := range list {
		list[i].confidence = list[i].confidence * scale
	}
	slices.SortStableFunc(list, func(a, b ranked) int {
		return cmp.Or(-cmp.Compare(a.confidence, b.confidence), cmp.Compare(a.cause.ID, b.cause.ID))
	})
	return list, undetermined, says
}

// weigh multiplies the evidence for a cause. A cause that the message does not list is brought in only by a rule that is
// meant for this message or by what went over the wire or who was speaking; a matter of timing alone proves nothing, and
// neither does what another message says or a fault of the configuration that need not have to do with it.
func (o *observer) weigh(c *knowledgebase.Cause, listed bool) (product float64, factors []factor) {
	strongest := o.base.Ranking.Strongest
	best := make(map[knowledgebase.Group]factor)
	for i := range c.Evidence {
		e := &c.Evidence[i]
		group := knowledgebase.Features[e.Feature]
		if !o.applies(e) {
			continue
		}
		if !listed && len(e.On) == 0 && e.Ratio > 1 && (group == knowledgebase.Timing || group == knowledgebase.Population || group == knowledgebase.Configuration || strings.HasPrefix(e.Is, "cause:")) {
			continue
		}
		holds, observable, seen := o.holds(e.Feature, e.Is)
		if !observable || !holds {
			continue
		}
		ratio := min(max(e.Ratio, 1/strongest), strongest)
		if have, ok := best[group]; ok && math.Abs(math.Log(have.ratio)) >= math.Abs(math.Log(ratio)) {
			continue
		}
		best[group] = factor{group, ratio, o.words(e.Why, seen), evidencePlace(seen, o.in)}
	}
	product = 1
	for group := knowledgebase.Wire; group <= knowledgebase.Configuration; group++ {
		if f, ok := best[group]; ok {
			product *= f.ratio
			factors = append(factors, f)
		}
	}
	slices.SortStableFunc(factors, func(a, b factor) int {
		return -cmp.Compare(math.Abs(math.Log(a.ratio)), math.Abs(math.Log(b.ratio)))
	})
	return product, factors
}

func evidencePlace(v *observation, in *incident) *place {
	if v != nil && v.at != nil {
		return v.at
	}
	return in.anyHit()
}

// words fills the braces of a rule's text with what was observed.
func (o *observer) words(text string, v *observation) string {
	if !strings.Contains(text, "{") {
		return text
	}
	pairs := []string{"{count}", fmt.Sprint(o.in.count), "{system}", o.system.title(), "{version}", o.system.version.String()}
	if v != nil {
		for k, w := range v.words {
			pairs = append(pairs, "{"+k+"}", clipWords(redact(w)))
		}
		if len(v.values) > 0 {
			pairs = append(pairs, "{value}", clipWords(redact(v.values[0])))
		}
	}
	return strings.NewReplacer(sortPairs(pairs)...).Replace(text)
}

// sortPairs orders replacements so that the result does not depend on the order of a map. Of equal keys the first wins.
func sortPairs(pairs []string) []string {
	type pair struct{ k, v string }
	var list []pair
	for i := 0; i+1 < len(pairs); i += 2 {
		list = append(list, pair{pairs[i], pairs[i+1]})
	}
	slices.SortStableFunc(list, func(a, b pair) int { return cmp.Compare(a.k, b.k) })
	out := make([]string, 0, len(pairs))
	for _, p := range list {
		out = append(out, p.k, p.v)
	}
	return out
}

// title is the system's name for a person.
func (s *systemState) title() string {
	if s.profile != nil {
		return s.profile.Title
	}
	if s.id == "" {
		return "the log"
	}
	return s.id
}
