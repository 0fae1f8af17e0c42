package check

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/whytls/whytls/diagnose/certificate"
)

var (
	ruleExpired = newRule("certificate-expired", "outage", "cert-expired", "a certificate has expired")
	ruleExpires = newRule("certificate-expires-soon", "watch", "cert-expired", "a certificate expires soon")
	ruleNotYet  = newRule("certificate-not-yet-valid", "outage", "cert-not-yet-valid", "a certificate is not valid yet")
	ruleNoNames = newRule("certificate-without-names", "outage", "legacy-common-name", "a server's certificate has no subject alternative names")
	ruleNames   = newRule("certificate-does-not-cover-name", "outage", "hostname-mismatch", "a certificate is not issued to the name that clients use")
	ruleUsage   = newRule("certificate-wrong-usage", "outage", "wrong-key-usage", "a certificate may not be used for what it is used for")
	ruleWeak    = newRule("certificate-weak", "outage", "weak-signature-or-key", "a key or signature is too weak for today's libraries")
)

// coversName checks that a chain is issued to a name that clients use.
func (r *run) coversName(chain *certificateFile, host string, s setting, system string) {
	if chain == nil || len(chain.certificates) == 0 || host == "" {
		return
	}
	a := address{host: host}
	leaf := chain.certificates[0]
	if a.isIP() || leaf.VerifyHostname(host) == nil || len(leaf.DNSNames)+len(leaf.IPAddresses) == 0 {
		return // without any names it is another rule's
	}
	names := leaf.DNSNames
	for _, ip := range leaf.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) > 4 {
		names = append(slices.Clone(names[:4]), "…")
	}
	r.report(ruleNames, system, s.at, "the certificate "+show(filepath.Base(chain.d.path))+" is issued to "+show(strings.Join(names, ", "))+", not to "+show(host),
		"clients refuse it: bad certificate, hostname mismatch", "use a certificate that names "+show(host)+", or the name that it has")
}

// judgeCertificates runs the rules over all certificate files.
func (r *run) judgeCertificates() {
	r.pairByName()
	r.pairAlone()
	for _, id := range sortedKeys(r.chains) {
		r.judgeChain(r.chains[id])
	}
}

func (r *run) judgeChain(c *certificateFile) {
	if c.judged {
		return
	}
	c.judged = true
	r.judgeKeys(c)
	if len(c.certificates) == 0 {
		return
	}
	leaf := c.certificates[0]
	switch {
	case c.roles[roleCA] && !c.roles[roleServer] && !c.roles[roleClient]:
		r.judgeBundle(c)
		return
	case c.roles[roleServer], c.roles[roleClient]:
	case c.isBundle():
		r.judgeBundle(c)
		return
	}
	r.judgeOrder(c)
	for i, x := range c.certificates {
		r.judgeDates(c, i, x)
		r.judgeStrength(c, i, x)
		r.lintCertificate(c, i, x)
	}
	if !leaf.IsCA || c.roles[roleServer] || c.roles[roleClient] {
		r.judgeUsage(c, leaf)
	}
}

// isBundle tells a file of CAs from a chain: all are CAs, or several stand for themselves.
func (c *certificateFile) isBundle() bool {
	roots := 0
	for _, x := range c.certificates {
		if selfSigned(x) {
			roots++
		}
	}
	return roots > 1 || !slices.ContainsFunc(c.certificates, func(x *x509.Certificate) bool { return !x.IsCA })
}

func (r *run) judgeDates(c *certificateFile, i int, x *x509.Certificate) {
	now, at := r.options.Now, c.places[i]
	what := "the certificate"
	if i > 0 {
		what = "the issuing certificate " + subject(x)
	}
	switch left := x.NotAfter.Sub(now); {
	case now.After(x.NotAfter):
		r.report(ruleExpired, c.system(), at, what+" expired on "+day(x.NotAfter), "clients refuse every handshake: certificate has expired",
			"renew it, deploy it with its chain, and restart or reload the program that serves it")
	case now.Before(x.NotBefore):
		r.report(ruleNotYet, c.system(), at, what+" is valid from "+day(x.NotBefore)+" only", "clients refuse every handshake: certificate is not yet valid",
			"wait, correct the clock of the machine that issued it, or issue it again")
	case left < r.warning(x):
		r.report(ruleExpires, c.system(), at, what+" expires on "+day(x.NotAfter)+", in "+fmt.Sprint(int(left.Hours()/24))+" days",
			"from then on clients refuse every handshake", "renew it now, and see why its renewal did not run")
	}
}

