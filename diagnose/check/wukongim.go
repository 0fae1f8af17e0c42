package check

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// What WuKongIM does with its settings was read in its sources (internal/options/options.go of v2.2.5, pkg/wknet/acceptor.go)
// and seen in runs of v1.2.6, v2.0.1 and v2.2.5: an address without a scheme or with quotes inside is a panic at the start
// ("invalid address", "unsupported network"), external addresses are handed to clients by /route as they are, and
// entries of cluster.initNodes that do not parse are skipped without a word.

// systemWuKongIM is the id of the system in the knowledge base.
const systemWuKongIM = "wukongim"

// wukongim is one WuKongIM with its settings.
type wukongim struct {
	d        *document
	settings settings
	// environment tells that (part of) the settings are variables; paths in them are those of a container.
	environment bool
	// public tells that the variables stand in a file that is handed around, not in a file of secrets.
	public    bool
	container *container
	v3        bool
	group     string      // of one compose file
	mounted   []*document // files of maps that the container sees

	settingsSeen bool // false for a container with nothing but an image
	merged       bool // its settings are part of another one's
}

// parseWuKongIM reads wk.yaml.
func (r *run) parseWuKongIM(d *document) {
	for _, node := range r.yamlDocuments(d) {
		r.wukongims = append(r.wukongims, &wukongim{d: d, settings: r.flatten(d, node), settingsSeen: true})
		return
	}
}

// isV3 tells by its keys whether settings are those of v3, which shares some names with v2 and none of the meanings.
func isV3(s settings) bool {
	for _, key := range []string{"NODE_ID", "NODE_DATA_DIR", "CLUSTER_LISTEN_ADDR", "API_LISTEN_ADDR", "GATEWAY_LISTENERS", "CLUSTER_NODES", "MANAGER_LISTEN_ADDR", "CLUSTER_HASH_SLOT_COUNT"} {
		if s[key].set {
			return true
		}
	}
	return false
}

// joinWuKongIMs puts together what belongs to one program: variables are stronger than the file that is mounted beside them.
func (r *run) joinWuKongIMs() {
	var list []*wukongim
	for _, w := range r.wukongims {
		if w.environment && w.container == nil && r.claimed[absolute(w.d.path)] {
			continue // a compose file or a unit reads it
		}
		list = append(list, w)
	}
	var environments, files []*wukongim
	for _, w := range list {
		if w.environment {
			environments = append(environments, w)
		} else {
			files = append(files, w)
		}
	}
	for _, w := range environments {
		for _, f := range files[:min(len(files), mostListeners)] {
			if w.sees(f.d) || len(files) == 1 && len(environments) == 1 && w.beside(f) {
				w.settings = w.settings.overlay(f.settings)
				w.settingsSeen, w.v3 = true, w.v3 || f.v3
				f.merged = true
			}
		}
	}
	r.wukongims = slices.DeleteFunc(list, func(w *wukongim) bool { return w.merged || !w.settingsSeen && len(w.settings) == 0 })
}

// sees reports whether the program's container has the document.
func (w *wukongim) sees(d *document) bool {
	for _, m := range w.mounted {
		if m == d {
			return true
		}
	}
	if w.container == nil {
		return false
	}
	path := absolute(d.path)
	for _, m := range w.container.mounts {
		if m.source == "" {
			continue
		}
		source := absolute(m.source)
		if source == path || strings.HasPrefix(path, source+string(filepath.Separator)) && strings.HasPrefix(m.target, "/root/wukongim") {
			return true
		}
	}
	return false
}

// beside reports whether variables and a file lie in one folder: the variables are meant for the file.
func (w *wukongim) beside(f *wukongim) bool {
	return w.container == nil && filepath.Dir(absolute(w.d.path)) == filepath.Dir(absolute(f.d.path))
}

// judgeWuKongIMs runs the rules over each WuKongIM, and over all of them.
func (r *run) judgeWuKongIMs() {
	for _, w := range r.wukongims {
		r.quotedValues(w)
		r.secretsInClear(w)
		if w.v3 {
			r.judgeV3(w)
			continue
		}
		r.listenAddresses(w)
		r.externalAddresses(w)
		r.tlsOfWuKongIM(w)
		r.listenerPorts(w)
		r.externalPorts(w)
		r.publishedPorts(w)
		r.hooks(w)
		r.clusterOf(w)
	}
	r.nodesTwice()
}

