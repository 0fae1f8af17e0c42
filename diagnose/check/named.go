package check

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

var (
	ruleWrongThing  = newRule("certificate-file-holds-something-else", "outage", "key-or-cert-format-invalid", "a file does not hold what it is named for")
	ruleNotPEM      = newRule("certificate-not-pem", "outage", "key-or-cert-format-invalid", "a file is DER where the program reads PEM only")
	ruleFileMissing = newRule("file-missing", "outage", "config-file-unreadable", "a file that a configuration names does not exist")
)

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

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
