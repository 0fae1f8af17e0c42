package check_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/whytls/whytls/diagnose/check"
)

// sample is an archive with the files of one deployment. The lines in front of them say which certificates to issue (see pki), what
// is expected ("want RULE FILE:LINE:COLUMN"), and options ("version 0.22.6", "expires-within 30").
type sample struct {
	folder  string
	want    []string
	options check.Options
}

func unpack(t *testing.T, path string) *sample {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s := &sample{folder: t.TempDir(), options: check.Options{Now: now}}
	p := newPKI(t)
	for _, line := range strings.Split(string(archive.Comment), "\n") {
		switch word, rest, _ := strings.Cut(line, " "); word {
		case "issue", "trust", "split", "secret", "remove":
			p.recipe(s.folder, line)
		case "want":
			s.want = append(s.want, rest)
		case "version":
			s.options.Version = rest
		case "password":
			s.options.Password = rest
		case "expires-within":
			d, err := time.ParseDuration(rest)
			if err != nil {
				t.Fatal(err)
			}
			s.options.ExpiresWithin = d
		}
	}
	for _, f := range archive.Files {
		name := filepath.Join(s.folder, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		data := strings.ReplaceAll(string(f.Data), "\\t", "\t")
		if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// found lists findings as "RULE FILE:LINE:COLUMN", with the files' names as in the sample.
func (s *sample) found(r *check.Result) (list []string) {
	for _, f := range r.Findings {
		file, _ := filepath.Rel(s.folder, f.File)
		list = append(list, fmt.Sprintf("%s %s:%d:%d", f.Rule, filepath.ToSlash(file), f.Line, f.Column))
	}
	return list
}

func samples(t *testing.T, folder string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join("testdata", folder, "*.txtar"))
	if err != nil || len(list) == 0 {
		t.Fatal("no samples", err)
	}
	return list
}

func name(path string) string { return strings.TrimSuffix(filepath.Base(path), ".txtar") }

// TestGood: a false finding costs more than a missing one.
func TestGood(t *testing.T) {
	for _, path := range samples(t, "good") {
		t.Run(name(path), func(t *testing.T) {
			s := unpack(t, path)
			r := check.Run(context.Background(), []string{s.folder}, s.options)
			for _, f := range r.Findings {
				t.Errorf("%s:%d:%d: %s: %s (%s)", f.File, f.Line, f.Column, f.Rule, f.Problem, f.Text)
			}
			for _, u := range r.Unreadable {
				t.Errorf("unreadable: %s: %s", u.File, u.Why)
			}
			if len(r.Files) == 0 {
				t.Error("nothing was recognised")
			}
		})
	}
}

// TestBad: each sample has the faults that it names, at their places, and no other.
func TestBad(t *testing.T) {
	for _, path := range samples(t, "bad") {
		t.Run(name(path), func(t *testing.T) {
			s := unpack(t, path)
			r := check.Run(context.Background(), []string{s.folder}, s.options)
			got := s.found(r)
			if len(s.want) == 0 {
				t.Fatal("the sample names no fault")
			}
			if strings.Join(got, "\n") != strings.Join(s.want, "\n") {
				t.Errorf("found\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(s.want, "\n\t"))
				for _, f := range r.Findings {
					t.Logf("%s: %s | %s", f.Rule, f.Problem, f.Text)
				}
			}
			for _, f := range r.Findings {
				if f.Problem == "" || f.Consequence == "" || f.Fix == "" {
					t.Errorf("%s: problem, consequence and fix are needed: %+v", f.Rule, f)
				}
			}
		})
	}
}
