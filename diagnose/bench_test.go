package diagnose

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whytls/whytls/knowledgebase"
	"github.com/whytls/whytls/parsers/source"
)

// mixedLog writes a log in which WuKongIM, NanoMQ and a Rust server write to one stream: mostly ordinary lines, one in
// fifty a fault, with numbers, addresses and ids that never repeat. The same seed gives the same bytes.
func mixedLog(b testing.TB, size int64) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "mixed.log")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	r := rand.New(rand.NewPCG(1, 2))
	at := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	var written int64
	for written < size {
		at = at.Add(time.Duration(r.IntN(3_000_000)))
		var n int
		switch r.IntN(50) {
		case 0:
			switch r.IntN(3) {
			case 0:
				n, _ = fmt.Fprintf(w, "{\"level\":\"debug\",\"time\":%q,\"msg\":\"【ReactorSub-%d】close connn\",\"error\":\"tls: first record does not look like a TLS handshake\",\"id\":%d,\"fd\":%d}\n",
					at.Format("2006-01-02T15:04:05.999999999-07:00"), r.IntN(8), r.IntN(1e6), r.IntN(1e4))
			case 1:
				tid := 20000 + r.IntN(16)
				n, _ = fmt.Fprintf(w, "%s [%d] ERROR /home/runner/work/nanomq/nanomq/nng/src/sp/transport/mqtts/broker_tls.c:519 tlstran_pipe_nego_cb: connect nego error rv:(26) Cryptographic error MQTT reason code 0\n",
					at.Format("2006-01-02 15:04:05"), tid)
			case 2:
				n, _ = fmt.Fprintf(w, "%s ERROR salvo_core::server: accept connection failed error=Custom { kind: Other, error: \"unexpected EOF\" }\n",
					at.Format("2006-01-02T15:04:05.000000Z"))
			}
		default:
			switch r.IntN(3) {
			case 0:
				n, _ = fmt.Fprintf(w, "{\"level\":\"info\",\"time\":%q,\"msg\":\"【Conn[[reactor-%d]%d]】conn auth success\",\"uid\":\"u%d\",\"deviceFlag\":\"APP\",\"connId\":%d,\"elapsed\":%d}\n",
					at.Format("2006-01-02T15:04:05.999999999-07:00"), r.IntN(8), r.IntN(1e5), r.IntN(1e6), r.IntN(1e6), r.IntN(500))
			case 1:
				n, _ = fmt.Fprintf(w, "%s [%d] WARN  /home/runner/work/nanomq/nanomq/nng/src/sp/protocol/mqtt/mqtt_parser.c:1361 nano_msg_notify: sensor-%d online!\n",
					at.Format("2006-01-02 15:04:05"), 20000+r.IntN(16), r.IntN(1e6))
			case 2:
				n, _ = fmt.Fprintf(w, "%s  INFO Request{remote_addr=socket://10.%d.%d.%d:%d version=HTTP/1.1 method=GET path=/api/v1/items/%d}: salvo_extra::logging: Response status=200 OK duration=%d.%dms\n",
					at.Format("2006-01-02T15:04:05.000000Z"), r.IntN(256), r.IntN(256), r.IntN(256), 1024+r.IntN(60000), r.IntN(1e6), r.IntN(90), r.IntN(1000))
			}
		}
		written += int64(n)
	}
	if err := w.Flush(); err != nil {
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
