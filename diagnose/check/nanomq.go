package check

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/whytls/whytls/knowledgebase"
)

// What NanoMQ does with its settings was read in NanoNNG (nanolib/conf.c, conf_ver2.c) and seen in runs of 0.21.8 to 0.25.3.

// systemNanoMQ is the id of the system in the knowledge base.
const systemNanoMQ = "nanomq"

// nanomq is one NanoMQ with its settings.
type nanomq struct {
	d         *document
	settings  settings
	old       bool
	listeners []*nanoListener
	bridges   []*nanoBridge
	// environment tells that all there is are variables: the file that they change is not known.
	environment bool
	container   *container
	mounted     []*document
	merged      bool
}

// nanoListener is one listener, in either format.
type nanoListener struct {
	kind, name           string // tcp, ssl, ws, wss; the key of the block
	at                   Place
	bind                 setting
	certificate, key, ca setting
	password             setting
	verify, fail         setting
}

// nanoBridge is a bridge to another broker.
type nanoBridge struct {
	name                 string
	server, tls          setting
	certificate, key, ca setting
	password             setting
	verify               setting
}

var (
	ruleSSLNoCertificate = newRule("ssl-without-certificate", "outage", "server-cert-missing", "a TLS listener has no certificate or key")
	ruleVerifyNoFail     = newRule("verify-peer-without-fail", "watch", "bad-client-cert", "clients are asked for a certificate, and let in without a good one")
	ruleFailNoVerify     = newRule("fail-without-verify-peer", "watch", "missing-client-cert", "fail_if_no_peer_cert has no effect without verify_peer")
	ruleVerifyNoCA       = newRule("verify-peer-without-ca", "outage", "client-ca-misconfigured", "clients must show a certificate, and no CA is trusted")
	ruleWSSOpens         = newRule("ssl-opens-wss", "watch", "address-bind-failure", "listeners.ssl opens a WSS port on all addresses, too")
	ruleWSSNoSSL         = newRule("wss-without-ssl", "outage", "server-cert-missing", "listeners.wss has no certificate: it uses that of listeners.ssl")
	ruleLogLevel         = newRule("log-level-unknown", "watch", "config-invalid", "log.level is no level")
	ruleBridgeBlind      = newRule("bridge-never-verifies", "watch", "", "a bridge does not check the certificate of the broker it connects to")
	ruleBridgeScheme     = newRule("bridge-scheme", "outage", "url-scheme-mismatch", "the address of a bridge has no scheme or a wrong one")
	ruleBridgePlain      = newRule("bridge-plain-to-tls-port", "outage", "plaintext-to-tls-port", "a bridge speaks plain MQTT to a TLS port")
	ruleBridgeTLS        = newRule("bridge-tls-to-plain-port", "outage", "tls-to-plaintext-port", "a bridge speaks TLS to a plain port")
	ruleBridgeSSLIdle    = newRule("bridge-tls-settings-unused", "degraded", "url-scheme-mismatch", "a bridge has TLS settings, and its address says plain TCP")
	ruleBoolean          = newRule("not-true-or-false", "degraded", "config-invalid", "a switch is neither true nor false")
	ruleBindMalformed    = newRule("bind-malformed", "outage", "address-malformed", "the address of a listener is none")
	ruleListenerBug      = newRule("nanomq-listener-bug", "outage", "bug-nanomq-listener-cancelled", "this version stops accepting TLS after one failed negotiation")
	ruleQoSBug           = newRule("nanomq-qos-bug", "outage", "bug-nanomq-qos2-null-message", "this version loses QoS acknowledgements over TLS")
	ruleNoTLSBuild       = newRule("nanomq-image-without-tls", "outage", "tls-support-missing", "the image is built without TLS")
)

// parseNanoMQ reads a file in HOCON.
func (r *run) parseNanoMQ(d *document) {
	h := r.parseHOCON(d)
	n := &nanomq{d: d, settings: h.settings}
	n.hoconListeners(h)
	n.hoconBridges(h)
	r.nanomqs = append(r.nanomqs, n)
}

