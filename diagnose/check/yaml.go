package check

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

var (
	ruleSyntax = newRule("configuration-syntax", "outage", "config-invalid", "a configuration file cannot be parsed")
	ruleTwice  = newRule("key-twice", "outage", "config-invalid", "a key is given twice in one block")
)

// mostNodes bounds how much of a YAML document is walked: aliases may make a small file endless.
const mostNodes = 50000

// yamlDocuments parses the documents of a file. What cannot be parsed is a finding.
func (r *run) yamlDocuments(d *document) (list []*yaml.Node) {
	decoder := yaml.NewDecoder(bytes.NewReader(skipMark(d.data)))
	for len(list) < 1000 {
		var node yaml.Node
		err := decodeYAML(decoder, &node)
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil && bytes.Contains(d.data, []byte("{{")) {
			r.notChecked(d.whole(), "a template, not yet a configuration: render it first (helm template)")
			return list
		}
		if err != nil {
			line, what := yamlFault(err)
			if tab := tabIndented(d); tab > 0 && (line == 0 || tab <= line+1 && tab+1 >= line) {
				line, what = tab, "a line is indented with a tab, which YAML does not allow"
			}
			at := d.place(max(line, 1), 1, d.lineText(max(line, 1)))
			at.Column = d.column + 1 + len(d.lineText(max(line, 1))) - len(strings.TrimLeft(d.lineText(max(line, 1)), " \t"))
			r.report(ruleSyntax, "", at, "this is no valid YAML: "+what,
				"the program stops at its start, or starts with its defaults", "correct the line; indent with blanks only")
			return list
		}
		if len(node.Content) > 0 {
			list = append(list, node.Content[0])
		}
	}
	return list
}

// decodeYAML is Decode whose panics on hostile input are errors.
func decodeYAML(decoder *yaml.Decoder, node *yaml.Node) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("yaml: %v", p)
		}
	}()
	return decoder.Decode(node)
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

// yamlFault takes the position out of an error of the library.
func yamlFault(err error) (line int, what string) {
	what = strings.TrimPrefix(err.Error(), "yaml: ")
	if m := yamlLine.FindStringSubmatchIndex(what); m != nil {
		line, _ = strconv.Atoi(what[m[2]:m[3]])
		what = what[:m[0]] + what[m[1]:]
	}
	return line, show(what)
}

// tabIndented returns the first line that begins with a tab, 0 when there is none.
func tabIndented(d *document) int {
	for i, line := range bytes.Split(d.data, []byte("\n")) {
		if rest := bytes.TrimLeft(line, " "); bytes.HasPrefix(rest, []byte("\t")) && len(bytes.TrimSpace(rest)) > 0 && bytes.TrimSpace(rest)[0] != '#' {
			return i + 1
		}
	}
	return 0
}

// yamlWalk flattens a document to settings.
type yamlWalk struct {
	run  *run
	d    *document
	left int
}

// flatten returns all values below node, keys joined with dots.
func (r *run) flatten(d *document, node *yaml.Node) settings {
	s := settings{}
	w := yamlWalk{r, d, mostNodes}
	w.walk(s, "", node, 0)
	return s
}

func (w *yamlWalk) walk(s settings, key string, node *yaml.Node, depth int) {
	node = resolve(node)
	if w.left--; w.left < 0 || depth > 100 || node == nil {
		return
	}
	switch node.Kind {
	case yaml.MappingNode:
		w.twice(node)
		for i := 0; i+1 < len(node.Content); i += 2 {
			k, v := node.Content[i], node.Content[i+1]
			if k.Value == "<<" {
				continue
			}
			w.walk(s, join(key, k.Value), v, depth+1)
		}
		for i := 0; i+1 < len(node.Content); i += 2 { // merged keys are weaker
			if node.Content[i].Value == "<<" {
				w.merge(s, key, node.Content[i+1], depth+1)
			}
		}
	case yaml.SequenceNode:
		list := setting{key: key, at: w.d.place(node.Line, node.Column, w.d.lineText(node.Line))}
		for i, item := range node.Content {
			if w.left--; w.left < 0 {
				return
			}
			item = resolve(item)
			if item.Kind == yaml.ScalarNode {
				list.items = append(list.items, setting{key: key, value: item.Value, set: true, unknown: unknownValue(item.Value), at: w.d.place(item.Line, item.Column, item.Value)})
				continue
			}
			w.walk(s, join(key, strconv.Itoa(i)), item, depth+1)
		}
		if len(list.items) > 0 {
			list.value = list.items[0].value
			s.put(list)
		}
	case yaml.ScalarNode:
		value := node.Value
		if node.Tag == "!!null" {
			value = ""
		}
		s.put(setting{key: key, value: value, unknown: unknownValue(value), at: w.d.place(node.Line, node.Column, lastKey(key)+": "+value)})
	}
}

