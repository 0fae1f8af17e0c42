package knowledgebase

import (
	_ "embed"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"reflect"
	"slices"
	"strings"
)

//go:embed schema.go
var schemaSource string

// JSONSchema returns the JSON Schema of the files of knowledge, for editors. It is made from the Go types, and its
// descriptions are their comments.
func JSONSchema() map[string]any {
	m := &schemaMaker{comments: commentsOf(schemaSource), defs: make(map[string]any)}
	var kinds []any
	for _, t := range []reflect.Type{reflect.TypeFor[signatureFile](), reflect.TypeFor[causeFile](), reflect.TypeFor[System]()} {
		kinds = append(kinds, m.schema(t))
	}
	return map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"$id":     "https://github.com/whytls/whytls/knowledge.schema.json",
		"title":   "a file of knowledge of whytls: signatures, causes or a system",
		"anyOf":   kinds,
		"$defs":   m.defs,
	}
}

type schemaMaker struct {
	comments map[string]string // "Type" and "Type.Field"
	defs     map[string]any
}

// words are the values of fields that take one of a few.
func words(field string) []string {
	switch field {
	case "Signature.Side":
		return []string{"server", "client", "either"}
	case "Signature.AlertFrom":
		return []string{"peer", "local"}
	case "Signature.Marker":
		return markers
	case "Cause.Urgency":
		return []string{"noise", "watch", "degraded", "outage"}
	case "Evidence.Feature":
		return sorted(Features)
	case "Condition.Feature":
		return sorted(SystemFeatures)
	}
	return nil
}

func (m *schemaMaker) schema(t reflect.Type) map[string]any {
	switch t {
	case stringsType:
		text := map[string]any{"type": []string{"string", "number", "boolean"}}
		return map[string]any{"anyOf": []any{text, map[string]any{"type": "array", "items": text}}}
	case reflect.TypeFor[Weights]():
		return map[string]any{
			"type": "object", "description": m.comments["Weights"],
			"additionalProperties": map[string]any{"type": "number", "exclusiveMinimum": 0, "maximum": 1},
		}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return m.schema(t.Elem())
	case reflect.Slice:
		return map[string]any{"type": "array", "items": m.schema(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": m.schema(t.Elem())}
	case reflect.Struct:
		if _, ok := m.defs[t.Name()]; !ok {
			m.defs[t.Name()] = nil // types may hold themselves
			m.defs[t.Name()] = m.object(t)
		}
		return map[string]any{"$ref": "#/$defs/" + t.Name()}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int:
		return map[string]any{"type": "integer"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	}
	return map[string]any{"type": "string"}
}

func (m *schemaMaker) object(t reflect.Type) map[string]any {
	properties := make(map[string]any)
	var required []string
	for _, k := range keysOfType(t) {
		name := t.Name() + "." + k.field.Name
		property := m.schema(k.field.Type)
		if list := words(name); list != nil {
			property["enum"] = slices.Clone(list)
		}
		if comment := m.comments[name]; comment != "" {
			property["description"] = comment
		}
		properties[k.name] = property
		if k.required {
			required = append(required, k.name)
		}
	}
	object := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if required != nil {
		object["required"] = required
	}
	if comment := m.comments[t.Name()]; comment != "" {
		object["description"] = comment
	}
	return object
}

// commentsOf reads the comments of types and their fields out of Go source.
func commentsOf(source string) map[string]string {
	comments := make(map[string]string)
	file, err := parser.ParseFile(gotoken.NewFileSet(), "schema.go", source, parser.ParseComments)
	if err != nil {
		return comments // it is compiled: this cannot be
	}
	for _, d := range file.Decls {
		general, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range general.Specs {
			t, ok := spec.(*ast.TypeSpec)
			if !ok {
				continue
			}
			comments[t.Name.Name] = sentence(general.Doc, t.Name.Name)
			fields, ok := t.Type.(*ast.StructType)
			if !ok {
				continue
			}
			for _, f := range fields.Fields.List {
				for _, name := range f.Names {
					text := sentence(f.Doc, name.Name)
					if text == "" {
						text = sentence(f.Comment, name.Name)
					}
					comments[t.Name.Name+"."+name.Name] = text
				}
			}
		}
	}
	return comments
}

// sentence is a comment on one line, without the name that Go's comments begin with where a verb follows it.
func sentence(c *ast.CommentGroup, name string) string {
	text := strings.Join(strings.Fields(c.Text()), " ")
	for _, verb := range []string{"is ", "are ", "lists ", "says "} {
		if rest, ok := strings.CutPrefix(text, name+" "+verb); ok {
			return rest
		}
	}
	return text
}
