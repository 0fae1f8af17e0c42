package check

import (
	"regexp"
	"slices"
	"strings"
)

var (
	ruleUpgrade        = newRule("websocket-headers-missing", "outage", "websocket-upgrade-failed", "a location for WebSocket does not hand on the upgrade")
	rulePlainUpstream  = newRule("upstream-plain-to-tls", "outage", "plaintext-to-tls-port", "nginx speaks plaintext to an upstream's TLS port")
	ruleTLSUpstream    = newRule("upstream-tls-to-plain", "outage", "tls-to-plaintext-port", "nginx speaks TLS to an upstream's plain port")
	ruleWrongUpstream  = newRule("upstream-wrong-port", "outage", "wrong-port-or-service", "nginx speaks HTTP to a port that speaks something else")
	ruleProxyPass      = newRule("proxy-pass-scheme", "outage", "config-invalid", "proxy_pass has no scheme or one that nginx does not have")
	ruleProxyProtocol  = newRule("proxy-protocol-one-side", "outage", "proxy-protocol-mismatch", "the PROXY protocol is on on one side only")
	webSocketLocation  = regexp.MustCompile(`(?i)(^|/)(ws|wss|websocket)([/$()]|$)`)
	upgradeValue       = regexp.MustCompile(`(?i)upgrade`)
	plainSpeech        = []string{"tcp", "ws", "http", "manager", "demo", "cluster", "mqtt"}
	secureSpeech       = []string{"wss", "mqtts", "https"}
	webSpeech          = []string{"ws", "wss", "http", "manager", "demo", "https"}
	usualUpstreamPorts = map[string]string{
		"5100": "tcp", "5200": "ws", "5210": "wss", "11110": "cluster", "1883": "mqtt", "8883": "mqtts", "443": "https", "80": "http",
	}
	// What these ports speak is usual for one program only, and other programs use them for something else: they count only
	// where the words around name that program.
	brokerPorts    = map[string]string{"8083": "ws", "8084": "wss", "8086": "wss"}
	brokerWords    = regexp.MustCompile(`(?i)mqtt|nanomq|broker|emqx`)
	brokerLocation = regexp.MustCompile(`(?i)(^|[/ ])mqtt([/$()]|$)`)
	messagePorts   = map[string]string{"5001": "http", "5300": "manager", "5172": "demo"}
	messageWords   = regexp.MustCompile(`(?i)wukong|\bwk|\bim\b|im[_-]|[_-]im\b|tangseng`)
	speaksUpstream = map[string]string{"mqtt": "MQTT", "mqtts": "MQTT over TLS", "https": "HTTPS"}
)

// upstream is where a proxy_pass leads to.
type upstream struct {
	scheme  string
	targets []address
	words   string // the names around it, which tell a broker
}

// target resolves a proxy_pass; ok is false when it is a variable.
func (n *nginx) target(s *nginxServer, x *directive) (u upstream, ok bool) {
	text := x.arg(0)
	if text == "" || strings.HasPrefix(text, "$") || strings.Contains(text, "unix:") {
		return u, false
	}
	a, good := parseAddress(text)
	if !good || strings.Contains(a.host, "$") || strings.Contains(a.port, "$") {
		return u, false
	}
	u.scheme, u.words = a.scheme, text+" "+strings.Join(argsOf(s.find("server_name")), " ")
	for i := len(s.outer) - 1; i >= 0; i-- {
		if b := s.outer[i].upstream(a.host); b != nil && a.port == "" {
			for _, member := range b.all("server") {
				if t, ok := parseAddress(member.arg(0)); ok && !strings.HasPrefix(member.arg(0), "unix:") {
					if t.port == "" {
						t.port = "80"
					}
					u.targets = append(u.targets, t)
				}
			}
			return u, true
		}
	}
	if a.port == "" {
		switch a.scheme {
		case "http":
			a.port = "80"
		case "https":
			a.port = "443"
		}
		if !strings.Contains(a.host, ".") && !a.isLoopback() {
			a.port = "" // an upstream block that is elsewhere
		}
	}
	u.targets = []address{a}
	return u, true
}

