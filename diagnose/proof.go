package diagnose

import (
	"cmp"
	"encoding/json"
	"net"
	"slices"
	"strings"

	"github.com/whytls/whytls/knowledgebase"
)

// Proof is what an active test of an endpoint says about causes. It is made where the test is (package probe).
type Proof struct {
	// Target is the endpoint as the user named it, Host and Port its parts.
	Target  string   `json:"target"`
	Host    string   `json:"host"`
	Port    string   `json:"port"`
	Summary string   `json:"summary"`
	Proven  []Proven `json:"-"`
	// Full is the whole result in its JSON form, for those who want more than the verdicts.
	Full json.RawMessage `json:"-"`
}

// Proven is the verdict on one cause: confirmed, refuted or open, and what was seen.
type Proven struct {
	ID, Verdict, Why string
	// Here is set when it holds for the machine of the test, such as what its store trusts: it says little of others.
	Here bool
}

// proofRatio is how much a verdict moves a cause: more than any line of a log, for it was seen happening; not beyond measure,
// for it was seen now and from here.
const proofRatio = 30

// Concerns reports whether a proof bears on a finding: the finding names the endpoint that was tested, or it is a fault whose
// log names none.
func (p *Proof) Concerns(f *Finding) bool {
	if f.Endpoint == "" {
		return f.Urgency != "noise"
	}
	host, port, err := net.SplitHostPort(f.Endpoint)
	if err != nil {
		return f.Endpoint == p.Host
	}
	return port == p.Port && (host == "" || host == p.Host)
}

// Proven returns the snapshot with its findings ranked anew in the light of a proof: of the causes of a finding that it
// concerns, the confirmed ones come first and the refuted ones last. The snapshot itself stays as it is.
func (s *Snapshot) Proven(base *knowledgebase.Base, p *Proof) *Snapshot {
	t := *s
	t.Findings = slices.Clone(s.Findings)
	t.Probes = append(slices.Clone(s.Probes), p.Full)
	for i, f := range t.Findings {
		if p.Concerns(f) {
			t.Findings[i] = f.prove(base, p)
		}
	}
	order(t.Findings)
	return &t
}

// prove returns the finding ranked anew.
func (f *Finding) prove(base *knowledgebase.Base, p *Proof) *Finding {
	g := *f
	g.Causes = slices.Clone(f.Causes)
	g.Proof = p
	settled := slices.ContainsFunc(p.Proven, func(v Proven) bool { return v.Verdict == "confirmed" && f.has(v.ID) })
	for _, v := range p.Proven {
		if v.Verdict == "confirmed" && !v.Here && !g.has(v.ID) && f.explainedBy(base, base.Causes[v.ID], settled) {
			c := base.Causes[v.ID]
			g.Causes = append(g.Causes, p.broughtIn(c, max(g.Undetermined, base.Ranking.Floor)*base.Ranking.Unlisted))
		}
	}
	sum := 0.0
	for i := range g.Causes {
		c := &g.Causes[i]
		for _, v := range p.Proven {
			if v.ID == c.ID {
				c.Verdict = v.Verdict
				c.Why = append(slices.Clone(c.Why), Factor{Text: v.Verdict + " by the probe of " + p.Target + ": " + redact(v.Why), Ratio: ratioOf(v.Verdict)})
				c.Confidence *= ratioOf(v.Verdict)
			}
		}
		sum += c.Confidence
	}
	rest := max(g.Undetermined/(sum+g.Undetermined), base.Ranking.Floor)
	g.Undetermined = round(rest)
	for i := range g.Causes {
		g.Causes[i].Confidence = round(g.Causes[i].Confidence / sum * (1 - rest))
	}
	slices.SortStableFunc(g.Causes, func(a, b Cause) int {
		return cmp.Or(cmp.Compare(proofRank[a.Verdict], proofRank[b.Verdict]), -cmp.Compare(a.Confidence, b.Confidence))
	})
	// A fault does not become noise because its likeliest cause was refuted: then nobody knows it.
	if lead := base.Causes[g.Causes[0].ID]; lead != nil && g.Causes[0].Verdict == "confirmed" {
		g.Urgency = lead.Urgency
	}
	g.Title = title(g.Event, &g)
	return &g
}

var proofRank = map[string]int{"confirmed": 0, "": 1, "open": 1, "refuted": 2}

func ratioOf(verdict string) float64 {
	switch verdict {
	case "confirmed":
		return proofRatio
	case "refuted":
		return 1.0 / proofRatio
	}
	return 1
}

func (f *Finding) has(cause string) bool {
	return slices.ContainsFunc(f.Causes, func(c Cause) bool { return c.ID == cause })
}

// explainedBy reports whether a cause that the messages do not suggest can be behind them: it leads to one that they do, or
// is taken for one by the other end; or it is of the family of the likeliest, while none that they suggest is settled.
func (f *Finding) explainedBy(base *knowledgebase.Base, c *knowledgebase.Cause, settled bool) bool {
	if c == nil {
		return false
	}
	if lead := base.Causes[f.Causes[0].ID]; !settled && lead != nil && lead.Family == c.Family {
		return true
	}
	return slices.ContainsFunc(f.Causes, func(have Cause) bool { return c.LeadsTo.Has(have.ID) || c.SeenAs.Has(have.ID) })
}

// broughtIn is a cause that only the proof speaks for. Its commands get the address that the user named.
func (p *Proof) broughtIn(c *knowledgebase.Cause, confidence float64) Cause {
	cause := Cause{ID: c.ID, Title: c.Title, Meaning: c.Meaning, Confidence: confidence, Why: []Factor{}, Checks: []Check{}, Fixes: []Fix{}, References: c.References}
	fill := strings.NewReplacer("{host}", p.Host, "{port}", p.Port)
	for _, check := range c.Checks {
		if len(check.For) == 0 {
			cause.Checks = append(cause.Checks, Check{Run: fill.Replace(check.Run), LookFor: check.LookFor})
		}
	}
	for _, fix := range c.Fixes {
		if len(fix.For) == 0 {
			cause.Fixes = append(cause.Fixes, Fix{Do: fix.Do, Never: fix.Never})
		}
	}
	return cause
}
