package probe_test

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"encoding/json"
	"errors"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/whytls/whytls/diagnose/probe"
)

// No probe leaves a goroutine or a connection behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestParseTarget(t *testing.T) {
	f := func(text string, want probe.Target, wrong string) {
		t.Helper()
		got, err := probe.ParseTarget(text)
		if wrong != "" {
			if err == nil || !strings.Contains(err.Error(), wrong) {
				t.Errorf("%q: %+v, %v; want an error with %q", text, got, err, wrong)
			}
			return
		}
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v; want %+v", text, got, err, want)
		}
	}
	f("broker.example:8883", probe.Target{Text: "broker.example:8883", Host: "broker.example", Port: 8883, Layer: probe.TLS}, "")
	f("[::1]:443", probe.Target{Text: "[::1]:443", Host: "::1", Port: 443, Layer: probe.TLS}, "")
	f("wss://im.example", probe.Target{Text: "wss://im.example", Host: "im.example", Port: 443, Scheme: "wss", Path: "/", Layer: probe.TLS, Service: "websocket"}, "")
	f("MQTT://u:p@10.0.0.5/", probe.Target{Text: "mqtt://10.0.0.5/", Host: "10.0.0.5", Port: 1883, Scheme: "mqtt", Path: "/", Layer: probe.Plain, Service: "mqtt"}, "")
	f("tls+mqtt-tcp://10.0.0.5:8883", probe.Target{Text: "tls+mqtt-tcp://10.0.0.5:8883", Host: "10.0.0.5", Port: 8883, Scheme: "tls+mqtt-tcp", Path: "/", Layer: probe.TLS, Service: "mqtt"}, "")
	f("smtp://mail.example", probe.Target{Text: "smtp://mail.example", Host: "mail.example", Port: 25, Scheme: "smtp", Path: "/", Layer: probe.StartTLS, Service: "smtp"}, "")
	f("localhost", probe.Target{}, "the port is missing")
	f("[::1]", probe.Target{}, "the port is missing")
	f("tls://localhost", probe.Target{}, "the port is missing")
	f("localhost:0", probe.Target{}, "is not a port")
	f("localhost:65536", probe.Target{}, "is not a port")
	f(":443", probe.Target{}, "neither an IP address nor a DNS name")
	f("a b:443", probe.Target{}, "neither an IP address nor a DNS name")
	f("$(id):443", probe.Target{}, "neither an IP address nor a DNS name")
	f("-x:443", probe.Target{}, "neither an IP address nor a DNS name")
	f("::1:443", probe.Target{}, "too many colons")
	f("gopher://localhost:70", probe.Target{}, "is not known")
}

// The limit of connections holds, and what it leaves out is told.
func TestConnectionsAreBounded(t *testing.T) {
	e := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{selfSignedPair(t)}})
	target, err := probe.ParseTarget(e.byName())
	if err != nil {
		t.Fatal(err)
	}
	for _, most := range []int{1, 3} {
		before := e.count.Load()
		r, err := probe.Run(context.Background(), target, probe.Options{MaxConnections: most})
		if err != nil {
			t.Fatal(err)
		}
		if n := e.count.Load() - before; n > int64(most) || r.Connections > most || r.Speaks != "tls" {
			t.Errorf("of %d allowed, %d connections made, %d told; speaks %s", most, n, r.Connections, r.Speaks)
		}
		if len(r.Notes) == 0 || !strings.Contains(r.Notes[0], "left out") {
			t.Errorf("notes: %q", r.Notes)
		}
	}
}

// A probe ends when its caller says so, and returns what it found until then.
func TestInterrupted(t *testing.T) {
	e := serve(t, wait)
	target, err := probe.ParseTarget(e.byIP())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	r, err := probe.Run(ctx, target, probe.Options{Timeout: time.Minute})
	if !errors.Is(err, context.DeadlineExceeded) || r == nil || r.Speaks != "silent" {
		t.Errorf("%+v, %v", r, err)
	}
}

