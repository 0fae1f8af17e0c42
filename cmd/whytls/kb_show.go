package main

import (
	"cmp"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whytls/whytls/diagnose/report"
	"github.com/whytls/whytls/knowledgebase"
)

type kbShowOptions struct {
	output    string
	color     string
	knowledge knowledgeFlag
}

func newKBShow(std *streams) *cobra.Command {
	var o kbShowOptions
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show the card of a cause, a signature, a system or a table",
		Example: examples(`
			whytls kb show plaintext-to-tls-port
			whytls kb show --output markdown unknown-ca > unknown-ca.md`),
		Args: cobra.ExactArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			base, err := o.knowledge.base()
			if err != nil {
				return nil, cobra.ShellCompDirectiveError
			}
			return knownIDs(base), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error { return runKBShow(std, &o, args[0]) },
	}
	choose(cmd, &o.output, "output", "o", "text", "print `text`, markdown, or json for a program", "text", "markdown", "json")
	choose(cmd, &o.color, "color", "", "auto", "colour the text: `auto`, always or never", "auto", "always", "never")
	o.knowledge.add(cmd)
	return cmd
}

func knownIDs(base *knowledgebase.Base) []string {
	ids := slices.Collect(maps.Keys(base.Causes))
	for _, s := range base.Signatures {
		ids = append(ids, s.ID)
	}
	return append(append(ids, slices.Collect(maps.Keys(base.Systems))...), base.Tables()...)
}

func runKBShow(std *streams, o *kbShowOptions, id string) error {
	base, err := o.knowledge.base()
	if err != nil {
		return err
	}
	card := report.CardOf(base, id)
	if card == nil {
		hint := "run `whytls kb list causes`, signatures, systems or tables"
		if near := nearest(id, knownIDs(base)); near != "" {
			hint = "did you mean `whytls kb show " + near + "`?"
		}
		return usage(hint, "nothing is known by the id %q", id)
	}
	switch o.output {
	case "json":
		var entry any = base.Table(strings.TrimPrefix(id, "table:"))
		switch {
		case base.Causes[id] != nil:
			entry = base.Causes[id]
		case base.Signature(id) != nil:
			entry = base.Signature(id)
		case base.Systems[id] != nil:
			entry = base.Systems[id]
		}
		return writeJSON(std, entry)
	case "markdown":
		err = report.CardMarkdown(std.out, card)
	default:
		err = report.CardText(std.out, card, report.Options{Width: std.width(), Color: colored(o.color, isTerminal(std.out), os.Getenv)})
	}
	if err != nil {
		return &problem{err, "", exitInternal}
	}
	return nil
}

// nearest returns the word that needs the fewest changes to become id, "" when all are far.
func nearest(id string, words []string) string {
	best, least := "", max(len(id)/4, 1)+1
	slices.SortFunc(words, cmp.Compare[string])
	for _, word := range words {
		if d := changes(id, word); d < least {
			best, least = word, d
		}
	}
	return best
}

// changes counts the letters to insert, delete or replace between two words.
func changes(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			above := row[j+1]
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, above, row[j])
			}
			diagonal, row[j+1] = above, cost
		}
	}
	return row[len(b)]
}
