package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// fault is line n of a log that tells of a plaintext client at each third line.
func fault(n int) string {
	if n%3 == 0 {
		return fmt.Sprintf("2026/11/22 00:%02d:%02d http: TLS handshake error from 203.0.113.9:%d: tls: first record does not look like a TLS handshake", n/60%60, n%60, 50000+n)
	}
	return fmt.Sprintf("2026/11/22 00:%02d:%02d served request %d", n/60%60, n%60, n)
}

func faults(from, to int) []string {
	var out []string
	for n := from; n < to; n++ {
		out = append(out, fault(n))
	}
	return out
}

// linesRead is the number of lines in the report at the end.
func (r *headlessRun) linesRead() (lines int64, sources map[string]int64) {
	r.t.Helper()
	var report struct {
		Input struct {
			Lines   int64
			Sources []struct {
				Name    string
				Records int64
			}
		}
	}
	if err := json.Unmarshal([]byte(r.last), &report); err != nil {
		r.t.Fatalf("the last line is no report: %v\n%s\n%s", err, r.last, r.errs.String())
	}
	sources = make(map[string]int64)
	for _, s := range report.Input.Sources {
		sources[filepath.Base(s.Name)] += s.Records
	}
	return report.Input.Lines, sources
}

func (r *headlessRun) terminate() {
	r.t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		r.t.Fatal(err)
	}
}

// A restart with --state goes on where the run before ended, also when the log was rotated meanwhile.
func TestWatchGoesOnWithState(t *testing.T) {
	whytls := program(t)
	dir := t.TempDir()
	log, state := filepath.Join(dir, "server.log"), filepath.Join(dir, "state.json")
	appendLines(t, log, faults(0, 100)...)
	run := func(want int64) {
		t.Helper()
		r := startHeadless(t, whytls, "--output", "ndjson", "--fail-on", "never", "--state", state, dir)
		r.await(`"event":"new"`)
		r.terminate()
		r.end(nil)
		if got, _ := r.linesRead(); got != want {
			t.Errorf("read %d lines, want %d", got, want)
		}
		if info, err := os.Stat(state); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the state: %v, %v", info, err)
		}
	}
	run(100)
	appendLines(t, log, faults(100, 120)...)
	if err := os.Rename(log, log+".1"); err != nil {
		t.Fatal(err)
	}
	appendLines(t, log, faults(120, 150)...)
	run(50)
	appendLines(t, log, faults(150, 160)...)
	run(10)

	// A damaged state is put aside, and the logs are read from the start.
	if err := os.WriteFile(state, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := startHeadless(t, whytls, "--output", "ndjson", "--fail-on", "never", "--state", state, log)
	r.await(`"event":"new"`)
	r.terminate()
	r.end(nil)
	if got, _ := r.linesRead(); got != 40 {
		t.Errorf("read %d lines, want 40", got)
	}
	if !strings.Contains(r.errs.String(), "whytls: reading "+state+": no state of whytls, or damaged") {
		t.Errorf("no warning: %s", r.errs.String())
	}
	if data, err := os.ReadFile(state + ".damaged"); string(data) != "{" {
		t.Errorf("put aside: %q, %v", data, err)
	}
}

// --from 1h reads what is not older, without reading all that is.
func TestWatchFromATime(t *testing.T) {
	whytls := program(t)
	log := filepath.Join(t.TempDir(), "server.log")
	now := time.Now().UTC()
	var lines []string
	for i := range 20000 { // one a second, the last one is the current one
		at := now.Add(-time.Duration(20000-i) * time.Second)
		lines = append(lines, at.Format("2006/01/02 15:04:05")+" "+strings.SplitN(fault(i), " ", 3)[2])
	}
	appendLines(t, log, lines...)
	r := startHeadless(t, whytls, "--output", "ndjson", "--fail-on", "never", "--from", "1h", log)
	r.await(`"event":"new"`)
	r.terminate()
	r.end(nil)
	_, sources := r.linesRead()
	if got := sources["server.log"]; got < 3590 || got > 3601 {
		t.Errorf("%d records of the last hour, want 3600", got)
	}
	if read, _ := r.linesRead(); read > 12000 {
		t.Errorf("%d lines were read", read)
	}
}

