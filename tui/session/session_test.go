package session

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/whytls/whytls/diagnose"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, folder string, sources ...string) *Session {
	t.Helper()
	s, err := Open(folder, sources)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func save(t *testing.T, s *Session) {
	t.Helper()
	if err := s.Save(); err != nil {
		t.Fatal(err)
	}
}

func TestSessionComesBack(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "whytls")
	f := &diagnose.Finding{ID: "f1", Title: "A listener stopped", Urgency: "outage", Count: 3}
	quiet := &diagnose.Finding{ID: "f2", Title: "Closes", Urgency: "watch", Count: 9}
	s := open(t, folder, "/b.log", "/a.log")
	s.Acknowledge(f, "called the vendor", noon, noon.Add(time.Hour))
	s.Silence(quiet, noon)
	s.Mark(Mark{Source: "/a.log", Line: 12, Text: "look"})
	s.SetFilter("severity:error", "15m")
	save(t, s)

	again := open(t, folder, "/a.log", "/b.log", "/a.log")
	a, holds, ok := again.Acknowledged(f, noon.Add(time.Minute))
	if !holds || !ok || a.Note != "called the vendor" {
		t.Errorf("acknowledged: %+v, holds %v, ok %v", a, holds, ok)
	}
	if _, ok := again.Silenced(quiet); !ok {
		t.Error("the silence did not come back")
	}
	if filter, window := again.Filter(); filter != "severity:error" || window != "15m" {
		t.Errorf("filter %q, window %q", filter, window)
	}
	if diff := cmp.Diff([]Mark{{Source: "/a.log", Line: 12, Text: "look"}}, again.Marks()); diff != "" {
		t.Error(diff)
	}
	if _, _, ok := open(t, folder, "/a.log").Acknowledged(f, noon); ok {
		t.Error("another set of sources has the acknowledgement, too")
	}
	info, err := os.Stat(again.path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %o", info.Mode().Perm())
	}
}

func TestAcknowledgementEnds(t *testing.T) {
	f := func(name string, after time.Duration, change func(*diagnose.Finding), holds, ok bool, worse string) {
		t.Helper()
		s := New()
		finding := &diagnose.Finding{ID: "f1", Urgency: "degraded", Count: 5}
		s.Acknowledge(finding, "", noon, noon.Add(time.Hour))
		change(finding)
		a, gotHolds, gotOK := s.Acknowledged(finding, noon.Add(after))
		if gotHolds != holds || gotOK != ok || !strings.Contains(a.Worse, worse) {
			t.Errorf("%s: holds %v, ok %v, %q", name, gotHolds, gotOK, a.Worse)
		}
	}
	f("same", time.Minute, func(*diagnose.Finding) {}, true, true, "")
	f("a few more", time.Minute, func(f *diagnose.Finding) { f.Count = 49 }, true, true, "")
	f("many more", time.Minute, func(f *diagnose.Finding) { f.Count = 50 }, false, true, "50×")
	f("more urgent", time.Minute, func(f *diagnose.Finding) { f.Urgency = "outage" }, false, true, "outage now")
	f("less urgent", time.Minute, func(f *diagnose.Finding) { f.Urgency = "watch" }, true, true, "")
	f("expired", time.Hour, func(*diagnose.Finding) {}, false, false, "")
	f("another", 0, func(f *diagnose.Finding) { f.ID = "f2" }, false, false, "")
}

func TestWorsenIsKept(t *testing.T) {
	s := New()
	f := &diagnose.Finding{ID: "f1", Urgency: "degraded", Count: 5}
	if s.Worsen(f, "three times the rate") {
		t.Error("what nobody acknowledged cannot come back")
	}
	s.Acknowledge(f, "", noon, time.Time{})
	if !s.Worsen(f, "three times the rate") || s.Worsen(f, "and again") {
		t.Error("it comes back once")
	}
	if a, holds, ok := s.Acknowledged(f, noon); holds || !ok || a.Worse != "three times the rate" {
		t.Errorf("%+v, holds %v, ok %v", a, holds, ok)
	}
	s.Acknowledge(f, "still known", noon, time.Time{})
	if _, holds, _ := s.Acknowledged(f, noon); !holds {
		t.Error("it was acknowledged again")
	}
}

func TestDamagedFileIsPutAside(t *testing.T) {
	f := func(content string) {
		t.Helper()
		folder := t.TempDir()
		s := open(t, folder, "/a.log")
		save(t, s)
		if err := os.WriteFile(s.path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(folder, []string{"/a.log"})
		if err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%q: %v", content, err)
		}
		s.SetFilter("x", "")
		save(t, s)
		files, err := os.ReadDir(filepath.Dir(s.path))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, file := range files {
			names = append(names, filepath.Ext(file.Name()))
		}
		if !slices.Equal(names, []string{".json", ".damaged"}) {
			t.Errorf("%q: files %v", content, names)
		}
		if filter, _ := open(t, folder, "/a.log").Filter(); filter != "x" {
			t.Errorf("%q: what was kept after it is lost", content)
		}
	}
	f("")
	f("{")
	f(`{"schema":"whytls.session/1","marks":7}`)
	f(`{"schema":"whytls.session/9"}`)
	f("[]")
}

func TestEntriesAreBounded(t *testing.T) {
	s := open(t, t.TempDir(), "/a.log")
	for i := range 2 * maxEntries {
		s.Mark(Mark{Source: "/a.log", Line: int64(i)})
	}
	save(t, s)
	marks := s.Marks()
	if len(marks) != maxEntries || marks[0].Line != maxEntries {
		t.Errorf("%d marks, the oldest %d", len(marks), marks[0].Line)
	}
}
