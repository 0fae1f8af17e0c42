package diagnose

import (
	"slices"
	"time"

	"github.com/whytls/whytls/parsers"
)

// Event is what may happen to a finding from one snapshot of a live run to a later one.
type Event string

// The events of a finding. EventRevised means that another cause leads now, EventWithdrawn that what looked like a
// finding is none: its lines turned out to say something else, or belong to another finding.
const (
	EventNew       Event = "new"
	EventWorse     Event = "worse"
	EventQuiet     Event = "quiet"
	EventBack      Event = "back"
	EventRevised   Event = "revised"
	EventWithdrawn Event = "withdrawn"
)

// FindingChange is one event of one finding.
type FindingChange struct {
	Event   Event
	At      time.Time // by the clock of this machine, when it was noticed
	Finding *Finding  // as it was then
	Why     string    // in words; "" where the event says it all
	Past    bool      // an EventNew that was in the log before the run began
}

// Status is how a finding stands at one moment of a live run.
type Status struct {
	// State is the last of EventNew, EventWorse, EventBack and EventQuiet; "" when that was a while ago, or when the
	// finding was in the log before the run began and nothing has changed since.
	State Event
	// Since is when it got into State.
	Since time.Time
	// Seen is when its last event arrived, zero when all came before the run.
	Seen time.Time
	// Recent counts the events of the last minute, in spans of RecentSpan; the last one is not over.
	Recent []int64
	// Rate is events a second over the last half minute.
	Rate float64
}

// RecentSpan is the length of one count in Status.Recent.
const RecentSpan = 5 * time.Second

// What is news. The constants are for a person who is not to be told twice.
const (
	rateSpans     = 6                // half a minute: the rate now
	keptSpans     = 120              // ten minutes: the rate before
	recentSpans   = 12               // shown
	worseRate     = 3                // times the highest rate of the ten minutes before
	worseEvents   = 10               // fewer in half a minute are chance
	worsePeers    = 2                // times the peers that were told
	worseNewPeers = 5                // and at least that many more
	firmly        = 0.1              // how far a new leading cause must be ahead of the one that was told
	fresh         = 5 * time.Minute  // how long new and worse are shown as such
	quietLeast    = 10 * time.Second // silence that is shorter is no news
	quietMost     = time.Hour        // silence that is longer always is
	quietMean     = 5                // times the mean time between two events
	quietGap      = 2                // times the longest silence that came to an end
	breaths       = 2                // pauses that a source must make at least while a silence is told from its death
	missingFor    = 5 * time.Second  // a format that is detected anew takes findings away for a moment
)

// Changes compares the snapshots of a live run. Its clock is that of arrival, never that of the log: an archive that is
// read at the start is not now. Silence counts only while the sources of a finding bring other records; a source that
// died tells nothing. Findings are the same as long as they share an incident, although others join them and their id
// changes.
//
// It is for one goroutine. It may be shown every snapshot or a few; what it says depends on those that it was shown.
type Changes struct {
	tracks  []*track
	byKey   map[string]*track // by incident
	sources map[string]*pulse // by rotation family
}

// NewChanges returns a comparison that has seen nothing.
func NewChanges() *Changes {
	return &Changes{byKey: make(map[string]*track), sources: make(map[string]*pulse)}
}

// pulse is the life of a source: the files of one rotation are one.
type pulse struct {
	records int64
	live    bool      // its past was read at the last look
	grew    time.Time // when records came last, zero before any came in this run
	step    time.Duration
}

// Observe compares a snapshot with the ones before and returns what is new, in the order of the findings. now must
// not go back.
func (c *Changes) Observe(s *Snapshot, now time.Time) []FindingChange {
	c.listen(s, now)
	var out []FindingChange
	seen := make(map[*track]bool, len(s.Findings))
	for _, f := range s.Findings {
		t := c.find(f, seen)
		if t == nil {
			t = c.meet(f, now)
			out = append(out, t.appear(s, c, now))
		} else {
			out = append(out, t.observe(f, c, s, now)...)
		}
		seen[t] = true
		c.name(t, f)
	}
	return append(out, c.miss(seen, now)...)
}

