package tui

import (
	"fmt"
	"time"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/diagnose/report"
)

// rates says how fast the log grows, and draws its records by severity over the visible time.
func rates(s *state, width int) line {
	now := s.snapshot.Rates
	out := line{{plain, perSecond(now.Lines) + " lines/s"}, {faint, " · "}}
	mood := plain
	if now.Errors > 0 {
		mood = bad
	}
	out = append(out, span{mood, perSecond(now.Errors) + " errors/s"})
	first, last := s.visibleTime()
	if first.IsZero() || len(s.snapshot.Timeline.Spans) == 0 {
		return out
	}
	ends := ""
	if width >= 100 {
		ends = "  " + clockSpan(first, last)
	}
	kinds := []struct {
		name   string
		look   look
		levels []diagnose.Level
	}{
		{"  all ", bar, []diagnose.Level{diagnose.LevelNone, diagnose.LevelDebug, diagnose.LevelInfo, diagnose.LevelWarn, diagnose.LevelError, diagnose.LevelFatal}},
		{"  warn ", watch, []diagnose.Level{diagnose.LevelWarn}},
		{"  error ", bad, []diagnose.Level{diagnose.LevelError, diagnose.LevelFatal}},
	}
	if width < 100 { // what went wrong says more than what was odd
		kinds = append(kinds[:1], kinds[2])
	}
	room := width - columns(out) - len(ends)
	for _, k := range kinds {
		room -= len(k.name)
	}
	each := min(room/len(kinds), mostColumns)
	if each < leastColumns {
		return out
	}
	for _, k := range kinds {
		out = append(out, span{faint, k.name}, span{k.look, sparkline(s.histogram(k.levels, first, last, each), ' ')})
	}
	return append(out, span{faint, ends})
}

// Widths of a histogram.
const (
	leastColumns = 6
	mostColumns  = 48
)

// histogram counts the records of some levels over n columns of time.
func (s *state) histogram(of []diagnose.Level, first, last time.Time, n int) []float64 {
	t := &s.snapshot.Timeline
	c := newColumns(first, last, n)
	for i := range t.Spans {
		var sum int64
		for _, level := range of {
			sum += t.Spans[i][level]
		}
		c.add(t.Start.Add(time.Duration(i)*t.Length), t.Length, sum)
	}
	return c.amounts
}

// perSecond writes a rate: small ones with a digit behind the point.
func perSecond(v float64) string {
	if v > 0 && v < 10 {
		return fmt.Sprintf("%.1f", v)
	}
	return report.Number(int64(v + 0.5))
}

// clockSpan names the ends of the visible time, with days where there are several.
func clockSpan(first, last time.Time) string {
	layout := "15:04"
	if last.Sub(first) < 10*time.Minute {
		layout = time.TimeOnly
	}
	if first.Format(time.DateOnly) != last.Format(time.DateOnly) {
		layout = "01-02 " + layout
	}
	return first.Format(layout) + " → " + last.Format(layout)
}
