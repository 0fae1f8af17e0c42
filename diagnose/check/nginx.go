package check

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// systemNginx is the id of the system in the knowledge base.
const systemNginx = "nginx"

// nginx is one configuration: a file with all that it includes.
type nginx struct {
	d       *document
	root    *directive
	servers []*nginxServer
}

// nginxServer is one server block.
type nginxServer struct {
	*directive
	outer  []*directive // blocks around it, the innermost last
	stream bool
	listen []nginxListen
}

// nginxListen is one listen directive.
type nginxListen struct {
	*directive
	port                     string
	ssl, quic, proxyProtocol bool
}

var (
	ruleNginxNoCertificate = newRule("nginx-ssl-without-certificate", "outage", "server-cert-missing", "a server listens with ssl and has no certificate or key")
	ruleNginxNotSSL        = newRule("nginx-listen-without-ssl", "outage", "tls-to-plaintext-port", "a server with a certificate listens on 443 without ssl")
	ruleNginxProtocols     = newRule("nginx-old-protocols", "degraded", "protocol-version-mismatch", "only protocol versions are on that clients have given up")
	ruleNginxWeakProtocols = newRule("nginx-broken-protocols", "watch", "protocol-version-mismatch", "SSLv2 or SSLv3 is on")
	ruleNginxNoClientCA    = newRule("nginx-verify-client-without-ca", "outage", "client-ca-misconfigured", "clients must show a certificate, and no CA is trusted")
	ruleNginxVerifyNoCA    = newRule("nginx-proxy-verify-without-ca", "outage", "trust-store-missing", "the upstream's certificate is checked, and no CA is trusted")
)

// nginxFile parses a file; whether it stands for itself or is included is seen when all are known.
func (r *run) nginxFile(d *document) *nginx {
	n := &nginx{d: d, root: &directive{name: "main", block: true, d: d, at: d.whole(), body: r.parseNginx(d)}}
	r.nginxes = append(r.nginxes, n)
	return n
}

// parseNginxes parses all files of nginx and puts those that are included into those that include them.
func (r *run) parseNginxes() {
	for _, f := range r.files {
		if f.kind == kindNginx {
			r.nginxFile(f.document)
		}
	}
	trees := map[string]*directive{}
	for _, n := range r.nginxes {
		trees[n.d.id()] = n.root
	}
	included := map[string]bool{}
	in := includer{run: r, trees: trees, included: included, left: mostDirectives}
	for _, n := range slices.Clone(r.nginxes) {
		in.main = n.d
		in.expand(n.root, 0)
	}
	r.nginxes = slices.DeleteFunc(r.nginxes, func(n *nginx) bool { return included[n.d.id()] })
	for _, n := range r.nginxes {
		n.collect(n.root, nil, 0)
	}
}

// includer replaces include directives by what the files hold.
type includer struct {
	run      *run
	main     *document // whose folder relative names are relative to
	trees    map[string]*directive
	included map[string]bool
	left     int
}

// mostIncludes bounds how deep files include each other.
const mostIncludes = 8

func (in *includer) expand(x *directive, depth int) {
	var body []*directive
	for _, y := range x.body {
		if in.left--; in.left < 0 {
			break
		}
		if y.name == "include" && !y.block && len(y.args) == 1 {
			files := in.files(y)
			x.lost = x.lost || len(files) == 0 && !strings.Contains(y.arg(0), "*")
			for _, d := range files {
				if depth >= mostIncludes {
					break
				}
				tree := in.trees[d.id()]
				if tree == nil {
					tree = &directive{name: "main", block: true, d: d, body: in.run.parseNginx(d)}
					in.trees[d.id()] = tree
				}
				in.included[d.id()] = true
				part := &directive{name: "include", block: true, d: d, body: tree.body}
				in.expand(part, depth+1)
				body = append(body, part.body...)
				x.lost = x.lost || part.lost
			}
			continue
		}
		if y.block {
			in.expand(y, depth)
		}
		body = append(body, y)
	}
	x.body, x.names = body, nil
}

