package tui

import (
	"context"
	"fmt"
	"time"

	"github.com/whytls/whytls/diagnose"
)

// chosenFinding is the finding that keys act on, nil where the view has none.
func (s *state) chosenFinding() *diagnose.Finding {
	list := listingOf(s)
	i := chosen(list, s.pane().selected)
	if i < 0 {
		return nil
	}
	switch l := list.(type) {
	case *findings:
		return l.rows[i].finding
	case *timeline:
		return l.rows[i]
	}
	return nil
}

// onFinding makes a key of something that is done to a finding.
func onFinding(do func(*state, *diagnose.Finding) []effect) func(*state) []effect {
	return func(s *state) []effect {
		f := s.chosenFinding()
		if f == nil {
			s.say(faint, "choose a finding first")
			return nil
		}
		return do(s, f)
	}
}

// acknowledge asks for a note and until when, or takes an acknowledgement that holds back.
func acknowledge(s *state, f *diagnose.Finding) []effect {
	if _, holds, _ := s.session.Acknowledged(f, s.now); holds {
		s.session.Forget(f)
		s.say(good, "no longer acknowledged")
		return []effect{s.save()}
	}
	s.ask(prompt{
		label: "acknowledge · note:",
		hint:  "who looks after it; Enter without a note is fine",
		enter: func(s *state, note string) []effect {
			s.ask(prompt{
				label: "acknowledge · until:",
				hint:  "8h, 07:30, 2026-11-23 09:00; nothing for as long as it gets no worse",
				enter: func(s *state, until string) []effect { return acknowledgeUntil(s, f, note, until) },
			}, "")
			return nil
		},
	}, "")
	return nil
}

func acknowledgeUntil(s *state, f *diagnose.Finding, note, until string) []effect {
	var end time.Time
	if until != "" {
		var err error
		if end, err = parseMoment(until, s.now, true); err != nil {
			s.say(bad, "not acknowledged: "+err.Error())
			return nil
		}
		if !end.After(s.now) {
			s.say(bad, "not acknowledged: that is over already")
			return nil
		}
	}
	s.session.Acknowledge(f, note, s.now, end)
	s.say(good, "acknowledged until "+endOf(end)+"; it comes back when it gets worse")
	return []effect{s.save()}
}

// endOf says when an acknowledgement ends.
func endOf(until time.Time) string {
	if until.IsZero() {
		return "it is over"
	}
	return until.Format("01-02 15:04")
}

// silence takes a finding for noise, or no longer.
func silence(s *state, f *diagnose.Finding) []effect {
	switch {
	case s.session.Silence(f, s.now):
		s.say(good, "set aside as noise; z on it there brings it back")
	case f.Urgency == "noise":
		s.say(faint, "no longer silenced; it is ordinary noise all the same")
	default:
		s.say(good, "no longer noise")
	}
	return []effect{s.save()}
}

// quiet reports whether a finding is noise, by its causes or because somebody said so.
func (s *state) quiet(f *diagnose.Finding) bool {
	if f.Urgency == "noise" {
		return true
	}
	_, silenced := s.session.Silenced(f)
	return silenced
}

// standing says in a word how a finding stands: new, worse, quiet, acknowledged; "" when there is nothing to say.
func (s *state) standing(f *diagnose.Finding) (string, look) {
	_, holds, ok := s.session.Acknowledged(f, s.now)
	switch state := s.snapshot.Status[f.ID].State; {
	case holds:
		return "acked", faint
	case ok:
		return "worse", bad
	case state == diagnose.EventQuiet:
		return "quiet", faint
	case state == diagnose.EventNew:
		return "new", watch
	case state == diagnose.EventWorse:
		return "worse", bad
	case state == diagnose.EventBack:
		return "back", watch
	}
	return "", plain
}

// worsen lets acknowledged findings that got worse come back.
func (s *state) worsen(changes []diagnose.FindingChange) []effect {
	var effects []effect
	for _, c := range changes {
		switch c.Event {
		case diagnose.EventWorse, diagnose.EventBack:
			why := c.Why
			if why == "" {
				why = string(c.Event)
			}
			if s.session.Worsen(c.Finding, why) {
				effects = []effect{s.save()}
			}
		}
	}
	return effects
}

// triage tells what was decided about a finding.
func (d *detail) triage(f *diagnose.Finding) {
	s := d.state
	a, holds, ok := s.session.Acknowledged(f, s.now)
	note := ""
	if a.Note != "" {
		note = ": " + a.Note
	}
	switch {
	case holds:
		d.row("acked", faint, fmt.Sprintf("%s, until %s%s", a.At.In(s.now.Location()).Format("01-02 15:04"), endOf(a.Until), note))
	case ok:
		d.row("worse", bad, fmt.Sprintf("than when it was acknowledged %s%s; %s", a.At.In(s.now.Location()).Format("01-02 15:04"), note, a.Worse))
	}
	if since, ok := s.session.Silenced(f); ok {
		d.row("noise", faint, "since "+since.In(s.now.Location()).Format("01-02 15:04")+", because you said so; z takes that back")
	}
}

// saved is the outcome of keeping the session.
type saved struct{ err error }

func (m saved) apply(s *state) []effect {
	if m.err != nil {
		s.say(bad, m.err.Error())
	}
	return nil
}

// save keeps the session.
func (s *state) save() effect {
	kept := s.session
	return func(context.Context) message { return saved{kept.Save()} }
}