func argsOf(x *directive) []string {
	if x == nil {
		return nil
	}
	return x.args
}

// speech is what the ports of an upstream speak: as the configurations given say, else by what is usual. Several ports of
// one upstream are nodes on one host, of which nothing usual can be said.
func (r *run) speech(u upstream) string {
	role := ""
	for i, t := range u.targets {
		spoken := r.spoken(t.port)
		if spoken == "" && (i == 0 || t.port == u.targets[0].port) {
			spoken = usualUpstreamPorts[t.port]
			if spoken == "" && brokerWords.MatchString(u.words) {
				spoken = brokerPorts[t.port]
			}
			if spoken == "" && messageWords.MatchString(u.words) {
				spoken = messagePorts[t.port]
			}
		}
		if i > 0 && spoken != role {
			return ""
		}
		role = spoken
	}
	return role
}

// spoken is what a port speaks by the configurations of WuKongIM and NanoMQ that were given, "" when none has it.
func (r *run) spoken(port string) string {
	if port == "" {
		return ""
	}
	for _, w := range r.wukongims {
		if role := w.listening(port); role != "" && !w.v3 {
			return role
		}
	}
	kinds := map[string]string{"tcp": "mqtt", "ssl": "mqtts", "ws": "ws", "wss": "wss"}
	for _, n := range r.nanomqs {
		for _, l := range n.listeners {
			if a, ok := parseAddress(l.bind.value); ok && a.port == port {
				return kinds[l.kind]
			}
		}
	}
	return ""
}

func spokenWords(role string) string {
	if words := speaks[role]; words != "" {
		return words
	}
	return speaksUpstream[role]
}

// judgeUpstreams checks every proxy_pass of a server.
func (r *run) judgeUpstreams(n *nginx, s *nginxServer) {
	if s.stream {
		if x := s.find("proxy_pass"); x != nil {
			r.judgeStream(n, s, x)
		}
		return
	}
	r.judgeLocations(n, s, s.directive, nil, 0)
}

func (r *run) judgeLocations(n *nginx, s *nginxServer, block *directive, inner []*directive, depth int) {
	if depth > 10 {
		return
	}
	for _, x := range block.body {
		if x.block && (x.name == "location" || x.name == "if" || x.name == "limit_except") {
			blocks := append(slices.Clone(inner), x)
			if pass := x.find("proxy_pass"); pass != nil {
				r.judgePass(n, s, pass, blocks)
			}
			r.judgeLocations(n, s, x, blocks, depth+1)
		}
	}
}

// judgePass checks one proxy_pass of HTTP.
func (r *run) judgePass(n *nginx, s *nginxServer, pass *directive, blocks []*directive) {
	u, ok := n.target(s, pass)
	if !ok {
		if text := pass.arg(0); !strings.HasPrefix(text, "$") && !strings.Contains(text, "unix:") && !strings.Contains(text, "://") {
			r.badScheme(pass)
		} else {
			r.judgeUpgrade(s, pass, blocks, "")
		}
		return
	}
	if u.scheme != "http" && u.scheme != "https" {
		r.badScheme(pass)
		return
	}
	for _, b := range blocks {
		if path := strings.Join(b.args, " "); brokerLocation.MatchString(path) || !brokerWords.MatchString(path) {
			u.words += " " + path // the path of a REST service for MQTT is none of a broker
		}
	}
	role := r.speech(u)
	switch {
	case u.scheme == "http" && slices.Contains(secureSpeech, role):
		r.report(rulePlainUpstream, systemNginx, pass.at, "proxy_pass speaks plain HTTP to a port that speaks "+spokenWords(role),
			"the upstream sees plaintext where TLS should begin (first record does not look like a TLS handshake), nginx answers 502", "write https:// in proxy_pass, or lead it to the plain port")
	case u.scheme == "https" && slices.Contains(plainSpeech, role):
		r.report(ruleTLSUpstream, systemNginx, pass.at, "proxy_pass speaks TLS to a port that speaks "+spokenWords(role)+", not TLS",
			"nginx logs wrong version number and answers 502", "write http:// in proxy_pass, or lead it to the TLS port")
	case role != "" && !slices.Contains(webSpeech, role):
		r.report(ruleWrongUpstream, systemNginx, pass.at, "proxy_pass speaks HTTP to a port that speaks "+spokenWords(role),
			"nginx answers 502 (upstream prematurely closed, or sent no valid HTTP/1.0 header)", "lead it to the WebSocket or HTTP port; TCP is handed on by a stream block")
	default:
		r.judgeUpgrade(s, pass, blocks, role)
	}
	if u.scheme == "https" {
		verify, _ := s.inherited("proxy_ssl_verify", blocks...)
		ca, sure := s.inherited("proxy_ssl_trusted_certificate", blocks...)
		if verify.arg(0) == "on" && ca == nil && sure {
			r.report(ruleNginxVerifyNoCA, systemNginx, verify.at, "proxy_ssl_verify is on, and no proxy_ssl_trusted_certificate says which CA is trusted",
				"nginx refuses the configuration: no proxy_ssl_trusted_certificate for proxy_ssl_verify", "set proxy_ssl_trusted_certificate to the CA of the upstream")
		}
	}
}

