package rows

import (
	"context"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/whytls/whytls/parsers"
)

// forward reads all rows from an anchor on, in pages of random sizes.
func forward(t testing.TB, s *Store, rnd *rand.Rand, from Anchor, f Filter) []string {
	t.Helper()
	var out []string
	for {
		n := 1 + rnd.IntN(300)
		p, err := s.Page(t.Context(), Query{From: from, After: n, Filter: f})
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Rows) < n && !p.AtEnd && !p.Truncated {
			t.Fatalf("%d of %d rows, and not at the end", len(p.Rows), n)
		}
		for i := range p.Rows {
			out = append(out, simpleOf(&p.Rows[i]))
		}
		if p.AtEnd {
			return out
		}
		if from == p.Below {
			t.Fatalf("no step forward from %+v", from)
		}
		from = p.Below
	}
}

// backward reads all rows before an anchor.
func backward(t testing.TB, s *Store, rnd *rand.Rand, from Anchor, f Filter) []string {
	t.Helper()
	var out []string
	for {
		n := 1 + rnd.IntN(300)
		p, err := s.Page(t.Context(), Query{From: from, Before: n, Filter: f})
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Rows) < n && !p.AtStart && !p.Truncated {
			t.Fatalf("%d of %d rows, and not at the start", len(p.Rows), n)
		}
		for i := range slices.Backward(p.Rows) {
			out = append(out, simpleOf(&p.Rows[i]))
		}
		if p.AtStart {
			slices.Reverse(out)
			return out
		}
		if from == p.Above {
			t.Fatalf("no step backward from %+v", from)
		}
		from = p.Above
	}
}

func same(t testing.TB, what string, got []string, want []simple) {
	t.Helper()
	var texts []string
	for _, w := range want {
		texts = append(texts, w.String())
	}
	for i := range min(len(got), len(texts)) {
		if got[i] != texts[i] {
			t.Fatalf("%s: row %d of %d:\n got %s\nwant %s", what, i, len(texts), got[i], texts[i])
		}
	}
	if len(got) != len(texts) {
		t.Fatalf("%s: %d rows, want %d", what, len(got), len(texts))
	}
}

func TestPagesAgreeWithANaiveList(t *testing.T) {
	f := func(seed uint64, files, most int) {
		t.Helper()
		rnd := rand.New(rand.NewPCG(seed, 1))
		w := newWorld(t, rnd, files, most, 0)
		same(t, "forward", forward(t, w.store, rnd, Start(), Filter{}), w.want)
		same(t, "backward", backward(t, w.store, rnd, End(), Filter{}), w.want)
		if n, exact := w.store.Total(); int(n) != len(w.want) || !exact {
			t.Errorf("total %d, %v; want %d", n, exact, len(w.want))
		}
		for range 20 {
			i := rnd.IntN(len(w.want))
			at := w.want[i].key
			for i > 0 && w.want[i-1].key == at {
				i--
			}
			when := AtTime(time.Unix(0, at))
			p, err := w.store.Page(t.Context(), Query{From: when, Before: 5, After: 5})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for i := range p.Rows {
				got = append(got, simpleOf(&p.Rows[i]))
			}
			same(t, "around a time", got, w.want[max(i-5, 0):min(i+5, len(w.want))])
			c := p.Rows[rnd.IntN(len(p.Rows))].Cursor
			all := append(backward(t, w.store, rnd, At(c), Filter{}), forward(t, w.store, rnd, At(c), Filter{})...)
			same(t, "around a row", all, w.want)
		}
	}
	f(1, 1, 1000)
	f(2, 1, 900<<10)
	f(3, 3, 100)
	f(4, 5, 600<<10)
	f(5, 40, 20<<10)
}

// TestDisorderedTimes shows that rows come once, in the order of their source and in the same order in both directions,
// whatever their times.
func TestDisorderedTimes(t *testing.T) {
	f := func(seed uint64, files, most int, jitter time.Duration) {
		t.Helper()
		rnd := rand.New(rand.NewPCG(seed, 2))
		w := newWorld(t, rnd, files, most, jitter)
		got := forward(t, w.store, rnd, Start(), Filter{})
		if diff := cmp.Diff(got, backward(t, w.store, rnd, End(), Filter{})); diff != "" {
			t.Fatal(diff)
		}
		bySource := func(rows []string) map[string][]string {
			m := make(map[string][]string)
			for _, r := range rows {
				name, _, _ := strings.Cut(r, " ")
				m[name] = append(m[name], r)
			}
			return m
		}
		slices.SortStableFunc(w.want, func(a, b simple) int { return int(a.offset - b.offset) })
		var want []string
		for _, s := range w.want {
			want = append(want, s.String())
		}
		if diff := cmp.Diff(bySource(want), bySource(got)); diff != "" {
			t.Fatal(diff)
		}
	}
	f(1, 3, 600<<10, 5*time.Millisecond)
	f(2, 3, 600<<10, 10*time.Second)
	f(3, 2, 600<<10, 100*time.Hour)
}

