package tui

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whytls/whytls/diagnose/rows"
	"github.com/whytls/whytls/parsers/source"
)

// logFiles are two logs of one night, as a program writes them.
func logFiles(t *testing.T) (nanomq, wukongim string) {
	t.Helper()
	folder := t.TempDir()
	var a, b strings.Builder
	for i := range 400 {
		level, text := "INFO", fmt.Sprintf("client c%d connected from 10.0.0.%d", i, i%200)
		switch {
		case i == 150:
			level, text = "ERROR", "tlstran_pipe_nego_cb: connect nego error rv:(20) Operation canceled MQTT reason code 0"
		case i%100 == 99:
			level, text = "WARN", "queue of client c7 is full"
		}
		fmt.Fprintf(&a, "2026-11-22 00:%02d:%02d [88] %s broker.c:519 %s\n", 2+i/60, i%60, level, text)
	}
	fmt.Fprint(&b, "2026/11/22 00:02:30 http: TLS handshake error from 203.0.113.9:50001: tls: first record does not look like a TLS handshake\n")
	fmt.Fprint(&b, "2026/11/22 00:02:31 hostile \x1b[2J\x1b]0;owned\x07 \u202e text \xff\n")
	fmt.Fprint(&b, "2026/11/22 00:02:32 panic serving 10.0.0.9:1: boom\ngoroutine 7 [running]:\nmain.main()\n\t/src/main.go:9 +0x1\n")
	nanomq, wukongim = filepath.Join(folder, "nanomq.log"), filepath.Join(folder, "wukongim.log")
	for path, text := range map[string]string{nanomq: a.String(), wukongim: b.String()} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return nanomq, wukongim
}

// logStore is the store of these logs under the names that the incident has for them.
func logStore(t *testing.T) *rows.Store {
	t.Helper()
	nanomq, wukongim := logFiles(t)
	s := rows.New(rows.Options{})
	t.Cleanup(func() { s.Close() })
	s.Add("/var/log/nanomq.log", nanomq)
	s.Add("/var/log/wukongim.log", wukongim)
	return s
}

// newLogScreen is a screen that shows the log.
func newLogScreen(t *testing.T) *screen {
	t.Helper()
	s := newScreen(t)
	s.log.store = logStore(t)
	s.typing("2")
	return s
}

// chosenRow is the row of the log that is selected.
func (s *screen) chosenRow() *rows.Row {
	s.Helper()
	i := chosen(logOf(s.state), s.panes[logView].selected)
	if i < 0 {
		s.Fatal("no row is chosen")
	}
	return &s.log.rows[i]
}

func TestLogMoves(t *testing.T) {
	f := func(keys string, source string, number int64) {
		t.Helper()
		s := newLogScreen(t)
		s.typing(strings.Fields(keys)...)
		if r := s.chosenRow(); filepath.Base(r.Source) != source || r.Line != number {
			t.Errorf("%s: at %s:%d, want %s:%d", keys, r.Source, r.Line, source, number)
		}
		checkFrame(t, s.state)
	}
	f("", "nanomq.log", 400)
	f("k", "nanomq.log", 399)
	f("k G", "nanomq.log", 400)
	f("g", "nanomq.log", 1)
	f("g j j", "nanomq.log", 3)
	f("g "+strings.Repeat("pgdown ", 30), "nanomq.log", 400)
	f(strings.Repeat("k ", 300), "nanomq.log", 100)
	f("g e", "nanomq.log", 151)
	f("E", "nanomq.log", 151)
	f("g / first.record enter", "wukongim.log", 1)
	f("g / NEGO enter", "nanomq.log", 1) // capital letters are meant
	f("g / nego enter n", "nanomq.log", 151)
	f("g / queue enter n N", "nanomq.log", 100)
	f(": 2 5 0 enter", "nanomq.log", 250)
	f(": 00:04:00 enter", "nanomq.log", 121)
	f("g : 00:02:32 enter j", "wukongim.log", 3)
}

