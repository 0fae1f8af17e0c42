package tui

import tea "github.com/charmbracelet/bubbletea"

// wheelStep is how many lines a notch of the wheel moves.
const wheelStep = 3

// mouse moves what lies under the pointer, and chooses a row or a view by a click.
func (s *state) mouse(m tea.MouseMsg) []effect {
	if s.prompt != nil || m.Action != tea.MouseActionPress {
		return nil
	}
	list := listingOf(s)
	l := arrange(s, list.len())
	y := m.Y - l.header
	inDetail := l.list == 0 || l.beside && m.X > l.listWidth || !l.beside && y > l.list
	switch {
	case m.Button == tea.MouseButtonLeft && m.Y == l.header-1 && l.header == fullHeader:
		return s.clickTab(m.X)
	case y < 0 || y >= l.body || l.detail == 0 && inDetail:
		return nil
	}
	s.pane().inDetail = inDetail
	switch m.Button {
	case tea.MouseButtonWheelUp:
		return move(s, -wheelStep)
	case tea.MouseButtonWheelDown:
		return move(s, wheelStep)
	case tea.MouseButtonLeft:
		if i := rowAt(list, chosen(list, s.pane().selected), l.list, l.listWidth, y); !inDetail && i >= 0 {
			return s.choose(list, i)
		}
	}
	return nil
}

// clickTab goes to the view whose name stands at a column.
func (s *state) clickTab(x int) []effect {
	at := 0
	for v := range views {
		at += columns(tab(s, v))
		if x < at {
			return s.show(v)
		}
	}
	return nil
}
