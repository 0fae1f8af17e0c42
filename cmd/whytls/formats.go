package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/source"
)

func formatNames() []string {
	var names []string
	for _, f := range parsers.Formats() {
		names = append(names, f.Name)
	}
	return names
}

func newFormats(std *streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "formats",
		Short: "List the log formats and what may surround them",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return runFormats(std) },
	}
	cmd.AddCommand(newFormatsDetect(std))
	return cmd
}

func runFormats(std *streams) error {
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "FORMAT\tSYSTEM\tWHAT IT IS")
	for _, f := range parsers.Formats() {
		fmt.Fprintf(w, "%s\t%s\t%s\n", f.Name, dash(f.System), f.Title)
	}
	fmt.Fprintln(w, "\nENVELOPE\t\tWHAT IT IS")
	for _, e := range parsers.Envelopes() {
		fmt.Fprintf(w, "%s\t\t%s\n", e.Name, e.Title)
	}
	if err := w.Flush(); err != nil {
		return &problem{fmt.Errorf("writing the list: %w", err), "", exitInternal}
	}
	return nil
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func newFormatsDetect(std *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "detect PATH…",
		Short: "Say what the lines of files are taken for, and why",
		Args:  cobra.MinimumNArgs(1),
		RunE:  func(_ *cobra.Command, args []string) error { return runFormatsDetect(std, args) },
	}
}

func runFormatsDetect(std *streams, args []string) error {
	inputs, faults := source.Expand(args, std.in)
	for i, in := range inputs {
		d, err := detect(in)
		if err != nil {
			if !in.Found {
				faults = append(faults, &source.Fault{Name: in.Name, Err: err})
			}
			continue
		}
		if i > 0 {
			fmt.Fprintln(std.out)
		}
		fmt.Fprintf(std.out, "%s: %s\n", printable(in.Name), d.Format.Name)
		w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
		row := func(label, value string) { fmt.Fprintf(w, "  %s\t%s\n", label, value) }
		row("what", d.Format.Title)
		row("system", dash(d.Format.System))
		row("envelope", dash(d.Envelope))
		row("why", d.Why())
		if err := w.Flush(); err != nil {
			return &problem{fmt.Errorf("writing the list: %w", err), "", exitInternal}
		}
	}
	for _, f := range faults {
		std.complain(f, source.Hint(f))
	}
	if len(faults) > 0 {
		return exitCode(exitUnreadable)
	}
	return nil
}

// detect reads the beginning of an input, as a report would.
func detect(in *source.Input) (*parsers.Detection, error) {
	r, err := in.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var sample strings.Builder
	// A damaged archive is judged by what can be read of it.
	n, err := io.CopyN(&sample, r, parsers.SampleSize)
	switch {
	case n == 0 && err != nil && err != io.EOF:
		return nil, err
	case n == 0:
		return nil, source.ErrEmpty
	case source.Binary([]byte(sample.String())):
		return nil, source.ErrBinary
	}
	return parsers.Detect([]byte(sample.String()), parsers.Clock{Location: time.Local, Year: time.Now().Year()}), nil
}
