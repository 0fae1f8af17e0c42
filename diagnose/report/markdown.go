package report

import (
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/whytls/whytls/diagnose"
)

// Markdown writes all of a report as Markdown, for a ticket or a chat. It is a pure function of the snapshot and the
// options; of these only the titles count.
func Markdown(w io.Writer, s *diagnose.Snapshot, o Options) error {
	if o.Title == nil {
		o.Title = func(id string) string { return id }
	}
	d := &document{snapshot: s, title: o.Title}
	d.clock, _, _, _ = newClock(&s.Input)
	var noise []*diagnose.Finding
	for _, f := range s.Findings {
		if f.Urgency == "noise" && len(s.Findings) > 1 {
			noise = append(noise, f)
			continue
		}
		d.finding(f)
	}
	if len(s.Findings) == 0 {
		d.line("No known fault in %s.", count(s.Input.Records, "record", "records"))
	}
	if len(noise) > 0 {
		d.heading("Ordinary noise")
		for _, f := range noise {
			d.line("* %s %s", times(f.Count), markdown(f.Title))
		}
	}
	if len(s.BlindSpots) > 0 {
		d.heading("What these logs do not show")
		for _, b := range s.BlindSpots {
			text := markdown(o.Title(b.System) + ": " + b.Text)
			if b.Remedy != "" {
				text += " → " + markdown(b.Remedy)
			}
			d.line("* %s", text)
		}
	}
	d.input()
	if _, err := io.WriteString(w, d.out.String()); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// document is a report as Markdown.
type document struct {
	snapshot *diagnose.Snapshot
	title    func(string) string
	clock    clock
	out      strings.Builder
}

func (d *document) line(format string, args ...any) { fmt.Fprintf(&d.out, format+"\n", args...) }

func (d *document) heading(text string) {
	if d.out.Len() > 0 {
		d.line("")
	}
	d.line("## %s\n", text)
}

func (d *document) finding(f *diagnose.Finding) {
	d.heading(strings.ToUpper(f.Urgency) + ": " + markdown(f.Headline()))
	var about []string
	if f.System != "" {
		about = append(about, strings.TrimSpace(d.title(f.System)+" "+f.Version))
	}
	about = append(about, times(f.Count), arrival(f), d.clock.span(f.First, f.Last), f.ID)
	d.line("%s\n", markdown(facts(about...)))
	for i := range f.Causes {
		d.cause(&f.Causes[i], i == 0)
	}
	if f.Undetermined >= 0.005 {
		d.line("* **%s** something else: the log does not tell", percent(f.Undetermined))
	}
	if len(f.Evidence) > 0 {
		d.line("\nLines:\n")
	}
	for _, e := range f.Evidence {
		d.line("* %s %s", d.place(e.Source, e.Line), code(e.Text))
	}
	if len(f.Causes) > 0 {
		d.todo(&f.Causes[0])
	}
	for _, id := range f.Consequences {
		for _, g := range d.snapshot.Findings {
			if g.ID == id {
				d.line("\nIt explains: %s, %s.", markdown(g.Headline()), times(g.Count))
			}
		}
	}
}

// cause writes a cause with what speaks for it and against it.
func (d *document) cause(c *diagnose.Cause, lead bool) {
	d.line("* **%s** %s", percent(c.Confidence), markdown(c.Title))
	if lead && c.Meaning != "" {
		d.line("  %s", markdown(c.Meaning))
	}
	for _, w := range c.Why {
		if w.Ratio == 1 && !lead {
			continue
		}
		d.line("  * %s", markdown(facts(strings.TrimSpace(ratio(w.Ratio)+" "+w.Text)))+d.behind(w.Source, w.Line))
	}
}

// todo writes what decides and what helps.
func (d *document) todo(c *diagnose.Cause) {
	if len(c.Checks) > 0 {
		d.line("\nWhat decides:\n")
	}
	for _, check := range c.Checks {
		text := code(check.Run)
		if check.LookFor != "" {
			text += " → " + markdown(check.LookFor)
		}
		d.line("* %s", text)
	}
	if len(c.Fixes) > 0 {
		d.line("\nWhat helps:\n")
	}
	for _, fix := range c.Fixes {
		if fix.Do != "" {
			d.line("* %s", markdown(fix.Do))
		}
		if fix.Never != "" {
			d.line("* never: %s", markdown(fix.Never))
		}
	}
}

// behind names the line that gave a reason, after it.
func (d *document) behind(source string, n int64) string {
	if source == "" {
		return ""
	}
	return " (" + d.place(source, n) + ")"
}

func (d *document) place(source string, n int64) string {
	if n <= 0 {
		return code(path.Base(source))
	}
	return code(fmt.Sprintf("%s:%d", path.Base(source), n))
}

// input accounts for what was read.
func (d *document) input() {
	in := &d.snapshot.Input
	d.heading("What was read")
	for _, src := range in.Sources {
		about := facts(strings.TrimSpace(d.title(src.System)+" "+src.Version), count(src.Records, "record", "records"), d.clock.span(src.First, src.Last))
		d.line("* %s %s", code(src.Name), markdown(about))
	}
	d.line("\n%s = %s heads + %s continuation + %s blank + %s unparsed + %s skipped; %s.",
		count(in.Lines, "line", "lines"), number(in.Heads), number(in.Continuation), number(in.Blank), number(in.Unparsed), number(skipped(in)),
		count(in.Records, "record", "records"))
}

func skipped(in *diagnose.Input) (n int64) {
	for _, k := range in.Skipped {
		n += k
	}
	return n
}
