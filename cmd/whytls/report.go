package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/diagnose/probe"
	"github.com/whytls/whytls/diagnose/report"
	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/source"
)

type reportOptions struct {
	paths       []string
	output      string
	outputFile  string
	since       moment
	until       moment
	timezone    location
	skew        time.Duration
	top         int
	failOn      string
	inputFormat string
	color       string
	verbose     bool
	quiet       bool
	noProgress  bool
	probe       []string
	knowledge   knowledgeFlag
	config      configurationFlag

	probes []*probe.Result
}

func newReport(std *streams) *cobra.Command { return newReportCommand(std, runReport) }

// newReportCommand is apart from running it, so that tests see what the flags become.
func newReportCommand(std *streams, runF func(context.Context, *streams, *reportOptions) error) *cobra.Command {
	o := reportOptions{timezone: location{"Local", time.Local}}
	cmd := &cobra.Command{
		Use:   "report [flags] PATH…",
		Short: "Say what went wrong in logs, and why",
		Long: text(`
			report reads logs to their end and prints what went wrong, worst first: the
			most probable cause of each finding with the lines and facts that say so, what
			else it could be, the cheapest command that decides, and the fix. Then come
			the noise that was set aside, errors that nothing explains, what these logs
			cannot show, and where every line went.

			A PATH is a file, a folder (all files below it), a pattern, or - for standard
			input; gzip and zstd are undone. Without a PATH it reads a pipe.

			Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 wrong usage, 3 an
			input could not be read (the rest is reported), 4 internal error, 130
			interrupted (what was read so far is reported).

			Every flag can be set by an environment variable (WHYTLS_FAIL_ON=watch) and in
			$XDG_CONFIG_HOME/whytls/config.yaml or /etc/whytls/config.yaml (fail-on: watch).`),
		Example: examples(`
			whytls report /var/log/wukongim
			kubectl logs deploy/nanomq | whytls report -
			whytls report --since 3h --fail-on watch '/var/log/salvo/*.log'
			whytls report --output json --output-file report.json server.log.gz`),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.paths = args
			return runF(cmd.Context(), std, &o)
		},
	}
	f := cmd.Flags()
	choose(cmd, &o.output, "output", "o", "text", "print `text` for a person or json for a program", "text", "json")
	f.StringVar(&o.outputFile, "output-file", "", "write the report to this `file` (whole or not at all, mode 0600)")
	f.Var(&o.since, "since", "leave out what was logged before this `time`\n(2026-11-22T00:03:00Z, '2026-11-22 00:03', 2026-11-22, or back from now: 90m, 3h, 2d)")
	f.Var(&o.until, "until", "leave out what was logged after this `time`; a date means its end")
	f.DurationVar(&o.skew, "skew", diagnose.DefaultSkew, "how far the clocks of two programs may differ when their\nlogs tell of the same connections from both ends")
	f.Var(&o.timezone, "timezone", "`zone` of times that name none, in logs and flags\n(Local, UTC, Europe/Berlin, +08:00)")
	f.IntVar(&o.top, "top", 0, "show the `n` worst findings and count the others (0: all)")
	choose(cmd, &o.failOn, "fail-on", "", "degraded", "exit with 1 when a finding is at least this `urgent`\n(never, noise, watch, degraded, outage)", "never", "noise", "watch", "degraded", "outage")
	choose(cmd, &o.inputFormat, "input-format", "", "auto", "take all lines for this `format`; see whytls formats", append([]string{"auto"}, formatNames()...)...)
	choose(cmd, &o.color, "color", "", "auto", "colour the text: `auto`, always or never", "auto", "always", "never")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "show all causes, reasons, checks, fixes and lines of evidence")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "print errors only; the exit code tells the rest")
	f.BoolVar(&o.noProgress, "no-progress", false, "show no progress on standard error")
	f.StringArrayVar(&o.probe, "probe", nil, "connect to this `address` (HOST:PORT or URL) and rank the findings by what\nspeaks there; alone: ask for each address that the log names")
	f.Lookup("probe").NoOptDefVal = askFirst
	o.knowledge.add(cmd)
	o.config.add(cmd)
	complete(cmd, "since", cobra.FixedCompletions([]string{"15m", "1h", "3h", "1d"}, cobra.ShellCompDirectiveNoFileComp))
	complete(cmd, "until", cobra.NoFileCompletions)
	complete(cmd, "timezone", cobra.FixedCompletions([]string{"Local", "UTC"}, cobra.ShellCompDirectiveNoFileComp))
	complete(cmd, "top", cobra.NoFileCompletions)
	return cmd
}

