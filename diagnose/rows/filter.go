package rows

import (
	"bytes"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/whytls/whytls/parsers"
)

// Filter says which rows to show. The zero value shows all; a row must meet every condition that is set.
type Filter struct {
	// Text must stand somewhere in the record, its further lines included. Without capital letters it is found
	// in any case.
	Text string
	// Regexp must match the record, its further lines included.
	Regexp *regexp.Regexp
	// Severity is the lowest to show; records without one are then hidden. Blocks of the log that are known to hold none
	// of it are not read.
	Severity parsers.Severity
	// Systems, Sources and Signatures list what to show; empty means all.
	Systems, Sources, Signatures []string
	// From and To bound the place in time, both included; a record without a time has that of the one before it. What
	// lies outside is not looked at and does not count as hidden.
	From, To time.Time
	// And are filters that a row must meet besides, such as the one on the screen when something is searched for.
	And []Filter
}

// sieve is a Filter made ready.
type sieve struct {
	severity   parsers.Severity
	texts      []needle
	regexps    []*regexp.Regexp
	systems    [][]string
	sources    [][]string
	signatures [][]string
	from, to   int64
}

// needle is a text to be found.
type needle struct {
	text []byte
	fold bool // in any case; then the text is lower case
}

func newSieve(f Filter) *sieve {
	s := &sieve{from: math.MinInt64, to: math.MaxInt64}
	s.add(f)
	return s
}

func (s *sieve) add(f Filter) {
	s.severity = max(s.severity, f.Severity)
	if f.Text != "" {
		s.texts = append(s.texts, needle{[]byte(f.Text), !strings.ContainsFunc(f.Text, unicode.IsUpper)})
	}
	if f.Regexp != nil {
		s.regexps = append(s.regexps, f.Regexp)
	}
	if len(f.Systems) > 0 {
		s.systems = append(s.systems, f.Systems)
	}
	if len(f.Sources) > 0 {
		s.sources = append(s.sources, f.Sources)
	}
	if len(f.Signatures) > 0 {
		s.signatures = append(s.signatures, f.Signatures)
	}
	if !f.From.IsZero() {
		s.from = max(s.from, f.From.UnixNano())
	}
	if !f.To.IsZero() {
		s.to = min(s.to, f.To.UnixNano())
	}
	for _, more := range f.And {
		s.add(more)
	}
}

// takesSource reports whether rows of a source can be shown.
func (s *sieve) takesSource(name string) bool { return inAll(s.sources, name) }

// inAll reports whether each list holds the value.
func inAll(lists [][]string, value string) bool {
	for _, l := range lists {
		if !slices.Contains(l, value) {
			return false
		}
	}
	return true
}

// takesEntry reports whether a record can be shown, as far as its entry tells.
func (s *sieve) takesEntry(e *entry, names *names) bool {
	return e.severity >= s.severity && (len(s.systems) == 0 || inAll(s.systems, names.name(e.system)))
}

// needsText reports whether the bytes of a record decide.
func (s *sieve) needsText() bool { return len(s.texts)+len(s.regexps)+len(s.signatures) > 0 }

// takesText reports whether the bytes of a record hold what they must.
func (s *sieve) takesText(b []byte) bool {
	for _, n := range s.texts {
		if !n.in(b) {
			return false
		}
	}
	for _, re := range s.regexps {
		if !re.Match(b) {
			return false
		}
	}
	return true
}

// in reports whether the needle stands in b.
func (n needle) in(b []byte) bool {
	if !n.fold {
		return bytes.Contains(b, n.text)
	}
	first, upper := n.text[0], n.text[0]
	if first >= 0x80 {
		return bytes.Contains(bytes.ToLower(b), n.text)
	}
	if first >= 'a' && first <= 'z' {
		upper -= 'a' - 'A'
	}
	for len(b) >= len(n.text) {
		i := indexEither(b[:len(b)-len(n.text)+1], first, upper)
		if i < 0 {
			return false
		}
		b = b[i:]
		if bytes.EqualFold(b[:len(n.text)], n.text) {
			return true
		}
		b = b[1:]
	}
	return false
}

// indexEither is the place of the first of two bytes.
func indexEither(b []byte, x, y byte) int {
	i := bytes.IndexByte(b, x)
	if x == y || i == 0 {
		return i
	}
	if i > 0 {
		b = b[:i]
	}
	if j := bytes.IndexByte(b, y); j >= 0 {
		return j
	}
	return i
}
