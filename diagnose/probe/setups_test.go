package probe_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/whytls/whytls/diagnose/probe"
)

func discard() *log.Logger { return log.New(io.Discard, "", 0) }

// setup is an endpoint with at most one fault, and what the probe has to say of it.
type setup struct {
	name string
	// start returns the target and, where it counts them, the endpoint's connections.
	start func(t *testing.T, root *authority, o *probe.Options) (target string, count *atomic.Int64)
	// speaks and cause are what must be found; cause "" means that nothing is wrong.
	speaks, cause string
	// also are causes that hold too; every other cause that is confirmed for this client is a false alarm.
	also []string
	// fine is set where the cause hits other clients only.
	fine bool
}

// run probes one set-up and checks what every probe has to keep to.
func (s *setup) run(t *testing.T) *probe.Result {
	t.Helper()
	root := newRoot(t, "Test Root")
	options := probe.Options{Authorities: []*x509.Certificate{root.certificate}}
	text, count := s.start(t, root, &options)
	target, err := probe.ParseTarget(text)
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	r, err := probe.Run(context.Background(), target, options)
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("the probe took %v", took)
	}
	if r.Connections > 20 || count != nil && count.Load() > 20 {
		t.Errorf("%d connections made, %d seen by the server", r.Connections, count.Load())
	}
	if r.Speaks != s.speaks {
		t.Errorf("speaks %q, want %q", r.Speaks, s.speaks)
	}
	var confirmed []string
	for _, c := range r.Confirmed() {
		confirmed = append(confirmed, c.ID)
		if c.ID != s.cause && !c.Elsewhere && !c.Consequence && !slices.Contains(s.also, c.ID) {
			t.Errorf("%s is confirmed as well: %s", c.ID, c.Why)
		}
	}
	if s.cause != "" && !slices.Contains(confirmed, s.cause) {
		t.Errorf("confirmed: %q, want %s", confirmed, s.cause)
	}
	if want := s.cause != "" && !s.fine; r.Problem() != want {
		t.Errorf("a problem: %v, want %v", r.Problem(), want)
	}
	t.Logf("%d connections, %.2f s", r.Connections, r.Seconds)
	if t.Failed() {
		j, _ := json.MarshalIndent(r, "", " ")
		t.Logf("%s", j)
	}
	return r
}

func TestSetups(t *testing.T) {
	for _, s := range slices.Concat(certificateSetups, clientSetups, negotiationSetups, plaintextSetups, connectionSetups) {
		t.Run(strings.ReplaceAll(s.name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			s.run(t)
		})
	}
}

// served makes the start of a set-up out of a configuration of crypto/tls, probed by the name localhost.
func served(config func(t *testing.T, root *authority) *tls.Config) func(*testing.T, *authority, *probe.Options) (string, *atomic.Int64) {
	return func(t *testing.T, root *authority, _ *probe.Options) (string, *atomic.Int64) {
		e := serveTLS(t, config(t, root))
		return e.byName(), e.count
	}
}

// servedByIP is the same, probed by address.
func servedByIP(config func(t *testing.T, root *authority) *tls.Config) func(*testing.T, *authority, *probe.Options) (string, *atomic.Int64) {
	return func(t *testing.T, root *authority, _ *probe.Options) (string, *atomic.Int64) {
		e := serveTLS(t, config(t, root))
		return e.byIP(), e.count
	}
}

// withLeaf is a server whose only fault is in its leaf.
func withLeaf(change func(*x509.Certificate)) func(*testing.T, *authority) *tls.Config {
	return func(_ *testing.T, root *authority) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{root.issue(change)}}
	}
}

func untrusting(start func(*testing.T, *authority, *probe.Options) (string, *atomic.Int64)) func(*testing.T, *authority, *probe.Options) (string, *atomic.Int64) {
	return func(t *testing.T, root *authority, o *probe.Options) (string, *atomic.Int64) {
		o.Authorities = nil
		return start(t, root, o)
	}
}

