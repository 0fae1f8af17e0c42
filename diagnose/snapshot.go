package diagnose

import (
	"encoding/json"
	"slices"
	"time"
)

// Schema names the version of the JSON report. Fields may be added to it, never renamed.
const Schema = "whytls.report/1"

// Snapshot is the state of the diagnosis at one moment. It is immutable and its JSON form is the report contract.
type Snapshot struct {
	Schema       string      `json:"schema"`
	Input        Input       `json:"input"`
	Findings     []*Finding  `json:"findings"`
	FindingsRest Left        `json:"findings_rest,omitzero"`
	BlindSpots   []BlindSpot `json:"blind_spots"`
	Clusters     []Cluster   `json:"clusters"`
	ClustersRest Rest        `json:"clusters_rest"`
	Warnings     []Warning   `json:"warnings"`
	// Probes are the results of the active tests that the user asked for, each of the schema whytls.probe/1.
	Probes []json.RawMessage `json:"probes,omitempty"`

	sourceOf []int // the place in Input.Sources by Finding.sources

	// Faults are the inputs that could not be read.
	Faults []Fault `json:"-"`
	// Quiet is the number of records that are known to be ordinary.
	Quiet int64 `json:"-"`
	// Unexplained is the number of records at ERROR and above that no signature knows.
	Unexplained int64 `json:"-"`
	// Generation counts the snapshots of a live run, of which the first is made before anything is read; 0 in a batch run.
	Generation uint64 `json:"-"`
	// Counts are the records of all sources by severity, Timeline the same over the log's own time.
	Counts   Counts   `json:"-"`
	Timeline Timeline `json:"-"`
	// Rates are those of all sources of a live run.
	Rates Rates `json:"-"`
	// Status tells how the findings of a live run develop, by their ids; nil in a batch run.
	Status map[string]Status `json:"-"`
}

// Input is the accounting of all sources: lines = heads + continuation + blank + unparsed + skipped.
type Input struct {
	Bytes        int64            `json:"bytes"`
	Lines        int64            `json:"lines"`
	Heads        int64            `json:"heads"`
	Splits       int64            `json:"splits"`
	Records      int64            `json:"records"`
	Continuation int64            `json:"continuation"`
	Blank        int64            `json:"blank"`
	Unparsed     int64            `json:"unparsed"`
	Skipped      map[string]int64 `json:"skipped"`
	Sources      []SourceInfo     `json:"sources"`
}

// Unread is how many bytes of the past of live sources are not read yet: as long as there are any, counts are not
// complete.
func (in *Input) Unread() int64 {
	var sum int64
	for i := range in.Sources {
		sum += in.Sources[i].Unread
	}
	return sum
}

// PastRead is the share of the past of live sources that is read, of those where some is not: 1 when all is.
func (in *Input) PastRead() float64 {
	var past int64
	for i := range in.Sources {
		past += in.Sources[i].Past
	}
	if past == 0 {
		return 1
	}
	return 1 - float64(in.Unread())/float64(past)
}

// SourceInfo describes one source. Times are RFC 3339 with the offset as logged, "" when the log has none.
type SourceInfo struct {
	Name     string `json:"name"`
	Format   string `json:"format"`
	Envelope string `json:"envelope,omitempty"`
	System   string `json:"system"`
	Version  string `json:"version"`
	First    string `json:"first"`
	Last     string `json:"last"`
	Records  int64  `json:"records"`

	// State says how a live source is: "" while its past is read, "live", or what it waits for.
	State string `json:"-"`
	// Stream is set for a live source that has no past: standard input, a command.
	Stream bool `json:"-"`
	// Lines are those of all records, and Counts the records by severity.
	Lines  int64  `json:"-"`
	Counts Counts `json:"-"`
	// Rates are those of a live source.
	Rates Rates `json:"-"`
	// Arrived is when a live source brought something last by the clock of this machine, zero when it has not yet.
	Arrived time.Time `json:"-"`
	// Unread is how much of the Past of a live source, in bytes before what was read first, is not read yet: counts are
	// not complete.
	Unread, Past int64 `json:"-"`
	// Rotations and Truncations of a live source since the run began, and Lost the bytes that truncations took.
	Rotations, Truncations, Lost int64 `json:"-"`
}

// Reading reports that the past of a live source is not read yet: counts are not complete, and what comes up need not be
// new.
func (s *SourceInfo) Reading() bool { return s.State == "" || s.Unread > 0 }

