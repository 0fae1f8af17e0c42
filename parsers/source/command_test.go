//go:build unix

package source

import (
	"errors"
	"fmt"
	"io"
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

// fakes are the programs whose place the test binary takes on the PATH of a test. Each hands out the log in the file that
// $FAKE_LOG names, a piece at each start, and writes its arguments to the file $FAKE_LOG.calls.
var fakes = map[string]func(args []string){
	"journalctl": func(args []string) {
		after, _ := flagOf(args, "--after-cursor=")
		fakeLog(args, func(line string) bool { // cursors grow with the lines
			_, cursor, _ := strings.Cut(line, `"__CURSOR":"`)
			cursor, _, _ = strings.Cut(cursor, `"`)
			return cursor > after
		}, 40, os.Stdout)
	},
	"docker": func(args []string) {
		since, _ := flagOf(args, "--since=")
		fakeLog(args, func(line string) bool { return !stampOf(line).Before(timeOf(since)) }, 40, os.Stdout)
	},
	"kubectl": func(args []string) {
		since, _ := flagOf(args, "--since-time=")
		fakeLog(args, func(line string) bool {
			_, rest, _ := strings.Cut(line, " ")
			return !stampOf(rest).Before(timeOf(since).Truncate(time.Second))
		}, 60, os.Stdout)
	},
}

func flagOf(args []string, flag string) (string, bool) {
	for _, a := range args {
		if value, ok := strings.CutPrefix(a, flag); ok {
			return value, true
		}
	}
	return "", false
}

func timeOf(s string) time.Time {
	t, _ := time.Parse(time.RFC3339Nano, s)
	return t
}

func stampOf(line string) time.Time {
	stamp, _, _ := strings.Cut(line, " ")
	return timeOf(stamp)
}

// fakeLog prints the lines that are wanted, no more than some new ones at a start, and half of the next one; then it fails.
// When there are no more it waits to be ended.
func fakeLog(args []string, wanted func(string) bool, most int, out io.Writer) {
	calls, err := os.OpenFile(os.Getenv("FAKE_LOG")+".calls", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(calls, strings.Join(args, " "))
	calls.Close()
	done, _ := os.ReadFile(os.Getenv("FAKE_LOG") + ".done")
	most += len(done) // one byte a line that was printed before
	data, err := os.ReadFile(os.Getenv("FAKE_LOG"))
	if err != nil {
		panic(err)
	}
	all := strings.SplitAfter(string(data), "\n")
	for i, line := range all {
		if i >= most {
			os.WriteFile(os.Getenv("FAKE_LOG")+".done", make([]byte, i), 0o600)
			io.WriteString(out, line[:len(line)/2])
			fmt.Fprintln(os.Stderr, "connection reset by peer")
			os.Exit(1)
		}
		if line != "" && wanted(line) {
			io.WriteString(out, line)
		}
	}
	time.Sleep(time.Hour)
}

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
