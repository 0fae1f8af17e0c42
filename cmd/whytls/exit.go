package main

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/whytls/whytls/diagnose/report"
)

// Exit codes are a contract.
const (
	exitClean       = 0
	exitFindings    = 1
	exitUsage       = 2
	exitUnreadable  = 3
	exitInternal    = 4
	exitInterrupted = 130
)

// exitCode ends the program with a code and without a message: what there was to say is said.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// problem is an error with what a person can do about it and the exit code that it means.
type problem struct {
	err  error
	hint string
	code int
}

func (p *problem) Error() string { return p.err.Error() }

func (p *problem) Unwrap() error { return p.err }

// usage is a problem of the command line, the environment or a configuration file.
func usage(hint, format string, args ...any) error {
	return &problem{fmt.Errorf(format, args...), hint, exitUsage}
}

const bugHint = "this is a bug of whytls; please report it with the command and, if you can, the lines that lead to it"

// panicked turns a recovered panic into a problem that names the place in this program.
func panicked(p any) error {
	return &problem{fmt.Errorf("internal error: %v\n%s", p, debug.Stack()), bugHint, exitInternal}
}

// fail prints an error and returns the exit code for it. The form is fixed: "whytls: " and the error in lower case
// without a full stop, then "hint: " and what to do. Log text inside an error is escaped.
func (s *streams) fail(err error) int {
	var code exitCode
	var p *problem
	switch {
	case err == nil:
		return exitClean
	case errors.As(err, &code):
		return int(code)
	case errors.Is(err, syscall.EPIPE):
		return exitClean // the reader of the pipe has seen enough
	case errors.As(err, &p):
		s.complain(err, p.hint)
		return p.code
	}
	// What is left comes from cobra: unknown commands and flags, bad values.
	s.complain(err, "run `whytls --help`")
	return exitUsage
}

// complain prints a message and a hint on standard error.
func (s *streams) complain(err error, hint string) {
	s.clearLine()
	fmt.Fprintf(s.err, "whytls: %s\n", printable(err.Error()))
	if hint != "" {
		fmt.Fprintf(s.err, "hint: %s\n", hint)
	}
}

// printable escapes what a terminal would obey in file names and log text; line feeds stay (stack traces).
func printable(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = report.Safe(lines[i])
	}
	return strings.Join(lines, "\n")
}
