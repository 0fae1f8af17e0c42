package hello

import (
	"net"
	"testing"
)

// pipe is a connection whose server side drops what it writes, so that neither end waits for the other.
func pipe(t *testing.T) (client, server net.Conn) {
	t.Helper()
	client, server = net.Pipe()
	t.Cleanup(func() { _ = client.Close(); _ = server.Close() })
	return client, deaf{server}
}

type deaf struct{ net.Conn }

func (deaf) Write(b []byte) (int, error) { return len(b), nil }