// listenerKinds are the listeners that matter here; QUIC is on UDP.
var listenerKinds = []string{"tcp", "ssl", "ws", "wss"}

// hoconListeners finds listeners.KIND and listeners.KIND.NAME.
func (n *nanomq) hoconListeners(h *hocon) {
	blocks := map[string]Place{}
	for key, at := range h.blocks {
		blocks[key] = at
	}
	for _, v := range h.settings.sorted() { // written with dots: listeners.ssl.bind = …
		if i := strings.LastIndexByte(v.key, '.'); i > 0 {
			if _, ok := blocks[v.key[:i]]; !ok {
				blocks[v.key[:i]] = v.at
			}
		}
	}
	roofs := map[string]bool{}
	for key := range blocks {
		if i := strings.LastIndexByte(key, '.'); i > 0 {
			roofs[key[:i]] = true
		}
	}
	for _, key := range sortedKeys(blocks) {
		parts := strings.Split(key, ".")
		if len(parts) < 2 || len(parts) > 3 || parts[0] != "listeners" || !slices.Contains(listenerKinds, parts[1]) {
			continue
		}
		get := func(name string) setting { return h.settings.get(key + "." + name) }
		if enable := get("enable"); enable.known() && !enable.yes() {
			continue
		}
		l := &nanoListener{
			kind: parts[1], name: key, at: blocks[key], bind: get("bind"), certificate: get("certfile"), key: get("keyfile"), ca: get("cacertfile"),
			password: get("key_password"), verify: get("verify_peer"), fail: get("fail_if_no_peer_cert"),
		}
		if len(parts) == 2 && !l.bind.given() && !l.certificate.given() && !l.key.given() && roofs[key] {
			continue // only a roof over named listeners
		}
		n.listeners = append(n.listeners, l)
	}
}

// hoconBridges finds bridges.mqtt.NAME.
func (n *nanomq) hoconBridges(h *hocon) {
	names := map[string]bool{}
	for _, v := range h.settings.sorted() {
		parts := strings.Split(v.key, ".")
		if len(parts) < 4 || parts[0] != "bridges" || parts[1] != "mqtt" || names[parts[2]] {
			continue
		}
		names[parts[2]] = true
		get := func(name string) setting { return h.settings.get("bridges.mqtt." + parts[2] + "." + name) }
		if enable := get("enable"); enable.known() && !enable.yes() || !get("server").given() {
			continue
		}
		n.bridges = append(n.bridges, &nanoBridge{
			name: parts[2], server: get("server"), tls: get("ssl.enable"), certificate: get("ssl.certfile"), key: get("ssl.keyfile"),
			ca: get("ssl.cacertfile"), password: get("ssl.key_password"), verify: get("ssl.verify_peer"),
		})
	}
}

// nanomqFromEnvironment makes a NanoMQ of NANOMQ_ variables.
func nanomqFromEnvironment(d *document, s settings) *nanomq {
	n := &nanomq{d: d, settings: s, environment: true}
	if tls := s.get("TLS_ENABLE"); tls.yes() {
		n.listeners = append(n.listeners, &nanoListener{
			kind: "ssl", name: "NANOMQ_TLS", at: tls.at, bind: s.get("TLS_URL"), certificate: s.get("TLS_CERT_PATH"), key: s.get("TLS_KEY_PATH"), ca: s.get("TLS_CA_CERT_PATH"),
			password: s.get("TLS_KEY_PASSWORD"), verify: s.get("TLS_VERIFY_PEER"), fail: s.get("TLS_FAIL_IF_NO_PEER_CERT"),
		})
	}
	return n
}

// judgeNanoMQs runs the rules over each NanoMQ.
func (r *run) judgeNanoMQs() {
	r.joinNanoMQs()
	for _, n := range r.nanomqs {
		version := r.versionOf(n)
		r.logLevel(n)
		for _, l := range n.listeners {
			if l.kind == "ssl" {
				r.judgeSSL(n, l)
			}
			r.judgeBind(n, l)
		}
		r.judgeWSS(n)
		r.nanoPorts(n)
		for _, b := range n.bridges {
			r.judgeBridge(n, b, version)
		}
		r.judgeVersion(n, version)
	}
}

