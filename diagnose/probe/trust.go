package probe

import (
	"crypto/x509"
	"regexp"
	"slices"
	"time"
)

// trust looks for a root in the store of the system and among the authorities given. Dates are told elsewhere, so a time
// at which the leaf is valid counts too.
func (x *examination) trust(authorities []*x509.Certificate, now time.Time) {
	served := x509.NewCertPool()
	for _, c := range x.served[1:] {
		served.AddCert(c)
	}
	times := []time.Time{now, x.leaf.NotAfter.Add(-time.Second), x.leaf.NotBefore.Add(time.Second)}
	trusts := func(roots *x509.CertPool) bool {
		return slices.ContainsFunc(times, func(t time.Time) bool {
			_, err := x.leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: served, CurrentTime: t, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
			return err == nil
		})
	}
	if len(authorities) > 0 {
		roots := x509.NewCertPool()
		for _, c := range authorities {
			roots.AddCert(c)
		}
		if trusts(roots) {
			x.chain.Trusted = "ca"
		}
	}
	if system, err := x509.SystemCertPool(); err == nil && x.chain.Trusted == "" && trusts(system) {
		x.chain.Trusted = "system"
	}
	top := x.path[len(x.path)-1]
	x.chain.Complete = x.chain.Trusted != "" || x.ownRoot || x.selfSigned
	if !x.chain.Complete {
		x.missing, x.missingIs = distinguished(top.Issuer), kindOfIssuer(top, authorities)
	}
}

var (
	intermediateWords = regexp.MustCompile(`(?i)intermediate|issuing|subordinate|\bsub[ -]?ca\b|\bint(er)?\b|\bICA\b|\bsigning\b|server ca|\btls\b.*\bca\b|\b[REGY]{1,2}[0-9]{1,2}$`)
	rootWords         = regexp.MustCompile(`(?i)\broot\b|rootca`)
)

// kindOfIssuer guesses from what a certificate tells about its issuer whether that is a root, which servers leave out
// rightly, or an intermediate, which they must send. A URL of the issuer's certificate (RFC 5280, section 4.2.2.1) is what
// public CAs put in for clients that miss an intermediate.
func kindOfIssuer(c *x509.Certificate, authorities []*x509.Certificate) issuerKind {
	name := c.Issuer.CommonName
	switch {
	case rootWords.MatchString(name):
		return rootIssuer
	case intermediateWords.MatchString(name), !c.IsCA && len(c.IssuingCertificateURL) > 0:
		return intermediateIssuer
	}
	// The organisation of a given root is its intermediate's too, as a rule.
	for _, a := range authorities {
		if len(a.Subject.Organization) > 0 && slices.Equal(a.Subject.Organization, c.Issuer.Organization) {
			return intermediateIssuer
		}
	}
	return someIssuer
}
