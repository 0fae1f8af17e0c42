package check

import (
	"slices"
	"strings"

	"github.com/whytls/whytls/knowledgebase"
)

var (
	ruleBridgeBlind   = newRule("bridge-never-verifies", "watch", "", "a bridge does not check the certificate of the broker it connects to")
	ruleBridgeScheme  = newRule("bridge-scheme", "outage", "url-scheme-mismatch", "the address of a bridge has no scheme or a wrong one")
	ruleBridgePlain   = newRule("bridge-plain-to-tls-port", "outage", "plaintext-to-tls-port", "a bridge speaks plain MQTT to a TLS port")
	ruleBridgeTLS     = newRule("bridge-tls-to-plain-port", "outage", "tls-to-plaintext-port", "a bridge speaks TLS to a plain port")
	ruleBridgeSSLIdle = newRule("bridge-tls-settings-unused", "degraded", "url-scheme-mismatch", "a bridge has TLS settings, and its address says plain TCP")
)

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
	ignores, _ := version.Within(knowledgebase.Versions{Min: "v0.23.0", Max: "v0.25.0"})
	if !verifies && (ignores || !b.verify.yes()) {
		r.report(ruleBridgeBlind, systemNanoMQ, b.server.at, "NanoMQ 0.23 and later do not check the certificate of a bridge's remote, whatever cacertfile says",
			"anybody in between can pretend to be the remote broker; an expired or foreign certificate shows nowhere", "let a TLS proxy (stunnel, nginx stream with proxy_ssl_verify) make the connection if the check must hold")
	}
	chain := r.namedCertificate(namedFile{n.d, n.container, n.mounted, n.environment, b.certificate, systemNanoMQ, roleClient, false})
	key := r.namedCertificate(namedFile{n.d, n.container, n.mounted, n.environment, b.key, systemNanoMQ, roleKey, b.password.given()})
	r.pair(chain, key, systemNanoMQ)
	r.namedCertificate(namedFile{n.d, n.container, n.mounted, n.environment, b.ca, systemNanoMQ, roleCA, false})
}
