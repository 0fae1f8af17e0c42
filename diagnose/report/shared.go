package report

import (
	"time"

	"github.com/whytls/whytls/diagnose"
)

// A screen says things in the words of the text report. These are the words that both use.

// Wrap breaks text that is safe into lines of at most width columns.
func Wrap(text string, width int) []string { return wrap(text, width) }

// Number writes an integer with thousands separators.
func Number(n int64) string { return number(n) }

// Count writes a number with its noun.
func Count(n int64, one, many string) string { return count(n, one, many) }

// Percent writes a confidence.
func Percent(confidence float64) string { return percent(confidence) }

// Ratio writes a factor: ×8 makes a cause eight times as likely, ÷3 a third. It is empty for a factor of nothing.
func Ratio(r float64) string { return ratio(r) }

// Arrival says how the events of a finding came, "" when there is nothing to say.
func Arrival(f *diagnose.Finding) string { return arrival(f) }

// Span renders the times of a finding in the offset of the log, the date left out where the whole input has one.
func Span(in *diagnose.Input, first, last string) string {
	c, _, _, _ := newClock(in)
	return c.span(first, last)
}

// Roots returns the findings that stand on their own, in order: not those that another one explains.
func Roots(findings []*diagnose.Finding) []*diagnose.Finding { return roots(findings) }

// Duration writes a length of time in its largest useful unit.
func Duration(d time.Duration) string { return seconds(d.Seconds()) }
