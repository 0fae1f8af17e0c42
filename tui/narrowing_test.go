package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/whytls/whytls/diagnose"
)

func TestFilterNarrowsAllViews(t *testing.T) {
	f := func(text, found, lanes, kinds string) {
		t.Helper()
		s := newScreen(t)
		var err error
		if s.filter, err = parseFilter(text); err != nil {
			t.Fatal(err)
		}
		var onset, clusters []string
		for _, x := range timelineOf(s.state).rows {
			onset = append(onset, x.ID)
		}
		for _, c := range templatesOf(s.state).rows {
			clusters = append(clusters, c.ID)
		}
		if got := order(s.state); got != found || strings.Join(onset, " ") != lanes || strings.Join(clusters, " ") != kinds {
			t.Errorf("%q: findings %q, timeline %q, templates %q", text, got, onset, clusters)
		}
		for v := range views {
			s.view = v
			checkFrame(t, s.state)
		}
	}
	f("", "f1 f2 f3 noise", "f1 f2 f3", "c1 c2")
	f("time out", "f2", "f2", "")
	f("Time Out", "", "", "")
	f("/connect(ed)? /", "f1", "f1", "c2")
	f("severity:error", "f1 f2 f3 noise", "f1 f2 f3", "c1")
	f("system:wukongim", "f3 noise", "f3", "c1")
	f("system:wu system:nano", "f1 f2 f3 noise", "f1 f2 f3", "c1 c2")
	f("source:nanomq", "f1", "f1", "c2")
	f("finding:f3", "f3", "f3", "")
	f("finding:f3 system:nanomq", "", "", "")
	f("severity:", "f1 f2 f3 noise", "f1 f2 f3", "c1 c2")
}

func TestFilterFaults(t *testing.T) {
	f := func(text string) {
		t.Helper()
		if _, err := parseFilter(text); err == nil {
			t.Errorf("%q is no fault", text)
		}
		s := newScreen(t)
		s.typing("f")
		s.typing(strings.Split(text, "")...)
		s.typing("enter")
		if s.filter.text != "" || s.answer.look != bad {
			t.Errorf("%q: filter %q, answer %q", text, s.filter.text, s.answer.text)
		}
	}
	f("severity:loud")
	f("/[/")
	f("/(a/")
}

// The views follow what is typed, count what is hidden, and Esc takes it back.
func TestFilterIsLive(t *testing.T) {
	s := newScreen(t)
	s.width = 120
	s.typing("f")
	s.typing(strings.Split("time", "")...)
	if got := order(s.state); got != "f2" {
		t.Errorf("while typing: %s", got)
	}
	if got := s.narrowing(); got != "filter time · 3 hidden" {
		t.Errorf("%q", got)
	}
	s.typing("esc")
	if got := order(s.state); got != "f1 f2 f3 noise" || s.narrowing() != "" {
		t.Errorf("after Esc: %s, %q", got, s.narrowing())
	}
}

func TestFilterIsCompleted(t *testing.T) {
	f := func(typed, want string) {
		t.Helper()
		s := newScreen(t)
		s.typing("f")
		s.typing(strings.Split(typed, "")...)
		s.typing("tab", "enter")
		if s.filter.text != want {
			t.Errorf("%q becomes %q, want %q", typed, s.filter.text, want)
		}
	}
	f("sev", "severity:")
	f("severity:e", "severity:error")
	f("system:n", "system:nanomq")
	f("time system:w", "time system:wukongim")
	f("source:w", "source:wukongim.log")
	f("zzz", "zzz")
}

func TestMoment(t *testing.T) {
	ref := time.Date(2026, 11, 22, 0, 14, 0, 0, time.FixedZone("", 8*3600))
	f := func(text string, ahead bool, want string) {
		t.Helper()
		got, err := parseMoment(text, ref, ahead)
		if err != nil {
			got = time.Time{}
		}
		if s := got.Format("2006-01-02 15:04:05 -0700"); err == nil && s != want || err != nil && want != "" {
			t.Errorf("%q: %s (%v), want %q", text, s, err, want)
		}
	}
	f("00:03", false, "2026-11-22 00:03:00 +0800")
	f("00:03:34", false, "2026-11-22 00:03:34 +0800")
	f("23:50", false, "2026-11-21 23:50:00 +0800")
	f("07:30", true, "2026-11-22 07:30:00 +0800")
	f("00:03", true, "2026-11-23 00:03:00 +0800")
	f("15m", false, "2026-11-21 23:59:00 +0800")
	f("8h", true, "2026-11-22 08:14:00 +0800")
	f("2d", true, "2026-11-24 00:14:00 +0800")
	f("2026-11-20 10:00", false, "2026-11-20 10:00:00 +0800")
	f("2026-11-20T10:00:00Z", false, "2026-11-20 10:00:00 +0000")
	f("", false, "")
	f("soon", false, "")
	f("-3h", false, "")
	f("25:00", false, "")
}

