package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/whytls/whytls/diagnose/report"
	"github.com/whytls/whytls/knowledgebase"
)

type kbListOptions struct {
	kind      string
	library   string
	cause     string
	system    string
	output    string
	knowledge knowledgeFlag
}

var kbKinds = []string{"causes", "signatures", "systems", "tables"}

func newKBList(std *streams) *cobra.Command {
	var o kbListOptions
	cmd := &cobra.Command{
		Use:   "list [causes|signatures|systems|tables]",
		Short: "List what is known",
		Long: text(`
			list prints the causes, or the kind of entries that is named. --library,
			--cause and --system leave of the signatures those of a library, those that
			make a cause likely, and those of a system; of the causes those that such
			signatures make likely.`),
		Example: examples(`
			whytls kb list
			whytls kb list signatures --cause unknown-ca
			whytls kb list causes --library nng`),
		Args:      cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs),
		ValidArgs: kbKinds,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.kind = args[0]
			}
			return runKBList(std, &o)
		},
	}
	choose(cmd, &o.kind, "kind", "", "", "what to list: `causes`, signatures, systems or tables\n(default causes; signatures where one of the next three is given)", kbKinds...)
	cmd.Flags().StringVar(&o.library, "library", "", "list only what this `library` prints")
	cmd.Flags().StringVar(&o.cause, "cause", "", "list only what makes the cause with this `id` likely")
	cmd.Flags().StringVar(&o.system, "system", "", "list only what is of this `system`")
	choose(cmd, &o.output, "output", "o", "text", "print `text` for a person or json for a program", "text", "json")
	o.knowledge.add(cmd)
	return cmd
}

// kbEntry is one row of the list.
type kbEntry struct {
	Kind    string `json:"kind"`
	ID      string `json:"id"`
	Title   string `json:"title"`
	Urgency string `json:"urgency,omitempty"`
	Library string `json:"library,omitempty"`
	System  string `json:"system,omitempty"`
	Text    string `json:"text,omitempty"`
}

func runKBList(std *streams, o *kbListOptions) error {
	base, err := o.knowledge.base()
	if err != nil {
		return err
	}
	filtered := o.library != "" || o.cause != "" || o.system != ""
	if o.kind == "" {
		o.kind = "causes"
		if filtered {
			o.kind = "signatures"
		}
	}
	if o.cause != "" && base.Causes[o.cause] == nil {
		return usage("`whytls kb list causes` lists them", "unknown cause %q", o.cause)
	}
	var signatures []*knowledgebase.Signature
	likely := make(map[string]bool)
	for _, s := range base.Signatures {
		suggests := s.Suggested(base)
		if o.library != "" && s.Library != o.library || o.system != "" && s.System != o.system && !s.OnlyIn.Has(o.system) || o.cause != "" && !suggests[o.cause] {
			continue
		}
		signatures = append(signatures, s)
		maps.Copy(likely, suggests)
	}
	if filtered && len(signatures) == 0 {
		return usage("`whytls kb list signatures` lists all, with their libraries", "no signature fits")
	}
	entries := []kbEntry{}
	switch o.kind {
	case "causes":
		for _, id := range slices.Sorted(maps.Keys(base.Causes)) {
			if c := base.Causes[id]; !filtered || likely[id] && (o.cause == "" || o.cause == id) {
				entries = append(entries, kbEntry{Kind: "cause", ID: id, Title: c.Title, Urgency: c.Urgency})
			}
		}
	case "signatures":
		for _, s := range signatures {
			entries = append(entries, kbEntry{Kind: "signature", ID: s.ID, Title: s.Says, Library: s.Library, System: s.System, Text: abridged(s.Text)})
		}
	case "systems":
		for _, id := range slices.Sorted(maps.Keys(base.Systems)) {
			if o.system == "" || o.system == id {
				entries = append(entries, kbEntry{Kind: "system", ID: id, Title: base.Systems[id].Title, Text: strings.Join(base.Systems[id].Formats, ", ")})
			}
		}
	case "tables":
		for _, name := range base.Tables() {
			used := slices.ContainsFunc(signatures, func(s *knowledgebase.Signature) bool { return s.Table == name })
			if !filtered || used {
				entries = append(entries, kbEntry{Kind: "table", ID: name, Title: fmt.Sprintf("%d values", len(base.Table(name)))})
			}
		}
	}
	if o.output == "json" {
		return writeJSON(std, entries)
	}
	return writeKBList(std, o.kind, entries)
}

// abridged is the first of several texts and how many there are besides.
func abridged(texts []string) string {
	if len(texts) < 2 {
		return strings.Join(texts, "")
	}
	return fmt.Sprintf("%s (+%d)", texts[0], len(texts)-1)
}

func writeKBList(std *streams, kind string, entries []kbEntry) error {
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	switch kind {
	case "causes":
		fmt.Fprintln(w, "CAUSE\tURGENCY\tWHAT IT IS")
	case "signatures":
		fmt.Fprintln(w, "SIGNATURE\tLIBRARY\tMESSAGE")
	case "systems":
		fmt.Fprintln(w, "SYSTEM\tTITLE\tFORMATS")
	case "tables":
		fmt.Fprintln(w, "TABLE\tSIZE")
	}
	for _, e := range entries {
		switch kind {
		case "causes":
			fmt.Fprintf(w, "%s\t%s\t%s\n", e.ID, e.Urgency, report.Safe(e.Title))
		case "signatures":
			fmt.Fprintf(w, "%s\t%s\t%s\n", e.ID, e.Library, report.Safe(e.Text))
		case "systems":
			fmt.Fprintf(w, "%s\t%s\t%s\n", e.ID, report.Safe(e.Title), e.Text)
		case "tables":
			fmt.Fprintf(w, "%s\t%s\n", e.ID, e.Title)
		}
	}
	if err := w.Flush(); err != nil {
		return &problem{fmt.Errorf("writing the list: %w", err), "", exitInternal}
	}
	return nil
}

// writeJSON prints a value for a program.
func writeJSON(std *streams, v any) error {
	e := json.NewEncoder(std.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(v); err != nil {
		return &problem{fmt.Errorf("writing JSON: %w", err), "", exitInternal}
	}
	return nil
}
