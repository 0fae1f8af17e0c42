package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/whytls/whytls/diagnose/report"
)

type kbTestOptions struct {
	output    string
	knowledge knowledgeFlag
}

func newKBTest(std *streams) *cobra.Command {
	var o kbTestOptions
	cmd := &cobra.Command{
		Use:   "test [PATH]",
		Short: "Match every example against everything that is known",
		Long: text(`
			test matches every example of every signature against the whole base: its own
			signature, or one that suggests the same, must speak for it, and no signature
			may match its counter-examples. It prints how many do and every pair beside
			the diagonal of the confusion matrix. PATH is as for lint.

			Exit codes: 0 all do, 1 some do not, 2 wrong usage or unusable files.`),
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return runKBTest(std, &o, args) },
	}
	choose(cmd, &o.output, "output", "o", "text", "print `text` for a person or json for a program", "text", "json")
	o.knowledge.add(cmd)
	return cmd
}

func runKBTest(std *streams, o *kbTestOptions, args []string) error {
	base, err := o.knowledge.candidate(args)
	if err != nil {
		return err
	}
	t := base.Try()
	if o.output == "json" {
		err = writeJSON(std, t)
	} else {
		wrong := t.Examples - t.Own - t.Equal
		fired := 0
		for _, c := range t.Confusions {
			fmt.Fprintf(std.out, "%s → %s %d×  %s\n", c.Signature, dash(c.Found), len(c.Lines), report.Safe(c.Lines[0]))
		}
		for _, c := range t.Fired {
			fired += len(c.Lines)
			fmt.Fprintf(std.out, "%s matches its counter-example  %s\n", c.Signature, report.Safe(c.Lines[0]))
		}
		_, err = fmt.Fprintf(std.out, "%s of %s: %d by their own, %d by one that suggests the same, %d by another or none\n%s: %d matched\n"+
			"%s written by hand: %d with fewer than two examples or no counter-example\n",
			counted(t.Examples, "example"), counted(t.Signatures, "signature"), t.Own, t.Equal, wrong, counted(t.CounterExamples, "counter-example"), fired,
			counted(t.ByHand, "signature"), t.Wanting)
	}
	if err != nil {
		return err
	}
	if !t.Passed() {
		return exitCode(exitFindings)
	}
	return nil
}
