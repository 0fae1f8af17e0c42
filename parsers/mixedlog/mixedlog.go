// Package mixedlog writes a log to measure with: several programs that write to one stream, mostly ordinary lines, one in
// fifty a fault, with numbers, addresses and ids that hardly ever repeat. The same seed gives the same bytes, so that
// anybody can repeat a figure.
package mixedlog

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"time"
)

// statement is one log statement of a program: it writes a line and returns its length.
type statement func(w io.Writer, r *rand.Rand, at time.Time) (int, error)

const (
	zapTime     = "2006-01-02T15:04:05.999999999-07:00"
	nanoMQTime  = "2006-01-02 15:04:05"
	tracingTime = "2006-01-02T15:04:05.000000Z"
	goTime      = "2006/01/02 15:04:05"
)

// ordinary are lines of programs that do their work.
var ordinary = []statement{
	func(w io.Writer, r *rand.Rand, at time.Time) (int, error) {
		return fmt.Fprintf(w, "{\"level\":\"info\",\"time\":%q,\"msg\":\"【Conn[[reactor-%d]%d]】conn auth success\",\"uid\":\"u%d\",\"deviceFlag\":\"APP\",\"connId\":%d,\"elapsed\":%d}\n",
			at.Format(zapTime), r.IntN(8), r.IntN(1e5), r.IntN(1e6), r.IntN(1e6), r.IntN(500))
	},
	func(w io.Writer, r *rand.Rand, at time.Time) (int, error) {
		return fmt.Fprintf(w, "{\"level\":\"debug\",\"time\":%q,\"msg\":\"【queue[clusterconfig]】logs appended successfully\",\"newQueueLastIndex\":%d,\"appendedCount\":%d,\"totalQueueSize\":%d}\n",
			at.Format(zapTime), r.IntN(1e6), r.IntN(9), r.IntN(1e4))
	},
	func(w io.Writer, r *rand.Rand, at time.Time) (int, error) {
		return fmt.Fprintf(w, "%s [%d] WARN  /home/runner/work/nanomq/nanomq/nng/src/sp/protocol/mqtt/mqtt_parser.c:1361 nano_msg_notify: sensor-%d online!\n",
			at.Format(nanoMQTime), 20000+r.IntN(16), 1000+r.IntN(1e6))
	},
	func(w io.Writer, r *rand.Rand, at time.Time) (int, error) {
		return fmt.Fprintf(w, "%s [%d] INFO  /home/runner/work/nanomq/nanomq/nanomq/apps/broker.c:412 server_cb: publish topic dev/%d/state qos %d len %d\n",
			at.Format(nanoMQTime), 20000+r.IntN(16), r.IntN(1e6), r.IntN(3), r.IntN(4096))
	},
	func(w io.Writer, r *rand.Rand, at time.Time) (int, error) {
		return fmt.Fprintf(w, "%s  INFO Request{remote_addr=socket://10.%d.%d.%d:%d version=HTTP/1.1 method=GET path=/api/v1/items/%d}: salvo_extra::logging: Response status=200 OK duration=%d.%03dms\n",
			at.Format(tracingTime), r.IntN(256), r.IntN(256), r.IntN(256), 1024+r.IntN(60000), r.IntN(1e6), r.IntN(90), r.IntN(1000))
	},
	func(w io.Writer, r *rand.Rand, at time.Time) (int, error) {
		return fmt.Fprintf(w, "{\"timestamp\":%q,\"level\":\"INFO\",\"fields\":{\"message\":\"order %d stored\",\"rows\":%d,\"elapsed_ms\":%d},\"target\":\"shop::store\"}\n",
			at.Format(tracingTime), r.IntN(1e8), r.IntN(20), r.IntN(900))
	},
	func(w io.Writer, r *rand.Rand, at time.Time) (int, error) {
		return fmt.Fprintf(w, "time=%s level=INFO msg=\"job finished\" job=%08x worker=%d took=%dms\n",
			at.Format(time.RFC3339Nano), r.Uint32(), r.IntN(64), r.IntN(5000))
	},
	func(w io.Writer, r *rand.Rand, at time.Time) (int, error) {
		return fmt.Fprintf(w, "%s gateway: forwarded %d bytes from 10.0.%d.%d:%d to backend-%d in %dµs\n",
			at.Format(goTime), r.IntN(1e6), r.IntN(256), r.IntN(256), 1024+r.IntN(60000), r.IntN(9), r.IntN(9000))
	},
}

// faults are lines that the knowledge base knows.
var faults = []statement{
	func(w io.Writer, r *rand.Rand, at time.Time) (int, error) {
		return fmt.Fprintf(w, "{\"level\":\"debug\",\"time\":%q,\"msg\":\"【ReactorSub-%d】close connn\",\"error\":\"tls: first record does not look like a TLS handshake\",\"id\":%d,\"fd\":%d}\n",
			at.Format(zapTime), r.IntN(8), r.IntN(1e6), r.IntN(1e4))
	},
	func(w io.Writer, r *rand.Rand, at time.Time) (int, error) {
		return fmt.Fprintf(w, "%s [%d] ERROR /home/runner/work/nanomq/nanomq/nng/src/sp/transport/mqtts/broker_tls.c:519 tlstran_pipe_nego_cb: connect nego error rv:(26) Cryptographic error MQTT reason code 0\n",
			at.Format(nanoMQTime), 20000+r.IntN(16))
	},
	func(w io.Writer, r *rand.Rand, at time.Time) (int, error) {
		return fmt.Fprintf(w, "%s ERROR salvo_core::server: accept connection failed error=Custom { kind: Other, error: \"received fatal alert: UnknownCA\" }\n",
			at.Format(tracingTime))
	},
	func(w io.Writer, r *rand.Rand, at time.Time) (int, error) {
		return fmt.Fprintf(w, "%s http: TLS handshake error from 203.0.113.%d:%d: EOF\n", at.Format(goTime), r.IntN(256), 1024+r.IntN(60000))
	},
}

// Write writes at least size bytes of whole lines and returns their number and that of the lines.
func Write(to io.Writer, seed uint64, size int64) (bytes, lines int64, err error) {
	w := bufio.NewWriterSize(to, 1<<20)
	r := rand.New(rand.NewPCG(seed, seed))
	at := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	for bytes < size {
		at = at.Add(time.Duration(r.IntN(2_000_000)))
		from := ordinary
		if r.IntN(50) == 0 {
			from = faults
		}
		n, err := from[r.IntN(len(from))](w, r, at)
		if err != nil {
			return bytes, lines, fmt.Errorf("writing a mixed log: %w", err)
		}
		bytes += int64(n)
		lines++
	}
	if err := w.Flush(); err != nil {
		return bytes, lines, fmt.Errorf("writing a mixed log: %w", err)
	}
	return bytes, lines, nil
}
