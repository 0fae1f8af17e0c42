package diagnose

import (
	"context"
	"strings"
	"testing"

	"github.com/whytls/whytls/parsers/source"
)

// The proof of an endpoint puts the confirmed causes of its findings first and the refuted ones last; other findings and
// the snapshot itself stay as they were.
func TestProven(t *testing.T) {
	const log = "2026/11/22 00:05:12 dial tcp 10.0.0.5:8883: i/o timeout\n" +
		"2026/11/22 00:05:13 dial tcp 10.0.0.6:5432: connect: connection refused\n"
	inputs, _ := source.Expand([]string{"-"}, strings.NewReader(log))
	e, err := NewEngine(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Run(context.Background(), inputs); err != nil {
		t.Fatal(err)
	}
	s := e.Snapshot()
	find := func(s *Snapshot, endpoint string) *Finding {
		t.Helper()
		for _, f := range s.Findings {
			if f.Endpoint == endpoint {
				return f
			}
		}
		t.Fatalf("no finding of %s in %+v", endpoint, s.Findings)
		return nil
	}
	before, other := find(s, "10.0.0.5:8883"), find(s, "10.0.0.6:5432")
	lead, last := before.Causes[0].ID, before.Causes[len(before.Causes)-1].ID
	if lead == last {
		t.Fatalf("one cause only: %s", lead)
	}
	proof := &Proof{Target: "10.0.0.5:8883", Host: "10.0.0.5", Port: "8883", Full: []byte(`{}`), Proven: []Proven{
		{ID: lead, Verdict: "refuted", Why: "it answers"}, {ID: last, Verdict: "confirmed", Why: "seen"}, {ID: "cert-expired", Verdict: "confirmed", Why: "seen too"},
	}}
	proven := s.Proven(e.Base(), proof)
	after := find(proven, "10.0.0.5:8883")
	if after.Causes[0].ID != last || after.Causes[0].Verdict != "confirmed" || after.Proof != proof {
		t.Errorf("first is %+v", after.Causes[0])
	}
	if end := after.Causes[len(after.Causes)-1]; end.ID != lead || end.Verdict != "refuted" {
		t.Errorf("last is %+v", end)
	}
	if after.has("cert-expired") {
		t.Error("an expired certificate joins a timeout of TCP")
	}
	total := after.Undetermined
	for _, c := range after.Causes {
		total += c.Confidence
	}
	if total < 0.98 || total > 1.02 || after.Causes[0].Confidence < after.Causes[1].Confidence {
		t.Errorf("the causes add up to %v: %+v", total, after.Causes)
	}
	if before.Causes[0].ID != lead || before.Causes[0].Verdict != "" || before.Proof != nil || len(s.Probes) != 0 {
		t.Error("the snapshot that was proven has changed")
	}
	if again := find(proven, "10.0.0.6:5432"); again.Proof != nil || again.Causes[0].ID != other.Causes[0].ID {
		t.Errorf("a finding of another endpoint has changed: %+v", again.Causes[0])
	}
	if len(proven.Probes) != 1 {
		t.Errorf("%d results", len(proven.Probes))
	}
}

// A fault whose likeliest cause is refuted stays a fault, and gets the confirmed cause of the same family.
func TestRefutedIsNotNoise(t *testing.T) {
	const line = "2026/11/22 00:05:12 dial tls 10.0.0.5:1883: tls: first record does not look like a TLS handshake\n"
	inputs, _ := source.Expand([]string{"-"}, strings.NewReader(strings.Repeat(line, 3)))
	e, err := NewEngine(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Run(context.Background(), inputs); err != nil {
		t.Fatal(err)
	}
	s := e.Snapshot()
	if len(s.Findings) != 1 || s.Findings[0].Causes[0].ID != "plaintext-to-tls-port" {
		t.Fatalf("%+v", s.Findings)
	}
	f := func(want string, proven ...Proven) {
		t.Helper()
		after := s.Proven(e.Base(), &Proof{Host: "10.0.0.5", Port: "1883", Proven: proven}).Findings[0]
		if after.Urgency == "noise" || want != "" && after.Causes[0].ID != want {
			t.Errorf("%s: %+v", after.Urgency, after.Causes[0])
		}
	}
	refuted := Proven{ID: "plaintext-to-tls-port", Verdict: "refuted"}
	f("", refuted)
	f("tls-to-plaintext-port", refuted, Proven{ID: "tls-to-plaintext-port", Verdict: "confirmed"})
}

// A cause that no message suggests joins a finding where it leads to one that a message does.
func TestProofBringsInWhatLeadsTo(t *testing.T) {
	const log = "2026/11/22 00:05:12 http: TLS handshake error from 203.0.113.9:52044: EOF\n"
	inputs, _ := source.Expand([]string{"-"}, strings.NewReader(log))
	e, err := NewEngine(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Run(context.Background(), inputs); err != nil {
		t.Fatal(err)
	}
	s := e.Snapshot()
	for _, f := range s.Findings {
		f.Urgency, f.Endpoint = "watch", "10.0.0.5:443" // one close is noise by itself
	}
	proof := &Proof{Target: "10.0.0.5:443", Host: "10.0.0.5", Port: "443", Proven: []Proven{{ID: "proxy-protocol-mismatch", Verdict: "confirmed", Why: "seen"}}}
	f := s.Proven(e.Base(), proof).Findings[0]
	if f.Causes[0].ID != "proxy-protocol-mismatch" || f.Urgency != "outage" {
		t.Errorf("%s: %+v", f.Urgency, f.Causes[0])
	}
}
