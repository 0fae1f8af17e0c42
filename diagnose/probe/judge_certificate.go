package probe

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/whytls/whytls/diagnose/probe/hello"
)

// ofChain makes a rule that needs a certificate to speak.
func ofChain(id string, ask func(*facts, *examination) opinion) rule {
	return rule{id: id, ask: func(f *facts) opinion {
		if f.x == nil || f.x.leaf == nil {
			return opinion{}
		}
		return ask(f, f.x)
	}}
}

// hereOfChain makes one whose answer depends on the stores of this machine.
func hereOfChain(id string, ask func(*facts, *examination) opinion) rule {
	r := ofChain(id, ask)
	r.here = true
	return r
}

// skewLimit is from where on a difference of clocks is worth a word: certificates are issued some minutes into the past.
const skewLimit = 2 * time.Minute

// certificateRules speak on the chain as served.
var certificateRules = []rule{
	{id: "server-cert-missing", ask: func(f *facts) opinion {
		switch name := f.unauthenticated(); {
		case strings.Contains(name, "_anon_"):
			return yes("the server has no certificate: it chooses %s when everything is offered", name)
		case f.x != nil:
			return no("the server sends a certificate")
		case f.tls && f.alerted(alertHandshakeFailure, alertInternalError, alertName):
			return perhaps("every hello gets %s, as where a server has no usable certificate", f.today.refusedBy())
		}
		return opinion{}
	}},
	{id: "cert-malformed", ask: func(f *facts) opinion {
		switch {
		case f.x != nil && f.x.malformed != "":
			return yes("%s", f.x.malformed)
		case f.today.malformed() != "":
			return yes("the server's certificate cannot be read: %s", clip(f.today.malformed(), 120))
		case f.x != nil:
			return no("every certificate of the chain can be read")
		}
		return opinion{}
	}},
	{id: "cert-key-mismatch", ask: func(f *facts) opinion {
		for _, h := range []*handshake{f.today, f.liberal, f.small} {
			if h.badSignature() && f.x != nil && f.x.behind != "" {
				return perhaps("the server's handshake signature does not verify with the first certificate, which is not the server's")
			}
			if h.badSignature() {
				return yes("the server's handshake signature does not verify with the key of its certificate: certificate and private key do not belong together")
			}
		}
		if f.good {
			return no("the server proved that it holds the key of its certificate")
		}
		return opinion{}
	}},
	ofChain("clock-skew", func(f *facts, x *examination) opinion {
		if f.clock == nil {
			if x.early != nil || x.expired != nil {
				return perhaps("the server sends no Date to compare clocks by; here it is %s", f.options.Now.UTC().Format(time.RFC3339))
			}
			return opinion{}
		}
		if d := *f.clock; d.Abs() > skewLimit {
			return yes("the server's clock is %s %s ours by its Date header", d.Abs(), map[bool]string{true: "ahead of", false: "behind"}[d > 0])
		}
		return no("the server's clock agrees with ours to %s", max(f.clock.Abs(), time.Second))
	}),
	ofChain("cert-expired", func(f *facts, x *examination) opinion {
		if x.expired != nil {
			return yes("%s expired on %s, %s ago", called(x.expired), x.expired.NotAfter.UTC().Format(time.RFC3339), span(f.options.Now.Sub(x.expired.NotAfter)))
		}
		return no("the chain is valid until %s, for %s", soonest(x).UTC().Format(time.RFC3339), span(soonest(x).Sub(f.options.Now)))
	}),
	ofChain("stale-certificate", func(f *facts, x *examination) opinion {
		other := f.otherCertificate()
		if other != nil && (x.expired != nil || f.options.Now.After(other.NotAfter)) {
			return yes("connections by the same name get different certificates, valid until %s and until %s: one node was not renewed or not reloaded",
				x.leaf.NotAfter.UTC().Format(time.DateOnly), other.NotAfter.UTC().Format(time.DateOnly))
		}
		if other != nil {
			return perhaps("connections by the same name get certificates of %s and of %s",
				x.leaf.NotBefore.UTC().Format(time.DateOnly), other.NotBefore.UTC().Format(time.DateOnly))
		}
		if x.expired != nil {
			return perhaps("an expired certificate is served; where the file holds a newer one, the server has not loaded it")
		}
		return no("every connection gets the same certificate, and it is in force")
	}),
	ofChain("cert-not-yet-valid", func(f *facts, x *examination) opinion {
		if x.early != nil {
			return yes("%s is valid only from %s, in %s", called(x.early), x.early.NotBefore.UTC().Format(time.RFC3339), span(x.early.NotBefore.Sub(f.options.Now)))
		}
		return no("the chain is valid since %s", x.leaf.NotBefore.UTC().Format(time.RFC3339))
	}),
	ofChain("legacy-common-name", func(f *facts, x *examination) opinion {
		switch {
		case x.noNames:
			return yes("the certificate has no subject alternative name, only the Common Name %s", called(x.leaf))
		}
		return no("the certificate has subject alternative names")
	}),
	ofChain("ip-san-missing", func(f *facts, x *examination) opinion {
		_, isIP := f.target.IP()
		switch {
		case !isIP || f.options.ServerName != "":
			return opinion{}
		case !x.chain.NameMatches && !(x.noNames && x.commonNameMatches()):
			return yes("%s was dialled, and the certificate is for %s; --servername NAME probes as clients do that dial a name", x.name, x.wrongName)
		case !x.chain.NameMatches:
			return yes("%s stands in the Common Name only, which clients do not read", x.name)
		}
		return no("the certificate names the address %s", x.name)
	}),
	ofChain("hostname-mismatch", func(f *facts, x *examination) opinion {
		_, isIP := f.target.IP()
		switch {
		case isIP && f.options.ServerName == "":
			return opinion{}
		case x.chain.NameMatches:
			return no("the certificate is good for %s", x.name)
		case x.noNames && x.commonNameMatches():
			return opinion{} // the Common Name would do: see legacy-common-name
		}
		return yes("%s was asked for, and the certificate is for %s", x.name, x.wrongName)
	}),
	ofChain("cert-signature-invalid", func(_ *facts, x *examination) opinion {
		switch {
		case x.signature != "":
			return yes("%s", x.signature)
		case len(x.path) > 1 || x.selfSigned:
			return no("the signatures of the chain verify")
		}
		return opinion{}
	}),
	hereOfChain("self-signed-cert", func(_ *facts, x *examination) opinion {
		switch {
		case x.selfSigned && x.chain.Trusted == "":
			return yes("the certificate %s is signed by itself and in no store here", called(x.leaf))
		case x.ownRoot && x.chain.Trusted == "":
			return yes("the chain ends in %s, which is signed by itself and in no store here", called(x.path[len(x.path)-1]))
		case x.selfSigned:
			return no("the certificate is signed by itself, and %s", trustWords(x))
		}
		return no("the certificate was signed by %s", x.chain.Certificates[0].Issuer)
	}),
	ofChain("incomplete-chain", func(_ *facts, x *examination) opinion {
		switch {
		case x.missing != "" && x.missingIs == intermediateIssuer:
			return yes("the server sends %s and not the certificate of its issuer %s, which is an intermediate by its looks", count(len(x.served), "certificate"), x.missing)
		case x.behind != "":
			return yes("the chain is out of order: %s", x.disorder)
		case !x.chain.Ordered:
			return yes("the chain is out of order: %s", x.disorder).by("clients that do not sort it")
		case x.missing != "" && x.signature == "" && x.missingIs == someIssuer && len(x.path) == 1:
			return perhaps("the server sends %s and not the issuer %s: an intermediate is missing, or the issuer is a root that this machine does not know; --ca FILE with the root decides",
				count(len(x.served), "certificate"), x.missing)
		}
		return no("the chain as served is complete")
	}),
	hereOfChain("unknown-ca", func(_ *facts, x *examination) opinion {
		switch {
		case x.chain.Trusted != "":
			return no("%s", trustWords(x))
		case x.selfSigned:
			return opinion{} // there is no CA
		case x.ownRoot:
			return yes("the chain leads to %s, which is in no store here; --ca FILE tries another", called(x.path[len(x.path)-1]))
		case x.signature != "":
			return opinion{}
		case x.missing != "" && x.missingIs == intermediateIssuer:
			return perhaps("the issuer %s is in no store here; whether its root is, nobody can tell while it is missing", x.missing)
		case x.missing != "":
			return yes("the issuer %s is in no store here; --ca FILE tries another", x.missing)
		}
		return opinion{}
	}),
	hereOfChain("trust-store-missing", func(_ *facts, x *examination) opinion {
		if system, err := x509.SystemCertPool(); x.chain.Trusted == "" && (err != nil || system.Equal(x509.NewCertPool())) {
			return perhaps("this machine has no store of CAs, so the probe trusts nothing but --ca; the clients' machines may have one")
		}
		return opinion{}
	}),
	ofChain("wrong-key-usage", func(_ *facts, x *examination) opinion {
		if x.usage != "" {
			return yes("%s: it is not for servers", x.usage)
		}
		return no("the certificate may be a server's")
	}),
	ofChain("ca-constraint-violation", func(_ *facts, x *examination) opinion {
		switch {
		case x.constraint != "":
			return yes("%s", x.constraint)
		case len(x.path) > 1:
			return no("every CA of the chain may do what it did")
		}
		return opinion{}
	}),
	ofChain("weak-signature-or-key", func(f *facts, x *examination) opinion {
		if x.weak != "" {
			return yes("%s", x.weak)
		}
		if a := f.chosen(); a != nil && a.PrimeBits > 0 && a.PrimeBits < 2048 {
			return yes("the server's Diffie-Hellman group has %d bits", a.PrimeBits)
		}
		return no("keys and signatures are as strong as clients of today demand: %s, %s", x.chain.Certificates[0].Key, x.chain.Certificates[0].Signature)
	}),
	ofChain("cert-revoked", func(_ *facts, x *examination) opinion {
		switch x.staple {
		case "revoked":
			return yes("the OCSP response that the server sends along says revoked, %s", x.stapleWhy)
		case "good":
			return no("the OCSP response that the server sends along says good")
		}
		return perhaps("the server sends no OCSP response along, and the probe asks nobody else")
	}),
	ofChain("revocation-status-unavailable", func(_ *facts, x *examination) opinion {
		switch {
		case x.staple == "expired" || x.staple == "invalid":
			return yes("the OCSP response that the server sends along is %s: %s", x.staple, x.stapleWhy)
		case x.staple == "none" && x.mustStaple:
			return yes("the certificate demands an OCSP response in the handshake (RFC 7633), and the server sends none")
		case x.staple == "good" || x.staple == "revoked":
			return no("the server sends an OCSP response along")
		}
		return opinion{}
	}),
}

