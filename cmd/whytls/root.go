package main

import "github.com/spf13/cobra"

func newRoot(io *streams) *cobra.Command {
	root := &cobra.Command{
		Use:           "whytls",
		Short:         "Find the root cause behind log lines, TLS first of all",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetIn(io.in)
	root.SetOut(io.out)
	root.SetErr(io.err)
	root.AddCommand(newReport(io))
	return root
}
