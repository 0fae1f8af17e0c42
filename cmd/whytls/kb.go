package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/whytls/whytls/knowledgebase"
)

func newKB(std *streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "kb",
		Short: "Look into the knowledge: causes, messages, systems",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newKBList(std), newKBShow(std), newKBLint(std), newKBCoverage(std))
	return cmd
}

// knowledge returns the embedded base; that it cannot be decoded is a bug.
func knowledge() (*knowledgebase.Base, error) {
	base, err := knowledgebase.Embedded()
	if err != nil {
		return nil, &problem{fmt.Errorf("internal error: %w", err), bugHint, exitInternal}
	}
	return base, nil
}

func newKBList(std *streams) *cobra.Command {
	return &cobra.Command{
		Use:       "list [causes|signatures|systems]",
		Short:     "List what is known",
		Args:      cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"causes", "signatures", "systems"},
		RunE: func(_ *cobra.Command, args []string) error {
			base, err := knowledge()
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
			switch append(args, "causes")[0] {
			case "causes":
				fmt.Fprintln(w, "CAUSE\tURGENCY\tWHAT IT IS")
				for _, id := range slices.Sorted(maps.Keys(base.Causes)) {
					fmt.Fprintf(w, "%s\t%s\t%s\n", id, base.Causes[id].Urgency, base.Causes[id].Title)
				}
			case "signatures":
				fmt.Fprintln(w, "SIGNATURE\tLIBRARY\tMESSAGE")
				for _, s := range base.Signatures {
					fmt.Fprintf(w, "%s\t%s\t%s\n", s.ID, s.Library, strings.Join(s.Text, " | "))
				}
			case "systems":
				fmt.Fprintln(w, "SYSTEM\tFORMATS\tTITLE")
				for _, id := range slices.Sorted(maps.Keys(base.Systems)) {
					fmt.Fprintf(w, "%s\t%s\t%s\n", id, strings.Join(base.Systems[id].Formats, ", "), base.Systems[id].Title)
				}
			}
			if err := w.Flush(); err != nil {
				return &problem{fmt.Errorf("writing the list: %w", err), "", exitInternal}
			}
			return nil
		},
	}
}

func newKBShow(std *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Show the card of a cause, a signature or a system",
		Args:  cobra.ExactArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			base, err := knowledge()
			if err != nil {
				return nil, cobra.ShellCompDirectiveError
			}
			ids := slices.Collect(maps.Keys(base.Causes))
			for _, s := range base.Signatures {
				ids = append(ids, s.ID)
			}
			return append(ids, slices.Collect(maps.Keys(base.Systems))...), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			base, err := knowledge()
			if err != nil {
				return err
			}
			var card any
			switch id := args[0]; {
			case base.Causes[id] != nil:
				card = base.Causes[id]
			case base.Signature(id) != nil:
				card = base.Signature(id)
			case base.Systems[id] != nil:
				card = base.Systems[id]
			default:
				return usage("run `whytls kb list causes`, signatures or systems", "nothing is known by the id %q", id)
			}
			e := yaml.NewEncoder(std.out)
			e.SetIndent(2)
			if err := e.Encode(card); err != nil {
				return &problem{fmt.Errorf("writing the card: %w", err), "", exitInternal}
			}
			return nil
		},
	}
}

func newKBLint(std *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "lint",
		Short: "Check that every reference resolves and every example is matched by its own signature",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			base, err := knowledge()
			if err != nil {
				return err
			}
			if err := base.Lint(); err != nil {
				return &problem{err, "the entries are in knowledgebase/; see CONTRIBUTING.md", exitFindings}
			}
			_, err = fmt.Fprintf(std.out, "%d signatures, %d causes, %d systems: no fault\n", len(base.Signatures), len(base.Causes), len(base.Systems))
			return err
		},
	}
}