func TestLogIsFiltered(t *testing.T) {
	f := func(typed string, rows int, keys ...string) {
		t.Helper()
		s := newLogScreen(t)
		s.height = 150 // all is read at once
		s.typing("f")
		s.typing(strings.Split(typed, "")...)
		s.typing(append(keys, "enter")...)
		if got := len(s.log.rows); got != rows || !s.log.atStart || !s.log.atEnd {
			t.Errorf("%q: %d rows, want %d (start %v, end %v)", typed, got, rows, s.log.atStart, s.log.atEnd)
		}
		checkFrame(t, s.state)
	}
	f("severity:error", 1)
	f("severity:warn", 5)
	f("queue", 4)
	f("source:wukongim", 3)
	f("/c1[0-9]{2} connected/ source:nano", 98)
	f("nothing has this", 0)
	f("source:nobody", 0)
	f("sev", 1, "tab", "e", "r", "r", "o", "r")
}

func TestLogWindow(t *testing.T) {
	s := newLogScreen(t)
	s.height = 150
	s.typing("t")
	s.typing(strings.Split("00:03-00:03", "")...)
	s.typing("enter")
	if len(s.log.rows) != 60 {
		t.Errorf("%d rows in a minute of one a second", len(s.log.rows))
	}
	s.typing("F", "g")
	if !s.log.atStart || len(s.log.rows) < 60 || s.chosenRow().Line != 1 {
		t.Errorf("F shows all again: %d rows, at line %d", len(s.log.rows), s.chosenRow().Line)
	}
}