// Files that appear in a folder are read, what is no log is passed over, and a rotation is read once.
func TestWatchFolder(t *testing.T) {
	whytls := program(t)
	dir := t.TempDir()
	log := filepath.Join(dir, "server.log")
	r := startHeadless(t, whytls, "--output", "ndjson", "--fail-on", "never", dir)
	appendLines(t, log, faults(0, 90)...)
	appendLines(t, filepath.Join(dir, ".hidden.log"), faults(0, 90)...)
	if err := os.WriteFile(filepath.Join(dir, "core"), []byte(strings.Repeat("\x00\x01\x02\x7f", 4000)), 0o600); err != nil {
		t.Fatal(err)
	}
	r.await(`"event":"new"`)
	if err := os.Rename(log, log+".1"); err != nil {
		t.Fatal(err)
	}
	appendLines(t, log, faults(90, 120)...)
	appendLines(t, filepath.Join(dir, "other.log"), faults(120, 130)...)
	r.terminate()
	r.end(nil)
	if got, sources := r.linesRead(); got != 130 || sources["server.log"] != 120 || sources["other.log"] != 10 {
		t.Errorf("%d lines, by source %v", got, sources)
	}
	if !strings.Contains(r.last, "no-log") {
		t.Errorf("the binary file is not mentioned: %s", r.last)
	}
}

func TestWatchCommands(t *testing.T) {
	whytls := program(t)
	dir := t.TempDir()
	log := filepath.Join(dir, "server.log")
	appendLines(t, log, faults(1, 3)...)
	appendLines(t, log, unknownCA)
	journal := "#!/bin/sh\ncase \"$*\" in *after-cursor*) exec sleep 1000;; esac\necho asked for $* >&2\n"
	for i := range 10 { // the last one is a fault
		if i%3 == 0 && i < 9 {
			continue
		}
		journal += fmt.Sprintf("echo '{\"__CURSOR\":\"i=%d\",\"__REALTIME_TIMESTAMP\":\"%d\",\"MESSAGE\":\"%s\"}'\n", i, 1795305760000000+i*1e6, strings.SplitN(fault(i), " ", 3)[2])
	}
	if err := os.WriteFile(filepath.Join(dir, "journalctl"), []byte(journal+"exit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(whytls, "watch", "--headless", "--output", "ndjson", "--fail-on", "never", "--journald", "im.service", "--exec", "cat "+log+" | tail -n 2")
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	r := start(t, cmd)
	r.await(`"event":"new"`)
	r.await(`"event":"new"`)
	r.terminate()
	r.end(nil)
	if got, sources := r.linesRead(); got != 9 || sources["journald im.service"] != 7 {
		t.Errorf("%d lines, by source %v", got, sources)
	}
	if want := "asked for --follow --output=json --unit=im.service"; !strings.Contains(r.last, want) { // what the program has to say besides
		t.Errorf("the report lacks %q: %s", want, r.last)
	}
}

func TestWatchNamesAMissingProgram(t *testing.T) {
	cmd := exec.Command(program(t), "watch", "--headless", "--docker", "im", "--journald", "im.service", "--kube", "app=im")
	cmd.Env = []string{"HOME=/no-home", "PATH=" + t.TempDir()}
	out, _ := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != 3 {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{
		"whytls: reading docker im: running docker: executable file not found", "whytls: reading journald im.service: running journalctl: ",
		"whytls: reading kube app=im: running kubectl: ", "hint: install that program",
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q in:\n%s", want, out)
		}
	}
}

// Standard input is the log, and the keys come from the terminal.
func TestWatchAPipeOnATerminal(t *testing.T) {
	whytls := program(t)
	log := filepath.Join(t.TempDir(), "server.log")
	appendLines(t, log, faults(0, 9)...)
	p := startPane(t, 120, 40, "tail -n +1 -f "+log+" | "+whytls+" watch --no-session -; echo exit code $?; cat")
	p.await("A client speaks plaintext to a TLS port", "3×")
	appendLines(t, log, faults(9, 12)...)
	p.await("4×")
	p.keys("?")
	p.await("Moving")
	p.keys("Escape")
	p.keys("q")
	p.await("exit code 0")
}
