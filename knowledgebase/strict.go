package knowledgebase

import (
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// key is a key of a YAML mapping, as the tag of a Go field tells it.
type key struct {
	name     string
	required bool // without omitempty
	field    reflect.StructField
}

// keysOfType lists the keys that a mapping for a struct may have.
func keysOfType(t reflect.Type) []key {
	var list []key
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name == "" || name == "-" {
			continue
		}
		list = append(list, key{name, !strings.Contains(options, "omitempty"), f})
	}
	return list
}

var stringsType = reflect.TypeFor[Strings]()

// checkNode compares a node with the type that it is to fill. The decoder would find the same faults, but it tells no
// column and stops at unknown keys.
func checkNode(n *yaml.Node, t reflect.Type, what string, fault func(*yaml.Node, string)) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	named := func(text string) string {
		if what == "" {
			return text
		}
		return fmt.Sprintf("%q %s", what, text)
	}
	switch {
	case t == stringsType:
		if n.Kind == yaml.ScalarNode {
			return
		}
		t = reflect.TypeFor[[]string]()
	case t.Kind() == reflect.Pointer:
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Struct:
		if n.Kind != yaml.MappingNode {
			fault(n, named("must be a map with keys"))
			return
		}
		checkKeys(n, t, fault)
	case reflect.Map:
		if n.Kind != yaml.MappingNode {
			fault(n, named("must be a map"))
			return
		}
		once(n, fault)
		for i := 0; i+1 < len(n.Content); i += 2 {
			checkNode(n.Content[i+1], t.Elem(), n.Content[i].Value, fault)
		}
	case reflect.Slice:
		if n.Kind != yaml.SequenceNode {
			fault(n, named("must be a list"))
			return
		}
		for _, item := range n.Content {
			checkNode(item, t.Elem(), what, fault)
		}
	default:
		kind := map[reflect.Kind]string{reflect.String: "a text", reflect.Bool: "true or false", reflect.Int: "a whole number", reflect.Float64: "a number"}[t.Kind()]
		if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
			fault(n, named("must be "+kind))
			return
		}
		if err := n.Decode(reflect.New(t).Interface()); err != nil {
			fault(n, named(fmt.Sprintf("must be %s, not %q", kind, n.Value)))
		}
	}
}

func checkKeys(n *yaml.Node, t reflect.Type, fault func(*yaml.Node, string)) {
	known := keysOfType(t)
	once(n, fault)
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i]
		var found *key
		var names []string
		for k := range known {
			names = append(names, known[k].name)
			if known[k].name == name.Value {
				found = &known[k]
			}
		}
		if found == nil {
			fault(name, fmt.Sprintf("unknown key %q; there are %s", name.Value, strings.Join(names, ", ")))
			continue
		}
		checkNode(n.Content[i+1], found.field.Type, name.Value, fault)
	}
	for _, k := range known {
		if k.required && valueOf(n, k.name) == nil {
			fault(n, fmt.Sprintf("the key %q is missing", k.name))
		}
	}
}

// once refuses keys that are there twice.
func once(n *yaml.Node, fault func(*yaml.Node, string)) {
	seen := make(map[string]bool)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if seen[k.Value] {
			fault(k, fmt.Sprintf("the key %q is there twice", k.Value))
		}
		seen[k.Value] = true
	}
}