func TestWindow(t *testing.T) {
	newest := time.Date(2026, 11, 22, 0, 14, 9, 0, time.UTC)
	f := func(text, from, to string) {
		t.Helper()
		w, err := parseWindow(text, newest)
		a, b := "error", "error"
		if err == nil {
			if w, err = parseWindow(w.lasting(), newest.AddDate(0, 0, 3)); err != nil {
				t.Fatalf("%q kept as %q: %v", text, w.lasting(), err)
			}
			in := diagnose.Input{Sources: []diagnose.SourceInfo{{First: "2026-11-21T00:00:00Z", Last: "2026-11-22T00:14:09Z"}}}
			x, y := w.bounds(&in)
			a, b = x.Format("02 15:04:05"), y.Format("02 15:04:05")
			if x.IsZero() {
				a = ""
			}
			if y.IsZero() {
				b = ""
			}
		}
		if a != from || b != to {
			t.Errorf("%q: %q to %q, want %q to %q (%v)", text, a, b, from, to, err)
		}
	}
	f("", "", "")
	f("all", "", "")
	f("10m", "22 00:04:09", "")
	f("00:03", "22 00:03:00", "")
	f("00:03-00:05", "22 00:03:00", "22 00:05:59")
	f("00:03:10-00:05:20", "22 00:03:10", "22 00:05:20")
	f("..00:05", "", "22 00:05:59")
	f("2026-11-21 10:00..2026-11-21 11:00", "21 10:00:00", "21 11:00:59")
	f("23:50-00:05", "21 23:50:00", "22 00:05:59")
	f("00:05-00:03", "error", "error")
	f("noon", "error", "error")
}

func TestWindowNarrowsTheViews(t *testing.T) {
	s := newScreen(t)
	s.typing("t")
	s.typing(strings.Split("00:03-00:03", "")...)
	s.typing("enter")
	if got := order(s.state); got != "f1 f2 noise" {
		t.Errorf("the order is %s", got)
	}
	if first, last := s.visibleTime(); clockSpan(first, last) != "00:03:00 → 00:03:59" {
		t.Errorf("the lanes go from %v to %v", first, last)
	}
}

func TestInstructions(t *testing.T) {
	f := func(text string, want func(*state) bool) {
		t.Helper()
		s := newScreen(t)
		s.log.store = logStore(t)
		s.typing(":")
		s.typing(strings.Split(text, "")...)
		s.typing("enter")
		if !want(s.state) {
			t.Errorf(":%s leads to %s, answer %q", text, viewNames[s.view], s.answer.text)
		}
	}
	in := func(v view) func(*state) bool { return func(s *state) bool { return s.view == v } }
	f("log", in(logView))
	f("templates", in(templatesView))
	f("Timeline", in(timelineView))
	f("help", in(helpView))
	f("q", func(s *state) bool { return s.done })
	f("filter system:nanomq", func(s *state) bool { return s.filter.text == "system:nanomq" })
	f("time 5m", func(s *state) bool { return s.window.last == 5*time.Minute })
	f("2", func(s *state) bool { return s.pane().selected == "f2" })
	f("99", func(s *state) bool { return s.pane().selected == foldID })
	f("00:04", in(logView))
	f("make tea", func(s *state) bool { return s.answer.look == bad })
}

func TestSearchInLists(t *testing.T) {
	f := func(keys string, want string) {
		t.Helper()
		s := newScreen(t)
		s.typing(strings.Fields(keys)...)
		if got := s.pane().selected; got != want {
			t.Errorf("%s: at %q, want %q", keys, got, want)
		}
	}
	f("/ t i m e enter", "f2")
	f("/ t l s enter n", "f2")
	f("/ t l s enter n n n", "f1")
	f("/ t l s enter N", "f3")
	f("/ n o p e enter", "")
	f("e", "f2")
	f("e e e", "f1")
	f("E", "f3")
	f("n t i m e enter", "f2") // n asks when nothing was looked for
}

// A search marks what it finds, in the detail, too.
func TestSearchInDetail(t *testing.T) {
	s := newScreen(t)
	s.typing("enter", "/")
	s.typing(strings.Split("upgrade", "")...)
	s.typing("enter")
	if !strings.Contains(strings.Join(frame(s.state), "\n"), "upgrade to 0.22.10") {
		t.Errorf("the line is not on the screen; scrolled to %d", s.pane().scroll)
	}
}
