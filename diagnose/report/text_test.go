package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"github.com/whytls/whytls/diagnose"
)

var update = flag.Bool("update", false, "write the golden files")

// incident is a snapshot with something in every part of the report.
func incident() *diagnose.Snapshot {
	cancelled := &diagnose.Finding{
		ID: "f1", Title: "NanoMQ's TLS listener stopped accepting", Urgency: "outage", System: "nanomq", Count: 1,
		First: "2026-11-22T00:03:34Z", Last: "2026-11-22T00:03:34Z", Arrival: "single",
		Causes: []diagnose.Cause{
			{
				ID: "bug-nanomq-listener-cancelled", Title: "Known bug of NanoMQ 0.22.0-0.22.7: one failed negotiation cancels the listener", Confidence: 0.871,
				Meaning: "A client failed its TLS handshake and NanoMQ cancelled the accept loop. Every later client waits.",
				Why: []diagnose.Factor{
					{Text: "the message: rv:(20) Operation canceled", Ratio: 1, Source: "nanomq.log", Line: 41},
					{Text: "plain TCP clients went on meanwhile", Ratio: 4, Source: "nanomq.log", Line: 42},
					{Text: "rv:(20) Operation canceled, then no TLS line for 10m35s", Ratio: 10, Source: "nanomq.log", Line: 41},
					{Text: "the version is not told", Ratio: 0.5, Source: "nanomq.log", Line: 1},
				},
				Checks: []diagnose.Check{
					{Run: "openssl s_client -connect 127.0.0.1:8883 -brief </dev/null", LookFor: "1883 answers and 8883 does not: the bug"},
					{Run: "ss -ltn sport = :8883", LookFor: "Recv-Q grows"},
				},
				Fixes: []diagnose.Fix{
					{For: "", Do: "restart the program"},
					{For: "nanomq", Do: "upgrade to 0.22.10 or later; a restart brings it back; keep TCP health checks off the TLS port"},
					{Never: "switch TLS off to get clients in"},
				},
			},
			{ID: "handshake-overload", Title: "The host cannot keep up with handshakes", Confidence: 0.08},
			{ID: "x", Title: "Beneath the threshold", Confidence: 0.02},
		},
		Undetermined: 0.03,
		Evidence: []diagnose.Line{
			{Source: "nanomq.log", Line: 41, Text: "2026-11-22 00:03:34 [88] ERROR broker_tls.c:519 tlstran_pipe_nego_cb: connect nego error rv:(20) Operation canceled MQTT reason code 0", Message: "connect nego error rv:(20) Operation canceled MQTT reason code 0"},
			{Source: "nanomq.log", Line: 40, Text: "2026-11-22 00:03:34 [88] WARN before it"},
		},
		Consequences: []string{"f2"},
		Signatures:   []string{"nanomq-nego"},
	}
	timeouts := &diagnose.Finding{
		ID: "f2", Title: "clients time out on TLS", Urgency: "degraded", System: "nanomq", Count: 214,
		First: "2026-11-22T00:03:36Z", Last: "2026-11-22T00:14:05Z", Arrival: "steady",
		Causes: []diagnose.Cause{{ID: "handshake-timeout", Title: "The handshake takes too long", Confidence: 0.6}},
	}
	plaintext := &diagnose.Finding{
		ID: "f3", Title: "A client speaks plaintext to the WSS port", Urgency: "watch", System: "wukongim", Count: 6,
		First: "2026-11-22T08:05:00+08:00", Last: "2026-11-22T08:07:30+08:00", Arrival: "periodic", Period: 30,
		Causes: []diagnose.Cause{
			{
				ID: "plaintext-to-tls-port", Title: "A client speaks plaintext to a TLS port", Confidence: 0.62,
				Why: []diagnose.Factor{
					{Text: "the first bytes are an HTTP request line", Ratio: 8, Source: "stdout.log", Line: 12},
					{Text: "a fixed period fits a health check as well, and nothing in the lines around it says otherwise", Ratio: 0.3, Source: "stdout.log", Line: 12},
				},
				Checks: []diagnose.Check{{Run: "curl -sv https://im.example.org:5210/", LookFor: "a handshake starts"}},
				Fixes:  []diagnose.Fix{{Do: "make the client use wss"}},
			},
			{ID: "health-check-probe", Title: "A health check", Confidence: 0.25},
		},
		Undetermined: 0.13,
		Evidence:     []diagnose.Line{{Source: "stdout.log", Line: 12, Text: "\x1b[31m握手失败\x1b[0m \u202eerr=tls: first record does not look like a TLS handshake \xff"}},
		Peers:        diagnose.Peers{Distinct: 5, Top: []diagnose.PeerCount{{Peer: "10.0.0.5", Count: 2}, {Peer: "10.0.0.6", Count: 1}, {Peer: "10.0.0.7", Count: 1}, {Peer: "10.0.0.8", Count: 1}}},
	}
	closes := &diagnose.Finding{
		ID: "f4", Title: "ws closed: 1005", Urgency: "noise", System: "wukongim", Count: 412, Arrival: "steady",
		Causes: []diagnose.Cause{{ID: "normal-close", Title: "A client closed in an ordinary way", Confidence: 0.95}},
		Peers:  diagnose.Peers{Distinct: 1, Top: []diagnose.PeerCount{{Peer: "10.0.0.9", Count: 412}}},
	}
	return &diagnose.Snapshot{
		Schema: diagnose.Schema,
		Input: diagnose.Input{
			Bytes: 3_000_000, Lines: 31_204, Heads: 30_987, Splits: 1, Records: 30_988, Continuation: 190, Blank: 22, Unparsed: 5,
			Skipped: map[string]int64{},
			Sources: []diagnose.SourceInfo{
				{Name: "logs/nanomq.log", System: "nanomq", Version: "0.22.6", First: "2026-11-22T00:02:31Z", Last: "2026-11-22T00:14:09Z"},
				{Name: "logs/stdout.log", System: "wukongim", Version: "2.2.5", First: "2026-11-22T08:04:00+08:00", Last: "2026-11-22T08:08:00+08:00"},
			},
		},
		Findings:    []*diagnose.Finding{cancelled, timeouts, plaintext, closes},
		BlindSpots:  []diagnose.BlindSpot{{System: "wukongim", Text: "WuKongIM in release mode writes no failed handshake to its files.", Remedy: "read stdout, or set logger.level: 1"}},
		Unexplained: 9,
		Clusters: []diagnose.Cluster{
			{Template: "disk <num> is 日本語の長い説明文がここに続きますので折り返しが必要になります full", Severity: "ERROR", Count: 7, Sample: diagnose.Sample{Source: "logs/stdout.log", Line: 3}},
			{Template: "all is lost", Severity: "FATAL", Count: 2, Sample: diagnose.Sample{Source: "logs/stdout.log", Line: 9}},
			{Template: "fine", Severity: "INFO", Count: 100},
		},
		Warnings: []diagnose.Warning{
			{Code: "torn-lines", Text: "1 torn line: two threads wrote into one line", Source: "logs/nanomq.log"},
			{Code: "assumed-zone", Text: "times carry no zone; they are read in the zone of --timezone", Source: "logs/nanomq.log"},
			{Code: "assumed-zone", Text: "times carry no zone; they are read in the zone of --timezone", Source: "logs/stdout.log"},
		},
	}
}

