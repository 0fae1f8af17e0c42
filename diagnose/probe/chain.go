package probe

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/whytls/whytls/diagnose/certificate"
)

// examination is what there is to say about a chain as served, each fault by itself: an expired certificate must not hide
// that its name is wrong as well, as it does where one verification ends at the first fault.
type examination struct {
	chain  *Chain
	leaf   *x509.Certificate
	served []*x509.Certificate
	path   []*x509.Certificate // from the leaf up, out of what was served
	name   string              // that the leaf has to be good for

	malformed  string // why a certificate cannot be read
	expired    *x509.Certificate
	early      *x509.Certificate // not yet valid
	wrongName  string            // why the name does not match
	noNames    bool              // no SAN at all
	signature  string            // a signature that does not verify
	constraint string            // a CA that may not do what it did
	usage      string            // the leaf may not be a server's
	weak       string
	disorder   string
	behind     string // the leaf stands behind its issuer
	selfSigned bool   // the leaf
	ownRoot    bool   // a self-signed certificate above the leaf
	missing    string // the issuer that neither the server sent nor a store has
	missingIs  issuerKind
	staple     string // good, revoked, unknown, expired, invalid, none
	stapleWhy  string
	mustStaple bool
}

// issuerKind is what a missing issuer looks like.
type issuerKind int

const (
	someIssuer issuerKind = iota
	intermediateIssuer
	rootIssuer
)

// examine judges a chain by the time given, for a DNS name or an IP address.
func examine(raw [][]byte, staple []byte, name string, authorities []*x509.Certificate, now time.Time) *examination {
	if len(raw) == 0 {
		return nil
	}
	x := &examination{chain: &Chain{Certificates: []Certificate{}}, name: name}
	for i, der := range raw {
		c, err := x509.ParseCertificate(der)
		x.chain.Certificates = append(x.chain.Certificates, describe(der, c, err))
		if err != nil {
			if x.malformed == "" {
				x.malformed = fmt.Sprintf("certificate %d of the chain: %s", i+1, strings.TrimPrefix(err.Error(), "x509: "))
			}
			if i == 0 {
				return x
			}
			continue
		}
		x.served = append(x.served, c)
	}
	x.leaf = x.served[0]
	x.misplaced()
	x.climb()
	x.order()
	x.dates(now)
	x.names()
	x.trust(authorities, now)
	x.structure()
	x.strength()
	x.stapled(staple, now)
	x.chain.Problem = x.problem()
	return x
}

// misplaced finds a leaf that stands behind its issuer: clients take the first certificate for the server's, whose key then
// does not fit.
func (x *examination) misplaced() {
	if !x.leaf.IsCA {
		return
	}
	for i, c := range x.served {
		if !c.IsCA && bytes.Equal(c.RawIssuer, x.leaf.RawSubject) {
			x.behind = fmt.Sprintf("%s was sent at place %d, behind its issuer; clients take %s for the server's certificate", called(c), i+1, called(x.leaf))
			x.leaf = c
			x.served = append([]*x509.Certificate{c}, slices.Delete(slices.Clone(x.served), i, i+1)...)
			return
		}
	}
}

// climb builds the path from the leaf up with what was served, by names and signatures.
func (x *examination) climb() {
	x.path = []*x509.Certificate{x.leaf}
	for c := x.leaf; !bytes.Equal(c.RawSubject, c.RawIssuer) && len(x.path) <= len(x.served); {
		var next *x509.Certificate
		for _, parent := range x.served[1:] {
			if slices.Contains(x.path, parent) || !bytes.Equal(parent.RawSubject, c.RawIssuer) {
				continue
			}
			err := parent.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature)
			var insecure x509.InsecureAlgorithmError
			if err != nil && !errors.As(err, &insecure) && !errors.Is(err, x509.ErrUnsupportedAlgorithm) {
				x.signature = fmt.Sprintf("the signature of %s does not verify with the key of %s, which was sent as its issuer", called(c), called(parent))
				continue
			}
			next = parent
			break
		}
		if next == nil {
			break
		}
		x.signature = "" // another certificate of that name fits
		x.path, c = append(x.path, next), next
	}
	if bytes.Equal(x.leaf.RawSubject, x.leaf.RawIssuer) && !certificate.SelfSigned(x.leaf) {
		x.signature = called(x.leaf) + " names itself as issuer, and its signature does not verify with its own key"
	}
	x.selfSigned = certificate.SelfSigned(x.leaf)
	x.ownRoot = !x.selfSigned && certificate.SelfSigned(x.path[len(x.path)-1])
}