// Finding is one thing that went wrong (or noise that was set aside), with its causes, the most probable first.
type Finding struct {
	ID           string   `json:"id"`
	Title        string   `json:"title"`
	Event        string   `json:"event,omitempty"` // what the message alone says
	Urgency      string   `json:"urgency"`
	System       string   `json:"system"`
	Version      string   `json:"version,omitempty"`
	Count        int64    `json:"count"`
	First        string   `json:"first"`
	Last         string   `json:"last"`
	Arrival      string   `json:"arrival,omitempty"`
	Period       float64  `json:"period_seconds,omitempty"`
	Causes       []Cause  `json:"causes"`
	Undetermined float64  `json:"undetermined"`
	Evidence     []Line   `json:"evidence"`
	Consequences []string `json:"consequences"`
	Peers        Peers    `json:"peers"`
	Histogram    []Bucket `json:"histogram"`
	// Signatures are the ids of the messages that the finding stands on.
	Signatures []string `json:"signatures"`
	// Endpoint is the address that the events are about, HOST:PORT, :PORT or HOST, where the log tells.
	Endpoint string `json:"endpoint,omitempty"`
	// Proof is the active test of that endpoint, where the user asked for one.
	Proof *Proof `json:"proof,omitempty"`
	// OtherSide is how the same events look in the log of the other end of the connections, where that was given too.
	OtherSide *OtherSide `json:"other_side,omitempty"`

	first, last int64 // Unix nanoseconds, for order
	timed       bool
	nested      bool
	incidents   []string        // the keys of what it joins: its identity while others join it
	sources     map[int]bool    // by their place in Input.Sources
	possible    map[string]bool // all causes that were weighed, not only the ones shown
	side        string          // whose log it is, where the message tells
}

// OtherSide is the view of the end that does not know the reason.
type OtherSide struct {
	Title    string `json:"title"`
	System   string `json:"system"`
	Count    int64  `json:"count"`
	Evidence []Line `json:"evidence"`
}

// Nested reports whether another finding explains this one.
func (f *Finding) Nested() bool { return f.nested }

// Keys name the finding while others join it and its ID changes: two findings that share one are the same at two times.
func (f *Finding) Keys() []string {
	if len(f.incidents) == 0 { // it was not made by an engine
		return []string{f.ID}
	}
	return slices.Clone(f.incidents)
}

// Span returns the times of the first and last event; ok is false when the log has no times.
func (f *Finding) Span() (first, last time.Time, ok bool) {
	return time.Unix(0, f.first), time.Unix(0, f.last), f.timed
}

// Cause is a ranked root cause.
type Cause struct {
	ID         string  `json:"id"`
	Title      string  `json:"title"`
	Meaning    string  `json:"meaning,omitempty"`
	Confidence float64 `json:"confidence"`
	// Verdict is what an active test says: confirmed, refuted or open; "" where there was none.
	Verdict    string   `json:"verdict,omitempty"`
	Why        []Factor `json:"why"`
	Checks     []Check  `json:"checks"`
	Fixes      []Fix    `json:"fixes"`
	References []string `json:"references,omitempty"`
}

// Factor is one reason that moved a cause: by how much, in words, and the line that gave it.
type Factor struct {
	Text   string  `json:"text"`
	Ratio  float64 `json:"ratio"`
	Source string  `json:"source"`
	Line   int64   `json:"line"`
}

// Check is a command that decides.
type Check struct {
	Run     string `json:"run"`
	LookFor string `json:"look_for"`

	separates []string // causes that the answer tells from each other
}

// Fix is a remedy, or a thing never to do.
type Fix struct {
	For   string `json:"for"`
	Do    string `json:"do"`
	Never string `json:"never"`
}

// Line is one line of evidence: the line as logged and the message inside it. Both are redacted.
type Line struct {
	Source  string `json:"source"`
	Line    int64  `json:"line"`
	Offset  int64  `json:"offset"`
	Time    string `json:"time"`
	Text    string `json:"text"`
	Message string `json:"message,omitempty"`
}

// Peers says who was at the other end, where the log tells.
type Peers struct {
	Distinct int64       `json:"distinct"`
	Top      []PeerCount `json:"top"`
}

// PeerCount is the number of events with one peer.
type PeerCount struct {
	Peer  string `json:"peer"`
	Count int64  `json:"count"`
}

// Bucket is a number of events in a span of time on an absolute boundary.
type Bucket struct {
	Start   string `json:"start"`
	Seconds int64  `json:"seconds"`
	Count   int64  `json:"count"`
}

// BlindSpot is something that the system does not log and that bears on the question.
type BlindSpot struct {
	ID     string `json:"id,omitempty"`
	System string `json:"system"`
	Text   string `json:"text"`
	Remedy string `json:"remedy"`
}

// Cluster is a template: the records that one statement of a program most probably printed, with typed placeholders.
type Cluster struct {
	ID        string `json:"id"`
	Template  string `json:"template"`
	Severity  string `json:"severity"`
	Count     int64  `json:"count"`
	First     string `json:"first"`
	Last      string `json:"last"`
	Signature string `json:"signature"`
	Sample    Sample `json:"sample"`
	// Histogram counts the records with a time over a few spans, from the first to the last.
	Histogram []Bucket `json:"histogram,omitempty"`

	rank int
}

// Rank is the number of the highest severity among the records of a cluster, 0 when they have none.
func (c *Cluster) Rank() int { return c.rank }

// Sample is one record of a cluster. Text is redacted.
type Sample struct {
	Source string `json:"source"`
	Line   int64  `json:"line"`
	Text   string `json:"text"`
}

// Rest is what a list of clusters leaves out.
type Rest struct {
	Templates int64 `json:"templates"`
	Records   int64 `json:"records"`
}

// Left is what a list of findings leaves out on demand.
type Left struct {
	Findings int64 `json:"findings"`
	Events   int64 `json:"events"`
}

// Warning is something about the input or the limits of the run that the reader must know.
type Warning struct {
	Code   string `json:"code"`
	Text   string `json:"text"`
	Source string `json:"source"`
	Line   int64  `json:"line"`
}
