package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/diagnose/check"
	"github.com/whytls/whytls/diagnose/report"
	"github.com/whytls/whytls/knowledgebase"
	"github.com/whytls/whytls/parsers/source"
)

func init() { newCheck = newCheckCommand }

type checkOptions struct {
	paths         []string
	output        string
	outputFile    string
	expiresWithin span
	version       string
	passwordFile  string
	failOn        string
	color         string
	verbose       bool
	quiet         bool
}

func newCheckCommand(std *streams) *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check [flags] PATH…",
		Short: "Say what is wrong in configuration and certificates",
		Long: text(`
			check reads configuration and certificates and says what is wrong in them: file,
			line and column, what happens then, the root cause that a log will show, and the
			fix. It knows WuKongIM (wk.yaml, the TOML of v3, WK_ variables), NanoMQ (HOCON and
			the old format), nginx in front of them, Salvo servers by Cargo.toml and Cargo.lock,
			and what surrounds them: compose files, .env, Kubernetes manifests, systemd units.
			Certificates, keys, chains, PKCS#12 files and CA bundles are checked by themselves
			and against the configuration that names them.

			A PATH is a file or a folder, which is searched. What belongs together should be
			named together: ports, node ids, certificates and keys are compared across files.

			Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 wrong usage, 3 an
			input could not be read (the rest is reported).`),
		Example: examples(`
			whytls check /etc/nginx deploy/wukongim
			whytls check --expires-within 30d /etc/letsencrypt/live
			whytls check --version 0.22.6 nanomq.conf
			whytls check --output sarif --output-file check.sarif deploy`),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.paths = args
			return runCheck(cmd.Context(), std, &o)
		},
	}
	f := cmd.Flags()
	choose(cmd, &o.output, "output", "o", "text", "print `text` for a person, json for a program or sarif for code scanning", "text", "json", "sarif")
	f.StringVar(&o.outputFile, "output-file", "", "write the findings to this `file` (whole or not at all, mode 0600)")
	f.Var(&o.expiresWithin, "expires-within", "report certificates that end within this `time` (30d, 12h; without it:\n30 days, or a sixth of the life of short-lived ones)")
	f.StringVar(&o.version, "version", "", "`version` of NanoMQ that the configuration is for; an image tag is stronger")
	f.StringVar(&o.passwordFile, "pkcs12-password-file", "", "`file` with the password of PKCS#12 files")
	choose(cmd, &o.failOn, "fail-on", "", "watch", "exit with 1 when a finding is at least this `urgent`\n(never, noise, watch, degraded, outage)", "never", "noise", "watch", "degraded", "outage")
	choose(cmd, &o.color, "color", "", "auto", "colour the text: `auto`, always or never", "auto", "always", "never")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "list everything that could not be checked")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "print errors only; the exit code tells the rest")
	complete(cmd, "expires-within", cobra.FixedCompletions([]string{"7d", "30d", "90d"}, cobra.ShellCompDirectiveNoFileComp))
	complete(cmd, "version", cobra.NoFileCompletions)
	return cmd
}

func runCheck(ctx context.Context, std *streams, o *checkOptions) error {
	if len(o.paths) == 0 {
		return usage("name a file or a folder", "nothing to check")
	}
	options, err := o.options()
	if err != nil {
		return err
	}
	result := check.Run(ctx, o.paths, options)
	if err := o.write(std, result); err != nil {
		return err
	}
	for _, u := range result.Unreadable {
		std.complain(notRead(u), checkHint(u.Err))
	}
	switch {
	case ctx.Err() != nil:
		std.complain(errors.New("interrupted"), "what was found until then is above")
		return exitCode(exitInterrupted)
	case len(result.Unreadable) > 0:
		return exitCode(exitUnreadable)
	case o.failOn != "never" && result.Worst() != "" && diagnose.UrgencyRank(result.Worst()) >= diagnose.UrgencyRank(o.failOn):
		return exitCode(exitFindings)
	}
	return nil
}

// options settles what the check needs from outside.
func (o *checkOptions) options() (check.Options, error) {
	options := check.Options{ExpiresWithin: time.Duration(o.expiresWithin), Version: o.version}
	if o.version != "" {
		if _, ok := knowledgebase.ParseVersion(o.version); !ok {
			return options, usage("write it as NanoMQ prints it: 0.22.6", "--version %s is no version", o.version)
		}
	}
	if o.passwordFile != "" {
		data, err := os.ReadFile(o.passwordFile)
		if err != nil {
			return options, usage("name a file that you may read", "reading the password of PKCS#12 files: %w", err)
		}
		options.Password, _, _ = strings.Cut(string(data), "\n")
		options.Password = strings.TrimSuffix(options.Password, "\r")
	}
	return options, nil
}

// write prints the findings, or writes them to a file.
func (o *checkOptions) write(std *streams, result *check.Result) error {
	color, width := colored(o.color, isTerminal(std.out), os.Getenv), std.width()
	if o.outputFile != "" {
		color, width = o.color == "always", defaultWidth
	}
	render := func(w io.Writer) error {
		switch o.output {
		case "json":
			return report.CheckJSON(w, result)
		case "sarif":
			return report.CheckSARIF(w, result, version())
		}
		return report.CheckText(w, result, report.Options{Width: width, Color: color, Verbose: o.verbose})
	}
	switch {
	case o.outputFile != "":
		if err := report.WriteFile(o.outputFile, render); err != nil {
			return &problem{err, "name a file in a folder that you may write to", exitUsage}
		}
		return nil
	case o.quiet, o.output == "text" && len(result.Files) == 0:
		return nil // with nothing read, the errors say it all
	}
	if err := render(std.out); err != nil {
		return &problem{err, "", exitInternal}
	}
	return nil
}

// notRead is the error of an input as a person reads it: the name once.
func notRead(u check.Unreadable) error {
	if strings.Contains(u.Why, u.File) {
		return u.Err
	}
	return fmt.Errorf("%s: %w", u.File, u.Err)
}

func checkHint(err error) string {
	if hint := source.Hint(err); hint != "" {
		return hint
	}
	return "name configuration files, certificates, or folders that hold them; see `whytls check --help`"
}

// span is a flag for a length of time that may be given in days.
type span time.Duration

func (s *span) String() string {
	if *s == 0 {
		return ""
	}
	return time.Duration(*s).String()
}

func (s *span) Type() string { return "time" }

// Set takes what time.ParseDuration takes, and days and weeks.
func (s *span) Set(text string) error {
	d, ok := parseBack(text)
	if !ok || d < 0 {
		return errors.New("must be a length of time such as 30d or 12h")
	}
	*s = span(d)
	return nil
}
