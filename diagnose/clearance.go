package diagnose

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/whytls/whytls/parsers"
)

// Clearance waits until findings stay away. Only what the sources bring meanwhile counts: a pause between two records
// of a source counts up to half of the time that is waited for, so that neither a source that has died nor one that
// slept and woke passes for a healthy one. Each source in which such a finding was seen must go on without it for that
// long, and any source where none was.
//
// It is for one goroutine.
type Clearance struct {
	wait    time.Duration
	concern func(*Finding) bool
	changes *Changes
	calm    map[string]*calm // by rotation family
}

// calm is how a source does without the findings that are waited for.
type calm struct {
	lived time.Duration
	past  bool      // its past is being read
	hit   *Finding  // the last one that was seen there, nil for none
	at    time.Time // when
}

// NewClearance waits for wait without a finding that concern chooses.
func NewClearance(wait time.Duration, concern func(*Finding) bool) *Clearance {
	return &Clearance{wait: wait, concern: concern, changes: NewChanges(), calm: make(map[string]*calm)}
}

// Observe takes the next snapshot; now must not go back.
func (c *Clearance) Observe(s *Snapshot, now time.Time) {
	c.changes.Observe(s, now)
	for family, p := range c.changes.sources {
		state := c.calm[family]
		if state == nil {
			state = &calm{}
			c.calm[family] = state
		}
		state.lived += min(p.step, c.wait/breaths)
	}
	for _, t := range c.changes.tracks {
		if !c.concern(t.finding) || !t.missing.IsZero() {
			continue
		}
		// What the past holds counts as seen when it was read.
		seen := t.lastSeen()
		for _, family := range families(t.finding, s) {
			if state := c.calm[family]; state.hit == nil || seen.After(state.at) {
				*state = calm{hit: t.finding, at: seen}
			}
		}
	}
	for _, state := range c.calm {
		state.past = false
	}
	for _, src := range s.Input.Sources {
		if src.Reading() {
			state := c.calm[parsers.RotationFamily(src.Name)]
			state.lived, state.past = 0, true
		}
	}
}

// Clear reports whether the findings have stayed away for long enough.
func (c *Clearance) Clear() bool {
	clear := false
	for _, state := range c.calm {
		if state.lived >= c.wait {
			clear = true
		} else if state.hit != nil {
			return false
		}
	}
	return clear
}

// Why says in words what there is against it; "" when it is clear.
func (c *Clearance) Why(now time.Time) string {
	if c.Clear() {
		return ""
	}
	var why []string
	var names []string
	for name := range c.calm {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		state, p := c.calm[name], c.changes.sources[name]
		if name == "-" {
			name = "standard input"
		}
		switch {
		case state.past:
			why = append(why, fmt.Sprintf("the past of %s is still being read", name))
		case state.lived >= c.wait || state.hit == nil && len(names) > 1:
		case now.Sub(p.grew) >= c.wait/breaths && !p.grew.IsZero():
			why = append(why, fmt.Sprintf("%s has been silent for %s, which proves nothing", name, formatSeconds(now.Sub(p.grew).Seconds())))
		case p.grew.IsZero():
			why = append(why, fmt.Sprintf("%s has brought nothing since it was opened, which proves nothing", name))
		case state.hit != nil:
			why = append(why, fmt.Sprintf("%s was seen %s ago in %s", state.hit.Headline(), formatSeconds(now.Sub(state.at).Seconds()), name))
		default:
			why = append(why, fmt.Sprintf("%s has gone on for %s only", name, formatSeconds(state.lived.Seconds())))
		}
	}
	if len(why) == 0 {
		return "no source has gone on for long enough"
	}
	return strings.Join(why, "; ")
}
