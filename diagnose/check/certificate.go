package check

import (
	"crypto"
	"crypto/x509"
	"errors"
	"path/filepath"
	"slices"
	"strings"
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
