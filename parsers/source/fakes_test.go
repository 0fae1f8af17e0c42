package source

import (
	"fmt"
	"io"
	"os"
	"strings"
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
