package check

import (
	"bytes"
	"crypto/x509"
	"errors"
	"regexp"
	"slices"
)

var (
	ruleOrder      = newRule("chain-order", "degraded", "incomplete-chain", "the certificates of a chain are not in order")
	ruleIncomplete = newRule("chain-incomplete", "outage", "incomplete-chain", "a chain lacks an intermediate certificate")
	ruleUnrelated  = newRule("chain-unrelated", "watch", "incomplete-chain", "a chain holds a certificate that does not belong to it")
	ruleSignature  = newRule("chain-signature", "outage", "cert-signature-invalid", "a certificate is not signed by the one that follows")
	ruleConstraint = newRule("chain-issuer-is-no-ca", "outage", "ca-constraint-violation", "a certificate is issued by one that may not issue any")
)

func selfSigned(x *x509.Certificate) bool { return bytes.Equal(x.RawSubject, x.RawIssuer) }

// judgeOrder follows a chain from its first certificate: each must be issued by the next one (RFC 5246, section 7.4.2;
// TLS 1.3 is lenient about the order, many libraries are not).
func (r *run) judgeOrder(c *certificateFile) {
	list := c.certificates
	if r.misplacedLeaf(c) {
		return
	}
	last := 0
	used := map[int]bool{0: true}
	for !selfSigned(list[last]) {
		next := issuerIn(list, last, used)
		if next < 0 {
			break
		}
		if next != last+1 {
			r.report(ruleOrder, c.system(), c.places[next], "the issuer of "+subject(list[last])+" does not follow it, but stands elsewhere in the file",
				"some clients cannot build the chain: unable to get local issuer certificate", "put the server's certificate first, then each issuer after what it issued")
			return
		}
		r.judgeIssuer(c, last, next, len(used)-1)
		used[next], last = true, next
	}
	for i := range list {
		if !used[i] {
			r.report(ruleUnrelated, c.system(), c.places[i], subject(list[i])+" does not belong to the chain of "+subject(list[0]),
				"it is sent in every handshake for nothing; often the intermediate of an earlier issuance, while the right one is missing", "take it away, or put the right intermediate in its place")
			break
		}
	}
	if c.roles[roleServer] || !c.roles[roleClient] && serverLike(list[0]) && !r.completedElsewhere(c) {
		r.judgeComplete(c, last)
	}
}

// completedElsewhere reports whether a certificate that no configuration names stands in another file with its chain, as
// certbot's cert.pem does in fullchain.pem.
func (r *run) completedElsewhere(c *certificateFile) bool {
	for _, other := range r.chains {
		if other != c && len(other.certificates) > len(c.certificates) && other.certificates[0].Equal(c.certificates[0]) {
			return true
		}
	}
	return false
}

// misplacedLeaf reports a file whose first certificate is a CA's while the server's own comes later.
func (r *run) misplacedLeaf(c *certificateFile) bool {
	if !c.certificates[0].IsCA {
		return false
	}
	i := slices.IndexFunc(c.certificates, func(x *x509.Certificate) bool { return !x.IsCA })
	if i < 0 {
		return false
	}
	r.report(ruleOrder, c.system(), c.places[i], "the server's own certificate is number "+string(rune('0'+min(i+1, 9)))+" of the file, after that of a CA",
		"libraries take the first certificate for the server's: private key does not match, or clients refuse it", "put the server's certificate first, then each issuer after what it issued")
	return true
}

// issuerIn returns the index of the certificate that issued number i, -1 when the file does not have it. The next one is
// preferred.
func issuerIn(list []*x509.Certificate, i int, used map[int]bool) int {
	if i+1 < len(list) && bytes.Equal(list[i+1].RawSubject, list[i].RawIssuer) {
		return i + 1
	}
	for j, x := range list {
		if !used[j] && bytes.Equal(x.RawSubject, list[i].RawIssuer) {
			return j
		}
	}
	return -1
}

