package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/whytls/whytls/diagnose"
)

// A change is one line, whatever stands in names and titles.
func TestChangeIsOneLine(t *testing.T) {
	c := &diagnose.FindingChange{
		Event: diagnose.EventWorse, At: time.Date(2026, 11, 22, 3, 4, 5, 0, time.UTC), Why: "watch → outage",
		Finding: &diagnose.Finding{
			ID: "f1", Title: "a\nb\x1b[2J", Urgency: "outage", Count: 1234, Peers: diagnose.Peers{Distinct: 7},
			Causes:   []diagnose.Cause{{ID: "one", Title: "One", Confidence: 0.87}},
			Evidence: []diagnose.Line{{Source: "a.log", Line: 1}, {Source: "-", Line: 9}},
		},
	}
	var text, ndjson bytes.Buffer
	if err := ChangeText(&text, c, time.FixedZone("", 3600)); err != nil {
		t.Fatal(err)
	}
	want := `2026-11-22 04:04:05 worse     OUTAGE   a\nb\x1b[2J · 87 % One · 1,234×, 7 peers, stdin:9 · watch → outage` + "\n"
	if text.String() != want {
		t.Errorf("text:\n%s\nwant\n%s", text.String(), want)
	}
	if err := ChangeJSON(&ndjson, c); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(ndjson.String(), "\n"); n != 1 {
		t.Errorf("%d lines of JSON", n)
	}
	var got map[string]any
	if err := json.Unmarshal(ndjson.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{
		"event": "worse", "schema": ChangeSchema, "at": "2026-11-22T03:04:05Z", "id": "f1", "urgency": "outage", "count": 1234.0, "peers": 7.0,
		"source": "-", "line": 9.0, "why": "watch → outage", "past": false,
	} {
		if got[key] != want {
			t.Errorf("%s: %v, want %v", key, got[key], want)
		}
	}
}
