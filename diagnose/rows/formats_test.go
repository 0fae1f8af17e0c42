package rows

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/source"
)

// TestEveryFormat shows that the records of a block are those that a reader of the whole source finds, torn lines, panics
// and envelopes included.
func TestEveryFormat(t *testing.T) {
	samples, err := filepath.Glob("../../parsers/testdata/*/*.log")
	if err != nil || len(samples) == 0 {
		t.Fatal(samples, err)
	}
	for _, sample := range samples {
		t.Run(filepath.Base(filepath.Dir(sample))+"/"+filepath.Base(sample), func(t *testing.T) {
			one, err := os.ReadFile(sample)
			if err != nil {
				t.Fatal(err)
			}
			if len(one) == 0 {
				t.Skip("empty")
			}
			if one[len(one)-1] != '\n' {
				one = append(one, '\n')
			}
			data := bytes.Repeat(one, 1+300<<10/len(one))
			if strings.Contains(sample, "go-panic") || strings.Contains(sample, "tracing-pretty") {
				data = bytes.Repeat(one, 1+1800<<10/len(one)) // beyond where a place to cut is looked for
			}
			path := filepath.Join(t.TempDir(), "x.log")
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			s := New(Options{})
			defer s.Close()
			s.Add("x", path)
			var want []string
			for _, r := range naive(0, "x", data) {
				want = append(want, fmt.Sprintf("%d", r.offset))
			}
			got := offsets(t, s)
			same := 0
			for same < min(len(got), len(want)) && got[same] == want[same] {
				same++
			}
			d := parsers.Detect(data[:parsers.SampleSize], parsers.Clock{})
			if !d.Format.Timed && d.Cut(data, parsers.Clock{}) < 0 {
				// Nothing says where a record begins: what is far from the beginning is cut somewhere.
				if len(got) < len(want) || len(got) > len(want)+20 || same == 0 {
					t.Errorf("%d records, want about %d", len(got), len(want))
				}
				return
			}
			if same < max(len(got), len(want)) {
				t.Errorf("%d records, want %d; they differ from %d on: %v, want %v", len(got), len(want), same,
					got[same:min(same+3, len(got))], want[same:min(same+3, len(want))])
			}
		})
	}
}

// offsets lists where the records of the only source begin, without parsing each of them again.
func offsets(t *testing.T, s *Store) []string {
	t.Helper()
	var out []string
	scan := newScan(s.views(t.Context()), Start().place(), true, newSieve(Filter{}))
	for scan.next(t.Context()) {
		out = append(out, fmt.Sprintf("%d", scan.last.offset))
		scan.looked = 0
	}
	if scan.err != nil {
		t.Fatal(scan.err)
	}
	return out
}

// FuzzRows shows that any bytes are a list that reads the same in both directions.
func FuzzRows(f *testing.F) {
	f.Add([]byte("2024-11-22T00:00:00Z  INFO a: b\n    at c\n\n\x00\x01"), uint16(3))
	f.Add([]byte("2024-11-22T00:00:00Z  INFO a: b"), uint16(400))
	f.Add([]byte("\n"), uint16(1))
	f.Add([]byte("x"), uint16(60000))
	f.Fuzz(func(t *testing.T, data []byte, times uint16) {
		s := New(Options{Memory: 1 << 20, Spool: -1})
		defer s.Close()
		a, b := s.Add("a", ""), s.Add("b", "")
		for i := range min(int(times), 1+2<<20/(len(data)+1)) {
			a.Take(source.Event{Data: data})
			if i%2 == 0 {
				b.Take(source.Event{Data: data})
			}
		}
		rnd := rand.New(rand.NewPCG(1, 1))
		there := forward(t, s, rnd, Start(), Filter{})
		back := backward(t, s, rnd, End(), Filter{})
		if !slices.Equal(there, back) {
			t.Fatalf("%d rows forward, %d backward", len(there), len(back))
		}
	})
}

// TestLongLines shows that lines beyond what is looked at hide nothing else.
func TestLongLines(t *testing.T) {
	var b bytes.Buffer
	var want []string
	for i := range 6 {
		want = append(want, fmt.Sprint(b.Len()))
		fmt.Fprintf(&b, "2024-11-22T00:00:0%d.000000Z  INFO a: %s\n", i, strings.Repeat("x", []int{10, 5 << 20, parsers.MaxLine - 40, 300 << 10, 3 << 20, 7}[i]))
		for j := range 3 {
			want = append(want, fmt.Sprint(b.Len()))
			fmt.Fprintf(&b, "2024-11-22T00:00:0%d.%d00000Z  INFO a: short\n", i, j+1)
		}
	}
	path := filepath.Join(t.TempDir(), "x.log")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	s := New(Options{})
	defer s.Close()
	s.Add("x", path)
	p, err := s.Page(t.Context(), Query{After: 100})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range p.Rows {
		got = append(got, fmt.Sprint(r.Cursor.offset))
		if len(r.Text) > maxText {
			t.Errorf("a text of %d bytes", len(r.Text))
		}
	}
	if !slices.Equal(got, want) || !p.AtEnd {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestHole shows that what stands behind a hole is not lost in it, and that a hole can be passed.
func TestHole(t *testing.T) {
	f := func(size int64) {
		t.Helper()
		path := filepath.Join(t.TempDir(), "x.log")
		file, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if _, err := file.WriteAt(lines(0, 9000), size); err != nil {
			t.Fatal(err)
		}
		s := New(Options{})
		defer s.Close()
		s.Add("x", path)
		if got := numbers(t, s); !isRun(got, 0, 9000) {
			t.Errorf("hole of %d bytes: %d records", size, len(got))
		}
		p, err := s.Page(t.Context(), Query{From: AtTime(epoch.Add(time.Second)), After: 1})
		if err != nil || len(p.Rows) != 1 || !strings.Contains(p.Rows[0].Text, "record 1000") {
			t.Errorf("hole of %d bytes: %v, %v", size, p.Rows, err)
		}
	}
	f(100)
	f(300 << 10)
	f(64 << 20)
}
