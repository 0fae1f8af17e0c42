package parsers

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
)

// show writes what a record holds in one line.
func show(r *Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s|%s|%s|%s", r.Severity, r.Scope, r.Thread, r.Body)
	for _, field := range r.Fields {
		fmt.Fprintf(&b, "|%s=%s", field.Name, field.Value)
	}
	return b.String()
}

func TestTracingText(t *testing.T) {
	const at = "2026-11-22T00:03:25.907597Z "
	f := func(line, want string) {
		t.Helper()
		var r Record
		if !parseTracing([]byte(line), &r, &Clock{}) {
			t.Errorf("%q is not taken", line)
			return
		}
		if got := show(&r); got != want {
			t.Errorf("%q\n got %s\nwant %s", line, got, want)
		}
	}
	f(at+`ERROR a::b: failed error=Custom { kind: Other, error: "a=b c d=e" }`, `ERROR|a::b||failed|error=Custom { kind: Other, error: "a=b c d=e" }`)
	f(at+`ERROR a::b: failed error=certificate not valid for name "x y=z" peer=1.2.3.4:5`, `ERROR|a::b||failed|error=certificate not valid for name "x y=z"|peer=1.2.3.4:5`)
	f(at+`ERROR a::b: rustls: invalid tls config. error="say \"no\"" n=1`, `ERROR|a::b||rustls: invalid tls config.|error=say "no"|n=1`)
	f(at+` INFO a::b: took 5" of ( tape left=1 right=}x`, `INFO|a::b||took 5" of ( tape|left=1|right=}x`)
	f(at+` INFO Request{path=/a}b c=(d}: a::b: done`, `INFO|a::b||done|span=Request|path=/a}b|c=(d`)
	f(at+`DEBUG Connection{peer=Server}:poll:FramedRead::next: h2::codec::framed_read: received frame=Ping { ack: false }`,
		`DEBUG|h2::codec::framed_read||received|span=Connection|peer=Server|span=poll|span=FramedRead::next|frame=Ping { ack: false }`)
	f(at+` INFO                 main ThreadId(01) a::b: hello`, `INFO|a::b|ThreadId(01)|hello|thread.name=main`)
	f(at+` INFO tokio-rt-worker a::b: hello`, `INFO|a::b|tokio-rt-worker|hello`)
	f(at+` INFO ThreadId(12) hello there`, `INFO||ThreadId(12)|hello there`)
	f(at+` INFO a::b: src/x.rs: hello`, `INFO|a::b||hello|code.file.path=src/x.rs`)
	f(at+`ERROR TLS: handshake failed`, `ERROR|||TLS: handshake failed`)
	f(at+`ERROR Request: app: failed`, `ERROR|app||failed|span=Request`)
	f(at+`ERROR a::b:`, `ERROR|a::b||`)
	f(at+`ERROR x a==b c=d=e f=`, `ERROR|||x a==b|c=d=e|f=`)
	f(`2026-11-22T00:03:25+08:00 INFO a::b: not padded`, `INFO|a::b||not padded`)
	f(`   0.000121432s ERROR a: x`, `ERROR|a||x`)
	f(`12345.000121432s ERROR a: x`, `ERROR|a||x`)
}

func TestTracingLeavesOthersAlone(t *testing.T) {
	f := func(line string) {
		t.Helper()
		for _, format := range []string{"tracing", "tracing-untimed", "tracing-pretty", "tracing-json", "env-logger", "env-logger-untimed", "rust-panic"} {
			var r Record
			p, err := Lookup(format)
			if err != nil {
				t.Fatal(err)
			}
			if p.Parse([]byte(line), &r, &Clock{}) {
				t.Errorf("%q is taken as %s: %s", line, format, show(&r))
			}
		}
	}
	f("ERROR: foo")
	f("ERROR something happened: badly")
	f("ERROR Something: badly")
	f("DEBUG")
	f(" INFO ")
	f("Error: Os { code: 98 }")
	f("[INFO] starting")
	f("[ERROR] a::b] x")
	f("[WARN  too many words here] x")
	f("[ERROR 12:34] x")
	f("2026-11-22 00:03:26,121 ERROR foo: bar")
	f("2026-11-22 00:03:26.121 ERROR 12345 --- [main] c.e.Foo : bar")
	f("2026-11-22 00:03:26.121  INFO 12345 --- [main] c.e.Foo : bar")
	f("2026-11-22T00:03:26Z nginx: [emerg] bind() failed")
	f("2026-11-22T00:03:26.123456789Z stdout: x")
	f("2026-11-22T00:03:26.121Z\tERROR\tfoo/bar.go:12\tmessage")
	f("2026/11/22 00:03:26 http: TLS handshake error from 1.2.3.4:5: EOF")
	f(`{"level":"error","ts":1,"msg":"x"}`)
	f(`{"level":"ERROR","message":"x","time":"2026-11-22T00:03:26Z"}`)
	f(`{"timestamp":"2026-11-22T00:03:26Z","level":"info","target":"x"}`)
	f(`{"timestamp":"2026-11-22T00:03:26Z","level":"ERROR","fields":"x"}`)
	f(`{"timestamp":"2026-11-22T00:03:26Z","level":"ERROR","target":"x"`)
	f("thread 'main' is idle")
	f("thread 'main' (x) panicked at y")
}

