package diagnose

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"github.com/whytls/whytls/diagnose/rows"
	"github.com/whytls/whytls/parsers/source"
)

// TestRowsOfAFinding shows that the rows of the lines that a finding stands on name its signatures, so that a filter by
// finding shows them.
func TestRowsOfAFinding(t *testing.T) {
	logs, err := filepath.Glob("../examples/*/*.log")
	if err != nil || len(logs) == 0 {
		t.Fatal(logs, err)
	}
	checked := 0
	for _, path := range logs {
		l, err := NewLive(Options{}, []source.Live{source.NewFile(path, source.FollowOptions{})}, nil)
		if err != nil {
			t.Fatal(err)
		}
		list := l.Rows()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- l.Run(ctx) }()
		awaitSnapshot(t, l, path, func(s *Snapshot) bool { return len(s.Input.Sources) == 1 && s.Input.Sources[0].State == "live" })
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		for _, f := range l.Latest().Findings {
			page, err := list.Page(t.Context(), rows.Query{After: 10000, Filter: rows.Filter{Signatures: f.Signatures}})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range f.Evidence {
				checked++
				if !slices.ContainsFunc(page.Rows, func(r rows.Row) bool { return r.Line == e.Line && r.Source == e.Source }) {
					t.Errorf("%s:%d is evidence of %q, and no row of %v", e.Source, e.Line, f.Title, f.Signatures)
				}
			}
		}
		if err := list.Close(); err != nil {
			t.Error(err)
		}
	}
	if checked == 0 {
		t.Error("no evidence was checked")
	}
}
