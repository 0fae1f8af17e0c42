package probe

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/whytls/whytls/knowledgebase"
)

// opinion is what one rule says about its cause. The zero value says nothing: the probe cannot speak on the cause here.
type opinion struct {
	verdict   Verdict
	why       string
	affects   string
	elsewhere bool
}

func yes(format string, args ...any) opinion {
	return opinion{verdict: Confirmed, why: fmt.Sprintf(format, args...)}
}

func no(format string, args ...any) opinion {
	return opinion{verdict: Refuted, why: fmt.Sprintf(format, args...)}
}

func perhaps(format string, args ...any) opinion {
	return opinion{verdict: Open, why: fmt.Sprintf(format, args...)}
}

// by limits an opinion to some clients.
func (o opinion) by(affects string) opinion {
	o.affects = affects
	return o
}

// onlyElsewhere says that the client of the target is not among those that it hits.
func (o opinion) onlyElsewhere() opinion {
	o.elsewhere = true
	return o
}

// rule asks for one cause. A symptom is what clients see of another cause: where one is confirmed, it is its consequence. What
// depends on the stores of this machine holds here, and explains no symptom: the server's clients may trust others.
type rule struct {
	id      string
	ask     func(*facts) opinion
	symptom bool
	here    bool
}

// rules are asked in this order, which is also that of the answer: of two causes that are confirmed, the one that has to
// be mended first comes first.
var rules = slices.Concat(connectionRules, protocolRules, negotiationRules, certificateRules, clientCertificateRules, serviceRules, conductRules)

// judge asks all rules.
func judge(f *facts, base *knowledgebase.Base) []Cause {
	var list []Cause
	root := false
	symptoms := make(map[string]bool)
	for _, r := range rules {
		o := r.ask(f)
		if o.verdict == "" {
			continue
		}
		c := Cause{ID: r.id, Title: r.id, Verdict: o.verdict, Why: o.why, Affects: o.affects, Elsewhere: o.elsewhere, here: r.here}
		if known := base.Causes[r.id]; known != nil {
			c.Title = known.Title
		}
		symptoms[r.id] = r.symptom
		root = root || o.verdict == Confirmed && !r.symptom && !r.here && !o.elsewhere
		list = append(list, c)
	}
	for i, c := range list {
		list[i].Consequence = root && symptoms[c.ID] && c.Verdict == Confirmed
	}
	rank := func(c Cause) int {
		switch {
		case c.Verdict == Refuted:
			return 4
		case c.Verdict == Open:
			return 3
		case c.Elsewhere:
			return 2
		case c.Consequence:
			return 1
		}
		return 0
	}
	slices.SortStableFunc(list, func(a, b Cause) int { return cmp.Compare(rank(a), rank(b)) })
	return list
}
