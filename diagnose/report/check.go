package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/whytls/whytls/diagnose/check"
)

// CheckJSON writes the contract of a check.
func CheckJSON(w io.Writer, r *check.Result) error { return indented(w, r, "the findings") }

// CheckText writes for a person what is wrong in configuration and certificates: where, what happens then, and the fix.
func CheckText(w io.Writer, r *check.Result, o Options) error {
	s := &sheet{styles: newStyles(w, o.Color), width: cmp.Or(o.Width, 80)}
	for i := range r.Findings {
		s.fault(&r.Findings[i])
	}
	s.checked(r, o.Verbose)
	if _, err := io.WriteString(w, s.out.String()); err != nil {
		return fmt.Errorf("writing the findings: %w", err)
	}
	return nil
}

// fault writes one finding.
func (s *sheet) fault(f *check.Finding) {
	s.paragraph(strings.ToUpper(f.Urgency), s.styles.urgency[f.Urgency], f.Problem, s.styles.title)
	s.paragraph("", s.styles.label, where(f.Place), s.styles.faint)
	if f.Text != "" {
		for _, line := range clip(wrap(Safe(f.Text), s.room()-2), 2, s.room()-2) {
			s.row("", s.styles.label, span{"│ ", s.styles.faint}, span{line, s.styles.log})
		}
	}
	s.text(right("then"), f.Consequence, s.styles.plain)
	s.text(right("fix"), f.Fix, s.styles.plain)
	if f.Cause != "" {
		s.text(right("cause"), f.Cause+" (whytls kb show "+f.Cause+")", s.styles.faint)
	}
	s.blank()
}

// where writes a place as editors and terminals take it: file:line:column.
func where(p check.Place) string {
	text := p.File
	if p.Line > 0 {
		text += ":" + strconv.Itoa(p.Line)
		if p.Column > 0 {
			text += ":" + strconv.Itoa(p.Column)
		}
	}
	return text
}

// linted tells what the linter of certificates says, in full where everything is asked for.
func (s *sheet) linted(notes []check.Note, verbose bool) {
	if len(notes) == 0 {
		return
	}
	if !verbose {
		s.text("notes", count(int64(len(notes)), "note", "notes")+" of zlint on certificates, by the RFCs: --verbose", s.styles.faint)
		return
	}
	label := "notes"
	for _, n := range notes {
		s.text(label, n.Says+" ("+n.Lint+", "+n.Source+") "+where(n.Place), s.styles.faint)
		label = ""
	}
}

// checked sums up what was looked at and what was not.
func (s *sheet) checked(r *check.Result, verbose bool) {
	counts := map[string]int{}
	for i := range r.Findings {
		counts[r.Findings[i].Urgency]++
	}
	var parts []string
	for _, urgency := range []string{"outage", "degraded", "watch", "noise"} {
		if n := counts[urgency]; n > 0 {
			parts = append(parts, strconv.Itoa(n)+" "+urgency)
		}
	}
	if r.FindingsRest > 0 {
		parts = append(parts, "and "+number(int64(r.FindingsRest))+" more that are not listed")
	}
	style := s.styles.strong
	if len(parts) == 0 {
		parts, style = []string{"nothing wrong was found"}, s.styles.good
	}
	s.text("found", strings.Join(parts, " · "), style)
	kinds := map[string]int{}
	for _, f := range r.Files {
		kinds[f.Kind]++
	}
	parts = nil
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		parts = append(parts, strconv.Itoa(kinds[kind])+" "+kind)
	}
	if len(parts) > 0 {
		s.text("checked", count(int64(len(r.Files)), "file", "files")+": "+strings.Join(parts, ", "), s.styles.plain)
	}
	parts = nil
	for _, reason := range slices.Sorted(maps.Keys(r.PassedOver)) {
		parts = append(parts, strconv.Itoa(r.PassedOver[reason])+" "+reason)
	}
	if len(parts) > 0 {
		s.text("passed", strings.Join(parts, ", "), s.styles.faint)
	}
	s.linted(r.Notes, verbose)
	const most = 5
	label := "not seen"
	for i, n := range r.NotChecked {
		if i == most && !verbose {
			s.text("", "… and "+strconv.Itoa(len(r.NotChecked)-most)+" more (--verbose)", s.styles.faint)
			break
		}
		s.text(label, n.Why+" ("+where(n.Place)+")", s.styles.faint)
		label = ""
	}
}
