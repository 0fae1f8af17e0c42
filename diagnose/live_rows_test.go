package diagnose

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/whytls/whytls/diagnose/rows"
	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/source"
)

// TestLiveKeepsRows shows that the list of a live run holds what the run reads, in files that are read end first, and
// rotated, and in a pipe, and that it knows what the engine has counted.
func TestLiveKeepsRows(t *testing.T) {
	defer goleak.VerifyNone(t)
	path := filepath.Join(t.TempDir(), "a.log")
	begin := time.Date(2024, 11, 22, 0, 0, 0, 0, time.UTC)
	next := 0
	text := func(n int) string {
		var b strings.Builder
		for range n {
			level := "INFO "
			if next%10000 == 5000 {
				level = "ERROR"
			}
			fmt.Fprintf(&b, "%s %s server::conn: record %d\n", begin.Add(time.Duration(next)*time.Millisecond).Format("2006-01-02T15:04:05.000000Z"), level, next)
			next++
		}
		return b.String()
	}
	appendTo(t, path, text(60000)) // 3 MiB
	pipe, input, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	sources := []source.Live{source.NewFile(path, source.FollowOptions{EndFirst: 256 << 10}), source.NewPipe("-", pipe)}
	l, err := NewLive(Options{ChunkSize: 128 << 10}, sources, nil)
	if err != nil {
		t.Fatal(err)
	}
	list := l.Rows()
	defer list.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	if _, err := input.WriteString(text(1)); err != nil {
		t.Fatal(err)
	}
	input.Close()
	awaitSnapshot(t, l, "all records", func(s *Snapshot) bool { return s.Input.Records == 60001 })
	if n, exact := list.Total(); n != 60001 || !exact {
		t.Errorf("total %d (exact: %v), want 60001", n, exact)
	}
	// The engine has counted six errors. Where they are not, nothing is read for them.
	var found []string
	var at rows.Cursor
	for {
		c, ok, err := list.Find(t.Context(), at, true, func(r *rows.Row) bool { found = append(found, fmt.Sprint(r.Line)); return true }, rows.Filter{Severity: parsers.SeverityError})
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
		at = c
	}
	if got := strings.Join(found, " "); got != "5001 15001 25001 35001 45001 55001" {
		t.Errorf("errors on the lines %s", got)
	}
	p, err := list.Page(t.Context(), rows.Query{From: rows.Start(), After: 1, Filter: rows.Filter{Severity: parsers.SeverityFatal}})
	if err != nil || !p.AtEnd || p.Scanned != 60001 || p.Hidden != 60001 {
		t.Errorf("no fatal error: %d scanned, %d hidden, at the end: %v, %v", p.Scanned, p.Hidden, p.AtEnd, err)
	}

	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	appendTo(t, path, text(3))
	awaitSnapshot(t, l, "the new file", func(s *Snapshot) bool { return s.Input.Records == 60004 })
	p, err = list.Page(t.Context(), rows.Query{From: rows.End(), Before: 5})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range p.Rows {
		got = append(got, fmt.Sprintf("%s:%d %s", filepath.Base(r.Source), r.Line, strings.TrimPrefix(r.Message, "server::conn: ")))
	}
	want := "a.log:60000 record 59999, -:1 record 60000, a.log:1 record 60001, a.log:2 record 60002, a.log:3 record 60003"
	if strings.Join(got, ", ") != want {
		t.Errorf("the last rows are\n%s, want\n%s", strings.Join(got, ", "), want)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