var certificateSetups = []setup{
	{name: "healthy by name", speaks: "tls", start: served(withLeaf(func(*x509.Certificate) {}))},
	{name: "healthy by address", speaks: "tls", start: servedByIP(withLeaf(func(*x509.Certificate) {}))},
	{name: "healthy with an intermediate", speaks: "tls", start: served(func(_ *testing.T, root *authority) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{root.intermediate("Test Intermediate").issue()}}
	})},
	{name: "expired", speaks: "tls", cause: "cert-expired", start: served(withLeaf(func(c *x509.Certificate) {
		c.NotAfter = time.Now().Add(-time.Hour)
	}))},
	{name: "intermediate expired", speaks: "tls", cause: "cert-expired", start: served(func(_ *testing.T, root *authority) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{root.intermediate("Test Intermediate", func(c *x509.Certificate) {
			c.NotAfter = time.Now().Add(-time.Hour)
		}).issue()}}
	})},
	{name: "not yet valid", speaks: "tls", cause: "cert-not-yet-valid", start: served(withLeaf(func(c *x509.Certificate) {
		c.NotBefore = time.Now().Add(time.Hour)
	}))},
	{name: "self-signed", speaks: "tls", cause: "self-signed-cert", start: served(func(t *testing.T, _ *authority) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{selfSignedPair(t)}}
	})},
	{name: "own root in the chain", speaks: "tls", cause: "self-signed-cert", also: []string{"unknown-ca"}, start: untrusting(served(func(_ *testing.T, root *authority) *tls.Config {
		pair := root.issue()
		pair.Certificate = append(pair.Certificate, root.certificate.Raw)
		return &tls.Config{Certificates: []tls.Certificate{pair}}
	}))},
	{name: "unknown CA", speaks: "tls", cause: "unknown-ca", start: untrusting(served(withLeaf(func(*x509.Certificate) {})))},
	{name: "another CA than given", speaks: "tls", cause: "unknown-ca", start: served(func(t *testing.T, _ *authority) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{newRoot(t, "Another Root").issue()}}
	})},
	{name: "intermediate missing", speaks: "tls", cause: "incomplete-chain", start: served(func(_ *testing.T, root *authority) *tls.Config {
		pair := root.intermediate("Test Intermediate").issue()
		pair.Certificate = pair.Certificate[:1]
		return &tls.Config{Certificates: []tls.Certificate{pair}}
	})},
	{name: "intermediate missing, no CA given", speaks: "tls", cause: "incomplete-chain", start: untrusting(served(func(_ *testing.T, root *authority) *tls.Config {
		pair := root.intermediate("R11").issue()
		pair.Certificate = pair.Certificate[:1]
		return &tls.Config{Certificates: []tls.Certificate{pair}}
	}))},
	{name: "intermediate missing, known by its AIA", speaks: "tls", cause: "incomplete-chain", start: served(func(_ *testing.T, root *authority) *tls.Config {
		pair := root.intermediate("Company CA 7").issue(func(c *x509.Certificate) { c.IssuingCertificateURL = []string{"http://ca.example/7.cer"} })
		pair.Certificate = pair.Certificate[:1]
		return &tls.Config{Certificates: []tls.Certificate{pair}}
	})},
	{name: "upper intermediate missing", speaks: "tls", cause: "incomplete-chain", start: served(func(_ *testing.T, root *authority) *tls.Config {
		pair := root.intermediate("Upper Intermediate").intermediate("Lower Intermediate").issue()
		pair.Certificate = pair.Certificate[:2]
		return &tls.Config{Certificates: []tls.Certificate{pair}}
	})},
	{name: "out of order", speaks: "tls", cause: "incomplete-chain", start: served(func(_ *testing.T, root *authority) *tls.Config {
		pair := root.intermediate("Upper Intermediate").intermediate("Lower Intermediate").issue()
		pair.Certificate[1], pair.Certificate[2] = pair.Certificate[2], pair.Certificate[1]
		return &tls.Config{Certificates: []tls.Certificate{pair}}
	})},
	{name: "wrong name", speaks: "tls", cause: "hostname-mismatch", start: served(withLeaf(func(c *x509.Certificate) {
		c.DNSNames, c.IPAddresses = []string{"other.example"}, nil
	}))},
	{name: "address without SAN", speaks: "tls", cause: "ip-san-missing", start: servedByIP(withLeaf(func(c *x509.Certificate) { c.IPAddresses = nil }))},
	{name: "common name only", speaks: "tls", cause: "legacy-common-name", start: served(withLeaf(func(c *x509.Certificate) {
		c.DNSNames, c.IPAddresses = nil, nil
	}))},
	{name: "key of another certificate", speaks: "tls", cause: "cert-key-mismatch", start: served(func(t *testing.T, root *authority) *tls.Config {
		pair := root.issue()
		pair.PrivateKey = newKey(t)
		return &tls.Config{Certificates: []tls.Certificate{pair}}
	})},
	{name: "key of another certificate, TLS 1.2", speaks: "tls", cause: "cert-key-mismatch", start: served(func(t *testing.T, root *authority) *tls.Config {
		pair := root.issue()
		pair.PrivateKey = newKey(t)
		return &tls.Config{Certificates: []tls.Certificate{pair}, MaxVersion: tls.VersionTLS12}
	})},
	{name: "issuer of the same name", speaks: "tls", cause: "cert-signature-invalid", start: served(func(_ *testing.T, root *authority) *tls.Config {
		pair := root.intermediate("Test Intermediate").issue()
		pair.Certificate[1] = root.intermediate("Test Intermediate").certificate.Raw
		return &tls.Config{Certificates: []tls.Certificate{pair}}
	}), also: []string{"incomplete-chain"}},
	{name: "leaf as CA", speaks: "tls", cause: "ca-constraint-violation", start: served(func(_ *testing.T, root *authority) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{root.intermediate("Test Intermediate", func(c *x509.Certificate) { c.IsCA = false }).issue()}}
	}), also: []string{"unknown-ca"}},
	{name: "path too long", speaks: "tls", cause: "ca-constraint-violation", start: served(func(_ *testing.T, root *authority) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{root.intermediate("Upper Intermediate", func(c *x509.Certificate) { c.MaxPathLenZero = true }).intermediate("Lower Intermediate").issue()}}
	}), also: []string{"unknown-ca"}},
	{name: "name not permitted", speaks: "tls", cause: "ca-constraint-violation", start: served(func(_ *testing.T, root *authority) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{root.intermediate("Test Intermediate", func(c *x509.Certificate) {
			c.PermittedDNSDomains, c.PermittedDNSDomainsCritical = []string{"inside.example"}, true
		}).issue()}}
	}), also: []string{"unknown-ca"}},
	{name: "client's key usage", speaks: "tls", cause: "wrong-key-usage", start: served(withLeaf(func(c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	}))},
	{name: "RSA 1024", speaks: "tls", cause: "weak-signature-or-key", start: served(func(t *testing.T, root *authority) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{root.issueFor(newRSAKey(t, 1024))}}
	})},
	{name: "negative serial", speaks: "tls", cause: "cert-malformed", start: served(func(_ *testing.T, root *authority) *tls.Config {
		pair := root.issue(func(c *x509.Certificate) { c.SerialNumber = big.NewInt(0x7777777777777777) })
		pair.Certificate[0] = bytes.Replace(pair.Certificate[0], []byte{2, 8, 0x77}, []byte{2, 8, 0xf7}, 1)
		return &tls.Config{Certificates: []tls.Certificate{pair}}
	})},
	{name: "torn certificate, TLS 1.2", speaks: "tls", cause: "cert-malformed", start: served(func(_ *testing.T, root *authority) *tls.Config {
		pair := root.issue()
		pair.Certificate[0] = pair.Certificate[0][:len(pair.Certificate[0])/2]
		return &tls.Config{Certificates: []tls.Certificate{pair}, MaxVersion: tls.VersionTLS12}
	})},
	{name: "revoked by staple", speaks: "tls", cause: "cert-revoked", start: served(stapling(ocsp.Revoked, time.Now().Add(time.Hour)))},
	{name: "stapled and good", speaks: "tls", start: served(stapling(ocsp.Good, time.Now().Add(time.Hour)))},
	{name: "staple out of date", speaks: "tls", cause: "revocation-status-unavailable", start: served(stapling(ocsp.Good, time.Now().Add(-time.Hour)))},
	{name: "staple demanded and missing", speaks: "tls", cause: "revocation-status-unavailable", start: served(withLeaf(func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: []int{1, 3, 6, 1, 5, 5, 7, 1, 24}, Value: []byte{0x30, 3, 2, 1, 5}}}
	}))},
	{name: "no certificate", speaks: "tls", cause: "sni-missing-or-unrecognized", start: served(func(*testing.T, *authority) *tls.Config {
		return &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, nil }}
	})},
	{name: "two nodes, one not renewed", speaks: "tls", cause: "stale-certificate", start: served(func(_ *testing.T, root *authority) *tls.Config {
		renewed, old := root.issue(), root.issue(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Hour) })
		var n atomic.Int64
		return &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			if n.Add(1) == 1 {
				return &renewed, nil
			}
			return &old, nil
		}}
	})},
	{name: "clock an hour behind", speaks: "tls", cause: "clock-skew", start: func(t *testing.T, root *authority, _ *probe.Options) (string, *atomic.Int64) {
		e := serveHTTPS(t, &tls.Config{Certificates: []tls.Certificate{root.issue()}}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
		})
		return "https://" + e.byName(), e.count
	}},
	{name: "inspecting proxy", speaks: "tls", cause: "middlebox-interference", also: []string{"unknown-ca"}, start: served(func(t *testing.T, _ *authority) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{newRoot(t, "Zscaler Root CA").issue()}}
	})},
}