func runReport(ctx context.Context, std *streams, o *reportOptions) error {
	begin := time.Now()
	targets, err := o.named()
	if err != nil {
		return err
	}
	if len(o.paths) == 0 {
		if !isPiped(std.in) {
			return usage("name a file, a folder or a pattern, or - for standard input", "nothing to read")
		}
		o.paths = []string{"-"}
	}
	if o.top < 0 {
		return usage("0 shows all", "--top must not be negative: %d", o.top)
	}
	options, err := o.engineOptions(begin)
	if err != nil {
		return err
	}
	if options.Configuration, err = o.config.facts(ctx, o.paths); err != nil {
		return err
	}
	engine, err := diagnose.NewEngine(options)
	if err != nil {
		return &problem{fmt.Errorf("internal error: %w", err), bugHint, exitInternal}
	}
	s, faults, runErr := o.read(ctx, std, engine)
	if runErr == nil {
		s, o.probes, runErr = o.prove(ctx, std, engine.Base(), s, targets)
	}
	if err := o.write(std, engine, s, time.Since(begin)); err != nil {
		return err
	}
	for _, f := range faults {
		std.complain(f, source.Hint(f))
	}
	switch {
	case runErr != nil && ctx.Err() != nil:
		std.complain(errors.New("interrupted"), "the report holds what was read so far")
		return exitCode(exitInterrupted)
	case runErr != nil:
		std.complain(runErr, bugHint)
		return exitCode(exitInternal)
	case len(faults) > 0:
		return exitCode(exitUnreadable)
	}
	for _, f := range s.Findings {
		if o.failOn != "never" && diagnose.UrgencyRank(f.Urgency) >= diagnose.UrgencyRank(o.failOn) {
			return exitCode(exitFindings)
		}
	}
	return nil
}

func (o *reportOptions) engineOptions(now time.Time) (diagnose.Options, error) {
	options := diagnose.Options{Location: o.timezone.zone, Skew: o.skew}
	var err error
	if options.Base, err = o.knowledge.base(); err != nil {
		return options, err
	}
	if options.Window, err = window(o.since.text, o.until.text, o.timezone.zone, now); err != nil {
		return options, err
	}
	if o.inputFormat != "auto" {
		options.Format, err = parsers.Lookup(o.inputFormat)
	}
	return options, err
}

// read runs the engine over all paths. The faults of inputs also become warnings of the snapshot: a report that is
// handed on must say what it does not know.
func (o *reportOptions) read(ctx context.Context, std *streams, engine *diagnose.Engine) (*diagnose.Snapshot, []*source.Fault, error) {
	in := std.in
	if slices.Contains(o.paths, "-") {
		if isTerminal(std.in) && !o.quiet {
			fmt.Fprintln(std.err, "whytls: reading what you type or paste; Ctrl-D ends it")
		}
		in = interruptible(ctx, std.in)
	}
	inputs, problems := source.Expand(o.paths, in)
	done := func() {}
	if isTerminal(std.err) && !o.noProgress && !o.quiet {
		done = std.showProgress(engine, inputs)
	}
	runErr := engine.Run(ctx, inputs)
	done()
	s := *engine.Snapshot()
	var faults []*source.Fault
	for _, err := range problems {
		var f *source.Fault
		if !errors.As(err, &f) {
			f = &source.Fault{Err: err}
		}
		faults = append(faults, f)
	}
	for _, f := range s.Faults {
		faults = append(faults, &source.Fault{Name: f.Source, Err: f.Err})
	}
	if len(faults) == 0 && len(s.Input.Sources) == 0 && ctx.Err() == nil {
		faults = append(faults, &source.Fault{Name: o.paths[0], Err: source.ErrNoLogs})
	}
	s.Warnings = append(slices.Clone(s.Warnings), unreadable(faults)...)
	if ctx.Err() != nil {
		s.Warnings = append(s.Warnings, interrupted)
	}
	return &s, faults, runErr
}

// interrupted is the warning of a report that was asked for before all was read.
var interrupted = diagnose.Warning{Code: "interrupted", Text: "interrupted: the report holds what was read until then"}

// unreadable makes warnings of faults.
func unreadable(faults []*source.Fault) []diagnose.Warning {
	var out []diagnose.Warning
	for _, f := range faults {
		out = append(out, diagnose.Warning{Code: "unreadable", Text: "could not be read: " + f.Err.Error(), Source: f.Name})
	}
	return out
}

// write prints the report, or writes it to a file.
func (o *reportOptions) write(std *streams, engine *diagnose.Engine, s *diagnose.Snapshot, elapsed time.Duration) error {
	shown := report.Top(s, o.top)
	color, width := colored(o.color, isTerminal(std.out), os.Getenv), std.width()
	if o.outputFile != "" {
		color, width = o.color == "always", defaultWidth
	}
	render := func(w io.Writer) error {
		if o.output == "json" {
			return report.JSON(w, shown)
		}
		options := report.Options{
			Width: width, Color: color, Verbose: o.verbose, Elapsed: elapsed,
			Title: engine.Base().SystemTitle,
		}
		if err := report.Text(w, shown, options); err != nil {
			return err
		}
		return writeProbes(w, engine.Base(), o.probes, options)
	}
	switch {
	case o.outputFile != "":
		if err := report.WriteFile(o.outputFile, render); err != nil {
			return &problem{err, "name a file in a folder that you may write to", exitUsage}
		}
		return nil
	case o.quiet, o.output == "text" && len(s.Input.Sources) == 0:
		return nil // with nothing read, the errors say it all
	}
	if err := render(std.out); err != nil {
		return &problem{err, "", exitInternal}
	}
	return nil
}
