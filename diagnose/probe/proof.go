package probe

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/whytls/whytls/diagnose"
)

// Proof returns what a finding has to know of the result.
func (r *Result) Proof() (*diagnose.Proof, error) {
	full, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("writing the result of the probe: %w", err)
	}
	p := &diagnose.Proof{Target: r.Target, Host: r.Host, Port: strconv.Itoa(r.Port), Summary: r.Summary, Full: full}
	for _, c := range r.Causes {
		if c.Consequence {
			continue // the cause behind it has to lead
		}
		p.Proven = append(p.Proven, diagnose.Proven{ID: c.ID, Verdict: string(c.Verdict), Why: c.Why, Here: c.here})
	}
	return p, nil
}
