package tui

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/diagnose/report"
)

// copiedText is what the terminal was told to put on its clipboard.
func copiedText(t *testing.T, sequences []string) string {
	t.Helper()
	if len(sequences) == 0 {
		t.Fatal("nothing was copied")
	}
	rest, ok := strings.CutPrefix(sequences[0], "\x1b]52;c;")
	text, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(rest, "\x07"))
	if !ok || err != nil {
		t.Fatalf("%q is no clipboard sequence: %v", sequences[0], err)
	}
	return string(text)
}

func TestCopy(t *testing.T) {
	t.Setenv("TMUX", "")
	t.Setenv("TERM", "xterm")
	t.Setenv("SSH_TTY", "/dev/pts/1") // the clipboard of this machine is left alone
	f := func(keys string, want ...string) {
		t.Helper()
		s := newScreen(t)
		s.log.store = logStore(t)
		var sequences []string
		s.terminal = func(sequence string) { sequences = append(sequences, sequence) }
		s.typing(strings.Fields(keys)...)
		got := copiedText(t, sequences)
		for _, text := range want {
			if !strings.Contains(got, text) {
				t.Errorf("%s: %q is not in\n%s", keys, text, got)
			}
		}
		for _, r := range got {
			if r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 {
				t.Errorf("%s: the control %q is in %q", keys, r, got)
			}
		}
	}
	f("y", "OUTAGE", "NanoMQ's TLS listener stopped accepting", "87 %", "upgrade to 0.22.10", "nanomq.log:41")
	f("Y", "## OUTAGE: NanoMQ's TLS listener stopped accepting", "* **87 %**", "`openssl s_client -connect 127.0.0.1:8883 -brief </dev/null`", "* never: switch TLS off")
	f("j j y", "WATCH", `\x1b[31m`)
	f("j j Y", "## WATCH", `\x1b[31m`)
	f("2 g y", "client c0 connected from 10.0.0.0")
	f("2 g / hostile enter y", `\x07 \u202e text \xff`)
	f("3 y", "http: TLS handshake error from <ip>")
}

func TestClipboardSequences(t *testing.T) {
	f := func(env map[string]string, want ...string) {
		t.Helper()
		got := clipboardSequences("x", func(name string) string { return env[name] })
		if strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%v: %q, want %q", env, got, want)
		}
	}
	f(nil, "\x1b]52;c;eA==\a")
	f(map[string]string{"TMUX": "/tmp/s"}, "\x1b]52;c;eA==\a", "\x1bPtmux;\x1b\x1b]52;c;eA==\a\x1b\\")
	f(map[string]string{"TERM": "screen"}, "\x1bP\x1b]52;c;eA==\a\x1b\\")
}

func TestExport(t *testing.T) {
	folder := t.TempDir()
	f := func(name string, check func(data []byte) bool) {
		t.Helper()
		s := newScreen(t)
		path := filepath.Join(folder, name)
		s.typing("o", "ctrl+u")
		s.typing(strings.Split(path, "")...)
		s.typing("enter")
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !check(data) || !strings.Contains(s.answer.text, path) {
			t.Errorf("%s holds\n%s\nanswer %q", name, data, s.answer.text)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
		// A name that is taken is not written over unless the person says so.
		if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		again := func(answer string) string {
			s.typing("o", "ctrl+u")
			s.typing(strings.Split(path, "")...)
			s.typing("enter")
			s.typing(strings.Split(answer, "")...)
			s.typing("enter")
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			return string(data)
		}
		if got := again("no"); got != "mine" {
			t.Errorf("%s was written over: %s", name, got)
		}
		if got := again(""); got != "mine" {
			t.Errorf("%s was written over: %s", name, got)
		}
		if got := again("yes"); got != string(data) {
			t.Errorf("%s was not written over: %s", name, got)
		}
	}
	f("report.txt", func(data []byte) bool { return strings.Contains(string(data), "OUTAGE    NanoMQ's TLS listener") })
	f("report.md", func(data []byte) bool { return strings.Contains(string(data), "## OUTAGE: NanoMQ's TLS listener") })
	f("report.json", func(data []byte) bool {
		var s diagnose.Snapshot
		return json.Unmarshal(data, &s) == nil && len(s.Findings) == 4
	})

	s := newScreen(t)
	s.typing("o", "ctrl+u")
	s.typing(strings.Split(filepath.Join(folder, "no", "such", "folder.md"), "")...)
	s.typing("enter")
	if s.answer.look != bad {
		t.Errorf("answer %q", s.answer.text)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 3 {
		t.Errorf("%d files are left behind, %v", len(entries), err)
	}
}

func TestProbeIsConfirmed(t *testing.T) {
	s := newScreen(t)
	var asked []string
	probe := func(_ context.Context, address string) (*report.Card, error) {
		asked = append(asked, address)
		return &report.Card{Facts: "speaks TLS 1.3", Sections: []report.Section{{Heading: "causes", Items: []report.Item{{Mark: "confirmed", Text: "the certificate has expired"}}}}}, nil
	}
	s.typing("p")
	if s.prompt != nil {
		t.Fatal("there is nothing to probe with, and still it asks")
	}
	if strings.Contains(strings.Join(frame(s.state), "\n"), "connect") {
		t.Fatal("p is shown although there is nothing to probe with")
	}
	s.probe = probe
	s.typing("p", "esc")
	if len(asked) != 0 {
		t.Fatalf("it connected to %q without a word", asked)
	}
	s.typing("p")
	if got := s.prompt.input.Value(); got != "127.0.0.1:8883" {
		t.Errorf("it proposes %q", got)
	}
	s.typing("enter")
	if len(asked) != 1 || asked[0] != "127.0.0.1:8883" {
		t.Errorf("it connected to %q", asked)
	}
	s.width, s.height = 120, 40
	if screen := strings.Join(frame(s.state), "\n"); !strings.Contains(screen, "the certificate has expired") {
		t.Errorf("the finding does not tell:\n%s", screen)
	}

	s.probe = func(context.Context, string) (*report.Card, error) { return nil, errors.New("the network is down") }
	s.typing("p", "enter")
	if s.answer.look != bad || !strings.Contains(s.answer.text, "the network is down") {
		t.Errorf("answer %q", s.answer.text)
	}
}
