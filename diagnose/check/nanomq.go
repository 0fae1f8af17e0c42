package check

import (
	"slices"
	"strings"
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

// secure reports whether NanoMQ speaks TLS as a server.
func (n *nanomq) secure() bool {
	return slices.ContainsFunc(n.listeners, func(l *nanoListener) bool { return l.kind == "ssl" })
}