// The work must stay linear for lines that someone made to be slow.
func TestTracingHostileLines(t *testing.T) {
	const n = MaxLine / 2
	for _, pattern := range []string{`{`, `"`, `\"`, `a{(}:`, `a{}:`, `a:`, `a::`, `a=`, `a=1 `, `("`, `{"\`, ` a={"`, `, a: `, `, a: {"`, `]`} {
		text := strings.Repeat(pattern, n/len(pattern))
		for _, head := range []string{"2026-11-22T00:03:25.907597Z  INFO ", "  2026-11-22T00:03:25.907597Z  INFO a: ", "[2026-11-22T00:03:25Z INFO  a] ", "ERROR ", "thread 'x' panicked at '"} {
			line := []byte(head + text)
			for _, f := range Formats() {
				var r Record
				f.Parse(line, &r, &Clock{})
			}
		}
	}
}

func TestTracingContinuation(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		got, count := collect(t, text)
		if joined := strings.Join(got, "\n"); joined != want {
			t.Errorf("%q\n got %q\nwant %q", text, joined, want)
		}
		if !count.Balanced() {
			t.Errorf("%q: unbalanced accounting %+v", text, count)
		}
	}
	const head = "2026-11-22T00:03:25.907597Z  INFO a: "
	f(head+"one\ntwo n=1\n\nthree\n", "tracing|one\ntwo\nthree")
	f(head+"TLS alert received: AlertMessagePayload {\n    level: Fatal,\n}\n", "tracing|TLS alert received: AlertMessagePayload {\nlevel: Fatal,\n}")
	f(head+"failed\n\nCaused by:\n    0: eof\n\nStack backtrace:\n   0: main\n   1: start\n", "tracing|failed\nCaused by:\n0: eof")
	f(head+"one\nthread 'main' panicked at src/x.rs:1:2:\nboom\n"+head+"two", "tracing|one\nrust-panic|boom\ntracing|two")
	f(head+"one\n"+head+"two\nError: Custom { kind: Other }\n", "tracing|one\ntracing|two\nplain|Error: Custom { kind: Other }")
	// In plain text a line stands alone, whatever came before.
	f("a\nb\nc\nd\n"+head+"one\ne\nf\n", "plain|a\nplain|b\nplain|c\nplain|d\ntracing|one\nplain|e\nplain|f")
	// After the note nothing but frames continues a panic.
	f("x\ny\nthread 'main' panicked at src/x.rs:1:2:\nboom\nnote: run with `RUST_BACKTRACE=1`\nz\n", "plain|x\nplain|y\nrust-panic|boom\nplain|z")
}

func BenchmarkStream(b *testing.B) {
	for _, name := range []string{"tracing/full.log", "tracing/compact_ids.log", "tracing/full_ansi.log", "tracing-json/json.log", "tracing-pretty/pretty.log", "env-logger/default.log"} {
		b.Run(name, func(b *testing.B) {
			data, err := os.ReadFile("testdata/" + name)
			if err != nil {
				b.Fatal(err)
			}
			data = bytes.Repeat(data, 64)
			s := NewStream(Detect(data, Clock{}), Clock{}, Everything, func(*Record, *Format) {})
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				s.Block(data, 0)
				s.Close()
			}
		})
	}
}
