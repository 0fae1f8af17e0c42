package check

import (
	"cmp"
	"slices"
	"strings"
)

var (
	ruleListenScheme    = newRule("listen-address-without-scheme", "outage", "address-malformed", "the address of a listener has no scheme")
	ruleListenWrong     = newRule("listen-address-wrong-scheme", "outage", "url-scheme-mismatch", "the address of a listener has another listener's scheme")
	ruleListenMalformed = newRule("listen-address-malformed", "outage", "address-malformed", "the address of a listener is none")
	ruleExternalScheme  = newRule("external-address-scheme", "degraded", "url-scheme-mismatch", "an external address has no scheme or a wrong one")
	ruleExternalAny     = newRule("external-address-unusable", "degraded", "connection-refused", "an external address is none that a client can dial")
	ruleWSSIsIP         = newRule("wss-address-is-ip", "degraded", "hostname-mismatch", "external.wssAddr is an IP address, not a name")
	rulePortTwice       = newRule("port-taken-twice", "outage", "address-bind-failure", "two listeners have one port")
	rulePortsSwapped    = newRule("listener-ports-swapped", "degraded", "wrong-port-or-service", "two listeners have each other's usual port")
	ruleExternalPort    = newRule("external-port-of-another-listener", "degraded", "wrong-port-or-service", "an external address leads to another listener's port")
	ruleTLSToPlainPort  = newRule("wss-address-on-plain-port", "degraded", "tls-to-plaintext-port", "external.wssAddr leads to a port without TLS")
	rulePlainToTLSPort  = newRule("ws-address-on-tls-port", "degraded", "plaintext-to-tls-port", "external.wsAddr leads to the port with TLS")
)

// listenAddresses checks the addresses that WuKongIM listens on.
func (r *run) listenAddresses(w *wukongim) {
	for _, l := range listeners {
		s := l.setting(w.settings)
		if !s.known() || quoted(s.value) {
			continue
		}
		a, ok := parseAddress(s.value)
		switch {
		case l.scheme != "" && a.scheme == "":
			if l.role == "cluster" {
				continue // taken without a scheme too
			}
			r.report(ruleListenScheme, systemWuKongIM, s.at, s.name()+" has no "+l.scheme+":// in front",
				"WuKongIM panics at its start: init"+listenerName(l.role)+"Listener() failed, invalid address", "write "+l.scheme+"://"+show(s.value))
		case l.scheme != "" && a.scheme != l.scheme:
			if l.role == "cluster" {
				continue
			}
			r.report(ruleListenWrong, systemWuKongIM, s.at, s.name()+" must begin with "+l.scheme+"://, not with "+show(a.scheme)+"://",
				"WuKongIM panics at its start (unsupported network), or the port speaks something else than the clients", "write "+l.scheme+"://"+show(a.host+":"+a.port))
		case l.scheme == "" && a.scheme != "":
			r.report(ruleListenMalformed, systemWuKongIM, s.at, s.name()+" takes host:port, without "+show(a.scheme)+"://",
				"WuKongIM panics at its start: listen tcp: too many colons in address", "write "+show(a.host+":"+a.port))
		case !ok || !isPort(a.port):
			r.report(ruleListenMalformed, systemWuKongIM, s.at, s.name()+" has no valid port",
				"WuKongIM panics at its start: invalid address", "write "+show(cmp.Or(l.preset, "wss://0.0.0.0:5210"))+", or another port between 1 and 65535")
		}
	}
}

func listenerName(role string) string {
	if role == "tcp" {
		return "TCP"
	}
	return strings.ToUpper(role)
}

// external is an address that /route tells the clients.
type external struct {
	key     string
	schemes []string
	role    string // whose port it leads to
}

var externals = []external{
	{"external.tcpAddr", nil, "tcp"},
	{"external.wsAddr", []string{"ws", "wss"}, "ws"},
	{"external.wssAddr", []string{"wss"}, "wss"},
	{"external.apiUrl", []string{"http", "https"}, "http"},
}

