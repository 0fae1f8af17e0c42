package diagnose

import (
	"strings"
	"testing"
)

const (
	serverLog = "2026/11/22 00:00:05 http: TLS handshake error from 127.0.0.1:47154: remote error: tls: bad certificate\n"
	clientLog = "2026/11/22 00:00:%s Get \"https://im.example.net/\": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-22T00:00:05Z is after 2026-11-01T00:00:00Z\n"
)

// TestSidesAreJoined: the client knows the reason, the server only saw the alert; one finding comes out.
func TestSidesAreJoined(t *testing.T) {
	f := func(name, cause string, texts map[string][]byte, want int, joined bool) {
		t.Helper()
		s, _ := diagnoseFiles(t, Options{}, texts)
		var got []string
		other := false
		for _, f := range s.Findings {
			got = append(got, f.Causes[0].ID)
			other = other || f.OtherSide != nil
		}
		if len(got) != want || other != joined {
			t.Errorf("%s: findings %v, joined %v", name, got, other)
		}
		if joined && got[0] != cause {
			t.Errorf("%s: the side that knows the reason did not settle it: %v", name, got)
		}
	}
	client := []byte(strings.Replace(clientLog, "%s", "05", 1))
	late := []byte(strings.Replace(strings.Replace(clientLog, "%s", "05", 1), "00:00:05 Get", "09:00:05 Get", 1))
	f("both ends", "cert-expired", map[string][]byte{"client.log": client, "server.log": []byte(serverLog)}, 1, true)
	f("hours apart", "", map[string][]byte{"client.log": late, "server.log": []byte(serverLog)}, 2, false)
	// The client's clock was never set: its times say nothing about whether it is the same connection.
	unset := []byte("1970-01-01T00:02:11Z ERROR dial: tls: failed to verify certificate: x509: certificate has expired or is not yet valid: " +
		"current time 1970-01-01T00:02:11Z is before 2025-11-20T00:00:00Z\n")
	f("a clock that was never set", "clock-skew", map[string][]byte{"client.log": unset, "server.log": []byte(serverLog)}, 1, true)
	f("one end", "", map[string][]byte{"server.log": []byte(serverLog)}, 1, false)
}
