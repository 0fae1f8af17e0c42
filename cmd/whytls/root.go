package main

import (
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// newWatch makes the live command. It is set where that command is written, and nil in a build without it.
var newWatch func(*streams) *cobra.Command

// newProbe makes the command that connects to an endpoint.
var newProbe func(*streams) *cobra.Command

// newCheck makes the command that checks configuration.
var newCheck func(*streams) *cobra.Command

func newRoot(std *streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "whytls PATH…",
		Short: "Find the root cause behind log lines, TLS first of all",
		Long: text(`
			whytls reads the logs of WuKongIM, NanoMQ, Salvo and the programs around them,
			finds what went wrong (TLS first of all), and says why, how sure it is, which
			lines say so, which command decides, and how to fix it. It works offline and
			gives the same answer every time.

			With paths alone it watches them on a terminal and reports on them in a pipe.`),
		Example: examples(`
			whytls report /var/log/wukongim            what went wrong, and why
			kubectl logs deploy/im | whytls report -   the same for a pipe
			whytls report --since 2h --output json app.log.gz
			whytls formats detect app.log              what the lines were taken for`),
		Args:                       cobra.ArbitraryArgs,
		DisableFlagsInUseLine:      true,
		SuggestionsMinimumDistance: 2,
		SilenceUsage:               true,
		SilenceErrors:              true,
		Version:                    version(),
		PersistentPreRunE:          func(cmd *cobra.Command, _ []string) error { return settle(cmd, os.LookupEnv) },
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.err)
	root.SetVersionTemplate("whytls {{.Version}}\n")
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), "Flags.FlagUsages |", "Flags.FlagUsagesWrapped 80 |"))
	root.Flags().Bool("version", false, "print the version")
	root.PersistentFlags().String("config", "", "read settings from this `file` too")
	root.PersistentFlags().BoolP("help", "h", false, "say how the command is used")
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommand(&cobra.Command{Use: "no-help", Hidden: true})
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("run `"+cmd.CommandPath()+" --help`", "%w", err)
	})
	root.AddCommand(newReport(std), newExplain(std), newTemplates(std), newDiff(std), newFormats(std), newKB(std), newBench(std), newVersion(std), newCompletion(std))
	if newCheck != nil {
		root.AddCommand(newCheck(std))
	}
	if newWatch != nil {
		root.AddCommand(newWatch(std))
	}
	if newProbe != nil {
		root.AddCommand(newProbe(std))
	}
	return root
}

// text takes the indentation of the source off a help text.
func text(s string) string {
	lines := strings.Split(strings.Trim(s, "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, "\t\t\t")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// examples are help text with the indentation that cobra leaves to its callers.
func examples(s string) string {
	return "  " + strings.ReplaceAll(text(s), "\n", "\n  ")
}

var commandWord = regexp.MustCompile(`^[a-z][a-z-]*$`)

// withDefaultCommand lets `whytls PATH…` stand for watch on a terminal and for report elsewhere. Arguments that name a
// command stay as they are; so does a lone flag (--help, --version).
func withDefaultCommand(root *cobra.Command, std *streams, args []string) ([]string, error) {
	var names []string
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	names = append(names, "help", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd)
	path := false
	for _, a := range args {
		if a == "--" {
			path = true
			break
		}
		if slices.Contains(names, a) || a == "--help" || a == "-h" || a == "--version" {
			if a == "help" {
				args = append(slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == "help" }), "--help")
			}
			return args, nil
		}
		path = path || a == "-" || !strings.HasPrefix(a, "-")
	}
	if !path {
		return args, nil
	}
	if first := args[0]; commandWord.MatchString(first) {
		if _, err := os.Stat(first); err != nil {
			hint := "run `whytls --help` for the commands, or name an existing file"
			if near := root.SuggestionsFor(first); len(near) > 0 {
				hint = "did you mean `whytls " + near[0] + "`?"
			}
			return nil, usage(hint, "unknown command %q", first)
		}
	}
	command := "report"
	if watch := subcommand(root, "watch"); watch != nil && isTerminal(std.in) && isTerminal(std.out) && takes(watch, args) {
		command = "watch"
	}
	return append([]string{command}, args...), nil
}

// takes reports whether command can do with args: it reads no pipe and may lack flags that report has.
func takes(command *cobra.Command, args []string) bool {
	for _, a := range args {
		switch {
		case a == "--":
			return true
		case a == "-":
			return false
		case strings.HasPrefix(a, "--"):
			name, _, _ := strings.Cut(a[2:], "=")
			if command.Flags().Lookup(name) == nil && command.InheritedFlags().Lookup(name) == nil {
				return false
			}
		case strings.HasPrefix(a, "-") && command.Flags().ShorthandLookup(a[1:2]) == nil:
			return false
		}
	}
	return true
}
