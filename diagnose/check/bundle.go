package check

import (
	"crypto/x509"
)

var (
	ruleBundleExpired = newRule("ca-expired", "watch", "cert-expired", "a certificate of a CA has expired")
	ruleBundleLeaf    = newRule("ca-file-holds-no-ca", "outage", "client-ca-misconfigured", "a file of trusted CAs holds a certificate that is no CA's")
	ruleBundleUsage   = newRule("ca-may-not-sign", "outage", "ca-constraint-violation", "the certificate of a CA lacks the usage keyCertSign")
)

// judgeBundle checks a file of CAs.
func (r *run) judgeBundle(c *certificateFile) {
	valid := 0
	for i, x := range c.certificates {
		at := c.places[i]
		switch {
		case r.options.Now.After(x.NotAfter):
			rule, consequence := ruleBundleExpired, "whoever still has certificates of this CA is refused"
			if len(c.certificates) == 1 {
				rule, consequence = ruleExpired, "everything that this CA issued is refused: certificate has expired"
			}
			r.report(rule, c.system(), at, "the CA's certificate "+subject(x)+" expired on "+day(x.NotAfter), consequence, "take it away, or put its successor in its place")
			continue
		case r.options.Now.Before(x.NotBefore):
			r.report(ruleNotYet, c.system(), at, "the CA's certificate "+subject(x)+" is valid from "+day(x.NotBefore)+" only", "everything that it issued is refused until then", "correct the clock of the machine that issued it")
			continue
		case x.NotAfter.Sub(r.options.Now) < r.warning(x):
			r.report(ruleExpires, c.system(), at, "the CA's certificate "+subject(x)+" expires on "+day(x.NotAfter), "from then on everything that it issued is refused", "roll out its successor now")
		}
		valid++
		switch {
		case c.roles[roleCA] && !x.IsCA && !selfSigned(x):
			r.report(ruleBundleLeaf, c.system(), at, subject(x)+" is no CA's certificate, but that of a server or client",
				"the certificates of clients or servers are not accepted: unknown CA", "name the file of the CA that issued the certificates of the other side")
		case x.IsCA && x.KeyUsage != 0 && x.KeyUsage&x509.KeyUsageCertSign == 0:
			r.report(ruleBundleUsage, c.system(), at, subject(x)+" is a CA's certificate without the usage keyCertSign", "everything that it issued is refused: invalid CA certificate", "issue it anew with keyCertSign")
		}
		r.judgeStrength(c, i, x)
	}
}