// listener is one of the ports that WuKongIM opens.
type listener struct {
	role    string // what it speaks
	key     string // the setting
	preset  string // its default, "" for off
	scheme  string // that the setting must have, "" for none
	another string // an older name of the setting
}

// listeners of v1 and v2.
var listeners = []listener{
	{role: "tcp", key: "addr", preset: "tcp://0.0.0.0:5100", scheme: "tcp"},
	{role: "ws", key: "wsAddr", preset: "ws://0.0.0.0:5200", scheme: "ws"},
	{role: "wss", key: "wssAddr", scheme: "wss"},
	{role: "http", key: "httpAddr", preset: "0.0.0.0:5001"},
	{role: "manager", key: "manager.addr", preset: "0.0.0.0:5300", another: "monitor.addr"},
	{role: "demo", key: "demo.addr", preset: "0.0.0.0:5172"},
	{role: "cluster", key: "cluster.addr", preset: "tcp://0.0.0.0:11110", scheme: "tcp"},
}

// speaks says what a role is to a person.
var speaks = map[string]string{
	"tcp": "the app's TCP protocol", "ws": "plain WebSocket", "wss": "WebSocket over TLS", "http": "the HTTP API",
	"manager": "the manager page", "demo": "the demo page", "cluster": "the cluster protocol",
}

// setting returns the setting of a listener.
func (l *listener) setting(s settings) setting {
	if v := s.get(l.key); v.given() || l.another == "" {
		return v
	}
	return s.get(l.another)
}

// port returns the port that a listener opens and the setting that says so; unset when the default holds. ok is false when
// it is off or cannot be known.
func (l *listener) port(s settings) (port string, from setting, ok bool) {
	from = l.setting(s)
	section, _, nested := strings.Cut(l.key, ".")
	if nested && l.role != "cluster" {
		if on := s.get(section + ".on"); on.known() && !on.yes() {
			return "", from, false
		}
		if old, _, _ := strings.Cut(l.another, "."); old != "" {
			if on := s.get(old + ".on"); on.known() && !on.yes() {
				return "", from, false
			}
		}
	}
	text := l.preset
	if from.given() {
		if from.unknown {
			return "", from, false
		}
		text = from.value
	}
	a, good := parseAddress(strings.Trim(text, `"'`))
	if !good || !isPort(a.port) {
		return "", from, false
	}
	return a.port, from, true
}

func isPort(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n > 0 && n < 65536
}

// listening returns the role of the listener on a port, "" when none is there.
func (w *wukongim) listening(port string) string {
	for i := range listeners {
		if p, _, ok := listeners[i].port(w.settings); ok && p == port {
			return listeners[i].role
		}
	}
	return ""
}

// quotedKeys are the settings in which a quote can only be a mistake.
var quotedKeys = []string{
	"addr", "wsAddr", "wssAddr", "httpAddr", "external.ip", "external.tcpAddr", "external.wsAddr", "external.wssAddr", "external.apiUrl",
	"external.monitorAddr", "wssConfig.certFile", "wssConfig.keyFile", "cluster.addr", "cluster.serverAddr", "cluster.apiUrl", "cluster.seed",
	"cluster.initNodes", "cluster.nodeId", "webhook.httpAddr", "webhook.grpcAddr", "manager.addr", "monitor.addr", "demo.addr", "managerToken",
	"mode", "rootDir", "dataDir", "api.external_tcp_addr", "api.external_ws_addr", "api.external_wss_addr", "api.listen_addr", "cluster.listen_addr",
	"node.id", "manager.listen_addr", "external_tcpaddr", "external_wsaddr", "external_wssaddr",
}

var ruleQuoted = newRule("value-keeps-its-quotes", "outage", "address-malformed", "quotes are part of the value")

