package main

import (
	"github.com/spf13/cobra"
)

func newKB(std *streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "kb",
		Short: "Look into the knowledge: causes, messages, systems",
		Long: text(`
			kb shows what whytls knows and checks what you add to it. Knowledge is YAML:
			signatures of messages, cards of root causes, profiles of systems. Files of
			your own lie in $XDG_CONFIG_HOME/whytls/knowledge or where --knowledge says;
			an entry with the id of one that whytls has stands in its place.`),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newKBList(std), newKBShow(std), newKBLint(std), newKBTest(std), newKBCoverage(std), newKBSchema(std), newKBExport(std))
	return cmd
}
