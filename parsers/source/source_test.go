package source

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestExpand(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"logs/b.log": "b", "logs/a.log": "a", "logs/deep/c.log": "c", "logs/.hidden/d.log": "d", "logs/.e": "e", "x.log": "x"} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir("none", 0o755); err != nil {
		t.Fatal(err)
	}
	f := func(args, want string, wantFaults ...error) {
		t.Helper()
		inputs, faults := Expand(strings.Fields(args), strings.NewReader(""))
		var names []string
		for _, in := range inputs {
			names = append(names, in.Name)
			if named := slices.Contains(strings.Fields(args), in.Name); in.Found == named && !strings.Contains(args, "*") {
				t.Errorf("%q: %s is found: %v", args, in.Name, in.Found)
			}
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%q: %q, want %q", args, got, want)
		}
		if len(faults) != len(wantFaults) {
			t.Errorf("%q: faults %v", args, faults)
			return
		}
		for i, err := range faults {
			var fault *Fault
			if !errors.Is(err, wantFaults[i]) || !errors.As(err, &fault) || Hint(err) == "" {
				t.Errorf("%q: %v (hint %q), want %v", args, err, Hint(err), wantFaults[i])
			}
		}
	}
	f("logs", "logs/a.log logs/b.log logs/deep/c.log")
	f("x.log logs/b.log logs", "x.log logs/b.log logs/a.log logs/deep/c.log")
	f("x.log x.log ./x.log", "x.log")
	f("logs/*.log", "logs/a.log logs/b.log")
	f("- x.log -", "- x.log")
	f("gone.log x.log", "x.log", fs.ErrNotExist)
	f("none", "", ErrNoLogs)
	f("*.txt", "", fs.ErrNotExist)
	f("[", "", filepath.ErrBadPattern)
}

// TestConsumed: the way through a file is told, for the progress line.
func TestConsumed(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.log")
	if err := os.WriteFile(name, []byte(strings.Repeat("a line\n", 1000)), 0o644); err != nil {
		t.Fatal(err)
	}
	inputs, _ := Expand([]string{name}, nil)
	r, err := inputs[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.Copy(io.Discard, r); err != nil {
		t.Fatal(err)
	}
	if got := inputs[0].Consumed(); got != inputs[0].Size || got != 7000 {
		t.Errorf("%d of %d bytes consumed", got, inputs[0].Size)
	}
}