// stapling staples an OCSP response.
func stapling(status int, until time.Time) func(*testing.T, *authority) *tls.Config {
	return func(t *testing.T, root *authority) *tls.Config {
		pair := root.issue()
		pair.Certificate = append(pair.Certificate, root.certificate.Raw)
		leaf, err := x509.ParseCertificate(pair.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		pair.OCSPStaple, err = ocsp.CreateResponse(root.certificate, root.certificate, ocsp.Response{
			Status: status, SerialNumber: leaf.SerialNumber, ThisUpdate: time.Now().Add(-2 * time.Hour), NextUpdate: until, RevokedAt: time.Now().Add(-time.Hour),
		}, root.key)
		if err != nil {
			t.Fatal(err)
		}
		return &tls.Config{Certificates: []tls.Certificate{pair}}
	}
}

var clientSetups = []setup{
	{name: "client certificate required", speaks: "tls", cause: "missing-client-cert", start: served(requiring(0))},
	{name: "client certificate required, TLS 1.2", speaks: "tls", cause: "missing-client-cert", start: served(requiring(tls.VersionTLS12))},
	{name: "client certificate required, by address", speaks: "tls", cause: "missing-client-cert", start: servedByIP(requiring(0))},
	{name: "client certificate asked for", speaks: "tls", start: served(func(_ *testing.T, root *authority) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{root.issue()}, ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: root.pool()}
	})},
	{name: "good client certificate", speaks: "tls", cause: "missing-client-cert", fine: true, start: func(t *testing.T, root *authority, o *probe.Options) (string, *atomic.Int64) {
		pair := root.issue()
		o.Certificate = &pair
		return served(requiring(0))(t, root, o)
	}},
	{name: "client certificate of another CA", speaks: "tls", cause: "bad-client-cert", also: []string{"missing-client-cert"}, start: func(t *testing.T, root *authority, o *probe.Options) (string, *atomic.Int64) {
		pair := newRoot(t, "Another Root").issue()
		o.Certificate = &pair
		return served(requiring(0))(t, root, o)
	}},
	{name: "expired client certificate, TLS 1.2", speaks: "tls", cause: "bad-client-cert", also: []string{"missing-client-cert"}, start: func(t *testing.T, root *authority, o *probe.Options) (string, *atomic.Int64) {
		pair := root.issue(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Hour) })
		o.Certificate = &pair
		return served(requiring(tls.VersionTLS12))(t, root, o)
	}},
	{name: "server's certificate shown by a client", speaks: "tls", cause: "bad-client-cert", also: []string{"missing-client-cert"}, start: func(t *testing.T, root *authority, o *probe.Options) (string, *atomic.Int64) {
		pair := root.issue(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })
		o.Certificate = &pair
		return served(requiring(0))(t, root, o)
	}},
}

