package explain

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/whytls/whytls/knowledgebase"
)

var now = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

func explained(t testing.TB, text string) *Explanation {
	t.Helper()
	e, err := Explain(context.Background(), text, Options{Now: now})
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return e
}

// read returns the readings of a text; without the ranking it takes a tenth of the time.
func read(base *knowledgebase.Base, text string) []Reading {
	x := &explainer{options: Options{Base: base, Now: now}, base: base, translated: make(map[int64]bool)}
	x.read(text)
	return x.readings
}

// causes are the ids of the finding's causes, the most probable first.
func causes(e *Explanation) []string {
	var ids []string
	for _, f := range e.Findings {
		for _, c := range f.Causes {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

func embedded(t testing.TB) *knowledgebase.Base {
	t.Helper()
	base, err := knowledgebase.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return base
}

// Every value of every notation is decoded, however it is introduced.
func TestEveryNumber(t *testing.T) {
	base := embedded(t)
	for _, n := range notations {
		table := base.Table(n.table)
		if len(table) == 0 {
			t.Errorf("%s: no table %s", n.what, n.table)
		}
		for key, entry := range table {
			v, err := strconv.ParseInt(key, 0, 64)
			if err != nil || v < n.least && v != 0 {
				continue
			}
			if entry.As != "" {
				entry = table[entry.As]
			}
			for i, text := range []string{
				n.near[0] + " " + key, strings.ToUpper(n.near[0]) + ": " + key, `"` + n.near[0] + "=" + strings.ToLower(key) + `"`, "x failed (" + n.near[0] + " " + key + ")",
			} {
				if i > 0 && len(table) > 200 && v%5 != 0 {
					continue // the large tables are mbed TLS's, NSS's and Schannel's
				}
				readings := read(base, text)
				if !slices.ContainsFunc(readings, func(r Reading) bool {
					return r.Says == entry.Says || strings.Contains(r.Signature, key) || r.Library == "system-errors"
				}) {
					t.Errorf("%q: %+v, want %q", text, readings, entry.Says)
				}
			}
		}
	}
}

// Every packed error of OpenSSL and BoringSSL is decoded, in the forms of 1.x and 3, without its text.
func TestEveryPackedError(t *testing.T) {
	base := embedded(t)
	for key, entry := range base.Table("openssl-codes") {
		name, reason, _ := strings.Cut(key, ":")
		number, boring := strings.CutPrefix(name, "boringssl ")
		library, _ := strconv.ParseUint(number, 10, 32)
		r, _ := strconv.ParseUint(reason, 10, 32)
		codes := []string{fmt.Sprintf("%08X", library<<23|r), fmt.Sprintf("%08X", library<<24|0x94<<12|r)}
		if boring {
			codes = []string{fmt.Sprintf("%08X", library<<24|r)}
		}
		if !boring && library > 127 {
			codes = codes[:1]
		}
		for _, code := range codes {
			for i, text := range []string{code, "error:" + strings.ToLower(code), "SSL_do_handshake() failed (SSL: error:" + code + ":SSL rou"} {
				if i > 0 && r%5 != 0 {
					continue
				}
				readings := read(base, text)
				if !slices.ContainsFunc(readings, func(r Reading) bool { return r.Name == entry.Says || r.Says == entry.Says }) {
					t.Errorf("%q: %+v, want %q", text, readings, entry.Says)
				}
			}
		}
	}
}

// Every value of every other table is known in the message that prints it, in other letters too.
func TestEveryTable(t *testing.T) {
	base := embedded(t)
	unprinted := []string{"openssl-codes", "length-read-from-bytes", "wukongim-max-idle", "wukongim-resumed-terms"} // numbers made of others
	for _, table := range base.Tables() {
		if slices.Contains(unprinted, table) {
			continue
		}
		for n, key := range slices.Sorted(maps.Keys(base.Table(table))) {
			message := base.Printed(table, key)
			if message == "" {
				continue // printed by no signature of its own; TestNames has those
			}
			texts := []string{message, "'" + message + "'", "myapp: it failed: " + message, strings.ToLower(message)}
			if n%5 != 0 {
				texts = texts[:1]
			}
			for _, text := range texts {
				if len(read(base, text)) == 0 {
					t.Errorf("%s %s: nothing is known of %q", table, key, text)
				}
			}
		}
	}
}

func TestAlerts(t *testing.T) {
	f := func(text string, number int, name, sender string) {
		t.Helper()
		e := explained(t, text)
		if len(e.Readings) == 0 || e.Readings[0].Alert == nil {
			t.Errorf("%q: no alert in %+v", text, e.Readings)
			return
		}
		if got := *e.Readings[0].Alert; got != (Alert{number, name, sender}) {
			t.Errorf("%q: %+v", text, got)
		}
	}
	f("remote error: tls: bad certificate", 42, "bad_certificate", "peer")
	f("local error: tls: bad record MAC", 20, "bad_record_mac", "self")
	f("remote error: tls: unknown certificate authority", 48, "unknown_ca", "peer")
	f("error:0A000418:SSL routines::tlsv1 alert unknown ca", 48, "unknown_ca", "peer")
	f("0A000418", 48, "unknown_ca", "peer")
	f("14094410", 40, "handshake_failure", "peer")
	f("SSL alert number 46", 46, "certificate_unknown", "peer")
	f("javax.net.ssl.SSLHandshakeException: Received fatal alert: handshake_failure", 40, "handshake_failure", "peer")
	f("received fatal alert: BadCertificate", 42, "bad_certificate", "peer")
	f("TLS alert 112", 112, "unrecognized_name", "")
	f("unknown_ca", 48, "unknown_ca", "")
	f("CRYPTO_ERROR 0x178", 120, "no_application_protocol", "")
	f("0x178", 120, "no_application_protocol", "")
	f("TLS server: In state certify at tls_handshake.erl:1234 received CLIENT ALERT: Fatal - Unknown CA", 48, "unknown_ca", "peer")
	f("* TLSv1.3 (OUT), TLS alert, unknown CA (560):", 48, "unknown_ca", "self")
}

func TestNames(t *testing.T) {
	f := func(text, cause string) {
		t.Helper()
		if got := causes(explained(t, text)); len(got) == 0 || got[0] != cause {
			t.Errorf("%q: %v, want %s first", text, got, cause)
		}
	}
	f("X509_V_ERR_CERT_HAS_EXPIRED", "cert-expired")
	f("x509_v_err_hostname_mismatch", "hostname-mismatch")
	f("SSL_R_NO_SHARED_CIPHER", "no-shared-cipher")
	f("SSL_R_WRONG_VERSION_NUMBER", "tls-to-plaintext-port")
	f("wrong_version_number", "tls-to-plaintext-port")
	f("ECONNREFUSED", "connection-refused")
	f("SSL_ERROR_NO_CYPHER_OVERLAP", "no-shared-cipher")
	f("ssl_error_no_cypher_overlap", "no-shared-cipher")
	f("SEC_E_UNTRUSTED_ROOT", "unknown-ca")
	f("ERR_CERT_DATE_INVALID", "cert-expired")
	f("errSSLXCertChainInvalid", "unknown-ca")
	f("{tls_alert,{unknown_ca,\"whatever\"}}", "unknown-ca")
	f("TLS: FIRST RECORD DOES NOT LOOK LIKE A TLS HANDSHAKE", "plaintext-to-tls-port")
	f("tls: first record does not look li", "plaintext-to-tls-port")
	f("bridge: could not start: dial tcp 10.0.0.1:1883: connect: connection refused", "connection-refused")
	f("verify error:num=10", "cert-expired")
	f("curl: (6)", "dns-failure")
	f("-0x2700", "unknown-ca")
	f("-9984", "unknown-ca")
	f("0x80090325", "unknown-ca")
	f("-2146893019", "unknown-ca")
	f("errno 111", "connection-refused")
	f("1006", "websocket-abnormal-close")
}

func TestBytes(t *testing.T) {
	f := func(text, cause string) {
		t.Helper()
		if got := causes(explained(t, text)); len(got) == 0 || got[0] != cause {
			t.Errorf("%q: %v, want %s first", text, got, cause)
		}
	}
	f("0x16 0x03", "tls-to-plaintext-port")
	f("0x16, 0x03, 0x01", "tls-to-plaintext-port")
	f("<<22,3,1,2,0>>", "tls-to-plaintext-port")
	f("369295617", "tls-to-plaintext-port")
	f(`\x16\x03\x01`, "tls-to-plaintext-port")
	f("[22 3 1 2 0 1]", "tls-to-plaintext-port")
	f("16 03 01 02 00", "tls-to-plaintext-port")
	f("160301", "tls-to-plaintext-port")
	f("0x160301", "tls-to-plaintext-port")
	f("unsupported versions: [4554]", "plaintext-to-tls-port")
	f("[4554]", "plaintext-to-tls-port")
	f("{unsupported_record_type,71}", "plaintext-to-tls-port")
	f("1195725856", "plaintext-to-tls-port") // "GET "
	f(`GET / HTTP/1.1\r\nHost: x`, "plaintext-to-tls-port")
	f(`\x47\x45\x54\x20/`, "plaintext-to-tls-port")
	f(`<<"PROXY TCP4 10.0.0.1">>`, "proxy-protocol-mismatch")
	f(`\r\n\r\n\x00\r\nQUIT\n`, "proxy-protocol-mismatch")
	f(`\x10\x1b\x00\x04MQTT\x04`, "plaintext-to-tls-port")
	f("first bytes SSH-2.0-OpenSSH_9.2", "wrong-port-or-service")
}

// A number without a word may be several things: all are told, none is claimed.
func TestAmbiguousNumber(t *testing.T) {
	e := explained(t, "20")
	if len(e.Readings) < 3 {
		t.Fatalf("%+v", e.Readings)
	}
	for _, r := range e.Readings {
		if !r.Alternative {
			t.Errorf("%s is not marked as one of several", r.What)
		}
	}
	if len(e.Findings) != 1 || e.Findings[0].Causes[0].Confidence >= 0.5 {
		t.Errorf("%+v", e.Findings)
	}
}

// A message that means one thing in a server's log and another in a client's asks whose log it is.
func TestQuestion(t *testing.T) {
	for _, text := range []string{"error:0A00010B:SSL routines::wrong version number", "0A00010B", "SSL_R_WRONG_VERSION_NUMBER"} {
		e := explained(t, text)
		if len(e.Findings) != 1 {
			t.Fatalf("%q: %d findings", text, len(e.Findings))
		}
		two := []string{e.Findings[0].Causes[0].ID, e.Findings[0].Causes[1].ID}
		slices.Sort(two)
		if !slices.Equal(two, []string{"plaintext-to-tls-port", "tls-to-plaintext-port"}) {
			t.Errorf("%q: %v", text, two)
		}
		if first := e.Findings[0].Causes[0].Checks[0]; !strings.Contains(first.Run, "whose log") {
			t.Errorf("%q: first check %+v", text, first)
		}
	}
}

// Several lines are one incident: one finding, and the line that knows the reason decides.
func TestOneIncident(t *testing.T) {
	e := explained(t, "remote error: tls: bad certificate\nx509: certificate has expired or is not yet valid: current time 2026-11-22T00:00:00Z is after 2026-11-01T00:00:00Z\nunexpected EOF")
	if len(e.Findings) != 1 || len(e.Readings) != 3 {
		t.Fatalf("%d findings, %d readings", len(e.Findings), len(e.Readings))
	}
	f := e.Findings[0]
	if f.Causes[0].ID != "cert-expired" || f.Causes[0].Confidence < 0.6 {
		t.Errorf("%s %.2f", f.Causes[0].ID, f.Causes[0].Confidence)
	}
	if len(f.Evidence) < 2 {
		t.Errorf("%d lines of evidence", len(f.Evidence))
	}
}

func TestUnknown(t *testing.T) {
	e := explained(t, "the flux compensator refused to negotiate a session ticket extension")
	if len(e.Findings) != 0 || len(e.Readings) != 0 {
		t.Errorf("claimed %+v", e.Readings)
	}
	if e := explained(t, "tls: the peer certificate key usage is incompatible with everything"); len(e.Near) == 0 && len(e.Readings) == 0 {
		t.Error("nothing near")
	}
	if e := explained(t, "lorem ipsum dolor sit amet"); len(e.Near)+len(e.Readings)+len(e.Findings) != 0 {
		t.Errorf("%+v", e)
	}
}

// selfMade makes a self-signed certificate in PEM.
func selfMade(t *testing.T, change func(*x509.Certificate)) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "im.example.com"}, DNSNames: []string{"im.example.com"},
		NotBefore: now.AddDate(0, -1, 0), NotAfter: now.AddDate(0, 1, 0),
	}
	change(c)
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func TestCertificates(t *testing.T) {
	f := func(what, text, cause, says string) {
		t.Helper()
		e := explained(t, text)
		if got := causes(e); cause != "" && (len(got) == 0 || got[0] != cause) || cause == "" && len(got) > 0 {
			t.Errorf("%s: %v, want %q", what, got, cause)
		}
		if !slices.ContainsFunc(e.Readings, func(r Reading) bool { return strings.Contains(r.Says+strings.Join(r.Proves, " "), says) }) {
			t.Errorf("%s: %+v, want %q", what, e.Readings, says)
		}
	}
	root := func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true }
	f("self-signed", selfMade(t, func(*x509.Certificate) {}), "self-signed-cert", "self-signed")
	f("root", selfMade(t, root), "", "it is a root")
	expired := selfMade(t, func(c *x509.Certificate) { root(c); c.NotAfter = now.AddDate(0, 0, -3) })
	f("expired", expired, "cert-expired", "it expired 3 days ago")
	f("future", selfMade(t, func(c *x509.Certificate) { root(c); c.NotBefore = now.AddDate(0, 0, 3) }), "cert-not-yet-valid", "not valid before")
	f("no names", selfMade(t, func(c *x509.Certificate) { c.DNSNames = nil }), "legacy-common-name", "no subjectAltName")
	f("cut off", expired[:len(expired)/2], "cert-malformed", "cut off")
	f("two roots", selfMade(t, root)+selfMade(t, root), "incomplete-chain", "not signed by")
	key := explained(t, "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n-----END PRIVATE KEY-----\n")
	if len(key.Readings) != 1 || strings.Contains(fmt.Sprint(key), "MC4CAQ") {
		t.Errorf("private key: %+v", key.Readings)
	}
}