// trustWords says which store trusts the chain.
func trustWords(x *examination) string {
	if x.chain.Trusted == "ca" {
		return "the file of --ca trusts it"
	}
	return "the system store trusts it"
}

// soonest is when the first certificate of the path ends.
func soonest(x *examination) time.Time {
	end := x.leaf.NotAfter
	for _, c := range x.path {
		if c.NotAfter.Before(end) {
			end = c.NotAfter
		}
	}
	return end
}

// span writes a length of time in its largest useful unit.
func span(d time.Duration) string {
	switch {
	case d < 2*time.Hour:
		return d.Round(time.Minute).String()
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// otherCertificate returns a leaf for the same names that another connection got, with a key of the same kind and another
// end; nil where all got the same. Two kinds of keys side by side are ordinary.
func (f *facts) otherCertificate() *x509.Certificate {
	var others [][]byte
	for _, h := range []*handshake{f.unoffered, f.uncertified, f.liberal, f.small} {
		if h != nil && len(h.served) > 0 {
			others = append(others, h.served[0])
		}
	}
	for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS11, tls.VersionTLS10, hello.SSL30} {
		if a := f.versions[v]; a != nil && a.answer != nil && len(a.answer.Certificates) > 0 {
			others = append(others, a.answer.Certificates[0])
		}
	}
	if f.bare != nil && len(f.bare.served) > 0 {
		others = append(others, f.bare.served[0])
	}
	for _, der := range others {
		c, err := x509.ParseCertificate(der)
		if err != nil || c.Equal(f.x.leaf) || c.PublicKeyAlgorithm != f.x.leaf.PublicKeyAlgorithm {
			continue
		}
		if !c.NotAfter.Equal(f.x.leaf.NotAfter) && slices.Equal(c.DNSNames, f.x.leaf.DNSNames) {
			return c
		}
	}
	return nil
}

// namelessLeaf is the leaf that a client gets without SNI.
func (f *facts) namelessLeaf() *x509.Certificate {
	c, err := x509.ParseCertificate(f.namelessly().served[0])
	if err != nil {
		return &x509.Certificate{}
	}
	return c
}
