package rows

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/whytls/whytls/knowledgebase"
	"github.com/whytls/whytls/parsers"
)

// bigLog writes a log of WHYTLS_BENCH_MIB (256) MiB.
func bigLog(b *testing.B) string {
	b.Helper()
	size := 256
	if s := os.Getenv("WHYTLS_BENCH_MIB"); s != "" {
		var err error
		if size, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	path := filepath.Join(b.TempDir(), "big.log")
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	out := bufio.NewWriterSize(file, 1<<20)
	data := logText(rand.New(rand.NewPCG(1, 1)), epoch, 1<<20, 0)
	for i := range size {
		// The day is moved on, so that times grow.
		from := epoch.Add(time.Duration(i) * time.Hour)
		fmt.Fprint(out, strings.ReplaceAll(string(data), "2024-11-22T00", from.Format("2006-01-02T15")))
	}
	if err := out.Flush(); err != nil {
		b.Fatal(err)
	}
	return path
}

func BenchmarkPage(b *testing.B) {
	path := bigLog(b)
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	f := func(name string, warm bool, q func(rnd *rand.Rand) Query) {
		b.Run(name, func(b *testing.B) {
			rnd := rand.New(rand.NewPCG(1, 1))
			s := New(Options{})
			defer func() { s.Close() }()
			s.Add(path, path)
			for b.Loop() {
				if !warm {
					b.StopTimer()
					s.Close()
					s = New(Options{})
					s.Add(path, path)
					b.StartTimer()
				}
				p, err := s.Page(b.Context(), q(rnd))
				if err != nil || len(p.Rows) == 0 {
					b.Fatal(len(p.Rows), err)
				}
			}
		})
	}
	last := epoch.Add(time.Duration(info.Size()>>20) * time.Hour)
	end := func(*rand.Rand) Query { return Query{From: End(), Before: 100} }
	anywhere := func(rnd *rand.Rand) Query {
		return Query{From: AtTime(epoch.Add(time.Duration(rnd.Int64N(int64(last.Sub(epoch)))))), Before: 50, After: 50}
	}
	f("end/cold", false, end)
	f("end/warm", true, end)
	f("time/cold", false, anywhere)
	f("time/warm", true, anywhere)
}

// BenchmarkFilter looks through the whole log for what is not there.
func BenchmarkFilter(b *testing.B) {
	path := bigLog(b)
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	f := func(name string, filter Filter) {
		b.Run(name, func(b *testing.B) {
			s := New(Options{Base: embedded(b)})
			defer s.Close()
			s.Add(path, path)
			b.SetBytes(info.Size())
			for b.Loop() {
				from := Start()
				for {
					p, err := s.Page(b.Context(), Query{From: from, After: 100, Filter: filter})
					if err != nil || len(p.Rows) > 0 {
						b.Fatal(len(p.Rows), err)
					}
					if p.AtEnd {
						break
					}
					from = p.Below
				}
			}
		})
	}
	f("text", Filter{Text: "not there"})
	f("severity", Filter{Severity: parsers.SeverityFatal})
	f("signature", Filter{Signatures: []string{"none"}})
}

func embedded(tb testing.TB) *knowledgebase.Base {
	tb.Helper()
	base, err := knowledgebase.Embedded()
	if err != nil {
		tb.Fatal(err)
	}
	return base
}
