package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The way of a person through an incident, on the real program in a terminal, for each family of problems that the
// examples show: see what is wrong and why, open it, narrow it down, search, acknowledge, take the report along, quit.
func TestWatchIncident(t *testing.T) {
	whytls := program(t)
	f := func(name, finding, cause, search string) {
		t.Run(name, func(t *testing.T) {
			folder, err := filepath.Abs(filepath.Join("..", "..", "examples", name))
			if err != nil {
				t.Fatal(err)
			}
			home := t.TempDir()
			line := fmt.Sprintf("cd %s; export XDG_STATE_HOME=%s/state; %s watch --timezone UTC %s; echo exit code $?; cat", home, home, whytls, folder)
			p := startPane(t, 120, 40, line)
			p.await("▸", finding, "live", "q quit") // what is wrong stands there without a key
			p.keys("Enter")
			p.await(cause, "check")
			p.keys("s")
			p.await(cause, "check", "fix")
			p.keys("s", "Enter") // to the line that says so, among its neighbours
			p.await("[2 Log]", "▸ ◆")
			p.keys("e", "E", "m")
			p.await("▸ ●", "marked")
			p.keys("Escape")
			p.await("[1 Findings]", cause)
			p.keys("Escape")

			p.keys("f")
			p.keys("-l", "nothing has this")
			p.await("filter: nothing has this", "hidden")
			p.keys("C-u")
			p.keys("-l", "severity:warn")
			p.keys("Enter")
			p.await("filter severity:warn", finding)
			p.keys("3")
			p.await("[3 Templates]", "filter severity:warn", "hidden")
			p.keys("F", "1")

			p.keys("/")
			p.keys("-l", search)
			p.keys("Enter")
			p.await("[1 Findings]", "▸")

			p.keys("g", "a")
			p.await("acknowledge · note:")
			p.keys("-l", "vendor called")
			p.keys("Enter")
			p.await("acknowledge · until:")
			p.keys("-l", "8h")
			p.keys("Enter")
			p.await("acknowledged until", "acked")

			p.keys("o")
			p.await("report to: whytls-")
			p.keys("C-u")
			p.keys("-l", "incident.md")
			p.keys("Enter")
			p.await("the report is in incident.md")
			p.keys("q")
			p.await("exit code 0")
			report, err := os.ReadFile(filepath.Join(home, "incident.md"))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(report), finding) {
				t.Errorf("the report does not hold %q:\n%s", finding, report)
			}

			// The next start knows what was decided.
			p = startPane(t, 120, 40, line)
			p.await("acked", "live")
			p.keys("q")
			p.await("exit code 0")
		})
	}
	f("nanomq-listener", "NanoMQ's TLS listener stopped", "One client failed its TLS negotiation", "listener")
	f("nanomq-qos2", "NanoMQ loses QoS acknowledgements", "A race in the TLS transport", "QoS")
	f("salvo-overload", "Salvo bug: one silent client", "Salvo up to 0.64.1 does the TLS handshake", "silent")
	f("wukongim-cluster", "A cluster node advertises an API", "Each node tells the others where its HTTP API is", "node")
	f("wukongim-wss", "A client speaks plaintext to a", "Somebody connected to a TLS listener", "plaintext")
}

// Whatever a log holds, the terminal stays as it is: its title, its modes, its screen.
func TestWatchHostileLog(t *testing.T) {
	whytls := program(t)
	log := filepath.Join(t.TempDir(), "server.log")
	var lines []string
	for c := range 256 {
		if c != '\n' {
			lines = append(lines, fmt.Sprintf("2026/11/22 00:02:%02d http: TLS handshake error from 203.0.113.9:5%03d: a%cb\x1b%cc\x1b[%cd", c%60, c, byte(c), byte(c), byte(c)))
		}
	}
	for n := range 120 {
		lines = append(lines, fmt.Sprintf("2026/11/22 00:03:%02d http: panic serving 203.0.113.9:1: \x1b]%d;owned\x07 \x1b[?%dh \x9d%d;owned\x9c \u009b?%dl", n%60, n, n, n, n))
	}
	appendLines(t, log, lines...)
	p := startPane(t, 120, 40, whytls+" watch --no-session "+log+"; echo exit code $?; cat")
	p.await("live", "q quit", fmt.Sprintf("%d lines", len(lines)))
	state := func() string {
		return p.tmux("display-message", "-p", "#{pane_title}|#{alternate_on}|#{mouse_any_flag}|#{insert_flag}|#{wrap_flag}|#{origin_flag}|#{scroll_region_upper}-#{scroll_region_lower}")
	}
	before := state()
	for _, key := range []string{"Enter", "G", "2", "g", "G", "r", "w", "Enter", "3", "Enter", "G", "4", "5", "?", "1"} {
		p.keys(key)
		p.await("whytls")
		if got := state(); got != before || strings.Contains(got, "owned") {
			t.Fatalf("after %s the terminal is %q, before %q:\n%s", key, got, before, p.tmux("capture-pane", "-p"))
		}
	}
	p.keys("q")
	p.await("exit code 0")
}

// When its terminal goes away, the program goes too.
func TestWatchEndsWithItsTerminal(t *testing.T) {
	whytls := program(t)
	log := filepath.Join(t.TempDir(), "server.log")
	appendLines(t, log, "2026/11/22 00:02:00 listening on :8443")
	p := startPane(t, 80, 24, "exec "+whytls+" watch --no-session "+log)
	p.await("live", "q quit")
	pid := strings.TrimSpace(p.tmux("display-message", "-p", "#{pane_pid}"))
	exec.Command("tmux", "-S", p.socket, "kill-server").Run()
	var n int
	if _, err := fmt.Sscan(pid, &n); err != nil {
		t.Fatal(err)
	}
	running, err := os.FindProcess(n)
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(20 * time.Second); running.Signal(syscall.Signal(0)) == nil; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			running.Kill()
			t.Fatal("the program is still there")
		}
	}
}
