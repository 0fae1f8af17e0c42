// Package certificate holds what explain, probe and check say alike of an X.509 certificate: whether it is its own
// issuer, what its key is called, and which keys and signatures today's libraries refuse.
package certificate

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
)

// SmallestRSA is the number of bits that OpenSSL's security level 2, Go and the browsers ask of an RSA key.
const SmallestRSA = 2048

// SelfSigned reports whether a certificate is signed by its own key, or says so where that cannot be checked because the
// algorithm is too old.
func SelfSigned(c *x509.Certificate) bool {
	if !bytes.Equal(c.RawSubject, c.RawIssuer) {
		return false
	}
	err := c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature)
	var insecure x509.InsecureAlgorithmError
	return err == nil || errors.As(err, &insecure) || errors.Is(err, x509.ErrUnsupportedAlgorithm)
}

// WeakSignature reports whether verifiers refuse the algorithm that a certificate is signed with. It does not matter for one
// that is trusted itself: nobody checks that signature.
func WeakSignature(c *x509.Certificate) bool {
	switch c.SignatureAlgorithm {
	case x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.DSAWithSHA1, x509.ECDSAWithSHA1:
		return true
	}
	return false
}

// Key is what the key of a certificate is called: "RSA 2048", "ECDSA P-256", "Ed25519"; "unknown" for an
// algorithm that Go does not know.
func Key(c *x509.Certificate) string {
	switch key := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", key.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + key.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	if c.PublicKeyAlgorithm == x509.UnknownPublicKeyAlgorithm {
		return "unknown"
	}
	return c.PublicKeyAlgorithm.String()
}
