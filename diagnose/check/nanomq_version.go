package check

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/whytls/whytls/knowledgebase"
)

var (
	ruleListenerBug = newRule("nanomq-listener-bug", "outage", "bug-nanomq-listener-cancelled", "this version stops accepting TLS after one failed negotiation")
	ruleQoSBug      = newRule("nanomq-qos-bug", "outage", "bug-nanomq-qos2-null-message", "this version loses QoS acknowledgements over TLS")
	ruleNoTLSBuild  = newRule("nanomq-image-without-tls", "outage", "tls-support-missing", "the image is built without TLS")
)

// versionOf is what is known about the version: the image's tag, or what the user says.
func (r *run) versionOf(n *nanomq) knowledgebase.Versions {
	if v, _ := n.container.version("nanomq"); v.Known() {
		return v
	}
	return r.version
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
