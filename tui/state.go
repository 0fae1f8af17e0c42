package tui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/tui/session"
)

// view is what the screen shows.
type view int

// The views, in the order of their number keys.
const (
	findingsView view = iota
	logView
	templatesView
	timelineView
	sourcesView
	helpView
	views // how many there are
)

var viewNames = [views]string{"Findings", "Log", "Templates", "Timeline", "Sources", "Help"}

// state is all that a frame is made of, and what the keys change. It does no input or output: what a key sets off
// besides a change is an [effect].
type state struct {
	theme    *theme
	title    func(system string) string // the name of a system as people write it
	snapshot *diagnose.Snapshot         // the one on the screen
	latest   *diagnose.Snapshot         // the same unless the screen is paused
	now      time.Time                  // when the latest message came

	width, height int
	view, before  view // before is where Esc leads
	panes         [views]pane
	unfolded      bool // the noise is shown finding by finding

	log     logReader
	filter  filter
	window  timeWindow
	search  *matcher // what / looks for, nil for nothing
	session *session.Session
	marked  int                      // the mark that was gone to last
	news    []diagnose.FindingChange // the latest last
	probe   Probe                    // nil when there is no probing
	probes  map[string]*probed       // by finding
	// terminal writes a sequence to the terminal between two frames.
	terminal func(sequence string)

	prompt *prompt // what is being typed, nil when nothing is
	answer answer  // what came of the last key

	paused      bool
	interrupted bool
	done        bool
}

// newState is the screen before the first key.
func newState(first *diagnose.Snapshot, o Options) state {
	s := state{
		theme: newTheme(o.Color), title: o.Title, snapshot: first, latest: first, now: time.Now(),
		session: o.Session, probe: o.Probe, probes: make(map[string]*probed), terminal: func(string) {},
	}
	s.log.store = o.Rows
	if s.session == nil {
		s.session = session.New()
	}
	// What was typed in an earlier run was checked then; what it cannot be any more shows all.
	f, w := s.session.Filter()
	if parsed, err := parseFilter(f); err == nil {
		s.filter = parsed
	}
	if parsed, err := parseWindow(w, s.newest()); err == nil {
		s.window = parsed
	}
	switch {
	case o.Warning != "":
		s.say(bad, o.Warning)
	case s.filter.text != "" || s.window.text != "":
		s.say(watch, "filtered as at the last end; F shows all")
	}
	if s.title == nil {
		s.title = func(id string) string { return id }
	}
	s.panes[helpView].inDetail = true
	return s
}

// pane is how a view is looked at: its list, and the detail of the row that is selected.
type pane struct {
	selected string // the row that is selected, by its id: rows move when others come
	inDetail bool   // the keys move the detail, not the list
	scroll   int    // lines of the detail above its window
	zoomed   bool   // the part that the keys move has the whole screen
}

// effect is work that a key sets off: reading, writing, waiting. It runs beside the screen, and must not touch the state;
// what it returns does.
type effect func(ctx context.Context) message

// message is what comes of an effect, or from outside. It changes the state in the screen's own goroutine.
type message interface{ apply(s *state) []effect }

// answer is what the screen says to a key.
type answer struct {
	text string
	look look
}

func (s *state) say(l look, text string) { s.answer = answer{text, l} }

func (s *state) pane() *pane { return &s.panes[s.view] }

// show goes to a view; Esc leads back.
func (s *state) show(v view) []effect {
	if v != s.view {
		s.before = s.view
	}
	return s.turnTo(v)
}

// turnTo puts a view on the screen. What the log was being searched for is given up when it is left.
func (s *state) turnTo(v view) []effect {
	if s.view == logView && v != logView {
		s.log.giveUp()
	}
	s.view = v
	if v == logView {
		return s.log.show(s)
	}
	return nil
}

// press handles a key and returns what it sets off.
func (s *state) press(k tea.KeyMsg) []effect {
	if k.Type == tea.KeyCtrlC {
		s.interrupted, s.done = true, true
		return nil
	}
	s.answer = answer{}
	if s.prompt != nil {
		return s.prompt.press(s, k)
	}
	if k.Paste { // no key was pressed
		return nil
	}
	var effects []effect
	if k.Alt { // Esc and the next key in one packet look like Alt with that key, which nothing here is on
		k.Alt = false
		effects = s.do("esc")
	}
	if k.Type != tea.KeyRunes {
		return append(effects, s.do(k.String())...)
	}
	// Keys that arrive in one packet (a slow line, a fast typist) come as one message.
	for i, r := range k.Runes {
		if s.prompt != nil { // one of them asked for text: the rest is that text
			rest := tea.KeyMsg{Type: tea.KeyRunes, Runes: k.Runes[i:]}
			return append(effects, s.prompt.press(s, rest)...)
		}
		effects = append(effects, s.do(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}}.String())...)
	}
	return effects
}

// do runs the binding of a key in this view.
func (s *state) do(key string) []effect {
	if b := bound(s, key); b != nil {
		return b.do(s)
	}
	return nil
}

// fresh says that there is a snapshot later than the one on the screen, and what has changed.
type fresh struct {
	snapshot *diagnose.Snapshot
	changes  []diagnose.FindingChange
}

// maxNews bounds what is remembered of what happened.
const maxNews = 100

func (f fresh) apply(s *state) []effect {
	s.latest = f.snapshot
	s.news = append(s.news, f.changes...)
	s.news = s.news[max(len(s.news)-maxNews, 0):]
	effects := s.worsen(f.changes)
	if !s.paused {
		s.snapshot = f.snapshot
		effects = append(effects, s.log.refresh(s)...)
	}
	return effects
}

// tick says that time has passed.
type tick struct{ now time.Time }

func (t tick) apply(s *state) []effect {
	s.now = t.now
	return s.log.settle(s)
}

// missed is the number of lines that came since the pause.
func (s *state) missed() int64 { return s.latest.Input.Lines - s.snapshot.Input.Lines }

func (s *state) pause() []effect {
	s.paused = !s.paused
	if s.paused {
		return nil
	}
	s.snapshot = s.latest
	return s.log.refresh(s)
}
