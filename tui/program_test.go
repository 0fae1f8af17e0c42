package tui

import (
	"bytes"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/exp/teatest"

	"github.com/whytls/whytls/diagnose"
)

// The model in the library's own loop: what is typed, what comes from outside, and what effects bring is drawn, and the
// state at the end is what it was driven to.
func TestModelInItsLoop(t *testing.T) {
	s := stateOf(incident())
	s.log.store = logStore(t)
	m := &model{state: *s, ctx: t.Context(), quit: func() {}}
	tm := teatest.NewTestModel(t, m, teatest.WithInitialTermSize(120, 40))
	await := func(texts ...string) {
		t.Helper()
		teatest.WaitFor(t, tm.Output(), func(screen []byte) bool {
			for _, text := range texts {
				if !bytes.Contains(screen, []byte(text)) {
					return false
				}
			}
			return true
		}, teatest.WithDuration(20*time.Second))
	}
	await("NanoMQ's TLS listener stopped", "upgrade to 0.22.10")

	next := incident()
	next.Findings = append([]*diagnose.Finding{{ID: "f0", Title: "The disk is full", Urgency: "outage", Count: 1}}, next.Findings...)
	tm.Send(fresh{next, []diagnose.FindingChange{{Event: diagnose.EventNew, At: time.Now(), Finding: next.Findings[0]}}})
	await("new", "The disk is full")

	tm.Type("2")
	await("client c398 connected", "following")
	tm.Type("/nego")
	await("/ nego")
	tm.Send(tea.KeyMsg{Type: tea.KeyEnter})
	await("nothing more below")
	tm.Type("N")
	await("connect nego error")
	tm.Type("1a")
	await("acknowledge · note:")
	tm.Type("known")
	tm.Send(tea.KeyMsg{Type: tea.KeyEnter})
	await("until:")
	tm.Send(tea.KeyMsg{Type: tea.KeyEnter})
	await("acked")
	tm.Type("q")
	tm.WaitFinished(t, teatest.WithFinalTimeout(20*time.Second))

	end := &tm.FinalModel(t).(*model).state
	if _, holds, _ := end.session.Acknowledged(next.Findings[0], end.now); !holds {
		t.Error("the finding is not acknowledged")
	}
	if got := strings.Join(frame(end), "\n"); !strings.Contains(got, "acked") {
		t.Errorf("the last frame is\n%s", got)
	}
}
