package tui

import (
	"strings"
	"time"

	"github.com/whytls/whytls/diagnose"
)

// levels are the heights of a column. Something is never drawn like nothing.
var levels = []rune("▁▂▃▄▅▆▇█")

// sparkline draws counts as columns, the highest of them as a full one; empty stands where nothing was counted.
func sparkline(counts []int64, empty rune) string {
	var most int64
	for _, n := range counts {
		most = max(most, n)
	}
	var b strings.Builder
	for _, n := range counts {
		if n <= 0 {
			b.WriteRune(empty)
			continue
		}
		b.WriteRune(levels[min(int((n*int64(len(levels))-1)/most), len(levels)-1)])
	}
	return b.String()
}

// spread distributes buckets over n columns from one moment to another; what lies outside is left out. A bucket that is
// wider than a column is counted where it begins.
func spread(buckets []diagnose.Bucket, from, to time.Time, n int) []int64 {
	counts := make([]int64, max(n, 0))
	if n <= 0 {
		return counts
	}
	width := max(to.Sub(from), 1)
	for _, b := range buckets {
		start, err := time.Parse(time.RFC3339Nano, b.Start)
		if err != nil {
			continue
		}
		if end := start.Add(time.Duration(b.Seconds) * time.Second); start.Before(from) && end.After(from) {
			start = from // the boundaries of buckets are absolute: the first one may begin before
		}
		if start.Before(from) || start.After(to) {
			continue
		}
		counts[min(int(float64(start.Sub(from))/float64(width)*float64(n)), n-1)] += b.Count
	}
	return counts
}

// extentOf is from when to when the sources go.
func extentOf(in *diagnose.Input) (first, last time.Time, ok bool) {
	for _, src := range in.Sources {
		a, okA := moment(src.First)
		b, okB := moment(src.Last)
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

// moment reads a time of a snapshot; ok is false where the log had none.
func moment(text string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, text)
	return t, err == nil
}
