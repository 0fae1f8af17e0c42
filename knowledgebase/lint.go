package knowledgebase

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/whytls/whytls/parsers"
)

// Lint returns the faults of the base, joined: references that lead nowhere, weights that are no likelihoods, texts that any
// log has, examples that their own signature does not match. Of a base with entries of the user, only these are looked
// at. Warnings are left out; see Faults.
func (b *Base) Lint() error {
	var faults []error
	for _, f := range b.Faults() {
		if !f.Warning {
			faults = append(faults, f)
		}
	}
	return errors.Join(faults...)
}

// Faults returns what Lint finds and the warnings, in the order of the files.
func (b *Base) Faults() []*Fault {
	l := &linter{base: b, groups: make(map[string]bool)}
	for _, s := range b.Signatures {
		l.groups[s.Group] = s.Group != ""
	}
	for _, s := range b.Signatures {
		if l.looks(s) {
			l.signature(s)
		}
	}
	for _, c := range b.index.Causes {
		if l.looks(c) {
			l.cause(c)
		}
	}
	for _, s := range b.systems {
		if l.looks(s) {
			l.system(s)
		}
	}
	for _, name := range b.Tables() {
		if t := b.index.Tables[name]; l.looks(t) {
			l.table(name, t)
		}
	}
	slices.SortStableFunc(l.found, func(a, b *Fault) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text))
	})
	return l.found
}

// linter collects the faults of a base.
type linter struct {
	base   *Base
	groups map[string]bool
	found  []*Fault
}

// looks reports whether an entry is to be linted.
func (l *linter) looks(entry any) bool {
	return !l.base.index.own || l.base.index.places[entry].own
}

// spot is a place inside an entry and how it is called.
type spot struct {
	entry any
	name  string
	path  []string
}

func (s spot) at(steps ...string) spot {
	s.path = append(slices.Clip(s.path), steps...)
	return s
}

func item(i int) string { return fmt.Sprint("#", i) }

func (l *linter) fault(s spot, format string, args ...any) {
	text := s.name + ": " + fmt.Sprintf(format, args...)
	l.found = append(l.found, l.base.index.fault(s.entry, s.path, "%s", text))
}

// wanting is a fault of whytls' own base and a warning about what a user adds: somebody who writes down a message at night
// may find a near miss the next day.
func (l *linter) wanting(s spot, format string, args ...any) {
	l.fault(s, format, args...)
	l.found[len(l.found)-1].Warning = l.base.index.own
}

var idForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func (l *linter) id(s spot, id string) {
	if !idForm.MatchString(id) {
		l.fault(s, "the id %q is not of lower-case words with dashes", id)
	}
}

// weights are likelihoods of causes that exist.
func (l *linter) weights(s spot, w Weights) {
	sum := 0.0
	for _, id := range sorted(w) {
		v := w[id]
		if l.base.Causes[id] == nil {
			l.fault(s.at(id), "unknown cause %q", id)
		}
		if v <= 0 || v > 1 {
			l.fault(s.at(id), "the weight %v of %q is not between 0 and 1", v, id)
		}
		sum += v
	}
	if sum > 1.0001 {
		l.fault(s, "the weights sum to %.2f, more than 1", sum)
	}
}

// word refuses a value that is none of a few.
func (l *linter) word(s spot, key, value string, words ...string) {
	if value != "" && !slices.Contains(words, value) {
		l.fault(s.at(key, value), "%s %q is none of %s", key, value, strings.Join(words, ", "))
	}
}

func (l *linter) systems(s spot, key string, ids Strings) {
	for _, id := range ids {
		if l.base.Systems[id] == nil && !systemOfFormat(id) {
			l.fault(s.at(key, id), "%s: unknown system %q", key, id)
		}
	}
}

// systemOfFormat reports whether a format says that its records are of the system: those need no profile.
func systemOfFormat(id string) bool {
	return slices.ContainsFunc(parsers.Formats(), func(f *parsers.Format) bool { return f.System == id })
}

func (l *linter) formats(s spot, key string, names Strings) {
	for _, name := range names {
		if _, err := parsers.Lookup(name); err != nil {
			l.fault(s.at(key, name), "%s: unknown format %q", key, name)
		}
	}
}

func (l *linter) table(name string, t *table) {
	s := spot{entry: t, name: "table " + name}
	entries := t.entries()
	if len(entries) == 0 {
		l.fault(s, "it is empty")
	}
	for _, value := range sorted(entries) {
		e := entries[value]
		here := s.at(value)
		here.name += fmt.Sprintf(": %q", value)
		l.weights(here.at("suggests"), e.Suggests)
		if _, ok := entries[e.As]; e.As != "" && !ok {
			l.fault(here.at("as"), "it stands for unknown %q", e.As)
		}
	}
}
