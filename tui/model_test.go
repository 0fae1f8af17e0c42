package tui

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"go.uber.org/goleak"

	"github.com/whytls/whytls/diagnose"
)

func press(m *model, keys ...string) {
	for _, k := range keys {
		m.key(k)
	}
}

func newTestModel() *model {
	m := &model{latest: incident()}
	m.state = *stateOf(m.latest)
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	return m
}

func TestKeysMoveAndOpen(t *testing.T) {
	f := func(keys string, selected string, inDetail bool, scroll int) {
		t.Helper()
		m := newTestModel()
		press(m, strings.Fields(keys)...)
		s := &m.state
		if s.selected != selected || s.inDetail != inDetail || s.scroll != scroll {
			t.Errorf("%s: selected %q, in detail %v, scroll %d; want %q, %v, %d", keys, s.selected, s.inDetail, s.scroll, selected, inDetail, scroll)
		}
		checkFrame(t, frame(s, m.width, m.height), m.width, m.height)
	}
	f("", "", false, 0)
	f("j", "f2", false, 0)
	f("down down", "f3", false, 0)
	f("j j k", "f2", false, 0)
	f("k", "f1", false, 0)
	f("G", foldID, false, 0)
	f("G g", "f1", false, 0)
	f("G enter G", "f4", false, 0)
	f("G enter enter G", foldID, false, 0)
	f("enter j j k", "f1", true, 1)
	f("enter j esc j", "f2", false, 0)
	f("tab j tab", "", false, 1)
	f("enter g k k", "f1", true, 0)
	f("? esc", "", false, 0)
}

func TestScrollStopsAtTheEnd(t *testing.T) {
	m := newTestModel()
	press(m, "enter", "G")
	end := m.state.scroll
	press(m, "j", "j", "pgdown")
	if m.state.scroll != end || end == 0 {
		t.Errorf("scrolled to %d after the end at %d", m.state.scroll, end)
	}
	press(m, "k")
	if m.state.scroll != end-1 {
		t.Errorf("one line up from %d is %d", end, m.state.scroll)
	}
	m.Update(tea.WindowSizeMsg{Width: 300, Height: 100}) // everything fits now
	press(m, "k")
	if m.state.scroll != 0 {
		t.Errorf("scroll %d although all fits", m.state.scroll)
	}
}

// A finding stays selected when a worse one comes above it.
func TestSelectionStays(t *testing.T) {
	m := newTestModel()
	press(m, "j", "j")
	next := incident()
	next.Findings = append([]*diagnose.Finding{{ID: "f0", Title: "Worse", Urgency: "outage", Causes: []diagnose.Cause{{Title: "x"}}}}, next.Findings...)
	m.Update(fresh{next})
	rows := rowsOf(&m.state)
	if got := rows[selection(&m.state, rows)].id; got != "f3" {
		t.Errorf("selected %s", got)
	}
}

func TestPause(t *testing.T) {
	m := newTestModel()
	press(m, " ")
	next := incident()
	next.Input.Lines += 5
	m.Update(fresh{next})
	if m.state.snapshot == next || m.state.missed != 5 {
		t.Errorf("paused: missed %d", m.state.missed)
	}
	press(m, " ")
	if m.state.snapshot != next || m.state.missed != 0 {
		t.Error("the screen did not go on with the latest snapshot")
	}
}

// still is a source that has one snapshot.
type still struct{ changed chan struct{} }

func (s still) Latest() *diagnose.Snapshot { return incident() }
func (s still) Changed() <-chan struct{}   { return s.changed }

func TestRunEnds(t *testing.T) {
	defer goleak.VerifyNone(t)
	f := func(typed string, end bool, want error) {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		in, keyboard := io.Pipe()
		defer keyboard.Close()
		go func() {
			io.WriteString(keyboard, typed)
			if end {
				cancel()
			}
		}()
		s := still{make(chan struct{}, 1)}
		s.changed <- struct{}{}
		var out bytes.Buffer
		if err := Run(ctx, s, Options{In: in, Out: &out}); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", typed, err, want)
		}
		if ctx.Err() != nil && !end {
			t.Errorf("%q did not end the screen", typed)
		}
		if screen := out.String(); !strings.Contains(screen, "\x1b[?1049l") || !strings.Contains(screen, "\x1b[?25h") {
			t.Errorf("%q: the terminal was not restored: %q", typed, screen)
		}
	}
	f("jjq", false, nil)
	f("\x03", false, ErrInterrupted)
	f("j", true, nil)
}
