package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/diagnose/report"
	"github.com/whytls/whytls/parsers/source"
)

type reportOptions struct {
	output string
	failOn string
	color  string
}

func newReport(io *streams) *cobra.Command {
	var o reportOptions
	cmd := &cobra.Command{
		Use:   "report PATH…",
		Short: "Say what went wrong in logs and why",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runReport(cmd.Context(), io, &o, args)
		},
	}
	cmd.Flags().StringVarP(&o.output, "output", "o", "text", "`format` of the report: text or json")
	cmd.Flags().StringVar(&o.failOn, "fail-on", "degraded", "exit 1 when a finding is at least of this `urgency`: never, noise, watch, degraded or outage")
	cmd.Flags().StringVar(&o.color, "color", "auto", "`when` to colour: auto, always or never")
	return cmd
}

func runReport(ctx context.Context, io *streams, o *reportOptions, args []string) error {
	inputs, faults := source.Expand(args, io.in)
	engine, err := diagnose.NewEngine(diagnose.Options{Location: time.Local})
	if err != nil {
		return err
	}
	runErr := engine.Run(ctx, inputs)
	s := engine.Snapshot()
	if o.output == "json" {
		err = report.JSON(io.out, s)
	} else {
		err = report.Text(io.out, s, report.Options{})
	}
	if err != nil {
		return err
	}
	for _, f := range faults {
		fmt.Fprintf(io.err, "whytls: %v\n", f)
	}
	for _, f := range s.Faults {
		fmt.Fprintf(io.err, "whytls: reading %s: %v\n", f.Source, f.Err)
		if f.Hint != "" {
			fmt.Fprintf(io.err, "hint: %s\n", f.Hint)
		}
	}
	switch {
	case errors.Is(runErr, context.Canceled):
		return exitError(exitInterrupted)
	case runErr != nil:
		return exitError(exitInternal)
	case len(faults)+len(s.Faults) > 0:
		return exitError(exitUnreadable)
	}
	for _, f := range s.Findings {
		if o.failOn != "never" && diagnose.UrgencyRank(f.Urgency) >= diagnose.UrgencyRank(o.failOn) {
			return exitError(exitFindings)
		}
	}
	return nil
}
