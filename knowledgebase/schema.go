package knowledgebase

// Weights are the shares of likelihood that a message gives to causes: cause id → 0..1, together at most 1. The
// rest is undetermined.
type Weights map[string]float64

// Signature is one message that a library or program prints.
type Signature struct {
	ID string `yaml:"id" json:"id"`
	// Text is the message with <placeholders>. A placeholder takes one or more tokens; <name:kind> takes
	// exactly one token of a kind of package shape (num, hex, ip, host, path, url, word, any), <name:kind?> at
	// most one (not at the beginning); <name:table> takes the longest text that is a key of Table, <name:key> one
	// token that is one written as a constant (NO_SHARED_CIPHER), where name is Code. A literal "<" is written "\<". Several texts are alternatives.
	Text Strings `yaml:"text" json:"text"`
	// Whole demands that the text is the entire message, error field or wrapped reason.
	Whole bool `yaml:"whole,omitempty" json:"whole,omitempty"`
	// Wraps names the placeholder that holds another message. A wrapper gives context (see When.With)
	// and its own weights count only when nothing inside is known.
	Wraps string `yaml:"wraps,omitempty" json:"wraps,omitempty"`
	// Fallback marks a text that says little, such as the name of a library: it speaks only where no other
	// signature does, however many words it has.
	Fallback bool `yaml:"fallback,omitempty" json:"fallback,omitempty"`
	// Scope lists scopes or functions (any of them) that the record must have been logged from. A record
	// that tells neither is taken too, with less weight than a signature without Scope.
	Scope Strings `yaml:"scope,omitempty" json:"scope,omitempty"`
	// OnlyIn lists the systems whose records may match; a record of an unknown system may match too.
	OnlyIn Strings `yaml:"only-in,omitempty" json:"only-in,omitempty"`
	// Formats lists the formats whose records may match.
	Formats Strings `yaml:"formats,omitempty" json:"formats,omitempty"`
	// Says is what the message means, in a few words: the title of a finding.
	Says string `yaml:"says,omitempty" json:"says,omitempty"`
	// Side is whose log prints it: server, client or either.
	Side string `yaml:"side,omitempty" json:"side,omitempty"`
	// Marker makes the message a marker of the system's life instead of a fault: start, ready, reload,
	// success, stop, version, or state for what only conditions use. A marker may have a placeholder <version>. With a
	// table it is a marker only where the entry of the code is quiet, and a fault where the entry suggests causes.
	Marker string `yaml:"marker,omitempty" json:"marker,omitempty"`
	// Proves is a version range of the system that the message proves, such as ">=0.65.0 <1.0.0".
	Proves string `yaml:"proves,omitempty" json:"proves,omitempty"`
	// Quiet marks an ordinary message that must not be reported at all.
	Quiet bool `yaml:"quiet,omitempty" json:"quiet,omitempty"`
	// Group names the event that this message is one line of: messages of one group, one code and one
	// system instance are folded and count once.
	Group string `yaml:"group,omitempty" json:"group,omitempty"`
	// Code names the capture (placeholder or field of the record) that tells events of one message
	// apart, and Table the table that says what its values mean.
	Code  string `yaml:"code,omitempty" json:"code,omitempty"`
	Table string `yaml:"table,omitempty" json:"table,omitempty"`
	// Fold names how a code is turned into a key of the table: "openssl-code" takes a packed error of OpenSSL apart
	// (1408F10B → 20:267).
	Fold string `yaml:"fold,omitempty" json:"fold,omitempty"`
	// Alert is the TLS alert that the message tells of, by its name in RFC 8446; where it tells of any alert, a placeholder
	// <alert> takes its name or number. AlertFrom is who sent it: peer or local.
	Alert     string `yaml:"alert,omitempty" json:"alert,omitempty"`
	AlertFrom string `yaml:"alert-from,omitempty" json:"alert_from,omitempty"`
	// Captures lists fields of the record that are kept as facts, beside the placeholders.
	Captures Strings `yaml:"captures,omitempty" json:"captures,omitempty"`
	// Suggests is what the message alone makes likely; When refines it: the first that holds is used.
	Suggests Weights `yaml:"suggests,omitempty" json:"suggests,omitempty"`
	When     []When  `yaml:"when,omitempty" json:"when,omitempty"`
	// Source is the upstream file, document or measured run that the entry stands on.
	Source string `yaml:"source" json:"source,omitempty"`
	// Examples must match this signature first of all, CounterExamples must not match it.
	Examples        []string `yaml:"examples" json:"examples,omitempty"`
	CounterExamples []string `yaml:"counter-examples,omitempty" json:"counter_examples,omitempty"`

	// Library, System and Generated come from the file.
	Library   string `yaml:"-" json:"library"`
	System    string `yaml:"-" json:"system,omitempty"`
	Generated string `yaml:"-" json:"generated,omitempty"`
}

