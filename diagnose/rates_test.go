package diagnose

import (
	"testing"
	"time"
)

func TestMeter(t *testing.T) {
	var m meter
	at := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	var lines int64
	var r Rates
	step := func(n int, each time.Duration, per int64) {
		for range n {
			at = at.Add(each)
			lines += per
			r = m.observe(at, lines, lines/10)
		}
	}
	want := func(low, high float64) {
		t.Helper()
		if r.Lines < low || r.Lines > high || r.Errors < low/10-1 || r.Errors > high/10+1 {
			t.Errorf("%+v, want %v to %v lines a second", r, low, high)
		}
	}
	m.observe(at, 0, 0)
	step(100, 100*time.Millisecond, 100)
	want(990, 1010)
	if len(m.samples) > 15 {
		t.Errorf("%d samples", len(m.samples))
	}
	step(6, time.Second, 0)
	want(0, 0)
	step(1, time.Second, 500)
	want(80, 110)
	lines = 0 // a source is read anew
	step(1, time.Second, 0)
	want(0, 0)
}
