package knowledgebase

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strings"

	"github.com/whytls/whytls/parsers/shape"
)

// Coverage says how much of a catalogue of messages the base knows.
type Coverage struct {
	Messages int `json:"messages"`
	Share
	Libraries map[string]*Share `json:"libraries"`
	// Missed lists the messages that are not covered: not matched, or whose cause is not among the first three.
	Missed []Miss `json:"missed,omitempty"`
}

// Share counts messages of one library (or of all).
type Share struct {
	Count      int     `json:"count"`
	Matched    float64 `json:"matched_share"`
	First      float64 `json:"first_share"`
	FirstThree float64 `json:"first_three_share"`

	matched, first, three int
}

// Miss is a message that is not covered.
type Miss struct {
	Library string   `json:"library"`
	Message string   `json:"message"`
	Cause   string   `json:"cause"`
	Found   string   `json:"signature,omitempty"`
	Ranked  []string `json:"ranked,omitempty"`
}

// catalogueEntry is one line of a catalogue.
type catalogueEntry struct {
	Library   string `json:"library"`
	Message   string `json:"message"`
	Canonical string `json:"canonical_cause"`
}

// verbs are what stands for values in the texts of programs: printf verbs, {0}, <function>, %s.
var verbs = regexp.MustCompile(`%[-+ #0]*[0-9.*]*l*[a-zA-Z]|\{[0-9]?\}|\{:\?\}|<[a-z_ ]+>|\*\*\*`)

// sampleOf puts a value where the text has a place for one.
func sampleOf(message string) string {
	return verbs.ReplaceAllStringFunc(message, func(v string) string {
		switch v[len(v)-1] {
		case 'd', 'u', 'i':
			return "7"
		case 'x', 'X':
			return "1f"
		case '*':
			return "000"
		}
		return "value"
	})
}

// Cover runs a catalogue (JSON lines with library, message and canonical_cause) against the base. A message is matched when
// a signature of its own library or family matches it; what other libraries make of the same words does not count.
func (b *Base) Cover(r io.Reader) (*Coverage, error) {
	c := &Coverage{Libraries: map[string]*Share{}}
	scanner := bufio.NewScanner(r)
	scanner.Buffer(nil, 1<<20)
	for line := 1; scanner.Scan(); line++ {
		if len(strings.TrimSpace(scanner.Text())) == 0 {
			continue
		}
		var e catalogueEntry
		if err := json.Unmarshal(scanner.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		if e.Message == "" || e.Library == "" || e.Canonical == "" {
			return nil, fmt.Errorf("line %d: library, message and canonical_cause are required", line)
		}
		share := c.Libraries[e.Library]
		if share == nil {
			share = &Share{}
			c.Libraries[e.Library] = share
		}
		found, ranked := b.rankIn(e.Library, sampleOf(e.Message))
		position := -1
		for i, id := range ranked {
			if id == e.Canonical {
				position = i
			}
		}
		c.Messages++
		for _, s := range [2]*Share{share, &c.Share} {
			s.Count++
			s.matched += one(found != "")
			s.first += one(position == 0)
			s.three += one(position >= 0 && position < 3)
		}
		if position < 0 || position > 2 {
			c.Missed = append(c.Missed, Miss{e.Library, e.Message, e.Canonical, found, ranked[:min(len(ranked), 3)]})
		}
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("reading the catalogue: %w", err)
	}
	c.settle()
	for _, s := range c.Libraries {
		s.settle()
	}
	return c, nil
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (s *Share) settle() {
	if n := float64(s.Count); n > 0 {
		s.Matched, s.First, s.FirstThree = float64(s.matched)/n, float64(s.first)/n, float64(s.three)/n
	}
}

// rankIn returns the signature of the library's family that speaks for a message and the causes that the message alone makes
// likely, the most likely first.
func (b *Base) rankIn(library, message string) (signature string, causes []string) {
	family := b.Families[library]
	if family == nil {
		family = Strings{library}
	}
	var t shape.Tokens
	analysis := b.analyse(message, &Signature{}, &t)
	if analysis == nil {
		return "", nil
	}
	own := &Analysis{}
	for _, m := range analysis.Matches {
		if family.Has(m.Signature.Library) {
			own.Matches = append(own.Matches, m)
		}
	}
	m := own.Primary(&t)
	if m == nil || m.Signature.Marker != "" && len(m.Signature.Suggests) == 0 {
		return "", nil
	}
	weights := b.weightsOf(m, analysis, &t)
	for id := range weights {
		causes = append(causes, id)
	}
	sort.Slice(causes, func(i, j int) bool {
		if weights[causes[i]] != weights[causes[j]] {
			return weights[causes[i]] > weights[causes[j]]
		}
		return causes[i] < causes[j]
	})
	return m.Signature.ID, causes
}

// weightsOf is the prior of a match without any other evidence.
func (b *Base) weightsOf(m *Match, a *Analysis, t *shape.Tokens) Weights {
	s := m.Signature
	code := string(m.Value(t, s.Code))
	if s.Table != "" {
		code, _, _ = b.Entry(s, []byte(code))
	}
	var with []string
	for _, other := range a.Matches {
		if other != m && other.Holds(t) {
			with = append(with, other.Signature.ID)
		}
	}
	if s.Quiet {
		return Weights{"normal-close": 1}
	}
	return b.Alone(s, code, s.StaticWhens(with, s.System, "", code))
}
