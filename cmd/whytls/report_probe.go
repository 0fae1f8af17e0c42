package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/diagnose/probe"
	"github.com/whytls/whytls/diagnose/report"
	"github.com/whytls/whytls/knowledgebase"
)

// askFirst is the value of --probe without an address: the person confirms each one that the log names.
const askFirst = "ask"

// named takes the addresses to probe out of the flag, and out of the arguments where --probe stands alone before one:
// an argument that reads as an address and is no file.
func (o *reportOptions) named() ([]probe.Target, error) {
	var targets []probe.Target
	take := func(text string) error {
		target, err := probe.ParseTarget(text)
		if err != nil {
			return targetProblem(text, err)
		}
		targets = append(targets, target)
		return nil
	}
	for _, text := range o.probe {
		if text == askFirst {
			continue
		}
		if err := take(text); err != nil {
			return nil, err
		}
	}
	if !slices.Contains(o.probe, askFirst) {
		return targets, nil
	}
	var paths []string
	for _, path := range o.paths {
		_, missing := os.Stat(path)
		if _, err := probe.ParseTarget(path); err != nil || missing == nil {
			paths = append(paths, path)
		} else if err := take(path); err != nil {
			return nil, err
		}
	}
	if len(paths) < len(o.paths) {
		o.probe = slices.DeleteFunc(slices.Clone(o.probe), func(text string) bool { return text == askFirst })
	}
	o.paths = paths
	return targets, nil
}

// prove probes the addresses that the user names or confirms and ranks the findings anew. A probe that fails leaves the
// report as it is.
func (o *reportOptions) prove(ctx context.Context, std *streams, base *knowledgebase.Base, s *diagnose.Snapshot, targets []probe.Target) (*diagnose.Snapshot, []*probe.Result, error) {
	if slices.Contains(o.probe, askFirst) {
		targets = append(targets, o.confirmed(std, s)...)
	}
	var results []*probe.Result
	for _, target := range targets {
		r, err := probe.Run(ctx, target, probe.Options{Base: base})
		if err != nil {
			return s, results, fmt.Errorf("probing %s: %w", target, err)
		}
		proof, err := r.Proof()
		if err != nil {
			return s, results, err
		}
		s, results = s.Proven(base, proof), append(results, r)
	}
	return s, results, nil
}

// confirmed asks for each address that a finding names whether to connect to it. Log text is hostile: without a person who
// says yes nothing is connected to.
func (o *reportOptions) confirmed(std *streams, s *diagnose.Snapshot) []probe.Target {
	var proposed []probe.Target
	for _, f := range s.Findings {
		target, err := probe.ParseTarget(f.Endpoint)
		if err == nil && f.Urgency != "noise" && !slices.ContainsFunc(proposed, func(t probe.Target) bool { return t == target }) {
			proposed = append(proposed, target)
		}
	}
	if len(proposed) == 0 {
		std.complain(errors.New("nothing was probed: no finding names an address"), "name one: --probe HOST:PORT")
		return nil
	}
	if !isTerminal(std.in) || !isTerminal(std.err) || slices.Contains(o.paths, "-") {
		var list []string
		for _, t := range proposed {
			list = append(list, "--probe "+t.String())
		}
		std.complain(errors.New("nothing was probed: an address out of a log has to be confirmed, and this is no terminal"), "name it: "+strings.Join(list, " or "))
		return nil
	}
	var targets []probe.Target
	answers := bufio.NewReader(std.in)
	for _, t := range proposed {
		fmt.Fprintf(std.err, "whytls: the log names %s; connect to it? [y/N] ", t)
		line, err := answers.ReadString('\n')
		if answer := strings.ToLower(strings.TrimSpace(line)); answer == "y" || answer == "yes" {
			targets = append(targets, t)
		}
		if err != nil {
			break
		}
	}
	return targets
}

// writeProbes writes what the probes found below the report.
func writeProbes(w io.Writer, base *knowledgebase.Base, results []*probe.Result, options report.Options) error {
	for _, r := range results {
		if _, err := io.WriteString(w, "\n"); err != nil {
			return err
		}
		if err := report.CardText(w, report.ProbeCard(base, r, options.Verbose), options); err != nil {
			return err
		}
	}
	return nil
}
