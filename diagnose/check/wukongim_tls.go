package check

import (
	"strings"
)

var (
	ruleWSSNoCertificate = newRule("wss-without-certificate", "outage", "bug-wukongim-wss-without-certificate", "wssAddr is set, but certificate or key is not")
	ruleWSSNotListening  = newRule("wss-announced-not-listening", "outage", "listener-not-configured", "external.wssAddr is set, but wssAddr is not")
	ruleCertificateIdle  = newRule("certificate-without-listener", "degraded", "listener-not-configured", "wssConfig is set, but no wssAddr")
	ruleWSSNotPublished  = newRule("wss-port-not-published", "outage", "connection-refused", "the container does not publish the port of wssAddr")
	ruleNotMounted       = newRule("certificate-not-mounted", "outage", "config-file-unreadable", "no volume of the container holds the certificate or key")
	ruleMisplaced        = newRule("setting-in-wrong-block", "outage", "config-invalid", "a setting stands in a block where it is not read")
)

// tlsOfWuKongIM checks the WSS listener: it takes wssAddr, wssConfig.certFile and wssConfig.keyFile together;
// external.wssAddr is only what clients are told.
func (r *run) tlsOfWuKongIM(w *wukongim) {
	listen, announced := w.settings.get("wssAddr"), w.settings.get("external.wssAddr")
	certificate, key := w.settings.get("wssConfig.certFile"), w.settings.get("wssConfig.keyFile")
	if r.misplaced(w) {
		return
	}
	switch {
	case listen.given() && !(certificate.given() && key.given()):
		missing := "wssConfig.certFile and wssConfig.keyFile are"
		at := listen.at
		switch {
		case certificate.given():
			missing, at = "wssConfig.keyFile is", certificate.at
		case key.given():
			missing, at = "wssConfig.certFile is", key.at
		}
		r.report(ruleWSSNoCertificate, systemWuKongIM, at, "wssAddr is set, but "+missing+" not",
			"WuKongIM starts without a word, and crashes (nil pointer) at the first byte of the first WSS client",
			"set wssConfig.certFile and wssConfig.keyFile, or take wssAddr away and let a proxy end TLS")
	case !listen.given() && announced.given() && (certificate.given() || r.expectsOwnTLS(w, announced)):
		r.report(ruleWSSNotListening, systemWuKongIM, announced.at, "external.wssAddr is only what clients are told; wssAddr, which opens the port, is not set",
			"nothing listens there: clients get connection refused, and WuKongIM logs nothing", "set wssAddr too (wss://0.0.0.0:5210), or let external.wssAddr name the proxy that ends TLS")
	case !listen.given() && (certificate.given() || key.given()):
		at := certificate.at
		if !certificate.given() {
			at = key.at
		}
		r.report(ruleCertificateIdle, systemWuKongIM, at, "a certificate is set, but wssAddr is not", "no WSS port is opened: clients get connection refused, and WuKongIM logs nothing",
			"set wssAddr (wss://0.0.0.0:5210)")
	}
	if listen.given() {
		r.published(w, listen, announced)
	}
	r.filesOfWuKongIM(w, certificate, key, announced)
}

// misplaced finds certificate settings outside of wssConfig.
func (r *run) misplaced(w *wukongim) bool {
	for _, s := range w.settings.sorted() {
		key := fold(s.key)
		if !s.given() || key == "WSSCONFIG_CERTFILE" || key == "WSSCONFIG_KEYFILE" {
			continue
		}
		for _, name := range []string{"CERTFILE", "KEYFILE"} {
			if key == name || key == "EXTERNAL_"+name || key == "EXTERNAL_WSSCONFIG_"+name || key == "CLUSTER_WSSCONFIG_"+name {
				r.report(ruleMisplaced, systemWuKongIM, s.at, s.name()+" is not read: certificate and key belong into a block wssConfig of their own",
					"the WSS listener has no certificate: WuKongIM crashes at the first WSS client", "move it to wssConfig at the outermost level (mind the indentation)")
				return true
			}
		}
	}
	return false
}

// expectsOwnTLS reports whether an announced WSS address means this very program, and not a proxy in front: its port is the one
// that WuKongIM's TLS listener usually has, and nothing that ends TLS was given.
func (r *run) expectsOwnTLS(w *wukongim, announced setting) bool {
	if !announced.known() || r.proxies || len(r.nginxes) > 0 {
		return false
	}
	a, ok := parseAddress(announced.value)
	if !ok {
		return false
	}
	inside := a.port
	if w.container != nil {
		for _, p := range w.container.ports {
			if p.published == a.port && p.inside != "" {
				inside = p.inside
			}
		}
	}
	return inside == "5210" && a.path == ""
}

// published checks that the port of wssAddr leaves the container.
func (r *run) published(w *wukongim, listen, announced setting) {
	if w.container == nil || len(w.container.ports) == 0 || r.proxies || !listen.known() || !announced.given() {
		return
	}
	a, ok := parseAddress(listen.value)
	if !ok || a.port == "" {
		return
	}
	for _, p := range w.container.ports {
		if p.inside == a.port || p.inside == "" {
			return
		}
	}
	r.report(ruleWSSNotPublished, systemWuKongIM, listen.at, "the service publishes other ports, but not "+show(a.port),
		"from outside of the container the WSS port is refused", `add "`+show(a.port)+":"+show(a.port)+`" to the service's ports`)
}

// certificateOf returns the certificate file of w where it is at hand.
func (r *run) certificateOf(w *wukongim) *certificateFile {
	return r.resolve(w.d, w.container, w.mounted, w.environment, w.settings.get("wssConfig.certFile"))
}

// filesOfWuKongIM checks the certificate and key that are named.
func (r *run) filesOfWuKongIM(w *wukongim, certificate, key, announced setting) {
	chain := r.namedCertificate(namedFile{w.d, w.container, w.mounted, w.environment, certificate, systemWuKongIM, roleServer, false})
	private := r.namedCertificate(namedFile{w.d, w.container, w.mounted, w.environment, key, systemWuKongIM, roleKey, false})
	for _, s := range []setting{certificate, key} {
		r.notMounted(w, s)
	}
	r.pair(chain, private, systemWuKongIM)
	if announced.known() && !quoted(announced.value) {
		if a, ok := parseAddress(announced.value); ok && a.scheme == "wss" {
			r.coversName(chain, a.host, announced, systemWuKongIM)
		}
	}
}

// notMounted finds certificates that nothing brings into a container of the official image.
func (r *run) notMounted(w *wukongim, s setting) {
	if w.container == nil || !w.container.closed || !s.known() || quoted(s.value) || !strings.HasPrefix(s.value, "/") ||
		!strings.Contains(w.container.image, "wukongim/wukongim") {
		return
	}
	for _, m := range w.container.mounts {
		if s.value == m.target || strings.HasPrefix(s.value, strings.TrimSuffix(m.target, "/")+"/") {
			return
		}
	}
	r.report(ruleNotMounted, systemWuKongIM, s.at, s.name()+" is a path in the container, and no volume of the service covers it",
		"WuKongIM does not find the file and panics at its start: no such file or directory", "mount the folder of the certificate (./certs:/certs:ro) and name the path as the container sees it")
}
