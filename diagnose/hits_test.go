package diagnose

import "testing"

// TestLinesOfOneEventCountOnce: WuKongIM tells of one failed handshake on stdout and, in another wrapper, in its log.
func TestLinesOfOneEventCountOnce(t *testing.T) {
	f := func(text string, cause string, want int64) {
		t.Helper()
		s, _ := diagnoseFiles(t, Options{}, map[string][]byte{"stdout.log": []byte(text)})
		if len(s.Findings) != 1 {
			t.Fatalf("got %d findings, want 1: %+v", len(s.Findings), s.Findings)
		}
		got := s.Findings[0]
		if got.Count != want || got.Causes[0].ID != cause || got.System != "wukongim" {
			t.Errorf("got %d × %s of %q, want %d × %s of wukongim", got.Count, got.Causes[0].ID, got.System, want, cause)
		}
	}
	const raw = "-------------------------->握手失败！--------------------------> "
	f(raw+"tls: first record does not look like a TLS handshake handshakeStatusUnknown\n"+
		`{"level":"debug","time":"2026-11-22T00:02:32.8+00:00","msg":"【ReactorSub-1】close connn","error":"tls: first record does not look like a TLS handshake","id":1,"fd":151}`+"\n"+
		raw+"tls: first record does not look like a TLS handshake handshakeStatusUnknown\n"+
		`{"level":"debug","time":"2026-11-22T00:02:33.8+00:00","msg":"【ReactorSub-1】close connn","error":"tls: first record does not look like a TLS handshake","id":2,"fd":151}`+"\n",
		"plaintext-to-tls-port", 2)
	// the alert is found although a word follows it, and is the same in both lines
	f(raw+"local error: tls: bad record MAC handshakeStatus13ReadClientFinished\n"+
		`{"level":"debug","time":"2026-11-22T00:03:24.3+00:00","msg":"【ReactorSub-1】close connn","error":"local error: tls: bad record MAC","id":5,"fd":151}`+"\n",
		"peer-rejected-certificate", 1)
	// a bare line belongs to the program whose words stand around the message
	f(`获取在线用户状态失败！ error: Post "http://10.0.0.2:5881/user/onlinestatus": dial tcp 10.0.0.2:5881: connect: connection refused`+"\n",
		"cluster-api-url-invalid", 1)
}

// TestWrappersGiveTheirCaptures: the peer stands in the line around the reason.
func TestWrappersGiveTheirCaptures(t *testing.T) {
	s, _ := diagnoseFiles(t, Options{}, map[string][]byte{"x.log": []byte(
		"2026/11/22 00:31:10 http: TLS handshake error from 192.0.2.9:52044: EOF\n" +
			"2026/11/22 00:31:20 http: TLS handshake error from [2001:db8::7]:52045: EOF\n")})
	if len(s.Findings) != 1 || s.Findings[0].Peers.Distinct != 2 {
		t.Fatalf("got %+v, want one finding with two peers", s.Findings)
	}
}
