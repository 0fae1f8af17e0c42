package diagnose

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/whytls/whytls/parsers/source"
)

// distinctLog writes a log whose lines are of so many kinds, each a row of words of its own.
func distinctLog(b testing.TB, kinds, lines int) (string, int64) {
	b.Helper()
	rnd := rand.New(rand.NewPCG(uint64(kinds), 1))
	syllables := []string{"ba", "ke", "lo", "mi", "nu", "par", "so", "tri", "ven", "wo", "xa", "yel", "zor", "chi", "dan", "fer"}
	words := make([]string, 3000)
	for i := range words {
		for range 2 + rnd.IntN(3) {
			words[i] += syllables[rnd.IntN(len(syllables))]
		}
	}
	texts := make([]string, kinds)
	for i := range texts {
		for range 6 {
			texts[i] += words[rnd.IntN(len(words))] + " "
		}
	}
	path := filepath.Join(b.TempDir(), "distinct.log")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	var size int64
	for i := range lines {
		s := i / 100
		n, _ := fmt.Fprintf(w, "2026-11-%02dT%02d:%02d:%02d.%03dZ %s %s%d\n", 1+s/86400, s/3600%24, s/60%60, s%60, i%100*10,
			[]string{"INFO", "WARN", "ERROR"}[i%3], texts[rnd.IntN(kinds)], i)
		size += int64(n)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	return path, size
}

// BenchmarkDistinct is a report on 1.5 million lines (150,000 with -short) of ten and of 60,000 kinds, on one core.
//
//	go test ./diagnose -run '^$' -bench Distinct -benchtime 3x
func BenchmarkDistinct(b *testing.B) {
	lines := 1_500_000
	if testing.Short() {
		lines = 150_000
	}
	for _, kinds := range []int{10, 60_000} {
		b.Run(fmt.Sprint(kinds), func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			path, size := distinctLog(b, kinds, lines)
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				e, err := NewEngine(Options{Workers: 1})
				if err != nil {
					b.Fatal(err)
				}
				inputs, _ := source.Expand([]string{path}, nil)
				if err := e.Run(context.Background(), inputs); err != nil {
					b.Fatal(err)
				}
				e.Snapshot()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(lines), "ns/line")
		})
	}
}
