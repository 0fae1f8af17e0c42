package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/diagnose/report"
	"github.com/whytls/whytls/knowledgebase"
	"github.com/whytls/whytls/parsers/source"
)

// headlessOptions are those of watch without a screen.
type headlessOptions struct {
	on         bool
	output     string
	failOn     string
	untilClear time.Duration
	finding    string
	timeout    time.Duration
}

// deadlines is how many times --until-clear is waited when --timeout does not say how long.
const deadlines = 10

func (o *headlessOptions) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&o.on, "headless", false, "show no screen: print a line for each change (a finding is new, worse, quiet, back, revised or withdrawn), the report at the end")
	choose(cmd, &o.output, "output", "o", "text", "with --headless: `text`, or ndjson (json means the same), whose last line is the whole report", "text", "ndjson", "json")
	choose(cmd, &o.failOn, "fail-on", "", "degraded", "with --headless: exit with 1 when a finding is at least this `urgent` (never, noise, watch, degraded, outage)", "never", "noise", "watch", "degraded", "outage")
	f.DurationVar(&o.untilClear, "until-clear", 0, "with --headless: end with 0 once no finding (of --fail-on; by default noise aside) was seen for this `duration` while its log went on, with 1 when that does not come")
	f.StringVar(&o.finding, "finding", "", "with --until-clear: wait for this `id` of a finding, a cause or a message only")
	f.DurationVar(&o.timeout, "timeout", 0, "with --until-clear: give up after this `duration` (0: ten times --until-clear)")
	complete(cmd, "until-clear", cobra.FixedCompletions([]string{"30s", "5m", "1h"}, cobra.ShellCompDirectiveNoFileComp))
	complete(cmd, "finding", cobra.NoFileCompletions)
	complete(cmd, "timeout", cobra.NoFileCompletions)
}

// settle lets --until-clear wait for all that is not noise, unless somebody says otherwise: a fix is judged by what it
// fixes, however urgent that is.
func (o *headlessOptions) settle(cmd *cobra.Command) {
	if o.untilClear > 0 && !cmd.Flags().Changed("fail-on") {
		o.failOn = "watch"
	}
}

var findingID = regexp.MustCompile(`^f[0-9a-f]{16}$`)

// check refuses what cannot be meant.
func (o *headlessOptions) check(base *knowledgebase.Base) error {
	switch {
	case o.untilClear < 0:
		return usage("30s waits for half a minute", "--until-clear must not be negative: %v", o.untilClear)
	case o.timeout < 0:
		return usage("0 means ten times --until-clear", "--timeout must not be negative: %v", o.timeout)
	case o.untilClear > 0 && !o.on:
		return usage("add --headless", "--until-clear is for a run without a screen")
	case o.finding != "" && o.untilClear == 0:
		return usage("add --until-clear", "--finding says what --until-clear waits for")
	case o.timeout > 0 && o.untilClear == 0:
		return usage("add --until-clear", "--timeout says how long --until-clear waits")
	case o.untilClear > 0 && o.finding == "" && o.failOn == "never":
		return usage("name a --finding, or another urgency", "--fail-on never leaves nothing to wait for")
	case o.finding != "" && !findingID.MatchString(o.finding) && base.Causes[o.finding] == nil && base.Signature(o.finding) == nil:
		return usage("`whytls kb list` names causes and messages; a report names its findings", "nothing has the id %q", o.finding)
	}
	return nil
}

// concern reports whether --until-clear waits for a finding to stay away.
func (o *headlessOptions) concern(f *diagnose.Finding) bool {
	if o.finding != "" {
		return f.ID == o.finding || f.Causes[0].ID == o.finding || slices.Contains(f.Signatures, o.finding)
	}
	return o.fails(f)
}

func (o *headlessOptions) fails(f *diagnose.Finding) bool {
	return o.failOn != "never" && diagnose.UrgencyRank(f.Urgency) >= diagnose.UrgencyRank(o.failOn)
}

// headless is a live run that prints what changes.
type headless struct {
	std     *streams
	options *headlessOptions
	live    *diagnose.Live
	zone    *time.Location
	color   string

	changes   *diagnose.Changes
	clearance *diagnose.Clearance // nil without --until-clear
	deadline  <-chan time.Time    // nil without one, and until it is known
	states    map[string]diagnose.SourceInfo
}

// runHeadless follows the sources until they end, the findings stay away, the time is over, or somebody asks for the end.
// The report comes in all cases.
func runHeadless(ctx context.Context, std *streams, live *diagnose.Live, o *watchOptions) error {
	h := &headless{
		std: std, options: &o.headless, live: live, zone: o.timezone.zone, color: o.color,
		changes: diagnose.NewChanges(), states: make(map[string]diagnose.SourceInfo),
	}
	if wait := o.headless.untilClear; wait > 0 {
		h.clearance = diagnose.NewClearance(wait, o.headless.concern)
	}
	if o.headless.timeout > 0 {
		h.deadline = time.After(o.headless.timeout)
	}
	begin := time.Now()
	reading, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- live.Run(reading) }()
	fault, clear, err := h.loop(ended)
	if err != nil || clear || fault == errDeadline {
		cancel()
		fault = <-ended
	}
	if err != nil {
		return &problem{err, "", exitInternal}
	}
	return h.end(ctx, fault, clear, time.Since(begin))
}

