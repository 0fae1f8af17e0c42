package check_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/whytls/whytls/diagnose/check"
	"github.com/whytls/whytls/knowledgebase"
)

// TestRulesAreFeatures: evidence may use every rule, and no other word.
func TestRulesAreFeatures(t *testing.T) {
	var ids []string
	for _, rule := range check.Rules() {
		ids = append(ids, rule[0])
	}
	if diff := cmp.Diff(knowledgebase.ConfigFaults, ids); diff != "" {
		t.Errorf("knowledgebase.ConfigFaults and the rules of check differ:\n%s", diff)
	}
}

// TestEveryRule: each rule has a sample that breaks it, and what it leads to is a known cause.
func TestEveryRule(t *testing.T) {
	base, err := knowledgebase.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, path := range samples(t, "bad") {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, "\n"+string(data))
		s := unpack(t, path)
		for _, f := range check.Run(t.Context(), []string{s.folder}, s.options).Findings {
			if f.Cause != "" && base.Causes[f.Cause] == nil {
				t.Errorf("%s leads to the unknown cause %q", f.Rule, f.Cause)
			}
		}
	}
	for _, rule := range check.Rules() {
		if !slices.ContainsFunc(all, func(s string) bool { return strings.Contains(s, "\nwant "+rule[0]+" ") }) {
			t.Errorf("no sample breaks %s (%s)", rule[0], rule[1])
		}
	}
}
