package knowledgebase

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Fault is something wrong with an entry. When the entry was read from YAML, the fault names the place and its text
// shows it.
type Fault struct {
	File         string
	Line, Column int // counted from one; 0 when there is no place
	Text         string
	Excerpt      string // the line of the file
	Warning      bool   // the entry can be used all the same
}

// Error renders the fault as a compiler would, with a caret under the place.
func (f *Fault) Error() string {
	if f.Line == 0 {
		if f.File == "" {
			return f.Text
		}
		return f.File + ": " + f.Text
	}
	text := fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, f.Text)
	if f.Excerpt == "" {
		return text
	}
	excerpt, column := window(f.Excerpt, f.Column-1)
	number := fmt.Sprintf("%6d | ", f.Line)
	return text + "\n" + number + excerpt + "\n" + strings.Repeat(" ", len(number)-2) + "| " + strings.Repeat(" ", column) + "^"
}

// window cuts what is shown of a long line, so that the caret stays within 80 columns.
func window(line string, column int) (text string, at int) {
	const width, before = 70, 40
	runes := []rune(strings.ReplaceAll(line, "\t", " "))
	column = min(max(column, 0), len(runes))
	from := 0
	if len(runes) > width && column > width-10 {
		from = column - before
	}
	to := min(len(runes), from+width)
	text = string(runes[from:to])
	if from > 0 {
		text = "…" + string(runes[from+1:to])
	}
	if to < len(runes) {
		text += "…"
	}
	return text, column - from
}

// place is where an entry stands.
type place struct {
	file *file
	node *yaml.Node
	own  bool // the user's, not the program's
}

// file is a file of knowledge as it was read.
type file struct {
	name  string
	lines []string
}

// fault makes a fault at a node.
func (f *file) fault(n *yaml.Node, format string, args ...any) *Fault {
	fault := &Fault{File: f.name, Text: fmt.Sprintf(format, args...)}
	if n != nil && n.Line > 0 {
		fault.Line, fault.Column = n.Line, n.Column
		if n.Line <= len(f.lines) {
			fault.Excerpt = strings.TrimRight(f.lines[n.Line-1], "\r")
			if !utf8.ValidString(fault.Excerpt) {
				fault.Excerpt = ""
			}
		}
	}
	return fault
}

// fault makes a fault of an entry. The path leads from the entry to what is wrong: keys, and values of a map or a list.
// It stops at the last step that the file has.
func (x *index) fault(entry any, path []string, format string, args ...any) *Fault {
	p, ok := x.places[entry]
	if !ok {
		return &Fault{Text: fmt.Sprintf(format, args...)}
	}
	return p.file.fault(descend(p.node, path), format, args...)
}

func descend(n *yaml.Node, path []string) *yaml.Node {
	at := n
	for _, step := range path {
		if n.Kind == yaml.AliasNode {
			n = n.Alias
		}
		var next *yaml.Node
		switch n.Kind {
		case yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				if n.Content[i].Value == step {
					at, next = n.Content[i], n.Content[i+1]
				}
			}
		case yaml.SequenceNode:
			for i, item := range n.Content {
				if item.Value == step && item.Kind == yaml.ScalarNode || fmt.Sprint("#", i) == step {
					at, next = item, item
					break
				}
			}
		case yaml.ScalarNode:
			if n.Value == step {
				at = n
			}
		}
		if next == nil {
			return at
		}
		n = next
	}
	return at
}
