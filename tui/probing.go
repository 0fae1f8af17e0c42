package tui

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/diagnose/report"
)

// Probe connects to an address that the person has named and tells what it found.
type Probe func(ctx context.Context, address string) (found *report.Card, err error)

// probed is what a probe for a finding has found.
type probed struct {
	finding string
	address string
	at      time.Time
	running bool
	found   *report.Card
	err     error
}

// endpoint finds the address that a check of a finding would connect to.
var endpoint = regexp.MustCompile(`(?:-connect|whytls probe) (\S+)`)

// askProbe asks which address to probe. The log's own word is only a proposal: nothing is connected to before the person
// has pressed Enter on it.
func askProbe(s *state, f *diagnose.Finding) []effect {
	proposal := ""
	for i := range f.Causes {
		for _, check := range f.Causes[i].Checks {
			if m := endpoint.FindStringSubmatch(check.Run); m != nil && proposal == "" {
				proposal = strings.ReplaceAll(m[1], "{host}", "")
			}
		}
	}
	s.ask(prompt{
		label: "connect to:",
		hint:  "host:port; Enter connects, Esc does not",
		enter: func(s *state, address string) []effect {
			if address == "" {
				return nil
			}
			s.probes[f.ID] = &probed{finding: f.ID, address: address, at: s.now, running: true}
			s.say(faint, "probing "+address+" …")
			return []effect{runProbe(s.probe, f.ID, address)}
		},
	}, strings.Trim(proposal, "{}"))
	return nil
}

func runProbe(probe Probe, finding, address string) effect {
	return func(ctx context.Context) message {
		found, err := probe(ctx, address)
		return &probed{finding: finding, address: address, at: time.Now(), found: found, err: err}
	}
}

func (m *probed) apply(s *state) []effect {
	s.probes[m.finding] = m
	if m.err != nil {
		s.say(bad, fmt.Sprintf("probing %s: %v", m.address, m.err))
	} else {
		s.say(good, "the probe of "+m.address+" is done: see the finding")
	}
	return nil
}

// probed tells what a probe has found.
func (d *detail) probed(f *diagnose.Finding) {
	p := d.state.probes[f.ID]
	if p == nil {
		return
	}
	d.add(nil)
	d.row("probe", label, p.address+"  "+p.at.Format(time.TimeOnly))
	switch {
	case p.running:
		d.row("", faint, "…")
	case p.err != nil:
		d.row("", bad, p.err.Error())
	}
	if p.found != nil {
		d.card(p.found)
	}
}

// card tells what a card does, without its title.
func (d *detail) card(c *report.Card) {
	if c.Facts != "" {
		d.row("", plain, c.Facts)
	}
	for _, section := range c.Sections {
		d.row("", strong, section.Heading)
		for _, item := range section.Items {
			text, look := item.Text, plain
			if item.Mark != "" {
				text = item.Mark + "  " + text
			}
			if item.Code {
				look = command
			}
			d.row("", look, text)
			if item.Note != "" {
				d.row("", faint, "  "+item.Note)
			}
		}
	}
}