func requiring(version uint16) func(*testing.T, *authority) *tls.Config {
	return func(_ *testing.T, root *authority) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{root.issue()}, MaxVersion: version, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: root.pool()}
	}
}

// onlyVersion is a server of one version of TLS.
func onlyVersion(v uint16, suites ...uint16) func(*testing.T, *authority) *tls.Config {
	return func(t *testing.T, root *authority) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{root.issueFor(newRSAKey(t, 2048))}, MinVersion: v, MaxVersion: v, CipherSuites: suites}
	}
}

var negotiationSetups = []setup{
	{name: "TLS 1.0 only", speaks: "tls", cause: "protocol-version-mismatch", start: served(onlyVersion(tls.VersionTLS10))},
	{name: "TLS 1.1 only", speaks: "tls", cause: "protocol-version-mismatch", start: served(onlyVersion(tls.VersionTLS11))},
	{name: "TLS 1.2 only", speaks: "tls", start: served(onlyVersion(tls.VersionTLS12))},
	{name: "TLS 1.3 only", speaks: "tls", cause: "protocol-version-mismatch", start: served(onlyVersion(tls.VersionTLS13))},
	{name: "SSL 3.0 only", speaks: "tls", cause: "protocol-version-mismatch", start: func(t *testing.T, _ *authority, _ *probe.Options) (string, *atomic.Int64) {
		e := serve(t, func(c net.Conn) {
			hello := readHello(c)
			if len(hello) < 11 {
				return
			}
			if hello[9] != 3 || hello[10] != 0 {
				_, _ = c.Write([]byte{21, 3, 0, 0, 2, 2, 40})
				return
			}
			body := append(append([]byte{3, 0}, make([]byte, 32)...), 0, 0, 0x0a, 0)
			message := append([]byte{2, 0, 0, byte(len(body))}, body...)
			_, _ = c.Write(append([]byte{22, 3, 0, 0, byte(len(message))}, message...))
		})
		return e.byName(), e.count
	}},
	{name: "afraid of TLS 1.3", speaks: "tls", cause: "protocol-version-mismatch", start: func(t *testing.T, root *authority, _ *probe.Options) (string, *atomic.Int64) {
		config := &tls.Config{Certificates: []tls.Certificate{root.issue()}, MaxVersion: tls.VersionTLS12}
		e := serve(t, func(c net.Conn) {
			hello := readHello(c)
			if bytes.Contains(hello, []byte{0, 43}) && bytes.Contains(hello, []byte{3, 4, 3, 3}) || bytes.Contains(hello, []byte{0, 43, 0, 3, 2, 3, 4}) {
				return
			}
			speakTLS(config)(replay(c, hello))
		})
		return e.byName(), e.count
	}},
	{name: "one suite", speaks: "tls", cause: "no-shared-cipher", start: served(onlyVersion(tls.VersionTLS12, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256))},
	{name: "an old suite", speaks: "tls", cause: "no-shared-cipher", start: served(onlyVersion(tls.VersionTLS12, tls.TLS_RSA_WITH_AES_128_CBC_SHA))},
	{name: "two old suites", speaks: "tls", cause: "no-shared-cipher", start: served(onlyVersion(tls.VersionTLS12, tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_RC4_128_SHA))},
	{name: "private ALPN", speaks: "tls", cause: "alpn-mismatch", start: served(func(_ *testing.T, root *authority) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{root.issue()}, NextProtos: []string{"private/1"}}
	})},
	{name: "ALPN required", speaks: "tls", cause: "alpn-mismatch", start: served(func(_ *testing.T, root *authority) *tls.Config {
		config := &tls.Config{Certificates: []tls.Certificate{root.issue()}, NextProtos: []string{"h2", "http/1.1"}}
		config.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			if len(hello.SupportedProtos) == 0 {
				return nil, errors.New("no ALPN")
			}
			return nil, nil
		}
		return config
	})},
	{name: "ALPN required, by address", speaks: "tls", cause: "alpn-mismatch", start: servedByIP(func(_ *testing.T, root *authority) *tls.Config {
		config := &tls.Config{Certificates: []tls.Certificate{root.issue()}, NextProtos: []string{"h2"}}
		config.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			if len(hello.SupportedProtos) == 0 {
				return nil, errors.New("no ALPN")
			}
			return nil, nil
		}
		return config
	})},
	{name: "SNI required", speaks: "tls", cause: "sni-missing-or-unrecognized", fine: true, start: served(naming("localhost"))},
	{name: "SNI required, by address", speaks: "tls", cause: "sni-missing-or-unrecognized", start: servedByIP(naming("localhost"))},
	{name: "another name served", speaks: "tls", cause: "sni-missing-or-unrecognized", start: served(func(_ *testing.T, root *authority) *tls.Config {
		pair := root.issue()
		return &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if hello.ServerName != "" && hello.ServerName != "im.example" {
				return nil, nil // the alert unrecognized_name
			}
			return &pair, nil
		}}
	})},
	{name: "hello of one packet only", speaks: "tls", cause: "record-or-message-too-large", start: func(t *testing.T, root *authority, _ *probe.Options) (string, *atomic.Int64) {
		config := &tls.Config{Certificates: []tls.Certificate{root.issue()}}
		e := serve(t, func(c net.Conn) {
			if hello := readHello(c); len(hello) < 1300 {
				speakTLS(config)(replay(c, hello))
			}
		})
		return e.byName(), e.count
	}},
	{name: "alert for everybody", speaks: "tls", cause: "peer-rejected-handshake", start: func(t *testing.T, _ *authority, _ *probe.Options) (string, *atomic.Int64) {
		e := serve(t, func(c net.Conn) {
			readHello(c)
			_, _ = c.Write([]byte{21, 3, 3, 0, 2, 2, 40})
			wait(c)
		})
		return e.byName(), e.count
	}},
	{name: "slow, but well", speaks: "tls", start: func(t *testing.T, root *authority, _ *probe.Options) (string, *atomic.Int64) {
		config := &tls.Config{Certificates: []tls.Certificate{root.issue()}}
		e := serve(t, func(c net.Conn) {
			hello := readHello(c)
			time.Sleep(1200 * time.Millisecond) // what is tested is a server that takes its time
			speakTLS(config)(replay(c, hello))
		})
		return e.byName(), e.count
	}},
	{name: "half a hello, then silence", speaks: "tls", cause: "handshake-timeout", start: func(t *testing.T, _ *authority, _ *probe.Options) (string, *atomic.Int64) {
		e := serve(t, func(c net.Conn) {
			readHello(c)
			_, _ = c.Write([]byte{22, 3, 3, 0, 122, 2, 0, 0, 118, 3, 3, 1, 2, 3, 4})
			wait(c)
		})
		return e.byName(), e.count
	}},
	{name: "half a hello, then a close", speaks: "tls", cause: "peer-closed-in-handshake", start: func(t *testing.T, _ *authority, _ *probe.Options) (string, *atomic.Int64) {
		e := serve(t, func(c net.Conn) {
			readHello(c)
			_, _ = c.Write([]byte{22, 3, 3, 0, 122, 2, 0, 0, 118, 3, 3, 1, 2, 3, 4})
		})
		return e.byName(), e.count
	}},
	{name: "half a hello, then a reset", speaks: "tls", cause: "peer-reset-in-handshake", start: func(t *testing.T, _ *authority, _ *probe.Options) (string, *atomic.Int64) {
		e := serve(t, func(c net.Conn) {
			readHello(c)
			_, _ = c.Write([]byte{22, 3, 3, 0, 122, 2, 0, 0, 118, 3, 3, 1, 2, 3, 4})
			time.AfterFunc(20*time.Millisecond, func() { resetting(c) }) // the bytes have to arrive before it
			wait(c)
		})
		return e.byName(), e.count
	}},
}