// Transcripts of tools are read line by line; what they print besides is no fault.
func TestTranscripts(t *testing.T) {
	f := func(text, cause string) {
		t.Helper()
		got := causes(explained(t, text))
		if len(got) == 0 && cause == "" || len(got) > 0 && got[0] == cause {
			return
		}
		t.Errorf("%.60q…: %v, want %q", text, got, cause)
	}
	f(`CONNECTED(00000003)
depth=0 CN = im.example.com
verify error:num=20:unable to get local issuer certificate
verify return:1
depth=0 CN = im.example.com
verify error:num=21:unable to verify the first certificate
verify return:1
---
Certificate chain
 0 s:CN = im.example.com
   i:CN = Example Intermediate
---
SSL handshake has read 1302 bytes and written 393 bytes
Verification error: unable to verify the first certificate
---
New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384
Verify return code: 21 (unable to verify the first certificate)
---
DONE`, "incomplete-chain")
	f(`CONNECTED(00000003)
40B7B2A5F07F0000:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../ssl/record/ssl3_record.c:354:
---
no peer certificate available
---
No client certificate CA names sent
---
SSL handshake has read 5 bytes and written 293 bytes
Verification: OK
---
New, (NONE), Cipher is (NONE)
Verify return code: 0 (ok)`, "tls-to-plaintext-port")
	f(`* Host im.example.com:443 was resolved.
*   Trying 203.0.113.7:443...
* Connected to im.example.com (203.0.113.7) port 443
* ALPN: curl offers h2,http/1.1
* TLSv1.3 (OUT), TLS handshake, Client hello (1):
* TLSv1.3 (IN), TLS handshake, Server hello (2):
* TLSv1.3 (OUT), TLS alert, certificate expired (557):
* SSL certificate problem: certificate has expired
* closing connection #0
curl: (60) SSL certificate problem: certificate has expired`, "cert-expired")
	f(`CONNECTED(00000003)
depth=1 CN = Example Root
verify return:1
depth=0 CN = im.example.com
verify return:1
---
New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384
Verify return code: 0 (ok)
---`, "")
}

func FuzzExplain(f *testing.F) {
	for _, s := range []string{"0A00010B", "20", "<<22,3,1>>", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "\"tls: bad\\x16\"", "error:::", "verify error:num=99999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e := explained(t, text)
		if len(e.Findings) > 1 {
			t.Fatalf("%d findings", len(e.Findings))
		}
		for _, x := range e.Findings {
			sum := x.Undetermined
			for _, c := range x.Causes {
				sum += c.Confidence
			}
			if sum > 1.02 || sum < 0.9 {
				t.Fatalf("shares sum to %.3f", sum)
			}
		}
	})
}

func BenchmarkExplain(b *testing.B) {
	embedded(b)
	for name, text := range map[string]string{"known": "remote error: tls: bad certificate", "code": "0A00010B", "unknown": "the flux compensator of the handshake failed"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				explained(b, text)
			}
		})
	}
}