func (r *run) badScheme(pass *directive) {
	r.report(ruleProxyPass, systemNginx, pass.at, "proxy_pass of HTTP takes http:// or https:// in front, for WebSocket too",
		"nginx refuses the configuration: invalid URL prefix", "write http://… (https://… where the upstream speaks TLS)")
}

// judgeUpgrade checks that a location for WebSocket hands on what the upgrade needs (RFC 6455, section 4.1): HTTP/1.1 and the
// headers Upgrade and Connection, which a proxy must set anew. A block with any proxy_set_header inherits none from outside.
func (r *run) judgeUpgrade(s *nginxServer, pass *directive, blocks []*directive, role string) {
	headers, sure := s.headers(blocks)
	version, sureVersion := s.inherited("proxy_http_version", blocks...)
	_, hasUpgrade := headers["upgrade"]
	location := blocks[len(blocks)-1]
	for _, b := range blocks {
		if b.name == "location" {
			location = b
		}
	}
	wanted := role == "ws" || role == "wss" || hasUpgrade || role == "" && webSocketLocation.MatchString(location.arg(len(location.args)-1))
	if !wanted || !sure {
		return
	}
	var missing []string
	if version.arg(0) != "1.1" && sureVersion {
		missing = append(missing, "proxy_http_version 1.1")
	}
	if v, ok := headers["upgrade"]; !ok || v != "$http_upgrade" && !strings.EqualFold(v, "websocket") && !strings.HasPrefix(v, "$") {
		missing = append(missing, "proxy_set_header Upgrade $http_upgrade")
	}
	if v, ok := headers["connection"]; !ok || !upgradeValue.MatchString(v) && !strings.HasPrefix(v, "$") {
		missing = append(missing, `proxy_set_header Connection "upgrade"`)
	}
	if len(missing) == 0 {
		return
	}
	hint := ""
	if len(headers) > 0 && !hasUpgrade {
		if _, outside := s.headers(nil); outside {
			hint = " (a block with a proxy_set_header of its own inherits none)"
		}
	}
	r.report(ruleUpgrade, systemNginx, pass.at, "the location leads to a WebSocket and lacks "+strings.Join(missing, " and ")+hint,
		`the upstream gets no upgrade: handshake error: bad "Upgrade" header, clients see 400, 404 or 426 instead of 101`, "add "+strings.Join(missing, "; ")+";")
}

// headers returns what proxy_set_header sets in the innermost block that has any. sure is false when files are missing.
func (s *nginxServer) headers(inner []*directive) (map[string]string, bool) {
	blocks := append(append(slices.Clone(s.outer), s.directive), inner...)
	for i := len(blocks) - 1; i >= 0; i-- {
		list := blocks[i].all("proxy_set_header")
		if blocks[i].lost {
			return nil, false
		}
		if len(list) == 0 {
			continue
		}
		out := map[string]string{}
		for _, x := range list {
			out[strings.ToLower(x.arg(0))] = x.arg(1)
		}
		return out, true
	}
	return map[string]string{}, true
}

