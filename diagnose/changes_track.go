package diagnose

import (
	"fmt"
	"time"
)

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
		t.settle(f, s, now)
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
func (t *track) settle(f *Finding, s *Snapshot, now time.Time) {
	t.since, t.count = now, f.Count
	if beingRead(f, s) {
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
	if t.past {
		return t.complete(f, s, now)
	}
	var out []FindingChange
	say := func(event Event, why string) {
		out = append(out, FindingChange{Event: event, At: now, Finding: f, Why: why})
		if event != EventRevised {
			t.told = Status{State: event, Since: now}
		}
		t.rate, _ = t.spans.sum(rateSpans, now)
		t.take(f)
	}
	of := families(f, s)
	if came := t.arrive(f, now); !came {
		t.outlive(of, c)
	} else if t.told.State == EventQuiet {
		say(EventBack, "")
	}
	if why := t.worse(f, now); why != "" {
		say(EventWorse, why)
	}
	if lead := f.Causes[0]; lead.ID != t.lead.ID && lead.Confidence >= confidenceOf(f, t.lead.ID)+firmly {
		say(EventRevised, fmt.Sprintf("the cause was taken for: %s", t.lead.Title))
	}
	if t.told.State != EventQuiet && t.lived(of) >= t.silence() {
		say(EventQuiet, fmt.Sprintf("not seen for %s, while its log went on", formatSeconds(now.Sub(t.lastSeen()).Seconds())))
	}
	return out
}

// complete takes in what the past holds, and tells at its end what else it has shown.
func (t *track) complete(f *Finding, s *Snapshot, now time.Time) []FindingChange {
	if t.settle(f, s, now); t.past {
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

// arrive counts the events since the last look and reports whether there were any.
func (t *track) arrive(f *Finding, now time.Time) bool {
	n := f.Count - t.count
	t.count = f.Count
	if n <= 0 {
		return false
	}
	if !t.seen.IsZero() {
		t.longest = max(t.longest, now.Sub(t.seen))
	}
	t.seen = now
	t.spans.add(now, n)
	clear(t.alive)
	return true
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
		return fmt.Sprintf("%d in half a minute, about %d before", rate, usual)
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