// judgeIssuer checks that certificate j may issue i and did so.
func (r *run) judgeIssuer(c *certificateFile, i, j, below int) {
	x, issuer := c.certificates[i], c.certificates[j]
	const fix = "use the chain that was issued together with the certificate"
	switch {
	case !issuer.IsCA || issuer.KeyUsage != 0 && issuer.KeyUsage&x509.KeyUsageCertSign == 0:
		r.report(ruleConstraint, c.system(), c.places[j], subject(issuer)+" issued "+subject(x)+", but is no CA (basicConstraints, keyCertSign)",
			"clients refuse the chain: parent is not a CA", fix)
	case issuer.MaxPathLen >= 0 && (issuer.MaxPathLen > 0 || issuer.MaxPathLenZero) && below > issuer.MaxPathLen:
		r.report(ruleConstraint, c.system(), c.places[j], subject(issuer)+" may not have that many CAs below it (pathLenConstraint)", "clients refuse the chain: path length constraint exceeded", fix)
	case !signedBy(x, issuer):
		r.report(ruleSignature, c.system(), c.places[i], subject(x)+" is not signed by "+subject(issuer)+", although the names fit",
			"clients refuse the chain: certificate signature failure. The CA was made anew under its old name", fix)
	}
}

// signedBy reports whether the issuer's key made the signature; algorithms that Go refuses to check count as good.
func signedBy(x, issuer *x509.Certificate) bool {
	err := issuer.CheckSignature(x.SignatureAlgorithm, x.RawTBSCertificate, x.Signature)
	if err == nil {
		return true
	}
	var insecure x509.InsecureAlgorithmError
	return errors.As(err, &insecure) || err == x509.ErrUnsupportedAlgorithm
}

// intermediateName recognises issuers that are no roots by what they are called.
var intermediateName = regexp.MustCompile(`(?i)\bintermediate\b|\bissuing\b|\bsub[- ]?ca\b|^[RE][0-9]{1,2}$|\bDV TLS\b|\bTLS (RSA|ECC)\b.*\bCA\b|\bDV\b.*\bCA\b|\bEncryption Everywhere\b`)

// judgeComplete checks that the chain reaches a root. That a root itself is missing is right. An issuer that is not at hand
// counts as missing only when it is an intermediate for certain: it is among the files given, or the certificate says
// where to fetch it, or its name says what it is.
func (r *run) judgeComplete(c *certificateFile, last int) {
	x := c.certificates[last]
	if selfSigned(x) {
		return
	}
	issuer := r.issuerElsewhere(x)
	switch {
	case issuer != nil && selfSigned(issuer):
		return
	case issuer == nil && (r.trustedRoot(x) || len(x.IssuingCertificateURL) == 0 && !intermediateName.MatchString(x.Issuer.CommonName)):
		return
	}
	r.report(ruleIncomplete, c.system(), c.places[last], "the intermediate certificate "+show("CN="+x.Issuer.CommonName)+", which issued it, is missing",
		"browsers often help themselves, programs do not: unable to get local issuer certificate, unable to verify the first certificate",
		"append the intermediate certificate to the file (the CA's fullchain)")
}

// issuerElsewhere looks for the issuer in the other files.
func (r *run) issuerElsewhere(x *x509.Certificate) *x509.Certificate {
	if r.subjects == nil {
		r.subjects = map[string][]*x509.Certificate{}
		for _, id := range sortedKeys(r.chains) {
			for _, candidate := range r.chains[id].certificates {
				if candidate.IsCA {
					r.subjects[string(candidate.RawSubject)] = append(r.subjects[string(candidate.RawSubject)], candidate)
				}
			}
		}
	}
	var found *x509.Certificate
	for i, candidate := range r.subjects[string(x.RawIssuer)] {
		if i == mostIssuers || !signedBy(x, candidate) {
			continue
		}
		if selfSigned(candidate) {
			return candidate
		}
		found = candidate
	}
	return found
}

// mostIssuers bounds how many certificates of one name are tried.
const mostIssuers = 100

// trustedRoot reports whether the system's roots hold the issuer of x. It only ever keeps a finding back.
func (r *run) trustedRoot(x *x509.Certificate) bool {
	if r.roots == nil {
		r.roots = map[string]bool{}
		if pool, err := x509.SystemCertPool(); err == nil {
			//lint:ignore SA1019 where the pool is the platform's own the list is empty, which keeps a finding back only where it can
			for _, subject := range pool.Subjects() {
				r.roots[string(subject)] = true
			}
		}
	}
	return r.roots[string(x.RawIssuer)]
}
