package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
)

// prompt asks for a line of text at the bottom of the screen.
type prompt struct {
	label string
	hint  string // what may be typed, told while there is nothing
	input textinput.Model
	// typed is called at every change, so that the screen can follow; nil when it need not.
	typed func(s *state, text string) []effect
	// enter takes the text. The prompt is closed before.
	enter func(s *state, text string) []effect
	// suggest lists what the text may become; Tab takes the first, the arrows choose. nil for no proposals.
	suggest func(s *state, text string) []string
	// leave is called instead when the person changes their mind; nil when there is nothing to undo.
	leave func(s *state) []effect
}

// longest is the most that a prompt takes: what is typed is kept and shown, and a paste may be anything.
const longest = 4096

// ask opens a prompt that holds text from the start.
func (s *state) ask(p prompt, text string) {
	p.input = textinput.New()
	p.input.CharLimit = longest
	p.input.SetValue(text)
	p.input.CursorEnd()
	p.input.ShowSuggestions = p.suggest != nil
	p.input.Focus() // its command makes a cursor blink that is not drawn
	s.prompt = &p
}

// press edits the text.
func (p *prompt) press(s *state, k tea.KeyMsg) []effect {
	switch k.Type {
	case tea.KeyEnter:
		s.prompt = nil
		return p.enter(s, strings.TrimSpace(p.input.Value()))
	case tea.KeyEsc:
		s.prompt = nil
		if p.leave != nil {
			return p.leave(s)
		}
		return nil
	}
	before := p.input.Value()
	p.input, _ = p.input.Update(k)
	text := p.input.Value()
	if text == before {
		return nil
	}
	if p.suggest != nil {
		p.input.SetSuggestions(p.suggest(s, text))
	}
	if p.typed != nil {
		return p.typed(s, strings.TrimSpace(text))
	}
	return nil
}

// line draws the prompt with its cursor. When the text is longer than the line, the part around the cursor shows.
func (p *prompt) line(width int) line {
	text, at := []rune(p.input.Value()), p.input.Position()
	out := line{{label, p.label}, {plain, " "}}
	room := max(width-columns(out)-2, 1)
	from := max(at-room, 0)
	before, under, after := string(text[from:at]), "▏", ""
	if at < len(text) {
		under, after = string(text[at]), string(text[at+1:])
	}
	if len(text) == 0 {
		after = " " + p.hint
	}
	if proposal := []rune(p.input.CurrentSuggestion()); at == len(text) && len(proposal) > len(text) {
		after = string(proposal[len(text):])
	}
	rest := span{plain, after}
	if at == len(text) {
		rest.look = faint
	}
	return append(out, span{plain, before}, span{cursor, under}, rest)
}