// When is a condition on a hit and the weights that hold under it. All given conditions must hold.
type When struct {
	With     Strings           `yaml:"with,omitempty" json:"with,omitempty"`       // another signature matched in the same record
	Without  Strings           `yaml:"without,omitempty" json:"without,omitempty"` // none of these matched in the same record
	System   Strings           `yaml:"system,omitempty" json:"system,omitempty"`
	Scope    Strings           `yaml:"scope,omitempty" json:"scope,omitempty"`
	Version  string            `yaml:"version,omitempty" json:"version,omitempty"`
	Code     Strings           `yaml:"code,omitempty" json:"code,omitempty"`
	Facts    map[string]string `yaml:"facts,omitempty" json:"facts,omitempty"` // feature → value, as in Evidence
	Suggests Weights           `yaml:"suggests" json:"suggests"`
	Says     string            `yaml:"says,omitempty" json:"says,omitempty"`
}

// TableEntry is the meaning of one value of a code.
type TableEntry struct {
	// As folds the value onto another one of the same table (a text onto its number).
	As       string  `yaml:"as,omitempty" json:"as,omitempty"`
	Says     string  `yaml:"says,omitempty" json:"says,omitempty"`
	Quiet    bool    `yaml:"quiet,omitempty" json:"quiet,omitempty"`
	Suggests Weights `yaml:"suggests,omitempty" json:"suggests,omitempty"`
}

// Evidence is one reason for or against a cause.
type Evidence struct {
	// Feature and Is name the observation, see Features. Is may list values ("periodic|steady"), negate
	// ("!periodic") or compare numbers (">=10").
	Feature string `yaml:"feature" json:"feature"`
	Is      string `yaml:"is" json:"is"`
	// For limits the rule to incidents of these systems.
	For Strings `yaml:"for,omitempty" json:"for,omitempty"`
	// On limits the rule to incidents of these signatures or groups.
	On Strings `yaml:"on,omitempty" json:"on,omitempty"`
	// Ratio is how much more often the observation is made when the cause is true than when it is not.
	Ratio float64 `yaml:"ratio" json:"ratio"`
	// Why is shown to the person; {value} and other facts in braces are filled in.
	Why string `yaml:"why" json:"why"`
}

// Check is a command that decides, the cheapest first.
type Check struct {
	Run     string  `yaml:"run" json:"run"`
	LookFor string  `yaml:"look-for" json:"look_for"`
	For     Strings `yaml:"for,omitempty" json:"for,omitempty"`
	// Separates lists the causes that the answer tells from this one and from each other. Where two of them lead in doubt, the
	// check comes first.
	Separates Strings `yaml:"separates,omitempty" json:"separates,omitempty"`
}

// Fix is one remedy: something to do, or something never to do.
type Fix struct {
	For   Strings `yaml:"for,omitempty" json:"for,omitempty"`
	Do    string  `yaml:"do,omitempty" json:"do,omitempty"`
	Never string  `yaml:"never,omitempty" json:"never,omitempty"`
}

// Cause is one root cause out of the closed list.
type Cause struct {
	ID      string `yaml:"id" json:"id"`
	Title   string `yaml:"title" json:"title"`
	Urgency string `yaml:"urgency" json:"urgency"` // noise, watch, degraded, outage
	Meaning string `yaml:"meaning" json:"meaning"`
	// Elsewhere is set when the reason stands only in the log of the other side: where both logs are given, the
	// side that knows the reason settles it.
	Elsewhere bool `yaml:"elsewhere,omitempty" json:"elsewhere,omitempty"`
	// SeenAs lists the causes that the other end takes it for: it is told a reason, but not whose fault it is.
	SeenAs     Strings    `yaml:"seen-as,omitempty" json:"seen_as,omitempty"`
	Evidence   []Evidence `yaml:"evidence,omitempty" json:"evidence,omitempty"`
	LeadsTo    Strings    `yaml:"leads-to,omitempty" json:"leads_to,omitempty"`
	Checks     []Check    `yaml:"checks,omitempty" json:"checks,omitempty"`
	Fixes      []Fix      `yaml:"fixes,omitempty" json:"fixes,omitempty"`
	References Strings    `yaml:"references,omitempty" json:"references,omitempty"`

	Family string `yaml:"-" json:"family"`
}

