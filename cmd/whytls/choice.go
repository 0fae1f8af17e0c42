package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// choice is a flag that takes one of a few words.
type choice struct {
	value *string
	words []string
}

func (c *choice) String() string { return *c.value }

func (c *choice) Type() string { return "word" }

// Set takes a word of the list; its error names all of them.
func (c *choice) Set(word string) error {
	if !slices.Contains(c.words, word) {
		last := len(c.words) - 1
		return errors.New("must be " + strings.Join(c.words[:last], ", ") + " or " + c.words[last])
	}
	*c.value = word
	return nil
}

// choose adds a flag that takes one of the words, with completion.
func choose(cmd *cobra.Command, value *string, name, short, preset, usage string, words ...string) {
	*value = preset
	cmd.Flags().VarP(&choice{value, words}, name, short, usage)
	complete(cmd, name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

// complete registers completion for a flag that was just added, which cannot fail.
func complete(cmd *cobra.Command, name string, f cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(name, f); err != nil {
		panic(err)
	}
}

var _ pflag.Value = (*choice)(nil)