// naming is a server that insists on a name.
func naming(name string) func(*testing.T, *authority) *tls.Config {
	return func(_ *testing.T, root *authority) *tls.Config {
		config := &tls.Config{Certificates: []tls.Certificate{root.issue()}}
		config.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			if hello.ServerName != name {
				return nil, errors.New("no such name")
			}
			return nil, nil
		}
		return config
	}
}

// spoken makes the start of a set-up out of a handler of raw connections.
func spoken(handle func(net.Conn)) func(*testing.T, *authority, *probe.Options) (string, *atomic.Int64) {
	return func(t *testing.T, _ *authority, _ *probe.Options) (string, *atomic.Int64) {
		e := serve(t, handle)
		return e.byIP(), e.count
	}
}

// secured makes the start of a set-up out of a protocol that turns to TLS.
func secured(prefix string, handle func(config *tls.Config) func(net.Conn)) func(*testing.T, *authority, *probe.Options) (string, *atomic.Int64) {
	return func(t *testing.T, root *authority, _ *probe.Options) (string, *atomic.Int64) {
		e := serve(t, handle(&tls.Config{Certificates: []tls.Certificate{root.issue()}}))
		return prefix + e.byIP(), e.count
	}
}

var smtp = map[string]string{"EHLO": "250-mail.example\r\n250-PIPELINING\r\n250 STARTTLS\r\n", "STARTTLS": "220 go ahead\r\nTLS"}

func smtpServer(config *tls.Config) func(net.Conn) {
	return talk("220 mail.example ESMTP Postfix\r\n", smtp, config)
}

// mqttBroker answers a CONNECT and hangs up on anything else, as brokers do.
func mqttBroker(c net.Conn) {
	b := make([]byte, 2)
	if _, err := io.ReadFull(c, b); err != nil || b[0] != 0x10 {
		return
	}
	if _, err := io.ReadFull(c, make([]byte, b[1])); err == nil {
		_, _ = c.Write([]byte{0x20, 2, 0, 0})
		wait(c)
	}
}

// postgresServer answers an SSLRequest.
func postgresServer(answer byte) func(*tls.Config) func(net.Conn) {
	return func(config *tls.Config) func(net.Conn) {
		return func(c net.Conn) {
			b := make([]byte, 8)
			if _, err := io.ReadFull(c, b); err != nil || !bytes.Equal(b, []byte{0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f}) {
				return
			}
			_, _ = c.Write([]byte{answer})
			if answer == 'S' {
				s := tls.Server(c, config)
				_ = s.Handshake()
			}
			wait(c)
		}
	}
}

// mysqlGreeting is a HandshakeV10 with the capabilities given.
func mysqlGreeting(capabilities uint16) []byte {
	body := append([]byte{10}, "8.0.36\x00\x01\x00\x00\x00salt1234\x00"...)
	body = append(body, byte(capabilities), byte(capabilities>>8), 33, 2, 0, 0xff, 0xdf, 21)
	body = append(append(append(body, make([]byte, 10)...), "salt12345678\x00"...), "mysql_native_password\x00"...)
	return append([]byte{byte(len(body)), 0, 0, 0}, body...)
}

