package check

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// role is what a certificate file is for.
type role string

const (
	roleUnknown role = ""
	roleServer  role = "server" // a chain that a server shows
	roleClient  role = "client" // a chain that a client shows
	roleCA      role = "ca"     // certificates that are trusted
	roleKey     role = "key"
)

// certificateFile is what a file holds of certificates and keys.
type certificateFile struct {
	d            *document
	kind         string
	certificates []*x509.Certificate
	places       []Place // of the certificates
	keys         []privateKey
	others       []pemBlock
	damaged      bool // and that was said
	roles        map[role]bool
	systems      map[role]string
	password     bool // a configuration gives a password with the key
	judged       bool
}

// privateKey is a key of which only the public half is kept.
type privateKey struct {
	public    crypto.PublicKey // nil when encrypted or of a kind that Go does not know
	encrypted bool
	at        Place
}

var (
	ruleCertificate = newRule("certificate-malformed", "outage", "cert-malformed", "a certificate cannot be parsed")
	ruleKey         = newRule("key-malformed", "outage", "key-or-cert-format-invalid", "a private key cannot be parsed")
	ruleExpired     = newRule("certificate-expired", "outage", "cert-expired", "a certificate has expired")
	ruleExpires     = newRule("certificate-expires-soon", "watch", "cert-expired", "a certificate expires soon")
	ruleNotYet      = newRule("certificate-not-yet-valid", "outage", "cert-not-yet-valid", "a certificate is not valid yet")
	ruleNoNames     = newRule("certificate-without-names", "outage", "legacy-common-name", "a server's certificate has no subject alternative names")
	ruleNames       = newRule("certificate-does-not-cover-name", "outage", "hostname-mismatch", "a certificate is not issued to the name that clients use")
	ruleUsage       = newRule("certificate-wrong-usage", "outage", "wrong-key-usage", "a certificate may not be used for what it is used for")
	ruleWeak        = newRule("certificate-weak", "outage", "weak-signature-or-key", "a key or signature is too weak for today's libraries")
	ruleMismatch    = newRule("key-does-not-match", "outage", "cert-key-mismatch", "certificate and key do not belong together")
	ruleEncrypted   = newRule("key-encrypted", "outage", "encrypted-private-key", "a private key is encrypted and nobody gives the password")
	ruleReadable    = newRule("key-readable-by-all", "watch", "", "a private key may be read or written by everybody")
	ruleWrongThing  = newRule("certificate-file-holds-something-else", "outage", "key-or-cert-format-invalid", "a file does not hold what it is named for")
	ruleNotPEM      = newRule("certificate-not-pem", "outage", "key-or-cert-format-invalid", "a file is DER where the program reads PEM only")
	ruleFileMissing = newRule("file-missing", "outage", "config-file-unreadable", "a file that a configuration names does not exist")
)

// id tells documents apart, those inside of manifests too.
func (d *document) id() string {
	if d.name == d.path {
		return absolute(d.path)
	}
	return d.name + "\x00" + d.path
}

// loaded returns what was read of a document, reading it when needed.
func (r *run) loaded(d *document) *certificateFile {
	if c := r.chains[d.id()]; c != nil {
		return c
	}
	kind := certificateKind(strings.ToLower(filepath.Base(d.path)), strings.ToLower(filepath.Ext(d.path)), d.data, true)
	if kind == "" {
		kind = kindPEM
	}
	r.loadCertificates(d, kind)
	return r.chains[d.id()]
}

// loadCertificates reads certificates and keys. What is damaged is reported here; what is wrong in what can be read, later.
func (r *run) loadCertificates(d *document, kind string) {
	if r.chains[d.id()] != nil {
		return
	}
	c := &certificateFile{d: d, kind: kind, roles: map[role]bool{}, systems: map[role]string{}}
	r.chains[d.id()] = c
	switch kind {
	case kindPKCS12:
		r.loadPKCS12(c)
	case kindDER:
		r.loadDER(c)
	default:
		r.loadPEM(c)
	}
}

