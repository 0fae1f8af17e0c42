package parsers

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// peelText renders what peeling makes of a line: kind, what the envelope says, and the inside.
func peelText(line string) string {
	var r Record
	p := peeler{}
	inner := p.peel([]byte(line), &r, &Clock{Year: 2026})
	e := &r.Envelope
	var b strings.Builder
	fmt.Fprintf(&b, "%s", e.Kind)
	for _, part := range []struct {
		name  string
		value []byte
	}{{"stream", e.Stream}, {"container", e.Container}, {"host", e.Host}, {"pid", e.PID}} {
		if len(part.value) > 0 {
			fmt.Fprintf(&b, " %s=%s", part.name, part.value)
		}
	}
	if e.Time.Absolute() {
		fmt.Fprintf(&b, " %s", e.Time.Time().Format("01-02T15:04:05.999999999"))
	}
	if e.Severity != 0 {
		fmt.Fprintf(&b, " severity=%d", e.Severity)
	}
	if e.Partial {
		b.WriteString(" partial")
	}
	return b.String() + " > " + string(inner)
}

func TestPeel(t *testing.T) {
	f := func(line, want string) {
		t.Helper()
		if got := peelText(line); got != want {
			t.Errorf("%q\n got %q\nwant %q", line, got, want)
		}
	}
	const zoned = "11-22T00:02:48.678398123"

	// docker json-file
	f(`{"log":"a\n","stream":"stdout","time":"2026-11-22T00:02:48.678398123Z"}`, "docker stream=stdout "+zoned+" > a")
	f(`{"log": "a\r\n", "stream": "stderr", "time": "2026-11-22T00:02:48.678398123Z"}`, "docker stream=stderr "+zoned+" > a")
	f(`{"log":"cut","stream":"stdout","time":"2026-11-22T00:02:48.678398123Z"}`, "docker stream=stdout "+zoned+" partial > cut")
	f(`{"log":"{\"k\":\"v\\n\"} \u00e9\ud83d\ude00\t\u003c\/\n","stream":"stdout","attrs":{"tag":"x}y","n":[1,2]}}`, "docker stream=stdout > {\"k\":\"v\\n\"} é😀\t</")
	f(`{"log":"\n","stream":"stdout"}`, "docker stream=stdout > ")
	f(`{"log":"\\","stream":"stdout"}`, `docker stream=stdout partial > \`)
	f(`{"log":"\q \u12 \n","stream":"stdout"}`, `docker stream=stdout > \q \u12 `)
	// A program's own JSON and broken lines stay.
	f(`{"log":"a\n","time":"2026-11-22T00:02:48Z"}`, ` > {"log":"a\n","time":"2026-11-22T00:02:48Z"}`)
	f(`{"log":{"level":"info"},"stream":"stdout"}`, ` > {"log":{"level":"info"},"stream":"stdout"}`)
	f(`{"level":"info","time":"2026-11-22T00:02:48Z","msg":"x"}`, ` > {"level":"info","time":"2026-11-22T00:02:48Z","msg":"x"}`)
	f(`{"log":"a\n","stream":"std`, ` > {"log":"a\n","stream":"std`)
	f(`{"log":"a`, ` > {"log":"a`)
	f(`{"log":`, ` > {"log":`)
	f(`{`, " > {")

	// CRI
	f("2026-11-22T00:02:48.678398123Z stdout F a b", "cri stream=stdout "+zoned+" > a b")
	f("2026-11-22T00:02:48.678398123+01:00 stderr P a", "cri stream=stderr "+zoned+" partial > a")
	f("2026-11-22T00:02:48.678398123Z stdout F:x a", "cri stream=stdout "+zoned+" > a")
	f("2026-11-22T00:02:48.678398123Z stdout F ", "cri stream=stdout "+zoned+" > ")
	f("2026-11-22T00:02:48.678398123Z stdout F", "cri stream=stdout "+zoned+" > ")
	f("2026-11-22T00:02:48.678398123Z stdout Full", " > 2026-11-22T00:02:48.678398123Z stdout Full")
	f("2026-11-22T00:02:48.678398123Z stdin F a", " > 2026-11-22T00:02:48.678398123Z stdin F a")

	// logs --timestamps
	f("2026-11-22T00:02:48.678398123Z {}", "timestamps "+zoned+" > {}")
	f("2026-11-22T00:02:48.678398123Z 2026-11-22 00:02:48 [1] x", "timestamps "+zoned+" > 2026-11-22 00:02:48 [1] x")
	f("2026-11-22T00:02:48.678398123Z [gnet] x", "timestamps "+zoned+" > [gnet] x")
	f("2026-11-22T00:02:48.678398123Z panic: x", "timestamps "+zoned+" > panic: x")
	f("2026-11-22T00:02:48.678398123Z [INFO] x", " > 2026-11-22T00:02:48.678398123Z [INFO] x")
	f("2026-11-22T00:02:48.678398123Z  INFO salvo: x", " > 2026-11-22T00:02:48.678398123Z  INFO salvo: x")
	f("2026-11-22T00:02:48.678398123Z ERROR salvo: x", " > 2026-11-22T00:02:48.678398123Z ERROR salvo: x")
	f("2026-11-22T00:02:48.678398Z {}", " > 2026-11-22T00:02:48.678398Z {}")

	// compose
	f("app-1  | a", "compose container=app-1 > a")
	f("app_1 | a", "compose container=app_1 > a")
	f("nanomq  | a | b", "compose container=nanomq > a | b")
	f("nanomq  |", "compose container=nanomq > ")
	f("\x1b[36mapp-1  | \x1b[0ma", "compose container=app-1 > \x1b[0ma")
	f("\x1b[36mapp-1  |\x1b[0m a", "compose container=app-1 > a")
	f("name | age", " > name | age")
	f("INFO   | jvm 1    | x", " > INFO   | jvm 1    | x")
	f("12  | let x = 1;", " > 12  | let x = 1;")
	f("a  || b", " > a  || b")
	f("a |", " > a |")

	// kubectl, k9s
	f("[pod/nanomq-0/broker] a", "kubectl container=broker host=nanomq-0 > a")
	f("[pod/nanomq-0] a", " > [pod/nanomq-0] a")
	f("[pod/", " > [pod/")
	f("│ 2026-11-22 00:02:48 x      │", "k9s > 2026-11-22 00:02:48 x")
	f(" │ {\"a\":1}", "k9s > {\"a\":1}")
	f("│ text │", "k9s > text")
	f("│ text", " > │ text")
	f("│   ├─ child", " > │   ├─ child")
	f("├── tree", " > ├── tree")

	// journald and files of syslog daemons
	f("Nov 22 00:12:09 edge-1 prog[123]: a: b", "journald container=prog host=edge-1 pid=123 11-22T00:12:09 > a: b")
	f("Nov  2 00:12:09.000250 edge-1 kernel: a", "journald container=kernel host=edge-1 11-02T00:12:09.00025 > a")
	f("Nov 22 00:12:09 mail postfix/smtps/smtpd[1]: a", "journald container=postfix/smtps/smtpd host=mail pid=1 11-22T00:12:09 > a")
	f("Nov 22 00:12:09 prog[123]: a", "journald container=prog pid=123 11-22T00:12:09 > a")
	f("Nov 22 00:12:09 imap-login: Error: a", "journald container=imap-login 11-22T00:12:09 > Error: a")
	f("2026-11-22T00:12:09+0000 edge-1 prog[123]: a", "journald container=prog host=edge-1 pid=123 11-22T00:12:09 > a")
	f("2026-11-22T00:12:09.678398+01:00 edge-1 prog[123]: a", "journald container=prog host=edge-1 pid=123 11-22T00:12:09.678398 > a")
	f("Nov 22 00:12:09 INFO server: a", " > Nov 22 00:12:09 INFO server: a")
	f("Nov 22 00:12:09 main ERROR: a", " > Nov 22 00:12:09 main ERROR: a")
	f("Nov 22 00:12:09 something happened: a", "journald container=happened host=something 11-22T00:12:09 > a")
	f("Nov 22 00:12:09 a b c", " > Nov 22 00:12:09 a b c")
	f("Nov 22, 2026 12:12:09 AM x y[1]: z", " > Nov 22, 2026 12:12:09 AM x y[1]: z")
	f("2026-11-22T00:12:09Z worker pool[3]: a", " > 2026-11-22T00:12:09Z worker pool[3]: a")
	f("2026-11-22T00:12:09+01:00 worker pool: a", " > 2026-11-22T00:12:09+01:00 worker pool: a")
	f("2026-11-22T00:12:09+01:00 ERROR pool[3]: a", " > 2026-11-22T00:12:09+01:00 ERROR pool[3]: a")

	// syslog with priority
	f("<9>Nov 22 00:12:09 nng-nanomq[27529]: a", "syslog container=nng-nanomq pid=27529 11-22T00:12:09 severity=20 > a")
	f("<14>Nov 22 00:12:09 edge-1 prog: a", "syslog container=prog host=edge-1 11-22T00:12:09 severity=9 > a")
	f("<13>2026-11-22T00:12:09.5+00:00 edge-1 prog[1]: a", "syslog container=prog host=edge-1 pid=1 11-22T00:12:09.5 severity=10 > a")
	f("<15>prog[1]: a", "syslog container=prog pid=1 severity=5 > a")
	f("<11>1 2026-11-22T00:12:09Z edge-1 prog 7 ID - a", "syslog container=prog host=edge-1 pid=7 11-22T00:12:09 severity=17 > a")
	f("<11>1 - - prog - - [x@1 k=\"a\\\"]b\"][y] \xef\xbb\xbfa", "syslog container=prog severity=17 > a")
	f("<11>1 2026-11-22T00:12:09Z edge-1 prog 7 ID -", "syslog container=prog host=edge-1 pid=7 11-22T00:12:09 severity=17 > ")
	f("<192>Nov 22 00:12:09 h p: a", " > <192>Nov 22 00:12:09 h p: a")
	f("<p>prog: a", " > <p>prog: a")
	f("<>prog: a", " > <>prog: a")
	f("<11>", " > <11>")

	// Layers
	f("nanomq-1  | {\"log\":\"<14>Nov 22 00:12:09 edge-1 nanomq[7]: a\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-22T00:02:48.678398123Z\"}",
		"compose stream=stderr container=nanomq host=edge-1 pid=7 "+zoned+" severity=9 > a")
	// journalctl --output=json
	f(`{"__CURSOR":"s=1;i=2","__REALTIME_TIMESTAMP":"1795305768678398","_HOSTNAME":"edge-1","PRIORITY":"3","SYSLOG_IDENTIFIER":"nanomq","_PID":"7","MESSAGE":"a \"b\""}`,
		`journald container=nanomq host=edge-1 pid=7 11-22T00:02:48.678398 severity=17 > a "b"`)
	f(`{ "MESSAGE" : [72, 195,40,10], "_SYSTEMD_UNIT" : "im.service", "X" : null, "Y" : ["a","b"], "__REALTIME_TIMESTAMP" : "1795305768678398" }`,
		"journald container=im.service 11-22T00:02:48.678398 > H\xc3(\n")
	for _, own := range []string{
		`{"MESSAGE":null,"__REALTIME_TIMESTAMP":"1795305768678398"}`, `{"MESSAGE":[300],"__REALTIME_TIMESTAMP":"1795305768678398"}`,
		`{"MESSAGE":"a","__REALTIME_TIMESTAMP":"soon"}`, `{"MESSAGE":"a","__REALTIME_TIMESTAMP":"1795305768678398"`, `{"MESSAGE":"a"}`, `{"`,
	} {
		f(own, " > "+own)
	}
	f("a  | b  | c  | d  | e  | f", "compose container=d > e  | f")
	f("", " > ")
}

// Every prefix of every sample must be survived, with what is inside it never longer than the line.
func TestPeelTruncated(t *testing.T) {
	for _, line := range samples(t, "envelope-*", "nanomq-syslog") {
		var r Record
		for n := range line {
			r.Reset()
			p := peeler{}
			if inner := p.peel(line[:n:n], &r, &Clock{}); len(inner) > n {
				t.Fatalf("%q: the inside is longer: %q", line[:n], inner)
			}
		}
	}
}

func TestPeelSamples(t *testing.T) {
	dirs, _ := filepath.Glob("testdata/envelope-*")
	if len(dirs) == 0 {
		t.Fatal("no samples")
	}
	for _, dir := range dirs {
		for _, line := range samples(t, filepath.Base(dir)) {
			var r Record
			p := peeler{}
			p.peel(line, &r, &Clock{})
			if want := strings.TrimPrefix(filepath.Base(dir), "envelope-"); r.Envelope.Kind != want {
				t.Errorf("%s: %q is taken for %q", dir, line, r.Envelope.Kind)
			}
		}
	}
	for _, line := range samples(t, "nanomq", "nanomq-raw") {
		var r Record
		p := peeler{}
		if inner := p.peel(line, &r, &Clock{}); r.Envelope.Kind != "" || !bytes.Equal(inner, line) {
			t.Errorf("%q is taken for %q", line, r.Envelope.Kind)
		}
	}
}

func TestPeelAllocates(t *testing.T) {
	lines := samples(t, "envelope-*", "nanomq", "nanomq-*")
	var r Record
	p, clock := peeler{}, Clock{}
	if n := testing.AllocsPerRun(20, func() {
		for _, line := range lines {
			r.Reset()
			p.peel(line, &r, &clock)
		}
	}); n > 0 {
		t.Errorf("%v allocations over %d lines", n, len(lines))
	}
}

// Some shippers drop the line feed inside the log value; then nothing says that a line was cut.
func TestDockerWithoutLineFeeds(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		got, count := collect(t, text)
		if joined := strings.Join(got, "\n"); joined != want {
			t.Errorf("%q\n got %q\nwant %q", text, joined, want)
		}
		if !count.Balanced() {
			t.Errorf("%q: %+v", text, count)
		}
	}
	f("{\"log\":\"some text\",\"stream\":\"stdout\"}\n{\"log\":\"more text\",\"stream\":\"stdout\"}\n", "plain|some text\nplain|more text")
	f("{\"log\":\"some \",\"stream\":\"stdout\"}\n{\"log\":\"more text\\n\",\"stream\":\"stdout\"}\n", "plain|some more text")
}

func samples(t *testing.T, dirs ...string) [][]byte {
	t.Helper()
	var lines [][]byte
	for _, dir := range dirs {
		names, _ := filepath.Glob(filepath.Join("testdata", dir, "*.log"))
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range bytes.Split(data, newline) {
				if len(line) > 0 {
					lines = append(lines, line)
				}
			}
		}
	}
	if len(lines) == 0 {
		t.Fatalf("no samples in %v", dirs)
	}
	return lines
}
