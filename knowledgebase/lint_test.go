package knowledgebase

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// overlay writes one file of a user and lints it over the embedded base.
func overlay(t *testing.T, content string) error {
	t.Helper()
	name := filepath.Join(t.TempDir(), "own.yaml")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Extended(filepath.Dir(name))
	return err
}

const ownSignature = `library: acme
signatures:
  - id: acme-refused
    text: "acme: handshake with gateway refused, code <code:num>"
    suggests: {peer-rejected-handshake: 0.7}
    source: measured
    examples: ["acme: handshake with gateway refused, code 7"]
    counter-examples: ["acme: handshake with gateway done"]
`

// TestFaults: what is wrong with an entry of a user is told with file, line and column and a caret below the place.
func TestFaults(t *testing.T) {
	if err := overlay(t, ownSignature); err != nil {
		t.Fatalf("a sound file is refused: %v", err)
	}
	f := func(from, to, place, text string) {
		t.Helper()
		content := strings.Replace(ownSignature, from, to, 1)
		if content == ownSignature {
			t.Fatalf("%q is not in the file", from)
		}
		err := overlay(t, content)
		if err == nil {
			t.Errorf("%q is accepted", to)
			return
		}
		if got := err.Error(); !strings.Contains(got, "own.yaml:"+place+": ") || !strings.Contains(got, text) {
			t.Errorf("%q: got %s\nwant %s: %s", to, got, place, text)
		}
	}
	f("suggests: {peer-rejected-handshake: 0.7}", "suggests: {no-such-cause: 0.7}", "5:16", `unknown cause "no-such-cause"`)
	f("0.7", "1.7", "5:16", "not between 0 and 1")
	f("0.7", "0.7, unknown-ca: 0.4", "5:5", "the weights sum to 1.10")
	f("0.7", "much", "5:41", `must be a number, not "much"`)
	f("suggests:", "sugests:", "5:5", `unknown key "sugests"`)
	f("source: measured", "source: [", "6:5", "did not find")
	f("    source: measured\n", "", "3:5", `the key "source" is missing`)
	f("acme: handshake with gateway refused, code <code:num>", "connection closed", "4:11", "any log has the words")
	f(`code 7"`, `code seven"`, "7:16", "is not matched")
	f("gateway done", "gateway refused, code 9", "8:24", "is matched")
	f("<code:num>", "<code:number>", "4:11", `unknown kind "number"`)
	f("id: acme-refused", "id: Acme refused", "3:9", "lower-case words with dashes")
	f("    source:", "    table: nowhere\n    code: code\n    source:", "6:5", `unknown table "nowhere"`)
	f("    source:", "    when: [{with: nobody, suggests: {unknown-ca: 0.5}}]\n    source:", "6:19", `unknown signature "nobody"`)
	f("    source:", "    when: [{facts: {companion: nothing}, suggests: {unknown-ca: 0.5}}]\n    source:", "6:21", `names no signature, group or cause`)
	f("library: acme\nsignatures:", "rules:", "1:1", "the key library (of signatures), family (of causes) or system")
	f("signatures:\n", "signatures:\n  - {id: acme-refused, text: x-acme-failure, quiet: true, source: s, examples: [x-acme-failure]}\n", "4:9", `signature "acme-refused" exists already, at `)
	const excerpt = "     5 |     suggests: {peer-rejected-handshake: 2}\n       |                ^"
	if err := overlay(t, strings.Replace(ownSignature, "0.7", "2", 1)); err == nil || !strings.Contains(err.Error(), excerpt) {
		t.Errorf("no caret below the place:\n%v\nwant\n%s", err, excerpt)
	}
}

