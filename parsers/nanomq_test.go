package parsers

import (
	"fmt"
	"strings"
	"testing"
)

func TestParseNanoMQ(t *testing.T) {
	f := func(line, want string) {
		t.Helper()
		var r Record
		got := "no"
		if parseNanoMQ([]byte(line), &r, &Clock{}) {
			got = fmt.Sprintf("%s %s %s:%d %s(%s) %s|%s", r.Time.Time().Format("15:04:05"), r.Severity, r.Scope, r.CodeLine,
				r.Function, r.Thread, r.Field("code.file.path"), r.Body)
		}
		if got != want {
			t.Errorf("%q\n got %q\nwant %q", line, got, want)
		}
	}
	// Console and file give the same message.
	f("2026-11-21 23:59:29 [12062] WARN  /n/broker_tls.c:347 tlstran_pipe_nego_cb: nego aio error: Cryptographic error",
		"23:59:29 WARN broker_tls.c:347 tlstran_pipe_nego_cb(12062) /n/broker_tls.c|nego aio error: Cryptographic error")
	f("2026-11-21 23:59:29 [12062] WARN  /n/broker_tls.c:347: nego aio error: Cryptographic error",
		"23:59:29 WARN broker_tls.c:347 (12062) /n/broker_tls.c|nego aio error: Cryptographic error")
	f("2026-11-22 00:00:00 [1] ERROR /n/a.c:2 f: f: recv_error rv: 139", "00:00:00 ERROR a.c:2 f(1) /n/a.c|f: recv_error rv: 139")
	f("2026-11-22 00:00:00 [1] TRACE /n/a.c:2: tls url:      tls+nmq-tcp://127.0.0.1:1", "00:00:00 TRACE a.c:2 (1) /n/a.c|tls url:      tls+nmq-tcp://127.0.0.1:1")
	f("2026-11-22 00:00:00 [1] DEBUG ../n/a.h:2 f:    x", "00:00:00 DEBUG a.h:2 f(1) ../n/a.h|x")
	f("2026-11-22 00:00:00 [1] FATAL a.c:2  f: x", "00:00:00 FATAL a.c:2 f(1) a.c|x")
	// Colours leave blanks behind.
	f("2026-11-22 00:00:00 [1] WARN  /n/a.c:2  f: x", "00:00:00 WARN a.c:2 f(1) /n/a.c|x")
	// Windows
	f(`2026-11-22 00:00:00 [1] INFO  D:\a\n m\a.c:2 f: x`, `00:00:00 INFO a.c:2 f(1) D:\a\n m\a.c|x`)
	f(`2026-11-22 00:00:00 [1] INFO  D:\a\n m\a.c:2: x`, `00:00:00 INFO a.c:2 (1) D:\a\n m\a.c|x`)
	// Cut short
	f("2026-11-22 00:00:00 [1] INFO  /n/a.c:2", "00:00:00 INFO a.c:2 (1) /n/a.c|")
	f("2026-11-22 00:00:00 [1] INFO  /n/a.c:2 fun", "00:00:00 INFO a.c:2 (1) /n/a.c|fun")
	f("2026-11-22 00:00:00 [1] INFO  /n/a.c:2 f: ", "00:00:00 INFO a.c:2 f(1) /n/a.c|")
	// Others' lines
	f("2026-11-22 00:00:00 [1] INFO  server started on :8080", "no")
	f("2026-11-22 00:00:00 [1] INFO  app.py:12: x", "no")
	f("2026-11-22 00:00:00 [main] INFO  a.b.C:12 - x", "no")
	f("2026-11-22 00:00:00 [1] NOTE  /n/a.c:2: x", "no")
	f("2026-11-22 00:00:00.123 [1] INFO  /n/a.c:2: x", "no")
	f("2026-13-22 00:00:00 [1] INFO  /n/a.c:2: x", "no")
	f("2026-11-22 00:00:00 [1] INFO  /n/a.c:99999999: x", "no")
	f("", "no")
}

func TestSplitNanoMQ(t *testing.T) {
	f := func(line string, want int) {
		t.Helper()
		if got := splitNanoMQ([]byte(line)); got != want {
			t.Errorf("%q: got %d, want %d", line, got, want)
		}
	}
	const p = "2026-11-22 00:00:00 [1] WARN  /n/a.c:2 f: "
	f(p+"x", -1)
	f(p+p+"x", len(p))
	f(p+"message"+p+"x", len(p)+7)
	f(p+"at 2026-11-22 00:00:00 [1] x", -1)
	f(p+"[[[", -1)
	f("", -1)
	f("[", -1)
}

