package check

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// checked runs everything over one file in memory.
func checked(name string, data []byte) *Result {
	r := newRun(Options{})
	d := &document{name: "/no/such/folder/" + name, path: "/no/such/folder/" + name, data: data, mode: 0o600}
	if kind := kindOf(d, true); kind != "" {
		r.take(d, kind)
	}
	return r.finish(context.Background())
}

// FuzzFile: whatever a file holds, check does not crash, and what it reports has a place inside of the file.
func FuzzFile(f *testing.F) {
	list, err := filepath.Glob(filepath.Join("testdata", "*", "*.txtar"))
	if err != nil || len(list) == 0 {
		f.Fatal("no samples", err)
	}
	for _, path := range list {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			f.Add(filepath.Base(file.Name), file.Data)
		}
	}
	f.Add("a.pem", []byte("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"))
	f.Add("a.p12", []byte{0x30, 0x82, 0, 1})
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		inside(t, checked(filepath.Base(name), data), data)
	})
}

// inside checks the places of findings.
func inside(t *testing.T, r *Result, data []byte) {
	t.Helper()
	lines := strings.Count(string(data), "\n") + 1
	for _, f := range r.Findings {
		if f.Line < 0 || f.Line > lines || f.Column < 0 || f.Column > len(data)+1 {
			t.Errorf("%s at %d:%d, outside of the file's %d lines", f.Rule, f.Line, f.Column, lines)
		}
		if f.Rule == ruleSyntax.id && f.Line == 0 {
			t.Errorf("a syntax fault without a place: %s", f.Problem)
		}
	}
}

// TestDamaged cuts every sample at many places: no crash, and every place lies inside of the file.
func TestDamaged(t *testing.T) {
	list, err := filepath.Glob(filepath.Join("testdata", "*", "*.txtar"))
	if err != nil || len(list) == 0 {
		t.Fatal("no samples", err)
	}
	for _, path := range list {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range archive.Files {
			step := max(len(file.Data)/25, 1)
			for cut := 0; cut < len(file.Data); cut += step {
				data := file.Data[:cut]
				inside(t, checked(filepath.Base(file.Name), data), data)
				data = slices.Concat(file.Data[:cut], []byte{0, '{', '"', 0xff}, file.Data[cut:])
				inside(t, checked(filepath.Base(file.Name), data), data)
			}
		}
	}
}

// TestDeep: nesting that would exhaust a stack is refused.
func TestDeep(t *testing.T) {
	const n = 1 << 20
	f := func(name, open string) {
		t.Helper()
		data := []byte(strings.Repeat(open, n/len(open)))
		inside(t, checked(name, data), data)
	}
	f("wk.yaml", "[")
	f("wk.yaml", "a: {")
	f("wk.yaml", "- ")
	f("wukongim.toml", "a=[")
	f("wukongim.toml", "[")
	f("nanomq.conf", "a {")
	f("nanomq.conf", "a=[[")
	f("nanomq.conf", "a{b=1}")
	f("nginx.conf", "http {")
	f("nginx.conf", "a b;")
	f("nginx.conf", "location /x { proxy_pass http://a; }\n")
	f("nginx.conf", "upstream a { server b:5200; } server { location / { proxy_pass http://a; } }\n")
	f("a.pem", "-----BEGIN CERTIFICATE-----\n")
	f("a.pem", "MIIB")
	f("Cargo.lock", "[[package]]\nname=\"a\"\n")
}

// FuzzHOCON, FuzzNginx and FuzzPEM go deeper into the parsers of this package.
func FuzzHOCON(f *testing.F) { fuzzKind(f, "nanomq.conf", "nanomq") }

func FuzzNginx(f *testing.F) { fuzzKind(f, "nginx.conf", "nginx") }

func FuzzPEM(f *testing.F) { fuzzKind(f, "a.pem", "certificate") }

func fuzzKind(f *testing.F, name, prefix string) {
	list, err := filepath.Glob(filepath.Join("testdata", "*", prefix+"*.txtar"))
	if err != nil || len(list) == 0 {
		f.Fatal("no samples", err)
	}
	for _, path := range list {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			f.Add(file.Data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) { inside(t, checked(name, data), data) })
}
