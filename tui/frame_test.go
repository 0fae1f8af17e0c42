package tui

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/diagnose/rows"
	"github.com/whytls/whytls/parsers"
)

// update reports whether the golden files are to be written anew. The flag is that of teatest, which has the same.
func update() bool { return flag.Lookup("update").Value.String() == "true" }

// rush is a quiet time, a rush with errors, and a quiet time again.
func rush() diagnose.Timeline {
	t := diagnose.Timeline{Start: time.Date(2026, 11, 22, 0, 2, 0, 0, time.UTC), Length: 8 * time.Second}
	for i := range int64(92) {
		c := diagnose.Counts{diagnose.LevelInfo: 100 + i%7}
		if i > 12 && i < 40 {
			c[diagnose.LevelInfo] = 400 - i
			c[diagnose.LevelError] = 40 - i
		}
		if i%20 == 3 {
			c[diagnose.LevelWarn] = i
		}
		t.Spans = append(t.Spans, c)
	}
	return t
}

// incident is a night as it may be: an outage with a consequence, something to watch, and noise.
func incident() *diagnose.Snapshot {
	return &diagnose.Snapshot{
		Rates:    diagnose.Rates{Lines: 1204, Errors: 2.5},
		Timeline: rush(),
		Status:   map[string]diagnose.Status{"f2": {State: diagnose.EventWorse}, "f3": {State: diagnose.EventNew}},
		Input: diagnose.Input{
			Bytes: 4 << 20, Lines: 31204, Heads: 30988, Continuation: 190, Blank: 22, Unparsed: 4, Records: 30988,
			Sources: []diagnose.SourceInfo{
				{Name: "/var/log/nanomq.log", Format: "nanomq", System: "nanomq", Version: "0.22.6", First: "2026-11-22T00:02:31Z", Last: "2026-11-22T00:14:09Z", State: "live",
					Lines: 31000, Records: 30788, Counts: diagnose.Counts{0, 4, 30570, 200, 14, 0}, Rates: diagnose.Rates{Lines: 1200, Errors: 2.5}, Arrived: time.Date(2026, 11, 22, 0, 14, 59, 0, time.UTC), Rotations: 2, Truncations: 1, Lost: 4096},
				{Name: "/var/log/wukongim.log", Format: "wukongim-json", System: "wukongim", Version: "2.2.5", First: "2026-11-22T00:03:00Z", Last: "2026-11-22T00:14:00Z", State: "waiting: no such file or directory",
					Lines: 204, Records: 200},
			},
		},
		Findings: []*diagnose.Finding{
			{
				ID: "f1", Title: "NanoMQ's TLS listener stopped accepting", Urgency: "outage", System: "nanomq", Version: "0.22.6", Count: 1,
				First: "2026-11-22T00:03:34Z", Last: "2026-11-22T00:03:34Z", Undetermined: 0.05, Consequences: []string{"f2"},
				Causes: []diagnose.Cause{
					{
						ID: "nanomq-listener-cancelled", Title: "Known bug of NanoMQ 0.22.0-0.22.7: one failed negotiation cancels the listener", Confidence: 0.87,
						Meaning: "A client failed its TLS handshake, and NanoMQ cancelled the accept loop. Every later client waits.",
						Why: []diagnose.Factor{
							{Text: "the message: a negotiation was cancelled", Ratio: 1, Source: "/var/log/nanomq.log", Line: 41},
							{Text: "rv:(20) Operation canceled, then no TLS line for 10m35s", Ratio: 10, Source: "/var/log/nanomq.log", Line: 41},
							{Text: "the version is not told", Ratio: 0.5},
						},
						Checks: []diagnose.Check{{Run: "openssl s_client -connect 127.0.0.1:8883 -brief </dev/null", LookFor: "1883 answers and 8883 does not: the bug"}},
						Fixes:  []diagnose.Fix{{For: "nanomq", Do: "upgrade to 0.22.10 or later; a restart brings it back"}, {Never: "switch TLS off to get clients in"}},
					},
					{ID: "host-overloaded", Title: "The host cannot keep up with handshakes", Confidence: 0.08, Why: []diagnose.Factor{{Text: "many at once", Ratio: 2, Source: "/var/log/nanomq.log", Line: 50}}},
				},
				Evidence: []diagnose.Line{{Source: "/var/log/nanomq.log", Line: 41, Time: "2026-11-22T00:03:34Z", Message: "tlstran_pipe_nego_cb: connect nego error rv:(20) Operation canceled MQTT reason code 0", Text: "2026-11-22 00:03:34 [88] ERROR broker_tls.c:519 tlstran_pipe_nego_cb: connect nego error rv:(20) Operation canceled MQTT reason code 0"}},
				Peers:    diagnose.Peers{Distinct: 3, Top: []diagnose.PeerCount{{Peer: "10.0.0.5", Count: 4}, {Peer: "10.0.0.6", Count: 1}}},
			},
			{
				ID: "f2", Title: "Clients time out on TLS", Urgency: "degraded", System: "nanomq", Count: 214, Arrival: "steady",
				First: "2026-11-22T00:03:36Z", Last: "2026-11-22T00:14:05Z",
				Histogram: []diagnose.Bucket{{Start: "2026-11-22T00:03:00Z", Seconds: 60, Count: 20}, {Start: "2026-11-22T00:07:00Z", Seconds: 60, Count: 90}, {Start: "2026-11-22T00:13:00Z", Seconds: 60, Count: 104}},
				Causes:    []diagnose.Cause{{ID: "handshake-timeout", Title: "The server does not answer in time", Confidence: 0.7}},
			},
			{
				ID: "f3", Title: "握手失败: 客户端没有使用 TLS", Urgency: "watch", System: "wukongim", Count: 6, Arrival: "periodic", Period: 30,
				First: "2026-11-22T00:05:00Z", Last: "2026-11-22T00:07:30Z", Undetermined: 0.2,
				Causes: []diagnose.Cause{{
					ID: "plaintext-to-tls-port", Title: "A client speaks plaintext to a TLS port", Confidence: 0.8,
					Why: []diagnose.Factor{{Text: "the first bytes are an HTTP request line", Ratio: 8, Source: "/var/log/wukongim.log", Line: 12}},
				}},
				Evidence: []diagnose.Line{{Source: "/var/log/wukongim.log", Line: 12, Text: "\x1b[31m握手失败\x1b[0m \u202eerr=\xfftls: first record does not look like a TLS handshake\r\n\x07"}},
			},
			{
				ID: "f4", Title: "A client closed in an ordinary way", Urgency: "noise", System: "wukongim", Count: 412, Arrival: "steady",
				First: "2026-11-22T00:03:00Z", Last: "2026-11-22T00:14:00Z",
				Causes: []diagnose.Cause{{ID: "client-went-away", Title: "A client went away", Confidence: 0.9}},
			},
		},
		BlindSpots: []diagnose.BlindSpot{{System: "wukongim", Text: "in release mode it writes no failed handshake to its files", Remedy: "read stdout, or set logger.level: 1"}},
		Clusters: []diagnose.Cluster{
			{ID: "c1", Template: "http: TLS handshake error from <ip>: tls: first record does not look like a TLS handshake", Severity: "ERROR", Count: 6, First: "2026-11-22T00:05:00Z", Last: "2026-11-22T00:07:30Z",
				Signature: "go-first-record", Sample: diagnose.Sample{Source: "/var/log/wukongim.log", Line: 12, Text: "http: TLS handshake error from 10.0.0.5: tls: first record does not look like a TLS handshake"}},
			{ID: "c2", Template: "client <id> connected from <ip>", Severity: "INFO", Count: 20114, First: "2026-11-22T00:02:31Z", Last: "2026-11-22T00:14:09Z",
				Sample:    diagnose.Sample{Source: "/var/log/nanomq.log", Line: 3, Text: "client a1 connected from 10.0.0.5"},
				Histogram: []diagnose.Bucket{{Start: "2026-11-22T00:02:00Z", Seconds: 256, Count: 9000}, {Start: "2026-11-22T00:10:00Z", Seconds: 256, Count: 11114}}},
		},
		Warnings: []diagnose.Warning{{Code: "torn-lines", Text: "1 torn line: two threads wrote into one line", Source: "/var/log/nanomq.log"}},
	}
}