var errDeadline = errors.New("the time is over")

// loop prints changes until the run ends, or there is a reason to end it: all is clear, the time is over, or nobody
// reads what is printed (err).
func (h *headless) loop(ended <-chan error) (fault error, clear bool, err error) {
	for {
		select {
		case fault = <-ended:
			return fault, h.clear(), h.show()
		case <-h.deadline:
			return errDeadline, false, nil
		case <-h.live.Changed():
			if err := h.show(); err != nil {
				return nil, false, err
			}
			if h.clear() {
				return nil, true, nil
			}
		}
	}
}

func (h *headless) clear() bool { return h.clearance != nil && h.clearance.Clear() }

// show prints what the latest snapshot changes.
func (h *headless) show() error {
	s, now := h.live.Latest(), time.Now()
	for _, c := range h.changes.Observe(s, now) {
		if err := h.print(&c); err != nil {
			return err
		}
	}
	if h.clearance != nil {
		h.clearance.Observe(s, now)
		h.await(s)
	}
	if !slices.ContainsFunc(s.Input.Sources, func(src diagnose.SourceInfo) bool { return src.State != "ended" }) {
		return nil // the end of the last source is that of the run
	}
	for _, src := range s.Input.Sources {
		h.tell(src)
		h.states[src.Name] = src
	}
	return nil
}

// await sets the time to wait when nobody has: it counts from when all that is there has been read.
func (h *headless) await(s *diagnose.Snapshot) {
	reading := func(src diagnose.SourceInfo) bool { return src.Reading() }
	if h.deadline == nil && s.Generation > 1 && !slices.ContainsFunc(s.Input.Sources, reading) {
		h.deadline = time.After(deadlines * h.options.untilClear)
	}
}

func (h *headless) print(c *diagnose.FindingChange) error {
	switch {
	case h.options.output != "text":
		return report.ChangeJSON(h.std.out, c)
	case c.Finding.Urgency == "noise":
		return nil // the report counts it
	}
	return report.ChangeText(h.std.out, c, h.zone)
}

// tell says on standard error what happens to a source.
func (h *headless) tell(src diagnose.SourceInfo) {
	before := h.states[src.Name]
	if n := src.Lost - before.Lost; src.Truncations > before.Truncations {
		h.std.complain(fmt.Errorf("%s: truncated in place, %d unread bytes are lost", src.Name, n), "")
	}
	switch {
	case src.State == before.State || before.State == "" && src.State == diagnose.StateLive || src.State == diagnose.StateEnded:
	case src.State == diagnose.StateLive:
		h.std.complain(fmt.Errorf("%s: is read again", src.Name), "")
	default:
		h.std.complain(fmt.Errorf("%s: %s", src.Name, src.State), "")
	}
}

// end prints the report and finds the exit code.
func (h *headless) end(ctx context.Context, fault error, clear bool, elapsed time.Duration) error {
	s := *h.live.Latest()
	var faults []*source.Fault
	for _, f := range s.Faults {
		faults = append(faults, &source.Fault{Name: f.Source, Err: f.Err})
	}
	s.Warnings = append(slices.Clone(s.Warnings), unreadable(faults)...)
	if ctx.Err() != nil && slices.ContainsFunc(s.Input.Sources, func(src diagnose.SourceInfo) bool { return src.Reading() }) {
		s.Warnings = append(s.Warnings, interrupted)
	}
	if err := h.report(&s, elapsed); err != nil {
		return &problem{err, "", exitInternal}
	}
	for _, f := range faults {
		h.std.complain(f, source.Hint(f))
	}
	switch {
	case fault != nil:
		return &problem{fault, bugHint, exitInternal}
	case ctx.Err() != nil:
		return exitCode(exitInterrupted)
	case len(faults) > 0:
		return exitCode(exitUnreadable)
	case h.clearance != nil && !clear:
		h.std.complain(fmt.Errorf("not clear: %s", h.clearance.Why(time.Now())), "")
		return exitCode(exitFindings)
	case h.clearance == nil && slices.ContainsFunc(s.Findings, h.options.fails):
		return exitCode(exitFindings)
	}
	return nil
}

// report prints all that is known.
func (h *headless) report(s *diagnose.Snapshot, elapsed time.Duration) error {
	if h.options.output != "text" {
		return report.JSONLine(h.std.out, s)
	}
	if len(s.Input.Sources) == 0 {
		return nil // the errors say it all
	}
	if _, err := io.WriteString(h.std.out, "\n"); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return report.Text(h.std.out, s, report.Options{
		Width: h.std.width(), Color: colored(h.color, isTerminal(h.std.out), os.Getenv), Elapsed: elapsed, Title: h.live.SystemTitle,
	})
}
