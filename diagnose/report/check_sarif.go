package report

import (
	"io"
	"path/filepath"

	"github.com/whytls/whytls/diagnose/check"
)

// The part of SARIF 2.1.0 (OASIS) that code scanners of forges read. The types are written out here: the libraries for it
// bring a JSON Schema validator and a megabyte along for these few structs.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		Results     []sarifResult     `json:"results"`
		ColumnKind  string            `json:"columnKind"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		InformationURI string      `json:"informationUri"`
		Version        string      `json:"version,omitempty"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string       `json:"id"`
		ShortDescription sarifMessage `json:"shortDescription"`
	}
	sarifInvocation struct {
		ExecutionSuccessful        bool                `json:"executionSuccessful"`
		ToolExecutionNotifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level     string          `json:"level"`
		Message   sarifMessage    `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
	}
	sarifResult struct {
		RuleID     string            `json:"ruleId"`
		RuleIndex  int               `json:"ruleIndex"`
		Level      string            `json:"level"`
		Message    sarifMessage      `json:"message"`
		Locations  []sarifLocation   `json:"locations"`
		Properties map[string]string `json:"properties,omitempty"`
	}
	sarifMessage struct {
		Text string `json:"text"`
	}
	sarifLocation struct {
		PhysicalLocation sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		ArtifactLocation sarifArtifact `json:"artifactLocation"`
		Region           *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int           `json:"startLine"`
		StartColumn int           `json:"startColumn,omitempty"`
		Snippet     *sarifMessage `json:"snippet,omitempty"`
	}
)

// sarifLevels are urgencies in the words of SARIF.
var sarifLevels = map[string]string{"outage": "error", "degraded": "error", "watch": "warning", "noise": "note"}

// CheckSARIF writes the findings as SARIF 2.1.0, for code scanning in CI. version is that of whytls.
func CheckSARIF(w io.Writer, r *check.Result, version string) error {
	run := sarifRun{
		Tool:        sarifTool{sarifDriver{Name: "whytls", InformationURI: "https://github.com/whytls/whytls", Version: version}},
		Invocations: []sarifInvocation{{ExecutionSuccessful: len(r.Unreadable) == 0}},
		Results:     []sarifResult{}, ColumnKind: "unicodeCodePoints",
	}
	index := map[string]int{}
	for i, rule := range check.Rules() {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{rule[0], sarifMessage{rule[1]}})
		index[rule[0]] = i
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		result := sarifResult{
			RuleID: f.Rule, RuleIndex: index[f.Rule], Level: sarifLevels[f.Urgency],
			Message:    sarifMessage{Safe(f.Problem + ". Then: " + f.Consequence + ". Fix: " + f.Fix + ".")},
			Locations:  []sarifLocation{location(f.Place)},
			Properties: map[string]string{"urgency": f.Urgency},
		}
		if f.Cause != "" {
			result.Properties["cause"] = f.Cause
		}
		run.Results = append(run.Results, result)
	}
	for _, n := range r.Notes {
		run.Results = append(run.Results, sarifResult{
			RuleID: n.Lint, RuleIndex: -1, Level: "note", Message: sarifMessage{Safe(n.Says + " (zlint, " + n.Source + ")")}, Locations: []sarifLocation{location(n.Place)},
		})
	}
	for _, u := range r.Unreadable {
		run.Invocations[0].ToolExecutionNotifications = append(run.Invocations[0].ToolExecutionNotifications,
			sarifNotification{"error", sarifMessage{Safe(u.Why)}, []sarifLocation{location(check.Place{File: u.File})}})
	}
	return indented(w, sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}}, "the findings as SARIF")
}

func location(p check.Place) sarifLocation {
	out := sarifLocation{sarifPhysical{ArtifactLocation: sarifArtifact{filepath.ToSlash(p.File)}}}
	if p.Line > 0 {
		out.PhysicalLocation.Region = &sarifRegion{StartLine: p.Line, StartColumn: p.Column}
		if p.Text != "" {
			out.PhysicalLocation.Region.Snippet = &sarifMessage{Safe(p.Text)}
		}
	}
	return out
}
