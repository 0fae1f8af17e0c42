package check

import (
	"cmp"
	"slices"
)

var (
	ruleSSLNoCertificate = newRule("ssl-without-certificate", "outage", "server-cert-missing", "a TLS listener has no certificate or key")
	ruleVerifyNoFail     = newRule("verify-peer-without-fail", "watch", "bad-client-cert", "clients are asked for a certificate, and let in without a good one")
	ruleFailNoVerify     = newRule("fail-without-verify-peer", "watch", "missing-client-cert", "fail_if_no_peer_cert has no effect without verify_peer")
	ruleVerifyNoCA       = newRule("verify-peer-without-ca", "outage", "client-ca-misconfigured", "clients must show a certificate, and no CA is trusted")
	ruleWSSOpens         = newRule("ssl-opens-wss", "watch", "address-bind-failure", "listeners.ssl opens a WSS port on all addresses, too")
	ruleWSSNoSSL         = newRule("wss-without-ssl", "outage", "server-cert-missing", "listeners.wss has no certificate: it uses that of listeners.ssl")
	ruleBoolean          = newRule("not-true-or-false", "degraded", "config-invalid", "a switch is neither true nor false")
	ruleBindMalformed    = newRule("bind-malformed", "outage", "address-malformed", "the address of a listener is none")
)

// judgeSSL checks a TLS listener.
func (r *run) judgeSSL(n *nanomq, l *nanoListener) {
	for _, v := range []setting{l.verify, l.fail} {
		if v.known() && v.value != "true" && v.value != "false" {
			r.report(ruleBoolean, systemNanoMQ, v.at, v.name()+" is neither true nor false", "NanoMQ takes it for false, or does not read the file", "write true or false, without quotes")
			return
		}
	}
	if !n.environment && !(l.certificate.given() && l.key.given()) {
		missing := "certfile and keyfile are"
		if l.certificate.given() {
			missing = "keyfile is"
		} else if l.key.given() {
			missing = "certfile is"
		}
		r.report(ruleSSLNoCertificate, systemNanoMQ, l.at, missing+" not set in "+l.name,
			"NanoMQ starts as if all were well, and every TLS client fails (27: Peer could not be authenticated)", "set certfile and keyfile")
	}
	verify, fail := l.verify.yes(), l.fail.yes()
	switch {
	case verify && !fail && !l.fail.unknown:
		at := l.fail
		if !at.set {
			at = l.verify
		}
		r.report(ruleVerifyNoFail, systemNanoMQ, at.at, "verify_peer is on, but fail_if_no_peer_cert is not",
			"a client without a certificate is let in, and so is one with a bad certificate; nothing is logged about it", "set fail_if_no_peer_cert to true if certificates are to count, or verify_peer to off if not")
	case fail && !verify && !l.verify.unknown:
		r.report(ruleFailNoVerify, systemNanoMQ, l.fail.at, "fail_if_no_peer_cert is on, but verify_peer is not",
			"clients are not asked for a certificate at all, and everybody is let in", "set verify_peer to true")
	}
	if verify && !l.ca.given() && !n.environment {
		r.report(ruleVerifyNoCA, systemNanoMQ, l.verify.at, "verify_peer is on, and no cacertfile says which CA is trusted",
			"every client with a certificate fails (27: Peer could not be authenticated)", "set cacertfile to the CA that issued the clients' certificates")
	}
	chain := r.namedCertificate(namedFile{n.d, n.container, n.mounted, n.environment, l.certificate, systemNanoMQ, roleServer, false})
	key := r.namedCertificate(namedFile{n.d, n.container, n.mounted, n.environment, l.key, systemNanoMQ, roleKey, l.password.given()})
	r.pair(chain, key, systemNanoMQ)
	if verify || l.ca.given() && r.resolve(n.d, n.container, n.mounted, n.environment, l.ca) != nil {
		r.namedCertificate(namedFile{n.d, n.container, n.mounted, n.environment, l.ca, systemNanoMQ, roleCA, false})
	}
}