func (r *run) loadPEM(c *certificateFile) {
	before := len(r.result.Findings)
	blocks := r.parsePEM(c.d)
	c.damaged = slices.ContainsFunc(r.result.Findings[before:], func(f Finding) bool { return f.Rule == rulePEM.id })
	for _, b := range blocks {
		switch {
		case b.label == "CERTIFICATE" || b.label == "X509 CERTIFICATE" || b.label == "TRUSTED CERTIFICATE":
			r.addCertificate(c, b.data, b.at)
		case strings.HasSuffix(b.label, "PRIVATE KEY"):
			r.addKey(c, b)
		default:
			c.others = append(c.others, b)
		}
	}
	if len(blocks) == 0 && !c.damaged {
		c.damaged = true
		r.report(rulePEMNone, "", c.d.at(0, string(firstLine(c.d.data[:min(len(c.d.data), 200)]))), noPEM(c.d.data),
			"the program does not find a certificate or key in it: no start line, failed to find any PEM data", "put the PEM file here; DER is converted by openssl x509 -inform der")
	}
}

// noPEM says what a file without PEM is.
func noPEM(data []byte) string {
	switch text := strings.TrimSpace(string(data[:min(len(data), 512)])); {
	case text == "":
		return "the file is empty"
	case strings.HasPrefix(text, "<"):
		return "the file is a web page or XML, not PEM: a download went wrong"
	case strings.HasPrefix(text, "MII"):
		return "the file is base64 without the lines BEGIN and END"
	}
	return "the file holds no block -----BEGIN …-----"
}

func (r *run) loadDER(c *certificateFile) {
	if list, err := x509.ParseCertificates(c.d.data); err == nil {
		for _, x := range list {
			c.certificates = append(c.certificates, x)
			c.places = append(c.places, c.d.at(0, subject(x)))
		}
		return
	}
	if key, err := parseKey(c.d.data); err == nil {
		c.keys = append(c.keys, privateKey{public: publicOf(key), at: c.d.at(0, "")})
		return
	}
	_, err := x509.ParseCertificate(c.d.data)
	c.damaged = true
	r.report(ruleCertificate, "", c.d.at(0, ""), "the file is neither a certificate nor a key in DER: "+plain(err),
		"no program can read it", copyAgain)
}

func (r *run) addCertificate(c *certificateFile, data []byte, at Place) {
	x, err := x509.ParseCertificate(data)
	if err != nil {
		c.damaged = true
		r.report(ruleCertificate, "", at, "the certificate cannot be parsed: "+plain(err), "libraries refuse the file, or clients the certificate", copyAgain)
		return
	}
	at.Text = subject(x)
	c.certificates = append(c.certificates, x)
	c.places = append(c.places, at)
}

func (r *run) addKey(c *certificateFile, b pemBlock) {
	key := privateKey{at: b.at, encrypted: b.encrypted || b.label == "ENCRYPTED PRIVATE KEY"}
	if b.label == "OPENSSH PRIVATE KEY" {
		c.others = append(c.others, b)
		return
	}
	if !key.encrypted {
		parsed, err := parseKey(b.data)
		switch {
		case err == nil:
			key.public = publicOf(parsed)
		case errors.Is(err, errUnknownKey):
		default:
			c.damaged = true
			r.report(ruleKey, "", b.at, "the private key cannot be parsed", "the program does not start, or has no key for its listener", copyAgain)
			return
		}
	}
	c.keys = append(c.keys, key)
}

var errUnknownKey = errors.New("a kind of key that crypto/x509 does not know")