// three is incident with as many findings as a screen is to hold.
func three() *diagnose.Snapshot {
	s := incident()
	s.Findings[0].Consequences = nil
	s.Findings[2].Title = s.Findings[2].Causes[0].Title
	return s
}

func healthy() *diagnose.Snapshot {
	return &diagnose.Snapshot{
		Schema: diagnose.Schema,
		Input: diagnose.Input{
			Lines: 12, Heads: 10, Records: 10, Skipped: map[string]int64{"outside --since/--until": 2},
			Sources: []diagnose.SourceInfo{{Name: "-", System: "salvo", Version: "≥ 0.65.0, < 1.0.0"}},
		},
		BlindSpots: []diagnose.BlindSpot{{System: "salvo", Text: "Salvo 0.65 and later log no failed handshake: silence proves nothing", Remedy: "probe the port"}},
	}
}

func title(id string) string {
	return map[string]string{"nanomq": "NanoMQ", "wukongim": "WuKongIM", "salvo": "Salvo"}[id]
}

// golden compares a text with the file of that name in testdata, or writes it with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got, -update accepts):\n%s", name, diff)
	}
}

func TestTextGolden(t *testing.T) {
	f := func(name string, s *diagnose.Snapshot, o Options) {
		t.Helper()
		o.Title = title
		var out bytes.Buffer
		if err := Text(&out, s, o); err != nil {
			t.Fatal(err)
		}
		golden(t, name, out.String())
	}
	f("incident-80", incident(), Options{Width: 80, Elapsed: 90 * time.Millisecond})
	f("incident-80-color", incident(), Options{Width: 80, Color: true})
	f("incident-120-verbose", incident(), Options{Width: 120, Verbose: true})
	f("incident-top-1", Top(incident(), 1), Options{})
	f("three-80", three(), Options{Width: 80})
	f("healthy", healthy(), Options{})
	f("empty", &diagnose.Snapshot{Schema: diagnose.Schema}, Options{})
}

// TestTextWidth: no line is wider than asked for, colours or not, and colours change no character.
func TestTextWidth(t *testing.T) {
	for _, width := range []int{40, 60, 80, 100, 200} {
		var plain, colored bytes.Buffer
		for _, verbose := range []bool{false, true} {
			plain.Reset()
			colored.Reset()
			if err := Text(&plain, incident(), Options{Width: width, Title: title, Verbose: verbose}); err != nil {
				t.Fatal(err)
			}
			if err := Text(&colored, incident(), Options{Width: width, Title: title, Verbose: verbose, Color: true}); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(plain.String()) {
				if n := ansi.StringWidth(strings.TrimSuffix(line, "\n")); n > width {
					t.Errorf("width %d: %d columns: %q", width, n, line)
				}
			}
			if diff := cmp.Diff(plain.String(), ansi.Strip(colored.String())); diff != "" {
				t.Errorf("width %d: colours change the text:\n%s", width, diff)
			}
		}
	}
}

