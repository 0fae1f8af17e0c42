package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/whytls/whytls/diagnose"
)

// far is further than any list is long.
const far = 1 << 30

// fresh says that there is a snapshot later than the one on the screen.
type fresh struct{ snapshot *diagnose.Snapshot }

// model connects the state to the terminal library: messages change the state, the view is the frame.
type model struct {
	state         state
	latest        *diagnose.Snapshot // the shown one unless the screen is paused
	width, height int
	interrupted   bool
	done          bool
}

func (m *model) Init() tea.Cmd { return nil }

func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case fresh:
		m.latest = msg.snapshot
		if m.state.paused {
			m.state.missed = m.latest.Input.Lines - m.state.snapshot.Input.Lines
		} else {
			m.state.snapshot = m.latest
		}
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case tea.KeyMsg:
		if msg.Alt { // Esc and the next key in one packet look like Alt with that key, which nothing here is on
			msg.Alt = false
			m.key("esc")
		}
		switch {
		case msg.Paste: // no key was pressed
		case msg.Type == tea.KeyRunes:
			// Keys that arrive in one packet (a slow line, a fast typist) come as one message.
			for _, r := range msg.Runes {
				m.key(string(r))
			}
		default:
			m.key(msg.String())
		}
	}
	if m.done {
		return m, tea.Quit
	}
	return m, nil
}

func (m *model) key(name string) {
	if name == "ctrl+c" {
		m.interrupted = true
		m.quit()
		return
	}
	for i := range bindings {
		for _, k := range bindings[i].keys {
			if k == name {
				bindings[i].do(m)
				return
			}
		}
	}
}

func (m *model) View() string { return strings.Join(frame(&m.state, m.width, m.height), "\n") }

func (m *model) move(n int) {
	s := &m.state
	if s.inDetail || s.help {
		most := maxScroll(s, m.width, m.height)
		s.scroll = min(max(min(s.scroll, most)+n, 0), most)
		return
	}
	rows := rowsOf(s)
	if len(rows) == 0 {
		return
	}
	next := rows[min(max(selection(s, rows)+n, 0), len(rows)-1)].id
	if next != s.selected {
		s.selected, s.scroll = next, 0
	}
}

// page is how far a page key moves.
func (m *model) page() int {
	l := arrange(&m.state, len(rowsOf(&m.state)), m.width, m.height)
	if m.state.inDetail || m.state.help {
		return max(l.detail-1, 1)
	}
	return max(l.list-1, 1)
}

func (m *model) open() {
	s := &m.state
	rows := rowsOf(s)
	if len(rows) == 0 || s.help {
		return
	}
	chosen := rows[selection(s, rows)]
	s.selected = chosen.id // it stays selected when a worse one comes
	if chosen.finding == nil {
		s.unfolded = !s.unfolded
		return
	}
	s.inDetail = true
}

func (m *model) back() {
	s := &m.state
	if s.help {
		s.help, s.scroll = false, 0
		return
	}
	s.inDetail = false
}

func (m *model) pause() {
	s := &m.state
	s.paused, s.missed = !s.paused, 0
	if !s.paused {
		s.snapshot = m.latest
	}
}

func (m *model) quit() { m.done = true }
