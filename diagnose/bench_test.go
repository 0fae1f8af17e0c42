package diagnose

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whytls/whytls/knowledgebase"
	"github.com/whytls/whytls/parsers/mixedlog"
	"github.com/whytls/whytls/parsers/source"
)

// mixedLog writes a log of several programs to a file.
func mixedLog(b testing.TB, size int64) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "mixed.log")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if _, _, err := mixedlog.Write(f, 1, size); err != nil {
		b.Fatal(err)
	}
	return path
}

// multiplied returns the knowledge with n times the signatures; the copies have words of their own and match nothing.
func multiplied(b testing.TB, n int) *knowledgebase.Base {
	b.Helper()
	base, err := knowledgebase.Multiplied(n)
	if err != nil {
		b.Fatal(err)
	}
	return base
}

// BenchmarkPipeline runs the whole of a report but its rendering over 256 MB of mixed log (64 MB with -short).
//
//	go test ./diagnose -run '^$' -bench Pipeline -benchtime 3x
func BenchmarkPipeline(b *testing.B) {
	size := int64(256 << 20)
	if testing.Short() {
		size = 64 << 20
	}
	path := mixedLog(b, size)
	for _, c := range []struct {
		name       string
		workers    int
		signatures int
	}{{"1core", 1, 1}, {"2cores", 2, 1}, {"1core-10x-signatures", 1, 10}} {
		b.Run(c.name, func(b *testing.B) {
			old := runtime.GOMAXPROCS(c.workers)
			defer runtime.GOMAXPROCS(old)
			base := multiplied(b, c.signatures)
			b.SetBytes(size)
			var peak atomic.Uint64
			stop := make(chan struct{})
			go watchHeap(stop, &peak)
			var lines int64
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			b.ResetTimer()
			for b.Loop() {
				e, err := NewEngine(Options{Base: base, Workers: c.workers})
				if err != nil {
					b.Fatal(err)
				}
				inputs, _ := source.Expand([]string{path}, nil)
				if err := e.Run(context.Background(), inputs); err != nil {
					b.Fatal(err)
				}
				lines += e.Snapshot().Input.Lines
			}
			b.StopTimer()
			close(stop)
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(lines), "allocs/line")
			b.ReportMetric(float64(peak.Load())/(1<<20), "peak-MB")
		})
	}
}

// watchHeap samples the memory that the runtime holds.
func watchHeap(stop <-chan struct{}, peak *atomic.Uint64) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			if held := m.Sys - m.HeapReleased; held > peak.Load() {
				peak.Store(held)
			}
		}
	}
}
