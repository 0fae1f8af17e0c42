package check

import (
	"fmt"
	"strings"
)

var (
	ruleV3NoTLS     = newRule("v3-has-no-tls-listener", "outage", "listener-not-configured", "WuKongIM v3 has no TLS listener")
	ruleV3NodeTwice = newRule("cluster-address-twice", "outage", "cluster-node-id-conflict", "two nodes of the list have one address")
)

// What v3 does was read in cmd/wukongim/config.go of its main branch: TOML or a file of WK_ variables, no certificates anywhere.

// parseWuKongIMTOML reads the configuration of v3.
func (r *run) parseWuKongIMTOML(d *document) {
	s, ok := r.parseTOML(d, systemWuKongIM, "WuKongIM does not start")
	if ok {
		r.wukongims = append(r.wukongims, &wukongim{d: d, settings: s, v3: true, settingsSeen: true})
	}
}

// judgeV3 checks a WuKongIM of v3.
func (r *run) judgeV3(w *wukongim) {
	s := w.settings
	for _, e := range []external{
		{"api.external_tcp_addr", nil, "tcp"}, {"external_tcpaddr", nil, "tcp"},
		{"api.external_ws_addr", []string{"ws", "wss"}, "ws"}, {"external_wsaddr", []string{"ws", "wss"}, "ws"},
		{"api.external_wss_addr", []string{"wss"}, "wss"}, {"external_wssaddr", []string{"wss"}, "wss"},
	} {
		v := s.get(e.key)
		r.externalAddress(w, v, e)
		if v.known() && !quoted(v.value) {
			r.v3ExternalPort(w, v, e.role)
		}
	}
	for _, key := range []string{"wssAddr", "wssConfig.certFile", "wssConfig.keyFile", "gateway.cert_file", "gateway.tls_cert_file", "tls.cert_file", "tls.certFile"} {
		if v := s.get(key); v.given() {
			r.report(ruleV3NoTLS, systemWuKongIM, v.at, v.name()+" is not read: WuKongIM v3 has no TLS listener", "no WSS port is opened, and nothing says so", "let a proxy (nginx, haproxy, caddy) end TLS, and set api.external_wss_addr to its address")
			break
		}
	}
	r.v3Ports(w)
	r.v3Nodes(w)
}

// v3ExternalPort finds an external address that leads to another listener's port.
func (r *run) v3ExternalPort(w *wukongim, v setting, role string) {
	a, ok := parseAddress(v.value)
	if !ok || a.port == "" || w.mapped(a.port) {
		return
	}
	for _, l := range w.v3Listeners() {
		switch {
		case l.port != a.port:
		case role == "wss":
			r.report(ruleTLSToPlainPort, systemWuKongIM, v.at, v.name()+" leads to port "+a.port+", where v3 speaks without TLS",
				"clients send a TLS ClientHello to a port without TLS, and time out", "let a proxy end TLS, and name its port")
		case role == "ws" && l.network != "websocket", role == "tcp" && l.network != "tcp":
			r.report(ruleExternalPort, systemWuKongIM, v.at, v.name()+" leads to port "+a.port+", which is that of "+l.name,
				"clients meet the wrong protocol, and every connection fails", "write the port of the listener that it is for")
		default:
			continue
		}
		return
	}
}

// v3Listener is a port that v3 opens.
type v3Listener struct {
	name, port, network string
	at                  setting
}

// v3Addresses are the addresses that v3 listens on beside those of the gateway.
var v3Addresses = []string{"api.listen_addr", "manager.listen_addr", "cluster.listen_addr"}

func (w *wukongim) v3Listeners() (list []v3Listener) {
	for i := range 64 {
		prefix := fmt.Sprintf("gateway.listeners.%d.", i)
		v := w.settings.get(prefix + "address")
		if a, ok := parseAddress(v.value); ok && v.known() {
			list = append(list, v3Listener{v.key, a.port, w.settings.get(prefix + "network").value, v})
		}
	}
	for _, key := range v3Addresses {
		v := w.settings.get(key)
		if a, ok := parseAddress(v.value); ok && v.known() {
			list = append(list, v3Listener{v.key, a.port, "", v})
		}
	}
	return list
}

func (r *run) v3Ports(w *wukongim) {
	for _, key := range v3Addresses {
		if v := w.settings.get(key); v.known() && !quoted(v.value) {
			if a, ok := parseAddress(v.value); !ok || !isPort(a.port) || a.scheme != "" {
				r.report(ruleListenMalformed, systemWuKongIM, v.at, v.name()+" takes host:port", "WuKongIM ends at its start: it cannot listen there", "write host:port without a scheme, such as 0.0.0.0:5001")
			}
		}
	}
	list := w.v3Listeners()
	for i, b := range list {
		if network := strings.ToLower(b.network); network == "wss" || network == "tls" {
			at := w.settings.get(strings.TrimSuffix(b.at.key, "address") + "network")
			r.report(ruleV3NoTLS, systemWuKongIM, at.at, "network "+show(b.network)+" is none of v3: tcp or websocket", "WuKongIM does not start", "write websocket, and let a proxy end TLS")
		}
		for _, a := range list[:i] {
			if a.port == b.port && a.port != "" {
				r.report(rulePortTwice, systemWuKongIM, b.at.at, "port "+b.port+" is that of "+a.name+" too", "WuKongIM ends at its start: bind: address already in use", "give each listener its own port")
				break
			}
		}
	}
}

func (r *run) v3Nodes(w *wukongim) {
	ids, addresses := map[string]bool{}, map[string]bool{}
	for i := range 256 {
		id, addr := w.settings.get(fmt.Sprintf("cluster.nodes.%d.id", i)), w.settings.get(fmt.Sprintf("cluster.nodes.%d.addr", i))
		if !id.set && !addr.set {
			break
		}
		if id.known() && ids[id.value] {
			r.report(ruleNodeTwice, systemWuKongIM, id.at, "node id "+show(id.value)+" stands twice in cluster.nodes", "one of the two nodes is never asked, and the cluster may find no quorum", "give each node its own id")
		}
		if addr.known() && addresses[addr.value] {
			r.report(ruleV3NodeTwice, systemWuKongIM, addr.at, "the address "+show(addr.value)+" stands twice in cluster.nodes", "two ids lead to one node: the cluster counts a member that is not there", "give each node its own address")
		}
		ids[id.value], addresses[addr.value] = true, true
	}
	own := w.settings.get("node.id")
	if own.known() && len(ids) > 1 && !ids[own.value] && !quoted(own.value) {
		r.report(ruleNotMember, systemWuKongIM, own.at, "node "+show(own.value)+" is not among its own cluster.nodes", "the node never becomes a member", "add it to cluster.nodes on all nodes")
	}
}