// joinNanoMQs puts a container and the file that is mounted into it together.
func (r *run) joinNanoMQs() {
	var list []*nanomq
	for _, n := range r.nanomqs {
		if !n.environment || n.container != nil || !r.claimed[absolute(n.d.path)] {
			list = append(list, n)
		}
	}
	for _, n := range list {
		for _, f := range list {
			if !n.environment || n.container == nil || f.environment || !(&wukongim{container: n.container, mounted: n.mounted}).sees(f.d) {
				continue
			}
			f.container, f.mounted = n.container, n.mounted
			f.settings = n.settings.overlay(f.settings)
			f.listeners = append(f.listeners, n.listeners...)
			n.merged = true
		}
	}
	r.nanomqs = slices.DeleteFunc(list, func(n *nanomq) bool { return n.merged })
}

// versionOf is what is known about the version: the image's tag, or what the user says.
func (r *run) versionOf(n *nanomq) knowledgebase.Versions {
	if v, _ := n.container.version("nanomq"); v.Known() {
		return v
	}
	return r.version
}

// secure reports whether NanoMQ speaks TLS as a server.
func (n *nanomq) secure() bool {
	return slices.ContainsFunc(n.listeners, func(l *nanoListener) bool { return l.kind == "ssl" })
}

var levels = []string{"trace", "debug", "info", "warn", "error", "fatal"}

func (r *run) logLevel(n *nanomq) {
	for _, key := range []string{"log.level"} {
		if v := n.settings.get(key); v.known() && !slices.Contains(levels, strings.ToLower(v.value)) {
			r.report(ruleLogLevel, systemNanoMQ, v.at, show(v.value)+" is no level: trace, debug, info, warn, error, fatal",
				"NanoMQ takes it for error without a word, and the reasons of failures are not logged", "write "+nearestLevel(v.value))
		}
	}
}

func nearestLevel(word string) string {
	switch word = strings.ToLower(word); {
	case strings.HasPrefix(word, "w"):
		return "warn"
	case strings.HasPrefix(word, "i"), strings.HasPrefix(word, "n"):
		return "info"
	case strings.HasPrefix(word, "d"), strings.HasPrefix(word, "v"):
		return "debug"
	}
	return "warn or info"
}

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

// judgeBridge checks the connection to another broker.
func (r *run) judgeBridge(n *nanomq, b *nanoBridge, version knowledgebase.Versions) {
	if !b.server.known() {
		return
	}
	a, ok := parseAddress(b.server.value)
	secure := strings.HasPrefix(a.scheme, "tls+") || strings.HasPrefix(a.scheme, "wss") || a.scheme == "nmq-wss"
	const failing = "the bridge does not connect; at level warn the log says only that it reconnects"
	switch {
	case quoted(b.server.value):
		r.report(ruleQuoted, systemNanoMQ, b.server.at, "the quotes are part of the value of "+b.server.key, failing, "take the quotes away")
		return
	case a.scheme == "":
		r.report(ruleBridgeScheme, systemNanoMQ, b.server.at, b.server.name()+" has no scheme", failing, "write tls+mqtt-tcp://"+show(b.server.value)+" (mqtt-tcp:// without TLS)")
		return
	case !slices.Contains([]string{"mqtt-tcp", "tls+mqtt-tcp", "mqtt-quic", "tls+mqtt-tcp4", "mqtt-tcp4", "mqtt-tcp6", "tls+mqtt-tcp6"}, a.scheme):
		r.report(ruleBridgeScheme, systemNanoMQ, b.server.at, b.server.name()+" begins with "+show(a.scheme)+"://, which is none of NanoMQ's schemes", failing, "write mqtt-tcp://, tls+mqtt-tcp:// or mqtt-quic://")
		return
	case !ok || a.port != "" && !isPort(a.port):
		r.report(ruleBindMalformed, systemNanoMQ, b.server.at, b.server.name()+" has no valid port", failing, "write SCHEME://host:port")
		return
	case a.scheme == "mqtt-tcp" && a.port == "8883":
		r.report(ruleBridgePlain, systemNanoMQ, b.server.at, "the bridge speaks plain MQTT to port 8883, where brokers speak TLS", failing+"; the remote broker sees a handshake fail", "write tls+mqtt-tcp:// and a block ssl")
	case secure && a.port == "1883":
		r.report(ruleBridgeTLS, systemNanoMQ, b.server.at, "the bridge speaks TLS to port 1883, where brokers speak plain MQTT", failing, "write port 8883, or mqtt-tcp:// if the network is trusted")
	case a.scheme == "mqtt-tcp" && b.tls.yes():
		r.report(ruleBridgeSSLIdle, systemNanoMQ, b.tls.at, "TLS is switched on for the bridge, and its address says mqtt-tcp://, without TLS", "the bridge speaks plain MQTT", "write tls+mqtt-tcp:// and the remote's TLS port")
	}
	if secure {
		r.bridgeFiles(n, b, version)
	}
}

