package probe

import (
	"bytes"
	"crypto/x509"
	"slices"
	"strings"
	"time"
)

// clientCertificateRules speak on the certificate that the server wants of its clients.
var clientCertificateRules = []rule{
	{id: "missing-client-cert", ask: func(f *facts) opinion {
		switch {
		case f.needed && f.options.Certificate != nil:
			o := yes("the server demands a client certificate%s", f.namedAuthorities()).by("clients without one")
			if taken, known := f.takesClient(); known && !taken {
				return o // the one of --cert did not help
			}
			return o.onlyElsewhere()
		case f.needed:
			return yes("the server demands a client certificate%s; without one a client gets %s", f.namedAuthorities(), f.withoutCertificate())
		case f.wanted && f.good:
			return no("the server asks for a client certificate and goes on without one")
		case f.good:
			return no("the server asks for no client certificate")
		}
		return opinion{}
	}},
	{id: "bad-client-cert", ask: func(f *facts) opinion {
		if f.options.Certificate == nil {
			if f.wanted {
				return perhaps("the server asks for client certificates; --cert and --key try one")
			}
			if f.good {
				return no("the server asks for no client certificate")
			}
			return opinion{}
		}
		taken, known := f.takesClient()
		fault := f.clientFault()
		switch {
		case known && !taken && fault != "":
			return yes("the server answers the certificate of --cert with %s: %s", f.today.refusedBy(), fault)
		case known && !taken:
			return yes("the server answers the certificate of --cert with %s", f.today.refusedBy())
		case known && taken && fault != "":
			return no("the server takes the certificate of --cert, although %s", fault)
		case known && taken:
			return no("the server takes the certificate of --cert")
		case f.good:
			return no("the server asks for no client certificate")
		}
		return opinion{}
	}},
	{id: "client-ca-misconfigured", ask: func(f *facts) opinion {
		taken, known := f.takesClient()
		switch {
		case known && !taken && f.clientFault() == "":
			return perhaps("the certificate of --cert has no fault that can be seen here; whether the server knows its CA, the server's list tells%s", f.namedAuthorities())
		case known && taken:
			return no("the server takes the certificate of --cert")
		case f.good && !f.wanted:
			return no("the server asks for no client certificate")
		}
		return opinion{}
	}},
}

// maxAuthorities bounds the names of CAs that are shown.
const maxAuthorities = 8

// authorityNames are the CAs whose certificates the server says that it takes.
func (f *facts) authorityNames() []string {
	var list []string
	for _, raw := range f.names {
		if len(list) == maxAuthorities {
			list = append(list, "…")
			break
		}
		list = append(list, distinguishedDER(raw))
	}
	return list
}

func (f *facts) namedAuthorities() string {
	if names := f.authorityNames(); len(names) > 0 {
		return ", of " + strings.Join(names, " or ")
	}
	return ""
}

// withoutCertificate says how the server refused a client without a certificate.
func (f *facts) withoutCertificate() string {
	for _, h := range []*handshake{f.today, f.uncertified, f.liberal, f.bare} {
		if h == nil || h.client.certificate != nil {
			continue
		}
		if words := h.refusedBy(); words != "" {
			return words
		}
		if h.inside.came() {
			return "“" + escape(h.inside.received, shownBytes) + "”"
		}
	}
	return "refused"
}

// clientFault is what can be seen on the certificate of --cert itself, "" for nothing.
func (f *facts) clientFault() string {
	if f.options.Certificate == nil || len(f.options.Certificate.Certificate) == 0 {
		return ""
	}
	leaf, err := x509.ParseCertificate(f.options.Certificate.Certificate[0])
	now := f.options.Now
	switch {
	case err != nil:
		return "it cannot be read: " + clip(err.Error(), 120)
	case now.After(leaf.NotAfter):
		return "it expired on " + leaf.NotAfter.UTC().Format(time.RFC3339)
	case now.Before(leaf.NotBefore):
		return "it is valid only from " + leaf.NotBefore.UTC().Format(time.RFC3339)
	case len(leaf.ExtKeyUsage) > 0 && !slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageClientAuth) && !slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageAny):
		return "its extended key usage lacks clientAuth"
	case len(f.names) > 0 && !f.namesIssuerOf(leaf):
		return "its issuer " + distinguished(leaf.Issuer) + " is none of the CAs that the server names" + strings.TrimPrefix(f.namedAuthorities(), ",")
	}
	return ""
}

// namesIssuerOf reports whether the server's list has an issuer of the certificate or of those that come with it.
func (f *facts) namesIssuerOf(leaf *x509.Certificate) bool {
	issuers := [][]byte{leaf.RawIssuer}
	for _, der := range f.options.Certificate.Certificate[1:] {
		if c, err := x509.ParseCertificate(der); err == nil {
			issuers = append(issuers, c.RawIssuer)
		}
	}
	return slices.ContainsFunc(f.names, func(name []byte) bool {
		return slices.ContainsFunc(issuers, func(issuer []byte) bool { return bytes.Equal(name, issuer) })
	})
}