func TestNanoMQStream(t *testing.T) {
	f := func(text, want string, torn, splits int64) {
		t.Helper()
		var got []string
		d := Detect([]byte(text), Clock{})
		s := NewStream(d, Clock{}, Everything, func(r *Record, f *Format) {
			got = append(got, fmt.Sprintf("%s %s|%s", r.Thread, f.Name, r.Body))
		})
		s.Block([]byte(text), 0)
		s.Close()
		if joined := strings.Join(got, "\n"); joined != want {
			t.Errorf("%q\n got %q\nwant %q", text, joined, want)
		}
		if !s.Count.Balanced() || s.Count.Records() != int64(len(got)) || s.Count.Torn != torn || s.Count.Splits != splits {
			t.Errorf("%q: %d records, %+v", text, len(got), s.Count)
		}
	}
	p := func(thread int) string { return fmt.Sprintf("2026-11-22 00:00:00 [%d] WARN  /n/a.c:2 f: ", thread) }
	many := strings.Repeat("\n", tornDistance)
	f(p(1)+"x\n\n"+p(2)+"y\n", "1 nanomq|x\n2 nanomq|y", 0, 0)
	// The message of the torn record comes later.
	f(p(1)+p(2)+"y\n"+p(3)+"z\n\nx\n", "2 nanomq|y\n1 nanomq|x\n3 nanomq|z", 0, 1)
	// It does not come, or too late.
	f(p(1)+p(2)+"y\n"+p(3)+"z\n", "2 nanomq|y\n1 nanomq|\n3 nanomq|z", 1, 1)
	f(p(1)+p(2)+"y\n"+many+"x\n", "1 nanomq|\n2 nanomq|y\n plain|x", 1, 1)
	f(p(1)+p(2)+"y\n"+many[1:]+"x\n", "1 nanomq|x\n2 nanomq|y", 0, 1)
	// What the broker prints past its logger is no message of a torn record.
	f(p(1)+p(2)+"y\nNanoMQ Broker is started successfully!\n", "2 nanomq|y\n1 nanomq|\n nanomq-raw|NanoMQ Broker is started successfully!", 1, 1)
	// Only the line feed was late: nothing is missing.
	f(p(1)+"x"+p(2)+"y\n\n", "1 nanomq|x\n2 nanomq|y", 0, 1)
	// Three writers: the second loses too, and takes the place of the first.
	f(p(1)+p(2)+p(3)+"z\nx\n", "1 nanomq|\n2 nanomq|x\n3 nanomq|z", 1, 2)
	// NNG's reason follows the record.
	f(p(1)+"nng_listener_start tls\nnng_listener_start tls: Address in use\n",
		"1 nanomq|nng_listener_start tls\n nanomq-raw|nng_listener_start tls: Address in use", 0, 0)
}

// A source may be cut anywhere Cut says, and the block of a line may go away, without changing a record.
func TestNanoMQCut(t *testing.T) {
	p := func(thread int) string { return fmt.Sprintf("2026-11-22 00:00:00 [%d] WARN  /n/a.c:2 f: ", thread) }
	var b strings.Builder
	for i := range 300 {
		switch i {
		case 40, 70, 160:
			b.WriteString(p(i) + p(i+1000) + "second\n\n")
		case 47, 80, 220, 270:
			b.WriteString("orphan\n")
		default:
			fmt.Fprintf(&b, "%smessage %d\n", p(i), i)
		}
	}
	text := b.String()
	d := Detect([]byte(text), Clock{})
	run := func(size int) (string, string) {
		var records strings.Builder
		var count Accounting
		for rest := text; rest != ""; {
			cut := -1
			for n := size; n < len(rest) && cut < 0; n += size {
				cut = d.Cut([]byte(rest[:n]), Clock{})
			}
			if cut < 0 {
				cut = len(rest)
			}
			s := NewStream(d, Clock{}, Everything, func(r *Record, f *Format) {
				fmt.Fprintf(&records, "%s %s %s %v %s|%s\n", f.Name, r.Thread, r.Scope, r.Torn, r.Head, r.Body)
			})
			for _, line := range strings.SplitAfter(rest[:cut], "\n") {
				block := []byte(line)
				s.Block(block, 0)
				clear(block)
			}
			s.Close()
			count.Merge(&s.Count)
			rest = rest[cut:]
		}
		return records.String(), fmt.Sprintf("%+v", count)
	}
	records, count := run(1 << 20)
	for _, size := range []int{500, 1000, 3000, 7000} {
		if r, c := run(size); r != records || c != count {
			t.Errorf("cuts at %d bytes change the result: %s, whole: %s", size, c, count)
		}
	}
}

func TestNanoMQRaw(t *testing.T) {
	f := func(line string, want bool) {
		t.Helper()
		var r Record
		if got := parseNanoMQRaw([]byte(line), &r, &Clock{}); got != want {
			t.Errorf("%q: got %v", line, got)
		}
	}
	f("Abort finding default config path", true)
	f("path :/usr/local/bin/nanomq", true)
	f("Set new conf path from env: (null)", true)
	f("get file x size failed: No such file or directory", true)
	f("open path x failed! close file!", true)
	f("nng_listener_start tls: Address in use", true)
	f("broker nng_listen: Address in use", true)
	f("nng_listener_start tls", false)
	f("nng_: x", false)
	f("nng_dial(tcp): Refused", false)
	f("broker started: OK", false)
	f("get file x", false)
	f("nni aio recv error!! Connection shutdown", false)
	f("sleep aio error 7", false)
	f("Parser syntax error, line 3", false)
	f("Enter PEM pass phrase:", false)
}

