package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/whytls/whytls/diagnose"
)

// ChangeSchema names the version of the JSON form of a change. Fields may be added to it, never renamed.
const ChangeSchema = "whytls.change/1"

// changeRecord is the JSON form of a change.
type changeRecord struct {
	Event   string       `json:"event"`
	Schema  string       `json:"schema"`
	At      string       `json:"at"`
	Past    bool         `json:"past"`
	Why     string       `json:"why"`
	ID      string       `json:"id"`
	Title   string       `json:"title"`
	Urgency string       `json:"urgency"`
	System  string       `json:"system"`
	Count   int64        `json:"count"`
	Peers   int64        `json:"peers"`
	First   string       `json:"first"`
	Last    string       `json:"last"`
	Cause   changedCause `json:"cause"`
	Source  string       `json:"source"`
	Line    int64        `json:"line"`
}

type changedCause struct {
	ID         string  `json:"id"`
	Title      string  `json:"title"`
	Confidence float64 `json:"confidence"`
}

// ChangeJSON writes a change as one line.
func ChangeJSON(w io.Writer, c *diagnose.FindingChange) error {
	f := c.Finding
	lead := f.Causes[0]
	out := changeRecord{
		Event: string(c.Event), Schema: ChangeSchema, At: c.At.Format(time.RFC3339Nano), Past: c.Past, Why: c.Why,
		ID: f.ID, Title: f.Headline(), Urgency: f.Urgency, System: f.System, Count: f.Count, Peers: f.Peers.Distinct,
		First: f.First, Last: f.Last, Cause: changedCause{lead.ID, lead.Title, lead.Confidence},
	}
	if len(f.Evidence) > 0 {
		last := f.Evidence[len(f.Evidence)-1]
		out.Source, out.Line = last.Source, last.Line
	}
	return line(w, out)
}

// JSONLine writes the report contract as one line.
func JSONLine(w io.Writer, s *diagnose.Snapshot) error { return line(w, s) }

func line(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// ChangeText writes a change as one line for a person; its time stands in zone.
func ChangeText(w io.Writer, c *diagnose.FindingChange, zone *time.Location) error {
	f := c.Finding
	facts := []string{times(f.Count)}
	if n := f.Peers.Distinct; n > 1 {
		facts = append(facts, count(n, "peer", "peers"))
	}
	if c.Past {
		facts = append(facts, "in the log already")
	}
	if len(f.Evidence) > 0 {
		at := f.Evidence[len(f.Evidence)-1]
		facts = append(facts, fmt.Sprintf("%s:%d", sourceName(at.Source), at.Line))
	}
	lead := f.Causes[0]
	cause := percent(lead.Confidence) + " " + lead.Title
	if f.Headline() != lead.Title {
		cause = f.Headline() + " · " + cause
	}
	text := fmt.Sprintf("%s %-9s %-8s %s · %s", c.At.In(zone).Format(time.DateTime), c.Event, strings.ToUpper(f.Urgency), cause, strings.Join(facts, ", "))
	if c.Why != "" {
		text += " · " + c.Why
	}
	if _, err := io.WriteString(w, Safe(text)+"\n"); err != nil {
		return fmt.Errorf("writing a change: %w", err)
	}
	return nil
}
