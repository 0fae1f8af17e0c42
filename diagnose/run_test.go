package diagnose

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/source"
)

// TestPanicCostsOneChunk: a bug over some bytes is told, and what lies behind them is reported all the same.
func TestPanicCostsOneChunk(t *testing.T) {
	format := &parsers.Format{
		Name: "brittle", Title: "breaks on one line", Timed: true,
		Parse: func(line []byte, r *parsers.Record, c *parsers.Clock) bool {
			if strings.HasPrefix(string(line), "boom") {
				panic("boom")
			}
			r.Time = parsers.Timestamp{Nano: 1, Kind: parsers.TimeZoned}
			r.Body = line
			return true
		},
	}
	f := func(chunk int) {
		t.Helper()
		text := strings.Repeat("fine\n", 100) + "boom\n" + strings.Repeat("fine\n", 100)
		inputs, _ := source.Expand([]string{"-"}, strings.NewReader(text))
		e, err := NewEngine(Options{Format: format, Workers: 2, ChunkSize: chunk})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Run(context.Background(), inputs); !errors.Is(err, ErrInternal) || !strings.Contains(err.Error(), "boom") {
			t.Errorf("chunks of %d: the panic ends as %v", chunk, err)
		}
		if s := e.Snapshot(); len(s.Input.Sources) != 1 {
			t.Errorf("chunks of %d: no report after the panic: %+v", chunk, s.Input)
		}
	}
	f(1 << 20) // a worker breaks
	f(64)      // the search for a place to cut breaks
}

// TestInterruptedRun: what was read when the context ended is in the report, and the context's end is no fault of the
// input.
func TestInterruptedRun(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	line := "2026-11-22T00:00:00Z INFO fine\n"
	const whole = 20_000
	read := 0
	r := readerFunc(func(b []byte) (int, error) {
		if read == whole {
			cancel()
			return 0, io.EOF // as cmd's stream does
		}
		read++
		return copy(b, line), nil
	})
	inputs, _ := source.Expand([]string{"-"}, r)
	e, err := NewEngine(Options{Workers: 2, ChunkSize: 4 << 10})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Run(ctx, inputs); !errors.Is(err, context.Canceled) {
		t.Errorf("the run ends as %v", err)
	}
	s := e.Snapshot()
	if s.Input.Lines == 0 || s.Input.Lines != s.Input.Heads || len(s.Faults) != 0 {
		t.Errorf("%d lines, faults %v", s.Input.Lines, s.Faults)
	}
}