// warning is how long before its end a certificate is reported: as long as the user says, else 30 days or, for those with
// short lives, a sixth of their life.
func (r *run) warning(x *x509.Certificate) time.Duration {
	if r.options.ExpiresWithin > 0 {
		return r.options.ExpiresWithin
	}
	return min(30*24*time.Hour, x.NotAfter.Sub(x.NotBefore)/6)
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

func (r *run) judgeStrength(c *certificateFile, i int, x *x509.Certificate) {
	const consequence = "today's libraries refuse it (ee key too small, ca md too weak, insecure algorithm)"
	const fix = "issue it anew with RSA 2048 or ECDSA P-256 and SHA-256"
	if k, ok := x.PublicKey.(*rsa.PublicKey); ok && k.N.BitLen() < certificate.SmallestRSA {
		r.report(ruleWeak, c.system(), c.places[i], fmt.Sprintf("the RSA key has %d bits", k.N.BitLen()), consequence, fix)
	} else if k, ok := x.PublicKey.(*ecdsa.PublicKey); ok && k.Curve.Params().BitSize < 224 {
		r.report(ruleWeak, c.system(), c.places[i], fmt.Sprintf("the key is on a curve of %d bits", k.Curve.Params().BitSize), consequence, fix)
	}
	if selfSigned(x) {
		return // nobody checks the signature of what is trusted itself
	}
	if certificate.WeakSignature(x) {
		r.report(ruleWeak, c.system(), c.places[i], "the signature is "+x.SignatureAlgorithm.String(), consequence, fix)
	}
}

// judgeUsage checks what the first certificate may be used for.
func (r *run) judgeUsage(c *certificateFile, leaf *x509.Certificate) {
	at := c.places[0]
	if c.roles[roleServer] || c.roles[roleUnknown] || !c.roles[roleClient] && serverLike(leaf) {
		if len(leaf.DNSNames)+len(leaf.IPAddresses)+len(leaf.URIs) == 0 && allows(leaf, x509.ExtKeyUsageServerAuth) && (c.roles[roleServer] || looksLikeHost(leaf.Subject.CommonName)) {
			r.report(ruleNoNames, c.system(), at, "the certificate has no subject alternative names, only the common name "+show(leaf.Subject.CommonName),
				"today's clients do not look at the common name: certificate relies on legacy Common Name field", "issue it anew with subjectAltName=DNS:"+show(leaf.Subject.CommonName))
		}
	}
	const fix = "issue it anew with digitalSignature and the extended usage serverAuth (clientAuth for clients)"
	switch {
	case c.roles[roleServer] && !allows(leaf, x509.ExtKeyUsageServerAuth):
		r.report(ruleUsage, c.system(), at, "the certificate is not for servers: its extended key usage lacks serverAuth", "clients refuse it: unsuitable certificate purpose", fix)
	case c.roles[roleClient] && !allows(leaf, x509.ExtKeyUsageClientAuth):
		r.report(ruleUsage, c.system(), at, "the certificate is not for clients: its extended key usage lacks clientAuth", "the server refuses it: unsuitable certificate purpose, certificate specifies an incompatible key usage", fix)
	case leaf.IsCA && !selfSigned(leaf):
		r.report(ruleUsage, c.system(), at, "the first certificate is that of a CA, not of a server", "clients refuse it: a CA's certificate is used as an end entity", "put the server's own certificate first")
	case (c.roles[roleServer] || c.roles[roleClient] || len(leaf.DNSNames)+len(leaf.IPAddresses) > 0) && leaf.KeyUsage != 0 && leaf.KeyUsage&x509.KeyUsageDigitalSignature == 0 && !leaf.IsCA:
		r.report(ruleUsage, c.system(), at, "the key usage lacks digitalSignature, which TLS 1.3 and every ECDHE suite need", "clients refuse it: key usage violation", fix)
	}
}

// serverLike reports whether a certificate without a role is one for servers.
func serverLike(x *x509.Certificate) bool {
	return len(x.ExtKeyUsage) == 0 && len(x.UnknownExtKeyUsage) == 0 || slices.Contains(x.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
}

func allows(x *x509.Certificate, usage x509.ExtKeyUsage) bool {
	if len(x.ExtKeyUsage) == 0 && len(x.UnknownExtKeyUsage) == 0 {
		return true
	}
	return slices.Contains(x.ExtKeyUsage, usage) || slices.Contains(x.ExtKeyUsage, x509.ExtKeyUsageAny)
}

func looksLikeHost(name string) bool {
	return strings.Contains(name, ".") && !strings.ContainsAny(name, " @/")
}