func mysqlServer(capabilities uint16) func(*tls.Config) func(net.Conn) {
	return func(config *tls.Config) func(net.Conn) {
		return func(c net.Conn) {
			_, _ = c.Write(mysqlGreeting(capabilities))
			b := make([]byte, 36)
			if _, err := io.ReadFull(c, b); err != nil || b[0] != 32 || b[3] != 1 {
				return
			}
			s := tls.Server(c, config)
			_ = s.Handshake()
			wait(c)
		}
	}
}

func ldapServer(config *tls.Config) func(net.Conn) {
	return func(c net.Conn) {
		b := make([]byte, 31)
		if _, err := io.ReadFull(c, b); err != nil || b[0] != 0x30 {
			return
		}
		_, _ = c.Write([]byte("\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"))
		s := tls.Server(c, config)
		_ = s.Handshake()
		wait(c)
	}
}

func xmppServer(config *tls.Config) func(net.Conn) {
	return func(c net.Conn) {
		r := bufio.NewReader(c)
		if line, err := r.ReadString('>'); err != nil || !strings.HasPrefix(line, "<?xml") {
			return
		}
		_, _ = r.ReadString('>')
		_, _ = io.WriteString(c, "<?xml version='1.0'?><stream:stream from='localhost' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'><stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>")
		if line, err := r.ReadString('>'); err != nil || !strings.HasPrefix(line, "<starttls") {
			return
		}
		_, _ = io.WriteString(c, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
		s := tls.Server(c, config)
		_ = s.Handshake()
		wait(c)
	}
}

// behindProxy expects a PROXY header and hangs up without one.
func behindProxy(then func(net.Conn)) func(net.Conn) {
	return func(c net.Conn) {
		r := bufio.NewReader(c)
		if b, err := r.Peek(6); err != nil || string(b) != "PROXY " {
			return
		}
		if _, err := r.ReadString('\n'); err == nil {
			then(replayed{c, r})
		}
	}
}

// behindProxy2 expects a header of version 2.
func behindProxy2(then func(net.Conn)) func(net.Conn) {
	return func(c net.Conn) {
		header := make([]byte, 16)
		if _, err := io.ReadFull(c, header); err != nil || !bytes.HasPrefix(header, []byte("\r\n\r\n\x00\r\nQUIT\n")) {
			return
		}
		if _, err := io.CopyN(io.Discard, c, int64(header[15])); err == nil {
			then(c)
		}
	}
}

func plainHTTP(scheme string, status int) func(*testing.T, *authority, *probe.Options) (string, *atomic.Int64) {
	return func(t *testing.T, _ *authority, _ *probe.Options) (string, *atomic.Int64) {
		e := serveHTTP(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		return scheme + e.byName(), e.count
	}
}

func overTLS(scheme string, status int) func(*testing.T, *authority, *probe.Options) (string, *atomic.Int64) {
	return func(t *testing.T, root *authority, _ *probe.Options) (string, *atomic.Int64) {
		e := serveHTTPS(t, &tls.Config{Certificates: []tls.Certificate{root.issue()}}, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
		})
		return scheme + e.byName(), e.count
	}
}

const upgraded = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"

// webSocketServer turns to WebSocket and refuses anything else.
func webSocketServer(c net.Conn) {
	request, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return
	}
	if request.Header.Get("Upgrade") != "websocket" {
		_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
		return
	}
	_, _ = io.WriteString(c, upgraded)
	wait(c)
}

func greeting(text string) func(net.Conn) {
	return func(c net.Conn) {
		_, _ = io.WriteString(c, text)
		wait(c)
	}
}

