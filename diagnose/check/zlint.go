package check

import (
	"crypto/x509"

	zcrypto "github.com/zmap/zcrypto/x509"
	"github.com/zmap/zlint/v3/lint"
	_ "github.com/zmap/zlint/v3/lints/rfc" // registers the lints of the RFCs
)

// Note is what a linter of certificates says. It breaks nothing by itself, and is no finding.
type Note struct {
	Place
	// Lint is the name of the rule in zlint, Says what it is about, with the section that asks for it.
	Lint   string `json:"lint"`
	Says   string `json:"says"`
	Source string `json:"source"`
}

// profiles are the sources of zlint's rules that hold for all certificates. Those of the CA/Browser Forum, Mozilla and Apple
// are for public CAs only, and would cry about every private one.
var profiles = []lint.LintSource{lint.RFC3279, lint.RFC5280, lint.RFC5480, lint.RFC5891, lint.RFC8813}

// mostLinted bounds the certificates of one run that are linted: a bundle of public roots says nothing about this deployment.
const mostLinted = 200

// lintCertificate adds what zlint says about a certificate.
func (r *run) lintCertificate(c *certificateFile, i int, x *x509.Certificate) {
	if r.linted++; r.linted > mostLinted {
		return
	}
	parsed, err := parseForLint(x.Raw)
	if err != nil {
		return // what cannot be parsed was said by the parser of the programs themselves
	}
	for _, source := range profiles {
		for _, l := range lint.GlobalRegistry().CertificateLints().BySource(source) {
			if result := l.Execute(parsed, lint.NewEmptyConfig()); result.Status == lint.Error || result.Status == lint.Warn {
				r.result.Notes = append(r.result.Notes, Note{c.places[i], l.Name, l.Description, l.Citation})
			}
		}
	}
}

// parseForLint is ParseCertificate whose panics on hostile input are errors.
func parseForLint(der []byte) (parsed *zcrypto.Certificate, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errUnknownKey
		}
	}()
	return zcrypto.ParseCertificate(der)
}
