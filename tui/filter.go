package tui

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/diagnose/report"
	"github.com/whytls/whytls/parsers"
)

// filter limits what all views show. The zero value shows all. A condition on what a row has not got (findings have no
// severity) hides nothing.
type filter struct {
	text     string // as it was typed
	pattern  *regexp.Regexp
	phrase   string // when there is no pattern
	severity parsers.Severity
	systems  []string // parts of their names, in lower case, as are the others
	sources  []string
	findings []string
}

// filterKeys begin the words of a filter that are not text.
var filterKeys = []string{"severity:", "system:", "source:", "finding:"}

// parseFilter reads a filter: words, or a regular expression between slashes, and conditions such as severity:warn,
// system:nanomq, source:app.log, finding:f1. Several values of one key are alternatives; everything else must hold together.
func parseFilter(text string) (filter, error) {
	f := filter{text: text}
	var words []string
	for _, word := range strings.Fields(text) {
		key, value := "", ""
		for _, k := range filterKeys {
			if rest, ok := strings.CutPrefix(word, k); ok {
				key, value = k, strings.ToLower(rest)
			}
		}
		switch {
		case key == "":
			words = append(words, word)
		case value == "": // still being typed
		case key == "severity:":
			if f.severity = parsers.ParseSeverity([]byte(value)); f.severity == parsers.SeverityUnset {
				return f, fmt.Errorf("severity %q is none of trace, debug, info, warn, error, fatal", value)
			}
		case key == "system:":
			f.systems = append(f.systems, value)
		case key == "source:":
			f.sources = append(f.sources, value)
		case key == "finding:":
			f.findings = append(f.findings, value)
		}
	}
	f.phrase = strings.Join(words, " ")
	if len(f.phrase) > 2 && f.phrase[0] == '/' && strings.HasSuffix(f.phrase, "/") {
		pattern, err := regexp.Compile(f.phrase[1 : len(f.phrase)-1])
		if err != nil {
			return f, errors.New(strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		}
		f.pattern, f.phrase = pattern, ""
	}
	return f, nil
}

// holds reports whether text meets the condition on text. Words without capital letters are found in any case.
func (f *filter) holds(text string) bool {
	switch {
	case f.pattern != nil:
		return f.pattern.MatchString(text)
	case f.phrase == "":
		return true
	case f.phrase == strings.ToLower(f.phrase):
		return strings.Contains(strings.ToLower(text), f.phrase)
	}
	return strings.Contains(text, f.phrase)
}

// names reports whether one of the parts stands in one of the names, or whether there are no parts.
func names(parts []string, names ...string) bool {
	if len(parts) == 0 {
		return true
	}
	for _, name := range names {
		for _, part := range parts {
			if strings.Contains(strings.ToLower(name), part) {
				return true
			}
		}
	}
	return false
}

// sieve is a filter and a time window that are ready for one snapshot.
type sieve struct {
	*filter
	state    *state
	from, to time.Time
}

func (s *state) sieve() *sieve {
	from, to := s.window.bounds(&s.snapshot.Input)
	return &sieve{&s.filter, s, from, to}
}

// finding reports whether a finding is shown.
func (v *sieve) finding(f *diagnose.Finding) bool {
	if len(v.sources) > 0 {
		var of []string
		for _, e := range f.Evidence {
			of = append(of, e.Source)
		}
		if !names(v.sources, of...) {
			return false
		}
	}
	return names(v.findings, f.ID, f.Title) && names(v.systems, f.System, v.state.title(f.System)) &&
		overlaps(v.from, v.to, f.First, f.Last) && v.holds(findingText(v.state, f))
}

// cluster reports whether a template is shown.
func (v *sieve) cluster(c *diagnose.Cluster) bool {
	if v.severity > 0 && severityOf(c) < v.severity || !names(v.sources, c.Sample.Source) || !overlaps(v.from, v.to, c.First, c.Last) {
		return false
	}
	if len(v.systems) > 0 {
		system := v.systemOf(c.Sample.Source)
		if !names(v.systems, system, v.state.title(system)) {
			return false
		}
	}
	if len(v.findings) > 0 && !slices.Contains(v.signatures(), c.Signature) {
		return false
	}
	return v.holds(c.Template + "\n" + c.Sample.Text)
}

func (v *sieve) systemOf(source string) string {
	for _, src := range v.state.snapshot.Input.Sources {
		if src.Name == source {
			return src.System
		}
	}
	return ""
}

// signatures are the messages that the chosen findings stand on.
func (v *sieve) signatures() []string {
	var out []string
	for _, f := range v.state.snapshot.Findings {
		if names(v.findings, f.ID, f.Title) {
			out = append(out, f.Signatures...)
		}
	}
	return out
}

// askFilter asks for a filter. The views follow what is typed.
func askFilter(s *state) []effect {
	before := s.filter
	text := s.filter.text
	if text != "" {
		text += " " // so that one can go on
	}
	s.askNarrowing(prompt{
		label:   "filter:",
		hint:    "words, /regexp/, severity:warn, system:, source:, finding:; Tab completes; nothing for all",
		suggest: filterWords,
	}, text, (*state).setFilter, func(s *state) { s.filter = before })
	return nil
}

// setFilter takes a filter as it was typed; one that is at fault changes nothing.
func (s *state) setFilter(text string) error {
	f, err := parseFilter(text)
	if err == nil {
		s.filter = f
	}
	return err
}

// askNarrowing asks for something that the views follow while it is typed. set takes it, undo takes it back.
func (s *state) askNarrowing(p prompt, text string, set func(*state, string) error, undo func(*state)) {
	p.enter = func(s *state, text string) []effect {
		err := set(s, text)
		if err != nil {
			undo(s)
			s.say(bad, err.Error())
		}
		return append(s.narrowed(), s.keepFilter())
	}
	p.typed = func(s *state, text string) []effect {
		if set(s, text) != nil {
			return nil
		}
		return s.narrowed()
	}
	p.leave = func(s *state) []effect {
		undo(s)
		return s.narrowed()
	}
	s.ask(p, text)
}

// narrow does what askNarrowing does, with a text that is complete.
func (s *state) narrow(text string, set func(*state, string) error) []effect {
	if err := set(s, text); err != nil {
		s.say(bad, err.Error())
		return nil
	}
	return append(s.narrowed(), s.keepFilter())
}

// filterWords are what the last word of a filter may become.
func filterWords(s *state, text string) []string {
	head, word := text, ""
	if i := strings.LastIndexByte(text, ' '); i >= 0 {
		head, word = text[:i+1], text[i+1:]
	} else {
		head, word = "", text
	}
	if word == "" {
		return nil
	}
	values := slices.Clone(filterKeys)
	for _, level := range []string{"debug", "info", "warn", "error", "fatal"} {
		values = append(values, "severity:"+level)
	}
	for _, src := range s.snapshot.Input.Sources {
		if src.System != "" {
			values = append(values, "system:"+src.System)
		}
		values = append(values, "source:"+strings.ReplaceAll(src.Name[strings.LastIndexByte(src.Name, '/')+1:], " ", "?"))
	}
	for _, f := range s.snapshot.Findings {
		values = append(values, "finding:"+f.ID)
	}
	var out []string
	for _, v := range values {
		if strings.HasPrefix(v, word) && !slices.Contains(out, head+v) {
			out = append(out, head+report.Safe(v))
		}
	}
	return out
}

// clearFilter shows all again.
func clearFilter(s *state) []effect {
	s.filter, s.window = filter{}, timeWindow{}
	return append(s.narrowed(), s.keepFilter())
}

// narrowed is called when the filter or the window have changed.
func (s *state) narrowed() []effect { return s.log.narrowed(s) }

// keepFilter keeps the filter and the window for the next start.
func (s *state) keepFilter() effect {
	s.session.SetFilter(s.filter.text, s.window.lasting())
	return s.save()
}

// narrowing says what is filtered, and how much of the view that hides; in the log, where one is.
func (s *state) narrowing() string {
	var parts []string
	if s.filter.text != "" {
		parts = append(parts, "filter "+s.filter.text)
	}
	if s.window.text != "" {
		parts = append(parts, "time "+s.window.text)
	}
	if len(parts) == 0 {
		if s.view == logView {
			return logOf(s).where()
		}
		return ""
	}
	if l, ok := listingOf(s).(interface{ hides() string }); ok {
		parts = append(parts, l.hides())
	}
	return strings.Join(parts, " · ")
}

// besideTabs is what of the narrowing stands beside the names of the views: all of it, or where that is too long how much it
// hides. The rest is then told at the bottom.
func (s *state) besideTabs() string {
	text := s.narrowing()
	if i := strings.LastIndex(text, " · "); i >= 0 && !hasTabs(s, text) {
		return text[i+len(" · "):]
	}
	return text
}

// hidden counts what a filter hides in a view.
type hidden struct{ n int }

func (h *hidden) hides() string { return report.Number(int64(h.n)) + " hidden" }