var plaintextSetups = []setup{
	{name: "plain HTTP", speaks: "http", cause: "tls-to-plaintext-port", start: plainHTTP("", 200)},
	{name: "plain HTTP where https is meant", speaks: "http", cause: "tls-to-plaintext-port", also: []string{"url-scheme-mismatch"}, start: plainHTTP("https://", 200)},
	{name: "plain HTTP where http is meant", speaks: "http", cause: "tls-to-plaintext-port", fine: true, start: plainHTTP("http://", 200)},
	{name: "plain HTTP where wss is meant", speaks: "http", cause: "url-scheme-mismatch", also: []string{"tls-to-plaintext-port", "websocket-upgrade-failed"}, start: plainHTTP("wss://", 404)},
	{name: "plain WebSocket", speaks: "websocket", cause: "tls-to-plaintext-port", start: spoken(webSocketServer)},
	{name: "plain MQTT", speaks: "mqtt", cause: "tls-to-plaintext-port", start: spoken(mqttBroker)},
	{name: "plain MQTT where mqtts is meant", speaks: "mqtt", cause: "url-scheme-mismatch", also: []string{"tls-to-plaintext-port"}, start: func(t *testing.T, root *authority, o *probe.Options) (string, *atomic.Int64) {
		target, count := spoken(mqttBroker)(t, root, o)
		return "mqtts://" + target, count
	}},
	{name: "SSH", speaks: "ssh", cause: "wrong-port-or-service", also: []string{"tls-to-plaintext-port"}, start: spoken(greeting("SSH-2.0-OpenSSH_9.2p1\r\n"))},
	{name: "Redis", speaks: "redis", cause: "wrong-port-or-service", also: []string{"tls-to-plaintext-port"}, start: spoken(func(c net.Conn) {
		b := make([]byte, 64)
		if n, err := c.Read(b); err == nil && bytes.HasPrefix(b[:n], []byte("*1\r\n$4\r\nPING")) {
			_, _ = io.WriteString(c, "+PONG\r\n")
			wait(c)
		}
	})},
	{name: "VNC", speaks: "vnc", cause: "wrong-port-or-service", also: []string{"tls-to-plaintext-port"}, start: spoken(greeting("RFB 003.008\n"))},
	{name: "a client at the other end", speaks: "tls-client", cause: "wrong-port-or-service", start: spoken(func(c net.Conn) {
		_ = tls.Client(c, &tls.Config{InsecureSkipVerify: true}).Handshake()
	})},
	{name: "SMTP with STARTTLS", speaks: "smtp", cause: "starttls-or-preamble-missing", also: []string{"tls-to-plaintext-port"}, start: secured("", smtpServer)},
	{name: "SMTP with STARTTLS, as asked", speaks: "tls", start: secured("smtp://", smtpServer)},
	{name: "SMTP without STARTTLS", speaks: "smtp", cause: "tls-support-missing", also: []string{"tls-to-plaintext-port"}, start: spoken(talk("220 mail.example ESMTP\r\n", map[string]string{"EHLO": "250 mail.example\r\n"}, nil))},
	{name: "SMTP over TLS where STARTTLS is meant", speaks: "tls", cause: "starttls-or-preamble-missing", start: func(t *testing.T, root *authority, _ *probe.Options) (string, *atomic.Int64) {
		e := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{root.issue()}})
		return "smtp://" + e.byName(), e.count
	}},
	{name: "SMTP over TLS where --starttls is given", speaks: "tls", cause: "starttls-or-preamble-missing", start: func(t *testing.T, root *authority, o *probe.Options) (string, *atomic.Int64) {
		o.StartTLS = "smtp"
		e := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{root.issue()}})
		return e.byName(), e.count
	}},
	{name: "application broken", speaks: "tls", cause: "application-error", start: overTLS("https://", 500)},
	{name: "IMAP with STARTTLS", speaks: "imap", cause: "starttls-or-preamble-missing", also: []string{"tls-to-plaintext-port"}, start: secured("", func(config *tls.Config) func(net.Conn) {
		return talk("* OK IMAP4rev1 ready\r\n", map[string]string{"A1 STARTTLS": "a1 OK begin\r\nTLS", "\x16": "* BAD\r\n"}, config)
	})},
	{name: "POP3 with STLS", speaks: "pop3", cause: "starttls-or-preamble-missing", also: []string{"tls-to-plaintext-port"}, start: secured("", func(config *tls.Config) func(net.Conn) {
		return talk("+OK ready\r\n", map[string]string{"STLS": "+OK begin\r\nTLS"}, config)
	})},
	{name: "FTP with AUTH TLS", speaks: "ftp", cause: "starttls-or-preamble-missing", also: []string{"tls-to-plaintext-port"}, start: secured("", func(config *tls.Config) func(net.Conn) {
		return talk("220 (vsFTPd 3.0.5)\r\n", map[string]string{"AUTH TLS": "234 go\r\nTLS"}, config)
	})},
	{name: "MySQL with TLS", speaks: "mysql", cause: "starttls-or-preamble-missing", also: []string{"tls-to-plaintext-port"}, start: secured("", mysqlServer(0xffff))},
	{name: "MySQL without TLS", speaks: "mysql", cause: "tls-support-missing", also: []string{"tls-to-plaintext-port"}, start: secured("", mysqlServer(0xf7ff))},
	{name: "PostgreSQL with TLS", speaks: "postgres", cause: "starttls-or-preamble-missing", also: []string{"tls-to-plaintext-port"}, start: secured("", postgresServer('S'))},
	{name: "PostgreSQL with TLS, as asked", speaks: "tls", start: secured("postgres://", postgresServer('S'))},
	{name: "PostgreSQL without TLS, as asked", speaks: "postgres", cause: "tls-support-missing", start: secured("postgres://", postgresServer('N'))},
	{name: "LDAP with StartTLS, as asked", speaks: "tls", start: secured("ldap://", ldapServer)},
	{name: "XMPP with STARTTLS, as asked", speaks: "tls", start: secured("xmpp://", xmppServer)},
	{name: "TLS where http is meant", speaks: "tls", cause: "plaintext-to-tls-port", also: []string{"url-scheme-mismatch"}, start: overTLS("http://", 200)},
	{name: "TLS where ws is meant", speaks: "tls", cause: "plaintext-to-tls-port", also: []string{"url-scheme-mismatch", "websocket-upgrade-failed"}, start: overTLS("ws://", 200)},
	{name: "WebSocket upgrade refused", speaks: "tls", cause: "websocket-upgrade-failed", start: overTLS("wss://", 404)},
	{name: "upstream gone", speaks: "tls", cause: "upstream-unreachable", start: overTLS("https://", 502)},
	{name: "WebSocket over TLS", speaks: "tls", start: func(t *testing.T, root *authority, _ *probe.Options) (string, *atomic.Int64) {
		config := &tls.Config{Certificates: []tls.Certificate{root.issue()}}
		e := serve(t, func(c net.Conn) { webSocketServer(tls.Server(c, config)) })
		return "wss://" + e.byName() + "/", e.count
	}},
	{name: "plain WuKongIM", speaks: "wukongim", cause: "tls-to-plaintext-port", start: spoken(func(c net.Conn) {
		b := make([]byte, 20)
		if _, err := io.ReadFull(c, b); err == nil && b[0] == 0x10 && int(b[1]) == len(b)-2 {
			_, _ = c.Write(append([]byte{0x20, 13}, make([]byte, 13)...))
		}
	})},
	{name: "SMTP that says no more than its greeting", speaks: "smtp", cause: "starttls-or-preamble-missing", also: []string{"tls-to-plaintext-port"}, start: spoken(greeting("220 mail.example ESMTP\r\n"))},
	{name: "closes without SNI", speaks: "tls", cause: "sni-missing-or-unrecognized", start: func(t *testing.T, root *authority, _ *probe.Options) (string, *atomic.Int64) {
		config := &tls.Config{Certificates: []tls.Certificate{root.issue()}}
		e := serve(t, func(c net.Conn) {
			if hello := readHello(c); bytes.Contains(hello, []byte{0, 0, 9, 'l', 'o', 'c', 'a', 'l'}) {
				speakTLS(config)(replay(c, hello))
			}
		})
		return e.byIP(), e.count
	}},
	{name: "resets with SNI", speaks: "tls", cause: "sni-missing-or-unrecognized", start: func(t *testing.T, root *authority, _ *probe.Options) (string, *atomic.Int64) {
		config := &tls.Config{Certificates: []tls.Certificate{root.issue()}}
		e := serve(t, func(c net.Conn) {
			if hello := readHello(c); bytes.Contains(hello, []byte("localhost")) {
				resetting(c)
			} else {
				speakTLS(config)(replay(c, hello))
			}
		})
		return e.byName(), e.count
	}},
	{name: "leaf behind its issuer", speaks: "tls", cause: "incomplete-chain", start: served(func(_ *testing.T, root *authority) *tls.Config {
		pair := root.intermediate("Test Intermediate").issue()
		pair.Certificate[0], pair.Certificate[1] = pair.Certificate[1], pair.Certificate[0]
		return &tls.Config{Certificates: []tls.Certificate{pair}}
	})},
	{name: "MQTT over TLS", speaks: "tls", start: func(t *testing.T, root *authority, _ *probe.Options) (string, *atomic.Int64) {
		config := &tls.Config{Certificates: []tls.Certificate{root.issue()}}
		e := serve(t, func(c net.Conn) { mqttBroker(tls.Server(c, config)) })
		return "mqtts://" + e.byName(), e.count
	}},
	{name: "HTTP over TLS where mqtts is meant", speaks: "tls", cause: "wrong-port-or-service", start: overTLS("mqtts://", 200)},
	{name: "PROXY header expected", speaks: "tls", cause: "proxy-protocol-mismatch", start: secured("", func(config *tls.Config) func(net.Conn) { return behindProxy(speakTLS(config)) })},
	{name: "PROXY header of version 2 expected", speaks: "tls", cause: "proxy-protocol-mismatch", start: secured("", func(config *tls.Config) func(net.Conn) { return behindProxy2(speakTLS(config)) })},
	{name: "PROXY header expected before plain HTTP", speaks: "http", cause: "proxy-protocol-mismatch", also: []string{"tls-to-plaintext-port"}, start: spoken(behindProxy(func(c net.Conn) {
		answerHTTP(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	}))},
	{name: "binary answer", speaks: "unknown", cause: "tls-to-plaintext-port", start: spoken(greeting("\x01\x02\x03\x04\x05\x06\x07\x08"))},
}

