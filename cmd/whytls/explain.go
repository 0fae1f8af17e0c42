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

	"github.com/whytls/whytls/diagnose/explain"
	"github.com/whytls/whytls/diagnose/report"
)

type explainOptions struct {
	words     []string
	output    string
	timezone  location
	color     string
	brief     bool
	knowledge knowledgeFlag
}

func newExplain(std *streams) *cobra.Command {
	o := explainOptions{timezone: location{"Local", time.Local}}
	cmd := &cobra.Command{
		Use:   "explain [flags] [TEXT…]",
		Short: "Say what one message, code or certificate means, and why it comes",
		Long: text(`
			explain reads a pasted text: a line of a log or a few lines of one incident, an
			error code (0A00010B, -0x7780, verify code 20, 0x178, errno 104), the bytes that
			stood at the beginning of a connection (0x16 0x03, <<22,3,1>>), a certificate
			in PEM, the output of openssl s_client or curl -v. It says what the message
			is, who prints it, who sent the alert, what is certain and what is open, the
			causes with the commands that tell them apart, and what helps. Offline.

			Without TEXT it reads standard input. A text that begins with a dash needs --
			before it.

			Exit codes: 0 the text is known, 1 nothing is known about it, 2 wrong usage,
			3 standard input could not be read, 4 internal error.`),
		Example: examples(`
			whytls explain 'remote error: tls: bad certificate'
			whytls explain 0A00010B
			whytls explain -- -0x7780
			openssl s_client -connect im.example.com:443 </dev/null 2>&1 | whytls explain`),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.words = args
			return runExplain(cmd.Context(), std, &o)
		},
	}
	choose(cmd, &o.output, "output", "o", "text", "print `text` for a person or json for a program", "text", "json")
	cmd.Flags().Var(&o.timezone, "timezone", "`zone` of times that name none\n(Local, UTC, Europe/Berlin, +08:00)")
	choose(cmd, &o.color, "color", "", "auto", "colour the text: `auto`, always or never", "auto", "always", "never")
	cmd.Flags().BoolVar(&o.brief, "brief", false, "show the first check and fix only")
	o.knowledge.add(cmd)
	complete(cmd, "timezone", cobra.FixedCompletions([]string{"Local", "UTC"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func runExplain(ctx context.Context, std *streams, o *explainOptions) error {
	pasted, err := o.text(ctx, std)
	if err != nil {
		return err
	}
	base, err := o.knowledge.base()
	if err != nil {
		return err
	}
	e, err := explain.Explain(ctx, pasted, explain.Options{Base: base, Location: o.timezone.zone, Now: time.Now()})
	switch {
	case ctx.Err() != nil:
		return exitCode(exitInterrupted)
	case err != nil:
		return &problem{err, bugHint, exitInternal}
	}
	if len(pasted) > explain.MaxText {
		std.complain(fmt.Errorf("only the first %d KiB were looked at", explain.MaxText>>10), "use `whytls report` for a log")
	}
	if o.output == "json" {
		err = report.ExplanationJSON(std.out, e)
	} else {
		err = report.Explanation(std.out, e, report.Options{
			Width: std.width(), Color: colored(o.color, isTerminal(std.out), os.Getenv), Verbose: !o.brief,
			Title: base.SystemTitle,
		})
	}
	if err != nil {
		return &problem{err, "", exitInternal}
	}
	if len(e.Readings) == 0 && len(e.Findings) == 0 {
		return exitCode(exitFindings)
	}
	return nil
}

// text is what was given as arguments, or else on standard input.
func (o *explainOptions) text(ctx context.Context, std *streams) (string, error) {
	if len(o.words) > 0 && (len(o.words) > 1 || o.words[0] != "-") {
		return strings.Join(o.words, " "), nil
	}
	if len(o.words) == 0 && !isPiped(std.in) && !isTerminal(std.in) {
		return "", usage("name the text, or pipe it in", "nothing to explain")
	}
	if isTerminal(std.in) {
		fmt.Fprintln(std.err, "whytls: paste the text; Ctrl-D ends it")
	}
	b, err := io.ReadAll(io.LimitReader(interruptible(ctx, std.in), explain.MaxText+1))
	if err != nil {
		return "", &problem{fmt.Errorf("reading standard input: %w", err), "", exitUnreadable}
	}
	if strings.TrimSpace(string(b)) == "" {
		return "", &problem{errors.New("standard input is empty"), "name the text, or pipe it in", exitUsage}
	}
	return string(b), nil
}
