package knowledgebase

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/whytls/whytls/parsers/shape"
)

// Near is a known message that a text resembles.
type Near struct {
	Signature *Signature
	// Text is the text of the signature, with its placeholders.
	Text string
	// Likeness is the share of the words of both that both have, rare words counting more: 0 to 1.
	Likeness float64
	// Respelled is the message in the spelling of the signature, when it differs only in upper and lower case or is cut off;
	// "" when more than that differs. Cut is set when the end was missing and is made up.
	Respelled string
	Cut       bool
}

// nearText is a text of a signature, taken apart for comparing.
type nearText struct {
	signature *Signature
	text      string
	steps     []step
	weight    float64
}

// step is a literal word, or a placeholder when word is "".
type step struct {
	word    string // in lower case
	literal string // as spelled
	sample  string // what may stand for a placeholder
	coded   bool   // the placeholder takes a value of the signature's table
	one     bool   // the placeholder takes one word
}

// nearness holds all texts with the rarity of their words. It is made when a text is first compared: only explaining one
// that nobody has described needs it.
type nearness struct {
	once  sync.Once
	texts []nearText
	found map[string][]int32 // word → texts that have it
	rare  map[string]float64
	most  float64
}

// samples are texts of each kind of token.
var samples = map[string]string{
	"num": "1", "hex": "0x1f", "ip": "192.0.2.1", "host": "a.example.com", "path": "/x/y", "url": "https://a.example.com/", "time": "12:00:00",
	"uuid": "00000000-0000-4000-8000-000000000000", "mac": "00:1a:2b:3c:4d:5e", "bool": "true", "id": "x1234", "word": "x", "any": "x",
}

// stepsOf takes the text of a signature apart.
func stepsOf(s *Signature, text string) []step {
	var steps []step
	var t shape.Tokens
	_ = new(splitter).split(text, func(literal []byte) {
		t.ReadText(literal)
		for _, token := range t.List {
			word := string(t.Text(token))
			steps = append(steps, step{word: strings.ToLower(word), literal: word, sample: word})
		}
	}, func(placeholder string) error {
		name, kind, _ := strings.Cut(placeholder, ":")
		if kind, optional := strings.CutSuffix(kind, "?"); !optional {
			steps = append(steps, step{sample: cmp.Or(samples[kind], "x"), coded: s.Table != "" && name == s.Code, one: samples[kind] != ""})
		}
		return nil
	})
	return steps
}

func (n *nearness) fill(b *Base) {
	n.once.Do(func() {
		n.found = make(map[string][]int32)
		for _, s := range b.Signatures {
			for _, text := range s.Text {
				i := int32(len(n.texts))
				n.texts = append(n.texts, nearText{signature: s, text: text, steps: stepsOf(s, text)})
				for _, w := range n.texts[i].steps {
					if list := n.found[w.word]; w.word != "" && (len(list) == 0 || list[len(list)-1] != i) {
						n.found[w.word] = append(list, i)
					}
				}
			}
		}
		n.rare = make(map[string]float64, len(n.found))
		n.most = math.Log(float64(len(n.texts)))
		for word, list := range n.found {
			n.rare[word] = n.most - math.Log(float64(len(list))) + 0.1
		}
		for i := range n.texts {
			for _, w := range n.texts[i].steps {
				n.texts[i].weight += n.rare[w.word]
			}
		}
	})
}

// Least likeness that is worth showing, and the share of the words that make a text cut off recognisable.
const (
	leastLikeness = 0.35
	maxNearWords  = 200
	fewestCut     = 2 // whole words, and the beginning of a third
)

// Nearest returns the known messages that a text resembles most, at most n: first those that it is, in other letters, then those
// that it begins, the most alike first. Signatures that say the same are given once. It compares with everything that is known and takes some milliseconds.
func (b *Base) Nearest(message string, n int) []Near {
	b.near.fill(b)
	var t shape.Tokens
	t.ReadText([]byte(message))
	if len(t.List) > maxNearWords {
		t.List = t.List[:maxNearWords]
	}
	words := make([]string, len(t.List))
	have := make(map[string]bool)
	own, common := 0.0, make(map[int32]float64)
	for i, token := range t.List {
		words[i] = strings.ToLower(string(t.Text(token)))
		rare, known := b.near.rare[words[i]]
		if token.Kind == shape.Word || known {
			own += cmp.Or(rare, b.near.most)
		}
		if have[words[i]] {
			continue
		}
		have[words[i]] = true
		for _, text := range b.near.found[words[i]] {
			common[text] += rare
		}
	}
	var found []Near
	for i, c := range common {
		x := &b.near.texts[i]
		likeness := 2 * c / (own + x.weight)
		contained := c >= 0.99*x.weight // a message with long values is not like its text
		if likeness < leastLikeness && !contained {
			continue
		}
		n := Near{Signature: x.signature, Text: x.text, Likeness: min(likeness, 1)}
		if n.Respelled, n.Cut = x.respell(b, &t, words); n.Respelled != "" || likeness >= leastLikeness {
			found = append(found, n)
		}
	}
	rank := func(n Near) int { // whole messages in other letters, then those that are cut off, then what is only like it
		switch {
		case n.Respelled == "":
			return 2
		case n.Cut:
			return 1
		}
		return 0
	}
	slices.SortStableFunc(found, func(a, b Near) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), -cmp.Compare(a.Likeness, b.Likeness), cmp.Compare(a.Signature.ID, b.Signature.ID), cmp.Compare(a.Text, b.Text))
	})
	said := make(map[string]bool)
	found = slices.DeleteFunc(found, func(x Near) bool {
		key := cmp.Or(x.Signature.Group, x.Signature.ID)
		again := said[key]
		said[key] = true
		return again
	})
	return found[:min(len(found), n)]
}

