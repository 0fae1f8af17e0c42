package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
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
	paths       []string
	from        string
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

			A PATH is a file, a folder or a pattern; files that appear there later are read too.
			The screen needs a terminal; --headless prints a line for each change instead,
			and the whole report at the end.

			Exit codes: 0 after q, 2 wrong usage or no terminal, 3 a file could not be
			read, 4 internal error, 130 after Ctrl-C or a signal; with --headless also 0
			nothing at or above --fail-on, 1 findings or not clear.`),
		Example: examples(`
			whytls watch /var/log/wukongim/app.log
			whytls watch --from end /var/log/nanomq.log    only what comes from now on
			whytls watch --headless -o ndjson /var/log/nanomq.log
			whytls watch --headless --until-clear 5m app.log   did the fix work?`),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.paths = args
			return runWatch(cmd.Context(), std, &o)
		},
	}
	choose(cmd, &o.from, "from", "", "start", "read from the `start` of what is there, or only what comes after its end", "start", "end")
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

// endFirst is how much of the end of a large file is shown before the rest is read: some seconds of a busy log, read in
// 20 ms.
const endFirst = 4 << 20

func runWatch(ctx context.Context, std *streams, o *watchOptions) error {
	if len(o.paths) == 0 && o.headless.on && isPiped(std.in) {
		o.paths = []string{"-"}
	}
	switch {
	case len(o.paths) == 0:
		return usage("name a file, a folder or a pattern", "nothing to watch")
	case slices.Contains(o.paths, "-") && !o.headless.on:
		return usage("give the pipe to `whytls report -`, or add --headless", "standard input cannot be watched")
	case !o.headless.on && (!isTerminal(std.in) || !isTerminal(std.out) || os.Getenv("TERM") == "dumb"):
		return usage("add --headless, or use `whytls report`, which prints and ends", "watch needs a terminal")
	}
	base, err := o.knowledge.base()
	if err != nil {
		return err
	}
	if err := o.headless.check(base); err != nil {
		return err
	}
	options := diagnose.Options{Base: base, Location: o.timezone.zone}
	if o.inputFormat != "auto" {
		if options.Format, err = parsers.Lookup(o.inputFormat); err != nil {
			return err
		}
	}
	if options.Configuration, err = o.config.facts(ctx, o.paths); err != nil {
		return err
	}
	// A mistyped name must not end in a screen that waits for it.
	sources, later, faults := source.Watch(o.paths, std.in, source.FollowOptions{FromEnd: o.from == "end", EndFirst: endFirst, Location: o.timezone.zone, Format: options.Format})
	if len(faults) > 0 {
		for _, f := range faults {
			std.complain(f, source.Hint(f))
		}
		return exitCode(exitUnreadable)
	}
	live, err := diagnose.NewLive(options, sources, later)
	if err != nil {
		return &problem{fmt.Errorf("internal error: %w", err), bugHint, exitInternal}
	}
	if o.headless.on {
		return runHeadless(ctx, std, live, o)
	}
	return show(ctx, std, live, base, o)
}

// show runs the engine beside the screen until the person quits or one of them fails. Sources that end do not end the
// screen: what they told is there to be read.
func show(ctx context.Context, std *streams, live *diagnose.Live, base *knowledgebase.Base, o *watchOptions) error {
	kept := o.session(std)
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
		In: std.in, Out: std.out, Color: colored(o.color, true, os.Getenv), Title: live.SystemTitle,
		Mouse: o.mouse, Remote: os.Getenv("SSH_TTY") != "" || os.Getenv("SSH_CONNECTION") != "", Session: kept,
		Probe: probing(base),
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
