package tui

import (
	"context"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// model connects the state to the terminal library: messages change the state, effects run as commands, and the view is
// the frame.
type model struct {
	state state
	ctx   context.Context // of the effects
}

func (m *model) Init() tea.Cmd { return nil }

func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m.state.now = time.Now()
	var effects []effect
	switch msg := msg.(type) {
	case message:
		effects = msg.apply(&m.state)
	case tea.WindowSizeMsg:
		m.state.width, m.state.height = msg.Width, msg.Height
	case tea.KeyMsg:
		effects = m.state.press(msg)
	case tea.MouseMsg:
		effects = m.state.mouse(msg)
	}
	if m.state.done {
		return m, tea.Quit
	}
	return m, m.commands(effects)
}

// commands are effects as the library runs them: each in a goroutine of its own.
func (m *model) commands(effects []effect) tea.Cmd {
	var out []tea.Cmd
	for _, e := range effects {
		out = append(out, func() tea.Msg {
			if msg := e(m.ctx); msg != nil {
				return msg
			}
			return nil
		})
	}
	return tea.Batch(out...)
}

func (m *model) View() string { return strings.Join(frame(&m.state), "\n") }
