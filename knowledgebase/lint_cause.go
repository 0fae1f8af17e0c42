package knowledgebase

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// What fits the report: the title on a line, a fix on three.
const (
	longestTitle = 70
	longestFix   = 200
)

var (
	braces = regexp.MustCompile(`%?\{([a-z_]+)\}`) // %{http_code} is curl's
	// weakening are the switches that make a failure go away by not looking. They may stand in checks and in what never to do.
	weakening = regexp.MustCompile(`(?i)--insecure|insecure_?skip_?verify|--no-check-certificate|danger_accept_invalid|` +
		`verif[a-z_-]*[ =:]+(off|none|false|no|0)\b|verify_none|cert_none|node_tls_reject_unauthorized|sslmode[ =]+disable|\bcurl\b[^|;]* -[a-z]*k\b|` +
		`(disable|switch off|turn off) (the )?(certificate )?(verification|validation)`)
)

func (l *linter) cause(c *Cause) {
	here := spot{entry: c, name: "cause " + c.ID}
	l.id(here.at("id", c.ID), c.ID)
	l.word(here, "urgency", c.Urgency, "noise", "watch", "degraded", "outage")
	if c.Urgency == "" || c.Title == "" || c.Meaning == "" {
		l.fault(here, "title, meaning and urgency are required")
	}
	if n := utf8.RuneCountInString(c.Title); n > longestTitle {
		l.fault(here.at("title"), "the title has %d characters, at most %d fit", n, longestTitle)
	}
	for _, id := range c.LeadsTo {
		if l.base.Causes[id] == nil {
			l.fault(here.at("leads-to", id), "leads to unknown cause %q", id)
		}
	}
	if card := l.base.Causes[c.ID]; len(card.Checks) == 0 || len(card.Fixes) == 0 {
		l.wanting(here, "the card has no checks or no fixes yet")
	}
	l.card(here, c.ID, c.Evidence, c.Checks, c.Fixes)
}

// card lints what stands on the card of a cause, whether the cause itself or a system says it.
func (l *linter) card(here spot, cause string, evidence []Evidence, checks []Check, fixes []Fix) {
	for i, e := range evidence {
		l.evidence(here.at("evidence", item(i)), &e)
	}
	for i, c := range checks {
		at := here.at("checks", item(i))
		if c.Run == "" || c.LookFor == "" {
			l.fault(at, "a check needs run and look-for: %q", c.Run)
		}
		for _, m := range braces.FindAllStringSubmatch(c.Run, -1) {
			if m[0][0] != '%' && m[1] != "host" && m[1] != "port" && m[1] != "sni" {
				l.fault(at.at("run"), "unknown placeholder %s: text of a log enters a command only as {host}, {port} or {sni}", m[0])
			}
		}
		l.systems(at, "for", c.For)
		for _, id := range c.Separates {
			if l.base.Causes[id] == nil || id == cause {
				l.fault(at.at("separates", id), "separates: %q is no other cause", id)
			}
		}
	}
	for i, f := range fixes {
		at := here.at("fixes", item(i))
		if (f.Do == "") == (f.Never == "") {
			l.fault(at, "a fix is either something to do or something never to do")
		}
		if n := utf8.RuneCountInString(f.Do + f.Never); n > longestFix {
			l.fault(at, "the fix has %d characters, at most %d fit", n, longestFix)
		}
		if m := weakening.FindString(f.Do); m != "" {
			l.fault(at.at("do"), "a remedy must not weaken security (%q): it may only stand in a check or in never", m)
		}
		l.systems(at, "for", f.For)
	}
}

func (l *linter) evidence(here spot, e *Evidence) {
	if e.Why == "" {
		l.fault(here, "evidence %s %q needs a why", e.Feature, e.Is)
	}
	if e.Ratio < 0.1 || e.Ratio > 10 {
		l.fault(here.at("ratio"), "evidence %s %q: the ratio %v is not between 0.1 and 10", e.Feature, e.Is, e.Ratio)
	}
	l.systems(here, "for", e.For)
	for _, id := range e.On {
		if l.base.signature[id] == nil && !l.groups[id] {
			l.fault(here.at("on", id), "evidence on unknown signature or group %q", id)
		}
	}
	if _, ok := Features[e.Feature]; !ok {
		l.fault(here.at("feature"), "unknown feature %q", e.Feature)
		return
	}
	l.value(here.at("is"), e.Feature, e.Is)
}

