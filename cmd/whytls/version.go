package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/whytls/whytls/knowledgebase"
	"github.com/whytls/whytls/parsers"
)

// version is that of the module when it was installed from a tag, and the commit otherwise.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(unknown)"
	}
	return info.Main.Version
}

func newVersion(std *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version, how it was built and how much it knows",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return runVersion(std) },
	}
}

func runVersion(std *streams) error {
	base, err := knowledgebase.Embedded()
	if err != nil {
		return &problem{fmt.Errorf("internal error: %w", err), bugHint, exitInternal}
	}
	revision, modified := "unknown", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				revision = s.Value
			case s.Key == "vcs.modified" && s.Value == "true":
				modified = " (modified)"
			}
		}
	}
	_, err = fmt.Fprintf(std.out, "whytls %s\ncommit     %s%s\nbuilt      %s %s/%s\nknowledge  %d signatures, %d causes, %d systems\nformats    %d\n",
		version(), revision, modified, runtime.Version(), runtime.GOOS, runtime.GOARCH,
		len(base.Signatures), len(base.Causes), len(base.Systems), len(parsers.Formats()))
	if err != nil {
		return &problem{fmt.Errorf("writing the version: %w", err), "", exitInternal}
	}
	return nil
}
