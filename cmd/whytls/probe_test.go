package main

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/whytls/whytls/diagnose/probe"
)

// TestProbe runs the command against servers on loopback.
func TestProbe(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	plain := httptest.NewServer(handler)
	defer plain.Close()
	secure := httptest.NewUnstartedServer(handler)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	folder := t.TempDir()
	authorities := filepath.Join(folder, "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})
	if err := os.WriteFile(authorities, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	plainAddress, secureAddress := strings.TrimPrefix(plain.URL, "http://"), strings.TrimPrefix(secure.URL, "https://")

	f := func(code int, shows string, args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		if got := run(append([]string{"probe"}, args...), strings.NewReader(""), &out, &errs); got != code {
			t.Errorf("%q: exit code %d, want %d; %s%s", args, got, code, &out, &errs)
		}
		if !strings.Contains(out.String(), shows) {
			t.Errorf("%q does not show %q: %s", args, shows, &out)
		}
		return out.String()
	}
	f(exitFindings, "this is plain HTTP, not TLS", plainAddress)
	f(exitClean, "refused", "http://"+plainAddress)
	f(exitFindings, "A configured URL has no scheme or the wrong one", "https://"+plainAddress)
	f(exitFindings, "The peer shows a self-signed certificate", secureAddress)
	f(exitClean, "trusted, complete, in order", "--ca", authorities, secureAddress)
	f(exitFindings, "other.test was asked for", "--ca", authorities, "--servername", "other.test", secureAddress)
	f(exitClean, "# "+secureAddress+" speaks HTTP over TLS", "--output", "markdown", "--ca", authorities, secureAddress)
	f(exitClean, "a hello of SSL 3.0: alert", "--verbose", "--ca", authorities, secureAddress)

	var r probe.Result
	d := json.NewDecoder(strings.NewReader(f(exitClean, `"suites"`, "--suites", "--output", "json", "--ca", authorities, secureAddress)))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		t.Fatal(err)
	}
	if r.Schema != probe.Schema || r.Speaks != "tls" || len(r.TLS.Suites[tls.VersionName(tls.VersionTLS13)]) != 3 {
		t.Errorf("%+v", r)
	}
}
