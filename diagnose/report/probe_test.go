package report

import (
	"strings"
	"testing"

	"github.com/whytls/whytls/diagnose/probe"
	"github.com/whytls/whytls/knowledgebase"
)

// probed is a result with everything that a card can show, and with text that a server made up.
func probed() *probe.Result {
	clock := -3600.0
	return &probe.Result{
		Target: "wss://im.example:5210/", Address: "203.0.113.10:5210", Speaks: "tls", Inside: "http", Summary: "im.example:5210 speaks TLS, with a fault", Connections: 9, Seconds: 0.081, Clock: &clock,
		TLS: &probe.TLSReport{
			ServerName: "im.example", WithoutServerName: "other", ALPN: "http/1.1", Staple: "none",
			Versions: []probe.Version{
				{Version: "TLS 1.3", Accepted: true, Suite: "TLS_AES_128_GCM_SHA256", Group: "x25519"},
				{Version: "TLS 1.2", Answer: "alert protocol_version (70)"},
			},
			Suites:            map[string][]string{"TLS 1.3": {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"}},
			ClientCertificate: probe.ClientCertificate{Requested: true, Authorities: []string{"CN=Clients"}},
		},
		Chain: &probe.Chain{Problem: "expired", Certificates: []probe.Certificate{
			{Subject: "CN=im.example", Issuer: "CN=\x1b[2JEvil *CA*", NotBefore: "2026-08-01T00:00:00Z", NotAfter: "2026-11-01T00:00:00Z", Key: "ECDSA P-256", Signature: "ECDSA-SHA256", Names: []string{"im.example"}},
			{Error: "malformed"},
		}},
		Causes: []probe.Cause{
			{ID: "cert-expired", Title: "A certificate has expired", Verdict: probe.Confirmed, Why: "“im.example” expired on 2026-11-01T00:00:00Z, 21 days ago"},
			{ID: "peer-rejected-handshake", Title: "The other side refused the handshake without a clear reason", Verdict: probe.Confirmed, Why: "seen", Consequence: true},
			{ID: "protocol-version-mismatch", Title: "Client and server have no TLS version in common", Verdict: probe.Confirmed, Why: "the server accepts TLS 1.3 only", Affects: "clients without TLS 1.3", Elsewhere: true},
			{ID: "stale-certificate", Title: "An old certificate, key or CA is still in use", Verdict: probe.Open, Why: "an expired certificate is served"},
			{ID: "connection-refused", Title: "Nothing listens at the address, so the connection is refused", Verdict: probe.Refuted, Why: "it takes connections"},
		},
		Attempts: []probe.Attempt{{What: "a TLS handshake", Outcome: "handshake", Bytes: `\x16\x03\x03`, Seconds: 0.01}},
		Notes:    []string{"1 try left out: the limit of connections or of time was reached"},
	}
}

func TestProbeCard(t *testing.T) {
	base, err := knowledgebase.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	f := func(name string, verbose bool) {
		t.Helper()
		var text strings.Builder
		if err := CardText(&text, ProbeCard(base, probed(), verbose), Options{}); err != nil {
			t.Fatal(err)
		}
		golden(t, name, text.String())
	}
	f("probe-80", false)
	f("probe-80-verbose", true)
	var text strings.Builder
	if err := CardMarkdown(&text, ProbeCard(base, probed(), false)); err != nil {
		t.Fatal(err)
	}
	golden(t, "probe-markdown", text.String())
}
