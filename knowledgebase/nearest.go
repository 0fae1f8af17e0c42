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
	// "" when more than that differs.
	Respelled string
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
}

// nearness holds all texts with the rarity of their words. It is made when a text is first compared: only explaining one
// that nobody has described needs it.
type nearness struct {
	once  sync.Once
	texts []nearText
	rare  map[string]float64
	most  float64
}

// samples are texts of each kind of token.
var samples = map[string]string{
	"num": "1", "hex": "0x1f", "ip": "192.0.2.1", "host": "a.example.com", "path": "/x/y", "url": "https://a.example.com/", "time": "12:00:00",
	"uuid": "00000000-0000-4000-8000-000000000000", "mac": "00:1a:2b:3c:4d:5e", "bool": "true", "id": "x1234", "word": "x", "any": "x",
}

// stepsOf takes the text of a signature apart.
func stepsOf(text string) []step {
	var steps []step
	var t shape.Tokens
	_ = new(splitter).split(text, func(literal []byte) {
		t.ReadText(literal)
		for _, token := range t.List {
			word := string(t.Text(token))
			steps = append(steps, step{strings.ToLower(word), word, word})
		}
	}, func(placeholder string) error {
		_, kind, _ := strings.Cut(placeholder, ":")
		sample := samples[strings.TrimSuffix(kind, "?")]
		steps = append(steps, step{sample: cmp.Or(sample, "x")})
		return nil
	})
	return steps
}

func (n *nearness) fill(b *Base) {
	n.once.Do(func() {
		count := make(map[string]int)
		for _, s := range b.Signatures {
			for _, text := range s.Text {
				steps := stepsOf(text)
				n.texts = append(n.texts, nearText{signature: s, text: text, steps: steps})
				for _, w := range steps {
					count[w.word]++
				}
			}
		}
		delete(count, "")
		n.rare = make(map[string]float64, len(count))
		n.most = math.Log(float64(len(n.texts)))
		for word, c := range count {
			n.rare[word] = n.most - math.Log(float64(c)) + 0.1
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
	fewestCut     = 4 // words
)

// Nearest returns the known messages that a text resembles most, the most alike first, at most n. Signatures that say
// the same are given once. It compares with everything that is known and takes some milliseconds.
func (b *Base) Nearest(message string, n int) []Near {
	b.near.fill(b)
	var t shape.Tokens
	t.ReadText([]byte(message))
	if len(t.List) > maxNearWords {
		t.List = t.List[:maxNearWords]
	}
	words := make([]string, len(t.List))
	have := make(map[string]int)
	own := 0.0
	for i, token := range t.List {
		words[i] = strings.ToLower(string(t.Text(token)))
		have[words[i]]++
		if token.Kind == shape.Word {
			own += cmp.Or(b.near.rare[words[i]], b.near.most)
		}
	}
	var found []Near
	for i := range b.near.texts {
		x := &b.near.texts[i]
		common, seen := 0.0, make(map[string]int, len(x.steps))
		for _, w := range x.steps {
			if seen[w.word]++; w.word != "" && seen[w.word] <= have[w.word] {
				common += b.near.rare[w.word]
			}
		}
		if likeness := 2 * common / (own + x.weight); likeness >= leastLikeness {
			found = append(found, Near{Signature: x.signature, Text: x.text, Likeness: min(likeness, 1)})
			if r := x.respell(&t, words); r != "" {
				found[len(found)-1].Respelled = r
			}
		}
	}
	slices.SortStableFunc(found, func(a, b Near) int {
		return cmp.Or(-cmp.Compare(a.Likeness, b.Likeness), cmp.Compare(a.Signature.ID, b.Signature.ID))
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
// when the text does not stand in the message, or says too little to be completed.
func (x *nearText) respell(t *shape.Tokens, words []string) string {
	for from := range words {
		if len(x.steps) == 0 || x.steps[0].word == "" || !strings.HasPrefix(x.steps[0].word, words[from]) {
			continue
		}
		if at, next := x.align(words[from:]); at != nil {
			return x.rewrite(t, from, at, next)
		}
	}
	return ""
}

// align finds the steps of the text in words, in order; at holds for each found literal step the word that it stands in, -1
// for a placeholder. next is the first step that is beyond the end of a message that is cut off.
func (x *nearText) align(words []string) (at []int, next int) {
	i, literals := 0, 0
	for k, s := range x.steps {
		if s.word == "" {
			at = append(at, -1)
			i++ // at least one word
			continue
		}
		if k > 0 && x.steps[k-1].word == "" {
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
		case i >= len(words) && literals >= fewestCut:
			return at, k
		default:
			return nil, 0
		}
	}
	if i > len(words) {
		return nil, 0 // nothing stands for the last placeholder
	}
	return at, len(x.steps)
}

// rewrite puts the spelling of the text into the message and completes it.
func (x *nearText) rewrite(t *shape.Tokens, from int, at []int, next int) string {
	var out bytes.Buffer
	source := t.Segments[0].Text
	done := uint32(0)
	for k, i := range at {
		if i < 0 {
			continue
		}
		token := t.List[from+i]
		out.Write(source[done:token.Start])
		out.WriteString(x.steps[k].literal)
		done = token.End
	}
	if next == len(x.steps) {
		out.Write(source[done:])
		return out.String()
	}
	for _, s := range x.steps[next:] {
		out.WriteByte(' ')
		out.WriteString(s.sample)
	}
	return out.String()
}
