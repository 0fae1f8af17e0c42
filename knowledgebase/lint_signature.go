package knowledgebase

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/whytls/whytls/parsers/shape"
)

// Markers are the kinds of messages that tell the life of a system.
var markers = []string{"start", "ready", "reload", "success", "stop", "version", "state"}

// What a signature that a person wrote should have at least.
const (
	wantedExamples        = 2
	wantedCounterExamples = 1
)

func (l *linter) signature(s *Signature) {
	here := spot{entry: s, name: "signature " + s.ID}
	l.id(here.at("id", s.ID), s.ID)
	if s.Source == "" {
		l.fault(here, "no source: name the upstream file, the document or the run that it stands on")
	}
	if len(s.Text) == 0 {
		l.fault(here.at("text"), "no text")
	}
	l.word(here, "side", s.Side, "server", "client", "either")
	l.word(here, "alert-from", s.AlertFrom, "peer", "local")
	if s.Alert != "" && AlertName(s.Alert) != s.Alert {
		l.fault(here.at("alert", s.Alert), "%q is no alert of RFC 8446", s.Alert)
	}
	l.word(here, "fold", s.Fold, "openssl-code")
	l.word(here, "marker", s.Marker, markers...)
	l.systems(here, "only-in", s.OnlyIn)
	l.formats(here, "formats", s.Formats)
	l.weights(here.at("suggests"), s.Suggests)
	l.whens(here, s)
	if s.Table != "" && l.base.Table(s.Table) == nil {
		l.fault(here.at("table"), "unknown table %q", s.Table)
	}
	if s.Table != "" && s.Code == "" {
		l.fault(here.at("table"), "a table needs a code: the placeholder or field whose values it explains")
	}
	if s.Proves != "" {
		if _, err := ParseRange(s.Proves); err != nil {
			l.fault(here.at("proves"), "%v", err)
		}
	}
	if len(s.Suggests) == 0 && len(s.When) == 0 && s.Table == "" && s.Marker == "" && !s.Quiet && s.Wraps == "" && s.Proves == "" {
		l.fault(here, "says nothing: no suggests, when, table, marker, quiet, wraps or proves")
	}
	for _, text := range s.Text {
		l.text(here.at("text", text), s, text)
	}
	l.examples(here, s)
}

func (l *linter) whens(here spot, s *Signature) {
	if len(s.When) > 32 {
		l.fault(here.at("when", item(32)), "at most 32 conditions are looked at")
	}
	for i := range s.When {
		w, at := &s.When[i], here.at("when", item(i))
		at.name += fmt.Sprintf(": when %d", i+1)
		l.weights(at.at("suggests"), w.Suggests)
		for key, ids := range map[string]Strings{"with": w.With, "without": w.Without} {
			for _, id := range ids {
				if l.base.signature[id] == nil {
					l.fault(at.at(key, id), "%s: unknown signature %q", key, id)
				}
			}
		}
		l.systems(at, "system", w.System)
		if w.Version != "" {
			if _, err := ParseRange(w.Version); err != nil {
				l.fault(at.at("version"), "%v", err)
			}
		}
		for _, feature := range sorted(w.Facts) {
			if _, ok := Features[feature]; !ok {
				l.fault(at.at("facts", feature), "unknown feature %q", feature)
				continue
			}
			l.value(at.at("facts", feature), feature, w.Facts[feature])
		}
	}
}

// text compiles a text and refuses one that any log has.
func (l *linter) text(here spot, s *Signature, text string) {
	p := &pattern{base: l.base, signature: s, text: text}
	if !p.ready() {
		l.fault(here, "%v", p.err)
		return
	}
	if s.Whole || len(s.Scope) > 0 || len(s.OnlyIn) > 0 || len(s.Formats) > 0 {
		return
	}
	if (s.Wraps != "" || s.Table != "") && len(s.Suggests) == 0 && len(s.When) == 0 || s.Marker == "state" {
		return // it says nothing by itself, only what it wraps or the value that its table knows
	}
	for _, e := range p.elements {
		if e.keys != nil {
			return // only the keys of its table are taken
		}
	}
	if !distinct(text) {
		l.fault(here, "any log has the words of %q: anchor it by whole, scope, only-in or formats, or take more of the message", text)
	}
}

