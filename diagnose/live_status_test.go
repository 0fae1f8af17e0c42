package diagnose

import (
	"context"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/whytls/whytls/parsers/source"
)

// What was in the log before is known, what comes is new; the header learns how fast.
func TestLiveTellsWhatIsNew(t *testing.T) {
	defer goleak.VerifyNone(t)
	const prefix = "2026/11/22 00:02:01 http: TLS handshake error from 203.0.113.9:50001: "
	path := filepath.Join(t.TempDir(), "a.log")
	appendTo(t, path, prefix+"tls: first record does not look like a TLS handshake\n")
	l, err := NewLive(Options{}, []source.Live{source.NewFile(path, source.FollowOptions{})}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	known := awaitSnapshot(t, l, "the past", func(s *Snapshot) bool {
		return len(s.Findings) == 1 && !s.Input.Sources[0].Reading()
	}).Findings[0].ID
	appendTo(t, path, prefix+"remote error: tls: unknown certificate authority\n2026/11/22 00:02:03 [ERROR] out of luck\n")
	s := awaitSnapshot(t, l, "another finding", func(s *Snapshot) bool { return len(s.Findings) == 2 && s.Input.Records == 3 })
	if state := s.Status[known].State; state != "" {
		t.Errorf("what was known is %q", state)
	}
	for _, f := range s.Findings {
		if status := s.Status[f.ID]; f.ID != known && (status.State != EventNew || status.Seen.IsZero() || status.Rate == 0) {
			t.Errorf("what came is %+v", status)
		}
	}
	if src := s.Input.Sources[0]; s.Rates.Lines == 0 || src.Rates.Lines == 0 || src.Arrived.IsZero() {
		t.Errorf("rates %+v, of the source %+v", s.Rates, src)
	}
	awaitSnapshot(t, l, "rates that have fallen", func(s *Snapshot) bool { return s.Rates.Lines == 0 })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
