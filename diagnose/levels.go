package diagnose

import (
	"time"

	"github.com/whytls/whytls/parsers"
)

// Level is a severity as a person tells severities apart.
type Level int

// The levels, in order. Records that name none are LevelNone; tracing counts as LevelDebug.
const (
	LevelNone Level = iota
	LevelDebug
	LevelInfo
	LevelWarn
	LevelError
	LevelFatal
	Levels // their number
)

// levelOf is Level by OpenTelemetry severity number.
var levelOf = func() (of [32]Level) {
	for s := range of {
		switch severity := parsers.Severity(s); {
		case severity == parsers.SeverityUnset, s > 24:
			of[s] = LevelNone
		case severity < parsers.SeverityInfo:
			of[s] = LevelDebug
		case severity < parsers.SeverityWarn:
			of[s] = LevelInfo
		case severity < parsers.SeverityError:
			of[s] = LevelWarn
		case severity < parsers.SeverityFatal:
			of[s] = LevelError
		default:
			of[s] = LevelFatal
		}
	}
	return of
}()

// Counts are numbers of records by Level.
type Counts [Levels]int64

// Total is the number of records of all levels.
func (c *Counts) Total() int64 {
	var sum int64
	for _, n := range c {
		sum += n
	}
	return sum
}

// Errors is the number of records at ERROR and above.
func (c *Counts) Errors() int64 { return c[LevelError] + c[LevelFatal] }

// Timeline counts the records of all sources over the log's own time, in spans of equal length on absolute boundaries
// without a gap between them. Records without one are not in it.
type Timeline struct {
	Start  time.Time // of the first span
	Length time.Duration
	Spans  []Counts
}

// timelineSpans bounds the spans of a Timeline: no screen has more columns.
const timelineSpans = 256

// levels counts the records of a source by severity, all of them and over time.
type levels struct {
	counts Counts
	over   [Levels]trend
}

// init prepares to count.
func (l *levels) init() {
	for i := range l.over {
		l.over[i].wide = true
	}
}

// add counts a record; second is when it was logged, of which timed says whether it is known.
func (l *levels) add(s parsers.Severity, second uint32, timed bool) {
	level := levelOf[s%32]
	l.counts[level]++
	if timed {
		l.over[level].count(second, 1)
	}
}

// merge adds the records of m, which stays as it is.
func (l *levels) merge(m *levels) {
	for i := range l.counts {
		l.counts[i] += m.counts[i]
		l.over[i].merge(&m.over[i])
	}
}

// timeline renders the counts over time.
func (l *levels) timeline() Timeline {
	var t Timeline
	first, last, shift, found := int64(0), int64(0), uint8(0), false
	for i := range l.over {
		o := &l.over[i]
		if len(o.spans) == 0 {
			continue
		}
		begin, end := int64(o.spans[0].at)<<o.shift, int64(o.spans[len(o.spans)-1].at)<<o.shift
		if !found || begin < first {
			first = begin
		}
		if !found || end > last {
			last = end
		}
		shift, found = max(shift, o.shift), true
	}
	if !found {
		return t
	}
	for last>>shift-first>>shift >= timelineSpans {
		shift++
	}
	t.Start = time.Unix(first>>shift<<shift, 0).UTC()
	t.Length = time.Second << shift
	t.Spans = make([]Counts, last>>shift-first>>shift+1)
	for i := range l.over {
		for _, s := range l.over[i].spans {
			t.Spans[int64(s.at)<<l.over[i].shift>>shift-first>>shift][i] += int64(s.n)
		}
	}
	return t
}
