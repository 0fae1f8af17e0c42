package report

import (
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"github.com/whytls/whytls/diagnose"
)

// Options say how the text report looks. The zero value is 80 columns without colour.
type Options struct {
	// Width is the number of columns; 0 means 80.
	Width int
	// Color switches colours on.
	Color bool
	// Verbose shows all that the findings hold: every cause, factor, check, fix and line of evidence.
	Verbose bool
	// Elapsed is how long the run took, told in the last line; 0 leaves it out.
	Elapsed time.Duration
	// Title names a system as people write it; nil means by its id.
	Title func(system string) string
}

// Text writes the report for a person who was just woken: what happened, how bad it is, why, and what to do, worst
// first. It is a pure function of the snapshot and the options.
func Text(w io.Writer, s *diagnose.Snapshot, o Options) error {
	p := newPage(w, s, o)
	p.header()
	if p.findings() == 0 {
		p.nothing()
	}
	p.closing()
	if _, err := io.WriteString(w, p.out.String()); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// page is one report.
type page struct {
	sheet
	snapshot    *diagnose.Snapshot
	options     Options
	clock       clock
	first, last time.Time
	timed       bool
	folder      string // what all sources have in common, with the slash
	byID        map[string]*diagnose.Finding
	shown       map[string]bool
	detail      detail
	pending     string // a label for the next line of evidence
	left        leftOut
}

// commonFolder is the longest folder that the names of all sources begin with.
func commonFolder(sources []diagnose.SourceInfo) string {
	if len(sources) == 0 {
		return ""
	}
	folder := path.Dir(sources[0].Name) + "/"
	for _, s := range sources[1:] {
		for !strings.HasPrefix(s.Name, folder) {
			up := path.Dir(strings.TrimSuffix(folder, "/"))
			if up == "." || up == "/" {
				return ""
			}
			folder = up + "/"
		}
	}
	if folder == "./" && !strings.HasPrefix(sources[0].Name, "./") {
		return ""
	}
	return folder
}

// place names a line of a source. The header has told the folder.
func (p *page) place(source string, line int64) string {
	if source == "" {
		return ""
	}
	source = strings.TrimPrefix(sourceName(source), p.folder)
	if line <= 0 {
		return source
	}
	return fmt.Sprintf("%s:%d", source, line)
}

// sourceName is what a source is called where it stands before a line number.
func sourceName(source string) string {
	if source == "-" {
		return "stdin"
	}
	return source
}

// header says what was read: sources, programs with their versions, and from when to when.
func (p *page) header() {
	in := &p.snapshot.Input
	var parts []string
	switch n := len(in.Sources); n {
	case 0:
		parts = append(parts, "nothing was read")
	case 1:
		name := in.Sources[0].Name
		if name == "-" {
			name = "standard input"
		}
		parts = append(parts, name)
	default:
		what := number(int64(n)) + " sources"
		if p.folder != "" {
			what += " in " + p.folder
		}
		parts = append(parts, what)
	}
	if programs := p.programs(); programs != "" {
		parts = append(parts, programs)
	}
	if p.timed {
		first, last := p.first.Format(time.DateTime), p.last.Format(time.TimeOnly)
		if p.clock.day == "" {
			last = p.last.Format(time.DateTime)
		}
		when := first
		if !strings.HasSuffix(first, last) {
			when += " → " + last
		}
		when += " " + p.clock.zone
		if p.assumed() {
			when += " assumed"
		}
		parts = append(parts, when)
	} else if len(in.Sources) > 0 {
		parts = append(parts, "no times in it")
	}
	for _, line := range joinParts(parts, p.width) {
		p.out.WriteString(p.styles.faint.Render(line) + "\n")
	}
}

// assumed reports whether the offset of some times is --timezone's and not the log's.
func (p *page) assumed() bool {
	for _, w := range p.snapshot.Warnings {
		if w.Code == "assumed-zone" {
			return true
		}
	}
	return false
}

// programs lists the systems with their versions, in the order of the sources.
func (p *page) programs() string {
	var list []string
	seen := make(map[string]bool)
	for _, s := range p.snapshot.Input.Sources {
		if s.System == "" {
			continue
		}
		name := p.options.Title(s.System)
		if s.Version != "" {
			name += " " + s.Version
		}
		if !seen[name] {
			seen[name] = true
			list = append(list, name)
		}
	}
	if len(list) == 0 && len(p.snapshot.Input.Sources) > 0 {
		return "no program recognised"
	}
	return strings.Join(list, ", ")
}

// joinParts puts parts into lines, divided by dots; a part is broken only when it is wider than a line.
func joinParts(parts []string, width int) []string {
	const dot = " · "
	var lines []string
	line := ""
	for _, part := range parts {
		part = Safe(part)
		joined := part
		if line != "" {
			joined = line + dot + part
		}
		if fits(joined, width) {
			line = joined
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		wrapped := wrap(part, width)
		lines = append(lines, wrapped[:len(wrapped)-1]...)
		line = wrapped[len(wrapped)-1]
	}
	return append(lines, line)
}
