package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/whytls/whytls/diagnose/probe"
	"github.com/whytls/whytls/diagnose/report"
	"github.com/whytls/whytls/knowledgebase"
)

func init() { newProbe = newProbeCommand }

type probeOptions struct {
	target         string
	timeout        time.Duration
	maxConnections int
	suites         bool
	serverName     string
	startTLS       string
	authorities    string
	certificate    string
	key            string
	output         string
	color          string
	verbose        bool
	knowledge      knowledgeFlag
}

func newProbeCommand(std *streams) *cobra.Command {
	var o probeOptions
	cmd := &cobra.Command{
		Use:   "probe [flags] HOST:PORT | URL",
		Short: "Ask a live endpoint what it speaks, and which causes that proves",
		Long: text(`
			probe connects to one endpoint and says what speaks there: TLS, plain HTTP,
			MQTT, WebSocket, SSH, SMTP or nothing; which versions and cipher suites it
			takes; what it does with and without a server name and a client certificate;
			whether the chain is complete, in order, in force, for that name and trusted.
			Every cause that this can speak on is confirmed, refuted or left open.

			A URL says what is expected there: https, wss, mqtts, tls, smtp, postgres …,
			or plain http, ws, mqtt, tcp. HOST:PORT alone expects TLS.

			It connects to that address only, at most --max-connections times, sends no
			credentials, and ends within --timeout.

			Exit codes: 0 fine, 1 a problem was found, 2 wrong usage, 3 not reachable,
			4 internal error, 130 interrupted.`),
		Example: examples(`
			whytls probe broker.example.com:8883
			whytls probe wss://im.example.com:5210/
			whytls probe --ca ca.pem --cert client.pem --key client.key mqtts://10.0.0.5
			whytls probe --starttls smtp mail.example.com:25
			whytls probe --suites --output json example.com:443`),
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.target = args[0]
			return runProbe(cmd.Context(), std, &o)
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	f := cmd.Flags()
	f.DurationVar(&o.timeout, "timeout", probe.DefaultTimeout, "end within this `time`")
	f.IntVar(&o.maxConnections, "max-connections", probe.DefaultMaxConnections, "make at most this `many` connections")
	f.BoolVar(&o.suites, "suites", false, "list all cipher suites of all versions; takes up to 300\nconnections and 30 s more")
	f.StringVar(&o.serverName, "servername", "", "send this `name` as SNI and check the certificate against it")
	choose(cmd, &o.startTLS, "starttls", "", "auto", "go through the plaintext step of this `protocol` first", append([]string{"auto"}, probe.StartTLSProtocols()...)...)
	f.StringVar(&o.authorities, "ca", "", "trust the certificates in this PEM `file` beside the system's")
	f.StringVar(&o.certificate, "cert", "", "show the server the client certificate in this PEM `file`")
	f.StringVar(&o.key, "key", "", "the private key of --cert, a PEM `file`; by default in that of --cert")
	choose(cmd, &o.output, "output", "o", "text", "print `text` or markdown for a person, json for a program", "text", "markdown", "json")
	choose(cmd, &o.color, "color", "", "auto", "colour the text: `auto`, always or never", "auto", "always", "never")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "tell why each cause is refuted, all remedies and all connections")
	o.knowledge.add(cmd)
	return cmd
}

func runProbe(ctx context.Context, std *streams, o *probeOptions) error {
	target, err := probe.ParseTarget(o.target)
	if err != nil {
		return targetProblem(o.target, err)
	}
	options, err := o.options()
	if err != nil {
		return err
	}
	r, runErr := probe.Run(ctx, target, options)
	if r == nil {
		return &problem{fmt.Errorf("internal error: %w", runErr), bugHint, exitInternal}
	}
	if err := o.write(std, options.Base, r); err != nil {
		return &problem{err, "", exitInternal}
	}
	switch {
	case runErr != nil:
		std.complain(errors.New("interrupted"), "the result holds what was found so far")
		return exitCode(exitInterrupted)
	case !r.Reachable():
		return exitCode(exitUnreadable)
	case r.Problem():
		return exitCode(exitFindings)
	}
	return nil
}

// targetProblem says how a target is written.
func targetProblem(text string, err error) error {
	if scheme, rest, ok := strings.Cut(text, "://"); ok {
		text = scheme + "://" + rest[strings.LastIndexByte(rest, '@')+1:] // what stands before an @ may be a password
	}
	return usage("write HOST:PORT, [IPV6]:PORT or a URL such as wss://im.example.com:5210/", "%s cannot be probed: %w", text, err)
}

// options reads the files that the flags name.
func (o *probeOptions) options() (probe.Options, error) {
	options := probe.Options{
		Timeout: o.timeout, MaxConnections: o.maxConnections, Suites: o.suites, ServerName: o.serverName,
	}
	if o.timeout <= 0 || o.maxConnections <= 0 {
		return options, usage("for example --timeout 5s --max-connections 20", "--timeout and --max-connections must be more than nothing")
	}
	if o.startTLS != "auto" {
		options.StartTLS = o.startTLS
	}
	var err error
	if options.Base, err = o.knowledge.base(); err != nil {
		return options, err
	}
	if o.authorities != "" {
		if options.Authorities, err = readCertificates(o.authorities); err != nil {
			return options, &problem{err, "--ca takes a PEM file of certificates", exitUsage}
		}
	}
	switch {
	case o.key != "" && o.certificate == "":
		return options, usage("name the certificate with --cert", "--key without --cert")
	case o.certificate != "":
		key := o.key
		if key == "" {
			key = o.certificate
		}
		pair, err := tls.LoadX509KeyPair(o.certificate, key)
		if err != nil {
			return options, &problem{fmt.Errorf("reading the client certificate: %w", err), "`whytls check` tells what is wrong with certificate and key files", exitUsage}
		}
		options.Certificate = &pair
	}
	return options, nil
}

// readCertificates reads the certificates of a PEM file.
func readCertificates(name string) ([]*x509.Certificate, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading certificates: %w", err)
	}
	var list []*x509.Certificate
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("reading certificates of %s: %w", name, err)
		}
		list = append(list, c)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s holds no certificate", name)
	}
	return slices.Clip(list), nil
}

func (o *probeOptions) write(std *streams, base *knowledgebase.Base, r *probe.Result) error {
	if o.output == "json" {
		return writeJSON(std, r)
	}
	return writeCard(std.out, report.ProbeCard(base, r, o.verbose), o.output, report.Options{Width: std.width(), Color: colored(o.color, isTerminal(std.out), os.Getenv)})
}

// writeCard writes a card as text or as Markdown.
func writeCard(w io.Writer, c *report.Card, output string, options report.Options) error {
	if output == "markdown" {
		return report.CardMarkdown(w, c)
	}
	return report.CardText(w, c, options)
}
