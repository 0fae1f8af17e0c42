package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/diagnose/report"
)

// sources is the view of what is read, and how that goes.
type sources struct {
	state *state
	rows  []diagnose.SourceInfo
}

func sourcesOf(s *state) *sources { return &sources{s, s.snapshot.Input.Sources} }

func (l *sources) len() int { return len(l.rows) }

func (l *sources) id(i int) string { return l.rows[i].Name }

func (l *sources) text(i int) string {
	src := &l.rows[i]
	return src.Name + "\n" + src.Format + "\n" + l.state.title(src.System) + "\n" + src.State
}

func (l *sources) trouble(i int) bool { return l.health(i).look == bad }

// health is how a source is.
func (l *sources) health(i int) span {
	src := &l.rows[i]
	if fault := l.fault(src.Name); fault != nil {
		return span{bad, "failed"}
	}
	if src.Unread > 0 {
		return span{watch, "reading"}
	}
	switch src.State {
	case "":
		return span{watch, "reading"}
	case "live":
		return span{good, "live"}
	case "ended":
		return span{faint, "ended"}
	}
	return span{bad, "waiting"}
}

func (l *sources) fault(name string) *diagnose.Fault {
	for i := range l.state.snapshot.Faults {
		if l.state.snapshot.Faults[i].Source == name {
			return &l.state.snapshot.Faults[i]
		}
	}
	return nil
}

func (l *sources) row(i int, chosen bool, width int) []line {
	src := &l.rows[i]
	mark, look := marked(chosen)
	health := l.health(i)
	out := line{{plain, mark}, {health.look, pad(health.text, 8)}}
	facts := report.Count(src.Records, "record", "records")
	if src.Rates.Lines > 0 {
		facts = perSecond(src.Rates.Lines) + " lines/s · " + facts
	}
	room := max(width-columns(out)-len(facts)-2, 12)
	name := min(l.longest(), room)
	out = append(out, span{look, pad(short(src.Name, name), name)})
	if runs := program(l.state, src); name+2+len(runs) <= room {
		out = append(out, span{plain, "  " + runs})
	}
	return []line{beside(out, span{faint, facts}, width)}
}

// longest is the width of the longest name.
func (l *sources) longest() int {
	n := 0
	for i := range l.rows {
		n = max(n, ansi.StringWidth(clean(l.rows[i].Name)))
	}
	return n
}

// program names the system of a source with its version.
func program(s *state, src *diagnose.SourceInfo) string {
	switch {
	case src.System == "":
		return ""
	case src.Version == "":
		return s.title(src.System)
	}
	return s.title(src.System) + " " + src.Version
}

func (l *sources) detail(i, width int) []line {
	src := &l.rows[i]
	d := &detail{state: l.state, width: width, gutter: wideGutter}
	d.add(wrapped(nil, strong, src.Name, width)...)
	d.add(nil)
	state := src.State
	if state == "" {
		state = "its past is being read"
	}
	d.row("state", l.health(i).look, state)
	if fault := l.fault(src.Name); fault != nil {
		d.row("fault", bad, fault.Err.Error())
		if fault.Hint != "" {
			d.row("", plain, "→ "+fault.Hint)
		}
	}
	if name := program(l.state, src); name != "" {
		d.row("program", plain, name)
	}
	format := src.Format
	if src.Envelope != "" {
		format += fmt.Sprintf(" in %s", src.Envelope)
	}
	if format != "" {
		d.row("format", plain, format)
	}
	d.row("read", plain, fmt.Sprintf("%s, %s", report.Count(src.Lines, "line", "lines"), report.Count(src.Records, "record", "records")))
	if src.Unread > 0 {
		d.row("past", watch, fmt.Sprintf("%s of %s are still to be read", megabytes(src.Unread), megabytes(src.Past)))
	}
	d.row("now", plain, fmt.Sprintf("%s lines/s, %s errors/s", perSecond(src.Rates.Lines), perSecond(src.Rates.Errors)))
	if !src.Arrived.IsZero() {
		d.row("last", plain, "a line came "+report.Duration(l.state.now.Sub(src.Arrived).Round(time.Second))+" ago")
	}
	d.levels(&src.Counts)
	if src.Rotations+src.Truncations > 0 {
		d.row("files", plain, fmt.Sprintf("%s, cut %s in place", report.Count(src.Rotations, "rotation", "rotations"), report.Count(src.Truncations, "time", "times")))
	}
	if src.Lost > 0 {
		d.row("lost", bad, report.Count(src.Lost, "byte", "bytes")+" that were not read yet when the file was cut in place")
	}
	if at := report.Span(&l.state.snapshot.Input, src.First, src.Last); at != "" {
		d.row("time", plain, at)
	}
	d.notes(src.Name)
	if src.System != "" {
		d.blind(src.System)
	}
	return d.lines
}

// megabytes writes a size.
func megabytes(n int64) string { return report.Number((n+1<<19)>>20) + " MiB" }

// levels counts records by severity, the worst first.
func (d *detail) levels(c *diagnose.Counts) {
	var parts []string
	for i := len(c) - 1; i >= 0; i-- {
		if c[i] > 0 {
			parts = append(parts, report.Number(c[i])+" "+levelNames[i])
		}
	}
	if len(parts) > 0 {
		d.row("of them", plain, strings.Join(parts, ", "))
	}
}

var levelNames = [diagnose.Levels]string{"without a level", "debug", "info", "warn", "error", "fatal"}

func (l *sources) nothing(width int) []line {
	return wrapped(nil, faint, "no source", width)
}