// externalAddresses checks what /route tells the clients, which WuKongIM does not look at.
func (r *run) externalAddresses(w *wukongim) {
	for _, e := range externals {
		r.externalAddress(w, w.settings.get(e.key), e)
	}
	if s := w.settings.get("external.ip"); s.known() && !quoted(s.value) {
		switch a, ok := parseAddress(s.value); {
		case a.scheme != "" || a.port != "" || a.path != "":
			r.report(ruleExternalAny, systemWuKongIM, s.at, "external.ip takes an address alone, without scheme and port",
				"the addresses that /route makes of it cannot be dialled", "write "+show(a.host))
		case ok && a.isAny():
			r.unusable(s)
		}
	}
}

func (r *run) unusable(s setting) {
	r.report(ruleExternalAny, systemWuKongIM, s.at, s.name()+" is an address to listen on, not one to dial",
		"/route sends the clients to 0.0.0.0: they reach themselves, and the connection is refused", "write the name or address that clients reach this server by")
}

func (r *run) externalAddress(w *wukongim, s setting, e external) {
	if !s.known() || quoted(s.value) {
		return
	}
	a, ok := parseAddress(s.value)
	switch {
	case len(e.schemes) > 0 && !slices.Contains(e.schemes, a.scheme):
		problem := s.key + " has no " + e.schemes[0] + ":// in front"
		if a.scheme != "" {
			problem = s.key + " must begin with " + e.schemes[0] + "://, not with " + show(a.scheme) + "://"
		}
		r.report(ruleExternalScheme, systemWuKongIM, s.at, problem,
			"clients get the address from /route and cannot use it, or speak the wrong protocol", "write "+e.schemes[0]+"://"+show(strings.TrimPrefix(s.value, a.scheme+"://")))
		return
	case ok && a.isAny():
		r.unusable(s)
		return
	case !ok || a.host == "":
		r.report(ruleExternalAny, systemWuKongIM, s.at, s.name()+" names no host", "clients get the address from /route and cannot dial it", "write the name that clients reach this server by")
		return
	case a.port != "" && !isPort(a.port):
		r.report(ruleExternalAny, systemWuKongIM, s.at, s.name()+" has no valid port", "clients get the address from /route and cannot dial it", "write a port between 1 and 65535")
		return
	}
	if e.role == "wss" && a.isIP() && !r.covers(w, a.host) {
		r.report(ruleWSSIsIP, systemWuKongIM, s.at, s.name()+" is an IP address, and certificates are issued to names",
			"clients compare the address they dialled with the certificate and refuse it (bad certificate, hostname mismatch)",
			"write the domain name of the certificate, or use a certificate with this IP address among its subject alternative names")
	}
}

// covers reports whether the certificate of w is at hand and is issued to the host.
func (r *run) covers(w *wukongim, host string) bool {
	c := r.certificateOf(w)
	return c != nil && len(c.certificates) > 0 && c.certificates[0].VerifyHostname(bracketed(host)) == nil
}

