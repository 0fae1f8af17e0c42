package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/diagnose/report"
	"github.com/whytls/whytls/diagnose/rows"
	"github.com/whytls/whytls/parsers"
)

// logLines is the view of the log: of a list of any length it knows the rows around the chosen one. See logReader for how
// they come there.
type logLines struct {
	state *state
	*logReader
}

func logOf(s *state) *logLines { return &logLines{s, &s.log} }

func (l *logLines) len() int { return len(l.rows) }

func (l *logLines) id(i int) string { return l.ids[i] }

func (l *logLines) text(i int) string { return rowText(&l.rows[i]) }

// rowText is all of a record.
func rowText(r *rows.Row) string {
	if len(r.More) == 0 {
		return r.Text
	}
	return r.Text + "\n" + strings.Join(r.More, "\n")
}

func (l *logLines) trouble(i int) bool { return l.rows[i].Severity >= parsers.SeverityError }

const (
	fineClock    = "15:04:05.000" // where a row has parts of seconds
	sourceColumn = 16             // at most, where there are several sources
	wrappedMost  = 8              // lines of one row
)

func (l *logLines) row(i int, chosen bool, width int) []line {
	r := &l.rows[i]
	mark, look := marked(chosen)
	if !chosen {
		look = severityLook(r.Severity)
	}
	sign, signLook := l.sign(r)
	head := line{{plain, mark}, {signLook, sign}}
	if width >= 60 {
		at := ""
		if r.Time.Absolute() {
			at = r.Time.Time().Format(l.clock)
		}
		head = append(head, span{faint, pad(at, len(l.clock)) + " "})
	}
	head = append(head, span{severityLook(r.Severity), pad(r.Severity.String(), 6)})
	if n := len(l.state.snapshot.Input.Sources); n > 1 && width >= 100 {
		head = append(head, span{label, pad(short(place(r.Source, 0), sourceColumn), sourceColumn) + " "})
	}
	text := r.Message
	if l.raw || text == "" {
		text = r.Text
	}
	more := ""
	if n := len(r.More); n > 0 {
		more = fmt.Sprintf("  +%s", report.Count(int64(n), "line", "lines"))
	}
	if l.wrap {
		return l.wrapped(head, look, text, more, width)
	}
	return []line{append(head, span{look, visible(text, l.column, width)}, span{faint, more})}
}

// wrapped draws a row on as many lines as it needs, within reason.
func (l *logLines) wrapped(head line, look look, text, more string, width int) []line {
	out := wrapped(head, look, beginning(text, wrappedMost*width), width)
	if len(out) > wrappedMost {
		out = out[:wrappedMost]
		more = " …" + more
	}
	out[len(out)-1] = append(out[len(out)-1], span{faint, more})
	return out
}

// visible is the part of a text from a column on, as far as a line of the given width can show it.
func visible(text string, column, width int) string {
	text = beginning(text, column+width)
	if column > 0 {
		return ansi.TruncateLeft(clean(text), column, "…")
	}
	return text
}

// beginning cuts text that is far too long to be shown in so many columns: a line may be megabytes long, and making it
// safe costs time for each byte.
func beginning(text string, columns int) string {
	const widest = 16 // bytes that a column may stand for
	if most := columns*widest + 64; len(text) > most {
		return strings.ToValidUTF8(text[:most], "")
	}
	return text
}

// sign says in one column what a row is: marked by the person, or part of a finding.
func (l *logLines) sign(r *rows.Row) (string, look) {
	if l.state.isMarked(r) {
		return "● ", label
	}
	if f := l.state.findingOf(r.Signature); f != nil {
		if l.state.quiet(f) {
			return "· ", faint
		}
		return "◆ ", urgencyLane(f.Urgency)
	}
	return "  ", plain
}

// findingOf is the worst finding that stands on a message, nil when none does.
func (s *state) findingOf(signature string) *diagnose.Finding {
	if signature == "" {
		return nil
	}
	for _, f := range s.snapshot.Findings {
		for _, id := range f.Signatures {
			if id == signature {
				return f
			}
		}
	}
	return nil
}

func (l *logLines) detail(i, width int) []line {
	r := &l.rows[i]
	d := &detail{state: l.state, width: width, gutter: wideGutter}
	facts := []string{place(r.Source, r.Line)}
	if r.Time.Absolute() {
		facts = append(facts, r.Time.Time().Format("2006-01-02 15:04:05.000 -07:00"))
	}
	if r.System != "" {
		facts = append(facts, l.state.title(r.System))
	}
	head := line{}
	if r.Severity != parsers.SeverityUnset {
		head = line{{severityLook(r.Severity), r.Severity.String() + "  "}}
	}
	d.add(wrapped(head, faint, strings.Join(facts, " · "), width)...)
	if f := l.state.findingOf(r.Signature); f != nil {
		d.row("part of", urgencyLooks[f.Urgency], f.Headline())
	} else if r.Signature != "" {
		d.row("known", plain, "as "+r.Signature)
	}
	d.add(nil)
	d.add(wrapped(nil, logged, r.Text, width)...)
	for _, more := range r.More {
		d.add(wrapped(nil, logged, more, width)...)
	}
	if r.Cut {
		d.add(say(faint, "… the record is longer than what is kept of it"))
	}
	return d.lines
}

func (l *logLines) nothing(width int) []line {
	switch {
	case l.store == nil:
		return wrapped(nil, faint, "the log itself is not at hand here", width)
	case l.reading || !l.loaded:
		return wrapped(nil, faint, "reading…", width)
	case l.state.filter.text != "" || l.state.window.text != "":
		return wrapped(nil, faint, "no row is shown; F takes the filter away", width)
	}
	return wrapped(nil, faint, "nothing was logged yet", width)
}

// where says where in the log the screen is.
func (l *logLines) where() string {
	if l.store == nil || len(l.rows) == 0 {
		return ""
	}
	about := ""
	if !l.exact {
		about = "about "
	}
	text := about + report.Count(l.total, "row", "rows")
	switch lost, fault := l.store.Lost(); {
	case l.follow && !l.state.paused:
		return "following · " + text
	case lost > 0 && l.atStart:
		text += " · " + report.Count((lost+999)/1000, "older kilobyte is", "older kilobytes are") + " not kept"
		if fault != nil {
			text += ": " + fault.Error()
		}
	}
	return text
}

// hides tells what the filter hides, as far as it was looked.
func (l *logLines) hides() string {
	return fmt.Sprintf("%s of %s rows hidden", report.Number(l.hidden), report.Number(l.scanned))
}