// TestTextIsSafe: no byte of a log reaches the terminal raw, wherever it stands in the snapshot.
func TestTextIsSafe(t *testing.T) {
	evil := "a\x1b]0;owned\x07\x9b31m\u202e\u200b\u0085\r\nb\x00\xfe"
	f := incident().Findings[0]
	f.Title, f.System, f.Evidence[0].Text, f.Evidence[0].Source = evil, evil, evil, evil
	f.Causes[0].Title, f.Causes[0].Why[1].Text, f.Causes[0].Checks[0].Run, f.Causes[0].Checks[0].LookFor = evil, evil, evil, evil
	f.Causes[0].Fixes[1].Do, f.Causes[1].Title = evil, evil
	f.Peers = diagnose.Peers{Distinct: 1, Top: []diagnose.PeerCount{{Peer: evil, Count: 1}}}
	s := incident()
	s.Findings[0] = f
	s.Findings[1].Title, s.Findings[3].Title = evil, evil
	s.Clusters[0].Template, s.BlindSpots[0].Remedy, s.Warnings[0].Text = evil, evil, evil
	s.Input.Sources[0].Name, s.Input.Sources[0].Version = evil, evil
	s.Input.Skipped = map[string]int64{evil: 3}
	var out bytes.Buffer
	if err := Text(&out, s, Options{Verbose: true}); err != nil {
		t.Fatal(err)
	}
	for _, r := range out.String() {
		if r != '\n' && (r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) || r == '\u202e' || r == '\u200b' || r == '\ufffd') {
			t.Fatalf("the report holds %q:\n%q", r, out.String())
		}
	}
	if !strings.Contains(out.String(), `\x1b]0;owned\x07`) {
		t.Error("the bytes are hidden instead of shown")
	}
}

// TestUnknownIsNotWell: errors that nothing explains keep the report from saying ok.
func TestUnknownIsNotWell(t *testing.T) {
	f := func(unexplained int64, want string) {
		t.Helper()
		s := healthy()
		s.Unexplained = unexplained
		var out bytes.Buffer
		if err := Text(&out, s, Options{}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), "\n"+want+" ") {
			t.Errorf("%d unexplained, no %q:\n%s", unexplained, want, out.String())
		}
	}
	f(0, "ok")
	f(2, "none")
}

func TestTop(t *testing.T) {
	f := func(n int, want ...string) {
		t.Helper()
		var got []string
		top := Top(incident(), n)
		for _, x := range top.Findings {
			got = append(got, x.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("top %d: %s", n, diff)
		}
		if rest := int64(4 - len(want)); top.FindingsRest.Findings != rest {
			t.Errorf("top %d: %d left out, want %d", n, top.FindingsRest.Findings, rest)
		}
	}
	f(0, "f1", "f2", "f3", "f4")
	f(1, "f1", "f2", "f4")
	f(2, "f1", "f2", "f3", "f4")
}

// TestThreeFindingsFitAScreen: header and three findings take no more than 30 lines.
func TestThreeFindingsFitAScreen(t *testing.T) {
	var out bytes.Buffer
	if err := Text(&out, three(), Options{Title: title}); err != nil {
		t.Fatal(err)
	}
	findings, _, found := strings.Cut(out.String(), "\nnoise ")
	if n := strings.Count(findings, "\n"); !found || n > 30 {
		t.Errorf("%d lines:\n%s", n, findings)
	}
}

// TestCircle: findings that explain each other are shown all the same.
func TestCircle(t *testing.T) {
	s := incident()
	s.Findings[1].Consequences = []string{"f1"}
	for _, n := range []int{0, 1} {
		var out bytes.Buffer
		if err := Text(&out, Top(s, n), Options{}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), "stopped accepting") {
			t.Errorf("top %d: lost:\n%s", n, out.String())
		}
	}
}

func TestRatio(t *testing.T) {
	f := func(r float64, want string) {
		t.Helper()
		if got := ratio(r); got != want {
			t.Errorf("ratio(%v) = %q, want %q", r, got, want)
		}
	}
	f(8, "×8")
	f(10, "×10")
	f(1.5, "×1.5")
	f(0.5, "÷2")
	f(0.3, "÷3.3")
	f(0.1, "÷10")
	f(0, "")
}

func TestWrap(t *testing.T) {
	f := func(text string, width int, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, wrap(text, width)); diff != "" {
			t.Errorf("wrap(%q, %d): %s", text, width, diff)
		}
	}
	f("", 10, "")
	f("one two three", 7, "one two", "three")
	f("onetwothree four", 4, "onet", "woth", "ree", "four")
	f("日本語の説明", 5, "日本", "語の", "説明")
	f("x --flag=value-with-hyphens y", 12, "x", "--flag=value", "-with-hyphen", "s y")
}