// judgeStream checks a proxy_pass of TCP.
func (r *run) judgeStream(n *nginx, s *nginxServer, pass *directive) {
	if strings.Contains(pass.arg(0), "://") {
		r.report(ruleProxyPass, systemNginx, pass.at, "proxy_pass in a stream block takes host:port, without a scheme", "nginx refuses the configuration: invalid URL prefix, host not found", "write host:port, and proxy_ssl on where the upstream speaks TLS")
		return
	}
	u, ok := n.target(s, pass)
	if !ok {
		return
	}
	role := r.speech(u)
	ends := slices.ContainsFunc(s.listen, func(l nginxListen) bool { return l.ssl })
	begins, _ := s.inherited("proxy_ssl")
	switch {
	case ends && begins.arg(0) != "on" && slices.Contains(secureSpeech, role):
		r.report(rulePlainUpstream, systemNginx, pass.at, "the server ends TLS, and hands plaintext to a port that speaks "+spokenWords(role),
			"the upstream sees plaintext where TLS should begin, and every connection fails", "set proxy_ssl on, or lead it to the plain port, or take ssl off listen")
	case begins.arg(0) == "on" && slices.Contains(plainSpeech, role):
		r.report(ruleTLSUpstream, systemNginx, begins.at, "proxy_ssl is on, and the port speaks "+spokenWords(role)+", not TLS", "the upstream sees a TLS ClientHello where it expects plaintext, and every connection fails", "take proxy_ssl away, or lead it to the TLS port")
	}
}

// judgeProxyProtocol compares both sides of the PROXY protocol: nginx that sends it to what does not expect it, and nginx that
// expects it from one that does not send it.
func (r *run) judgeProxyProtocol() {
	listening := map[string]nginxListen{}
	for _, n := range r.nginxes {
		for _, s := range n.servers {
			for _, l := range s.listen {
				if l.port != "" && !l.quic {
					listening[l.port] = l
				}
			}
		}
	}
	for _, n := range r.nginxes {
		for _, s := range n.servers {
			if pass := s.find("proxy_pass"); s.stream && pass != nil {
				r.bothSides(n, s, pass, listening)
			}
		}
	}
}

func (r *run) bothSides(n *nginx, s *nginxServer, pass *directive, listening map[string]nginxListen) {
	u, ok := n.target(s, pass)
	if !ok || len(u.targets) == 0 {
		return
	}
	on, _ := s.inherited("proxy_protocol")
	sends := on.arg(0) == "on"
	const fix = "switch it on on both sides (proxy_protocol on; listen … proxy_protocol) or on none"
	t := u.targets[0]
	if l, ok := listening[t.port]; ok && t.isLoopback() {
		switch {
		case sends && !l.proxyProtocol:
			r.report(ruleProxyProtocol, systemNginx, on.at, "the PROXY header is sent to port "+t.port+", whose listen does not expect it", "the header is read as the first bytes of the connection: first record does not look like a TLS handshake, 400 Bad Request", fix)
		case !sends && l.proxyProtocol:
			r.report(ruleProxyProtocol, systemNginx, l.at, "port "+t.port+" expects the PROXY header, which the stream block in front does not send", "nginx closes every connection: broken header", fix)
		}
		return
	}
	if !sends {
		return
	}
	switch role := r.speech(u); role {
	case "ws", "wss", "mqtt", "mqtts", "cluster":
		r.report(ruleProxyProtocol, systemNginx, on.at, "the PROXY header is sent to a port that speaks "+spokenWords(role)+" and does not expect it", "the header is read as the first bytes of the connection, and every connection fails (in versions with a bug the program crashes)", "take proxy_protocol on away; addresses of clients are not handed on then")
	}
}
