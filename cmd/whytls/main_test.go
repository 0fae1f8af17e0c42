package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/whytls/whytls/diagnose"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"whytls": main})
}

// TestScript runs the program as a person would: one behaviour a file in testdata/script.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(e *testscript.Env) error {
			e.Setenv("TZ", "UTC")
			e.Setenv("XDG_CONFIG_HOME", filepath.Join(e.WorkDir, "config-home"))
			// Archives hold text only.
			return os.WriteFile(filepath.Join(e.WorkDir, "binary"), bytes.Repeat([]byte{0x7f, 'E', 'L', 'F', 0, 1, 2, 3, 0x80}, 500), 0o600)
		},
		Condition: func(name string) (bool, error) {
			if name == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code":      scriptCode,
			"gzip":      scriptGzip,
			"cut":       scriptCut,
			"interrupt": scriptInterrupt,
			"balanced":  scriptBalanced,
			"findings":  scriptFindings,
			"mode":      scriptMode,
			"width":     scriptWidth,
			"last":      scriptLast,
		},
	})
}

// scriptCode runs a command whose exit code must be the one given: code 3 whytls report x.
func scriptCode(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := err.(*exec.ExitError); ok {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// scriptGzip compresses a file in place: gzip FILE makes FILE.gz.
func scriptGzip(ts *testscript.TestScript, _ bool, args []string) {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, err := z.Write([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	ts.Check(z.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".gz"), out.Bytes(), 0o600))
}

// scriptCut takes bytes off the end of a file: cut FILE N.
func scriptCut(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	data := ts.ReadFile(args[0])
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(data[:len(data)-n]), 0o600))
}

// scriptInterrupt feeds a file to `whytls ARGS… -`, keeps the pipe open, and interrupts the program once it has read.
// The output goes to stdout.txt and stderr.txt, and the exit code must be 130.
func scriptInterrupt(ts *testscript.TestScript, _ bool, args []string) {
	program, err := exec.LookPath("whytls")
	if err != nil {
		program = filepath.Join(strings.Split(ts.Getenv("PATH"), string(os.PathListSeparator))[0], "whytls")
	}
	cmd := exec.Command(program, append(args[1:], "-")...)
	cmd.Env = []string{"TZ=UTC", "HOME=/no-home"}
	for _, name := range []string{"TMPDIR", "GOCOVERDIR"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	in, feed, err := os.Pipe()
	ts.Check(err)
	defer in.Close()
	defer feed.Close()
	cmd.Stdin = in
	ts.Check(cmd.Start())
	_, err = io.WriteString(feed, ts.ReadFile(args[0]))
	ts.Check(err)
	awaitDrained(ts, in)
	ts.Check(cmd.Process.Signal(os.Interrupt))
	kill := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
	err = cmd.Wait()
	if !kill.Stop() {
		ts.Fatalf("the interrupt does not end the program")
	}
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
		ts.Fatalf("exit code %d (%v), want 130; stderr: %s", code, err, errs.String())
	}
	ts.Check(os.WriteFile(ts.MkAbs("stdout.txt"), out.Bytes(), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("stderr.txt"), errs.Bytes(), 0o600))
}

// readReport decodes a JSON report and refuses fields that the contract does not name.
func readReport(ts *testscript.TestScript, name string) *diagnose.Snapshot {
	var s diagnose.Snapshot
	d := json.NewDecoder(strings.NewReader(ts.ReadFile(name)))
	d.DisallowUnknownFields()
	ts.Check(d.Decode(&s))
	return &s
}

// scriptBalanced checks the invariants of a JSON report: balanced FILE [LINES].
func scriptBalanced(ts *testscript.TestScript, _ bool, args []string) {
	s := readReport(ts, args[0])
	in := s.Input
	sum := in.Heads + in.Continuation + in.Blank + in.Unparsed
	for _, n := range in.Skipped {
		sum += n
	}
	if s.Schema != diagnose.Schema || sum != in.Lines || in.Records != in.Heads+in.Splits {
		ts.Fatalf("schema %q, accounting %+v", s.Schema, in)
	}
	var clusters int64
	for _, c := range s.Clusters {
		clusters += c.Count
	}
	if clusters+s.ClustersRest.Records != in.Records {
		ts.Fatalf("clusters hold %d of %d records", clusters+s.ClustersRest.Records, in.Records)
	}
	if len(args) > 1 && args[1] != strconv.FormatInt(in.Lines, 10) {
		ts.Fatalf("%d lines, want %s", in.Lines, args[1])
	}
	for i, f := range s.Findings {
		if i > 0 && diagnose.UrgencyRank(f.Urgency) > diagnose.UrgencyRank(s.Findings[i-1].Urgency) {
			ts.Fatalf("finding %d is worse than the one before", i)
		}
		total := f.Undetermined
		for _, c := range f.Causes {
			total += c.Confidence
		}
		if len(f.Causes) == 0 || total < 0.97 || total > 1.03 {
			ts.Fatalf("the causes of %q add up to %v", f.Title, total)
		}
	}
}

// scriptFindings checks the leading causes of a JSON report, noise left out: findings FILE CAUSE…
func scriptFindings(ts *testscript.TestScript, neg bool, args []string) {
	var got []string
	for _, f := range readReport(ts, args[0]).Findings {
		if f.Urgency != "noise" {
			got = append(got, f.Causes[0].ID)
		}
	}
	if same := strings.Join(got, " ") == strings.Join(args[1:], " "); same == neg {
		ts.Fatalf("findings: %q", got)
	}
}

// scriptMode checks the permissions of a file: mode 0600 FILE.
func scriptMode(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := "0" + strconv.FormatUint(uint64(info.Mode().Perm()), 8); got != args[0] {
		ts.Fatalf("mode %s, want %s", got, args[0])
	}
}

// scriptWidth checks that no line of a file is wider than n characters: width 80 FILE.
func scriptWidth(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	for line := range strings.Lines(ts.ReadFile(args[1])) {
		if len([]rune(strings.TrimSuffix(line, "\n"))) > n {
			ts.Fatalf("wider than %d: %s", n, line)
		}
	}
}

// scriptLast writes the last line of a file to another one: last FILE TO.
func scriptLast(ts *testscript.TestScript, _ bool, args []string) {
	lines := strings.Split(strings.TrimSuffix(ts.ReadFile(args[0]), "\n"), "\n")
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(lines[len(lines)-1]+"\n"), 0o600))
}
