package main

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/whytls/whytls/diagnose/report"
	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/source"
)

// sourceOptions say what a live run reads, and from where on.
type sourceOptions struct {
	paths     []string
	from      beginning
	state     string
	exec      []string
	journald  []string
	docker    []string
	kube      []string
	namespace string
}

func (o *sourceOptions) add(cmd *cobra.Command) {
	f := cmd.Flags()
	o.from.text = "start"
	f.Var(&o.from, "from", "read from the `start` of what is there, from its end, or from a time on\n(3h: what is not older; 2026-11-22 00:03)")
	f.StringVar(&o.state, "state", "", "remember in this `file` how far each log file was read, and go on there")
	f.StringArrayVar(&o.exec, "exec", nil, "read what this `command` prints; the shell runs it, again when it fails")
	f.StringArrayVar(&o.journald, "journald", nil, "follow the journal of this systemd `unit` (needs journalctl)")
	f.StringArrayVar(&o.docker, "docker", nil, "follow the logs of this `container` (needs docker)")
	f.StringArrayVar(&o.kube, "kube", nil, "follow the pods of this label `selector` (app=im), or one resource\n(deploy/im) (needs kubectl)")
	f.StringVar(&o.namespace, "kube-namespace", "", "the `namespace` of --kube, else that of kubectl's context")
	complete(cmd, "from", cobra.FixedCompletions([]string{"start", "end", "15m", "3h"}, cobra.ShellCompDirectiveNoFileComp))
	for _, name := range []string{"exec", "journald", "docker", "kube", "kube-namespace"} {
		complete(cmd, name, cobra.NoFileCompletions)
	}
}

// beginning is where reading begins, as a person types it.
type beginning struct{ text string }

func (b *beginning) String() string { return b.text }

func (b *beginning) Type() string { return "place" }

// Set takes start, end or what --since of report takes.
func (b *beginning) Set(text string) error {
	if text != "start" && text != "end" {
		if _, _, err := parseMoment(text, time.UTC, time.Now()); err != nil {
			return errors.New("must be start, end, or a time; a time " + err.Error())
		}
	}
	b.text = text
	return nil
}

// since returns the time that reading begins at, zero when it is another place.
func (b *beginning) since(zone *time.Location, now time.Time) time.Time {
	if b.text == "start" || b.text == "end" {
		return time.Time{}
	}
	t, _, _ := parseMoment(b.text, zone, now) // Set has seen to it
	return t
}

// any reports that there is something to read.
func (o *sourceOptions) any() bool { return len(o.paths) > 0 || o.commands() }

func (o *sourceOptions) commands() bool {
	return len(o.exec)+len(o.journald)+len(o.docker)+len(o.kube) > 0
}

// stdin reports that standard input is a log.
func (o *sourceOptions) stdin() bool { return slices.Contains(o.paths, "-") }

// live is what a live run reads.
type live struct {
	sources []source.Live
	later   *source.Discovery
	ledger  *source.Ledger
}

// endFirst is how much of the end of a large file is shown before the rest is read: some seconds of a busy log, read in
// 20 ms.
const endFirst = 4 << 20

// open looks for all sources. Those that cannot be used are complained about: a mistyped name must not end in a run that
// waits for it.
func (o *sourceOptions) open(std *streams, format *parsers.Format, zone *time.Location) (*live, error) {
	l := &live{ledger: source.NewLedger()}
	l.ledger.Exclude(o.state)
	if err := o.restore(std, l.ledger); err != nil {
		return nil, err
	}
	follow := source.FollowOptions{
		FromEnd: o.from.text == "end", Since: o.from.since(zone, time.Now()), Location: zone, Format: format,
		EndFirst: endFirst, Ledger: l.ledger, Resumable: o.state != "",
	}
	var faults []error
	l.sources, l.later, faults = source.Watch(o.paths, std.in, follow)
	command := func(c *source.Command, err error) {
		if err != nil {
			faults = append(faults, err)
			return
		}
		l.sources = append(l.sources, c)
	}
	for _, line := range o.exec {
		command(source.NewExec(line))
	}
	for _, unit := range o.journald {
		command(source.NewJournald(unit, follow))
	}
	for _, container := range o.docker {
		command(source.NewDocker(container, follow))
	}
	for _, selector := range o.kube {
		command(source.NewKube(selector, o.namespace, follow))
	}
	for _, f := range faults {
		std.complain(f, source.Hint(f))
	}
	if len(faults) > 0 {
		return nil, exitCode(exitUnreadable)
	}
	return l, nil
}

// restore reads the file of --state into the ledger. What is no state is put aside, so that nothing is lost by a slip.
func (o *sourceOptions) restore(std *streams, ledger *source.Ledger) error {
	if o.state == "" {
		return nil
	}
	data, err := os.ReadFile(o.state)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return o.store(ledger) // a place that cannot be written to is better known now than at the end
	case err != nil:
		return &problem{err, "name a file that you may read and write", exitUnreadable}
	}
	err = ledger.Restore(data)
	if err == nil {
		return nil
	}
	for _, path := range o.paths {
		if sameFile(path, o.state) {
			return usage("--state names the file that whytls keeps for itself", "--state %s is one of the logs", o.state)
		}
	}
	aside := o.state + ".damaged"
	if fault := os.Rename(o.state, aside); fault != nil {
		return &problem{fault, "name another file", exitUnreadable}
	}
	std.complain(&source.Fault{Name: o.state, Err: err}, "it is now called "+aside+"; the logs are read from --from")
	return nil
}

func sameFile(a, b string) bool {
	one, err1 := os.Stat(a)
	two, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && os.SameFile(one, two)
}

// storeEvery is how often --state is written while something is read. What was read after the last time is read again
// when the program is killed; one that ends in any other way has written all.
const storeEvery = 2 * time.Second

// keep stores the ledger now and then until the context ends.
func (o *sourceOptions) keep(ctx context.Context, ledger *source.Ledger) {
	if o.state == "" {
		return
	}
	ticker := time.NewTicker(storeEvery)
	defer ticker.Stop()
	for stored := ledger.Changes(); ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if now := ledger.Changes(); now != stored && o.store(ledger) == nil { // the last time tells of a fault
				stored = now
			}
		}
	}
}

// store writes the ledger.
func (o *sourceOptions) store(ledger *source.Ledger) error {
	if o.state == "" {
		return nil
	}
	err := report.WriteFile(o.state, func(w io.Writer) error {
		_, err := w.Write(ledger.Encode())
		return err
	})
	if err != nil {
		return &problem{err, "name a file in a folder that you may write to", exitUnreadable}
	}
	return nil
}
