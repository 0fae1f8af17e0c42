package source

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// discovered collects the names of files that appear.
func discovered(t *testing.T, args ...string) (names <-chan string, first []string) {
	t.Helper()
	sources, later, faults := Watch(args, nil, FollowOptions{FromEnd: true})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	for _, s := range sources {
		first = append(first, filepath.Base(s.Name()))
	}
	ctx, cancel := context.WithCancel(context.Background())
	found, done := make(chan string), make(chan struct{})
	go func() {
		defer close(done)
		later.Run(ctx, func(s Live) {
			if s.(*File).Options.FromEnd || !s.Found() {
				t.Errorf("%s: what appears later is new, and nobody named it", s.Name())
			}
			select {
			case found <- s.Name():
			case <-ctx.Done():
			}
		})
	}()
	t.Cleanup(func() { cancel(); <-done })
	return found, first
}

func awaitName(t *testing.T, names <-chan string, want string) {
	t.Helper()
	select {
	case got := <-names:
		if got != want {
			t.Errorf("found %s, want %s", got, want)
		}
	case <-time.After(deadline):
		t.Fatalf("%s was not found", want)
	}
}

func TestDiscovery(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.log"), "a\n")
	names, first := discovered(t, dir)
	if fmt.Sprint(first) != "[a.log]" {
		t.Errorf("at first: %v", first)
	}
	write(t, filepath.Join(dir, ".hidden"), "b\n")
	write(t, filepath.Join(dir, "b.log"), "b\n")
	awaitName(t, names, filepath.Join(dir, "b.log"))
	must(t, os.Mkdir(filepath.Join(dir, "pod"), 0o700))
	write(t, filepath.Join(dir, "pod", "c.log"), "c\n")
	awaitName(t, names, filepath.Join(dir, "pod", "c.log"))
}

func TestDiscoveryOfPatterns(t *testing.T) {
	dir := t.TempDir()
	names, first := discovered(t, filepath.Join(dir, "*", "app*.log")) // nothing is there yet
	if len(first) > 0 {
		t.Errorf("at first: %v", first)
	}
	must(t, os.Mkdir(filepath.Join(dir, "x"), 0o700))
	write(t, filepath.Join(dir, "x", "other.log"), "a\n")
	write(t, filepath.Join(dir, "x", "app-1.log"), "a\n")
	awaitName(t, names, filepath.Join(dir, "x", "app-1.log"))
}

func TestDiscoveryBehindALink(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "real"), 0o700))
	link := filepath.Join(dir, "link")
	must(t, os.Symlink("real", link))
	write(t, filepath.Join(link, "a.log"), "a\n")
	names, first := discovered(t, link)
	if fmt.Sprint(first) != "[a.log]" {
		t.Errorf("at first: %v", first)
	}
	write(t, filepath.Join(link, "b.log"), "b\n")
	awaitName(t, names, filepath.Join(link, "b.log"))
}

func TestWatchRefusesWhatCannotAppear(t *testing.T) {
	dir := t.TempDir()
	f := func(arg string, want int) {
		t.Helper()
		if _, _, faults := Watch([]string{arg}, nil, FollowOptions{}); len(faults) != want {
			t.Errorf("%s: %v", arg, faults)
		}
	}
	f(dir, 0)
	f(filepath.Join(dir, "*.log"), 0)
	f(filepath.Join(dir, "a.log"), 1)
	f(filepath.Join(dir, "missing", "*.log"), 1)
}

// A folder that cannot be searched now is searched again.
func TestDiscoveryComesBack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "logs")
	must(t, os.Mkdir(dir, 0o700))
	names, _ := discovered(t, dir)
	must(t, os.Remove(dir))
	must(t, os.Mkdir(dir, 0o700))
	write(t, filepath.Join(dir, "a.log"), "a\n")
	awaitName(t, names, filepath.Join(dir, "a.log"))
}
