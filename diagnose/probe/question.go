package probe

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"net"
	"net/http"
	"time"

	"golang.org/x/crypto/cryptobyte"
)

// question is something to say to a server, in plaintext or inside TLS, whose answer tells what it speaks.
type question struct {
	what    string
	service string
	bytes   func(Target) []byte
}

// answer is what came back for a question, or unasked.
type answer struct {
	question string
	received []byte
	ending   ending
	speaks   string
}

func (a *answer) came() bool { return a != nil && len(a.received) > 0 }

var (
	askHTTP      = question{"an HTTP request", speaksHTTP, httpRequest}
	askWebSocket = question{"a WebSocket upgrade", speaksWebSocket, webSocketUpgrade}
	askMQTT      = question{"an MQTT CONNECT", speaksMQTT, mqttConnect}
	askRedis     = question{"a Redis PING", "redis", func(Target) []byte { return []byte("*1\r\n$4\r\nPING\r\n") }}
	askPostgres  = question{"a PostgreSQL SSLRequest", "postgres", func(Target) []byte { return postgresSSLRequest }}
	askWuKongIM  = question{"a CONNECT of WuKongIM", speaksWuKongIM, func(Target) []byte { return wukongConnect }}
	listen       = question{"nothing", "", nil}
)

const userAgent = "whytls-probe"

// httpRequest asks with HTTP/1.1 and without credentials (RFC 9112).
func httpRequest(t Target) []byte {
	path := t.Path
	if path == "" || path[0] != '/' {
		path = "/"
	}
	return []byte("GET " + path + " HTTP/1.1\r\nHost: " + t.Address() + "\r\nUser-Agent: " + userAgent + "\r\nAccept: */*\r\nConnection: close\r\n\r\n")
}

// webSocketUpgrade asks for a WebSocket (RFC 6455, section 4.1). MQTT's subprotocol is offered where MQTT is meant or
// the path says so: brokers refuse an upgrade without it, other servers one with it.
func webSocketUpgrade(t Target) []byte {
	path := t.Path
	if path == "" || path[0] != '/' {
		path = "/"
	}
	var key [16]byte
	_, _ = rand.Read(key[:]) // never fails
	request := "GET " + path + " HTTP/1.1\r\nHost: " + t.Address() + "\r\nUser-Agent: " + userAgent + "\r\n" +
		"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: " + base64.StdEncoding.EncodeToString(key[:]) + "\r\n"
	if t.Service == speaksMQTT || bytes.Contains([]byte(path), []byte("mqtt")) {
		request += "Sec-WebSocket-Protocol: mqtt\r\n"
	}
	return []byte(request + "\r\n")
}

// mqttConnect is a CONNECT of MQTT 3.1.1 with a clean session and a client id of its own (MQTT 3.1.1, section 3.1): it can
// neither throw out a client nor leave anything behind.
func mqttConnect(Target) []byte {
	var id [6]byte
	_, _ = rand.Read(id[:]) // never fails
	var b cryptobyte.Builder
	b.AddUint8(0x10)
	b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) {
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte("MQTT")) })
		b.AddUint8(4)     // protocol level
		b.AddUint8(2)     // clean session
		b.AddUint16(0x1e) // keep-alive of 30 seconds
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte("whytls" + hex.EncodeToString(id[:]))) })
	})
	return b.BytesOrPanic()
}

// wukongConnect is a CONNECT of WuKongIM's binary protocol, version 3, without user, token and key. For want of a key the
// server answers with a CONNACK that refuses, before it looks at anything else (WuKongIM v1.2.6, internal/server/processor.go
// processAuth; WuKongIMGoProto, connect.go).
var wukongConnect = append([]byte{0x10, 18, 3, 0}, make([]byte, 16)...)

// isWuKongCONNACK knows the answer: frame type 2 and a clock difference, a reason and two empty strings, by version with
// the server's version before and the node behind them (WuKongIMGoProto, connack.go).
func isWuKongCONNACK(b []byte) bool {
	return len(b) >= 4 && b[0]>>4 == 2 && (b[1] == 13 || b[1] == 14 || b[1] == 21 || b[1] == 22)
}

// postgresSSLRequest is the message of the PostgreSQL protocol that asks for TLS.
var postgresSSLRequest = []byte{0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f}

// maxAnswer bounds what is read of an answer: the head of an HTTP response.
const maxAnswer = 16 << 10

// ask says something on a connection and reads the answer until it can be told, at most for the patience given.
func ask(c net.Conn, q question, t Target, patience time.Duration) *answer {
	a := &answer{question: q.what}
	deadline := time.Now().Add(patience)
	_ = c.SetReadDeadline(deadline)
	if q.bytes != nil {
		if _, err := c.Write(q.bytes(t)); err != nil {
			a.ending = endingOf(err)
			if a.ending != reset && a.ending != closed {
				return a
			}
			// What the server had said before it hung up can still be read.
		}
	}
	buf := make([]byte, 4096)
	for len(a.received) < maxAnswer {
		n, err := c.Read(buf)
		a.received = append(a.received, buf[:n]...)
		if err != nil {
			a.ending = endingOf(err)
			break
		}
		if enough(a.received) {
			break
		}
	}
	a.speaks = identify(a.received)
	if q.service == speaksWuKongIM && isWuKongCONNACK(a.received) {
		a.speaks = speaksWuKongIM
	}
	if q.service == "postgres" && len(a.received) == 1 && (a.received[0] == 'S' || a.received[0] == 'N') {
		a.speaks = "postgres"
	}
	return a
}

// enough reports whether an answer need not be read further: the head of an HTTP response has to be complete, a line or a few
// bytes of anything else do.
func enough(b []byte) bool {
	if bytes.HasPrefix(b, []byte("HTTP/")[:min(len(b), 5)]) {
		return bytes.Contains(b, []byte("\r\n\r\n")) || bytes.Contains(b, []byte("\n\n"))
	}
	return len(b) >= 4 || len(b) == 1 && (b[0] == 'S' || b[0] == 'N')
}

// readResponse reads the head of an HTTP response.
func readResponse(head []byte) (*http.Response, error) {
	response, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(head)), nil)
	if err != nil {
		return nil, err
	}
	_ = response.Body.Close()
	return response, nil
}