var connectionSetups = []setup{
	{name: "nothing listens", speaks: "refused", cause: "connection-refused", start: func(t *testing.T, _ *authority, _ *probe.Options) (string, *atomic.Int64) {
		l, e := listenLoopback(t)
		_ = l.Close()
		return e.byIP(), e.count
	}},
	{name: "no such name", speaks: "unreachable", cause: "dns-failure", start: func(*testing.T, *authority, *probe.Options) (string, *atomic.Int64) {
		return "no-such-host.invalid:443", nil
	}},
	{name: "silence", speaks: "silent", cause: "handshake-timeout", start: spoken(wait)},
	{name: "close at once", speaks: "closed", cause: "peer-closed-in-handshake", start: spoken(hangUp)},
	{name: "close after the hello", speaks: "closed", cause: "peer-closed-in-handshake", start: spoken(func(c net.Conn) {
		readHello(c)
		hangUp(c)
	})},
	{name: "reset at once", speaks: "reset", cause: "peer-reset-in-handshake", start: spoken(resetting)},
	{name: "reset after the hello", speaks: "reset", cause: "peer-reset-in-handshake", start: spoken(func(c net.Conn) {
		_, _ = c.Read(make([]byte, 64))
		resetting(c)
	})},
	{name: "queue full", speaks: "unreachable", cause: "handshake-overload", start: func(t *testing.T, _ *authority, _ *probe.Options) (string, *atomic.Int64) {
		address := fullQueue(t)
		return address, nil
	}},
	{name: "nobody accepts", speaks: "silent", cause: "handshake-overload", start: func(t *testing.T, _ *authority, _ *probe.Options) (string, *atomic.Int64) {
		if runtime.GOOS != "linux" {
			t.Skip("only Linux tells how many connections wait")
		}
		_, e := listenLoopback(t)
		return e.byIP(), nil
	}},
}
