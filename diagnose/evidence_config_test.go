package diagnose

import (
	"context"
	"strings"
	"testing"

	"github.com/whytls/whytls/parsers/source"
)

// TestConfigurationIsEvidence: a fault of the program's own configuration moves a cause that the message lists, shows its
// place, and brings in none that the message does not list.
func TestConfigurationIsEvidence(t *testing.T) {
	const log = "2026-11-22 00:00:31 http: TLS handshake error from 203.0.113.9:52044: remote error: tls: bad certificate\n" +
		"2026-11-22 00:00:41 http: TLS handshake error from 203.0.113.9:52045: remote error: tls: bad certificate\n"
	confidence := func(id string, facts ...Fact) (share float64, why []Factor) {
		t.Helper()
		inputs, _ := source.Expand([]string{"-"}, strings.NewReader(log))
		e, err := NewEngine(Options{Configuration: facts})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Run(context.Background(), inputs); err != nil {
			t.Fatal(err)
		}
		for _, f := range e.Snapshot().Findings {
			for _, c := range f.Causes {
				if c.ID == id {
					return c.Confidence, c.Why
				}
			}
		}
		return 0, nil
	}
	fact := Fact{Value: "wss-address-is-ip", Source: "wk.yaml", Line: 4, Text: "wssAddr: wss://203.0.113.7:5210"}
	before, _ := confidence("hostname-mismatch")
	after, why := confidence("hostname-mismatch", fact)
	if before <= 0 || after < 2*before {
		t.Errorf("hostname-mismatch: %.2f without the configuration, %.2f with it", before, after)
	}
	shown := false
	for _, w := range why {
		shown = shown || w.Source == "wk.yaml" && w.Line == 4 && w.Ratio == 6 && strings.Contains(w.Text, "203.0.113.7")
	}
	if !shown {
		t.Errorf("the place in the configuration is not shown: %+v", why)
	}
	if share, _ := confidence("cluster-node-id-conflict", Fact{Value: "node-id-twice"}); share != 0 {
		t.Errorf("a fault of the configuration brought in a cause that the message does not list: %.2f", share)
	}
}
