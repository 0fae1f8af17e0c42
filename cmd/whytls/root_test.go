package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func TestDefaultCommand(t *testing.T) {
	std := newStreams(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{})
	f := func(args, want string) {
		t.Helper()
		got, err := withDefaultCommand(newRoot(std), std, strings.Fields(args))
		if err != nil || !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%q becomes %q, %v; want %q", args, got, err, want)
		}
	}
	f("", "")
	f("--version", "--version")
	f("--help", "--help")
	f("help report", "report --help")
	f("report x.log", "report x.log")
	f("./x.log", "report ./x.log")
	f("--quiet x.log", "report --quiet x.log")
	f("- --top 3", "report - --top 3")
	f("-- report", "report -- report")
	if _, err := withDefaultCommand(newRoot(std), std, []string{"no-such-command"}); err == nil {
		t.Error("a mistyped command is taken for a path")
	}
}

func TestTakes(t *testing.T) {
	root := newRoot(newStreams(nil, nil, nil))
	command := &cobra.Command{Use: "live"}
	command.Flags().String("from", "", "")
	command.Flags().BoolP("raw", "r", false, "")
	root.AddCommand(command)
	f := func(args string, want bool) {
		t.Helper()
		if got := takes(command, strings.Fields(args)); got != want {
			t.Errorf("%q: %v", args, got)
		}
	}
	f("x.log", true)
	f("--from=end x.log", true)
	f("-r x.log --config c.yaml", true)
	f("x.log --top 3", false)
	f("-q x.log", false)
	f("-", false)
	f("-- --top", true)
}
