package diagnose

import (
	"strings"
	"testing"
	"time"
)

func TestClearance(t *testing.T) {
	// f plays a run in which the finding is known before; clear says whether it has stayed away for ten seconds.
	f := func(name string, clear bool, why string, play func(c *course, step func(d time.Duration, events, a, b int64))) {
		t.Run(name, func(t *testing.T) {
			c := newCourse(t)
			w := NewClearance(10*time.Second, func(f *Finding) bool { return f.Urgency != "noise" })
			play(c, func(d time.Duration, events, a, b int64) {
				for range int(d / time.Second) {
					c.now = c.now.Add(time.Second)
					c.sources[0].Records += events + a
					c.sources[1].Records += b
					s := &Snapshot{sourceOf: []int{0, 1}, Input: Input{Sources: append([]SourceInfo(nil), c.sources...)}}
					if c.finding != nil {
						c.finding.Count += events
						one := *c.finding
						s.Findings = []*Finding{&one}
					}
					w.Observe(s, c.now)
				}
			})
			if got := w.Clear(); got != clear {
				t.Errorf("clear: %v, want %v (%s)", got, clear, w.Why(c.now))
			}
			if got := w.Why(c.now); !strings.Contains(got, why) || clear && got != "" {
				t.Errorf("why: %q, want %q", got, why)
			}
		})
	}
	f("stays away", true, "", func(c *course, step func(time.Duration, int64, int64, int64)) {
		c.find("degraded", 0)
		step(5*time.Second, 1, 9, 0)
		step(15*time.Second, 0, 9, 0)
	})
	f("not for long enough", false, "was seen 9 s ago in a.log", func(c *course, step func(time.Duration, int64, int64, int64)) {
		c.find("degraded", 0)
		step(5*time.Second, 1, 9, 0)
		step(9*time.Second, 0, 9, 0)
	})
	f("goes on", false, "was seen 0 s ago in a.log", func(c *course, step func(time.Duration, int64, int64, int64)) {
		c.find("degraded", 0)
		step(time.Minute, 1, 9, 0)
	})
	f("dead source", false, "a.log has been silent for 1m0s, which proves nothing", func(c *course, step func(time.Duration, int64, int64, int64)) {
		c.find("degraded", 0)
		step(5*time.Second, 1, 9, 0)
		step(time.Minute, 0, 0, 0)
	})
	f("dead source beside one that lives", false, "a.log has been silent", func(c *course, step func(time.Duration, int64, int64, int64)) {
		c.find("degraded", 0)
		step(5*time.Second, 1, 9, 9)
		step(time.Minute, 0, 0, 9)
	})
	f("one line after a long sleep", false, "was seen", func(c *course, step func(time.Duration, int64, int64, int64)) {
		c.find("degraded", 0)
		step(5*time.Second, 1, 9, 9)
		step(time.Minute, 0, 0, 9)
		step(time.Second, 0, 1, 9)
	})
	f("a source without it that died does not matter", true, "", func(c *course, step func(time.Duration, int64, int64, int64)) {
		c.find("degraded", 0)
		step(5*time.Second, 1, 9, 9)
		step(15*time.Second, 0, 9, 0)
	})
	f("never seen", true, "", func(c *course, step func(time.Duration, int64, int64, int64)) {
		step(15*time.Second, 0, 9, 0)
	})
	f("nothing at all comes", false, "no source has gone on for long enough", func(c *course, step func(time.Duration, int64, int64, int64)) {
		step(15*time.Second, 0, 0, 0)
	})
	f("other findings do not matter", true, "", func(c *course, step func(time.Duration, int64, int64, int64)) {
		c.find("noise", 0)
		step(15*time.Second, 1, 9, 0)
	})
	f("only the past has it, and all is silent", false, "a.log has brought nothing", func(c *course, step func(time.Duration, int64, int64, int64)) {
		c.find("degraded", 0)
		c.finding.Count = 5
		step(time.Minute, 0, 0, 0)
	})
	f("reading the past proves nothing", false, "the past of a.log is still being read", func(c *course, step func(time.Duration, int64, int64, int64)) {
		c.sources[0].State = ""
		step(time.Minute, 0, 100, 0)
	})
}
