package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// pane is a terminal of tmux that runs the program.
type pane struct {
	t      *testing.T
	socket string
}

// startPane runs a shell line in a terminal of the given size. The test is skipped where there is no tmux.
func startPane(t *testing.T, width, height int, line string) *pane {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("the test drives a terminal through tmux, which is not installed")
	}
	dir, err := os.MkdirTemp("", "w") // a socket has a short name
	if err != nil {
		t.Fatal(err)
	}
	p := &pane{t, filepath.Join(dir, "s")}
	t.Cleanup(func() {
		exec.Command("tmux", "-S", p.socket, "kill-server").Run()
		os.RemoveAll(dir)
	})
	p.tmux("-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(width), "-y", fmt.Sprint(height), line)
	return p
}

func (p *pane) tmux(args ...string) string {
	p.t.Helper()
	cmd := exec.Command("tmux", append([]string{"-S", p.socket}, args...)...)
	// The screen must not depend on where the tests run.
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "NO_COLOR=", "SSH_CONNECTION=", "TZ=UTC")
	out, err := cmd.CombinedOutput()
	if err != nil {
		p.t.Fatalf("tmux %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func (p *pane) keys(keys ...string) {
	p.t.Helper()
	p.tmux(append([]string{"send-keys"}, keys...)...)
}

// await waits until the screen holds all texts, and returns it.
func (p *pane) await(texts ...string) string {
	p.t.Helper()
	var screen string
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		screen = p.tmux("capture-pane", "-p")
		missing := false
		for _, text := range texts {
			missing = missing || !strings.Contains(screen, text)
		}
		if !missing {
			return screen
		}
	}
	p.t.Fatalf("the screen never held %q:\n%s", texts, screen)
	return ""
}

func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "whytls")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

func appendLines(t *testing.T, path string, lines ...string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(strings.Join(lines, "\n") + "\n"); err != nil {
		t.Fatal(err)
	}
}

func TestWatchOnATerminal(t *testing.T) {
	whytls := program(t)
	log := filepath.Join(t.TempDir(), "server.log")
	fault := func(i int) string {
		return fmt.Sprintf("2026/11/22 00:02:%02d http: TLS handshake error from 203.0.113.9:%d: tls: first record does not look like a TLS handshake", i, 50000+i)
	}
	appendLines(t, log, "2026/11/22 00:02:00 listening on :8443")
	p := startPane(t, 120, 40, "echo before; "+whytls+" watch "+log+"; echo exit code $?; cat")
	p.await("no known fault in 1 record", "live", "q quit")

	// What is written while the screen is open comes up by itself; what the log holds is not obeyed.
	appendLines(t, log, fault(1), fault(2), fault(3), "2026/11/22 00:02:04 \x1b[2J\x1b]0;owned\x07 hostile")
	screen := p.await("A client speaks plaintext to a TLS port", "3×", "server.log:2", "check", "fix", "5 lines = 5 heads")
	if title := p.tmux("display-message", "-p", "#{pane_title}"); strings.Contains(title, "owned") {
		t.Errorf("the log has set the title: %q\n%s", title, screen)
	}

	// A rotation is nothing that one notices, but for the count.
	if err := os.Rename(log, log+".1"); err != nil {
		t.Fatal(err)
	}
	appendLines(t, log, fault(5))
	p.await("4×", "6 lines")

	p.keys("?")
	p.await("[? Help]", "switch between the list and the detail")
	p.keys("Escape")
	p.await("4×")
	p.keys("Space")
	p.await("PAUSED, 0 new", "Space go on")
	appendLines(t, log, fault(6), fault(7))
	p.await("PAUSED, 2 new", "4×")
	p.keys("Space")
	p.await("6×", "live")

	p.tmux("resize-window", "-x", "60", "-y", "15")
	p.await("6×", "more ↓")
	p.keys("Enter", "G")
	p.await("↑")

	p.keys("q")
	screen = p.await("before", "exit code 0")
	if strings.Contains(screen, "q quit") {
		t.Errorf("the screen was left behind:\n%s", screen)
	}
	if on := strings.TrimSpace(p.tmux("display-message", "-p", "#{alternate_on} #{cursor_flag}")); on != "0 1" {
		t.Errorf("alternate screen and cursor: %q, want 0 and 1", on)
	}
	// The terminal echoes again.
	p.keys("typed", "Enter")
	p.await("typed\ntyped")
}

func TestWatchIsInterrupted(t *testing.T) {
	whytls := program(t)
	log := filepath.Join(t.TempDir(), "server.log")
	appendLines(t, log, "2026/11/22 00:02:00 listening on :8443")
	f := func(end func(p *pane)) {
		t.Helper()
		p := startPane(t, 80, 24, whytls+" watch "+log+"; echo exit code $?; cat")
		p.await("live", "q quit")
		end(p)
		p.await("exit code 130")
		if on := strings.TrimSpace(p.tmux("display-message", "-p", "#{alternate_on} #{cursor_flag}")); on != "0 1" {
			t.Errorf("alternate screen and cursor: %q, want 0 and 1", on)
		}
	}
	f(func(p *pane) { p.keys("C-c") })
	f(func(p *pane) {
		pid := strings.TrimSpace(p.tmux("display-message", "-p", "#{pane_pid}"))
		out, err := exec.Command("pgrep", "-P", pid).Output()
		if err != nil {
			t.Skipf("the test finds the program by pgrep: %v", err)
		}
		if out, err := exec.Command("kill", "-TERM", strings.Fields(string(out))[0]).CombinedOutput(); err != nil {
			t.Fatalf("kill: %v\n%s", err, out)
		}
	})
}
