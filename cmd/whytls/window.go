package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/whytls/whytls/parsers"
)

// errMoment names the forms that a point in time may have.
var errMoment = errors.New("must be a time such as 2026-11-22T00:03:00Z, '2026-11-22 00:03' or 2026-11-22, or a length of time back such as 90m, 3h or 2d")

// errZone names the forms that a zone may have.
var errZone = errors.New("must be Local, UTC, a name such as Europe/Berlin or an offset such as +08:00")

// moment is a point in time as a person types it. It is checked when the flag is read and settled when the zone and the
// time of day are known.
type moment struct{ text string }

func (m *moment) String() string { return m.text }

func (m *moment) Type() string { return "time" }

// Set checks the form only.
func (m *moment) Set(text string) error {
	if _, _, err := parseMoment(text, time.UTC, time.Now()); err != nil {
		return err
	}
	m.text = text
	return nil
}

// parseMoment reads RFC 3339, a local date and time (seconds optional), a date, or a length of time before now. day is
// set for a date, which stands for the whole day.
func parseMoment(text string, zone *time.Location, now time.Time) (t time.Time, day bool, err error) {
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t, false, nil
	}
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t, false, nil
		}
	}
	if t, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return t, true, nil
	}
	if d, ok := parseBack(text); ok {
		return now.Add(-d), false, nil
	}
	return time.Time{}, false, errMoment
}

// parseBack reads a length of time: what Go reads, and whole days and weeks.
func parseBack(text string) (time.Duration, bool) {
	for unit, length := range map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour} {
		if digits, ok := strings.CutSuffix(text, unit); ok {
			if n, err := strconv.ParseUint(digits, 10, 16); err == nil {
				return time.Duration(n) * length, true
			}
		}
	}
	d, err := time.ParseDuration(text)
	return d, err == nil && d >= 0
}

// window joins --since and --until. Both ends count; a date stands for the whole day.
func window(since, until string, zone *time.Location, now time.Time) (parsers.Window, error) {
	w := parsers.Everything
	if since != "" {
		t, _, err := parseMoment(since, zone, now)
		if err != nil {
			return w, err
		}
		w.Since = t.UnixNano()
	}
	if until != "" {
		t, day, err := parseMoment(until, zone, now)
		if err != nil {
			return w, err
		}
		if day {
			t = t.AddDate(0, 0, 1).Add(-1)
		}
		w.Until = t.UnixNano()
	}
	if w.Since > w.Until {
		return w, usage("swap them", "--since %s is later than --until %s", since, until)
	}
	return w, nil
}

// location is a time zone as a flag.
type location struct {
	name string
	zone *time.Location
}

func (l *location) String() string { return l.name }

func (l *location) Type() string { return "zone" }

// Set takes Local, UTC, an IANA name or an offset.
func (l *location) Set(name string) error {
	zone, err := parseZone(name)
	if err != nil {
		return err
	}
	l.name, l.zone = name, zone
	return nil
}

func parseZone(name string) (*time.Location, error) {
	switch strings.ToLower(name) {
	case "":
		return nil, errZone
	case "local":
		return time.Local, nil
	case "utc", "z":
		return time.UTC, nil
	}
	for _, layout := range []string{"-07:00", "-0700", "-07"} {
		if t, err := time.Parse(layout, name); err == nil {
			_, offset := t.Zone()
			return time.FixedZone(fmt.Sprintf("UTC%s", name), offset), nil
		}
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, errZone
	}
	return zone, nil
}
