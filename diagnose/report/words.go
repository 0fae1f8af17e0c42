package report

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/whytls/whytls/diagnose"
)

// number writes an integer with thousands separators.
func number(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// count writes a number with its noun.
func count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}

func times(n int64) string { return number(n) + "×" }

func percent(confidence float64) string {
	return strconv.Itoa(int(math.Round(confidence*100))) + " %"
}

// ratio writes a factor as a person would say it: ×8 makes the cause eight times as likely, ÷3 a third.
func ratio(r float64) string {
	if r <= 0 {
		return ""
	}
	sign := "×"
	if r < 1 {
		sign, r = "÷", 1/r
	}
	if r >= 9.95 || math.Abs(r-math.Round(r)) < 0.05 {
		return sign + strconv.Itoa(int(math.Round(r)))
	}
	return sign + strconv.FormatFloat(r, 'f', 1, 64)
}

// seconds writes a length of time in its largest useful unit.
func seconds(v float64) string {
	trim := func(v float64, digits int) string {
		s := strconv.FormatFloat(v, 'f', digits, 64)
		if strings.Contains(s, ".") {
			s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
		}
		return s
	}
	switch {
	case v < 0.1:
		return trim(v*1000, 0) + " ms"
	case v < 120:
		return trim(v, 1) + " s"
	case v < 2*3600:
		return trim(v/60, 1) + " min"
	case v < 2*86400:
		return trim(v/3600, 1) + " h"
	}
	return trim(v/86400, 1) + " d"
}

// arrival says how the events of a finding came, where this is worth a word: steadily is what one expects.
func arrival(f *diagnose.Finding) string {
	switch f.Arrival {
	case "periodic":
		if f.Period > 0 {
			return "every " + seconds(f.Period)
		}
		return "at a fixed period"
	case "burst":
		return "burst"
	}
	return ""
}

// firstSentence is what fits a glance of a longer explanation.
func firstSentence(s string) string {
	for i := 0; i+1 < len(s); i++ {
		if s[i] == '.' && s[i+1] == ' ' && i > 12 {
			return s[:i+1]
		}
	}
	return s
}

// clock renders the times of a report, which stand in the offset that the log has. The date is left out where the
// header has told it, the offset where it is that of the header.
type clock struct {
	day  string // the one day of the whole report, "" when there are several
	zone string
}

// Extent is from when to when the sources of an input go; ok is false when none has times.
func Extent(in *diagnose.Input) (first, last time.Time, ok bool) {
	for _, s := range in.Sources {
		a, okA := parseTime(s.First)
		b, okB := parseTime(s.Last)
		if !okA || !okB {
			continue
		}
		if !ok || a.Before(first) {
			first = a
		}
		if !ok || b.After(last) {
			last = b
		}
		ok = true
	}
	return first, last, ok
}

// newClock looks at the span of all sources.
func newClock(in *diagnose.Input) (c clock, first, last time.Time, ok bool) {
	first, last, ok = Extent(in)
	if ok {
		c.zone = zone(first)
		if first.Format(time.DateOnly) == last.Format(time.DateOnly) {
			c.day = first.Format(time.DateOnly)
		}
	}
	return c, first, last, ok
}

func parseTime(s string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, s)
	return t, err == nil
}

func zone(t time.Time) string {
	if _, offset := t.Zone(); offset == 0 {
		return "UTC"
	}
	return t.Format("-07:00")
}

// span renders "first → last"; equal ends are told once.
func (c clock) span(firstText, lastText string) string {
	first, okF := parseTime(firstText)
	last, okL := parseTime(lastText)
	if !okF {
		return ""
	}
	if !okL {
		last = first
	}
	layout, end := "01-02 15:04:05", "15:04:05"
	if first.Format(time.DateOnly) == c.day && last.Format(time.DateOnly) == c.day {
		layout = "15:04:05"
	} else if first.Format(time.DateOnly) != last.Format(time.DateOnly) {
		end = layout
	}
	if first.Year() != last.Year() {
		layout, end = time.DateTime, time.DateTime
	}
	out := first.Format(layout)
	if to := last.Format(end); !first.Truncate(time.Second).Equal(last.Truncate(time.Second)) {
		out += " → " + to
	}
	if z := zone(first); z != c.zone {
		out += " " + z
	}
	return out
}