func titles(id string) string {
	return map[string]string{"nanomq": "NanoMQ", "wukongim": "WuKongIM"}[id]
}

func stateOf(s *diagnose.Snapshot) *state {
	st := newState(s, Options{Title: titles})
	st.width, st.height = 80, 24
	st.now = time.Date(2026, 11, 22, 0, 15, 0, 0, time.UTC)
	return &st
}

func TestFrameGolden(t *testing.T) {
	store := logStore(t)
	f := func(name string, width, height int, change func(*state)) {
		t.Helper()
		screen := newScreen(t)
		s := screen.state
		s.log.store = store
		s.width, s.height = width, height
		if change != nil {
			change(s)
		}
		got := strings.Join(frame(s), "\n") + "\n"
		path := filepath.Join("testdata", name+".golden")
		if update() {
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
			t.Errorf("%s differs (-want +got); go test ./tui -update rewrites it:\n%s", name, diff)
		}
	}
	// Each view at the three sizes that the screen is made for: the smallest, a common one and a large one.
	for _, size := range [][2]int{{60, 15}, {120, 40}, {200, 50}} {
		for v, name := range viewNames {
			f(fmt.Sprintf("%s-%dx%d", strings.ToLower(name), size[0], size[1]), size[0], size[1], func(s *state) { (&screen{t, s}).run(s.show(view(v))) })
		}
	}
	typed := func(keys ...string) func(*state) {
		return func(s *state) { (&screen{t, s}).typing(keys...) }
	}
	f("findings-80x24", 80, 24, nil)
	f("log-detail-120x40", 120, 40, typed("2", "g", ":", "0", "0", ":", "0", "2", ":", "3", "2", "enter", "e", "enter"))
	f("log-wrapped-60x15", 60, 15, typed("2", "g", "e", "w"))
	f("log-filtered-120x40", 120, 40, typed(append(append([]string{"2", "f"}, strings.Split("severity:warn", "")...), "enter")...))
	f("acknowledging-80x24", 80, 24, typed("a", "o", "n", " ", "i", "t"))
	f("acknowledged-80x24", 80, 24, typed("a", "o", "n", " ", "i", "t", "enter", "8", "h", "enter"))
	f("silenced-80x24", 80, 24, typed("j", "j", "z", "G", "enter"))
	f("open-60x15", 60, 15, func(s *state) { s.pane().inDetail = true })
	f("color-140x40", 140, 40, func(s *state) { s.theme = newTheme(true); s.pane().inDetail = true })
	f("hostile-100x30", 100, 30, func(s *state) { s.pane().selected = "f3" })
	f("noise-100x30", 100, 30, func(s *state) { s.pane().selected, s.unfolded = foldID, true })
	f("scrolled-80x24", 80, 24, func(s *state) { s.pane().inDetail, s.pane().scroll = true, 9 })
	f("zoomed-80x24", 80, 24, func(s *state) { s.pane().zoomed = true })
	f("paused-80x24", 80, 24, func(s *state) {
		s.paused = true
		s.latest = incident()
		s.latest.Input.Lines += 1312
	})
	f("healthy-80x24", 80, 24, func(s *state) { s.snapshot.Findings = nil })
	f("waiting-80x24", 80, 24, func(s *state) {
		s.snapshot = &diagnose.Snapshot{Input: diagnose.Input{Sources: []diagnose.SourceInfo{{Name: "/var/log/app.log", State: "waiting: no such file or directory"}}}}
	})
}

