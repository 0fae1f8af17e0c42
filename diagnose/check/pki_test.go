package check_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"
)

// now is the time that the samples are checked at.
var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// authority is a CA of the tests.
type authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

// pki issues the certificates of samples. A sample says what it needs in lines in front of its files:
//
//	issue NAME[+KEY] [dns=a,b] [ip=…] [cn=…] [eku=client|server] [issuer=intermediate] [days=N] [expired] [future] …
//	trust FILE [intermediate] [leaf] [expired]
//	split CHAIN FIRST REST | secret NAME MANIFEST | remove FILE
type pki struct {
	t                  *testing.T
	root, intermediate authority
	serial             int64
}

func newPKI(t *testing.T) *pki {
	p := &pki{t: t}
	p.root = p.authority("Example Root CA", nil)
	p.intermediate = p.authority("Example Intermediate CA", &p.root)
	return p
}

func (p *pki) key() crypto.Signer {
	_, key, err := ed25519.GenerateKey(rand.Reader) // signatures of one length keep the lines of files where they are
	p.check(err)
	return key
}

func (p *pki) check(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *pki) authority(name string, issuer *authority) authority {
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(9, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	key := p.key()
	return authority{p.sign(template, key.Public(), issuer, key), key}
}

func (p *pki) sign(template *x509.Certificate, public crypto.PublicKey, issuer *authority, own crypto.Signer) *x509.Certificate {
	p.serial++
	template.SerialNumber = big.NewInt(p.serial)
	parent, signer := template, own
	if issuer != nil {
		parent, signer = issuer.certificate, issuer.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, signer)
	p.check(err)
	x, err := x509.ParseCertificate(der)
	p.check(err)
	return x
}

// recipe carries out one line.
func (p *pki) recipe(folder, line string) {
	words := strings.Fields(line)
	name, options := words[1], words[2:]
	path := func(name string) string {
		full := filepath.Join(folder, name)
		p.check(os.MkdirAll(filepath.Dir(full), 0o700))
		return full
	}
	has := func(word string) bool { return slices.Contains(options, word) }
	get := func(key string) string {
		for _, o := range options {
			if v, ok := strings.CutPrefix(o, key+"="); ok {
				return v
			}
		}
		return ""
	}
	switch words[0] {
	case "issue":
		p.issue(name, path, has, get)
	case "trust":
		p.trust(path(name), has)
	case "remove":
		p.check(os.Remove(path(name)))
	case "split": // a chain into its first certificate and the rest
		data, err := os.ReadFile(path(name))
		p.check(err)
		first, rest := pem.Decode(data)
		p.check(os.WriteFile(path(options[0]), pem.EncodeToMemory(first), 0o644))
		p.check(os.WriteFile(path(options[1]), rest, 0o644))
	case "secret": // certificate and key as a Secret of Kubernetes
		text := "apiVersion: v1\nkind: Secret\nmetadata: {name: im}\ntype: kubernetes.io/tls\ndata:\n"
		for _, file := range [][2]string{{"tls.crt", name + ".crt"}, {"tls.key", name + ".key"}} {
			data, err := os.ReadFile(path(file[1]))
			p.check(err)
			text += "  " + file[0] + ": " + base64.StdEncoding.EncodeToString(data) + "\n"
			p.check(os.Remove(path(file[1])))
		}
		p.check(os.WriteFile(path(options[0]), []byte(text), 0o600))
	default:
		p.t.Fatalf("unknown recipe %q", line)
	}
}

func (p *pki) trust(path string, has func(string) bool) {
	root := p.root
	if has("expired") {
		old := *root.certificate
		old.NotBefore, old.NotAfter = now.AddDate(-9, 0, 0), now.AddDate(0, 0, -1)
		root.certificate = p.sign(&old, root.key.Public(), nil, root.key)
	}
	if has("may-not-sign") {
		other := *root.certificate
		other.KeyUsage = x509.KeyUsageDigitalSignature
		root.certificate = p.sign(&other, root.key.Public(), nil, root.key)
	}
	out := certificatePEM(root.certificate)
	if has("intermediate") {
		out = append(out, certificatePEM(p.intermediate.certificate)...)
	}
	if has("leaf") {
		key := p.key()
		out = certificatePEM(p.sign(p.template(func(string) string { return "" }), key.Public(), &root, key))
	}
	if has("bom") {
		out = append([]byte("\xef\xbb\xbf"), out...)
	}
	p.check(os.WriteFile(path, out, 0o644))
}

func (p *pki) template(get func(string) string) *x509.Certificate {
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: get("cn")}, NotBefore: now.AddDate(0, 0, -1), NotAfter: now.AddDate(0, 0, 80),
		KeyUsage: x509.KeyUsageDigitalSignature, BasicConstraintsValid: true,
	}
	if names := get("dns"); names != "" {
		template.DNSNames = strings.Split(names, ",")
	}
	if ip := get("ip"); ip != "" {
		template.IPAddresses = []net.IP{net.ParseIP(ip)}
	}
	switch get("eku") {
	case "client":
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		template.Subject.CommonName = "device-1"
	case "":
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	}
	if n, err := strconv.Atoi(get("days")); err == nil {
		template.NotAfter = now.AddDate(0, 0, n)
	}
	return template
}

