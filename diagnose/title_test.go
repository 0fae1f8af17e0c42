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
	f := func(want string, confidence float64, lead, second []Check) {
		t.Helper()
		finding := &Finding{Urgency: "outage", Causes: []Cause{
			{ID: "x", Confidence: confidence, Checks: lead}, {ID: "y", Confidence: 0.3, Checks: second},
		}}
		separating(finding)
		got := ""
		for _, c := range finding.Causes[0].Checks {
			got += c.Run
		}
		if got != want {
			t.Errorf("got the checks %q, want %q", got, want)
		}
	}
	a, b, c, d := Check{Run: "a"}, Check{Run: "b"}, Check{Run: "c"}, Check{Run: "d"}
	f("cab", 0.4, []Check{a, b, c}, []Check{c, d}) // the same command on both cards
	f("abc", 0.6, []Check{a, b, c}, []Check{c, d}) // no doubt
	f("ab", 0.4, []Check{a, b}, []Check{c, d})     // nothing separates them
	xy, yx, xz := Check{Run: "b", separates: []string{"x", "y"}}, Check{Run: "d", separates: []string{"y", "z", "x"}}, Check{Run: "a", separates: []string{"x", "z"}}
	f("bac", 0.4, []Check{xz, xy, c}, []Check{c, yx}) // its own card says so
	f("dac", 0.4, []Check{xz, c}, []Check{c, yx})     // the other card does
	f("dac", 0.4, []Check{xz, c, d}, []Check{yx})     // the look-for of the check that separates
}
