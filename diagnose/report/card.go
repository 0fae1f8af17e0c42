package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"
)

// Card is an entry of the knowledge as a person reads it.
type Card struct {
	Label    string // left of the title: the urgency of a cause, or the kind of the entry
	Title    string
	Facts    string // below the title
	Sections []Section
}

// Section is a part of a card.
type Section struct {
	Heading string // short: it stands in the left column
	Items   []Item
}

// Item is a paragraph, a command with what its answer means, or a message.
type Item struct {
	Mark string // before the text, such as a share or a ratio
	Text string
	Code bool   // the text can be pasted, or is a message
	Note string // below the text
}

// add adds a section unless it is empty.
func (c *Card) add(heading string, items ...Item) {
	if len(items) > 0 {
		c.Sections = append(c.Sections, Section{heading, items})
	}
}

// CardText writes a card for a terminal.
func CardText(w io.Writer, c *Card, o Options) error {
	if o.Width <= 0 {
		o.Width = 80
	}
	s := &sheet{styles: newStyles(w, o.Color), width: o.Width}
	look, known := s.styles.urgency[c.Label]
	label := strings.ToUpper(c.Label)
	if !known {
		look, label = s.styles.label, c.Label
	}
	s.paragraph(label, look, c.Title, s.styles.title)
	s.paragraph("", look, c.Facts, s.styles.faint)
	for _, section := range c.Sections {
		s.blank()
		heading := right(section.Heading)
		for _, item := range section.Items {
			mark := item.Mark
			if mark != "" {
				mark += strings.Repeat(" ", max(6-len([]rune(mark)), 1))
			}
			style := s.styles.plain
			if item.Code {
				style = s.styles.command
			}
			s.entry(entry{label: heading, look: s.styles.label, mark: span{mark, s.styles.strong}, text: item.Text, style: style})
			if item.Note != "" {
				s.indented(item.Note, len([]rune(mark))+2)
			}
			heading = ""
		}
	}
	if _, err := io.WriteString(w, s.out.String()); err != nil {
		return fmt.Errorf("writing the card: %w", err)
	}
	return nil
}

// indented writes a paragraph behind a margin.
func (s *sheet) indented(text string, margin int) {
	s.entry(entry{look: lipgloss.Style{}, mark: span{strings.Repeat(" ", margin), s.styles.plain}, text: text, style: s.styles.faint})
}

// CardMarkdown writes a card as Markdown.
func CardMarkdown(w io.Writer, c *Card) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", markdown(c.Title))
	facts := markdown(c.Facts)
	if c.Label != "" {
		facts = strings.TrimSuffix("**"+markdown(c.Label)+"** · "+facts, " · ")
	}
	fmt.Fprintf(&b, "%s\n", facts)
	for _, section := range c.Sections {
		fmt.Fprintf(&b, "\n## %s\n\n", markdown(strings.ToUpper(section.Heading[:1])+section.Heading[1:]))
		for _, item := range section.Items {
			text := markdown(item.Text)
			if item.Code {
				text = code(item.Text)
			}
			if item.Mark != "" {
				text = "**" + markdown(item.Mark) + "** " + text
			}
			if item.Note != "" {
				text += " — " + markdown(item.Note)
			}
			if len(section.Items) > 1 || item.Mark != "" || item.Code {
				text = "* " + text
			}
			fmt.Fprintf(&b, "%s\n", text)
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the card: %w", err)
	}
	return nil
}

var markdownEscapes = strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "<", `\<`, "`", "\\`", "[", `\[`, "#", `\#`)

// markdown escapes what Markdown would take for markup.
func markdown(s string) string { return markdownEscapes.Replace(Safe(s)) }

// code puts text into as many backticks as it needs.
func code(s string) string {
	s = Safe(s)
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if fence != "`" {
		return fence + " " + s + " " + fence
	}
	return fence + s + fence
}
