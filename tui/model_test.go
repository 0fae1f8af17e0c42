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
	"github.com/whytls/whytls/diagnose/rows"
)

// screen is a state as the keys and the snapshots change it, without a terminal. Effects run at once, one after the other.
type screen struct {
	*testing.T
	*state
}

func newScreen(t *testing.T) *screen { return &screen{t, stateOf(incident())} }

// typing presses keys, named as the terminal library names them.
func (s *screen) typing(keys ...string) {
	s.Helper()
	for _, k := range keys {
		s.run(s.press(keyOf(k)))
	}
}

// run runs effects and what follows from them.
func (s *screen) run(effects []effect) {
	for len(effects) > 0 {
		if msg := effects[0](s.Context()); msg != nil {
			effects = append(effects, msg.apply(s.state)...)
		}
		effects = effects[1:]
	}
}

// keyOf is the message of a key.
func keyOf(name string) tea.KeyMsg {
	if name == " " {
		return tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}}
	}
	for kind := tea.KeyType(-100); kind < 128; kind++ {
		if k := (tea.KeyMsg{Type: kind}); kind != tea.KeyRunes && k.String() == name {
			return k
		}
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
}

func TestKeysMoveAndOpen(t *testing.T) {
	f := func(keys string, selected string, inDetail bool, scroll int) {
		t.Helper()
		s := newScreen(t)
		s.typing(strings.Fields(keys)...)
		if p := s.pane(); p.selected != selected || p.inDetail != inDetail || p.scroll != scroll {
			t.Errorf("%s: selected %q, in detail %v, scroll %d; want %q, %v, %d", keys, p.selected, p.inDetail, p.scroll, selected, inDetail, scroll)
		}
		checkFrame(t, s.state)
	}
	f("", "", false, 0)
	f("j", "f2", false, 0)
	f("down down", "f3", false, 0)
	f("j j k", "f2", false, 0)
	f("jjk", "f2", false, 0)
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
	f("3 1", "", false, 0)
}

func TestViews(t *testing.T) {
	f := func(keys string, want view) {
		t.Helper()
		s := newScreen(t)
		s.typing(strings.Fields(keys)...)
		if s.view != want {
			t.Errorf("%s: %s, want %s", keys, viewNames[s.view], viewNames[want])
		}
		checkFrame(t, s.state)
	}
	f("3", templatesView)
	f("4", timelineView)
	f("5", sourcesView)
	f("?", helpView)
	f("3 ?", helpView)
	f("3 ? esc", templatesView)
	f("3 ? ?", templatesView)
	f("3 enter esc", templatesView)
	f("3 enter esc esc", findingsView)
	f("4 enter enter", findingsView)
}

func TestScrollStopsAtTheEnd(t *testing.T) {
	s := newScreen(t)
	s.typing("enter", "G")
	end := s.pane().scroll
	s.typing("j", "j", "pgdown")
	if s.pane().scroll != end || end == 0 {
		t.Errorf("scrolled to %d after the end at %d", s.pane().scroll, end)
	}
	s.typing("k")
	if s.pane().scroll != end-1 {
		t.Errorf("one line up from %d is %d", end, s.pane().scroll)
	}
	s.width, s.height = 300, 100 // everything fits now
	s.typing("k")
	if s.pane().scroll != 0 {
		t.Errorf("scroll %d although all fits", s.pane().scroll)
	}
}

// A finding stays selected when a worse one comes above it.
func TestSelectionStays(t *testing.T) {
	s := newScreen(t)
	s.typing("j", "j")
	next := incident()
	next.Findings = append([]*diagnose.Finding{{ID: "f0", Title: "Worse", Urgency: "outage", Causes: []diagnose.Cause{{Title: "x"}}}}, next.Findings...)
	fresh{snapshot: next}.apply(s.state)
	list := findingsOf(s.state)
	if got := list.id(chosen(list, s.pane().selected)); got != "f3" {
		t.Errorf("selected %s", got)
	}
}

func TestPause(t *testing.T) {
	s := newScreen(t)
	s.typing(" ")
	next := incident()
	next.Input.Lines += 5
	fresh{snapshot: next}.apply(s.state)
	if s.snapshot == next || s.missed() != 5 {
		t.Errorf("paused: missed %d", s.missed())
	}
	s.typing(" ")
	if s.snapshot != next || s.missed() != 0 {
		t.Error("the screen did not go on with the latest snapshot")
	}
}

// still is a source that has one snapshot.
type still struct{ changed chan struct{} }

func (s still) Latest() *diagnose.Snapshot { return incident() }
func (s still) Changed() <-chan struct{}   { return s.changed }

func TestRunEnds(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
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

// After a panic, wherever it was, the terminal is as it was, and the fault is an error and not the end of the program.
func TestRunSurvivesAPanic(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	f := func(name string, o Options, typed string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		in, keyboard := io.Pipe()
		defer keyboard.Close()
		go io.WriteString(keyboard, typed)
		var out bytes.Buffer
		o.In, o.Out = in, &out
		err := Run(ctx, still{make(chan struct{}, 1)}, o)
		if !errors.Is(err, ErrInternal) || !strings.Contains(err.Error(), "a fault") || !strings.Contains(err.Error(), "model_test.go") {
			t.Errorf("%s: the error is %v", name, err)
		}
		if screen := out.String(); !strings.Contains(screen, "\x1b[?1049l") || !strings.Contains(screen, "\x1b[?25h") {
			t.Errorf("%s: the terminal was not restored: %q", name, screen)
		}
	}
	f("a key", Options{Title: func(string) string { panic("a fault") }}, "j")
	f("an effect", Options{Rows: faulty{}}, "2")
}

// faulty is a log that cannot be read.
type faulty struct{ Rows }

func (faulty) Page(context.Context, rows.Query) (rows.Page, error) { panic("a fault") }

func (faulty) Generation() uint64 { return 0 }

func (faulty) Total() (int64, bool) { return 0, true }

// A panic in an update leaves the library with the model and the wish to end, not with nothing.
func TestUpdateSurvivesAPanic(t *testing.T) {
	m := &model{state: *stateOf(incident())}
	m.state.title = func(string) string { panic("a fault") }
	next, cmd := m.Update(keyOf("j"))
	if next != tea.Model(m) || cmd == nil || !errors.Is(m.fault, ErrInternal) {
		t.Errorf("the model %v, the command %v, the error %v", next, cmd != nil, m.fault)
	}
}

// A panic while a frame is drawn ends the screen, too.
func TestViewSurvivesAPanic(t *testing.T) {
	ended := make(chan struct{})
	m := &model{state: *stateOf(incident()), quit: func() { close(ended) }}
	m.state.title = func(string) string { panic("a fault") }
	m.View()
	<-ended
	if !errors.Is(m.fault, ErrInternal) {
		t.Errorf("the error is %v", m.fault)
	}
}
