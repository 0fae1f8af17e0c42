package report

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// wrap breaks text into lines of at most width columns, at spaces; a word that is wider than a line is broken inside. Nothing but the spaces at the breaks is lost. The text must hold no escape sequences.
func wrap(text string, width int) []string {
	width = max(width, 1)
	var lines []string
	var line strings.Builder
	used := 0
	flush := func() {
		lines = append(lines, line.String())
		line.Reset()
		used = 0
	}
	for _, word := range strings.Fields(text) {
		w := ansi.StringWidth(word)
		if used > 0 && used+1+w > width {
			flush()
		}
		if used > 0 {
			line.WriteByte(' ')
			used++
		}
		for w > width-used {
			head, rest := cutWord(word, width-used)
			line.WriteString(head)
			flush()
			word, w = rest, ansi.StringWidth(rest)
		}
		line.WriteString(word)
		used += w
	}
	if used > 0 || len(lines) == 0 {
		flush()
	}
	return lines
}

// cutWord splits a word that is too wide for a line. Paths, URLs and lists are nicer to read when they break behind a
// separator, as long as this leaves no ragged line.
func cutWord(s string, n int) (head, rest string) {
	head, _ = cutColumns(s, n)
	if i := strings.LastIndexAny(head, "/,;&?="); i > len(head)/2 {
		head = head[:i+1]
	}
	return head, s[len(head):]
}

// cutColumns splits s behind at most n columns, between characters as a person sees them. The head holds at least one
// character, so that a caller gets on.
func cutColumns(s string, n int) (head, rest string) {
	for head == "" && s != "" {
		head = ansi.Truncate(s, n, "")
		n++
	}
	return head, s[len(head):]
}

// clip shortens text to a number of lines and shows by an ellipsis that it did.
func clip(lines []string, most, width int) []string {
	if len(lines) <= most {
		return lines
	}
	lines = append([]string(nil), lines[:most]...)
	last, _ := cutColumns(lines[most-1], width-2)
	lines[most-1] = strings.TrimRight(last, " ") + " …"
	return lines
}
