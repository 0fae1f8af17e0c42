package probe

import (
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"slices"
	"time"

	"github.com/whytls/whytls/diagnose/certificate"
)

// describe renders a certificate.
func describe(der []byte, c *x509.Certificate, err error) Certificate {
	sum := sha256.Sum256(der)
	if err != nil {
		return Certificate{SHA256: hex.EncodeToString(sum[:]), Error: clip(err.Error(), 200)}
	}
	d := Certificate{
		Subject: distinguished(c.Subject), Issuer: distinguished(c.Issuer), Serial: hex.EncodeToString(c.SerialNumber.Bytes()),
		NotBefore: c.NotBefore.UTC().Format(time.RFC3339), NotAfter: c.NotAfter.UTC().Format(time.RFC3339),
		Key: certificate.Key(c), Signature: c.SignatureAlgorithm.String(), CA: c.IsCA, SelfSigned: certificate.SelfSigned(c), SHA256: hex.EncodeToString(sum[:]),
	}
	for _, n := range slices.Concat(c.DNSNames, addresses(c), c.EmailAddresses) {
		if len(d.Names) == maxNames {
			d.Names = append(d.Names, "…")
			break
		}
		d.Names = append(d.Names, clip(n, 253))
	}
	return d
}

// maxNames bounds the names shown of one certificate.
const maxNames = 100

func addresses(c *x509.Certificate) []string {
	var list []string
	for _, a := range c.IPAddresses {
		list = append(list, a.String())
	}
	return list
}

// distinguished renders a name of a certificate; what stands in it is the server's text.
func distinguished(n pkix.Name) string { return clip(n.String(), 300) }

// distinguishedDER renders a name in DER.
func distinguishedDER(raw []byte) string {
	var sequence pkix.RDNSequence
	if rest, err := asn1.Unmarshal(raw, &sequence); err != nil || len(rest) > 0 {
		return "a name that cannot be read"
	}
	return clip(sequence.String(), 300)
}

// called is a certificate's name for a person.
func called(c *x509.Certificate) string {
	if c.Subject.CommonName != "" {
		return "“" + clip(c.Subject.CommonName, 80) + "”"
	}
	if len(c.DNSNames) > 0 {
		return "“" + clip(c.DNSNames[0], 80) + "”"
	}
	return "“" + clip(c.Subject.String(), 80) + "”"
}