// parseKey reads a private key in any of its encodings.
func parseKey(der []byte) (any, error) {
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err == nil {
		return key, nil
	}
	if strings.Contains(err.Error(), "unknown") || strings.Contains(err.Error(), "unsupported") {
		err = errUnknownKey
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	if key, other := x509.ParseECPrivateKey(der); other == nil {
		return key, nil
	} else if strings.Contains(other.Error(), "unknown") {
		err = errUnknownKey
	}
	return nil, err
}

func publicOf(key any) crypto.PublicKey {
	if k, ok := key.(crypto.Signer); ok {
		return k.Public()
	}
	return nil
}

// plain is the error of a library without its prefix.
func plain(err error) string {
	if err == nil {
		return ""
	}
	return show(strings.TrimPrefix(err.Error(), "x509: "))
}

// subject names a certificate for a person.
func subject(x *x509.Certificate) string {
	name := x.Subject.CommonName
	if name == "" && len(x.DNSNames) > 0 {
		name = x.DNSNames[0]
	}
	if name == "" {
		name = x.Subject.String()
	}
	return show("CN=" + name)
}

// namedFile is a certificate file that a configuration names.
type namedFile struct {
	d           *document // the configuration
	container   *container
	mounted     []*document
	environment bool // the path is one inside of a container, or relative to who knows what
	setting     setting
	system      string
	role        role
	password    bool // a password is given with the key
}

// resolve finds the file that a setting names, nil when it is not here.
func (r *run) resolve(d *document, box *container, mounted []*document, environment bool, s setting) *certificateFile {
	if !s.known() || quoted(s.value) {
		return nil
	}
	for _, path := range candidates(d, box, environment, s.value) {
		if doc := r.open(path); doc != nil {
			return r.loaded(doc)
		}
	}
	for _, m := range mounted {
		if filepath.Base(m.path) == filepath.Base(s.value) {
			return r.loaded(m)
		}
	}
	return nil
}

// candidates are the paths of the host where a named file may be.
func candidates(d *document, box *container, environment bool, name string) (list []string) {
	if host := box.host(name); host != "" {
		return []string{host}
	}
	if box != nil {
		return nil
	}
	if filepath.IsAbs(name) {
		return []string{name}
	}
	list = append(list, d.beside(name))
	if !environment {
		list = append(list, filepath.Join(filepath.Dir(d.path), "..", name))
	}
	return list
}

// namedCertificate finds a file that a configuration names and notes what it is for. A file that should be here and is not
// is a finding; one that is elsewhere (in a container, on another machine) is listed as not checked.
func (r *run) namedCertificate(n namedFile) *certificateFile {
	s := n.setting
	if !s.known() || quoted(s.value) {
		return nil
	}
	c := r.resolve(n.d, n.container, n.mounted, n.environment, s)
	if c == nil {
		if r.shouldBeHere(n) {
			r.report(ruleFileMissing, n.system, s.at, s.name()+" names a file that does not exist: "+show(s.value),
				"the program does not start, or starts without its certificate (no such file or directory)", "correct the path, or put the file there")
		} else {
			r.notChecked(s.at, "the file "+show(s.value)+" is not here")
		}
		return nil
	}
	c.roles[n.role], c.systems[n.role] = true, n.system
	c.password = c.password || n.password
	r.used[c.d.id()] = true
	r.fits(c, n)
	return c
}

// shouldBeHere reports whether a path that leads nowhere must lead somewhere: it is relative to the configuration, lies below its
// folder, or below a folder of the host that a container mounts.
func (r *run) shouldBeHere(n namedFile) bool {
	name := n.setting.value
	if host := n.container.host(name); host != "" {
		return exists(filepath.Dir(host))
	}
	if n.environment || n.container != nil || n.d.name != n.d.path {
		return false
	}
	if !filepath.IsAbs(name) {
		return true
	}
	folder := filepath.Dir(absolute(n.d.path))
	return folder != "/" && strings.HasPrefix(filepath.Clean(name), folder+string(filepath.Separator))
}

// fits reports a file that holds something else than the setting wants.
func (r *run) fits(c *certificateFile, n namedFile) {
	if c.damaged {
		return
	}
	if c.kind == kindDER || c.kind == kindPKCS12 {
		r.report(ruleNotPEM, n.system, n.setting.at, n.setting.name()+" names a file in "+strings.ToUpper(strings.TrimPrefix(c.kind, "pk"))+" form, where PEM is read",
			"the program finds no certificate or key in it, and does not start or has no TLS", "convert it: openssl x509 -inform der -in FILE -out FILE.pem (keys: openssl pkey, PKCS#12: openssl pkcs12)")
		return
	}
	var holds string
	switch {
	case n.role == roleKey && len(c.keys) == 0:
		holds = "no private key"
	case n.role != roleKey && len(c.certificates) == 0:
		holds = "no certificate"
	default:
		return
	}
	if what := c.contents(); what != "" {
		holds += ", but " + what
	}
	r.report(ruleWrongThing, n.system, n.setting.at, n.setting.name()+" names a file that holds "+holds,
		"the program does not start, or has no TLS (failed to find any PEM data, no start line)", "name the right file; certificate and key are easily swapped")
}

// contents says what a file holds.
func (c *certificateFile) contents() string {
	var list []string
	if len(c.certificates) > 0 {
		list = append(list, "a certificate")
	}
	if len(c.keys) > 0 {
		list = append(list, "a private key")
	}
	for _, b := range c.others {
		list = append(list, "a "+show(strings.ToLower(b.label)))
	}
	return strings.Join(slices.Compact(list), ", ")
}

// pair checks that a certificate and a key belong together. It says so once for each pair.
func (r *run) pair(chain, key *certificateFile, system string) {
	if chain == nil || key == nil || len(chain.certificates) == 0 || len(key.keys) == 0 {
		return
	}
	leaf, k := chain.certificates[0], key.keys[0]
	if k.public == nil || samePublic(leaf.PublicKey, k.public) {
		return
	}
	at := chain.places[0]
	problem := fmt.Sprintf("the certificate and the key in %s do not belong together", show(key.d.name))
	for i, x := range chain.certificates {
		if i > 0 && samePublic(x.PublicKey, k.public) {
			problem = "the key belongs to another certificate of the file, not to its first one"
			at = chain.places[i]
		}
	}
	r.report(ruleMismatch, system, at, problem, "Go and OpenSSL refuse to start (private key does not match); NanoMQ and rustls start, and every handshake fails",
		"deploy certificate and key of one issuance together; compare openssl x509 -noout -pubkey and openssl pkey -pubout")
}

func samePublic(a, b crypto.PublicKey) bool {
	k, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && k.Equal(b)
}

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

// system is the program that uses the file, "" when none or several do.
func (c *certificateFile) system() string {
	system := ""
	for _, s := range c.systems {
		if system != "" && system != s {
			return ""
		}
		system = s
	}
	return system
}

// smallestRSA is what OpenSSL's security level 2, Go and the browsers ask for.
const smallestRSA = 2048

func (r *run) judgeStrength(c *certificateFile, i int, x *x509.Certificate) {
	const consequence = "today's libraries refuse it (ee key too small, ca md too weak, insecure algorithm)"
	const fix = "issue it anew with RSA 2048 or ECDSA P-256 and SHA-256"
	if k, ok := x.PublicKey.(*rsa.PublicKey); ok && k.N.BitLen() < smallestRSA {
		r.report(ruleWeak, c.system(), c.places[i], fmt.Sprintf("the RSA key has %d bits", k.N.BitLen()), consequence, fix)
	} else if k, ok := x.PublicKey.(*ecdsa.PublicKey); ok && k.Curve.Params().BitSize < 224 {
		r.report(ruleWeak, c.system(), c.places[i], fmt.Sprintf("the key is on a curve of %d bits", k.Curve.Params().BitSize), consequence, fix)
	}
	if selfSigned(x) {
		return // nobody checks the signature of what is trusted itself
	}
	switch x.SignatureAlgorithm {
	case x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.DSAWithSHA1, x509.ECDSAWithSHA1:
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

// onUnix reports whether the modes of files mean something.
const onUnix = runtime.GOOS != "windows"
