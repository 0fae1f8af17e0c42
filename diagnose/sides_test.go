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
	f := func(name string, texts map[string][]byte, want int, joined bool) {
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
		if joined && got[0] != "cert-expired" {
			t.Errorf("%s: the side that knows the reason did not settle it: %v", name, got)
		}
	}
	client := []byte(strings.Replace(clientLog, "%s", "05", 1))
	late := []byte(strings.Replace(strings.Replace(clientLog, "%s", "05", 1), "00:00:05 Get", "09:00:05 Get", 1))
	f("both ends", map[string][]byte{"client.log": client, "server.log": []byte(serverLog)}, 1, true)
	f("hours apart", map[string][]byte{"client.log": late, "server.log": []byte(serverLog)}, 2, false)
	f("one end", map[string][]byte{"server.log": []byte(serverLog)}, 1, false)
}
