package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newCompletion(std *streams) *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print a script that completes whytls commands in a shell",
		Long: text(`
			completion prints a script for a shell. To load it in every session:

			  bash        whytls completion bash > ~/.local/share/bash-completion/completions/whytls
			  zsh         whytls completion zsh > "${fpath[1]}/_whytls"
			  fish        whytls completion fish > ~/.config/fish/completions/whytls.fish
			  powershell  whytls completion powershell | Out-String | Invoke-Expression`),
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			root, err := cmd.Root(), error(nil)
			switch args[0] {
			case "bash":
				err = root.GenBashCompletionV2(std.out, true)
			case "zsh":
				err = root.GenZshCompletion(std.out)
			case "fish":
				err = root.GenFishCompletion(std.out, true)
			case "powershell":
				err = root.GenPowerShellCompletionWithDesc(std.out)
			}
			if err != nil {
				return &problem{fmt.Errorf("writing the script: %w", err), "", exitInternal}
			}
			return nil
		},
	}
}
