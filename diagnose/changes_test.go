package diagnose

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// course plays a live run of one finding in two sources and notes what is told.
type course struct {
	t       *testing.T
	changes *Changes
	now     time.Time
	sources []SourceInfo
	finding *Finding
	told    []string
}

func newCourse(t *testing.T) *course {
	return &course{
		t: t, changes: NewChanges(), now: time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC),
		sources: []SourceInfo{{Name: "a.log", Records: 100, State: "live"}, {Name: "b.log", Records: 100, State: "live"}},
	}
}

// step lets time pass and shows the snapshot of then.
func (c *course) step(d time.Duration) {
	c.t.Helper()
	c.now = c.now.Add(d)
	s := &Snapshot{sourceOf: []int{0, 1}, Input: Input{Sources: slices.Clone(c.sources)}}
	if c.finding != nil {
		f := *c.finding
		s.Findings = append(s.Findings, &f)
	}
	for _, change := range c.changes.Observe(s, c.now) {
		text := string(change.Event)
		if change.Past {
			text += " past"
		}
		c.told = append(c.told, strings.TrimSpace(text+" "+change.Why))
	}
}

// run lets a length of time pass in steps of a second; each brings so many events and other records to a.log.
func (c *course) run(d time.Duration, events, others int64) {
	c.t.Helper()
	for range int(d / time.Second) {
		if c.finding != nil {
			c.finding.Count += events
		}
		c.sources[0].Records += events + others
		c.step(time.Second)
	}
}

func (c *course) find(urgency string, sources ...int) {
	c.finding = &Finding{ID: "f1", Urgency: urgency, incidents: []string{"i1"}, sources: map[int]bool{},
		Causes: []Cause{{ID: "one", Title: "One", Confidence: 0.6}, {ID: "two", Title: "Two", Confidence: 0.3}}}
	for _, n := range sources {
		c.finding.sources[n] = true
	}
}

func (c *course) want(told ...string) {
	c.t.Helper()
	if !slices.Equal(c.told, told) {
		c.t.Errorf("told %q, want %q", c.told, told)
	}
	c.told = nil
}

func (c *course) state(want Event) {
	c.t.Helper()
	if got := c.changes.Status(c.now)["f1"].State; got != want {
		c.t.Errorf("state %q, want %q", got, want)
	}
}