func (w *yamlWalk) merge(s settings, key string, node *yaml.Node, depth int) {
	node = resolve(node)
	if node == nil {
		return
	}
	if node.Kind == yaml.SequenceNode {
		for _, item := range node.Content {
			w.walk(s, key, item, depth+1)
		}
		return
	}
	w.walk(s, key, node, depth)
}

// twice reports keys of one block that are given twice: the libraries behind the programs refuse them.
func (w *yamlWalk) twice(node *yaml.Node) {
	seen := make(map[string]int, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		k := node.Content[i]
		if k.Kind != yaml.ScalarNode || k.Value == "<<" {
			continue
		}
		if first := seen[k.Value]; first > 0 {
			w.run.report(ruleTwice, "", w.d.place(k.Line, k.Column, k.Value), fmt.Sprintf("the key %q stands in line %d already", show(k.Value), w.d.line+first),
				"the file is refused (mapping key already defined), and the program does not start", "keep one of the two")
			continue
		}
		seen[k.Value] = k.Line
	}
}

func resolve(node *yaml.Node) *yaml.Node {
	for range 100 {
		if node == nil || node.Kind != yaml.AliasNode {
			return node
		}
		node = node.Alias
	}
	return nil
}

func join(key, name string) string {
	if key == "" {
		return name
	}
	return key + "." + name
}

func lastKey(key string) string {
	return key[strings.LastIndexByte(key, '.')+1:]
}

// field returns a value of a mapping, nil when it is not there.
func field(node *yaml.Node, name string) *yaml.Node {
	node = resolve(node)
	if node == nil || node.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			return resolve(node.Content[i+1])
		}
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == "<<" {
			merged := resolve(node.Content[i+1])
			if merged == nil || merged == node {
				continue
			}
			if merged.Kind == yaml.SequenceNode {
				for _, item := range merged.Content {
					if v := shallow(item, name); v != nil {
						return v
					}
				}
			} else if v := shallow(merged, name); v != nil {
				return v
			}
		}
	}
	return nil
}

// shallow is field without merges: an anchor may merge itself.
func shallow(node *yaml.Node, name string) *yaml.Node {
	node = resolve(node)
	if node == nil || node.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			return resolve(node.Content[i+1])
		}
	}
	return nil
}

// entries calls f for the pairs of a mapping.
func entries(node *yaml.Node, f func(key, value *yaml.Node)) {
	node = resolve(node)
	if node == nil || node.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		f(node.Content[i], resolve(node.Content[i+1]))
	}
}

// items returns the items of a sequence.
func items(node *yaml.Node) []*yaml.Node {
	node = resolve(node)
	if node == nil || node.Kind != yaml.SequenceNode {
		return nil
	}
	return node.Content
}

// scalar returns the value of a scalar, "" for anything else.
func scalar(node *yaml.Node) string {
	node = resolve(node)
	if node == nil || node.Kind != yaml.ScalarNode || node.Tag == "!!null" {
		return ""
	}
	return node.Value
}

// unknownValue reports whether a value is filled in later: by a variable, a template or by the person who copies an example.
func unknownValue(value string) bool {
	return strings.Contains(value, "${") || strings.Contains(value, "{{") || strings.Contains(value, "$(") ||
		strings.HasPrefix(value, "<") && strings.HasSuffix(value, ">") || strings.HasPrefix(value, "$") && len(value) > 1
}