// Fingerprint is a trait of a log that proves a range of versions.
type Fingerprint struct {
	Scope   string `yaml:"scope" json:"scope"`
	Line    int    `yaml:"line,omitempty" json:"line,omitempty"`
	Path    string `yaml:"path,omitempty" json:"path,omitempty"` // a substring of code.file.path; "<version>" in it captures
	Body    string `yaml:"body,omitempty" json:"body,omitempty"` // the whole message, to the byte
	Version string `yaml:"version,omitempty" json:"version,omitempty"`
}

// BlindSpot is something that a system does not log, and when that bears on the question.
type BlindSpot struct {
	ID     string `yaml:"id" json:"id"`
	Text   string `yaml:"text" json:"text"`
	Remedy string `yaml:"remedy" json:"remedy"`
	// When lists conditions on the log of the system (see SystemFeatures); all must hold.
	When []Condition `yaml:"when" json:"when"`
}

// Condition is a demand on a fact, in the notation of Evidence.
type Condition struct {
	Feature string `yaml:"feature" json:"feature"`
	Is      string `yaml:"is" json:"is"`
}

// System is the profile of one program.
type System struct {
	ID    string `yaml:"system" json:"id"`
	Title string `yaml:"title" json:"title"`
	// Formats, Scopes (prefixes) recognise its records.
	Formats Strings           `yaml:"formats,omitempty" json:"formats,omitempty"`
	Scopes  Strings           `yaml:"scopes,omitempty" json:"scopes,omitempty"`
	Ports   map[string]string `yaml:"ports,omitempty" json:"ports,omitempty"` // port → what it speaks
	// SuccessAt is the severity at which the program logs its successes: a log without it cannot show their absence.
	SuccessAt    string        `yaml:"success-at,omitempty" json:"success_at,omitempty"`
	Fingerprints []Fingerprint `yaml:"fingerprints,omitempty" json:"fingerprints,omitempty"`
	BlindSpots   []BlindSpot   `yaml:"blind-spots,omitempty" json:"blind_spots,omitempty"`
	// Causes adds what holds for this system only to the cards of causes: cause id → evidence, checks, fixes.
	Causes     map[string]CauseNotes `yaml:"causes,omitempty" json:"causes,omitempty"`
	References Strings               `yaml:"references,omitempty" json:"references,omitempty"`
}

// CauseNotes is what a system adds to the card of a cause. Its checks and fixes come before the general ones.
type CauseNotes struct {
	Evidence []Evidence `yaml:"evidence,omitempty" json:"evidence,omitempty"`
	Checks   []Check    `yaml:"checks,omitempty" json:"checks,omitempty"`
	Fixes    []Fix      `yaml:"fixes,omitempty" json:"fixes,omitempty"`
}

// Strings is a list that YAML may also write as one string.
type Strings []string

// UnmarshalYAML accepts a scalar or a sequence.
func (s *Strings) UnmarshalYAML(unmarshal func(any) error) error {
	var one string
	if err := unmarshal(&one); err == nil {
		*s = Strings{one}
		return nil
	}
	var many []string
	if err := unmarshal(&many); err != nil {
		return err
	}
	*s = many
	return nil
}

// Has reports whether the list holds v.
func (s Strings) Has(v string) bool {
	for _, x := range s {
		if x == v {
			return true
		}
	}
	return false
}

// Ranking holds the constants of the ranking, see ranking.yaml.
type Ranking struct {
	Temperature float64 `yaml:"temperature" json:"temperature"`
	Floor       float64 `yaml:"floor" json:"floor"`
	Strongest   float64 `yaml:"strongest" json:"strongest"`
	Unlisted    float64 `yaml:"unlisted" json:"unlisted"`
}

// signatureFile is a file of signatures: what one library or program prints.
type signatureFile struct {
	// Library is the name of the library or program.
	Library string `yaml:"library"`
	// System is the system whose records these messages are in, when they are those of one program.
	System string `yaml:"system,omitempty"`
	// Versions says which versions the messages were taken from.
	Versions string `yaml:"versions,omitempty"`
	// Generated names the program of this repository that wrote the file out of a library's sources. What a person wrote
	// needs more examples.
	Generated string `yaml:"generated,omitempty"`
	// Tables say what the values of codes mean: name → value as printed → meaning.
	Tables     map[string]map[string]TableEntry `yaml:"tables,omitempty"`
	Signatures []*Signature                     `yaml:"signatures,omitempty"`
}

// causeFile is a file of root causes that belong together.
type causeFile struct {
	Family string   `yaml:"family"`
	Causes []*Cause `yaml:"causes"`
}
