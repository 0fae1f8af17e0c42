package knowledgebase

import (
	"strconv"
	"strings"
)

// Group is a family of features that tell the same story: of each only the strongest ratio counts for a cause, so that
// one observation, seen from three angles, is not counted three times.
type Group uint8

// The groups of correlated features.
const (
	Wire Group = iota
	Timing
	Population
	Identity
	History
	Configuration
)

// Features are the observations that evidence rules may use for an incident. The value of a rule's "is" is one
// value, alternatives ("a|b"), a negation ("!a|b": observable, but none of these) or a number compared (">=10", "<2").
var Features = map[string]Group{
	"first-bytes":      Wire,       // what the peer's first bytes are: http http2 tls mqtt ssh proxy smtp redis postgres rdp sslv2 zero binary
	"alert":            Wire,       // the TLS alert's name in RFC 8446 spelling: bad_certificate, unknown_ca, …
	"alert-from":       Wire,       // peer (received) or local (sent)
	"code":             Wire,       // the deciding code of the incident, as printed (after the table's "as")
	"capture":          Wire,       // "name=value": a placeholder or captured field has that value in most events; "name" alone: it is there
	"with":             Wire,       // another signature matched in the same record
	"arrival":          Timing,     // single, burst (three and more within two seconds each), periodic (regular, 2 s and more apart), steady
	"burst":            Timing,     // number: most events in any one second
	"gap-before":       Timing,     // number: longest silence of the whole source, in seconds, that ended with one of the events
	"gap-after":        Timing,     // number: seconds from the last event to the end of the log in which its scope logged nothing while others did
	"onset":            Timing,     // after-start (within 15 s of a start marker), after-reload, later; observable only with such a marker
	"duration":         Timing,     // number: seconds from the first to the last event
	"clock":            Timing,     // the checker's date against those of the certificate and other clocks: unset, minutes-early, hours-early, days-early, far-early, minutes-late, hours-late, late, far-late, inside, behind-log, ahead-of-log, others-agree, others-differ
	"count":            Population, // number: folded events
	"share":            Population, // all (no success marker at all), most (≥ 50 % fail), some (≥ 5 %), few; needs a system with success markers in this log, or none at all for "all"
	"successes":        Population, // number: success markers of the system instance
	"peers":            Population, // one, few (2-5), many; observable only when events name peers
	"system":           Identity,
	"version":          Identity, // a version range, such as ">=0.22.0 <0.22.8"; observable only when the log tells the version
	"side":             Identity, // server, client
	"scope":            Identity, // prefix of the scope of the events
	"format":           Identity,
	"url-scheme":       Identity,      // http https ws wss tcp mqtt … of a captured URL, "none" for an address without scheme
	"address-kind":     Identity,      // ip or name, of a captured address
	"file-role":        Identity,      // what a captured file is by its name: ca, key, crl, certificate, config, other
	"port-role":        Identity,      // what the captured port speaks by the system's profile
	"companion":        History,       // a signature, group or cause:ID seen anywhere in the same system instance
	"companion-before": History,       // … before the first event
	"companion-after":  History,       // … after the first event
	"companion-near":   History,       // … within two seconds of an event
	"marker":           History,       // a kind of marker seen in the same system instance: start, ready, reload, stop, success
	"config":           Configuration, // a fault of a configuration given beside the log: the id of a rule of whytls check
}

// SystemFeatures are the observations that the conditions of blind spots may use, on a whole system instance.
var SystemFeatures = map[string]bool{
	"version":   true, // a range
	"successes": true, // number of success markers
	"findings":  true, // number of findings that are not noise
	"noise":     true, // number of noise findings
	"records":   true, // number of records
	"verbosity": true, // the most verbose severity seen: trace debug info warn error, or none
	"marker":    true, // kinds of markers seen
	"seen":      true, // signatures (ids or groups) seen
	"cause":     true, // leading causes of the findings
	"scope":     true, // scopes seen (prefix)
	"format":    true, // formats seen
	"duration":  true, // seconds from the first to the last record
}

// Test reports whether an observation with the given values satisfies a rule's "is".
// Values are compared exactly, except for numbers.
func Test(is string, values []string) bool {
	if is == "" {
		return len(values) > 0
	}
	switch is[0] {
	case '!':
		return !Test(is[1:], values)
	case '>', '<':
		return len(values) > 0 && compare(is, values[0])
	}
	for _, alternative := range strings.Split(is, "|") {
		for _, v := range values {
			if v == alternative {
				return true
			}
		}
	}
	return false
}

func compare(is, value string) bool {
	v, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return false
	}
	op, number := is[:1], is[1:]
	if strings.HasPrefix(number, "=") {
		op, number = is[:2], is[2:]
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return false
	}
	switch op {
	case ">":
		return v > n
	case ">=":
		return v >= n
	case "<":
		return v < n
	}
	return v <= n
}