// files returns the documents that an include names. /etc/nginx is where the main file is when the configuration was copied
// from the machine that it is for.
func (in *includer) files(x *directive) (list []*document) {
	pattern := x.arg(0)
	if unknownValue(pattern) || filepath.Base(pattern) == "mime.types" {
		return nil
	}
	folder := filepath.Dir(in.main.path)
	candidates := []string{pattern}
	if !filepath.IsAbs(pattern) {
		candidates = []string{filepath.Join(folder, pattern), filepath.Join(filepath.Dir(x.d.path), pattern)}
	} else if rest, ok := strings.CutPrefix(pattern, "/etc/nginx/"); ok {
		candidates = append(candidates, filepath.Join(folder, rest))
	}
	for _, c := range candidates {
		names, err := filepath.Glob(c)
		if err != nil || len(names) == 0 {
			continue
		}
		slices.Sort(names)
		for _, name := range names[:min(len(names), 1000)] {
			if d := in.run.open(name); d != nil && d != x.d {
				list = append(list, d)
			}
		}
		return list
	}
	return nil
}

// collect finds the servers of a tree.
func (n *nginx) collect(x *directive, outer []*directive, depth int) {
	if depth > 8 {
		return
	}
	for _, y := range x.body {
		switch {
		case y.name == "server" && y.block && x.name != "upstream":
			s := &nginxServer{directive: y, outer: append(slices.Clone(outer), x)}
			s.stream = slices.ContainsFunc(s.outer, func(o *directive) bool { return o.name == "stream" }) || x.name == "main" && y.find("proxy_pass") != nil
			for _, l := range y.all("listen") {
				s.listen = append(s.listen, newListen(l, y))
			}
			n.servers = append(n.servers, s)
		case y.block && (y.name == "http" || y.name == "stream" || y.name == "include"):
			n.collect(y, append(slices.Clone(outer), x), depth+1)
		}
	}
}

func newListen(l, server *directive) nginxListen {
	out := nginxListen{directive: l, port: "80"}
	address := l.arg(0)
	if isPort(address) {
		out.port = address
	} else if i := strings.LastIndexByte(address, ':'); i >= 0 && isPort(address[i+1:]) {
		out.port = address[i+1:]
	} else if strings.HasPrefix(address, "unix:") {
		out.port = ""
	}
	out.ssl = slices.Contains(l.args, "ssl") || server.find("ssl").arg(0) == "on"
	out.quic = slices.Contains(l.args, "quic")
	out.proxyProtocol = slices.Contains(l.args, "proxy_protocol")
	return out
}

// inherited returns a directive of the innermost block that has it, nil when none does. sure is false when a block has an include
// that is not here.
func (s *nginxServer) inherited(name string, inner ...*directive) (x *directive, sure bool) {
	blocks := append(append(slices.Clone(s.outer), s.directive), inner...)
	for i := len(blocks) - 1; i >= 0; i-- {
		if x := blocks[i].find(name); x != nil {
			return x, true
		}
		if blocks[i].lost {
			return nil, false
		}
	}
	return nil, true
}

// judgeNginxes runs the rules over all servers.
func (r *run) judgeNginxes() {
	for _, n := range r.nginxes {
		for _, s := range n.servers {
			r.judgeNginxTLS(n, s)
			r.judgeUpstreams(n, s)
		}
	}
	r.judgeProxyProtocol()
}

// judgeNginxTLS checks the TLS side towards the clients.
func (r *run) judgeNginxTLS(n *nginx, s *nginxServer) {
	certificate, sureC := s.inherited("ssl_certificate")
	key, sureK := s.inherited("ssl_certificate_key")
	var secure *nginxListen
	for i := range s.listen {
		if s.listen[i].ssl || s.listen[i].quic {
			secure = &s.listen[i]
			break
		}
	}
	reject, _ := s.inherited("ssl_reject_handshake")
	switch {
	case secure != nil && sureC && sureK && (certificate == nil || key == nil) && reject.arg(0) != "on":
		missing := "ssl_certificate and ssl_certificate_key are"
		if certificate != nil {
			missing = "ssl_certificate_key is"
		} else if key != nil {
			missing = "ssl_certificate is"
		}
		r.report(ruleNginxNoCertificate, systemNginx, secure.at, "the server listens with ssl, but "+missing+" not set",
			"nginx refuses the configuration: no ssl_certificate is defined, or cannot load the key", "set ssl_certificate (the full chain) and ssl_certificate_key")
	case secure == nil && s.find("ssl_certificate") != nil:
		for _, l := range s.listen {
			if l.port == "443" || l.port == "8443" {
				r.report(ruleNginxNotSSL, systemNginx, l.at, "the server has a certificate, but listens on port "+l.port+" without ssl",
					"clients send a TLS ClientHello to a port without TLS: wrong version number, 400 Bad Request", "write listen "+l.arg(0)+" ssl;")
			}
		}
	}
	if secure == nil {
		return
	}
	r.nginxProtocols(s)
	r.nginxClientCA(s)
	r.nginxFiles(n, s, certificate, key)
}

