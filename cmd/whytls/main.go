// Command whytls finds the root causes of what went wrong in logs, TLS first of all.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	_ "time/tzdata" // --timezone works in a container without a zone database
)

func main() {
	if os.Getenv("GOGC") == "" {
		// What lives is a few megabytes, so the collector may wait. With 400 a log of 60,000 kinds of lines took 70 MB
		// more and no less time (BenchmarkDistinct).
		debug.SetGCPercent(200)
	}
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main without the process: it returns the exit code. Nothing below it ends the program.
func run(args []string, in io.Reader, out, errs io.Writer) (code int) {
	std := newStreams(in, out, errs)
	defer func() {
		if p := recover(); p != nil {
			code = std.fail(panicked(p))
		}
	}()
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // nohup wants the run to outlive the terminal
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	defer stop()
	// The first signal ends the reading and still gets a report; the second one ends the program.
	context.AfterFunc(ctx, stop)
	root := newRoot(std)
	args, err := withDefaultCommand(root, std, args)
	if err != nil {
		return std.fail(err)
	}
	root.SetArgs(args)
	return std.fail(root.ExecuteContext(ctx))
}
