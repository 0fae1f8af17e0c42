package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// floors are the rooms of the house from the roof down: a package imports only from its own floor and from below.
var floors = []string{"cmd", "tui", "diagnose", "knowledgebase", "parsers"}

const module = "github.com/whytls/whytls/"

func TestImportsGoOneWay(t *testing.T) {
	rank := make(map[string]int)
	for i, name := range floors {
		rank[name] = i
	}
	root := filepath.Join("..", "..")
	seen := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if rel != "." && strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		room, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
		from, ok := rank[room]
		if !ok {
			t.Errorf("%s lies outside of the house: %v", rel, floors)
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			inside, ok := strings.CutPrefix(name, module)
			if !ok {
				continue
			}
			seen++
			target, _, _ := strings.Cut(inside, "/")
			if to, ok := rank[target]; !ok || to < from {
				t.Errorf("%s imports %s: imports go %s", rel, name, strings.Join(floors, " → "))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen == 0 {
		t.Fatal("no import was seen")
	}
}