// nameServer answers every question for an address with the ones given, over a stream.
func nameServer(t *testing.T, addresses ...string) *net.Resolver {
	t.Helper()
	answer := func(query []byte) []byte {
		end := 12 // of the question: a name, a type and a class
		for end < len(query) && query[end] != 0 {
			end += int(query[end]) + 1
		}
		end += 5
		if end > len(query) {
			return nil
		}
		message := slices.Clone(query[:end])
		count := uint16(0)
		if binary.BigEndian.Uint16(query[end-4:]) == 1 { // A
			for _, a := range addresses {
				record := append([]byte{0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4}, net.ParseIP(a).To4()...)
				message, count = append(message, record...), count+1
			}
		}
		message[2], message[3] = 0x81, 0x80
		binary.BigEndian.PutUint16(message[6:], count)
		binary.BigEndian.PutUint32(message[8:], 0)
		return message
	}
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer server.Close()
			length := make([]byte, 2)
			for {
				if _, err := server.Read(length); err != nil {
					return
				}
				query := make([]byte, binary.BigEndian.Uint16(length))
				if _, err := server.Read(query); err != nil {
					return
				}
				message := answer(query)
				if _, err := server.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(message))), message...)); err != nil {
					return
				}
			}
		}()
		return client, nil
	}}
}

// Of several addresses the one that is probed is told, and how the others answer.
func TestSeveralAddresses(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere 127.0.0.2 is no address of the machine")
	}
	root := newRoot(t, "Test Root")
	e := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{root.issue()}})
	target, err := probe.ParseTarget("localhost.example:" + e.port())
	if err != nil {
		t.Fatal(err)
	}
	r, err := probe.Run(context.Background(), target, probe.Options{Resolver: nameServer(t, "127.0.0.2", "127.0.0.1")})
	if err != nil {
		t.Fatal(err)
	}
	if r.Address != e.byIP() || r.Speaks != "tls" {
		t.Errorf("probed %s, which speaks %s", r.Address, r.Speaks)
	}
	states := make(map[string]string)
	for _, a := range r.Addresses {
		states[a.Address] = a.State
	}
	if states["127.0.0.1"] != "connected" || states["127.0.0.2"] != "refused" {
		t.Errorf("addresses: %v", states)
	}
	if !slices.ContainsFunc(r.Confirmed(), func(c probe.Cause) bool { return c.ID == "connection-refused" && c.Elsewhere }) {
		t.Errorf("confirmed: %+v", r.Confirmed())
	}
}

// The JSON form has the fields of the contract, and lists where there is nothing.
func TestContract(t *testing.T) {
	l, e := listenLoopback(t)
	_ = l.Close()
	target, err := probe.ParseTarget(e.byIP())
	if err != nil {
		t.Fatal(err)
	}
	r, err := probe.Run(context.Background(), target, probe.Options{})
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"schema", "target", "speaks", "tls", "chain", "causes", "connections", "seconds", "attempts", "notes", "addresses"} {
		if _, ok := fields[name]; !ok {
			t.Errorf("%s is missing", name)
		}
	}
	if strings.Contains(string(data), `"notes":null`) || strings.Contains(string(data), `"addresses":null`) {
		t.Errorf("a list is null: %s", data)
	}
}

// What a server says is shown without what it wants to keep secret.
func TestRedacted(t *testing.T) {
	e := serve(t, greeting("HTTP/1.1 200 OK\r\nSet-Cookie: s=topsecret\r\n\r\n"))
	target, err := probe.ParseTarget(e.byIP())
	if err != nil {
		t.Fatal(err)
	}
	r, err := probe.Run(context.Background(), target, probe.Options{})
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if text := string(data); strings.Contains(text, "secret") || !strings.Contains(text, "[redacted]") {
		t.Errorf("shown: %s", text)
	}
}

// A server that lets clients without ALPN in and then hangs up is told apart from one that does not care.
func TestHangsUpWithoutALPN(t *testing.T) {
	s := setup{name: "hangs up without ALPN", speaks: "tls", start: func(t *testing.T, root *authority, _ *probe.Options) (string, *atomic.Int64) {
		config := &tls.Config{Certificates: []tls.Certificate{root.issue()}, NextProtos: []string{"http/1.1"}}
		e := serve(t, func(c net.Conn) {
			secured := tls.Server(c, config)
			if secured.Handshake() == nil && secured.ConnectionState().NegotiatedProtocol != "" {
				answerHTTP(secured, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			}
			_ = secured.Close()
		})
		return e.byName(), e.count
	}}
	r := s.run(t)
	if !slices.ContainsFunc(r.Causes, func(c probe.Cause) bool { return c.ID == "alpn-mismatch" && c.Verdict == probe.Open }) {
		t.Errorf("causes: %+v", r.Causes)
	}
}
