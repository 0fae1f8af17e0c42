package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/tui/session"
)

// order lists the ids of the findings as they are listed.
func order(s *state) string {
	var ids []string
	for _, r := range findingsOf(s).rows {
		ids = append(ids, r.id)
	}
	return strings.Join(ids, " ")
}

func TestAcknowledgedFindingsStepBack(t *testing.T) {
	s := newScreen(t)
	s.typing("a")
	s.typing(strings.Split("vendor called", "")...)
	s.typing("enter", "8", "h", "enter")
	if got := order(s.state); got != "f3 f1 f2 noise" {
		t.Errorf("the order is %s", got)
	}
	s.typing("j")
	screen := strings.Join(frame(s.state), "\n")
	for _, want := range []string{"acked", "vendor called", "until 11-22 08:15"} {
		if !strings.Contains(screen, want) {
			t.Errorf("%q is not on the screen:\n%s", want, screen)
		}
	}

	s.now = s.now.Add(8 * time.Hour)
	if got := order(s.state); got != "f1 f2 f3 noise" {
		t.Errorf("after its end the order is %s", got)
	}
}

func TestAcknowledgementIsTakenBack(t *testing.T) {
	s := newScreen(t)
	s.typing("j", "a", "enter", "enter", "a")
	if _, _, ok := s.session.Acknowledged(s.snapshot.Findings[1], s.now); ok {
		t.Error("it is still acknowledged")
	}
}

func TestAcknowledgedFindingThatGetsWorseComesBack(t *testing.T) {
	f := func(name string, change func(*state, *diagnose.Finding) []diagnose.FindingChange) {
		t.Helper()
		s := newScreen(t)
		s.typing("j", "j", "a", "enter", "enter")
		if got := order(s.state); got != "f1 f2 f3 noise" {
			t.Fatalf("the order is %s", got)
		}
		if word, _ := s.standing(s.snapshot.Findings[2]); word != "acked" {
			t.Fatalf("it is %q", word)
		}
		next := incident()
		s.run(fresh{next, change(s.state, next.Findings[2])}.apply(s.state))
		if word, _ := s.standing(next.Findings[2]); word != "worse" {
			t.Errorf("%s: it is %q", name, word)
		}
		if screen := strings.Join(frame(s.state), "\n"); !strings.Contains(screen, "than when it was acknowledged") {
			t.Errorf("%s: the screen does not tell why:\n%s", name, screen)
		}
	}
	f("the rate", func(s *state, finding *diagnose.Finding) []diagnose.FindingChange {
		return []diagnose.FindingChange{{Event: diagnose.EventWorse, At: s.now, Finding: finding, Why: "four times as often"}}
	})
	f("the urgency", func(_ *state, finding *diagnose.Finding) []diagnose.FindingChange {
		finding.Urgency = "outage"
		return nil
	})
	f("the number", func(_ *state, finding *diagnose.Finding) []diagnose.FindingChange {
		finding.Count = 600
		return nil
	})
}

func TestSilencedFindingsAreNoise(t *testing.T) {
	s := newScreen(t)
	s.typing("j", "j", "z")
	if got := order(s.state); got != "f1 f2 noise" {
		t.Fatalf("the order is %s", got)
	}
	s.typing("G", "enter", "j", "z")
	if got := order(s.state); got != "f1 f2 f3 noise f4" {
		t.Errorf("taken back, the order is %s", got)
	}
}

func TestBadEndIsNoAcknowledgement(t *testing.T) {
	s := newScreen(t)
	s.typing("a", "enter")
	s.typing(strings.Split("soon", "")...)
	s.typing("enter")
	if _, _, ok := s.session.Acknowledged(s.snapshot.Findings[0], s.now); ok || s.answer.look != bad {
		t.Errorf("acknowledged %v, answer %q", ok, s.answer.text)
	}
}

// What was decided is there again at the next start on the same sources.
func TestSessionComesBackToTheScreen(t *testing.T) {
	folder := t.TempDir()
	begin := func() *screen {
		kept, err := session.Open(folder, []string{"/var/log/nanomq.log"})
		if err != nil {
			t.Fatal(err)
		}
		st := newState(incident(), Options{Title: titles, Session: kept})
		st.width, st.height, st.now = 120, 40, time.Date(2026, 11, 22, 0, 15, 0, 0, time.UTC)
		return &screen{t, &st}
	}
	s := begin()
	s.typing("j", "j", "z", "g", "a", "enter", "enter", "f")
	s.typing(strings.Split("system:nanomq", "")...)
	s.typing("enter", "t", "1", "h", "enter")

	s = begin()
	if got := order(s.state); got != "f1 f2" {
		t.Errorf("the order is %s", got)
	}
	if word, _ := s.standing(s.snapshot.Findings[0]); word != "acked" {
		t.Errorf("it is %q", word)
	}
	if s.filter.text != "system:nanomq" || s.window.text != "1h" {
		t.Errorf("filter %q, window %q", s.filter.text, s.window.text)
	}
	s.typing("F")
	if got := order(begin().state); got != "f1 f2 noise" {
		t.Errorf("after F the order is %s", got)
	}
}
