package knowledgebase

import (
	"errors"
	"fmt"
	"sort"

	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/shape"
)

var urgencies = map[string]bool{"noise": true, "watch": true, "degraded": true, "outage": true}

// Lint checks that every reference resolves, that weights are likelihoods, and that every example is matched by its
// own signature first and no counter-example by it. All faults are returned, joined.
func (b *Base) Lint() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	weights := func(where string, w Weights) {
		sum := 0.0
		for id, v := range w {
			if b.Causes[id] == nil {
				fault("%s: unknown cause %q", where, id)
			}
			if v <= 0 || v > 1 {
				fault("%s: weight %v of %q", where, v, id)
			}
			sum += v
		}
		if sum > 1.0001 {
			fault("%s: weights sum to %.2f", where, sum)
		}
	}
	for _, c := range b.Causes {
		if !urgencies[c.Urgency] || c.Title == "" || c.Meaning == "" {
			fault("cause %s: title, meaning and a known urgency are required", c.ID)
		}
		for _, id := range c.LeadsTo {
			if b.Causes[id] == nil {
				fault("cause %s: leads to unknown cause %q", c.ID, id)
			}
		}
		for _, e := range c.Evidence {
			if _, ok := Features[e.Feature]; !ok {
				fault("cause %s: unknown feature %q", c.ID, e.Feature)
			}
			if e.Ratio <= 0 || e.Why == "" {
				fault("cause %s: evidence %s %q needs a ratio and a why", c.ID, e.Feature, e.Is)
			}
			if e.Feature == "version" {
				if _, err := ParseRange(e.Is); err != nil {
					fault("cause %s: %w", c.ID, err)
				}
			}
			for _, id := range e.On {
				if b.signature[id] == nil && !b.isGroup(id) {
					fault("cause %s: evidence on unknown signature or group %q", c.ID, id)
				}
			}
		}
	}
	for _, s := range b.Systems {
		for _, f := range s.Fingerprints {
			if _, err := ParseRange(f.Version); err != nil {
				fault("system %s: %w", s.ID, err)
			}
		}
		for _, spot := range s.BlindSpots {
			if spot.Text == "" || spot.Remedy == "" || len(spot.When) == 0 {
				fault("system %s: blind spot %q needs text, remedy and when", s.ID, spot.ID)
			}
			for _, c := range spot.When {
				if !SystemFeatures[c.Feature] {
					fault("system %s: blind spot %q: unknown feature %q", s.ID, spot.ID, c.Feature)
				}
			}
		}
	}
	for _, s := range b.Signatures {
		where := "signature " + s.ID
		if s.Source == "" {
			fault("%s: no source", where)
		}
		weights(where, s.Suggests)
		for i := range s.When {
			weights(fmt.Sprintf("%s: when %d", where, i+1), s.When[i].Suggests)
			for _, id := range append(append(Strings{}, s.When[i].With...), s.When[i].Without...) {
				if b.signature[id] == nil {
					fault("%s: with unknown signature %q", where, id)
				}
			}
			for f := range s.When[i].Facts {
				if _, ok := Features[f]; !ok {
					fault("%s: unknown feature %q", where, f)
				}
			}
		}
		if s.Table != "" && b.Table(s.Table) == nil {
			fault("%s: unknown table %q", where, s.Table)
		}
		if s.Fold != "" && s.Fold != "openssl-code" {
			fault("%s: unknown fold %q", where, s.Fold)
		}
		if s.Proves != "" {
			if _, err := ParseRange(s.Proves); err != nil {
				fault("%s: %w", where, err)
			}
		}
		if len(s.Examples) == 0 {
			fault("%s: no example", where)
		}
		if len(s.Suggests) == 0 && len(s.When) == 0 && s.Table == "" && s.Marker == "" && !s.Quiet && s.Wraps == "" && s.Proves == "" {
			fault("%s: says nothing", where)
		}
		for _, text := range s.Examples {
			if m := b.FirstMatch(text, s); m == nil {
				fault("%s: example %q is not matched", where, text)
			} else if m != s && s.Wraps == "" && s.Proves == "" {
				fault("%s: example %q is matched by %s first", where, text, m.ID)
			}
		}
		for _, text := range s.CounterExamples {
			if b.matches(text, s) {
				fault("%s: counter-example %q is matched", where, text)
			}
		}
	}
	for _, name := range b.Tables() {
		t := b.Table(name)
		for value, e := range t {
			weights(fmt.Sprintf("table %s: %q", name, value), e.Suggests)
			if e.As != "" {
				if _, ok := t[e.As]; !ok {
					fault("table %s: %q stands for unknown %q", name, value, e.As)
				}
			}
		}
	}
	sort.Slice(faults, func(i, j int) bool { return faults[i].Error() < faults[j].Error() })
	return errors.Join(faults...)
}

// hasSources is false for the embedded index, which leaves them out.
func (b *Base) hasSources() bool {
	for _, s := range b.Signatures {
		if s.Source != "" {
			return true
		}
	}
	return false
}

func (b *Base) isGroup(id string) bool {
	for _, s := range b.Signatures {
		if s.Group == id {
			return true
		}
	}
	return false
}

// FirstMatch returns the signature that speaks for a bare line in the system of want, or nil. For a wrapper or a
// fingerprint it is want itself when it is among the matches.
func (b *Base) FirstMatch(line string, want *Signature) *Signature {
	var t shape.Tokens
	analysis := b.analyse(line, want, &t)
	if analysis == nil {
		return nil
	}
	if want.Wraps != "" || want.Proves != "" {
		for _, m := range analysis.Matches {
			if m.Signature == want && m.Holds(&t) {
				return want
			}
		}
		return nil
	}
	m := analysis.Primary(&t)
	if m == nil {
		return nil
	}
	return m.Signature
}

func (b *Base) matches(line string, s *Signature) bool {
	var t shape.Tokens
	analysis := b.analyse(line, s, &t)
	if analysis == nil {
		return false
	}
	for _, m := range analysis.Matches {
		if m.Signature == s && m.Holds(&t) {
			return true
		}
	}
	return false
}

// analyse reads line as any source would and matches it.
func (b *Base) analyse(line string, s *Signature, t *shape.Tokens) *Analysis {
	var analysis *Analysis
	d := parsers.Detect([]byte(line), parsers.Clock{})
	stream := parsers.NewStream(d, parsers.Clock{}, parsers.Everything, func(r *parsers.Record, f *parsers.Format) {
		if analysis != nil {
			return
		}
		t.Read(r)
		c := NewContext(r, f, s.System)
		analysis = b.Match(t, c)
		// The record's bytes are borrowed: keep a copy for the caller.
		for i := range t.Segments {
			t.Segments[i].Text = append([]byte(nil), t.Segments[i].Text...)
		}
	})
	stream.Block([]byte(line), 0)
	stream.Close()
	return analysis
}