// Status tells how the findings of the last snapshot stand, by their ids.
func (c *Changes) Status(now time.Time) map[string]Status {
	out := make(map[string]Status, len(c.tracks))
	for _, t := range c.tracks {
		if t.missing.IsZero() {
			out[t.finding.ID] = t.status(now)
		}
	}
	return out
}

// listen notes which sources have brought records since the last look.
func (c *Changes) listen(s *Snapshot, now time.Time) {
	for _, p := range c.sources {
		p.step = 0
	}
	records := make(map[string]int64)
	live := make(map[string]bool)
	stream := make(map[string]bool)
	for _, src := range s.Input.Sources {
		family := parsers.RotationFamily(src.Name)
		if _, ok := live[family]; !ok {
			live[family] = true
		}
		records[family] += src.Records
		stream[family] = src.Stream
		live[family] = live[family] && !src.Reading()
	}
	for family, n := range records {
		p := c.sources[family]
		if p == nil {
			p = &pulse{live: stream[family]}
			c.sources[family] = p
		}
		if p.live && n > p.records {
			if !p.grew.IsZero() {
				p.step = now.Sub(p.grew)
			}
			p.grew = now
		}
		p.records, p.live = n, live[family]
	}
}

// find returns the track of a finding: the one that it shares most incidents with, nil when it is new.
func (c *Changes) find(f *Finding, taken map[*track]bool) *track {
	var best *track
	most := 0
	shared := make(map[*track]int)
	for _, key := range f.incidents {
		t := c.byKey[key]
		if t == nil || taken[t] {
			continue
		}
		if shared[t]++; shared[t] > most || shared[t] == most && t.finding.ID == f.ID {
			best, most = t, shared[t]
		}
	}
	return best
}

// meet begins a track.
func (c *Changes) meet(f *Finding, now time.Time) *track {
	t := &track{finding: f, since: now, alive: make(map[string]time.Duration)}
	c.tracks = append(c.tracks, t)
	return t
}

// name lets the incidents of a finding lead to its track.
func (c *Changes) name(t *track, f *Finding) {
	if slices.Equal(t.keys, f.incidents) {
		return
	}
	for _, key := range t.keys {
		if c.byKey[key] == t {
			delete(c.byKey, key)
		}
	}
	t.keys = f.incidents
	for _, key := range t.keys {
		c.byKey[key] = t
	}
}

// miss ends the tracks of findings that are no more.
func (c *Changes) miss(seen map[*track]bool, now time.Time) []FindingChange {
	var out []FindingChange
	kept := c.tracks[:0]
	for _, t := range c.tracks {
		switch {
		case seen[t]:
			t.missing = time.Time{}
		case t.missing.IsZero():
			t.missing = now
		case now.Sub(t.missing) >= missingFor:
			for _, key := range t.keys {
				if c.byKey[key] == t {
					delete(c.byKey, key)
				}
			}
			out = append(out, FindingChange{Event: EventWithdrawn, At: now, Finding: t.finding, Why: "its lines are told by another finding now, or say something else"})
			continue
		}
		kept = append(kept, t)
	}
	clear(c.tracks[len(kept):])
	c.tracks = kept
	return out
}

// sourcesOf lists the sources of a finding.
func (s *Snapshot) sourcesOf(f *Finding) []*SourceInfo {
	var out []*SourceInfo
	for n := range f.sources {
		if n < len(s.sourceOf) {
			out = append(out, &s.Input.Sources[s.sourceOf[n]])
		}
	}
	return out
}

// families lists the sources of a finding.
func families(f *Finding, s *Snapshot) []string {
	var out []string
	for _, src := range s.sourcesOf(f) {
		if family := parsers.RotationFamily(src.Name); !slices.Contains(out, family) {
			out = append(out, family)
		}
	}
	return out
}

// beingRead reports whether the past of a finding's sources is being read.
func beingRead(f *Finding, s *Snapshot) bool {
	return slices.ContainsFunc(s.sourcesOf(f), (*SourceInfo).Reading)
}
