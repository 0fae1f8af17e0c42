package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/diagnose/check"
)

// configurationFlag names the configuration of the programs whose logs are read. What is wrong in it is evidence.
type configurationFlag struct {
	files  []string
	beside bool
}

func (c *configurationFlag) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&c.files, "config-file", nil, "take the faults of this configuration `file` (or folder) as evidence, see\nwhytls check; may be repeated")
	cmd.Flags().BoolVar(&c.beside, "with-config", false, "take the faults of configuration files in the logs' folders as evidence")
}

// facts checks the configuration that was named and, with --with-config, what lies in the folders of the logs.
func (c *configurationFlag) facts(ctx context.Context, logs []string) ([]diagnose.Fact, error) {
	var facts []diagnose.Fact
	if len(c.files) > 0 {
		result := check.Run(ctx, c.files, check.Options{})
		if len(result.Unreadable) > 0 {
			u := result.Unreadable[0]
			return nil, &problem{fmt.Errorf("reading the configuration: %w", notRead(u)), checkHint(u.Err), exitUnreadable}
		}
		facts = result.Facts()
	}
	if folders := foldersOf(logs); c.beside && len(folders) > 0 {
		result := check.Run(ctx, folders, check.Options{Beside: true})
		for _, u := range result.Unreadable {
			if !errors.Is(u.Err, os.ErrNotExist) {
				return nil, &problem{fmt.Errorf("reading the configuration beside the logs: %w", notRead(u)), checkHint(u.Err), exitUnreadable}
			}
		}
		facts = append(facts, result.Facts()...)
	}
	return facts, nil
}

// foldersOf returns the folders that the logs lie in. Patterns are those of source.Expand.
func foldersOf(logs []string) (folders []string) {
	for _, path := range logs {
		matches := []string{path}
		if _, err := os.Stat(path); err != nil {
			matches, _ = filepath.Glob(path)
		}
		for _, m := range matches {
			info, err := os.Stat(m)
			if err != nil {
				continue
			}
			if !info.IsDir() {
				m = filepath.Dir(m)
			}
			if !slices.Contains(folders, m) {
				folders = append(folders, m)
			}
		}
	}
	return folders
}
