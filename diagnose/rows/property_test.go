package rows

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/source"
)

// mouth is a source that grows: a file that is rotated, or a pipe.
type mouth struct {
	t      *testing.T
	feed   *Feed
	number int
	name   string
	path   string // "" for a pipe
	clock  time.Time
	parts  [][]byte
	file   *os.File
}

func (m *mouth) rotate() {
	m.parts = append(m.parts, nil)
	if m.path == "" {
		m.parts = m.parts[:1]
		return
	}
	if m.file != nil {
		if err := os.Rename(m.path, fmt.Sprintf("%s.%d", m.path, len(m.parts))); err != nil {
			m.t.Fatal(err)
		}
		m.file.Close()
	}
	var err error
	if m.file, err = os.Create(m.path); err != nil {
		m.t.Fatal(err)
	}
	if m.feed != nil {
		m.feed.Take(source.Event{Kind: source.Rotated, Generation: len(m.parts)})
	}
}

// speak writes some lines, at times the first ones of a record only.
func (m *mouth) speak(rnd *rand.Rand) {
	data := logText(rnd, m.clock, 1+rnd.IntN(1+40<<(rnd.IntN(13))), 0)
	lines := bytes.SplitAfter(data, []byte("\n"))
	data = bytes.Join(lines[:1+rnd.IntN(len(lines))], nil)
	last := data[bytes.LastIndex(data, []byte("\n2024"))+1:]
	if t, err := time.Parse("2006-01-02T15:04:05.000000Z", string(last[:27])); err == nil {
		m.clock = t
	}
	part := &m.parts[len(m.parts)-1]
	e := source.Event{Data: data, Offset: int64(len(*part)), Line: 1 + int64(bytes.Count(*part, lineFeed)), Generation: len(m.parts)}
	if m.file != nil {
		if _, err := m.file.Write(data); err != nil {
			m.t.Fatal(err)
		}
		var err error
		if e.Info, err = m.file.Stat(); err != nil {
			m.t.Fatal(err)
		}
	}
	*part = append(*part, data...)
	m.feed.Take(e)
}

// list is what a naive list says of the source.
func (m *mouth) list() []simple {
	var all []simple
	for _, p := range m.parts {
		all = append(all, naive(m.number, m.name, p)...)
		for i := 1; i < len(all); i++ {
			all[i].key = max(all[i].key, all[i-1].key)
		}
	}
	return all
}

// TestAnyStory tells stories of sources that begin, grow and are rotated, and looks at the list in between: whatever the
// page, the filter and the direction, it shows what a list of everything in memory shows, once and in order.
func TestAnyStory(t *testing.T) {
	for seed := range uint64(12) {
		rnd := rand.New(rand.NewPCG(seed, 77))
		s := New(Options{Memory: 64 << 20, Spool: -1})
		var mouths []*mouth
		begin := func() {
			m := &mouth{t: t, number: len(mouths), name: fmt.Sprint("source", len(mouths)), clock: epoch.Add(time.Duration(rnd.IntN(5000)) * time.Millisecond)}
			if rnd.IntN(3) > 0 {
				m.path = filepath.Join(t.TempDir(), "app.log")
			}
			m.rotate()
			m.feed = s.Add(m.name, m.path)
			mouths = append(mouths, m)
		}
		begin()
		for range 60 {
			switch n := rnd.IntN(30); {
			case n == 0 && len(mouths) < 6:
				begin()
			case n < 3:
				mouths[rnd.IntN(len(mouths))].rotate()
			case n == 3:
				lookAt(t, rnd, s, mouths)
			default:
				mouths[rnd.IntN(len(mouths))].speak(rnd)
			}
		}
		lookAt(t, rnd, s, mouths)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		for _, m := range mouths {
			if m.file != nil {
				m.file.Close()
			}
		}
	}
}

func lookAt(t *testing.T, rnd *rand.Rand, s *Store, mouths []*mouth) {
	t.Helper()
	var lists [][]simple
	for _, m := range mouths {
		lists = append(lists, m.list())
	}
	all := merge(lists...)
	f, shows := anyFilter(rnd, mouths)
	var want []simple
	for i := range all {
		if shows(&all[i]) {
			want = append(want, all[i])
		}
	}
	same(t, "forward", forward(t, s, rnd, Start(), f), want)
	same(t, "backward", backward(t, s, rnd, End(), f), want)
	if len(all) == 0 {
		return
	}
	// A page around any row, shown or not, in both directions at once.
	at := rnd.IntN(len(all))
	c := Cursor{source: int32(all[at].source) + 1, offset: all[at].offset, key: all[at].key}
	for _, r := range forwardRows(t, s, Filter{Sources: []string{all[at].name}}) {
		if simpleOf(&r) == all[at].String() {
			c = r.Cursor
		}
	}
	before := 0
	for i := range all[:at] {
		if shows(&all[i]) {
			before++
		}
	}
	p, err := s.Page(t.Context(), Query{From: At(c), Before: 7, After: 7, Filter: f})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range p.Rows {
		got = append(got, simpleOf(&p.Rows[i]))
	}
	same(t, "around a row", got, want[max(before-7, 0):min(before+7, len(want))])
}

func forwardRows(t *testing.T, s *Store, f Filter) (all []Row) {
	t.Helper()
	for from := Start(); ; {
		p, err := s.Page(t.Context(), Query{From: from, After: 1000, Filter: f})
		if err != nil {
			t.Fatal(err)
		}
		if all = append(all, p.Rows...); p.AtEnd {
			return all
		}
		from = p.Below
	}
}

func anyFilter(rnd *rand.Rand, mouths []*mouth) (Filter, func(*simple) bool) {
	switch rnd.IntN(5) {
	case 0:
		return Filter{Severity: parsers.SeverityError}, func(s *simple) bool { return s.severity >= parsers.SeverityError }
	case 1:
		text := fmt.Sprint("record ", rnd.IntN(30))
		return Filter{Text: text}, func(s *simple) bool { return strings.Contains(strings.Join(s.lines, "\n"), text) }
	case 2:
		name := mouths[rnd.IntN(len(mouths))].name
		return Filter{Sources: []string{name}}, func(s *simple) bool { return s.name == name }
	case 3:
		from := epoch.Add(time.Duration(rnd.IntN(8000)) * time.Millisecond)
		to := from.Add(time.Duration(rnd.IntN(4000)) * time.Millisecond)
		return Filter{From: from, To: to}, func(s *simple) bool { return s.key >= from.UnixNano() && s.key <= to.UnixNano() }
	}
	return Filter{}, func(*simple) bool { return true }
}