func bracketed(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// listenerPorts finds listeners of one program that take each other's port.
func (r *run) listenerPorts(w *wukongim) {
	type open struct {
		l    *listener
		port string
		from setting
	}
	var list []open
	for i := range listeners {
		if port, from, ok := listeners[i].port(w.settings); ok {
			list = append(list, open{&listeners[i], port, from})
		}
	}
	for i, a := range list {
		for _, b := range list[i+1:] {
			if a.port != b.port || !a.from.given() && !b.from.given() {
				continue
			}
			x, y := a, b
			if !y.from.given() {
				x, y = y, x
			}
			what := "is the port of " + x.l.key + " too"
			if !x.from.given() {
				what = "is the port of " + x.l.key + ", which is not set and listens there by default"
			}
			if x.from.known() && y.from.known() {
				ax, _ := parseAddress(x.from.value)
				ay, _ := parseAddress(y.from.value)
				if ax.host != ay.host && !ax.isAny() && !ay.isAny() && ax.host != "" && ay.host != "" {
					continue // two addresses of the machine
				}
			}
			r.report(rulePortTwice, systemWuKongIM, y.from.at, "port "+y.port+" "+what,
				"the second listener fails: bind: address already in use, and WuKongIM ends", "give each listener its own port (usually "+usualPort(y.l)+" for "+y.l.key+")")
		}
	}
	for i, a := range list {
		for _, b := range list[i+1:] {
			if a.from.known() && b.from.known() && a.port == usualPort(b.l) && b.port == usualPort(a.l) && a.port != b.port {
				r.report(rulePortsSwapped, systemWuKongIM, a.from.at, a.l.key+" and "+b.l.key+" have each other's usual ports",
					"clients that are told the usual ports meet the wrong protocol: "+speaks[b.l.role]+" where they expect "+speaks[a.l.role],
					"write port "+usualPort(a.l)+" for "+a.l.key+" and "+usualPort(b.l)+" for "+b.l.key)
			}
		}
	}
}

// publishedPorts finds a container whose ports are published the wrong way round: each of two usual ports leads to the other.
func (r *run) publishedPorts(w *wukongim) {
	if w.container == nil {
		return
	}
	inside := map[string]port{}
	for _, p := range w.container.ports {
		if p.published != "" && p.published != p.inside {
			inside[p.published] = p
		}
	}
	for _, p := range w.container.ports {
		other, ok := inside[p.inside]
		if !ok || other.inside != p.published || p.published > p.inside || w.listening(p.inside) == "" || w.listening(p.published) == "" {
			continue
		}
		r.report(rulePortsSwapped, systemWuKongIM, p.at, "the ports "+p.published+" and "+p.inside+" are published the wrong way round",
			"clients that are told the usual ports meet the wrong protocol: "+speaks[w.listening(p.inside)]+" where they expect "+speaks[w.listening(p.published)],
			`publish "`+p.published+":"+p.published+`" and "`+p.inside+":"+p.inside+`"`)
	}
}

// usualPort is the port that everybody expects of a listener.
func usualPort(l *listener) string {
	if l.role == "wss" {
		return "5210"
	}
	a, _ := parseAddress(l.preset)
	return a.port
}

// externalPorts finds external addresses that lead to another listener's port. Ports that no listener has are mapped by
// something in front and nobody's fault.
func (r *run) externalPorts(w *wukongim) {
	for _, e := range externals {
		s := w.settings.get(e.key)
		if !s.known() || quoted(s.value) {
			continue
		}
		a, _ := parseAddress(s.value)
		role := w.behind(a.port)
		if role == "wss" && (r.proxies || len(r.nginxes) > 0) && w.listening(a.port) == "" {
			continue // the proxy's own port
		}
		if role == "" || role == e.role || !slices.Contains(append([]string{""}, e.schemes...), a.scheme) {
			continue
		}
		if e.role == "ws" && a.scheme == "wss" && role == "wss" {
			continue
		}
		switch {
		case e.role == "wss" && role == "ws":
			r.report(ruleTLSToPlainPort, systemWuKongIM, s.at, s.name()+" leads to port "+a.port+", where WuKongIM speaks plain WebSocket",
				"clients send a TLS ClientHello to a port without TLS: malformed HTTP request, or wrong version number at the client",
				"write the port of wssAddr (usually 5210), or that of a proxy that ends TLS")
		case e.role == "ws" && role == "wss":
			r.report(rulePlainToTLSPort, systemWuKongIM, s.at, s.name()+" leads to port "+a.port+", where WuKongIM speaks TLS",
				"clients speak plain WebSocket to the TLS port: first record does not look like a TLS handshake", "write the port of wsAddr (usually 5200)")
		default:
			r.report(ruleExternalPort, systemWuKongIM, s.at, s.name()+" leads to port "+a.port+", where WuKongIM speaks "+speaks[role],
				"clients meet the wrong protocol, and every connection fails", "write the port that "+e.key+" is for (usually "+usualPort(listenerOf(e.role))+")")
		}
	}
}

func listenerOf(role string) *listener {
	for i := range listeners {
		if listeners[i].role == role {
			return &listeners[i]
		}
	}
	return nil
}

// behind returns the role of the listener that is reached by a port from outside: through the published ports of the
// container where there are any.
func (w *wukongim) behind(port string) string {
	if port == "" {
		return ""
	}
	if w.container != nil && len(w.container.ports) > 0 {
		for _, p := range w.container.ports {
			if p.published == port {
				return w.meant(p.inside)
			}
		}
		return ""
	}
	return w.meant(port)
}

// meant is what a port speaks: as configured, or, for the usual port of the WSS listener, as everybody takes it.
func (w *wukongim) meant(port string) string {
	if role := w.listening(port); role != "" || port != "5210" {
		return role
	}
	return "wss"
}
