// Package report renders a snapshot of the diagnosis: as text for a person and as JSON for programs.
package report

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/whytls/whytls/diagnose"
)

// JSON writes the report contract. The output of equal snapshots is equal byte for byte.
func JSON(w io.Writer, s *diagnose.Snapshot) error { return indented(w, s, "the report") }

// indented writes a contract in JSON; what names it in an error.
func indented(w io.Writer, v any, what string) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("writing %s: %w", what, err)
	}
	return nil
}