// hostile is text that a log may hold to break a screen.
func hostile(r *rand.Rand) string {
	pieces := []string{
		"\x1b[2J", "\x1b]0;title\x07", "\x1b]52;c;aGk=\x1b\\", "\x9b31m", "\u009b2J", "\u202e", "\u2066", "\u200b", "\u200d", "\ufe0f",
		"\r", "\n", "\t", "\x00", "\x7f", "\xff\xfe", "\xf0\x9f", "握手失败", "日本語", "👩‍👩‍👧", "🇩🇪", "🇩", "e\u0301", "\u0301\u0301\u0301\u0301\u0301\u0301", "กำ",
		"한", "ᄀ", "ᅡ", "ﷺ", "words", " ", "longwordwithoutanyblank/and/slashes", "\u2028", "\U000e0041", "☃", "⌚️", "नि", "x",
	}
	var b strings.Builder
	for range r.IntN(12) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

// Whatever the text and the size, a frame has exactly the lines and columns asked for, and nothing in it but its own
// colours commands the terminal.
func TestFrameFitsAnySizeAndText(t *testing.T) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(7, seed))
		snap := incident()
		for _, f := range snap.Findings {
			f.Title += hostile(r)
			f.System = hostile(r)
			f.Last = hostile(r)
			for i := range f.Causes {
				c := &f.Causes[i]
				c.Title, c.Meaning = hostile(r)+c.Title, hostile(r)
				c.Confidence = r.Float64()
				for j := range c.Why {
					c.Why[j].Text, c.Why[j].Source = hostile(r), hostile(r)
				}
				c.Checks = append(c.Checks, diagnose.Check{Run: hostile(r), LookFor: hostile(r)})
				c.Fixes = append(c.Fixes, diagnose.Fix{Do: hostile(r), Never: hostile(r)})
			}
			f.Evidence = append(f.Evidence, diagnose.Line{Text: hostile(r) + strings.Repeat(hostile(r), 20), Source: hostile(r)})
			f.Peers.Top = append(f.Peers.Top, diagnose.PeerCount{Peer: hostile(r)})
		}
		snap.BlindSpots[0].Text = hostile(r)
		snap.Warnings[0] = diagnose.Warning{Code: "truncated", Text: hostile(r), Source: hostile(r)}
		snap.Input.Sources[0].Name = hostile(r)
		if r.IntN(2) == 0 {
			snap.Input.Sources = snap.Input.Sources[:1]
		}
		snap.Input.Skipped = map[string]int64{hostile(r): 3}
		s := stateOf(snap)
		s.title = func(id string) string { return id }
		s.theme = newTheme(r.IntN(2) == 0)
		s.view = view(r.IntN(int(views)))
		p := s.pane()
		p.inDetail, p.zoomed, s.unfolded, s.paused = s.view == helpView || r.IntN(2) == 0, r.IntN(3) == 0, r.IntN(2) == 0, r.IntN(4) == 0
		p.scroll = r.IntN(80)
		if list := listingOf(s); list.len() > 0 {
			p.selected = list.id(r.IntN(list.len()))
		}
		width, height := 1+r.IntN(300), 1+r.IntN(100)
		if r.IntN(2) == 0 {
			width, height = 1+r.IntN(70), 1+r.IntN(20)
		}
		s.width, s.height = width, height
		s.log = hostileLog(r)
		if list := listingOf(s); s.view == logView {
			p.selected = list.id(r.IntN(list.len()))
		}
		if r.IntN(3) == 0 {
			s.search = newMatcher("[a-z]")
		}
		if r.IntN(3) == 0 {
			s.say(bad, hostile(r))
		}
		if r.IntN(4) == 0 {
			s.ask(prompt{label: hostile(r), hint: hostile(r)}, hostile(r))
		}
		checkFrame(t, s)
		if t.Failed() {
			t.Fatalf("seed %d, %d×%d", seed, width, height)
		}
	}
}

