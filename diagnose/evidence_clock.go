package diagnose

import (
	"fmt"
	"time"

	"github.com/whytls/whytls/parsers"
)

// The feature clock sets three things against each other: when the checker believed it to be (the message prints it as
// <now>, else the time of the line), between which dates the certificate is valid (<not-before> and <not-after> in the message,
// else on lines of their own), and what other clocks say (that of the log, those of other logs). A certificate that "begins"
// fifty years from now says that a clock was never set.
//
//	unset           the checker's date is within a year after one at which clocks without a battery start
//	minutes-early   the certificate begins up to an hour later; hours-early a day, days-early 90 days, far-early more
//	minutes-late    it ended up to an hour before; hours-late a day, late ten years, far-late more
//	inside          the message complains about dates between which the line was written
//	behind-log      the date that the checker prints is before that of the line, by which the certificate is good; ahead-of-log
//	                after it
//	others-agree    another log was written at the same time; others-differ every other program's was more than a day away, when
//	                the certificate was good
func init() { registerFeature("clock", (*observer).clock) }

// How far apart clocks and dates may be.
const (
	anHour = int64(3600)
	// aDay is a day and the two hours by which zones differ beyond it.
	aDay     = 26 * anHour
	season   = 90 * 24 * anHour
	decade   = 3653 * 24 * anHour
	together = 5 * 60 // between two logs of one time
)

// epochs are the dates at which clocks start that nobody has set: Unix, DOS and GPS, real-time clock chips.
var epochs = [...]int64{0, 315532800, 946684800}

// reading is what the checker's clock showed during the events of an incident.
type reading struct {
	first, last int64 // Unix seconds
	printed     bool  // by the message itself
	vague       bool
}

func (o *observer) clock() *observation {
	now, ok := o.in.checkerTime()
	if !ok {
		return nil
	}
	bounds, own := o.in.validity()
	v := &observation{at: o.in.anyHit(), words: map[string]string{"now": date{unix: now.last}.String()}}
	says := func(value string) { v.values = append(v.values, value) }
	if unset(now.last) {
		says("unset")
	}
	switch begin, end := bounds.notBefore, bounds.notAfter; {
	case begin.known && now.last < begin.unix:
		v.words["bound"], v.words["gap"] = begin.String(), lasting(begin.unix-now.last)
		says(early(begin.unix-now.last, now.vague || begin.vague))
	case end.known && now.first > end.unix:
		v.words["bound"], v.words["gap"] = end.String(), lasting(now.first-end.unix)
		says(late(now.first-end.unix, now.vague || end.vague))
	case own && !now.printed && inside(now, bounds):
		says("inside")
	}
	if log, ok := o.in.logTime(); ok && now.printed && bounds.known() && inside(log, bounds) && !inside(now, bounds) {
		v.words["log"] = date{unix: log.first}.String()
		if now.last < log.first {
			says("behind-log")
		} else {
			says("ahead-of-log")
		}
	}
	if value, other := o.otherLogs(bounds); value != "" {
		v.words["other"] = other
		says(value)
	}
	if len(v.values) == 0 {
		return nil
	}
	return v
}

// checkerTime is the date that the message prints, else that of the log.
func (in *incident) checkerTime() (now reading, ok bool) {
	if printed := in.values["now"]; printed != nil {
		for text := range printed.counts {
			d := parseDate(text)
			if !d.known {
				continue
			}
			if !ok {
				now, ok = reading{first: d.unix, last: d.unix, printed: true}, true
			}
			now.first, now.last, now.vague = min(now.first, d.unix), max(now.last, d.unix), now.vague || d.vague
		}
		if ok {
			return now, true
		}
	}
	return in.logTime()
}

// logTime is when the lines of the incident were written.
func (in *incident) logTime() (log reading, ok bool) {
	for i := range in.hits {
		at := in.hits[i].at
		if !at.Absolute() {
			continue
		}
		seconds := at.Nano / int64(time.Second)
		if !ok {
			log, ok = reading{first: seconds, last: seconds}, true
		}
		log.first, log.last, log.vague = min(log.first, seconds), max(log.last, seconds), log.vague || at.Kind == parsers.TimeLocal
	}
	return log, ok
}

// validity is between which dates the certificate is valid. own is set when the message itself says so.
func (in *incident) validity() (v validity, own bool) {
	v = validity{parseDate(in.topValue("not-before")), parseDate(in.topValue("not-after"))}
	if v.known() {
		return v, true
	}
	seen := make(map[int]bool)
	for i := range in.hits {
		if p := &in.hits[i]; !seen[p.number] && p.source.merged != nil {
			seen[p.number] = true
			v.merge(p.source.merged.validity)
		}
	}
	return v, false
}

// inside reports whether a clock was surely between the dates, as far as they are known.
func inside(now reading, v validity) bool {
	slack := int64(0)
	if now.vague || v.notBefore.vague || v.notAfter.vague {
		slack = aDay
	}
	return (!v.notBefore.known || now.first > v.notBefore.unix+slack) && (!v.notAfter.known || now.last < v.notAfter.unix-slack)
}

func unset(seconds int64) bool {
	for _, epoch := range epochs {
		if seconds >= epoch && seconds < epoch+366*24*anHour {
			return true
		}
	}
	return false
}

// early names how long before its beginning a certificate was checked.
func early(gap int64, vague bool) string {
	switch {
	case gap <= anHour && !vague:
		return "minutes-early"
	case gap <= aDay:
		return "hours-early"
	case gap <= season:
		return "days-early"
	}
	return "far-early"
}

// late names how long after its end a certificate was checked.
func late(gap int64, vague bool) string {
	switch {
	case gap <= anHour && !vague:
		return "minutes-late"
	case gap <= aDay:
		return "hours-late"
	case gap <= decade:
		return "late"
	}
	return "far-late"
}

// otherLogs compares the time of the incident with that of the logs that it is not in. A log of the same program may be of
// another day; those of other programs, given together, are expected to tell of the same time.
func (o *observer) otherLogs(bounds validity) (value, other string) {
	log, ok := o.in.logTime()
	if !ok {
		return "", ""
	}
	nearest, differ := int64(-1), false
	for n, src := range o.system.sources {
		p := src.merged
		if o.in.bySource[n] != nil || p == nil || !p.first.Absolute() || !p.last.Absolute() {
			continue
		}
		first, last := p.first.Nano/int64(time.Second), p.last.Nano/int64(time.Second)
		away := max(first-log.last, log.first-last, 0)
		if away <= together {
			return "others-agree", src.name
		}
		if system := mainSystem(p); system != "" && system == o.system.id {
			continue
		}
		differ = differ || inside(reading{first: first, last: last}, bounds)
		if nearest < 0 || away < nearest {
			nearest, other = away, fmt.Sprintf("%s (%s)", src.name, date{unix: first}.String())
		}
	}
	if differ && nearest > aDay {
		return "others-differ", other
	}
	return "", ""
}

// lasting says how long a time is in the largest unit that fits.
func lasting(seconds int64) string {
	for _, unit := range [...]struct {
		seconds int64
		name    string
	}{{365 * 24 * anHour, "year"}, {24 * anHour, "day"}, {anHour, "hour"}, {60, "minute"}} {
		if n := seconds / unit.seconds; n == 1 {
			return "1 " + unit.name
		} else if n > 1 {
			return fmt.Sprintf("%d %ss", n, unit.name)
		}
	}
	return fmt.Sprintf("%d s", seconds)
}