func TestFilters(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	w := newWorld(t, rnd, 4, 700<<10, 0)
	f := func(what string, empty bool, f Filter, shows func(s *simple) bool) {
		t.Helper()
		var want []simple
		for _, s := range w.want {
			if shows(&s) {
				want = append(want, s)
			}
		}
		if len(want) == 0 != empty {
			t.Errorf("%s: %d rows wanted", what, len(want))
		}
		for range 2 { // what was learnt the first time must not change the answer
			same(t, what+" forward", forward(t, w.store, rnd, Start(), f), want)
			same(t, what+" backward", backward(t, w.store, rnd, End(), f), want)
		}
		p, err := w.store.Page(t.Context(), Query{After: 1 << 30, Filter: f})
		if err != nil {
			t.Fatal(err)
		}
		if !p.Truncated && f.From.IsZero() && f.To.IsZero() && len(f.Sources) == 0 && (int(p.Scanned) != len(w.want) || int(p.Hidden) != len(w.want)-len(want)) {
			t.Errorf("%s: scanned %d, hidden %d of %d, want %d hidden", what, p.Scanned, p.Hidden, len(w.want), len(w.want)-len(want))
		}
	}
	has := func(s *simple, text string) bool { return strings.Contains(strings.Join(s.lines, "\n"), text) }
	f("severity", false, Filter{Severity: parsers.SeverityError}, func(s *simple) bool { return s.severity >= parsers.SeverityError })
	f("text", true, Filter{Text: "Record 77 "}, func(s *simple) bool { return false })
	f("folded text", false, Filter{Text: "10.0.0.77"}, func(s *simple) bool { return has(s, "10.0.0.77") })
	f("in further lines", true, Filter{Text: "AT FRAME 7"}, func(s *simple) bool { return false })
	f("in further lines", false, Filter{Text: "at frame 7"}, func(s *simple) bool { return has(s, "at frame 7") })
	f("regexp", false, Filter{Regexp: regexp.MustCompile(`record \d7 `)}, func(s *simple) bool {
		return regexp.MustCompile(`record \d7 `).MatchString(s.lines[0])
	})
	f("source", false, Filter{Sources: []string{w.want[0].name}}, func(s *simple) bool { return s.name == w.want[0].name })
	from, to := time.Unix(0, w.want[len(w.want)/3].key), time.Unix(0, w.want[len(w.want)/2].key)
	f("time", false, Filter{From: from, To: to}, func(s *simple) bool { return s.key >= from.UnixNano() && s.key <= to.UnixNano() })
	f("nothing", true, Filter{Systems: []string{"nanomq"}}, func(s *simple) bool { return false })
	f("both", false, Filter{Text: "10.0.0.77", And: []Filter{{Severity: parsers.SeverityWarn}}}, func(s *simple) bool {
		return s.severity >= parsers.SeverityWarn && has(s, "10.0.0.77")
	})
}

func TestFind(t *testing.T) {
	rnd := rand.New(rand.NewPCG(9, 9))
	w := newWorld(t, rnd, 3, 400<<10, 0)
	var want []string
	for _, s := range w.want {
		if s.severity >= parsers.SeverityError {
			want = append(want, s.String())
		}
	}
	if len(want) < 100 {
		t.Fatalf("only %d errors", len(want))
	}
	for _, ahead := range []bool{true, false} {
		var got []string
		var at Cursor
		for {
			var text string
			c, found, err := w.store.Find(t.Context(), at, ahead, func(r *Row) bool { text = simpleOf(r); return true }, Filter{Severity: parsers.SeverityError})
			if err != nil {
				t.Fatal(err)
			}
			if c.IsZero() {
				break
			}
			if at = c; found {
				got = append(got, text)
			}
		}
		if !ahead {
			slices.Reverse(got)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("forward %v: %s", ahead, diff)
		}
	}
}

func TestCancelledPage(t *testing.T) {
	w := newWorld(t, rand.New(rand.NewPCG(1, 2)), 1, 400<<10, 0)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.store.Page(ctx, Query{After: 10}); err == nil {
		t.Error("no error")
	}
	ctx, cancel = context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	p, err := w.store.Page(ctx, Query{After: 10})
	if err != nil || !p.Truncated || len(p.Rows) > 0 {
		t.Errorf("%+v, %v", p, err)
	}
	if got := forward(t, w.store, rand.New(rand.NewPCG(1, 3)), p.Below, Filter{}); len(got) != len(w.want) {
		t.Errorf("%d rows after it, want %d", len(got), len(w.want))
	}
}
