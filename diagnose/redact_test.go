package diagnose

import (
	"strings"
	"testing"
)

func TestRedact(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := redact(in); got != want {
			t.Errorf("%q\n got %q\nwant %q", in, got, want)
		}
	}
	f("nothing to hide", "nothing to hide")
	f("password=hunter2 user=x", "password=[redacted] user=x")
	f(`{"token":"abc.def","n":1}`, `{"token":"[redacted]","n":1}`)
	f("Authorization: Bearer abcdefgh12345678", "Authorization: Bearer [redacted]")
	f("authorization=Basic dXNlcjpwdw==", "authorization=Basic [redacted]")
	f("Cookie: a=b; c=d", "Cookie: [redacted]")
	f("dial mqtts://user:pw@broker:8883", "dial mqtts://[redacted]broker:8883")
	f("【Server】  Manager Token:  s3cr3t", "【Server】  Manager Token:  [redacted]")
	f(`{"msg":"x","uid":"u1","data":"\u0016\u0003 \"q\" rest","fd":3}`, `{"msg":"x","uid":"[redacted]","data":"[redacted]","fd":3}`)
	f("key is eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "key is [redacted]")
	f("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----[redacted]")
	f("tls: private key does not match public key", "tls: private key does not match public key")
	f("tokens are fine: first record does not look like a TLS handshake", "tokens are fine: first record does not look like a TLS handshake")
}

// TestNoSecretLeavesTheReport plants secrets in every field that a report shows.
func TestNoSecretLeavesTheReport(t *testing.T) {
	secret := "Sup3rS3cretValue"
	text := `{"level":"error","time":"2026-11-22T00:07:04.763429514+00:00","msg":"【handler】get device token err","error":"not found","uid":"` + secret + `","token":"` + secret + `"}
2026-11-22 00:07:05 ERROR login failed password=` + secret + `
2026-11-22 00:07:06 ERROR request failed Authorization: Bearer ` + secret + `
2026-11-22 00:07:07 ERROR dial tcp https://admin:` + secret + `@example.com/x: connection refused
`
	_, report := diagnoseFiles(t, Options{}, map[string][]byte{"x.log": []byte(text)})
	if strings.Contains(string(report), secret) {
		t.Errorf("a secret is in the report:\n%s", report)
	}
}