// TestWanting: what a user's entry lacks is a warning, what whytls' own base lacks a fault; generated files are exempt.
func TestWanting(t *testing.T) {
	f := func(from, to, want string) {
		t.Helper()
		content := strings.Replace(ownSignature, from, to, 1)
		if err := overlay(t, content); err != nil {
			t.Errorf("a user's entry is refused: %v", err)
		}
		tree := fstest.MapFS{
			"signatures/acme.yaml": {Data: []byte(content)},
			"causes/all.yaml":      {Data: []byte(ownCause + strings.ReplaceAll(ownCause[strings.Index(ownCause, "  - id"):], "acme-licence-expired", "peer-rejected-handshake"))},
			"systems/none.yaml":    {Data: []byte("system: none\ntitle: none\n")},
			"ranking.yaml":         {Data: []byte("{temperature: 1, floor: 0.03, strongest: 10, unlisted: 0.1}")},
			"families.yaml":        {Data: []byte("{}\n")},
		}
		b, err := Read(tree)
		if err != nil {
			t.Fatal(err)
		}
		err = b.Lint()
		if want == "" && err == nil {
			return
		}
		if want == "" || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", to, err, want)
		}
	}
	const two = "examples: [\"acme: handshake with gateway refused, code 7\", \"eu-1 acme: handshake with gateway refused, code 12\"]\n    counter"
	const one = "examples: [\"acme: handshake with gateway refused, code 7\"]\n    counter"
	f(one, two, "")
	f(one, one, "1 example, want 2")
	f("library: acme", "library: acme\ngenerated: internal/acme", "")
	f(`["acme: handshake with gateway done"]`, "[]", "no counter-example")
	f("acme: handshake with gateway done", "handshake with gateway refused, code: acme", "in another order")
	f("acme: handshake with gateway done", "refused, code 7 acme: handshake with gateway", "in another order")
}

const ownCause = `family: own
causes:
  - id: acme-licence-expired
    title: The licence of the gateway has expired
    urgency: outage
    meaning: The gateway refuses every handshake.
    evidence:
      - {feature: arrival, is: steady, ratio: 2, why: every handshake fails}
    checks: [{run: "curl -sv https://{host}:{port}/", look-for: "refused"}]
    fixes: [{do: renew it}, {never: "switch verification off with --insecure"}]
`

func TestCauseFaults(t *testing.T) {
	if err := overlay(t, ownCause); err != nil {
		t.Fatalf("a sound file is refused: %v", err)
	}
	f := func(from, to, place, text string) {
		t.Helper()
		err := overlay(t, strings.Replace(ownCause, from, to, 1))
		if err == nil || !strings.Contains(err.Error(), "own.yaml:"+place+": ") || !strings.Contains(err.Error(), text) {
			t.Errorf("%q: got %v\nwant %s: %s", to, err, place, text)
		}
	}
	f("urgency: outage", "urgency: huge", "5:14", `urgency "huge" is none of noise, watch, degraded, outage`)
	f("feature: arrival", "feature: weather", "8:10", `unknown feature "weather"`)
	f("is: steady", "is: rarely", "8:28", `arrival "rarely" is none of`)
	f("ratio: 2", "ratio: 200", "8:40", "not between 0.1 and 10")
	f("ratio: 2", "on: nobody, ratio: 2", "8:44", `unknown signature or group "nobody"`)
	f("{host}", "{hostname}", "9:15", "unknown placeholder {hostname}")
	f(`look-for: "refused"`, `look-for: "refused", separates: [no-such]`, "9:88", `"no-such" is no other cause`)
	f("do: renew it", "do: set InsecureSkipVerify", "10:14", "must not weaken security")
	f("do: renew it", `do: "run curl -sk https://x"`, "10:14", "must not weaken security")
}

// TestReplacedEntries: an entry of the user with the id of an embedded one stands in its place.
func TestReplacedEntries(t *testing.T) {
	name := filepath.Join(t.TempDir(), "own.yaml")
	content := strings.ReplaceAll(ownSignature, "acme-refused", "go-first-record")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := Overlay(name)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.Signature("go-first-record"); got.Library != "acme" {
		t.Errorf("the signature is of %s", got.Library)
	}
	if got := b.Replaced(); len(got) != 1 || !strings.Contains(got[0], "signature go-first-record") {
		t.Errorf("replaced: %q", got)
	}
}

func TestDistinctTexts(t *testing.T) {
	f := func(text string, want bool) {
		t.Helper()
		if got := distinct(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	f("EOF", false)
	f("error: <reason>", false)
	f("connection closed", false)
	f("the connection was closed", false)
	f("<n:num> failed", false)
	f("use of closed network connection", true)
	f("bad certificate", true)
	f("MBEDTLS_ERR_NET", true)
	f("握手失败", true)
}

func TestIndexSurvivesDamage(t *testing.T) {
	for _, text := range []string{"x", "s", "sa5:abc", "sa99999999999:", "c.", "t3:abc2;", "r", embedded[:len(embedded)/2]} {
		if _, err := decodeIndex(text); err == nil {
			t.Errorf("%.20q is accepted", text)
		}
	}
}