func TestNanoMQExcerpt(t *testing.T) {
	f := func(line, want string) {
		t.Helper()
		var r Record
		got := "no"
		if parseNanoMQExcerpt([]byte(line), &r, &Clock{}) {
			got = fmt.Sprintf("%s %s:%d %s|%s", r.Severity, r.Scope, r.CodeLine, r.Function, r.Body)
		}
		if got != want {
			t.Errorf("%q\n got %q\nwant %q", line, got, want)
		}
	}
	f("WARN  tlstran_pipe_nego_cb: nego aio error: x", "WARN :0 tlstran_pipe_nego_cb|nego aio error: x")
	f("ERROR /n/bridge.c:1213 bridge_tcp_client: failed 9", "ERROR bridge.c:1213 bridge_tcp_client|failed 9")
	f("ERROR salvo_core::server: accept connection failed", "no")
	f("ERROR hyper: x", "no")
	f("ERROR in file a.c:12 f: x", "no")
	f("ERROR a.c:12: x", "no")
	f("WARN", "no")
	f("WARN a", "no")
	f("", "no")
}

func TestNanoMQSyslog(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		var got []string
		s := NewStream(Detect([]byte(text), Clock{}), Clock{Year: 2026}, Everything, func(r *Record, f *Format) {
			got = append(got, fmt.Sprintf("%s %s %s %s|%s", f.Name, r.Time.Time().Format("15:04:05"), r.Severity, r.SeverityText, r.Body))
		})
		s.Block([]byte(text), 0)
		s.Close()
		if joined := strings.Join(got, "\n"); joined != want {
			t.Errorf("%q\n got %q\nwant %q", text, joined, want)
		}
	}
	const head = "Nov 22 00:12:09 nng-nanomq[27529]: "
	f("<8>"+head+"x", "nanomq-syslog 00:12:09 FATAL FATAL|x")
	f("<9>"+head+"x", "nanomq-syslog 00:12:09 ERROR ERROR|x")
	f("<10>"+head+"x", "nanomq-syslog 00:12:09 WARN WARN|x")
	f("<11>"+head+"x", "nanomq-syslog 00:12:09 INFO INFO|x")
	f("<12>"+head+"x", "nanomq-syslog 00:12:09 DEBUG DEBUG|x")
	f("<13>"+head+"x", "nanomq-syslog 00:12:09 TRACE TRACE|x")
	f("<14>"+head+"x", "nanomq-syslog 00:12:09 INFO |x") // not by this sink: journald's default
	f(head+"x", "nanomq-syslog 00:12:09  |x")
	f("Nov 22 00:12:09 edge-1 nng-nanomq[27529]: x", "nanomq-syslog 00:12:09  |x")
	f("<9>Nov 22 00:12:09 other[27529]: x", "plain 00:12:09 ERROR |x")
	f("<9>"+head+"2026-11-22 00:00:01 [1] INFO  /n/a.c:2: x", "nanomq 00:00:01 INFO INFO|x")
}

func TestNanoMQSamples(t *testing.T) {
	for _, name := range []string{"nanomq", "nanomq-excerpt", "nanomq-raw", "nanomq-syslog"} {
		lines := samples(t, name)
		var text []byte
		for _, line := range lines {
			text = append(append(text, line...), '\n')
		}
		d := Detect(text, Clock{})
		if d.Format.Name != name {
			t.Errorf("%s is taken for %s: %s", name, d.Format.Name, d.Why())
		}
		s := NewStream(d, Clock{}, Everything, func(r *Record, f *Format) {
			if f.Name != name {
				t.Errorf("%s: %q is taken by %s", name, r.Head, f.Name)
			}
		})
		run := func() { s.Block(text, 0); s.Close() }
		run()
		if !s.Count.Balanced() {
			t.Errorf("%s: %+v", name, s.Count)
		}
		if n := testing.AllocsPerRun(20, run); n > 0 {
			t.Errorf("%s: %v allocations for %d lines", name, n, len(lines))
		}
	}
}

func BenchmarkNanoMQ(b *testing.B) {
	line := []byte("2026-11-21 23:59:29 [12062] WARN  /home/runner/work/nanomq/nanomq/nng/src/sp/transport/mqtts/broker_tls.c:347 tlstran_pipe_nego_cb: nego aio error: Cryptographic error\n")
	s := NewStream(Detect(line, Clock{}), Clock{}, Everything, func(*Record, *Format) {})
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		s.Block(line, 0)
	}
}