// order compares what was served with the path: each certificate must be certified by the next (RFC 5246, section
// 7.4.2; TLS 1.3 asks for it too and bids clients to be lenient, RFC 8446, section 4.4.2).
func (x *examination) order() {
	if x.chain.Ordered = x.behind == ""; !x.chain.Ordered {
		x.disorder = x.behind
		return
	}
	for i := 1; i < len(x.served); i++ {
		switch {
		case i < len(x.path) && x.served[i] == x.path[i]:
		case slices.ContainsFunc(x.path, func(c *x509.Certificate) bool { return c.Equal(x.served[i]) }):
			x.chain.Ordered = false
			x.disorder = fmt.Sprintf("%s was sent at place %d and does not sign the one before it", called(x.served[i]), i+1)
			return
		case x.disorder == "":
			x.disorder = fmt.Sprintf("%s was sent at place %d and belongs to no path from the leaf", called(x.served[i]), i+1)
		}
	}
}

// dates looks at the whole path.
func (x *examination) dates(now time.Time) {
	for _, c := range x.path {
		if now.After(c.NotAfter) && x.expired == nil {
			x.expired = c
		}
		if now.Before(c.NotBefore) && x.early == nil {
			x.early = c
		}
	}
}

// names checks the leaf against the name or address that was asked for (RFC 9525).
func (x *examination) names() {
	x.noNames = len(x.leaf.DNSNames)+len(x.leaf.IPAddresses)+len(x.leaf.EmailAddresses)+len(x.leaf.URIs) == 0
	name := x.name
	if a, err := netip.ParseAddr(name); err == nil {
		name = "[" + a.WithZone("").String() + "]"
	}
	if x.leaf.VerifyHostname(name) == nil {
		x.chain.NameMatches = true
		return
	}
	names := slices.Concat(x.leaf.DNSNames, addresses(x.leaf))
	shown := "no name at all"
	if len(names) > 0 {
		shown = clip(strings.Join(names[:min(len(names), 4)], ", "), 160)
		if len(names) > 4 {
			shown += fmt.Sprintf(" and %d more", len(names)-4)
		}
	} else if x.leaf.Subject.CommonName != "" {
		shown = "no name but the Common Name " + called(x.leaf)
	}
	x.wrongName = shown
}

// commonNameMatches reports whether a client that still reads the Common Name would be content.
func (x *examination) commonNameMatches() bool {
	cn := x.leaf.Subject.CommonName
	if strings.EqualFold(cn, x.name) {
		return true
	}
	if ip := net.ParseIP(cn); ip != nil {
		return ip.Equal(net.ParseIP(x.name))
	}
	parent, ok := strings.CutPrefix(cn, "*.")
	if !ok {
		return false
	}
	_, rest, found := strings.Cut(x.name, ".")
	return found && strings.EqualFold(rest, parent)
}

