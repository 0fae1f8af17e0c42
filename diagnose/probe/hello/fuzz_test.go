package hello

import (
	"bytes"
	"crypto/tls"
	"testing"
)

// Whatever a server sends, Read ends, keeps to its limits, and an answer is complete only when it was.
func FuzzRead(f *testing.F) {
	f.Add([]byte{21, 3, 3, 0, 2, 2, 40})
	f.Add([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
	f.Add(record(typeServerHello, append(append([]byte{3, 3}, make([]byte, 32)...), 0, 0xc0, 0x2f, 0)))
	f.Add(append(record(typeServerHello, append(append([]byte{3, 0}, make([]byte, 32)...), 0, 0, 0x0a, 0)), record(typeServerHelloDone, nil)...))
	f.Add(append(record(typeServerHello, append(append([]byte{3, 3}, make([]byte, 32)...), 0, 0xc0, 0x2f, 0)), record(typeCertificate, []byte{0, 0, 4, 0, 0, 1, 0x30})...))
	f.Fuzz(func(t *testing.T, sent []byte) {
		a, err := Read(bytes.NewReader(sent))
		if a == nil || err == nil && !a.Done && a.Alert == nil {
			t.Errorf("%x: %+v, %v", sent, a, err)
		}
		if a.Done && !a.Hello {
			t.Errorf("%x: done without a hello", sent)
		}
	})
}

func record(kind byte, body []byte) []byte {
	message := append([]byte{kind, 0, byte(len(body) >> 8), byte(len(body))}, body...)
	return append([]byte{22, 3, 3, byte(len(message) >> 8), byte(len(message))}, message...)
}

// A hello is what crypto/tls takes for one, whatever it offers.
func TestOfferIsAHello(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS13, tls.VersionTLS12, tls.VersionTLS11, tls.VersionTLS10} {
		offer := Offer{Version: version, Name: "im.example", Protocols: []string{"h2", "mqtt"}}
		b, err := offer.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		client, server := pipe(t)
		var seen *tls.ClientHelloInfo
		go func() { _, _ = client.Write(b) }()
		_ = tls.Server(server, &tls.Config{MinVersion: tls.VersionTLS10, GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			seen = hello
			return nil, bytes.ErrTooLarge // enough
		}}).Handshake()
		if seen == nil || seen.ServerName != "im.example" || len(seen.SupportedProtos) != 2 || seen.SupportedVersions[0] != version {
			t.Errorf("%s: %+v", VersionName(version), seen)
		}
	}
}

func TestNames(t *testing.T) {
	f := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	f(VersionName(SSL30), "SSL 3.0")
	f(VersionName(tls.VersionTLS13), "TLS 1.3")
	f(AlertName(48), "unknown_ca (48)")
	f(AlertName(200), "alert 200")
	f(GroupName(4588), "X25519MLKEM768")
	f(GroupName(0), "")
	f(SuiteName(0xc02f), "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")
	f(SuiteName(0xfafa), "0xFAFA")
	for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		f(SuiteName(s.ID), s.Name)
	}
}