// issue writes NAME.crt and NAME.key, or the names on both sides of a plus, or a PKCS#12 file.
func (p *pki) issue(name string, path func(string) string, has func(string) bool, get func(string) string) {
	template := p.template(get)
	switch {
	case has("expired"):
		template.NotBefore, template.NotAfter = now.AddDate(0, 0, -100), now.AddDate(0, 0, -10)
	case has("future"):
		template.NotBefore = now.AddDate(0, 0, 2)
	case has("old"):
		template.NotBefore = now.AddDate(-1, 0, 0)
	}
	if has("encipher") {
		template.KeyUsage = x509.KeyUsageKeyEncipherment
	}
	var key crypto.Signer = p.key()
	if has("weak") {
		weak, err := rsa.GenerateKey(rand.Reader, 1024)
		p.check(err)
		key = weak
	}
	issuer, chain := &p.root, []*x509.Certificate(nil)
	if get("issuer") == "intermediate" {
		issuer, chain = &p.intermediate, []*x509.Certificate{p.intermediate.certificate}
	}
	if has("issued-by-leaf") {
		parent := p.template(func(key string) string { return map[string]string{"cn": "Not a CA"}[key] })
		key := p.key()
		issuer = &authority{p.sign(parent, key.Public(), &p.root, key), key}
		chain = []*x509.Certificate{issuer.certificate}
	}
	if has("stranger") { // a CA of the same name with another key
		other := p.authority(issuer.certificate.Subject.CommonName, &p.root)
		issuer = &other
	}
	leaf := p.sign(template, key.Public(), issuer, key)
	if has("alone") {
		chain = nil
	}
	if has("unrelated") {
		chain = append(chain, p.authority("Another CA", nil).certificate)
	}
	list := append([]*x509.Certificate{leaf}, chain...)
	if has("reversed") {
		slices.Reverse(list)
	}
	if has("with-root") {
		list = []*x509.Certificate{leaf, p.root.certificate, p.intermediate.certificate}
	}
	if has("other-key") {
		key = p.key()
	}
	p.write(name, list, key, path, has, get)
}

func (p *pki) write(name string, list []*x509.Certificate, key crypto.Signer, path func(string) string, has func(string) bool, get func(string) string) {
	if strings.HasSuffix(name, ".p12") {
		data, err := pkcs12.Modern.Encode(key, list[0], list[1:], get("password"))
		p.check(err)
		if has("damaged") {
			data = data[:len(data)/2]
		}
		p.check(os.WriteFile(path(name), data, 0o600))
		return
	}
	certificate, private := name+".crt", name+".key"
	if a, b, ok := strings.Cut(name, "+"); ok {
		certificate, private = filepath.Join(filepath.Dir(a), filepath.Base(a)+".pem"), filepath.Join(filepath.Dir(a), b+".pem")
	}
	var out []byte
	for _, x := range list {
		out = append(out, certificatePEM(x)...)
	}
	if has("der") {
		out = list[0].Raw
	}
	if has("crlf") {
		out = bytes.ReplaceAll(out, []byte("\n"), []byte("\r\n"))
	}
	if has("bom") {
		out = append([]byte("\xef\xbb\xbf"), out...)
	}
	if has("indented") {
		out = []byte("  " + strings.ReplaceAll(strings.TrimSpace(string(out)), "\n", "\n  ") + "\n")
	}
	if has("cut") {
		out = out[:len(out)-60]
	}
	if has("garbled") {
		i := bytes.IndexByte(out, '\n') + 70
		out[i] = '!'
	}
	if has("escaped") {
		out = []byte(strings.ReplaceAll(string(out), "\n", `\n`))
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	p.check(err)
	block := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if has("encrypted") {
		block = pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: der})
	}
	if has("swapped") {
		out, block = block, out
	}
	mode := os.FileMode(0o600)
	if has("open") {
		mode = 0o644
	}
	if has("together") {
		p.check(os.WriteFile(path(name+".pem"), append(block, out...), 0o600))
		return
	}
	p.check(os.WriteFile(path(certificate), out, 0o644))
	if !has("no-key") {
		p.check(os.WriteFile(path(private), block, mode))
		p.check(os.Chmod(path(private), mode))
	}
	if has("swapped") {
		p.check(os.Chmod(path(certificate), 0o600))
	}
}

func certificatePEM(x *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: x.Raw})
}
