package diagnose

import (
	"fmt"
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

// track is one finding over time.
type track struct {
	finding *Finding
	keys    []string
	told    Status
	since   time.Time // when it was noticed, or when its past was read
	past    bool      // it is still known from the past of its sources only
	missing time.Time

	spans   ring
	before  int64 // the most events in half a minute before the run
	count   int64
	seen    time.Time
	mean    time.Duration // between two events, as logged before the run
	longest time.Duration // silence that came to an end
	alive   map[string]time.Duration

	// What was told last.
	urgency int
	peers   int64
	rate    int64 // events in half a minute
	lead    Cause
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

// reading reports whether the past of a finding's sources is being read, or was until the last look.
func (c *Changes) reading(f *Finding, s *Snapshot) bool {
	return slices.ContainsFunc(s.sourcesOf(f), (*SourceInfo).Reading)
}

// appear is the first sight of a finding.
func (t *track) appear(s *Snapshot, c *Changes, now time.Time) FindingChange {
	f := t.finding
	change := FindingChange{Event: EventNew, At: now, Finding: f}
	t.take(f)
	t.count = f.Count
	change.Past = true
	for _, family := range families(f, s) {
		if p := c.sources[family]; !p.grew.IsZero() {
			change.Past = false
		}
	}
	if t.past = change.Past; t.past {
		t.settle(f, s, c, now)
		return change
	}
	t.told = Status{State: EventNew, Since: now}
	t.seen = now
	t.spans.add(now, f.Count)
	return change
}

// take notes what is told about a finding, from which the next news must differ.
func (t *track) take(f *Finding) {
	t.urgency, t.peers, t.lead = UrgencyRank(f.Urgency), f.Peers.Distinct, f.Causes[0]
}

// settle takes what came before the run as known, once all of it is read.
func (t *track) settle(f *Finding, s *Snapshot, c *Changes, now time.Time) {
	t.since, t.count = now, f.Count
	if c.reading(f, s) {
		return
	}
	t.past = false
	t.before = busiest(f.Histogram, rateSpans*int64(RecentSpan/time.Second))
	first, last, timed := f.Span()
	if !timed {
		return
	}
	if f.Count > 1 {
		t.mean = last.Sub(first) / time.Duration(f.Count-1)
	}
	// What had gone quiet in the log's own time before the run is no news now.
	for _, src := range s.sourcesOf(f) {
		if end, err := time.Parse(time.RFC3339Nano, src.Last); err == nil && end.Sub(last) >= t.silence() {
			t.told = Status{State: EventQuiet, Since: now}
		}
	}
}

// busiest is the largest number of events within so many seconds.
func busiest(list []Bucket, seconds int64) int64 {
	var most, sum float64
	var begin time.Time
	for _, b := range list {
		at, err := time.Parse(time.RFC3339, b.Start)
		if err != nil {
			continue
		}
		if at.Sub(begin) >= time.Duration(seconds)*time.Second {
			begin, sum = at, 0
		}
		sum += float64(b.Count) / max(1, float64(b.Seconds)/float64(seconds))
		most = max(most, sum)
	}
	return int64(most + 0.5)
}

// silence is how long a finding must not be seen to be quiet.
func (t *track) silence() time.Duration {
	mean := t.mean
	if !t.seen.IsZero() {
		if n, length := t.spans.sum(keptSpans, t.seen); n > 1 {
			mean = length / time.Duration(n)
		}
	}
	if mean == 0 {
		mean = time.Minute // seen once: nothing is known about how often it comes
	}
	return min(max(quietMean*mean, quietGap*t.longest, quietLeast), quietMost)
}

// observe compares a finding with what was told about it.
func (t *track) observe(f *Finding, c *Changes, s *Snapshot, now time.Time) []FindingChange {
	t.finding = f
	var out []FindingChange
	say := func(event Event, why string) {
		out = append(out, FindingChange{Event: event, At: now, Finding: f, Why: why})
		if event != EventRevised {
			t.told = Status{State: event, Since: now}
		}
		t.rate, _ = t.spans.sum(rateSpans, now)
		t.take(f)
	}
	if t.past {
		if t.settle(f, s, c, now); t.past {
			return nil
		}
		defer t.take(f)
		const why = "the rest of the log says so"
		switch {
		case UrgencyRank(f.Urgency) > t.urgency:
			return []FindingChange{{Event: EventWorse, At: now, Finding: f, Why: why}}
		case f.Causes[0].ID != t.lead.ID:
			return []FindingChange{{Event: EventRevised, At: now, Finding: f, Why: why}}
		}
		return nil
	}
	if n := f.Count - t.count; n > 0 {
		if !t.seen.IsZero() {
			t.longest = max(t.longest, now.Sub(t.seen))
		}
		t.count, t.seen = f.Count, now
		t.spans.add(now, n)
		clear(t.alive)
		if t.told.State == EventQuiet {
			say(EventBack, "")
		}
	} else {
		t.count = f.Count
		t.outlive(families(f, s), c)
	}
	if why := t.worse(f, now); why != "" {
		say(EventWorse, why)
	}
	if lead := f.Causes[0]; lead.ID != t.lead.ID && lead.Confidence >= confidenceOf(f, t.lead.ID)+firmly {
		say(EventRevised, fmt.Sprintf("the cause was taken for: %s", t.lead.Title))
	}
	if t.told.State != EventQuiet && t.lived(families(f, s)) >= t.silence() {
		say(EventQuiet, fmt.Sprintf("not seen for %s, while its log went on", formatSeconds(now.Sub(t.lastSeen()).Seconds())))
	}
	return out
}

// lastSeen is when a finding was seen last, or since when it was not.
func (t *track) lastSeen() time.Time {
	if t.seen.IsZero() {
		return t.since
	}
	return t.seen
}

func confidenceOf(f *Finding, cause string) float64 {
	for i := range f.Causes {
		if f.Causes[i].ID == cause {
			return f.Causes[i].Confidence
		}
	}
	return 0
}

// outlive adds up for how long each source of a finding went on without it. A pause between two records of a source
// counts up to half of the silence that is asked for: what is longer may be the sleep of a source that has died.
func (t *track) outlive(of []string, c *Changes) {
	for _, family := range of {
		if p := c.sources[family]; p.step > 0 {
			t.alive[family] += min(p.step, t.silence()/breaths)
		}
	}
}

// lived is for how long all sources of a finding went on without it.
func (t *track) lived(of []string) time.Duration {
	if len(of) == 0 {
		return 0
	}
	least := t.alive[of[0]]
	for _, family := range of {
		least = min(least, t.alive[family])
	}
	return least
}

// worse says in words why a finding is worse than told, "" when it is not.
func (t *track) worse(f *Finding, now time.Time) string {
	if rank := UrgencyRank(f.Urgency); rank > t.urgency {
		return fmt.Sprintf("%s → %s", urgencyNames[max(t.urgency, 0)], f.Urgency)
	}
	// A rate is known once there is half a minute to compare another one with.
	if now.Sub(t.since) < 2*rateSpans*RecentSpan {
		t.peers = f.Peers.Distinct
		return ""
	}
	rate, _ := t.spans.sum(rateSpans, now)
	usual := max(t.before, t.spans.busiest(rateSpans, now))
	if now.Sub(t.told.Since) < keptSpans*RecentSpan {
		usual = max(usual, t.rate)
	}
	if rate >= worseEvents && rate >= worseRate*max(usual, 1) {
		return fmt.Sprintf("%d in half a minute, at most %d before", rate, usual)
	}
	if n := f.Peers.Distinct; t.peers > 0 && n >= worsePeers*t.peers && n >= t.peers+worseNewPeers {
		return fmt.Sprintf("%d peers, %d before", n, t.peers)
	}
	return ""
}

func (t *track) status(now time.Time) Status {
	s := t.told
	if s.State != EventQuiet && now.Sub(s.Since) > fresh {
		s.State = ""
	}
	s.Seen = t.seen
	s.Recent = t.spans.list(recentSpans, now)
	n, _ := t.spans.sum(rateSpans, now)
	begin := time.Unix(0, (spanOf(now)-rateSpans+1)*int64(RecentSpan))
	s.Rate = float64(n) / max(now.Sub(begin).Seconds(), 1)
	return s
}

// ring counts events by the time of their arrival, in spans of RecentSpan on absolute boundaries, for ten minutes.
type ring struct {
	counts [keptSpans]int64
	first  int64 // the number of the span that was counted first
	last   int64 // the number of the span that was counted last
}

func spanOf(t time.Time) int64 { return floorDiv(t.UnixNano(), int64(RecentSpan)) }

func (r *ring) add(now time.Time, n int64) {
	at := spanOf(now)
	if r.last == 0 {
		r.first, r.last = at, at
	}
	r.forward(at)
	r.counts[at%keptSpans] += n
}

// forward empties the spans in which nothing was counted.
func (r *ring) forward(to int64) {
	if to-r.last >= keptSpans {
		r.counts = [keptSpans]int64{}
		r.last = to
	}
	for r.last < to {
		r.last++
		r.counts[r.last%keptSpans] = 0
	}
}

// at is the count of a span, 0 for one that was given up.
func (r *ring) at(span int64) int64 {
	if span > r.last || span <= r.last-keptSpans || r.last == 0 {
		return 0
	}
	return r.counts[span%keptSpans]
}

// sum counts the last n spans, and how long they are since the first event.
func (r *ring) sum(n int, now time.Time) (events int64, length time.Duration) {
	to := spanOf(now)
	from := max(to-int64(n)+1, r.first)
	for span := from; span <= to; span++ {
		events += r.at(span)
	}
	return events, time.Duration(max(to-from+1, 0)) * RecentSpan
}

// busiest is the largest number of events in n successive spans before the last n.
func (r *ring) busiest(n int, now time.Time) int64 {
	if r.last == 0 {
		return 0
	}
	var most, sum int64
	to := spanOf(now) - int64(n)
	from := max(to-keptSpans+1, r.first)
	for span := from; span <= to; span++ {
		sum += r.at(span)
		if span-int64(n) >= from {
			sum -= r.at(span - int64(n))
		}
		most = max(most, sum)
	}
	return most
}

// list returns the counts of the last n spans.
func (r *ring) list(n int, now time.Time) []int64 {
	out := make([]int64, n)
	to := spanOf(now)
	for i := range out {
		out[i] = r.at(to - int64(n-1-i))
	}
	return out
}
