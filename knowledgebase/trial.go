package knowledgebase

import (
	"cmp"
	"slices"

	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/shape"
)

// Trial is what comes out when every example is matched against the whole base.
type Trial struct {
	Signatures      int `json:"signatures"`
	Examples        int `json:"examples"`
	CounterExamples int `json:"counter_examples"`
	// ByHand counts the signatures that no generator wrote, Wanting those of them with fewer examples or near misses than
	// such a one should have.
	ByHand  int `json:"by_hand"`
	Wanting int `json:"wanting"`
	// Own and Equal count the examples for which their own signature speaks, or one that suggests the same.
	Own   int `json:"own"`
	Equal int `json:"equal"`
	// Confusions are the pairs beside the diagonal of the confusion matrix: the examples of one entry for which another
	// one speaks, or none.
	Confusions []Confusion `json:"confusions"`
	// Fired are the counter-examples that their signature matches.
	Fired []Confusion `json:"fired"`
}

// Confusion is an example for which another signature speaks than its own.
type Confusion struct {
	Signature string   `json:"signature"`
	Found     string   `json:"found"` // "" for none
	Lines     []string `json:"lines"`
}

// Passed reports whether every example is recognised and no counter-example.
func (t *Trial) Passed() bool { return len(t.Confusions) == 0 && len(t.Fired) == 0 }

// Try matches every example of every entry against the whole base.
func (b *Base) Try() *Trial {
	t := &Trial{Confusions: []Confusion{}, Fired: []Confusion{}}
	pairs := make(map[[2]string]*Confusion)
	for _, s := range b.Signatures {
		t.Signatures++
		if s.Generated == "" {
			t.ByHand++
			if len(s.Examples) < wantedExamples || len(s.CounterExamples) < wantedCounterExamples {
				t.Wanting++
			}
		}
		for _, line := range s.Examples {
			t.Examples++
			found, equal := b.speaker(line, s)
			switch {
			case found == s:
				t.Own++
				continue
			case equal:
				t.Equal++
				continue
			}
			key := [2]string{s.ID, ""}
			if found != nil {
				key[1] = found.ID
			}
			if pairs[key] == nil {
				pairs[key] = &Confusion{Signature: key[0], Found: key[1]}
			}
			pairs[key].Lines = append(pairs[key].Lines, line)
		}
		var fired []string
		for _, line := range s.CounterExamples {
			t.CounterExamples++
			if b.matches(line, s) {
				fired = append(fired, line)
			}
		}
		if fired != nil {
			t.Fired = append(t.Fired, Confusion{s.ID, s.ID, fired})
		}
	}
	for _, c := range pairs {
		t.Confusions = append(t.Confusions, *c)
	}
	slices.SortFunc(t.Confusions, func(a, b Confusion) int {
		return cmp.Or(cmp.Compare(a.Signature, b.Signature), cmp.Compare(a.Found, b.Found))
	})
	return t
}

// speaker returns the signature that speaks for an example of want, and whether it suggests the same as want. A
// wrapper and a fingerprint are content to be among the matches: what they wrap speaks.
func (b *Base) speaker(line string, want *Signature) (found *Signature, equal bool) {
	var t shape.Tokens
	analysis := b.analyse(line, want, &t)
	if analysis == nil {
		return nil, false
	}
	if want.Wraps != "" || want.Proves != "" {
		for _, m := range analysis.Matches {
			if m.Signature == want && m.Holds(&t) {
				return want, true
			}
		}
		return nil, false
	}
	m := analysis.Primary(&t)
	if m == nil {
		return nil, false
	}
	if m.Signature == want {
		return want, true
	}
	for _, other := range analysis.Matches {
		if other.Signature == want && other.Holds(&t) {
			equal = sameWeights(b.weightsOf(m, analysis, &t), b.weightsOf(other, analysis, &t))
		}
	}
	return m.Signature, equal
}

// sameWeights compares two sets of weights that say anything.
func sameWeights(a, b Weights) bool {
	if len(a) == 0 || len(a) != len(b) {
		return false
	}
	for id, v := range a {
		if b[id] != v {
			return false
		}
	}
	return true
}

// FirstMatch returns the signature that speaks for a bare line in the system of want, or nil. For a wrapper or a
// fingerprint it is want itself when it is among the matches.
func (b *Base) FirstMatch(line string, want *Signature) *Signature {
	found, _ := b.speaker(line, want)
	return found
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