// hostileLog is a part of a log that somebody wrote to break the screen.
func hostileLog(r *rand.Rand) logReader {
	l := logReader{loaded: true, clock: time.TimeOnly, wrap: r.IntN(2) == 0, raw: r.IntN(2) == 0, column: 20 * r.IntN(4)}
	for i := range 1 + r.IntN(60) {
		row := rows.Row{
			Source: hostile(r), Line: int64(i), Severity: parsers.Severity(r.IntN(26)), System: hostile(r),
			Text: hostile(r) + strings.Repeat(hostile(r), r.IntN(30)), Message: hostile(r), Signature: hostile(r),
		}
		for range r.IntN(3) {
			row.More = append(row.More, hostile(r))
		}
		l.rows, l.ids = append(l.rows, row), append(l.ids, fmt.Sprint(i))
	}
	return l
}

func checkFrame(t *testing.T, s *state) {
	t.Helper()
	lines, width, height := frame(s), s.width, s.height
	if len(lines) != height {
		t.Errorf("%d lines, want %d", len(lines), height)
	}
	for i, l := range lines {
		if w := ansi.StringWidth(l); w != width {
			t.Errorf("line %d is %d columns wide, want %d: %q", i, w, width, l)
		}
		if bad := uncommanded(l); bad != "" {
			t.Errorf("line %d holds %s: %q", i, bad, l)
		}
	}
}

