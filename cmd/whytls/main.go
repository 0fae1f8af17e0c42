// Command whytls finds the root causes of what went wrong in logs, TLS first of all.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// Exit codes are a contract.
const (
	exitClean       = 0
	exitFindings    = 1
	exitUsage       = 2
	exitUnreadable  = 3
	exitInternal    = 4
	exitInterrupted = 130
)

// streams are the standard streams of the program: data goes to out, everything else to err.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

// exitError ends the program with a code; the message, if any, was printed already.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// run is main without the process: it returns the exit code.
func run(args []string, in io.Reader, out, errs io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	io := &streams{in, out, errs}
	root := newRoot(io)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var code exitError
	switch {
	case err == nil:
		return exitClean
	case errors.As(err, &code):
		return int(code)
	default:
		fmt.Fprintf(errs, "whytls: %v\n", err)
		fmt.Fprintf(errs, "hint: run `whytls --help`\n")
		return exitUsage
	}
}
