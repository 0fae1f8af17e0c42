package knowledgebase

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

var braces = regexp.MustCompile(`\{([a-z]+)\}`)

// TestCards holds the cards of causes to what the report can show: the first check and the first fix stand on lines of
// 80 columns, and text enters a command only through the placeholders that are validated.
func TestCards(t *testing.T) {
	for id, c := range sources(t).Causes {
		if strings.EqualFold(c.Title, strings.ReplaceAll(id, "-", " ")) {
			t.Logf("cause %s: the card is not written yet", id)
			continue
		}
		if n := utf8.RuneCountInString(c.Title); n > 70 {
			t.Errorf("cause %s: the title has %d characters, want at most 70", id, n)
		}
		if len(c.Checks) == 0 || len(c.Fixes) == 0 {
			t.Errorf("cause %s: a card needs checks and fixes", id)
		}
		for _, check := range c.Checks {
			if check.Run == "" || check.LookFor == "" {
				t.Errorf("cause %s: check %q needs run and look-for", id, check.Run)
			}
			for _, m := range braces.FindAllStringSubmatch(check.Run, -1) {
				if m[1] != "host" && m[1] != "port" && m[1] != "sni" {
					t.Errorf("cause %s: check %q: unknown placeholder %s", id, check.Run, m[0])
				}
			}
		}
		for _, fix := range c.Fixes {
			if (fix.Do == "") == (fix.Never == "") {
				t.Errorf("cause %s: a fix is either something to do or something never to do: %q %q", id, fix.Do, fix.Never)
			}
			if n := utf8.RuneCountInString(fix.Do + fix.Never); n > 200 {
				t.Errorf("cause %s: a fix has %d characters, want at most 200", id, n)
			}
		}
		for _, e := range c.Evidence {
			if e.Ratio < 0.1 || e.Ratio > 10 {
				t.Errorf("cause %s: evidence %s %q: ratio %v, want 0.1 to 10", id, e.Feature, e.Is, e.Ratio)
			}
		}
	}
}
