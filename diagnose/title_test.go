package diagnose

import "testing"

func TestTitle(t *testing.T) {
	f := func(says, urgency string, confidences []float64, want, headline string) {
		t.Helper()
		finding := &Finding{Urgency: urgency, Event: says}
		names := []string{"No cipher suite suits both sides.", "WuKongIM stopped", "Scanners"}
		for i, c := range confidences {
			finding.Causes = append(finding.Causes, Cause{Title: names[i], Confidence: c})
		}
		finding.Title = title(says, finding)
		if finding.Title != want || finding.Headline() != headline {
			t.Errorf("%v: got %q, %q\nwant %q, %q", confidences, finding.Title, finding.Headline(), want, headline)
		}
	}
	f("a handshake failed", "outage", []float64{0.7, 0.1}, "No cipher suite suits both sides.", "No cipher suite suits both sides.")
	f("a handshake failed", "outage", []float64{0.55, 0.1}, "a handshake failed", "a handshake failed")
	f("a handshake failed", "outage", []float64{0.4, 0.2}, "a handshake failed: probably no cipher suite suits both sides, or WuKongIM stopped", "a handshake failed")
	f("", "outage", []float64{0.4, 0.2}, "probably no cipher suite suits both sides, or WuKongIM stopped", "probably no cipher suite suits both sides, or WuKongIM stopped")
	f("", "outage", []float64{0.4}, "probably no cipher suite suits both sides", "probably no cipher suite suits both sides")
	f("a client left", "noise", []float64{0.4, 0.3}, "a client left", "a client left")
	f("a client left", "watch", nil, "a client left", "a client left")
}

// TestSeparatingCheck: in doubt, the check that tells the two leading causes apart comes first.
func TestSeparatingCheck(t *testing.T) {
	f := &Finding{Urgency: "outage", Causes: []Cause{
		{Confidence: 0.4, Checks: []Check{{Run: "a"}, {Run: "b"}, {Run: "c"}}},
		{Confidence: 0.3, Checks: []Check{{Run: "c"}, {Run: "d"}}},
	}}
	separating(f)
	if got := f.Causes[0].Checks[0].Run; got != "c" {
		t.Errorf("the first check is %q", got)
	}
}
