package diagnose

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/whytls/whytls/parsers/source"
)

// Evidence names a file and a line that exist, whatever the log was called when the line was read.
func TestEvidenceAfterRotation(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.log")
	plain := func(from, to int) string {
		var b strings.Builder
		for i := from; i < to; i++ {
			fmt.Fprintf(&b, "2026/11/22 00:%02d:%02d tick\n", i/60, i%60)
		}
		return b.String()
	}
	fault := func(what string) string {
		return "2026/11/22 00:30:00 http: TLS handshake error from 203.0.113.9:50001: " + what + "\n"
	}
	appendTo(t, path, plain(0, 9)+fault("EOF")+plain(9, 10))
	l, err := NewLive(Options{}, []source.Live{source.NewFile(path, source.FollowOptions{})}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	lines := func(n int64) func(*Snapshot) bool {
		return func(s *Snapshot) bool { return s.Input.Records >= n }
	}
	awaitSnapshot(t, l, "the first file", lines(11))
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	appendTo(t, path, plain(20, 24)+fault("tls: first record does not look like a TLS handshake")+plain(24, 25))
	awaitSnapshot(t, l, "the second file", lines(17))
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	awaitSnapshot(t, l, "the truncation", func(s *Snapshot) bool {
		return len(s.Warnings) > 0 && strings.Contains(fmt.Sprint(s.Warnings), "truncated")
	})
	appendTo(t, path, plain(30, 31)+fault("remote error: tls: bad certificate")+plain(31, 32))
	s := awaitSnapshot(t, l, "the file after the truncation", lines(20))
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range s.Findings {
		for _, e := range f.Evidence {
			got = append(got, fmt.Sprintf("%s:%d", filepath.Base(e.Source), e.Line))
		}
	}
	all := strings.Join(got, ", ")
	for _, want := range []string{"a.log.1:10", "a.log (an earlier file):5", "a.log:2"} {
		if !strings.Contains(all, want) {
			t.Errorf("evidence at %s, want one at %s", all, want)
		}
	}
}

func TestOrigins(t *testing.T) {
	f := func(line int64, want string) {
		t.Helper()
		s := &sourceState{name: "a.log"}
		s.origins.moveOn(2, map[int]string{1: "a.log.1"})
		for _, run := range []origin{{0, 1, 0, 0}, {10, 2, 1, 0}, {20, 1, 0, 0}, {22, 2, 11, 0}} {
			s.origins.add(run)
		}
		s.origins.counted(1, 1001)
		name, number := s.place(line)
		if got := fmt.Sprintf("%s:%d", name, number); got != want {
			t.Errorf("line %d is at %s, want %s", line, got, want)
		}
	}
	f(1, "a.log.1:1001")
	f(10, "a.log.1:1010")
	f(11, "a.log:1")
	f(20, "a.log:10")
	f(21, "a.log.1:1011")
	f(23, "a.log:11")
	f(99, "a.log:87")
}
