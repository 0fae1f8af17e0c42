package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"
)

func TestColored(t *testing.T) {
	f := func(when string, terminal bool, env string, want bool) {
		t.Helper()
		lookup := func(name string) string {
			for _, pair := range strings.Fields(env) {
				if k, v, _ := strings.Cut(pair, "="); k == name {
					return v
				}
			}
			return ""
		}
		if got := colored(when, terminal, lookup); got != want {
			t.Errorf("colored(%s, %v, %q) = %v", when, terminal, env, got)
		}
	}
	f("auto", true, "", true)
	f("auto", false, "", false)
	f("auto", true, "TERM=dumb", false)
	f("auto", true, "NO_COLOR=1", false)
	f("auto", false, "CLICOLOR_FORCE=1", true)
	f("auto", false, "CLICOLOR_FORCE=0", false)
	f("auto", false, "CLICOLOR_FORCE=1 NO_COLOR=1", false)
	f("always", false, "NO_COLOR=1", true)
	f("never", true, "CLICOLOR_FORCE=1", false)
}

// TestInterruptible: the stream ends with the context although nobody writes, and what was written comes through.
func TestInterruptible(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	in, out := io.Pipe()
	r := interruptible(ctx, in)
	go func() {
		_, _ = out.Write([]byte("one line\n"))
		time.Sleep(20 * time.Millisecond)
		cancel()
	}()
	got, err := io.ReadAll(r)
	if err != nil || string(got) != "one line\n" {
		t.Errorf("got %q, %v", got, err)
	}
	if err := out.Close(); err != nil {
		t.Error(err)
	}
}

func TestProgressLine(t *testing.T) {
	f := func(read, total, parsed int64, passed time.Duration, want string) {
		t.Helper()
		if got := progressLine(read, total, parsed, passed); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	f(250e6, 1000e6, 500e6, 2*time.Second, "reading 250 of 1000 MB, 25 %, 250 MB/s, 6s left")
	f(250e6, 0, 250e6, time.Second, "reading 250 MB, 250 MB/s")
	f(1000e6, 1000e6, 1000e6, time.Second, "reading 1000 of 1000 MB, 100 %, 1000 MB/s")
}

// TestPanicIsReported: a bug ends in one message with a hint and the code for it, not in a bare stack trace.
func TestPanicIsReported(t *testing.T) {
	var errs bytes.Buffer
	std := newStreams(strings.NewReader(""), io.Discard, &errs)
	if code := std.fail(panicked("index out of range")); code != exitInternal {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{"whytls: internal error: index out of range\n", "\nhint: this is a bug of whytls; "} {
		if !strings.Contains(errs.String(), want) {
			t.Errorf("no %q in:\n%s", want, errs.String())
		}
	}
}