// uncommanded finds what may not reach a terminal: all but printable text and the colours that lipgloss writes.
func uncommanded(l string) string {
	for i := 0; i < len(l); {
		if l[i] == 0x1b {
			j := i + 1
			if j < len(l) && l[j] == '[' {
				for j++; j < len(l) && (l[j] == ';' || l[j] >= '0' && l[j] <= '9'); j++ {
				}
			}
			if j >= len(l) || l[j] != 'm' {
				return fmt.Sprintf("an escape sequence %q", l[i:min(i+8, len(l))])
			}
			i = j + 1
			continue
		}
		r, n := utf8.DecodeRuneInString(l[i:])
		if r == utf8.RuneError && n == 1 || !unicode.IsPrint(r) && r != '\u3000' {
			return fmt.Sprintf("%q", l[i:i+n])
		}
		i += n
	}
	return ""
}

// commands are what a terminal obeys: every control alone, and sequences of all kinds.
func commands() []string {
	var all []string
	for c := range 256 {
		all = append(all, string([]byte{byte(c)}), string(rune(c)), string([]byte{0x1b, byte(c)}), string([]byte{0x1b, '[', byte(c)}))
	}
	for n := range 200 {
		all = append(all, fmt.Sprintf("\x1b]%d;owned\x07", n), fmt.Sprintf("\x1b]%d;owned\x1b\\", n), fmt.Sprintf("\u009d%d;owned\u009c", n),
			fmt.Sprintf("\x9d%d;owned\x9c", n), fmt.Sprintf("\x1b[?%dh", n), fmt.Sprintf("\x1b[?%dl", n), fmt.Sprintf("\x1b[%dm", n))
	}
	return append(all, "\x1b]52;c;b3duZWQ=\x07", "\x1b]8;;http://example.com\x1b\\x\x1b]8;;\x1b\\", "\x1bPq#0;2;0;0;0\x1b\\", "\x1b_Gf=100\x1b\\",
		"\x1b^x\x1b\\", "\x1bXx\x1b\\", "\x1b[200~x\x1b[201~", "\x1b[6n", "\x1b[c", "\x1bc", "\x1b#8", "\x1b(0", "\x0e", "\x1b[?1049h")
}

// Whatever of it stands in the log, in every view, comes out as text.
func TestNoSequenceReachesTheTerminal(t *testing.T) {
	s := stateOf(incident())
	s.theme = newTheme(true)
	for i, text := range commands() {
		text = "a" + text + "b"
		f := s.snapshot.Findings[0]
		f.Title, f.Causes[0].Title, f.Evidence[0].Message, f.Peers.Top[0].Peer = text, text, text, text
		s.snapshot.Clusters[0].Template, s.snapshot.Clusters[0].Sample.Text = text, text
		s.snapshot.Input.Sources[0].Name, s.snapshot.Input.Sources[0].State = text, text
		s.log = logReader{rows: []rows.Row{{Text: text, Message: text, More: []string{text}, Source: text}}, ids: []string{"1"}}
		s.view = view(i % int(helpView))
		for _, l := range frame(s) {
			if bad := uncommanded(l); bad != "" {
				t.Fatalf("%q in %s: %s in %q", text, viewNames[s.view], bad, l)
			}
		}
	}
}

// Every C0 and C1 control as a byte and as a character comes out as text.
func TestNoControlReachesTheTerminal(t *testing.T) {
	for c := range 256 {
		for _, text := range []string{string([]byte{byte(c)}), string(rune(c)), "a" + string([]byte{byte(c)}) + "[31mb"} {
			for _, color := range []bool{false, true} {
				out := newTheme(color).render(say(outage, text), 20)
				if bad := uncommanded(out); bad != "" {
					t.Errorf("%q: %s in %q", text, bad, out)
				}
			}
		}
	}
}

func TestFrameWithoutColorHasNoEscapes(t *testing.T) {
	for _, l := range frame(stateOf(incident())) {
		if strings.Contains(l, "\x1b") {
			t.Errorf("%q", l)
		}
	}
}

func BenchmarkFrame(b *testing.B) {
	s := stateOf(incident())
	s.theme = newTheme(true)
	s.width, s.height = 200, 50
	b.ReportAllocs()
	for b.Loop() {
		frame(s)
	}
}
