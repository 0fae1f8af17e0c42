package check

import (
	"crypto/x509"
	"errors"
	"strings"

	"software.sslmate.com/src/go-pkcs12"
)

var rulePKCS12 = newRule("pkcs12-damaged", "outage", "key-or-cert-format-invalid", "a PKCS#12 file is damaged")

// loadPKCS12 reads certificates and key of a PKCS#12 file with the password given, or with none.
func (r *run) loadPKCS12(c *certificateFile) {
	key, leaf, issuers, err := decodePKCS12(c.d.data, r.options.Password)
	if errors.Is(err, pkcs12.ErrIncorrectPassword) && r.options.Password != "" {
		key, leaf, issuers, err = decodePKCS12(c.d.data, "")
	}
	at := c.d.at(0, "")
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword):
		r.notChecked(at, "the PKCS#12 file has another password (--pkcs12-password-file)")
		c.keys = append(c.keys, privateKey{at: at})
	case err != nil:
		if list, other := pkcs12.DecodeTrustStore(c.d.data, r.options.Password); other == nil {
			for _, x := range list {
				r.addCertificate(c, x.Raw, at)
			}
			return
		}
		c.damaged = true
		if strings.HasPrefix(err.Error(), "x509: ") {
			r.report(ruleCertificate, "", at, "a certificate in the PKCS#12 file cannot be parsed: "+plain(err), "libraries refuse the file, or clients the certificate", copyAgain)
			return
		}
		r.report(rulePKCS12, "", at, "the PKCS#12 file cannot be read: "+show(err.Error()), "no program can take key and certificate from it",
			"export it again: openssl pkcs12 -export -in fullchain.pem -inkey key.pem -out FILE")
	default:
		for _, x := range append([]*x509.Certificate{leaf}, issuers...) {
			r.addCertificate(c, x.Raw, at)
		}
		c.keys = append(c.keys, privateKey{public: publicOf(key), at: at})
	}
}

// decodePKCS12 is DecodeChain whose panics on hostile input are errors.
func decodePKCS12(data []byte, password string) (key any, leaf *x509.Certificate, issuers []*x509.Certificate, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.New("it is damaged")
		}
	}()
	return pkcs12.DecodeChain(data, password)
}