func (r *run) nginxProtocols(s *nginxServer) {
	x, _ := s.inherited("ssl_protocols")
	if x == nil {
		return
	}
	if !slices.Contains(x.args, "TLSv1.2") && !slices.Contains(x.args, "TLSv1.3") {
		r.report(ruleNginxProtocols, systemNginx, x.at, "neither TLSv1.2 nor TLSv1.3 is on", "today's clients refuse the connection: protocol version, unsupported protocol", "write ssl_protocols TLSv1.2 TLSv1.3;")
	} else if slices.Contains(x.args, "SSLv3") || slices.Contains(x.args, "SSLv2") {
		r.report(ruleNginxWeakProtocols, systemNginx, x.at, "SSLv2 and SSLv3 are broken since 2014 (RFC 7568)", "OpenSSL of today does not have them; where it does, connections can be read", "write ssl_protocols TLSv1.2 TLSv1.3;")
	}
}

func (r *run) nginxClientCA(s *nginxServer) {
	verify, _ := s.inherited("ssl_verify_client")
	if mode := verify.arg(0); mode != "on" && mode != "optional" {
		return
	}
	ca, sure := s.inherited("ssl_client_certificate")
	trusted, sureT := s.inherited("ssl_trusted_certificate")
	if ca == nil && trusted == nil && sure && sureT {
		r.report(ruleNginxNoClientCA, systemNginx, verify.at, "ssl_verify_client is on, and no ssl_client_certificate says which CA is trusted",
			"nginx refuses the configuration: no ssl_client_certificate for ssl_verify_client", "set ssl_client_certificate to the CA that issued the clients' certificates")
	}
	if ca != nil {
		r.namedCertificate(nginxNamed(s, ca, roleCA, false))
	}
}

// nginxNamed is a file that a directive of nginx names.
func nginxNamed(s *nginxServer, x *directive, role role, password bool) namedFile {
	v := setting{key: x.name, value: x.arg(0), at: x.at, set: true}
	if strings.HasPrefix(v.value, "data:") || strings.HasPrefix(v.value, "engine:") || strings.HasPrefix(v.value, "store:") || strings.Contains(v.value, "$") {
		v.unknown = true
	}
	if rest, ok := strings.CutPrefix(v.value, "/etc/nginx/"); ok && !exists(v.value) {
		for folder, up := filepath.Dir(absolute(x.d.path)), 0; up < 3; folder, up = filepath.Dir(folder), up+1 {
			if exists(filepath.Join(folder, filepath.FromSlash(rest))) {
				v.value = filepath.Join(folder, filepath.FromSlash(rest))
				break
			}
		}
	}
	return namedFile{d: x.d, setting: v, system: systemNginx, role: role, password: password}
}

// plainName tells names that certificates can be issued to from patterns and placeholders.
var plainName = regexp.MustCompile(`^(\*\.)?([A-Za-z0-9_-]+\.)+[A-Za-z][A-Za-z0-9-]*$`)

func (r *run) nginxFiles(n *nginx, s *nginxServer, certificate, key *directive) {
	if certificate == nil || key == nil {
		return
	}
	// Two of each (RSA and ECDSA) are paired by their order.
	certificates, keys := ownOrOuter(s, "ssl_certificate"), ownOrOuter(s, "ssl_certificate_key")
	password, _ := s.inherited("ssl_password_file")
	for i := range certificates {
		chain := r.namedCertificate(nginxNamed(s, certificates[i], roleServer, false))
		if i < len(keys) {
			r.pair(chain, r.namedCertificate(nginxNamed(s, keys[i], roleKey, password != nil)), systemNginx)
		}
		if i > 0 {
			continue
		}
		for _, names := range s.all("server_name") {
			for _, name := range names.args {
				if plainName.MatchString(name) {
					at := names.at
					r.coversName(chain, strings.Replace(name, "*.", "whytls-check.", 1), setting{key: "server_name", value: name, at: at, set: true}, systemNginx)
				}
			}
		}
	}
}

// ownOrOuter returns the directives of a name of the innermost block that has any.
func ownOrOuter(s *nginxServer, name string) []*directive {
	blocks := append(slices.Clone(s.outer), s.directive)
	for i := len(blocks) - 1; i >= 0; i-- {
		if list := blocks[i].all(name); len(list) > 0 {
			return list
		}
	}
	return nil
}