func TestLogFollows(t *testing.T) {
	nanomq, _ := logFiles(t)
	store := rows.New(rows.Options{})
	defer store.Close()
	feed := store.Add("/var/log/nanomq.log", nanomq)
	s := newScreen(t)
	s.log.store = store
	s.typing("2")
	offset := int64(0)
	if info, err := os.Stat(nanomq); err != nil {
		t.Fatal(err)
	} else {
		offset = info.Size()
	}
	feed.Take(source.Event{Kind: source.CaughtUp})
	grow := func(text string) {
		t.Helper()
		file, err := os.OpenFile(nanomq, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if _, err := file.WriteString(text); err != nil {
			t.Fatal(err)
		}
		feed.Take(source.Event{Offset: offset, Data: []byte(text)})
		offset += int64(len(text))
		s.now = s.now.Add(time.Second)
		s.run(fresh{snapshot: incident()}.apply(s.state))
	}
	grow("2026-11-22 00:20:00 [88] INFO broker.c:1 the first one\n")
	if got := s.chosenRow().Message; !strings.Contains(got, "the first one") {
		t.Errorf("it does not follow: %q", got)
	}
	s.typing("k")
	grow("2026-11-22 00:20:01 [88] INFO broker.c:1 the second one\n")
	if got := s.chosenRow().Message; strings.Contains(got, "one") {
		t.Errorf("it follows although the choice was moved: %q", got)
	}
	s.typing("G")
	if got := s.chosenRow().Message; !strings.Contains(got, "the second one") {
		t.Errorf("G leads to %q", got)
	}
	s.typing(" ")
	grow("2026-11-22 00:20:02 [88] INFO broker.c:1 the third one\n")
	if got := s.chosenRow().Message; !strings.Contains(got, "the second one") {
		t.Errorf("it follows although it is paused: %q", got)
	}
	s.typing(" ")
	if got := s.chosenRow().Message; !strings.Contains(got, "the third one") {
		t.Errorf("it does not go on: %q", got)
	}
}

// counting counts the rows that a log is looked through for.
type counting struct {
	*rows.Store
	scanned int64
}

func (c *counting) Page(ctx context.Context, q rows.Query) (rows.Page, error) {
	p, err := c.Store.Page(ctx, q)
	c.scanned += p.Scanned
	return p, err
}

// A filtered log is followed, too, and not read from its start at every change.
func TestFilteredLogFollows(t *testing.T) {
	store := rows.New(rows.Options{})
	defer store.Close()
	feed := store.Add("pipe", "")
	var offset int64
	grow := func(s *screen, text string, n int) {
		t.Helper()
		for range n {
			l := fmt.Sprintf("2026-11-22 00:%02d:%02d [88] INFO broker.c:1 %s\n", offset/6000%60, offset/100%60, text)
			feed.Take(source.Event{Offset: offset, Data: []byte(l)})
			offset += int64(len(l))
		}
		if s != nil {
			s.now = s.now.Add(time.Second)
			s.run(fresh{snapshot: incident()}.apply(s.state))
		}
	}
	grow(nil, "ordinary", 5000)
	list := &counting{Store: store}
	s := newScreen(t)
	s.log.store = list
	s.filter, _ = parseFilter("seldom")
	s.typing("2")
	if n := len(s.log.rows); n != 0 || !s.log.atStart || !s.log.atEnd {
		t.Fatalf("%d rows, start %v, end %v", n, s.log.atStart, s.log.atEnd)
	}
	list.scanned = 0
	for i := range 20 {
		grow(s, "ordinary", 10)
		grow(s, "a seldom one", 1)
		if got := len(s.log.rows); got != i+1 {
			t.Fatalf("%d rows after %d", got, i+1)
		}
	}
	if list.scanned > 1000 {
		t.Errorf("%d rows were looked through for 220 new ones", list.scanned)
	}
	if got := logOf(s.state).hides(); got != "5,200 of 5,220 rows hidden" {
		t.Errorf("it tells %q", got)
	}
	s.typing("F")
	if got := s.chosenRow().Message; !strings.Contains(got, "a seldom one") {
		t.Errorf("without a filter it stands at %q", got)
	}
}

func TestMarks(t *testing.T) {
	s := newLogScreen(t)
	s.typing("g", "e", "m", "g", "/")
	s.typing(strings.Split("boom", "")...)
	s.typing("enter", "m", "g", "u")
	if r := s.chosenRow(); r.Line != 3 || !s.isMarked(r) {
		t.Errorf("u leads to %s:%d", r.Source, r.Line)
	}
	s.typing("u")
	if r := s.chosenRow(); r.Line != 151 || !s.isMarked(r) {
		t.Errorf("u leads to %s:%d", r.Source, r.Line)
	}
	s.typing("m")
	if marks := s.session.Marks(); len(marks) != 1 {
		t.Errorf("%d marks are left", len(marks))
	}
}

// From a finding, Enter leads to its line, among its neighbours, and Esc back.
func TestEvidenceInTheLog(t *testing.T) {
	s := newScreen(t)
	s.log.store = logStore(t)
	s.snapshot.Findings[0].Evidence[0].Line = 151
	s.snapshot.Findings[0].Evidence[0].Time = "2026-11-22T00:04:30Z"
	s.typing("enter", "enter")
	if r := s.chosenRow(); s.view != logView || r.Line != 151 {
		t.Fatalf("in %s at %d", viewNames[s.view], r.Line)
	}
	s.typing("esc")
	if s.view != findingsView || !s.pane().inDetail {
		t.Errorf("back in %s", viewNames[s.view])
	}
}

// endless is a log in which a search finds nothing for as long as it is asked to look.
type endless struct{ *rows.Store }

func (e endless) Find(ctx context.Context, from rows.Cursor, forward bool, match func(*rows.Row) bool, f rows.Filter) (rows.Cursor, bool, error) {
	return from, false, nil
}

// A search through a large log is told while it goes on, and Esc gives it up.
func TestSearchIsGivenUp(t *testing.T) {
	s := newLogScreen(t)
	s.log.store = endless{s.log.store.(*rows.Store)}
	effects := s.press(keyOf("e"))
	for range 3 {
		effects = slices.Collect(func(yield func(effect) bool) {
			for _, e := range effects {
				for _, next := range e(t.Context()).apply(s.state) {
					yield(next)
				}
			}
		})
	}
	if len(effects) != 1 || !strings.Contains(footer(s.state, arrange(s.state, 1))[0].String(), "searching") {
		t.Fatalf("%d effects, %q", len(effects), footer(s.state, arrange(s.state, 1))[0])
	}
	s.typing("esc")
	if got := effects[0](t.Context()).apply(s.state); len(got) != 0 || s.log.searching != "" || s.view != logView {
		t.Errorf("it goes on: %d effects, searching %q", len(got), s.log.searching)
	}
}

// Keys that come while a search is under way are meant for the row that it leads to.
func TestKeysWaitForASearch(t *testing.T) {
	f := func(keys string, want int64) {
		t.Helper()
		s := newLogScreen(t)
		s.typing("f")
		s.typing(strings.Split("source:nanomq", "")...)
		s.typing("enter", "g")
		s.search = newMatcher("queue")
		var effects []effect
		for _, k := range strings.Fields(keys) {
			effects = append(effects, s.press(keyOf(k))...)
		}
		s.run(effects)
		if got := s.chosenRow().Line; got != want {
			t.Errorf("%s: at %d, want %d", keys, got, want)
		}
	}
	f("n n", 200)
	f("n n n N", 200)
	f("n j j", 102)
	f("n k e", 151)
	f("G k k", 398)
	f("n n n n n n n", 400)
	f("n esc j", 2)
}
