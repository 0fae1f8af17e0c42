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
	"github.com/whytls/whytls/diagnose/change"
	"github.com/whytls/whytls/diagnose/report"
	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/source"
)

type diffOptions struct {
	paths         []string
	before, after []string
	at            moment
	since         moment
	until         moment
	output        string
	per           string
	level         float64
	all           bool
	unknown       bool
	minCount      int64
	timezone      location
	inputFormat   string
	color         string
}

func newDiff(std *streams) *cobra.Command { return newDiffCommand(std, runDiff) }

// newDiffCommand is apart from running it, so that tests see what the flags become.
func newDiffCommand(std *streams, runF func(context.Context, *streams, *diffOptions) error) *cobra.Command {
	o := diffOptions{timezone: location{"Local", time.Local}}
	cmd := &cobra.Command{
		Use:   "diff [flags] BEFORE AFTER | --at TIME PATH…",
		Short: "Say which kinds of messages are new, gone, more or less frequent",
		Long: text(`
			diff compares two logs, or one log before and after a time, and says which
			kinds of messages are new, gone, more or less frequent: by which factor, and
			between which bounds that factor lies.

			It guards against chance. Lines come in bursts and load drifts, so it measures
			how much each kind of message varies within either side, counts the lines of
			a burst as one event, and corrects for the number of kinds: on two pieces of
			one steady source the probability of reporting anything is at most --level.
			What cannot be decided is counted as too few to say.

			Counts are divided by the time that each side spans, or by its records with
			--per records (was it a larger share?). BEFORE and AFTER are a file, a folder
			or a quoted pattern each; --before and --after name several.

			Exit codes: 0 no significant change, 1 changes listed, 2 wrong usage, 3 an
			input could not be read, 4 internal error, 130 interrupted.`),
		Example: examples(`
			whytls diff yesterday.log today.log
			whytls diff --at '2026-11-22 00:03' /var/log/nanomq
			whytls diff --before 'old/*.gz' --after 'new/*.gz' --after extra.log
			whytls diff --unknown --output json before.log after.log`),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.paths = args
			return runF(cmd.Context(), std, &o)
		},
	}
	f := cmd.Flags()
	f.Var(&o.at, "at", "split the input at this `time`: what was logged then is after")
	f.StringArrayVar(&o.before, "before", nil, "a `path` of the before side; may be repeated")
	f.StringArrayVar(&o.after, "after", nil, "a `path` of the after side; may be repeated")
	choose(cmd, &o.output, "output", "o", "text", "print `text` for a person or json for a program", "text", "json")
	choose(cmd, &o.per, "per", "", "time", "divide counts by `time` or by records", "time", "records")
	f.Float64Var(&o.level, "level", 0.05, "`probability` of reporting any change where there is none")
	f.BoolVar(&o.all, "all", false, "list also what is unchanged or too few to say")
	f.BoolVar(&o.unknown, "unknown", false, "list only what no signature knows")
	f.Int64Var(&o.minCount, "min-count", 0, "list only templates with at least this `many` records on both sides together")
	f.Var(&o.since, "since", "leave out what was logged before this `time`")
	f.Var(&o.until, "until", "leave out what was logged after this `time`; a date means its end")
	f.Var(&o.timezone, "timezone", "`zone` of times that name none, in logs and flags")
	choose(cmd, &o.inputFormat, "input-format", "", "auto", "take all lines for this `format`; see whytls formats", append([]string{"auto", parsers.Message.Name}, formatNames()...)...)
	choose(cmd, &o.color, "color", "", "auto", "colour the text: `auto`, always or never", "auto", "always", "never")
	for _, name := range []string{"at", "since", "until", "timezone", "min-count", "level"} {
		complete(cmd, name, cobra.NoFileCompletions)
	}
	return cmd
}

