package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/whytls/whytls/parsers/source"
)

type kbCoverageOptions struct {
	output string
	missed bool

	knowledge knowledgeFlag
}

func newKBCoverage(std *streams) *cobra.Command {
	var o kbCoverageOptions
	cmd := &cobra.Command{
		Use:   "coverage FILE.jsonl",
		Short: "Say how many messages of a catalogue are known, by library",
		Long: `coverage reads a catalogue, one JSON object a line with library, message and
canonical_cause, and prints for each library the share of messages that a
signature of that library or its family matches, and the share whose cause is
ranked first or among the first three.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return runKBCoverage(std, &o, args[0]) },
	}
	cmd.Flags().StringVarP(&o.output, "output", "o", "text", "print `text` for a person or json for a program")
	cmd.Flags().BoolVar(&o.missed, "missed", false, "list the messages that are not covered")
	o.knowledge.add(cmd)
	return cmd
}

func runKBCoverage(std *streams, o *kbCoverageOptions, path string) error {
	if o.output != "text" && o.output != "json" {
		return &problem{fmt.Errorf("--output %q is neither text nor json", o.output), "", exitUsage}
	}
	base, err := o.knowledge.base()
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return &problem{fmt.Errorf("reading the catalogue: %w", err), source.Hint(err), exitUnreadable}
	}
	c, err := base.Cover(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return &problem{fmt.Errorf("%s: %w", path, err), "each line is a JSON object with library, message and canonical_cause", exitUnreadable}
	}
	if !o.missed {
		c.Missed = nil
	}
	if o.output == "json" {
		e := json.NewEncoder(std.out)
		e.SetEscapeHTML(false)
		e.SetIndent("", " ")
		return e.Encode(c)
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "library\tmessages\tmatched\tfirst\tfirst three\t")
	for _, name := range slices.Sorted(maps.Keys(c.Libraries)) {
		s := c.Libraries[name]
		fmt.Fprintf(w, "%s\t%d\t%.1f %%\t%.1f %%\t%.1f %%\t\n", name, s.Count, 100*s.Matched, 100*s.First, 100*s.FirstThree)
	}
	fmt.Fprintf(w, "all\t%d\t%.1f %%\t%.1f %%\t%.1f %%\t\n", c.Count, 100*c.Matched, 100*c.First, 100*c.FirstThree)
	if err := w.Flush(); err != nil {
		return err
	}
	for _, m := range c.Missed {
		fmt.Fprintf(std.out, "missed\t%s\t%q\twant %s\tfound %s %v\n", m.Library, m.Message, m.Cause, m.Found, m.Ranked)
	}
	return nil
}