// structure checks what the certificates of the path are allowed to do, with the top of the path in the place of a root.
func (x *examination) structure() {
	if len(x.leaf.ExtKeyUsage)+len(x.leaf.UnknownExtKeyUsage) > 0 &&
		!slices.Contains(x.leaf.ExtKeyUsage, x509.ExtKeyUsageServerAuth) && !slices.Contains(x.leaf.ExtKeyUsage, x509.ExtKeyUsageAny) {
		x.usage = called(x.leaf) + " has an extended key usage without serverAuth"
	} else if _, isRSA := x.leaf.PublicKey.(*rsa.PublicKey); x.leaf.KeyUsage != 0 && x.leaf.KeyUsage&x509.KeyUsageDigitalSignature == 0 && !isRSA {
		x.usage = called(x.leaf) + " has a key usage without digitalSignature"
	} else if x.leaf.KeyUsage != 0 && x.leaf.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageKeyEncipherment|x509.KeyUsageKeyAgreement) == 0 {
		x.usage = called(x.leaf) + " has a key usage for neither signatures nor key exchange"
	}
	if len(x.path) < 2 {
		return
	}
	for i, c := range x.path[1:] {
		below := i // CAs between c and the leaf
		switch {
		case !c.IsCA && c.Version >= 3:
			x.constraint = called(c) + " signed another certificate and is no CA by its basic constraints"
		case c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageCertSign == 0:
			x.constraint = called(c) + " signed another certificate and its key usage lacks keyCertSign"
		case (c.MaxPathLen > 0 || c.MaxPathLenZero) && below > c.MaxPathLen:
			x.constraint = fmt.Sprintf("%s allows %d CAs below it and has %d", called(c), c.MaxPathLen, below)
		}
		if x.constraint != "" {
			return
		}
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for i, c := range x.path[1:] {
		if i == len(x.path)-2 {
			roots.AddCert(c)
		} else {
			between.AddCert(c)
		}
	}
	_, err := x.leaf.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: x.leaf.NotAfter.Add(-time.Second), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) {
		switch invalid.Reason {
		case x509.CANotAuthorizedForThisName, x509.CANotAuthorizedForExtKeyUsage, x509.NameConstraintsWithoutSANs,
			x509.UnconstrainedName, x509.TooManyConstraints:
			x.constraint = clip(strings.TrimPrefix(err.Error(), "x509: "), 160)
		}
	}
}

// strength finds keys and signatures that clients of today refuse: RSA below 2048 bits, MD5 and SHA-1 (OpenSSL's
// security level 2, Go, browsers). A signature on a root is nobody's concern.
func (x *examination) strength() {
	for _, c := range x.path {
		switch key := c.PublicKey.(type) {
		case *rsa.PublicKey:
			if n := key.N.BitLen(); n < certificate.SmallestRSA {
				x.weak = fmt.Sprintf("%s has an RSA key of %d bits", called(c), n)
			}
		case *ecdsa.PublicKey:
			if n := key.Curve.Params().BitSize; n < 256 {
				x.weak = fmt.Sprintf("%s has a key on a curve of %d bits", called(c), n)
			}
		default:
			if c.PublicKeyAlgorithm == x509.DSA {
				x.weak = called(c) + " has a DSA key"
			}
		}
		if certificate.SelfSigned(c) {
			continue
		}
		if certificate.WeakSignature(c) {
			x.weak = called(c) + " is signed with " + c.SignatureAlgorithm.String()
		}
	}
}

// problem is why a strict client would not take the chain, the worst first.
func (x *examination) problem() string {
	var parts []string
	add := func(holds bool, text string) {
		if holds {
			parts = append(parts, text)
		}
	}
	add(x.malformed != "", "cannot be read")
	add(x.signature != "", "bad signature")
	add(x.expired != nil, "expired")
	add(x.early != nil, "not yet valid")
	add(!x.chain.NameMatches, "wrong name")
	add(x.selfSigned && x.chain.Trusted == "", "self-signed")
	add(x.missing != "", "no path to a trusted root")
	add(x.ownRoot && x.chain.Trusted == "", "untrusted root")
	add(!x.chain.Ordered, "out of order")
	add(x.usage != "", "wrong key usage")
	add(x.constraint != "", "CA constraint violated")
	add(x.weak != "", "weak")
	add(x.staple == "revoked", "revoked")
	return strings.Join(parts, ", ")
}
