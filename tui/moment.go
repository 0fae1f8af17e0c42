package tui

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// errMoment names the forms that a time may have at the screen.
var errMoment = errors.New("a time is 15:04, 15:04:05, 2026-11-22 15:04 or a length of time such as 15m, 3h, 2d")

// parseMoment reads a time as a person types it beside a log: with or without a date, in the zone of the log. ref is a
// moment that the log knows; without a date the last such time of day before ref is meant, or with ahead the next one
// after it. A length of time counts from ref, back or ahead.
func parseMoment(text string, ref time.Time, ahead bool) (time.Time, error) {
	if d, ok := parseLength(text); ok {
		if !ahead {
			d = -d
		}
		return ref.Add(d), nil
	}
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, ref.Location()); err == nil {
			return t, nil
		}
	}
	for _, layout := range []string{"15:04:05", "15:04"} {
		clock, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		year, month, day := ref.Date()
		t := time.Date(year, month, day, clock.Hour(), clock.Minute(), clock.Second(), clock.Nanosecond(), ref.Location())
		switch {
		case ahead && !t.After(ref):
			t = t.AddDate(0, 0, 1)
		case !ahead && t.After(ref):
			t = t.AddDate(0, 0, -1)
		}
		return t, nil
	}
	return time.Time{}, errMoment
}

// parseLength reads a length of time: what Go reads, and days.
func parseLength(text string) (time.Duration, bool) {
	if digits, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.ParseUint(digits, 10, 16); err == nil {
			return time.Duration(n) * 24 * time.Hour, true
		}
	}
	d, err := time.ParseDuration(text)
	return d, err == nil && d > 0
}
