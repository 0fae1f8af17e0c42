package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// headlessRun is the real program without a screen, whose lines can be awaited.
type headlessRun struct {
	t     *testing.T
	cmd   *exec.Cmd
	lines chan string
	last  string // line that was read
	errs  bytes.Buffer
}

func startHeadless(t *testing.T, whytls string, args ...string) *headlessRun {
	t.Helper()
	return start(t, exec.Command(whytls, append([]string{"watch", "--headless"}, args...)...))
}

func start(t *testing.T, cmd *exec.Cmd) *headlessRun {
	t.Helper()
	r := &headlessRun{t: t, cmd: cmd, lines: make(chan string)}
	r.cmd.Env = append(os.Environ(), "TZ=UTC")
	r.cmd.Stderr = &r.errs
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.cmd.Process.Kill() })
	go func() {
		defer close(r.lines)
		for b := bufio.NewReader(out); ; {
			line, err := b.ReadString('\n')
			if line != "" {
				r.lines <- line
			}
			if err != nil {
				return
			}
		}
	}()
	return r
}

// await reads lines until one holds all texts.
func (r *headlessRun) await(texts ...string) string {
	r.t.Helper()
	for end := time.After(30 * time.Second); ; {
		select {
		case line, ok := <-r.lines:
			if !ok {
				r.t.Fatalf("the program ended without a line with %q; the last one: %s\n%s", texts, r.last, r.errs.String())
			}
			r.last = line
			missing := false
			for _, text := range texts {
				missing = missing || !strings.Contains(line, text)
			}
			if !missing {
				return line
			}
		case <-end:
			r.t.Fatalf("no line with %q; the last one: %s", texts, r.last)
		}
	}
}

// end reads all lines and returns the exit code. beat is called meanwhile, every few milliseconds.
func (r *headlessRun) end(beat func()) int {
	r.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(30 * time.Second); ; {
		select {
		case line, ok := <-r.lines:
			if ok {
				r.last = line
				continue
			}
			var exit *exec.ExitError
			if err := r.cmd.Wait(); err != nil && !errors.As(err, &exit) {
				r.t.Fatal(err)
			}
			return r.cmd.ProcessState.ExitCode()
		case <-tick.C:
			if beat != nil {
				beat()
			}
		case <-end:
			r.t.Fatalf("the program does not end; its last line: %s\n%s", r.last, r.errs.String())
		}
	}
}

const (
	plaintextFault = "2026/11/22 00:02:01 http: TLS handshake error from 203.0.113.9:50001: tls: first record does not look like a TLS handshake"
	unknownCA      = "2026/11/22 00:02:03 http: TLS handshake error from 203.0.113.9:50003: remote error: tls: unknown certificate authority"
	ordinary       = "2026/11/22 00:02:02 served a request"
)

// What is printed live is what the report says in the end, and that is what report prints of the same file.
func TestHeadlessPrintsChangesAndTheReport(t *testing.T) {
	whytls := program(t)
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		log := filepath.Join(t.TempDir(), "server.log")
		appendLines(t, log, plaintextFault)
		r := startHeadless(t, whytls, "--output", "ndjson", log)
		r.await(`"event":"new"`, `"past":true`, `"id":"plaintext-to-tls-port"`)
		appendLines(t, log, unknownCA, ordinary)
		r.await(`"event":"new"`, `"past":false`, `"urgency"`)
		appendLines(t, log, "not the last line", ordinary)
		if err := r.cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if code := r.end(nil); code != exitInterrupted {
			t.Errorf("%v: exit code %d, want 130", signal, code)
		}
		batch, err := exec.Command(whytls, "report", "--fail-on", "never", "--output", "json", log).Output()
		if err != nil {
			t.Fatal(err)
		}
		var want bytes.Buffer
		if err := json.Compact(&want, batch); err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(r.last); got != want.String() {
			t.Errorf("%v: the last line is not the report:\n%s\nwant\n%s", signal, got, want.String())
		}
	}
}

func TestHeadlessUntilClear(t *testing.T) {
	whytls := program(t)
	f := func(name string, code int, complaint string, beat func(log string), args ...string) {
		t.Run(name, func(t *testing.T) {
			log := filepath.Join(t.TempDir(), "server.log")
			appendLines(t, log, ordinary, plaintextFault, ordinary)
			r := startHeadless(t, whytls, append(args, log)...)
			r.await("in the log already")
			if got := r.end(func() { beat(log) }); got != code {
				t.Errorf("exit code %d, want %d\n%s", got, code, r.errs.String())
			}
			if !strings.Contains(r.errs.String(), complaint) {
				t.Errorf("stderr %q, want %q", r.errs.String(), complaint)
			}
		})
	}
	append1 := func(line string) func(string) { return func(log string) { appendLines(t, log, line) } }
	f("stays away", 0, "", append1(ordinary), "--until-clear", "300ms", "--timeout", "20s")
	f("goes on", 1, " ago in ", append1(plaintextFault), "--until-clear", "500ms", "--timeout", "1500ms")
	f("dead", 1, "which proves nothing", func(string) {}, "--until-clear", "100ms", "--timeout", "1s")
	f("another one goes on", 0, "", append1(unknownCA), "--until-clear", "300ms", "--timeout", "20s", "--finding", "plaintext-to-tls-port")
	f("gone", 1, "which proves nothing", func(log string) { _ = os.Remove(log) }, "--until-clear", "100ms", "--timeout", "1s")
}

// A source whose name leads nowhere for a while is told on standard error.
func TestHeadlessTellsOfSources(t *testing.T) {
	log := filepath.Join(t.TempDir(), "server.log")
	appendLines(t, log, plaintextFault)
	r := start(t, exec.Command("/bin/sh", "-c", `exec "$0" watch --headless "$1" 2>&1`, program(t), log))
	r.await("in the log already")
	if err := os.Remove(log); err != nil {
		t.Fatal(err)
	}
	r.await("whytls: ", "server.log: waiting")
	appendLines(t, log, unknownCA, ordinary)
	r.await(" new ")
}