func (r *run) bridgeFiles(n *nanomq, b *nanoBridge, version knowledgebase.Versions) {
	verifies, _ := version.Within(knowledgebase.Versions{Max: "v0.23.0"})
	if !verifies && !b.verify.yes() {
		r.report(ruleBridgeBlind, systemNanoMQ, b.server.at, "NanoMQ 0.23 and later do not check the certificate of a bridge's remote, whatever cacertfile says",
			"anybody in between can pretend to be the remote broker; an expired or foreign certificate shows nowhere", "let a TLS proxy (stunnel, nginx stream with proxy_ssl_verify) make the connection if the check must hold")
	}
	chain := r.namedCertificate(namedFile{n.d, n.container, n.mounted, n.environment, b.certificate, systemNanoMQ, roleClient, false})
	key := r.namedCertificate(namedFile{n.d, n.container, n.mounted, n.environment, b.key, systemNanoMQ, roleKey, b.password.given()})
	r.pair(chain, key, systemNanoMQ)
	r.namedCertificate(namedFile{n.d, n.container, n.mounted, n.environment, b.ca, systemNanoMQ, roleCA, false})
}

// judgeVersion reports versions and images with known faults.
func (r *run) judgeVersion(n *nanomq, version knowledgebase.Versions) {
	at, tag := n.d.whole(), version.String()
	if v, _ := n.container.version("nanomq"); v.Known() {
		at = n.container.imageAt
	}
	if n.container != nil {
		image := n.container.image
		name := filepath.Base(image)
		if n.secure() && strings.HasPrefix(name, "nanomq") && strings.Contains(image, "emqx/") && !strings.Contains(name, "-slim") && !strings.Contains(name, "-full") && !strings.Contains(name, "sha") {
			r.report(ruleNoTLSBuild, systemNanoMQ, n.container.imageAt, "the image "+show(image)+" is built without TLS; -slim and -full have it",
				"NanoMQ ends at its start: nng_listener_create tls: Not supported", "use the tag with -slim or -full")
		}
	}
	if !n.secure() && !n.unsure() {
		return
	}
	if yes, _ := version.Within(knowledgebase.Versions{Min: "v0.22.0", Max: "v0.22.8"}); yes {
		r.report(ruleListenerBug, systemNanoMQ, at, fmt.Sprintf("NanoMQ %s stops accepting TLS clients after any failed negotiation", tag),
			"one bad certificate, one plain client or one TCP health check, and the TLS port hangs until a restart", "upgrade to 0.22.10 or later")
	}
	if yes, _ := version.Within(knowledgebase.Versions{Max: "v0.21.10"}); yes {
		r.report(ruleQoSBug, systemNanoMQ, at, fmt.Sprintf("NanoMQ %s loses QoS 1 and 2 acknowledgements over TLS", tag),
			"publishers over TLS hang under load (NULL msg detected in send_cb)", "upgrade to 0.22.10 or later")
	}
}

// unsure reports whether the file that would tell about TLS is not known.
func (n *nanomq) unsure() bool { return n.environment && len(n.listeners) == 0 && n.container != nil }
