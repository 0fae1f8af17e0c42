package tui

// far is further than any list is long.
const far = 1 << 30

// move goes n rows down the list, or n lines down the detail when the keys are there.
func move(s *state, n int) []effect {
	p := s.pane()
	if p.inDetail {
		most := maxScroll(s)
		p.scroll = min(max(min(p.scroll, most)+n, 0), most)
		return nil
	}
	if s.view == logView {
		return s.log.move(s, n)
	}
	list := listingOf(s)
	if list.len() == 0 {
		return nil
	}
	return s.choose(list, min(max(chosen(list, p.selected)+n, 0), list.len()-1))
}

// choose selects row i of the list.
func (s *state) choose(list listing, i int) []effect {
	s.pane().choose(list.id(i))
	return nil
}

// page is how far a page key moves.
func page(s *state) int {
	l := arrange(s, listingOf(s).len())
	if s.pane().inDetail {
		return max(l.detail-1, 1)
	}
	return max(l.list-1, 1)
}

// open goes from the list into the detail, and from the detail further where its view leads further.
func open(s *state) []effect {
	list := listingOf(s)
	i := chosen(list, s.pane().selected)
	if i < 0 {
		return nil
	}
	effects := s.choose(list, i) // it stays selected when a worse one comes
	if o, ok := list.(opener); ok {
		if more, done := o.open(i, s.pane().inDetail); done {
			return append(effects, more...)
		}
	}
	s.pane().inDetail = true
	return effects
}

// opener is a list where Enter does something else than to go into the detail; done reports whether it did.
type opener interface {
	open(i int, inDetail bool) (effects []effect, done bool)
}

// back goes from the detail to the list, from there to the view before, and in the end to the findings.
func back(s *state) []effect {
	switch {
	case s.view == logView && s.log.busy:
		s.log.giveUp()
	case s.pane().inDetail && s.view != helpView:
		s.pane().inDetail = false
	case s.before != s.view:
		to := s.before
		s.before = findingsView
		return s.turnTo(to)
	}
	return nil
}

// other moves the keys between the list and the detail.
func other(s *state) []effect {
	if s.view != helpView {
		s.pane().inDetail = !s.pane().inDetail
	}
	return nil
}

// sideways goes out of the detail or into it, and in a log that is not wrapped along its lines.
func sideways(n int) func(*state) []effect {
	return func(s *state) []effect {
		switch {
		case s.view == logView && !s.log.wrap && !s.pane().inDetail:
			s.log.column = max(s.log.column+n*sideStep, 0)
			return nil
		case n > 0:
			return open(s)
		}
		return back(s)
	}
}

// sideStep is how many columns the log moves to the side.
const sideStep = 20

func zoom(s *state) []effect {
	s.pane().zoomed = !s.pane().zoomed
	return nil
}
