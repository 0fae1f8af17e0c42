package tui

import (
	"errors"
	"strings"
	"time"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/diagnose/report"
)

// timeWindow limits what is shown to a part of the time. The zero value shows all.
type timeWindow struct {
	text     string        // as it was typed
	last     time.Duration // before the newest record; the window moves with it
	from, to time.Time     // zero for an open end
}

// parseWindow reads "15m" (the last minutes), "00:03" (from then on), "00:03-00:14" or the same with dates and "..".
// newest is the time of the newest record.
func parseWindow(text string, newest time.Time) (timeWindow, error) {
	w := timeWindow{text: text}
	if text == "" || text == "all" {
		return timeWindow{}, nil
	}
	if d, ok := parseLength(text); ok {
		w.last = d
		return w, nil
	}
	from, to, both := strings.Cut(text, "..")
	if !both && strings.Count(text, "-") == 1 {
		from, to, _ = strings.Cut(text, "-")
	}
	from, to = strings.TrimSpace(from), strings.TrimSpace(to)
	var err error
	if from != "" {
		if w.from, err = parseMoment(from, newest, false); err != nil {
			return w, err
		}
	}
	if to != "" {
		if w.to, err = parseMoment(to, newest, false); err != nil {
			return w, err
		}
		if _, length := parseLength(to); !length && strings.Count(to, ":") == 1 && len(to) < len(time.RFC3339) {
			w.to = w.to.Add(time.Minute - 1) // a minute stands for the whole of it
		}
	}
	if !w.from.IsZero() && !w.to.IsZero() && w.to.Before(w.from) {
		return w, errors.New("it ends before it begins")
	}
	return w, nil
}

// lasting is the text by which the window means the same at another start, when a time of day would be another day's.
func (w *timeWindow) lasting() string {
	if w.last > 0 || w.text == "" {
		return w.text
	}
	end := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Format(time.RFC3339)
	}
	return end(w.from) + ".." + end(w.to)
}

// bounds are the two ends now; zero for an open one.
func (w *timeWindow) bounds(in *diagnose.Input) (from, to time.Time) {
	if w.last > 0 {
		if _, newest, ok := report.Extent(in); ok {
			return newest.Add(-w.last), time.Time{}
		}
	}
	return w.from, w.to
}

// overlaps reports whether something that lasted from first to last lies inside, at least in part. What has no time is
// never hidden by a window.
func overlaps(from, to time.Time, first, last string) bool {
	a, okA := moment(first)
	b, okB := moment(last)
	switch {
	case !okA || !okB:
		return true
	case !from.IsZero() && b.Before(from):
		return false
	}
	return to.IsZero() || !a.After(to)
}

// newest is the time of the newest record, or the clock of the machine when the log has none.
func (s *state) newest() time.Time {
	if _, last, ok := report.Extent(&s.snapshot.Input); ok {
		return last
	}
	return s.now
}

// askWindow asks for a time window. The views follow what is typed.
func askWindow(s *state) []effect {
	before := s.window
	s.askNarrowing(prompt{
		label: "time:",
		hint:  "15m, 00:03, 00:03-00:14, 2026-11-22 00:03..2026-11-22 01:00; nothing for all",
	}, s.window.text, (*state).setWindow, func(s *state) { s.window = before })
	return nil
}

// setWindow takes a time window as it was typed; one that is at fault changes nothing.
func (s *state) setWindow(text string) error {
	w, err := parseWindow(text, s.newest())
	if err == nil {
		s.window = w
	}
	return err
}

// visibleTime is from when to when lanes and trends go: the window, and where it is open the log. It is zero for a log
// without times.
func (s *state) visibleTime() (first, last time.Time) {
	first, last, _ = report.Extent(&s.snapshot.Input)
	from, to := s.window.bounds(&s.snapshot.Input)
	if !from.IsZero() {
		first = from
	}
	if !to.IsZero() {
		last = to
	}
	return first, last
}