// respell returns the message with the words of the text in their own spelling, and completed where it is cut off. It is ""
// when the text does not stand in the message, or too little of it does to be completed.
func (x *nearText) respell(b *Base, t *shape.Tokens, words []string) (message string, cut bool) {
	lead := 0
	for lead < len(x.steps) && x.steps[lead].word == "" {
		lead++
	}
	if lead == len(x.steps) {
		return "", false
	}
	for from := lead; from < len(words); from++ {
		if !strings.HasPrefix(x.steps[lead].word, words[from]) {
			continue
		}
		if at, next := align(x.steps[lead:], words[from:]); at != nil {
			return x.rewrite(b, t, x.steps[lead:], words[from:], at, next)
		}
	}
	return "", false
}

// align finds steps in words, in order; at holds for each step the word that it begins with. next is the first step that is
// beyond the end of a message that is cut off.
func align(steps []step, words []string) (at []int, next int) {
	i, literals := 0, 0
	for k, s := range steps {
		if s.word == "" {
			at = append(at, i)
			i++ // at least one word
			continue
		}
		if k > 0 && steps[k-1].word == "" && !steps[k-1].one {
			for i < len(words) && words[i] != s.word {
				i++
			}
		}
		switch {
		case i < len(words) && words[i] == s.word:
			at = append(at, i)
			i++
			literals++
		case i == len(words)-1 && literals >= fewestCut && strings.HasPrefix(s.word, words[i]):
			return append(at, i), k + 1 // the last word is cut in the middle
		case i >= len(words) && literals > fewestCut && steps[k-1].word != "":
			return at, k
		default:
			return nil, 0
		}
	}
	if i > len(words) {
		return nil, 0 // nothing stands for the last placeholder
	}
	return at, len(steps)
}

// rewrite puts the spelling of the text into the message and completes it. The words are the last ones of the message.
func (x *nearText) rewrite(b *Base, t *shape.Tokens, steps []step, words []string, at []int, next int) (message string, cut bool) {
	var out bytes.Buffer
	source := t.Segments[0].Text
	from, done := len(t.List)-len(words), uint32(0)
	for k, i := range at {
		first, last := t.List[from+i], t.List[from+i]
		text := steps[k].literal
		switch {
		case steps[k].word != "":
			cut = cut || steps[k].word != words[i]
		case !steps[k].coded:
			continue
		default:
			switch {
			case steps[k].one:
			case k+1 < len(at):
				last = t.List[from+at[k+1]-1]
			default:
				last = t.List[len(t.List)-1]
			}
			had := string(source[first.Start:last.End])
			text = b.respelled(x.signature.Table, had)
			if text == had && i+1 < len(words) && !steps[k].one { // an optional placeholder may have had the first word
				first = t.List[from+i+1]
				had = string(source[first.Start:max(last.End, first.Start)])
				text = b.respelled(x.signature.Table, had)
			}
			cut = cut || len(text) > len(had)
		}
		out.Write(source[done:first.Start])
		out.WriteString(text)
		done = last.End
	}
	if next == len(steps) {
		out.Write(source[done:])
		return out.String(), cut
	}
	for _, s := range steps[next:] {
		out.WriteByte(' ')
		out.WriteString(s.sample)
	}
	return out.String(), true
}

// fewestLetters is how much of a value must be there to be completed.
const fewestLetters = 4

// respelled returns the value of a table that a text is in other letters, or the beginning of, where there is only one; else
// the text itself.
func (b *Base) respelled(table, text string) string {
	entries := b.Table(table)
	if _, ok := entries[text]; ok {
		return text
	}
	begun := ""
	for _, key := range sorted(entries) {
		if strings.EqualFold(key, text) {
			return key
		}
		if len(text) < fewestLetters || len(key) <= len(text) || !strings.EqualFold(key[:len(text)], text) {
			continue
		}
		if begun != "" {
			return text
		}
		begun = key
	}
	return cmp.Or(begun, text)
}
