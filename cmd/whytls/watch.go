package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/knowledgebase"
	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/source"
	"github.com/whytls/whytls/tui"
)

func init() { newWatch = newWatchCommand }

type watchOptions struct {
	sourceOptions
	timezone    location
	inputFormat string
	color       string
	knowledge   knowledgeFlag
	config      configurationFlag
	mouse       bool
	forget      bool
	headless    headlessOptions
}

func newWatchCommand(std *streams) *cobra.Command {
	o := watchOptions{timezone: location{"Local", time.Local}}
	cmd := &cobra.Command{
		Use:   "watch [flags] PATH…",
		Short: "Show what goes wrong in growing logs, and why, on a live screen",
		Long: text(`
			watch reads logs, goes on reading what is written to them, and shows the
			findings on a screen: what is wrong, the most probable causes with the facts
			that say so, the lines, what decides and what helps. A log may be rotated,
			truncated, deleted and made again meanwhile; every line is read once.

			A PATH is a file, a folder or a pattern; files that appear there later are read
			too. - is standard input. Programs that hand out logs are started again when they
			end, where their output was left.
			The screen needs a terminal; --headless prints a line for each change instead,
			and the whole report at the end.

			Exit codes: 0 after q, 2 wrong usage or no terminal, 3 a file could not be
			read, 4 internal error, 130 after Ctrl-C or a signal; with --headless also 0
			nothing at or above --fail-on, 1 findings or not clear.`),
		Example: examples(`
			whytls watch /var/log/wukongim/app.log
			whytls watch --from end /var/log/nanomq.log    only what comes from now on
			whytls watch --from 3h --journald wukongim.service
			whytls watch --docker nanomq --kube app=salvo --exec 'ssh edge tail -F app.log'
			kubectl logs -f deploy/im | whytls watch -
			whytls watch --headless -o ndjson /var/log/nanomq.log
			whytls watch --headless --until-clear 5m app.log   did the fix work?`),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.paths = args
			o.headless.settle(cmd)
			return runWatch(cmd.Context(), std, &o)
		},
	}
	o.sourceOptions.add(cmd)
	cmd.Flags().Var(&o.timezone, "timezone", "`zone` of times that name none\n(Local, UTC, Europe/Berlin, +08:00)")
	choose(cmd, &o.inputFormat, "input-format", "", "auto", "take all lines for this `format`; see whytls formats", append([]string{"auto"}, formatNames()...)...)
	choose(cmd, &o.color, "color", "", "auto", "colour the screen: `auto`, always or never", "auto", "always", "never")
	cmd.Flags().BoolVar(&o.mouse, "mouse", false, "let the wheel scroll and a click choose; selecting text then needs Shift")
	cmd.Flags().BoolVar(&o.forget, "no-session", false, "neither take up nor keep acknowledgements, marks and filters")
	o.knowledge.add(cmd)
	o.config.add(cmd)
	o.headless.add(cmd)
	complete(cmd, "timezone", cobra.FixedCompletions([]string{"Local", "UTC"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func runWatch(ctx context.Context, std *streams, o *watchOptions) error {
	if !o.any() && o.headless.on && isPiped(std.in) {
		o.paths = []string{"-"}
	}
	keyboard, err := o.keyboard(std)
	if err != nil {
		return err
	}
	base, err := o.knowledge.base()
	if err != nil {
		return err
	}
	if err := o.headless.check(base); err != nil {
		return err
	}
	options := diagnose.Options{Base: base, Location: o.timezone.zone}
	if since := o.from.since(o.timezone.zone, time.Now()); !since.IsZero() {
		options.Window = parsers.Window{Since: since.UnixNano(), Until: parsers.Everything.Until}
	}
	if o.inputFormat != "auto" {
		if options.Format, err = parsers.Lookup(o.inputFormat); err != nil {
			return err
		}
	}
	if options.Configuration, err = o.config.facts(ctx, o.paths); err != nil {
		return err
	}
	in, err := o.open(std, options.Format, o.timezone.zone)
	if err != nil {
		return err
	}
	live, err := diagnose.NewLive(options, in.sources, in.later)
	if err != nil {
		return &problem{fmt.Errorf("internal error: %w", err), bugHint, exitInternal}
	}
	keeping, stop := context.WithCancel(ctx)
	go o.keep(keeping, in.ledger)
	if o.headless.on {
		err = runHeadless(ctx, std, live, o)
	} else {
		err = show(ctx, std, live, base, o, keyboard)
	}
	stop()
	if fault := o.store(in.ledger); fault != nil {
		return fault
	}
	return err
}

// keyboard returns what the screen reads keys from, nil without a screen.
func (o *watchOptions) keyboard(std *streams) (io.Reader, error) {
	switch {
	case !o.any():
		return nil, usage("name a file, a folder or a pattern", "nothing to watch")
	case o.headless.on:
		return nil, nil
	case !isTerminal(std.out) || os.Getenv("TERM") == "dumb" || !o.stdin() && !isTerminal(std.in):
		return nil, usage("add --headless, or use `whytls report`, which prints and ends", "watch needs a terminal")
	case !o.stdin():
		return std.in, nil
	}
	// Standard input is the log; keys come from the terminal itself.
	tty, err := os.Open(terminalDevice)
	if err != nil {
		return nil, usage("add --headless", "opening the terminal for the keys: %w", err)
	}
	return tty, nil
}

// show runs the engine beside the screen until the person quits or one of them fails. Sources that end do not end the
// screen: what they told is there to be read.
func show(ctx context.Context, std *streams, live *diagnose.Live, base *knowledgebase.Base, o *watchOptions, keyboard io.Reader) error {
	if os.Getenv("GOGC") == "" {
		// What the log view keeps makes the live memory larger than that of a report; waiting longer for the collector
		// took 273 MiB instead of 190 and saved nothing (TestMeasureScreen).
		debug.SetGCPercent(100)
	}
	kept, warning := o.session(std)
	list := live.Rows()
	defer list.Close() // it was only read
	reading, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		err := live.Run(reading)
		if err != nil {
			cancel()
		}
		ended <- err
	}()
	err := tui.Run(reading, live, tui.Options{
		In: keyboard, Out: std.out, Color: colored(o.color, true, os.Getenv), Title: live.SystemTitle,
		Mouse: o.mouse, Remote: os.Getenv("SSH_TTY") != "" || os.Getenv("SSH_CONNECTION") != "", Session: kept, Warning: warning,
		Probe: probing(base), Rows: list,
	})
	cancel()
	if fault := <-ended; fault != nil {
		return &problem{fault, bugHint, exitInternal}
	}
	switch {
	case errors.Is(err, tui.ErrInterrupted), ctx.Err() != nil:
		return exitCode(exitInterrupted)
	case err != nil:
		return &problem{err, bugHint, exitInternal}
	}
	faults := live.Latest().Faults
	for _, f := range faults {
		std.complain(fmt.Errorf("reading %s: %w", f.Source, f.Err), source.Hint(f.Err))
	}
	if len(faults) > 0 {
		return exitCode(exitUnreadable)
	}
	return nil
}
