package main

import (
	"context"

	"github.com/whytls/whytls/diagnose/probe"
	"github.com/whytls/whytls/diagnose/report"
	"github.com/whytls/whytls/knowledgebase"
	"github.com/whytls/whytls/tui"
)

// probing is what the key p of the screen does with an address that the person has confirmed.
func probing(base *knowledgebase.Base) tui.Probe {
	return func(ctx context.Context, address string) (*report.Card, error) {
		target, err := probe.ParseTarget(address)
		if err != nil {
			return nil, err
		}
		result, err := probe.Run(ctx, target, probe.Options{Base: base})
		if err != nil {
			return nil, err
		}
		return report.ProbeCard(base, result, false), nil
	}
}
