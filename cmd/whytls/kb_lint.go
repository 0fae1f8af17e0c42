package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/whytls/whytls/knowledgebase"
)

type kbLintOptions struct {
	warnings  bool
	knowledge knowledgeFlag
}

func newKBLint(std *streams) *cobra.Command {
	var o kbLintOptions
	cmd := &cobra.Command{
		Use:   "lint [PATH]",
		Short: "Check entries: references, likelihoods, texts, examples, remedies",
		Long: text(`
			lint checks that every reference resolves, that likelihoods are between 0 and
			1, that no text is of everyday words alone, that examples are matched by their
			own signature and counter-examples are not, and that no remedy weakens
			security. A fault names file, line and column.

			PATH is a folder or a file of your own, which lies over what whytls has, or a
			whole base such as the folder knowledgebase of its sources. Without a PATH it
			is what whytls would take.

			Exit codes: 0 no fault, 1 faults, 2 wrong usage or files that cannot be read.`),
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return runKBLint(std, &o, args) },
	}
	cmd.Flags().BoolVar(&o.warnings, "warnings", false, "list the warnings too, and not just their number")
	o.knowledge.add(cmd)
	return cmd
}

// candidate returns the knowledge to be checked, which need not be sound.
func (k *knowledgeFlag) candidate(args []string) (*knowledgebase.Base, error) {
	paths := append(k.sources(), args...)
	if len(args) > 0 && knowledgebase.IsTree(os.DirFS(args[0])) {
		base, err := knowledgebase.Read(os.DirFS(args[0]))
		if err != nil {
			return nil, unsound(err)
		}
		return base, nil
	}
	if len(paths) == 0 {
		return embeddedKnowledge()
	}
	base, err := knowledgebase.Overlay(paths...)
	if err != nil {
		return nil, unsound(err)
	}
	return base, nil
}

// unsound is a problem of usage where files cannot be read, and a finding where they say what cannot be.
func unsound(err error) error {
	var fault *knowledgebase.Fault
	if errors.As(err, &fault) {
		return &problem{err, "correct the place above the caret; `whytls kb schema` says what may stand there", exitFindings}
	}
	return knowledgeProblem(err)
}

func runKBLint(std *streams, o *kbLintOptions, args []string) error {
	base, err := o.knowledge.candidate(args)
	if err != nil {
		return err
	}
	faults, warnings := 0, 0
	for _, f := range base.Faults() {
		if f.Warning {
			warnings++
			if o.warnings {
				fmt.Fprintf(std.out, "warning: %s\n", printable(f.Error()))
			}
			continue
		}
		faults++
		fmt.Fprintln(std.out, printable(f.Error()))
	}
	for _, text := range base.Replaced() {
		fmt.Fprintln(std.out, printable(text))
	}
	_, err = fmt.Fprintf(std.out, "%d signatures, %d causes, %d systems, %d tables: %s, %s\n", len(base.Signatures), len(base.Causes),
		len(base.Systems), len(base.Tables()), counted(faults, "fault"), counted(warnings, "warning"))
	if err != nil {
		return &problem{fmt.Errorf("writing the faults: %w", err), "", exitInternal}
	}
	if faults > 0 {
		return exitCode(exitFindings)
	}
	return nil
}

// counted writes a number with its noun.
func counted(n int, noun string) string {
	switch n {
	case 0:
		return "no " + noun
	case 1:
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
