package tui

import (
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

func TestMouse(t *testing.T) {
	f := func(name string, x, y int, button tea.MouseButton, want func(*state) bool) {
		t.Helper()
		s := newScreen(t)
		s.width, s.height = 120, 30
		s.run(s.mouse(tea.MouseMsg{X: x, Y: y, Button: button, Action: tea.MouseActionPress}))
		if !want(s.state) {
			t.Errorf("%s: %s, %+v", name, viewNames[s.view], *s.pane())
		}
		checkFrame(t, s.state)
	}
	selects := func(id string) func(*state) bool {
		return func(s *state) bool { return s.view == findingsView && s.pane().selected == id }
	}
	f("the second finding", 5, 7, tea.MouseButtonLeft, selects("f2"))
	f("its second line", 5, 8, tea.MouseButtonLeft, selects("f2"))
	f("the noise", 5, 11, tea.MouseButtonLeft, selects(foldID))
	f("below the list", 5, 20, tea.MouseButtonLeft, selects(""))
	f("the wheel over the list", 5, 7, tea.MouseButtonWheelDown, selects(foldID))
	f("the wheel over the detail", 80, 7, tea.MouseButtonWheelDown, func(s *state) bool { return s.pane().inDetail && s.pane().scroll > 0 })
	f("a tab", 18, 3, tea.MouseButtonLeft, func(s *state) bool { return s.view == logView })
	f("the footer", 18, 29, tea.MouseButtonLeft, selects(""))
}
