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
	"github.com/whytls/whytls/parsers/source"
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

// BenchmarkManySources reads the newest rows of a thousand files, of which one has grown since the page before.
func BenchmarkManySources(b *testing.B) {
	rnd := rand.New(rand.NewPCG(1, 1))
	s := New(Options{})
	defer s.Close()
	dir := b.TempDir()
	var feeds []*Feed
	data := logText(rnd, epoch, 100<<10, 0)
	for i := range 1000 {
		path := filepath.Join(dir, fmt.Sprintf("%d.log", i))
		if err := os.WriteFile(path, data, 0o600); err != nil {
			b.Fatal(err)
		}
		feeds = append(feeds, s.Add(path, path))
	}
	page := func() {
		p, err := s.Page(b.Context(), Query{From: End(), Before: 100})
		if err != nil || len(p.Rows) != 100 {
			b.Fatal(len(p.Rows), err)
		}
	}
	start := time.Now()
	page()
	first := time.Since(start)
	offset := int64(len(data))
	for i := 0; b.Loop(); i++ {
		line := []byte(epoch.Add(time.Hour+time.Duration(i)*time.Millisecond).Format("2006-01-02T15:04:05.000000Z") + "  INFO a: b\n")
		file, err := os.OpenFile(filepath.Join(dir, "77.log"), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := file.Write(line); err != nil {
			b.Fatal(err)
		}
		file.Close()
		feeds[77].Take(source.Event{Data: line, Offset: offset, Generation: 1})
		offset += int64(len(line))
		page()
	}
	b.ReportMetric(float64(first.Microseconds())/1000, "ms/first")
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

// BenchmarkFeed is what a source pays for being a list, too.
func BenchmarkFeed(b *testing.B) {
	data := logText(rand.New(rand.NewPCG(1, 1)), epoch, 64<<10, 0)
	f := func(name string, path string, live bool) {
		b.Run(name, func(b *testing.B) {
			s := New(Options{Memory: DefaultMemory, Spool: -1})
			defer s.Close()
			feed := s.Add("x", path)
			if live {
				feed.Take(source.Event{Kind: source.CaughtUp})
			}
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			offset := int64(0)
			for b.Loop() {
				feed.Take(source.Event{Data: data, Offset: offset, Line: 1 + offset/100, Generation: 1})
				feed.Count(Tally{Generation: 1, From: offset, To: offset + int64(len(data)), Records: Counts{0, 0, 600, 20}})
				offset += int64(len(data))
			}
		})
	}
	path := filepath.Join(b.TempDir(), "x.log")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		b.Fatal(err)
	}
	f("file/past", path, false)
	f("file/live", path, true)
	f("stream", "", true)
}
