package probe_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// authority is a CA made for a test.
type authority struct {
	t           *testing.T
	certificate *x509.Certificate
	key         crypto.Signer
	// above are the certificates between this CA and the root, its own first; none for a root.
	above []*x509.Certificate
}

func newKey(t *testing.T) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newRSAKey(t *testing.T, bits int) crypto.Signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// template is a certificate in force; what a test needs otherwise it changes.
func template(name string, ca bool) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 100))
	if err != nil {
		panic(err)
	}
	c := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(90 * 24 * time.Hour),
		BasicConstraintsValid: true, IsCA: ca, KeyUsage: x509.KeyUsageDigitalSignature,
	}
	if ca {
		c.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	} else {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
		c.DNSNames, c.IPAddresses = []string{"localhost"}, []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	}
	return c
}

func sign(t *testing.T, c, parent *x509.Certificate, public crypto.PublicKey, signer crypto.Signer) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, c, parent, public, signer)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func newRoot(t *testing.T, name string) *authority {
	t.Helper()
	key := newKey(t)
	c := template(name, true)
	return &authority{t: t, certificate: sign(t, c, c, key.Public(), key), key: key}
}

// intermediate makes a CA below.
func (a *authority) intermediate(name string, change ...func(*x509.Certificate)) *authority {
	key := newKey(a.t)
	c := template(name, true)
	for _, f := range change {
		f(c)
	}
	signed := sign(a.t, c, a.certificate, key.Public(), a.key)
	return &authority{t: a.t, certificate: signed, key: key, above: append([]*x509.Certificate{signed}, a.above...)}
}

// issue makes a leaf with its chain up to below the root.
func (a *authority) issue(change ...func(*x509.Certificate)) tls.Certificate {
	return a.issueFor(newKey(a.t), change...)
}

func (a *authority) issueFor(key crypto.Signer, change ...func(*x509.Certificate)) tls.Certificate {
	c := template("localhost", false)
	for _, f := range change {
		f(c)
	}
	leaf := sign(a.t, c, a.certificate, key.Public(), a.key)
	pair := tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key}
	for _, c := range a.above {
		pair.Certificate = append(pair.Certificate, c.Raw)
	}
	return pair
}

// selfSigned makes a certificate that nobody else signed.
func selfSignedPair(t *testing.T, change ...func(*x509.Certificate)) tls.Certificate {
	t.Helper()
	key := newKey(t)
	c := template("localhost", false)
	for _, f := range change {
		f(c)
	}
	return tls.Certificate{Certificate: [][]byte{sign(t, c, c, key.Public(), key).Raw}, PrivateKey: key}
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

// writePEM writes certificates and a key where programs can read them, and returns the names of both files.
func writePEM(t *testing.T, pair tls.Certificate) (certificates, key string) {
	t.Helper()
	folder := t.TempDir()
	var all []byte
	for _, der := range pair.Certificate {
		all = append(all, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	certificates, key = filepath.Join(folder, "chain.pem"), filepath.Join(folder, "key.pem")
	write := func(name string, data []byte) {
		if err := os.WriteFile(name, data, 0o644); err != nil { // brokers drop their rights before they read
			t.Fatal(err)
		}
	}
	write(certificates, all)
	write(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	return certificates, key
}