// fewest is how many everyday words make a text: two of them, such as "connection closed", stand in any log, while "use of
// closed network connection" is the phrase of one library.
const fewest = 3

// distinct reports whether a text says more than a few words that ordinary logs have.
func distinct(text string) bool {
	words, rare := 0, false
	var t shape.Tokens
	_ = new(splitter).split(text, func(literal []byte) {
		t.ReadText(literal)
		for _, token := range t.List {
			word := t.Text(token)
			switch {
			case isName(word):
				rare = true
			case len(word) < 2 || fillers[string(lower(word))]:
			case token.Kind != shape.Word || everyday[string(lower(word))]:
				words++
			default:
				rare = true
			}
		}
	}, func(string) error { return nil })
	return rare || words >= fewest
}

// isName reports whether a word is made like the name of a thing in a program, or is of another script than logs of
// programs ordinarily are.
func isName(word []byte) bool {
	lowers, uppers := 0, 0
	for i, c := range word {
		switch {
		case c >= 0x80, c == '_' && i > 0, c == ':' && i > 0 && i < len(word)-1, c >= '0' && c <= '9' && i > 0, c == '.' && i > 0 && i < len(word)-1, c == '/' && i > 0:
			return true
		case c >= 'A' && c <= 'Z':
			if lowers > 0 {
				return true // camelCase
			}
			uppers++
		case c >= 'a' && c <= 'z':
			lowers++
		}
	}
	return false
}

func lower(word []byte) []byte {
	out := make([]byte, len(word))
	for i, c := range word {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		out[i] = c
	}
	return out
}

func (l *linter) examples(here spot, s *Signature) {
	if len(s.Examples) == 0 {
		l.fault(here, "no example")
	}
	if s.Generated == "" {
		if len(s.Examples) < wantedExamples && len(s.Examples) > 0 {
			l.wanting(here.at("examples"), "%d example, want %d", len(s.Examples), wantedExamples)
		}
		if len(s.CounterExamples) < wantedCounterExamples {
			l.wanting(here, "no counter-example")
		}
	}
	for _, text := range s.Examples {
		if found, equal := l.base.speaker(text, s); found == nil {
			l.fault(here.at("examples", text), "the example %q is not matched", text)
		} else if !equal {
			l.fault(here.at("examples", text), "the example %q is matched by %s first", text, found.ID)
		}
	}
	for _, text := range s.CounterExamples {
		at := here.at("counter-examples", text)
		if l.base.matches(text, s) {
			l.fault(at, "the counter-example %q is matched", text)
		} else if same := rearranged(text, s); same != "" {
			l.wanting(at, "the counter-example %q is %q in another order: give a line that somebody prints", text, same)
		}
	}
}

// rearranged returns the text or example of the signature whose words a counter-example merely has in another order. It
// would show that order matters, which it does everywhere, and nothing about this message.
func rearranged(counterExample string, s *Signature) string {
	words := wordsOf(counterExample)
	for _, text := range s.Text {
		if slices.Equal(words, wordsOf(placeholders.ReplaceAllString(text, " "))) {
			return text
		}
	}
	for _, example := range s.Examples {
		if slices.Equal(words, wordsOf(example)) {
			return example
		}
	}
	return ""
}

var placeholders = regexp.MustCompile(`<[^>]*>`)

// wordsOf returns the tokens of a text as they are written, sorted.
func wordsOf(text string) []string {
	var t shape.Tokens
	t.ReadText([]byte(text))
	words := make([]string, 0, len(t.List))
	for _, token := range t.List {
		words = append(words, strings.ToLower(string(t.Text(token))))
	}
	slices.Sort(words)
	return words
}
