package main

import (
	"testing"
	"time"
)

func TestParseMoment(t *testing.T) {
	zone := time.FixedZone("", 8*3600)
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, zone)
	f := func(text, want string, wantDay bool) {
		t.Helper()
		got, day, err := parseMoment(text, zone, now)
		if want == "" {
			if err == nil {
				t.Errorf("%q is taken for %v", text, got)
			}
			return
		}
		if err != nil || got.Format(time.RFC3339) != want || day != wantDay {
			t.Errorf("%q: %v, day %v, %v; want %s", text, got.Format(time.RFC3339), day, err, want)
		}
	}
	f("2026-11-22T00:03:00Z", "2026-11-22T00:03:00Z", false)
	f("2026-11-22T00:03:00.5+02:00", "2026-11-22T00:03:00+02:00", false)
	f("2026-11-22 00:03", "2026-11-22T00:03:00+08:00", false)
	f("2026-11-22 00:03:04", "2026-11-22T00:03:04+08:00", false)
	f("2026-11-22T00:03", "2026-11-22T00:03:00+08:00", false)
	f("2026-11-22", "2026-11-22T00:00:00+08:00", true)
	f("90m", "2026-11-22T10:30:00+08:00", false)
	f("1h30m", "2026-11-22T10:30:00+08:00", false)
	f("2d", "2026-11-20T12:00:00+08:00", false)
	f("1w", "2026-11-15T12:00:00+08:00", false)
	f("-3h", "", false)
	f("3", "", false)
	f("d", "", false)
	f("-2d", "", false)
	f("2026-13-01", "", false)
	f("11/22/2026", "", false)
	f("", "", false)
}

func TestParseZone(t *testing.T) {
	f := func(name string, want int) {
		t.Helper()
		zone, err := parseZone(name)
		if want == -1 {
			if err == nil {
				t.Errorf("%q is taken for %v", name, zone)
			}
			return
		}
		if err != nil {
			t.Errorf("%q: %v", name, err)
			return
		}
		if _, got := time.Date(2026, 1, 1, 0, 0, 0, 0, zone).Zone(); got != want {
			t.Errorf("%q is %d s east, want %d", name, got, want)
		}
	}
	f("UTC", 0)
	f("utc", 0)
	f("+08:00", 8*3600)
	f("-0330", -(3*3600 + 1800))
	f("+05", 5*3600)
	f("Asia/Shanghai", 8*3600)
	f("", -1)
	f("Mars/Base", -1)
	f("../../etc/passwd", -1)
}

// TestDayEnds: a day has not got 24 hours everywhere.
func TestDayEnds(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	w, err := window("2026-10-25", "2026-10-25", zone, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if got := time.Duration(w.Until - w.Since + 1); got != 25*time.Hour {
		t.Errorf("the day has %v, want 25h", got)
	}
}