func TestChanges(t *testing.T) {
	f := func(name string, play func(c *course)) {
		t.Run(name, func(t *testing.T) { play(newCourse(t)) })
	}
	f("new, steady, quiet and back", func(c *course) {
		c.step(0)
		c.find("watch", 0)
		c.run(3*time.Minute, 1, 9)
		c.want("new")
		c.state(EventNew)
		if rate := c.changes.Status(c.now)["f1"].Rate; rate < 0.9 || rate > 1.1 {
			t.Errorf("%v events a second, want 1", rate)
		}
		c.run(3*time.Minute, 1, 9)
		c.want()
		c.state("")
		c.run(time.Minute, 0, 9)
		c.want("quiet not seen for 10 s, while its log went on")
		c.state(EventQuiet)
		c.run(time.Second, 1, 9)
		c.want("back")
		// Silence as long as the one that came to an end is no news any more.
		c.run(time.Minute, 0, 9)
		c.want()
	})
	f("a source that died is not healthy", func(c *course) {
		c.step(0)
		c.find("watch", 0)
		c.run(time.Minute, 1, 9)
		c.want("new")
		c.run(time.Hour, 0, 0)
		c.want()
		// One line after an hour proves no more than one after a few seconds.
		c.run(time.Second, 0, 1)
		c.want()
		c.run(time.Minute, 0, 1)
		if len(c.told) != 1 || !strings.HasPrefix(c.told[0], "quiet") {
			t.Errorf("told %q", c.told)
		}
	})
	f("one of two sources that died is not healthy", func(c *course) {
		c.step(0)
		c.find("watch", 0, 1)
		c.run(time.Minute, 1, 9)
		c.want("new")
		c.run(10*time.Minute, 0, 9)
		c.want()
	})
	f("worse by urgency at once", func(c *course) {
		c.step(0)
		c.find("watch", 0)
		c.run(2*time.Second, 1, 9)
		c.finding.Urgency = "outage"
		c.run(2*time.Second, 1, 9)
		c.want("new", "worse watch → outage")
		c.state(EventWorse)
	})
	f("worse by rate, once", func(c *course) {
		c.step(0)
		c.find("watch", 0)
		c.run(2*time.Minute, 1, 9)
		c.run(2*time.Minute, 10, 9)
		if len(c.told) < 2 || len(c.told) > 4 || !strings.Contains(c.told[1], "in half a minute") {
			t.Errorf("told %q", c.told)
		}
		c.told = nil
		c.run(5*time.Minute, 10, 9)
		c.want()
	})
	f("worse by peers", func(c *course) {
		c.step(0)
		c.find("watch", 0)
		c.finding.Peers.Distinct = 3
		c.run(2*time.Minute, 1, 9)
		c.finding.Peers.Distinct = 4
		c.run(2*time.Minute, 1, 9)
		c.want("new")
		c.finding.Peers.Distinct = 9
		c.run(2*time.Minute, 1, 9)
		c.want("worse 9 peers, 3 before")
	})
	f("another cause", func(c *course) {
		c.step(0)
		c.find("watch", 0)
		c.run(time.Second, 1, 9)
		c.finding.Causes = []Cause{{ID: "two", Title: "Two", Confidence: 0.5}, {ID: "one", Title: "One", Confidence: 0.45}}
		c.run(time.Second, 1, 9)
		c.want("new") // so near, it may turn with every line
		c.finding.Causes[0].Confidence = 0.8
		c.run(time.Second, 1, 9)
		c.want("revised the cause was taken for: One")
	})
	f("the past is not now", func(c *course) {
		c.sources[0].State = ""
		c.step(0)
		c.find("watch", 0)
		c.finding.First, c.finding.Last, c.finding.timed = "2026-11-22T01:00:00Z", "2026-11-22T01:10:00Z", true
		c.finding.first = time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC).UnixNano()
		c.finding.last = time.Date(2026, 11, 22, 1, 10, 0, 0, time.UTC).UnixNano()
		c.run(10*time.Second, 1000, 10000)
		c.finding.Urgency = "outage"
		c.sources[0].State, c.sources[0].Last = "live", "2026-11-22T02:00:00Z"
		c.step(time.Second)
		c.want("new past", "worse the rest of the log says so")
		c.run(time.Second, 1, 9)
		c.want("back")
	})
	f("quiet since long ago is no news", func(c *course) {
		c.find("watch", 0)
		c.finding.Count = 10
		c.finding.timed = true
		c.finding.first = time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC).UnixNano()
		c.finding.last = time.Date(2026, 11, 22, 1, 1, 0, 0, time.UTC).UnixNano()
		c.sources[0].Last = "2026-11-22T02:00:00Z"
		c.step(0)
		c.run(time.Hour, 0, 9)
		c.want("new past")
		c.state(EventQuiet)
	})
	f("the same finding under another id", func(c *course) {
		c.step(0)
		c.find("watch", 0)
		c.run(time.Minute, 1, 9)
		c.finding.ID, c.finding.incidents = "f2", []string{"i2", "i1"}
		c.run(time.Minute, 1, 9)
		c.want("new")
	})
	f("withdrawn", func(c *course) {
		c.step(0)
		c.find("watch", 0)
		c.run(time.Minute, 1, 9)
		kept := c.finding
		c.finding = nil
		c.run(2*time.Second, 0, 9)
		c.finding = kept
		c.run(2*time.Second, 0, 9)
		c.want("new")
		c.finding = nil
		c.run(time.Minute, 0, 9)
		c.want("withdrawn its lines are told by another finding now, or say something else")
	})
}

// What was counted longer ago than the ring is long is forgotten.
func TestRing(t *testing.T) {
	var r ring
	at := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	r.add(at, 5)
	r.add(at.Add(RecentSpan), 7)
	if got := fmt.Sprint(r.list(3, at.Add(2*RecentSpan))); got != "[5 7 0]" {
		t.Errorf("list: %s", got)
	}
	if n, length := r.sum(keptSpans, at.Add(2*RecentSpan)); n != 12 || length != 3*RecentSpan {
		t.Errorf("%d events in %v", n, length)
	}
	later := at.Add(keptSpans * RecentSpan)
	r.add(later, 1)
	if n, _ := r.sum(keptSpans, later); n != 8 {
		t.Errorf("%d events, want 8", n)
	}
	r.add(later.Add(10*keptSpans*RecentSpan), 1)
	if n, _ := r.sum(keptSpans, later.Add(10*keptSpans*RecentSpan)); n != 1 {
		t.Errorf("%d events, want 1", n)
	}
}
