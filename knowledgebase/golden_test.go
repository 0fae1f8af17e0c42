package knowledgebase

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/whytls/whytls/parsers/shape"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// TestClosedList holds the list of causes to testdata/causes.tsv. Ids and urgencies are a contract with users of the
// JSON report: an id never disappears or changes its urgency. The file is edited by hand, not by -update.
func TestClosedList(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "causes.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	b := sources(t)
	listed := make(map[string]bool)
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		id, urgency, _ := strings.Cut(line, "\t")
		listed[id] = true
		c := b.Causes[id]
		if c == nil {
			t.Errorf("cause %s is gone", id)
			continue
		}
		if c.Urgency != urgency {
			t.Errorf("cause %s: urgency %s, want %s", id, c.Urgency, urgency)
		}
	}
	for id := range b.Causes {
		if !listed[id] {
			t.Errorf("cause %s is not in testdata/causes.tsv", id)
		}
	}
}

// TestConfusions reads every example without knowing the program that wrote it, as when somebody pastes one line, and
// compares those that then speak for another signature, or for none, with testdata/confusions.golden. An
// entry whose examples are recognised by themselves does not appear there. Run with -update to accept changes.
func TestConfusions(t *testing.T) {
	b := sources(t)
	nobody := &Signature{}
	var lines []string
	for _, s := range b.Signatures {
		for _, example := range s.Examples {
			if b.FirstMatch(example, s) != s {
				continue // Lint reports that
			}
			var tokens shape.Tokens
			first := "-"
			own := false
			if analysis := b.analyse(example, nobody, &tokens); analysis != nil {
				if m := analysis.Primary(&tokens); m != nil {
					first, own = m.Signature.ID, m.Signature == s
				}
				// A wrapper does its work when it is among the matches; what it wraps speaks.
				if s.Wraps != "" || s.Proves != "" {
					for _, m := range analysis.Matches {
						own = own || m.Signature == s && m.Holds(&tokens)
					}
				}
			}
			if !own {
				lines = append(lines, fmt.Sprintf("%s\t%s\t%q\n", s.ID, first, example))
			}
		}
	}
	sort.Strings(lines)
	golden := filepath.Join("testdata", "confusions.golden")
	got := strings.Join(lines, "")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("examples speak for other signatures than before; see git diff after: go test ./knowledgebase -run TestConfusions -update\ngot:\n%s", got)
	}
}