// quotedValues finds quotes that became part of a value: NAME="value" as an item of a list in YAML, quotes inside of quotes.
func (r *run) quotedValues(w *wukongim) {
	done := map[Place]bool{}
	for _, key := range quotedKeys {
		s := w.settings.get(key)
		for _, v := range append([]setting{s}, s.items...) {
			if !v.set || !quoted(v.value) || done[v.at] {
				continue
			}
			done[v.at] = true
			consequence := "the value is taken with its quotes"
			switch {
			case strings.HasPrefix(key, "external"), strings.HasPrefix(key, "api.external"):
				consequence = "/route hands the address with its quotes to the clients, which cannot use it"
			case strings.HasSuffix(strings.ToLower(key), "addr") && !w.v3:
				consequence = `WuKongIM panics at its start: unsupported network, or invalid address`
			case strings.HasSuffix(key, "File"):
				consequence = "WuKongIM looks for a file whose name has quotes, and panics at its start"
			case strings.HasSuffix(key, "nodeId"), strings.HasSuffix(key, "initNodes"):
				consequence = "the id does not parse as a number: the entry is skipped in silence"
			}
			fix := "take the quotes inside the value away"
			if w.environment {
				fix = `quote the whole entry or nothing: - "NAME=value" or NAME: value`
			}
			r.report(ruleQuoted, systemWuKongIM, v.at, "the quotes are part of the value of "+s.name(), consequence, fix)
		}
	}
}

// quoted reports whether a value begins or ends with a quote.
func quoted(value string) bool {
	value = strings.TrimSpace(value)
	return len(value) > 1 && (strings.ContainsAny(value[:1], `"'“‘`) || strings.ContainsAny(value[len(value)-1:], `"'`) || strings.HasSuffix(value, "”"))
}

var ruleSecret = newRule("secret-in-clear", "watch", "", "a secret stands in clear in a file that is handed around")

// secretKeys are the settings that hold secrets.
var secretKeys = []string{"managerToken", "manager.jwt_secret", "manager.jwtSecret", "auth.superToken", "logger.loki.password", "jwt.secret"}

// secretsInClear finds secrets that everybody who reads the file has. A file of variables alone (.env) is made for them.
func (r *run) secretsInClear(w *wukongim) {
	for _, key := range secretKeys {
		s := w.settings.get(key)
		if !s.known() || placeholder(s.value) || w.environment && !w.public || strings.HasSuffix(s.at.File, ".env") {
			continue
		}
		at := s.at
		at.Text = lastKey(s.key) + ": ******"
		r.report(ruleSecret, systemWuKongIM, at, s.name()+" stands in clear in this file",
			"whoever can read the file, its repository or its backups can use the API as the manager",
			"give it by an environment file or a secret that is not in the repository ("+"WK_"+fold(s.key)+"), and change it")
	}
}

// placeholder reports whether a secret is one to be filled in.
func placeholder(value string) bool {
	lower := strings.ToLower(strings.Trim(value, `"'`))
	if strings.Trim(lower, "*x.-_?") == "" {
		return true
	}
	for _, word := range []string{"changeme", "change-me", "change_me", "your", "example", "placeholder", "todo", "replace", "secret:", "vault:", "enc("} {
		if strings.Contains(lower, word) {
			return true
		}
	}
	return strings.HasPrefix(lower, "<") || strings.HasPrefix(lower, "$")
}

var ruleHook = newRule("webhook-without-scheme", "degraded", "address-malformed", "the address of a webhook has no http://")

// hooks checks the addresses that WuKongIM calls over HTTP.
func (r *run) hooks(w *wukongim) {
	for _, key := range []string{"webhook.httpAddr", "datasource.addr"} {
		s := w.settings.get(key)
		if !s.known() || quoted(s.value) {
			continue
		}
		if a, _ := parseAddress(s.value); a.scheme != "http" && a.scheme != "https" {
			r.report(ruleHook, systemWuKongIM, s.at, s.name()+" has no http:// or https:// in front",
				"every call fails (first path segment in URL cannot contain colon, or unsupported protocol scheme), and events are lost after five tries",
				"write http://"+show(strings.TrimPrefix(s.value, a.scheme+"://")))
		}
	}
}
