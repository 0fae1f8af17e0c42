package probe

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"io"
	"math/big"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"
)

// script is the far end of a conversation: what it says is fixed, what is said to it is dropped.
type script struct{ io.Reader }

func (script) Write(b []byte) (int, error) { return len(b), nil }

// Whatever a server says in a plaintext step, the step ends and nothing is accepted that was not offered.
func FuzzStartTLS(f *testing.F) {
	for _, seed := range []string{
		"220 mail.example ESMTP\r\n250-x\r\n250 STARTTLS\r\n220 go\r\n", "* OK ready\r\na1 OK begin\r\n", "+OK\r\n+OK\r\n", "220 ftp\r\n234 go\r\n", "S", "N",
		"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00", "\x4a\x00\x00\x00\x0a8.0\x00\x01\x00\x00\x00salt1234\x00\xff\xff",
		"<stream:stream><stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features><proceed/>",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		for service := range startTLSProtocols {
			p := startTLS(script{bytes.NewReader(said)}, service, "localhost")
			if p.accepted && (!p.offered || p.err != nil) {
				t.Errorf("%s: %+v", service, p)
			}
		}
	})
}

// Whatever a server says, it has one name, and what is shown of it cannot move a terminal.
func FuzzIdentify(f *testing.F) {
	for _, seed := range []string{
		"", "\x16\x03\x03\x00\x7a\x02", "\x15\x03\x01\x00\x02\x02\x28", "HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 05:00:00 GMT\r\n\r\n", "HTTP/1.1 101 x\r\n\r\n", "SSH-2.0-x\r\n",
		"220 x ESMTP\r\n", "* OK", "+OK", "\x20\x02\x00\x00", "E\x00\x00\x00\x20SFATAL", "\x4a\x00\x00\x00\x0a8.0.36\x00", "\x1b]0;evil\x07", "\x00\x00\x06\x04\x00\x00\x00\x00\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		if name := identify(said); (name == "") != (len(said) == 0) {
			t.Errorf("%q is %q", said, name)
		}
		status, header := replyStatus(said)
		if status != 0 && (status < 100 || header == nil) {
			t.Errorf("%q has status %d", said, status)
		}
		enough(said)
		isWuKongCONNACK(said)
		for _, shown := range []string{escape(said, shownBytes), clip(string(said), shownBytes)} {
			if strings.ContainsFunc(shown, func(r rune) bool { return r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x202e }) {
				t.Errorf("%q is shown as %q", said, shown)
			}
		}
	})
}

// Whatever certificates and OCSP response come, the chain is judged without a crash, and by its own account.
func FuzzExamine(f *testing.F) {
	f.Add([]byte("0\x82"), []byte{}, []byte{1})
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(7), NotAfter: time.Unix(1796000000, 0), IsCA: true, BasicConstraintsValid: true, DNSNames: []string{"localhost"}, PermittedDNSDomains: []string{"x"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		f.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		f.Fatal(err)
	}
	staple, err := ocsp.CreateResponse(parsed, parsed, ocsp.Response{SerialNumber: big.NewInt(7), NextUpdate: time.Unix(1796000000, 0)}, key)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(der, der, staple)
	f.Fuzz(func(t *testing.T, leaf, issuer, staple []byte) {
		x := examine([][]byte{leaf, issuer}, staple, "localhost", nil, time.Unix(1795000000, 0))
		if len(x.chain.Certificates) == 0 || x.chain.Trusted != "" && !x.chain.Complete {
			t.Errorf("%+v", x.chain)
		}
		distinguishedDER(leaf)
	})
}

// A target that is taken has a host and a port that may stand in a request, and reads the same again.
func FuzzTarget(f *testing.F) {
	for _, seed := range []string{"localhost:443", "[::1]:443", "wss://im.example:5210/x?y", "https://user:pass@h/", "::1:443", "http://%41", "mqtts://[fe80::1%25eth0]", "mqtt://[::1%25hte\x8b]", "\x1b[2J:1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		target, err := ParseTarget(text)
		if err != nil {
			return
		}
		if !isHost(target.Host) || target.Port < 1 || target.Port > 65535 {
			t.Errorf("%q became %+v", text, target)
		}
		if again, err := ParseTarget(target.Text); err != nil || again.Address() != target.Address() {
			t.Errorf("%q became %q: %v", text, target.Text, err)
		}
		request := string(httpRequest(target))
		if strings.Count(request, "\r\n") != 6 || strings.Contains(strings.ReplaceAll(request, "\r\n", ""), "\n") {
			t.Errorf("%q makes the request %q", text, request)
		}
	})
}
