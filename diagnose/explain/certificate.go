package explain

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"time"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/diagnose/certificate"
)

// maxCertificates bounds a pasted bundle.
const maxCertificates = 20

// certificates reads the PEM blocks in a text and returns the text with blank lines in their place, so that the lines
// behind them keep their numbers and no key is shown.
func (x *explainer) certificates(text string) string {
	const begin = "-----BEGIN "
	var out strings.Builder
	var chain []*x509.Certificate
	for {
		at := strings.Index(text, begin)
		if at < 0 {
			break
		}
		line := int64(strings.Count(out.String(), "\n")+strings.Count(text[:at], "\n")) + 1
		block, rest := pem.Decode([]byte(text[at:]))
		end := len(text) - len(rest)
		if block == nil {
			end = brokenEnd(text, at)
			x.broken(line, text[at:end])
		} else if c := x.block(line, block); c != nil && len(chain) < maxCertificates {
			chain = append(chain, c)
		}
		out.WriteString(text[:at])
		out.WriteString(strings.Repeat("\n", strings.Count(text[at:end], "\n")))
		text = text[end:]
	}
	out.WriteString(text)
	x.chain(chain)
	return out.String()
}

// brokenEnd is where a block that cannot be read ends: behind its end line, or with the text.
func brokenEnd(text string, at int) int {
	end := strings.Index(text[at:], "-----END ")
	if end < 0 {
		return len(text)
	}
	end += at
	if n := strings.IndexByte(text[end:], '\n'); n >= 0 {
		return end + n
	}
	return len(text)
}

func (x *explainer) broken(line int64, block string) {
	x.readings = append(x.readings, Reading{
		Text: header(block), Line: line, What: "PEM block that cannot be read",
		Says: "the block is damaged or cut off: its base64 does not decode, or its END line is missing",
	})
	if !strings.Contains(header(block), "PRIVATE") {
		x.state(line, "tls: failed to parse certificate: x509: malformed certificate")
	}
}

func header(block string) string {
	first, _, _ := strings.Cut(block, "\n")
	return diagnose.Redacted(strings.TrimSpace(first))
}

// state adds what a verifier would say of something that was pasted.
func (x *explainer) state(line int64, text string) {
	x.words = append(x.words, translation{line: line, text: text})
}

// block reads one PEM block and returns it when it is a certificate.
func (x *explainer) block(line int64, block *pem.Block) *x509.Certificate {
	r := Reading{Text: "-----BEGIN " + diagnose.Redacted(block.Type) + "-----", Line: line, What: "PEM " + strings.ToLower(diagnose.Redacted(block.Type))}
	switch {
	case strings.Contains(block.Type, "PRIVATE KEY"):
		r.Says = "a private key: it is not looked at; whoever pasted it somewhere should replace it"
	case block.Type != "CERTIFICATE" && block.Type != "TRUSTED CERTIFICATE" && block.Type != "X509 CERTIFICATE":
		r.Says = "no certificate"
	default:
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			r.Says = "a certificate that cannot be parsed: " + diagnose.Redacted(err.Error())
			x.state(line, "tls: failed to parse certificate: x509: malformed certificate")
			break
		}
		r.What, r.Name, r.Source = "X.509 certificate", c.Subject.String(), "RFC 5280"
		r.Says, r.Proves = x.certificate(line, c)
		x.readings = append(x.readings, r)
		return c
	}
	x.readings = append(x.readings, r)
	return nil
}

// certificate tells what stands in a certificate and states what a verifier would refuse in it.
func (x *explainer) certificate(line int64, c *x509.Certificate) (says string, facts []string) {
	now := x.options.Now
	facts = append(facts,
		"issued by "+c.Issuer.String(),
		fmt.Sprintf("valid from %s to %s", c.NotBefore.UTC().Format(time.DateTime), c.NotAfter.UTC().Format(time.DateTime+" MST")),
		"for "+namesOf(c), "key "+certificate.Key(c)+", signature "+c.SignatureAlgorithm.String())
	self := certificate.SelfSigned(c)
	switch {
	case now.After(c.NotAfter):
		says = fmt.Sprintf("it expired %s ago", span(now.Sub(c.NotAfter)))
		x.state(line, "X.509 verify code 10")
	case now.Before(c.NotBefore):
		says = fmt.Sprintf("it is not valid before %s from now", span(c.NotBefore.Sub(now)))
		x.state(line, "X.509 verify code 9")
	default:
		says = fmt.Sprintf("it is valid for another %s", span(c.NotAfter.Sub(now)))
	}
	if certificate.WeakSignature(c) && !self {
		x.state(line, "x509: cannot verify signature: insecure algorithm "+c.SignatureAlgorithm.String())
	}
	if k, ok := c.PublicKey.(*rsa.PublicKey); ok && k.N.BitLen() < certificate.SmallestRSA {
		facts = append(facts, "an RSA key below 2048 bits is refused by current libraries")
		x.state(line, "X.509 verify code 66")
	}
	switch {
	case c.IsCA && self:
		facts = append(facts, "it is a root: its own issuer; a verifier must have it already")
	case c.IsCA:
		facts = append(facts, "it is a CA below another one")
	case self:
		facts = append(facts, "it is self-signed: nobody trusts it unless it is installed there")
		x.state(line, "X.509 verify code 18")
	}
	if !c.IsCA && len(c.DNSNames)+len(c.IPAddresses)+len(c.URIs)+len(c.EmailAddresses) == 0 {
		facts = append(facts, "it has no subjectAltName: current libraries ignore the common name (RFC 9525 section 6.3)")
		x.state(line, "x509: certificate relies on legacy Common Name field, use SANs instead")
	}
	return says, facts
}

// chain says whether several certificates are in the order in which a server must send them.
func (x *explainer) chain(chain []*x509.Certificate) {
	if len(chain) < 2 {
		return
	}
	r := Reading{Text: fmt.Sprintf("%d certificates", len(chain)), Line: 1, What: "chain", Source: "RFC 8446 section 4.4.2", Says: "each certificate is signed by the next one"}
	for i := 0; i+1 < len(chain); i++ {
		if !bytes.Equal(chain[i].RawIssuer, chain[i+1].RawSubject) || chain[i].CheckSignatureFrom(chain[i+1]) != nil {
			r.Says = fmt.Sprintf("certificate %d is not signed by certificate %d: the order is wrong, one is missing, or they do not belong together", i+1, i+2)
			x.state(1, "X.509 verify code 21")
			break
		}
	}
	x.readings = append(x.readings, r)
}

// maxNames is how many names of a certificate are told.
const maxNames = 8

func namesOf(c *x509.Certificate) string {
	names := append([]string(nil), c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return "no names"
	}
	if len(names) > maxNames {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxNames], ", "), len(names)-maxNames)
	}
	return strings.Join(names, ", ")
}

// span is a length of time in the unit in which a person thinks of it.
func span(d time.Duration) string {
	switch day := 24 * time.Hour; {
	case d >= 2*day:
		return fmt.Sprintf("%d days", d/day)
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", d/time.Hour)
	}
	return fmt.Sprintf("%d minutes", d/time.Minute)
}