func runDiff(ctx context.Context, std *streams, o *diffOptions) error {
	sides, err := o.sides(time.Now())
	if err != nil {
		return err
	}
	var engines [2]*diagnose.Engine
	var problems []error
	var runErr error
	for k, side := range sides {
		if engines[k], err = diagnose.NewEngine(side.options); err != nil {
			return &problem{fmt.Errorf("internal error: %w", err), bugHint, exitInternal}
		}
		in := std.in
		if slices.Contains(side.paths, "-") {
			in = interruptible(ctx, std.in)
		}
		inputs, bad := source.Expand(side.paths, in)
		if k == 0 || o.at.text == "" { // with --at both sides are the same files
			problems = append(problems, bad...)
		}
		if runErr = engines[k].Run(ctx, inputs); runErr != nil {
			break
		}
	}
	switch {
	case runErr != nil && ctx.Err() != nil:
		std.complain(errors.New("interrupted"), "half a comparison says nothing")
		return exitCode(exitInterrupted)
	case runErr != nil:
		std.complain(runErr, bugHint)
		return exitCode(exitInternal)
	}
	d := diagnose.Compare(engines[0], engines[1], change.Options{Per: change.Per(o.per), Level: o.level})
	problems = append(problems, o.faults(d)...)
	if len(problems) > 0 && (d.Before.Input.Records == 0 || d.After.Input.Records == 0) {
		for _, p := range problems {
			std.complain(p, source.Hint(p))
		}
		return exitCode(exitUnreadable)
	}
	for _, side := range []struct {
		name  string
		input *diagnose.Input
		paths []string
	}{{"before", &d.Before.Input, sides[0].paths}, {"after", &d.After.Input, sides[1].paths}} {
		if side.input.Records > 0 {
			continue
		}
		if o.at.text != "" {
			return usage("name a time between the first and the last record", "no record %s %s", side.name, o.at.text)
		}
		std.complain(&source.Fault{Name: side.paths[0], Err: source.ErrNoLogs}, source.Hint(source.ErrNoLogs))
		return exitCode(exitUnreadable)
	}
	o.choose(d)
	if err := o.write(std, d); err != nil {
		return &problem{err, "", exitInternal}
	}
	for _, p := range problems {
		std.complain(p, source.Hint(p))
	}
	if len(problems) > 0 {
		return exitCode(exitUnreadable)
	}
	if slices.ContainsFunc(d.Changes, func(c diagnose.Change) bool { return c.Change.Changed() }) {
		return exitCode(exitFindings)
	}
	return nil
}

// diffSide is what one side reads, and how.
type diffSide struct {
	paths   []string
	options diagnose.Options
}

// sides settles what is compared with what.
func (o *diffOptions) sides(now time.Time) (sides [2]diffSide, err error) {
	if o.level <= 0 || o.level >= 0.5 {
		return sides, usage("0.05 means one wrong alarm in twenty comparisons", "--level must lie between 0 and 0.5: %g", o.level)
	}
	options := diagnose.Options{Location: o.timezone.zone}
	if options.Window, err = window(o.since.text, o.until.text, o.timezone.zone, now); err != nil {
		return sides, err
	}
	switch o.inputFormat {
	case "auto":
	case parsers.Message.Name:
		options.Format = parsers.Message
	default:
		if options.Format, err = parsers.Lookup(o.inputFormat); err != nil {
			return sides, err
		}
	}
	sides = [2]diffSide{{o.before, options}, {o.after, options}}
	named := len(o.before)+len(o.after) > 0
	switch {
	case o.at.text != "":
		if named || len(o.paths) == 0 || slices.Contains(o.paths, "-") {
			return sides, usage("run `whytls diff --at TIME PATH…`", "--at splits the files named; it goes with neither --before, --after nor standard input")
		}
		t, _, err := parseMoment(o.at.text, o.timezone.zone, now)
		if err != nil {
			return sides, err
		}
		at := t.UnixNano()
		if at <= options.Window.Since || at > options.Window.Until {
			return sides, usage("choose a time inside --since and --until", "--at %s leaves nothing on one side", o.at.text)
		}
		sides[0].paths, sides[1].paths = o.paths, o.paths
		sides[0].options.Window.Until, sides[1].options.Window.Since = at-1, at
	case named:
		if len(o.paths) > 0 || len(o.before) == 0 || len(o.after) == 0 {
			return sides, usage("name all paths with --before and --after", "--before and --after go together, and without other paths")
		}
	case len(o.paths) == 2:
		sides[0].paths, sides[1].paths = o.paths[:1], o.paths[1:]
	default:
		return sides, usage("quote patterns, or name several paths with --before and --after", "diff compares two paths, not %d", len(o.paths))
	}
	if slices.Contains(sides[0].paths, "-") && slices.Contains(sides[1].paths, "-") {
		return sides, usage("save one of them to a file", "standard input cannot be both sides")
	}
	return sides, nil
}

// faults are the inputs that the engines could not read.
func (o *diffOptions) faults(d *diagnose.Difference) []error {
	var list []error
	seen := make(map[string]bool)
	for _, f := range d.Faults {
		if key := f.Source + "\x00" + f.Err.Error(); !seen[key] || o.at.text == "" {
			seen[key] = true
			list = append(list, &source.Fault{Name: f.Source, Err: f.Err})
		}
	}
	return list
}

// choose leaves in the list what was asked for.
func (o *diffOptions) choose(d *diagnose.Difference) {
	d.Changes = slices.DeleteFunc(d.Changes, func(c diagnose.Change) bool {
		return !o.all && !c.Change.Changed() || o.unknown && c.Signature != "" || c.Before.Count+c.After.Count < o.minCount
	})
}

func (o *diffOptions) write(std *streams, d *diagnose.Difference) error {
	var w io.Writer = std.out
	if o.output == "json" {
		return report.DifferenceJSON(w, d)
	}
	return report.DifferenceText(w, d, report.Options{Width: std.width(), Color: colored(o.color, isTerminal(std.out), os.Getenv)})
}
