package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/whytls/whytls/diagnose"
)

// TestExamples: the incidents that the README runs come out with their causes, and every example has one.
func TestExamples(t *testing.T) {
	leading := map[string]string{
		"nanomq-listener":  "bug-nanomq-listener-cancelled",
		"nanomq-qos2":      "bug-nanomq-qos2-null-message",
		"salvo-overload":   "bug-salvo-blocking-accept",
		"wukongim-cluster": "cluster-api-url-invalid",
		"wukongim-wss":     "plaintext-to-tls-port",
	}
	root := filepath.Join("..", "..", "examples")
	folders, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(folders) != len(leading) {
		t.Errorf("%d examples, want %d", len(folders), len(leading))
	}
	for _, folder := range folders {
		var out, errs bytes.Buffer
		args := []string{"report", "--output", "json", "--fail-on", "watch", filepath.Join(root, folder.Name())}
		if code := run(args, strings.NewReader(""), &out, &errs); code != exitFindings {
			t.Errorf("%s: exit code %d: %s", folder.Name(), code, errs.String())
			continue
		}
		var s diagnose.Snapshot
		if err := json.Unmarshal(out.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		if got := s.Findings[0].Causes[0].ID; got != leading[folder.Name()] {
			t.Errorf("%s: %s leads, want %s", folder.Name(), got, leading[folder.Name()])
		}
	}
}
