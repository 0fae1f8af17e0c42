package main

import (
	"github.com/spf13/cobra"

	"github.com/whytls/whytls/knowledgebase"
)

func newKBSchema(std *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of files of knowledge, for editors",
		Example: examples(`
			whytls kb schema > knowledge.schema.json
			# then, as the first line of a file of your own:
			# yaml-language-server: $schema=knowledge.schema.json`),
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return writeJSON(std, knowledgebase.JSONSchema()) },
	}
}

type kbExportOptions struct {
	output    string
	knowledge knowledgeFlag
}

func newKBExport(std *streams) *cobra.Command {
	var o kbExportOptions
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Print all that is known",
		Long: text(`
			export prints the whole base: as YAML, a stream of documents that are files of
			knowledge themselves, or as one JSON object.`),
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return runKBExport(std, &o) },
	}
	choose(cmd, &o.output, "output", "o", "yaml", "print `yaml` or json", "yaml", "json")
	o.knowledge.add(cmd)
	return cmd
}

func runKBExport(std *streams, o *kbExportOptions) error {
	base, err := o.knowledge.base()
	if err != nil {
		return err
	}
	if o.output == "json" {
		return writeJSON(std, base.Export())
	}
	if err := base.WriteYAML(std.out); err != nil {
		return &problem{err, "", exitInternal}
	}
	return nil
}
