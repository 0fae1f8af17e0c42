package probe_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// endpoint is a server on loopback that counts its connections.
type endpoint struct {
	address string
	count   *atomic.Int64
}

func (e endpoint) port() string {
	_, port, _ := net.SplitHostPort(e.address)
	return port
}

// byIP and byName are the targets that a test probes.
func (e endpoint) byIP() string   { return e.address }
func (e endpoint) byName() string { return "localhost:" + e.port() }

// counting counts what a listener accepts.
type counting struct {
	net.Listener
	count *atomic.Int64
}

func (c counting) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.count.Add(1)
	}
	return conn, err
}

// listenLoopback opens a port that the system chooses.
func listenLoopback(t *testing.T) (net.Listener, endpoint) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	e := endpoint{l.Addr().String(), new(atomic.Int64)}
	return counting{l, e.count}, e
}

// serve runs a handler for every connection until the test ends.
func serve(t *testing.T, handle func(net.Conn)) endpoint {
	t.Helper()
	l, e := listenLoopback(t)
	serveOn(t, l, handle)
	return e
}

func serveOn(t *testing.T, l net.Listener, handle func(net.Conn)) {
	t.Helper()
	var mu sync.Mutex
	open := make(map[net.Conn]bool)
	var group sync.WaitGroup
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		for c := range open {
			_ = c.Close()
		}
		mu.Unlock()
		group.Wait()
	})
	group.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				if errors.Is(err, net.ErrClosed) {
					return
				}
				continue
			}
			mu.Lock()
			open[c] = true
			mu.Unlock()
			group.Go(func() {
				handle(c)
				_ = c.Close()
				mu.Lock()
				delete(open, c)
				mu.Unlock()
			})
		}
	})
}

// serveTLS speaks TLS and then answers HTTP requests.
func serveTLS(t *testing.T, config *tls.Config) endpoint {
	t.Helper()
	return serve(t, speakTLS(config))
}

func speakTLS(config *tls.Config) func(net.Conn) {
	return func(c net.Conn) {
		secured := tls.Server(c, config)
		if secured.Handshake() != nil {
			return
		}
		answerHTTP(secured, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		_ = secured.Close()
	}
}

// answerHTTP reads a request and writes an answer.
func answerHTTP(c net.Conn, answer string) {
	if request, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
		_ = request.Body.Close()
		_, _ = io.WriteString(c, answer)
	}
}

// serveHTTPS is a whole HTTP server over TLS.
func serveHTTPS(t *testing.T, config *tls.Config, handler http.HandlerFunc) endpoint {
	t.Helper()
	l, e := listenLoopback(t)
	server := &http.Server{Handler: handler, TLSConfig: config, ErrorLog: discard()}
	go func() { _ = server.ServeTLS(l, "", "") }()
	t.Cleanup(func() { _ = server.Close() })
	return e
}

func serveHTTP(t *testing.T, handler http.HandlerFunc) endpoint {
	t.Helper()
	l, e := listenLoopback(t)
	server := &http.Server{Handler: handler, ErrorLog: discard()}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return e
}

// wait reads until the other end hangs up.
func wait(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

// resetting closes a connection with a TCP reset.
func resetting(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}

// hangUp ends a connection with FIN. A close would become a reset where the other end has sent what nobody read.
func hangUp(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
	}
	wait(c)
}

// readHello reads one TLS record and returns it whole; nil when something else comes.
func readHello(c net.Conn) []byte {
	header := make([]byte, 5)
	if _, err := io.ReadFull(c, header); err != nil || header[0] != 22 {
		return nil
	}
	body := make([]byte, int(header[3])<<8|int(header[4]))
	if _, err := io.ReadFull(c, body); err != nil {
		return nil
	}
	return append(header, body...)
}

// replayed puts bytes that were read back before a connection.
type replayed struct {
	net.Conn
	r io.Reader
}

func (r replayed) Read(b []byte) (int, error) { return r.r.Read(b) }

func replay(c net.Conn, b []byte) net.Conn { return replayed{c, io.MultiReader(bytes.NewReader(b), c)} }

// talk is a server of a protocol in lines: it greets, and answers by what a line begins with; an answer of "TLS" ends with
// a handshake, what begins with "!" hangs up behind it.
func talk(greeting string, answers map[string]string, config *tls.Config) func(net.Conn) {
	return func(c net.Conn) {
		_, _ = io.WriteString(c, greeting)
		r := bufio.NewReader(c)
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			answer := "500 unknown\r\n"
			for prefix, a := range answers {
				if strings.HasPrefix(strings.ToUpper(line), prefix) {
					answer = a
				}
			}
			text, secure := strings.CutSuffix(answer, "TLS")
			text, end := strings.CutPrefix(text, "!")
			_, _ = io.WriteString(c, text)
			if secure {
				secured := tls.Server(c, config)
				if secured.Handshake() == nil {
					wait(secured)
				}
				return
			}
			if end {
				return
			}
		}
	}
}

// forward counts the connections to a program that runs elsewhere on loopback.
func forward(t *testing.T, address string) endpoint {
	t.Helper()
	return serve(t, func(c net.Conn) {
		up, err := net.DialTimeout("tcp", address, 2*time.Second)
		if err != nil {
			resetting(c)
			return
		}
		done := make(chan struct{})
		go func() {
			_, _ = io.Copy(up, c)
			_ = up.(*net.TCPConn).CloseWrite()
			close(done)
		}()
		_, err = io.Copy(c, up)
		_ = up.Close()
		if err != nil {
			resetting(c)
		} else {
			_ = c.(*net.TCPConn).CloseWrite()
		}
		<-done
	})
}