// values are the words that features have.
var values = map[string][]string{
	"first-bytes": {"http", "http2", "tls", "alert", "mqtt", "ssh", "proxy", "smtp", "redis", "postgres", "rdp", "sslv2", "zero", "binary"},
	"alert-from":  {"peer", "local"},
	"arrival":     {"single", "burst", "periodic", "steady"},
	"clock": {"unset", "minutes-early", "hours-early", "days-early", "far-early", "minutes-late", "hours-late", "late", "far-late", "inside",
		"behind-log", "ahead-of-log", "others-agree", "others-differ"},
	"onset":     {"after-start", "after-reload", "later"},
	"share":     {"all", "most", "some", "few"},
	"peers":     {"one", "few", "many"},
	"side":      {"server", "client", "either"},
	"config":    ConfigFaults,
	"marker":    markers,
	"verbosity": {"trace", "debug", "info", "warn", "error", "fatal", "none"},
}

// numbers are the features whose values are compared.
var numbers = map[string]bool{"burst": true, "gap-before": true, "gap-after": true, "duration": true, "count": true, "successes": true, "findings": true, "noise": true, "records": true}

var comparison = regexp.MustCompile(`^[<>]=?(.*)$`)

// value refuses what a feature can never be: a word that it does not have, a signature or a cause that does not exist.
func (l *linter) value(here spot, feature, is string) {
	is = strings.TrimPrefix(is, "!")
	if feature == "version" {
		if _, err := ParseRange(is); err != nil {
			l.fault(here, "%v", err)
		}
		return
	}
	if numbers[feature] {
		number := is
		if m := comparison.FindStringSubmatch(is); m != nil {
			number = m[1]
		}
		if _, err := strconv.ParseFloat(number, 64); err != nil {
			l.fault(here, "%s %q is no number, nor one compared such as >=10", feature, is)
		}
		return
	}
	if is == "" {
		return
	}
	for _, v := range strings.Split(is, "|") {
		switch feature {
		case "companion", "companion-before", "companion-after", "companion-near", "with", "seen":
			id, isCause := strings.CutPrefix(v, "cause:")
			if isCause && l.base.Causes[id] == nil || !isCause && l.base.signature[v] == nil && !l.groups[v] {
				l.fault(here, "%s %q names no signature, group or cause", feature, v)
			}
		case "alert":
			if AlertName(v) != v {
				l.fault(here, "%q is no alert of RFC 8446", v)
			}
		case "cause":
			if l.base.Causes[v] == nil {
				l.fault(here, "unknown cause %q", v)
			}
		case "system":
			l.systems(here, feature, Strings{v})
		case "format":
			l.formats(here, feature, Strings{v})
		default:
			if words := values[feature]; words != nil {
				l.word(here, feature, v, words...)
			}
		}
	}
}

func (l *linter) system(s *System) {
	here := spot{entry: s, name: "system " + s.ID}
	l.id(here.at("system", s.ID), s.ID)
	l.formats(here, "formats", s.Formats)
	for i, f := range s.Fingerprints {
		if _, err := ParseRange(f.Version); err != nil {
			l.fault(here.at("fingerprints", item(i), "version"), "%v", err)
		}
	}
	for i, b := range s.BlindSpots {
		at := here.at("blind-spots", item(i))
		at.name += fmt.Sprintf(": blind spot %q", b.ID)
		if b.Text == "" || b.Remedy == "" || len(b.When) == 0 {
			l.fault(at, "text, remedy and when are required")
		}
		for k, c := range b.When {
			to := at.at("when", item(k))
			if !SystemFeatures[c.Feature] {
				l.fault(to.at("feature"), "unknown feature %q", c.Feature)
				continue
			}
			l.value(to.at("is"), c.Feature, c.Is)
		}
	}
	for _, id := range sorted(s.Causes) {
		notes := s.Causes[id]
		at := here.at("causes", id)
		at.name += ": " + id
		l.card(at, id, notes.Evidence, notes.Checks, notes.Fixes)
	}
}
