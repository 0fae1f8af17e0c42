package diagnose

import (
	"strings"
	"time"
)

// date is a moment that a message prints as text, in seconds of Unix time. The zero date is an unknown one.
type date struct {
	unix  int64
	known bool
	// vague is set when the zone is unknown, so that the moment may be off by many hours.
	vague bool
}

// dateLayouts are the ways in which the libraries print the dates of certificates. Days and months as numbers without a
// year in front are never read: their order cannot be known.
var dateLayouts = [...]string{
	time.RFC3339,                    // Go
	"2006-01-02 15:04:05 MST",       // GnuTLS
	"Jan _2 15:04:05 2006 MST",      // OpenSSL, curl, Node
	"Jan 2 15:04:05 2006 MST",       // the same after a program has folded the blanks
	"Mon Jan 2 15:04:05 MST 2006",   // Java
	"Mon, 02 Jan 2006 15:04:05 MST", // curl with GnuTLS
	"2006-01-02T15:04:05",
	"2006-01-02 15:04:05",
	"2006-01-02",
}

// parseDate reads a date in one of the known layouts, or seconds of Unix time.
func parseDate(text string) date {
	text = strings.Trim(text, " \t\"'`.,;()[]")
	if text == "" || len(text) > 64 {
		return date{}
	}
	if seconds, ok := unixSeconds(text); ok {
		return date{unix: seconds, known: true}
	}
	for _, layout := range dateLayouts {
		t, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		// An abbreviation that the standard library does not know is read as if it were UTC.
		zone, offset := t.Zone()
		named := strings.Contains(layout, "MST") && (zone == "UTC" || zone == "GMT" || offset != 0)
		return date{unix: t.Unix(), known: true, vague: layout != time.RFC3339 && !named}
	}
	return date{}
}

// unixSeconds reads whole seconds up to the year 5138.
func unixSeconds(text string) (seconds int64, ok bool) {
	if len(text) > 11 {
		return 0, false
	}
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return 0, false
		}
		seconds = seconds*10 + int64(c-'0')
	}
	return seconds, true
}

// String is the date as a person reads it.
func (d date) String() string {
	return time.Unix(d.unix, 0).UTC().Format("2006-01-02 15:04:05 UTC")
}

// validity is when certificates are valid by what a log says on lines of their own ("notAfter=Nov 21 00:20:13 2026 GMT").
// Of several certificates it holds the first end and the last beginning: those are what a check fails on. Merging does
// not depend on the order.
type validity struct{ notBefore, notAfter date }

func (v *validity) known() bool { return v.notBefore.known || v.notAfter.known }

func (v *validity) merge(other validity) {
	if b := other.notBefore; b.known && (!v.notBefore.known || b.unix > v.notBefore.unix) {
		v.notBefore = b
	}
	if a := other.notAfter; a.known && (!v.notAfter.known || a.unix < v.notAfter.unix) {
		v.notAfter = a
	}
}