// judgeBind checks the address of a listener: host:port, with a path for WebSocket; older files have a scheme.
func (r *run) judgeBind(n *nanomq, l *nanoListener) {
	if !l.bind.known() {
		return
	}
	a, ok := parseAddress(l.bind.value)
	switch {
	case quoted(l.bind.value):
		r.report(ruleQuoted, systemNanoMQ, l.bind.at, "the quotes are part of the value of "+l.bind.name(), "NanoMQ does not open the port: Address invalid", "take the quotes away")
	case !ok || !isPort(a.port):
		r.report(ruleBindMalformed, systemNanoMQ, l.bind.at, l.bind.name()+" has no valid port", "NanoMQ ends at its start: Address invalid", "write host:port, such as 0.0.0.0:"+usualNanoPort[l.kind])
	case a.scheme != "" && !slices.Contains(bindSchemes[l.kind], a.scheme):
		r.report(ruleBindMalformed, systemNanoMQ, l.bind.at, l.bind.name()+" begins with "+show(a.scheme)+"://, which is none of this listener's schemes",
			"NanoMQ ends at its start (Address invalid, Not supported), or the port speaks something else", "write "+show(a.host+":"+a.port+a.path))
	}
}

var usualNanoPort = map[string]string{"tcp": "1883", "ssl": "8883", "ws": "8083", "wss": "8086"}

var bindSchemes = map[string][]string{
	"tcp": {"nmq-tcp", "broker+tcp", "tcp", "nmq-tcp4", "nmq-tcp6"}, "ssl": {"tls+nmq-tcp", "nmq-tls", "tls+tcp", "tls+nmq-tcp4", "tls+nmq-tcp6"},
	"ws": {"nmq-ws", "ws"}, "wss": {"nmq-wss", "wss"},
}

// judgeWSS checks the WSS listener, which lives on listeners.ssl.
func (r *run) judgeWSS(n *nanomq) {
	if n.environment || n.old {
		return
	}
	var ssl, wss *nanoListener
	for _, l := range n.listeners {
		switch l.kind {
		case "ssl":
			ssl = cmp.Or(ssl, l)
		case "wss":
			wss = cmp.Or(wss, l)
		}
	}
	disabled := n.settings.get("listeners.wss.enable")
	switch {
	case ssl != nil && wss == nil && !disabled.known():
		r.report(ruleWSSOpens, systemNanoMQ, ssl.at, "listeners.ssl is on, and there is no listeners.wss: NanoMQ opens WSS too, on 0.0.0.0:8086",
			"a port is open that nobody knows of; a second broker on the host ends with: nng_listener_start wss: Address in use", `add listeners.wss { bind = "127.0.0.1:8086/mqtt" }, or the address that is wanted`)
	case wss != nil && ssl == nil && !wss.certificate.given():
		r.report(ruleWSSNoSSL, systemNanoMQ, wss.at, "listeners.wss takes its certificate from listeners.ssl, which is not there", "no WSS client gets through, and nothing is logged", "add listeners.ssl with certfile and keyfile")
	}
}

// mostListeners bounds how many listeners are compared with each other.
const mostListeners = 200

// nanoPorts finds listeners that take each other's port.
func (r *run) nanoPorts(n *nanomq) {
	type open struct {
		name, kind, host, port string
		at                     Place
	}
	var list []open
	for _, l := range n.listeners {
		if a, ok := parseAddress(l.bind.value); ok && l.bind.known() && isPort(a.port) {
			list = append(list, open{l.bind.key, l.kind, a.host, a.port, l.bind.at})
		}
	}
	if v := n.settings.get("http_server.port"); v.known() && isPort(v.value) && (!n.old || n.settings.get("http_server.enable").yes()) {
		list = append(list, open{v.key, "http", "0.0.0.0", v.value, v.at})
	}
	list = list[:min(len(list), mostListeners)]
	for i, a := range list {
		for _, b := range list[i+1:] {
			anyHost := address{host: a.host}.isAny() || address{host: b.host}.isAny()
			if a.port == b.port && (a.host == b.host || anyHost) {
				first, second := a, b
				if first.at.Line > second.at.Line {
					first, second = b, a
				}
				r.report(rulePortTwice, systemNanoMQ, second.at, "port "+b.port+" is that of "+first.name+" too", "NanoMQ ends at its start: Address in use", "give each listener its own port (usually 1883, TLS 8883, WebSocket 8083, WSS 8086, HTTP 8081)")
			}
			if a.port == usualNanoPort[b.kind] && b.port == usualNanoPort[a.kind] && a.kind != b.kind {
				r.report(rulePortsSwapped, systemNanoMQ, a.at, a.name+" and "+b.name+" have each other's usual ports", "clients that are told the usual ports speak plain MQTT to the TLS port, and TLS to the plain one",
					"write port "+usualNanoPort[a.kind]+" for "+a.name+" and "+usualNanoPort[b.kind]+" for "+b.name)
			}
		}
	}
}
