package tui

import (
	"strings"
	"time"

	"github.com/whytls/whytls/diagnose"
)

// levels are the heights of a column. Something is never drawn like nothing.
var levels = []rune("▁▂▃▄▅▆▇█")

// sparkline draws amounts as columns, the highest of them as a full one; empty stands where there is nothing.
func sparkline(amounts []float64, empty rune) string {
	most := 0.0
	for _, v := range amounts {
		most = max(most, v)
	}
	var b strings.Builder
	for _, v := range amounts {
		if v <= 0 {
			b.WriteRune(empty)
			continue
		}
		b.WriteRune(levels[min(int(v/most*float64(len(levels))), len(levels)-1)])
	}
	return b.String()
}

// columnsOf are n columns of time from one moment to another, to be filled with what was counted.
type columnsOf struct {
	from    time.Time
	width   time.Duration // of a column
	amounts []float64
}

func newColumns(from, to time.Time, n int) *columnsOf {
	return &columnsOf{from, max(to.Sub(from)/time.Duration(max(n, 1)), 1), make([]float64, max(n, 0))}
}

// add spreads what was counted in a span over the columns that it covers. A moment counts where it is.
func (c *columnsOf) add(start time.Time, length time.Duration, count int64) {
	if count == 0 || len(c.amounts) == 0 {
		return
	}
	first := c.at(start)
	last := max(first, c.at(start.Add(length-1)))
	each := float64(count) / float64(last-first+1)
	for i := max(first, 0); i <= min(last, len(c.amounts)-1); i++ {
		c.amounts[i] += each
	}
}

// at is the column of a moment; the end of the last one belongs to it.
func (c *columnsOf) at(t time.Time) int {
	i := int(t.Sub(c.from) / c.width)
	switch {
	case t.Before(c.from):
		return -1
	case i == len(c.amounts) && t.Sub(c.from) < c.width*time.Duration(i)+c.width/2:
		return i - 1
	}
	return i
}

// spread distributes buckets over n columns from one moment to another; what lies outside is left out.
func spread(buckets []diagnose.Bucket, from, to time.Time, n int) []float64 {
	c := newColumns(from, to, n)
	for _, b := range buckets {
		if start, ok := moment(b.Start); ok {
			c.add(start, time.Duration(b.Seconds)*time.Second, b.Count)
		}
	}
	return c.amounts
}

// moment reads a time of a snapshot; ok is false where the log had none.
func moment(text string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, text)
	return t, err == nil
}
