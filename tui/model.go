package tui

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// model connects the state to the terminal library: messages change the state, effects run as commands, and the view is
// the frame. A panic in any of them ends the screen in good order and becomes its error: the library would print it, with
// whatever a log has put into it, to the terminal.
type model struct {
	state state
	ctx   context.Context // of the effects
	fault error
	quit  func() // ends the library's loop from outside of an update
}

func (m *model) Init() tea.Cmd { return nil }

func (m *model) Update(msg tea.Msg) (next tea.Model, cmd tea.Cmd) {
	defer func() {
		if v := recover(); v != nil {
			m.fail(v)
			next, cmd = m, tea.Quit
		}
	}()
	m.state.now = time.Now()
	var effects []effect
	switch msg := msg.(type) {
	case message:
		effects = msg.apply(&m.state)
	case panicked:
		m.fault = msg.error
	case tea.WindowSizeMsg:
		m.state.width, m.state.height = msg.Width, msg.Height
	case tea.KeyMsg:
		effects = m.state.press(msg)
	case tea.MouseMsg:
		effects = m.state.mouse(msg)
	}
	if m.state.done || m.fault != nil {
		return m, tea.Quit
	}
	return m, m.commands(effects)
}

// commands are effects as the library runs them: each in a goroutine of its own.
func (m *model) commands(effects []effect) tea.Cmd {
	var out []tea.Cmd
	for _, e := range effects {
		out = append(out, func() (msg tea.Msg) {
			defer func() {
				if v := recover(); v != nil {
					msg = panicked{fault(v)}
				}
			}()
			if next := e(m.ctx); next != nil {
				return next
			}
			return nil
		})
	}
	return tea.Batch(out...)
}

func (m *model) View() (screen string) {
	defer func() {
		if v := recover(); v != nil {
			m.fail(v)
			go m.quit() // it waits for the loop, which waits for this
		}
	}()
	return strings.Join(frame(&m.state), "\n")
}

// panicked is the panic of an effect.
type panicked struct{ error }

func (m *model) fail(v any) {
	if m.fault == nil {
		m.fault = fault(v)
	}
}

// fault is a panic as an error, with the place.
func fault(v any) error { return fmt.Errorf("%w: %v\n%s", ErrInternal, v, debug.Stack()) }
