//go:build unix

package source

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// fakeProgram puts the test binary on the PATH under a name and gives it a log.
func fakeProgram(t *testing.T, name string, log []string) (calls string) {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	must(t, err)
	must(t, os.Symlink(self, filepath.Join(dir, name)))
	t.Setenv("PATH", dir)
	path := filepath.Join(dir, "log")
	must(t, os.WriteFile(path, []byte(strings.Join(log, "")), 0o600))
	t.Setenv("FAKE_LOG", path)
	return path + ".calls"
}

// Whatever a program repeats after a restart, each line comes once.
func TestCommandsGoOn(t *testing.T) {
	f := func(name string, log []string, start func() (*Command, error), calls ...string) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			called := fakeProgram(t, name, log)
			c, err := start()
			must(t, err)
			c.pause = time.Millisecond
			b := followLive(t, c)
			b.mark("gone")
			if !strings.Contains(b.fault.Error(), "connection reset by peer") {
				t.Errorf("gone: %v", b.fault)
			}
			b.mark("back")
			b.await(log[len(log)-1])
			b.expect(strings.Join(log, ""))
			got, err := os.ReadFile(called)
			must(t, err)
			lines := strings.Split(string(got), "\n")
			for i, want := range calls {
				if !strings.Contains(lines[i], want) {
					t.Errorf("call %d: %s\nwant %s", i, lines[i], want)
				}
			}
		})
	}
	var journal []string
	for i := range 150 {
		journal = append(journal, fmt.Sprintf(`{"__CURSOR":"s=1;i=%04d","MESSAGE":"line %d"}`+"\n", i, i))
	}
	f("journalctl", journal, func() (*Command, error) { return NewJournald("im.service", FollowOptions{}) },
		"--follow --output=json --unit=im.service --no-tail", "--no-tail --after-cursor=s=1;i=0039")

	start := time.Now().Add(-time.Hour).UTC().Truncate(time.Second)
	var container []string
	for i := range 150 { // seven lines of each time, some of them alike
		at := start.Add(time.Duration(i/7) * 100 * time.Millisecond)
		container = append(container, fmt.Sprintf("%s line %d\n", at.Format("2006-01-02T15:04:05.000000000Z"), (i+1)/2))
	}
	f("docker", container, func() (*Command, error) { return NewDocker("im", FollowOptions{}) },
		"logs --follow --timestamps -- im", "--since="+start.Add(500*time.Millisecond).Format(time.RFC3339Nano)+" -- im")

	var pods []string
	for i := range 150 { // of the last minute: a renewal looks two minutes back
		at := time.Now().Add(-30*time.Second + time.Duration(i/7)*100*time.Millisecond).UTC()
		pods = append(pods, fmt.Sprintf("[pod/im-%d/im] %s line %d\n", i%3, at.Truncate(100*time.Millisecond).Format("2006-01-02T15:04:05.000000000Z"), (i+4)/6))
	}
	f("kubectl", pods, func() (*Command, error) { return NewKube("app=im", "chat", FollowOptions{}) },
		"--namespace=chat --selector=app=im --tail=-1", "--selector=app=im --since-time=")
}

// kubectl is started anew to see pods that have come; nobody notices.
func TestKubeIsRenewed(t *testing.T) {
	var pods []string
	for i := range 50 {
		pods = append(pods, fmt.Sprintf("[pod/im-0/im] %s line %d\n", time.Now().UTC().Format(time.RFC3339Nano), i))
	}
	called := fakeProgram(t, "kubectl", pods)
	c, err := NewKube("deploy/im", "", FollowOptions{})
	must(t, err)
	c.renew = 50 * time.Millisecond
	b := followLive(t, c)
	b.await(pods[len(pods)-1])
	for end := time.Now().Add(deadline); ; time.Sleep(time.Millisecond) {
		got, _ := os.ReadFile(called)
		if strings.Count(string(got), "\n") >= 3 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("kubectl was not renewed: %s", got)
		}
	}
	b.expect(strings.Join(pods, ""))
	for _, m := range b.marks {
		if m == "gone" {
			t.Errorf("a renewal is no trouble: %v", b.marks)
			break
		}
	}
}

func TestDockerMessages(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "docker"), []byte("#!/bin/sh\necho 'Error response from daemon: No such container: im' >&2\nexit 1\n"), 0o700))
	t.Setenv("PATH", dir)
	c, err := NewDocker("im", FollowOptions{FromEnd: true})
	must(t, err)
	c.pause = time.Millisecond
	b := followLive(t, c)
	b.mark("gone")
	if got := b.fault.Error(); got != "exit status 1: Error response from daemon: No such container: im" {
		t.Errorf("gone: %s", got)
	}
	if got := b.stop(); got != "" {
		t.Errorf("it is no line of the log: %q", got)
	}
}

func TestExec(t *testing.T) {
	c, err := NewExec("printf 'one\\ntwo'; echo careful >&2")
	must(t, err)
	b := followLive(t, c)
	for b.one() {
	}
	if got := b.text.String(); got != "one\ntwo" || !slices.Contains(b.marks, "notice careful") {
		t.Errorf("got %q and %v", got, b.marks)
	}
}

func TestExecIsStartedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs")
	c, err := NewExec("echo run >> " + path + "; echo line; [ $(wc -l < " + path + ") -ge 3 ]")
	must(t, err)
	c.pause = time.Millisecond
	b := followLive(t, c)
	for b.one() {
	}
	if got := b.text.String(); got != strings.Repeat("line\n", 3) {
		t.Errorf("got %q", got)
	}
	if got := fmt.Sprint(b.marks); strings.Count(got, "gone") != 2 || strings.Count(got, "back") != 2 {
		t.Errorf("marks %s", got)
	}
}

// What a command has started ends with it, even what ignores a polite request.
func TestNothingIsLeftBehind(t *testing.T) {
	c, err := NewExec("trap '' TERM; sh -c 'trap \"\" TERM; sleep 1000' & echo $!; wait; sleep 1000")
	must(t, err)
	b := followLive(t, c)
	b.await("\n")
	child, err := strconv.Atoi(strings.TrimSpace(b.text.String()))
	must(t, err)
	b.stop()
	for end := time.Now().Add(deadline); ; time.Sleep(time.Millisecond) {
		err := syscall.Kill(child, 0)
		if errors.Is(err, syscall.ESRCH) {
			return
		}
		if state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", child)); err == nil && strings.Contains(string(state), ") Z ") {
			return // dead; whoever inherits it has not waited for it yet
		}
		if time.Now().After(end) {
			t.Fatalf("process %d is still there", child)
		}
	}
}

// A process that keeps the output open after the program has ended does not hold us up.
func TestOutputHeldOpen(t *testing.T) {
	if _, err := exec.LookPath("setsid"); err != nil {
		t.Skip("the test needs setsid")
	}
	path := filepath.Join(t.TempDir(), "pid")
	c, err := NewExec("setsid sh -c 'echo $$ > " + path + "; exec sleep 1000' & while [ ! -s " + path + " ]; do :; done; echo done")
	must(t, err)
	b := followLive(t, c)
	for b.one() {
	}
	if b.text.String() != "done\n" {
		t.Errorf("got %q", b.text.String())
	}
	data, err := os.ReadFile(path)
	must(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
	must(t, err)
	must(t, syscall.Kill(pid, syscall.SIGKILL))
}

func TestProgramIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := NewJournald("im", FollowOptions{})
	if !errors.Is(err, exec.ErrNotFound) || Hint(err) == "" {
		t.Errorf("%v, hint %q", err, Hint(err))
	}
}
