package check

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/whytls/whytls/knowledgebase"
)

// systemSalvo is the id of the system in the knowledge base.
const systemSalvo = "salvo"

var (
	ruleSalvoBlocking = newRule("salvo-blocking-accept", "outage", "bug-salvo-blocking-accept", "this version does the TLS handshake in its accept loop")
	ruleSalvoSilent   = newRule("salvo-logs-no-handshake", "noise", "", "this version logs no failed handshake")
)

// salvoDependency is a Salvo in a Cargo file.
type salvoDependency struct {
	d       *document
	version knowledgebase.Versions
	at      Place
	text    string
	lock    bool
	// tls tells whether a TLS backend is among its features or packages; sure whether the file would say so.
	tls, sure bool
}

// tlsFeatures are the features of Salvo that bring a TLS listener.
var tlsFeatures = []string{"rustls", "native-tls", "openssl", "acme", "quinn"}

// parseCargoTOML finds Salvo among the dependencies of a manifest.
func (r *run) parseCargoTOML(d *document) {
	s, ok := r.parseTOML(d, "", "cargo refuses the manifest")
	if !ok {
		return
	}
	for _, v := range s.sorted() {
		parts := strings.Split(v.key, ".")
		i := slices.IndexFunc(parts, func(p string) bool { return p == "salvo" || p == "salvo_core" || p == "salvo-core" })
		if i < 1 || !strings.HasSuffix(parts[i-1], "dependencies") || !(len(parts) == i+1 || parts[len(parts)-1] == "version") {
			continue
		}
		dependency := salvoDependency{d: d, at: v.at, text: v.value}
		features := s.get(strings.Join(parts[:i+1], ".") + ".features")
		dependency.sure = features.set
		for _, f := range features.items {
			dependency.tls = dependency.tls || slices.Contains(tlsFeatures, f.value) || f.value == "full"
		}
		dependency.version, _ = knowledgebase.ParseVersion(completeVersion(v.value))
		r.salvos = append(r.salvos, dependency)
	}
}

// completeVersion makes the least version of a requirement of Cargo: "0.63" is 0.63.0 and up to the next minor.
func completeVersion(requirement string) string {
	v := strings.TrimLeft(strings.TrimSpace(requirement), "=^~> v")
	v, _, _ = strings.Cut(v, ",")
	v = strings.TrimSuffix(strings.TrimSpace(v), ".*")
	for strings.Count(v, ".") < 2 && v != "" && v != "*" {
		v += ".0"
	}
	return v
}

// parseCargoLock finds the Salvo that is built.
func (r *run) parseCargoLock(d *document) {
	s, ok := r.parseTOML(d, "", "cargo refuses the lock file")
	if !ok {
		return
	}
	found := salvoDependency{d: d, lock: true}
	for i := 0; ; i++ {
		prefix := "package." + strconv.Itoa(i) + "."
		name := s.get(prefix + "name")
		if !name.set {
			break
		}
		version := s.get(prefix + "version")
		switch name.value {
		case "salvo_core":
			found.version, _ = knowledgebase.ParseVersion(version.value)
			found.at, found.text = version.at, version.value
		case "salvo":
			if !found.version.Known() {
				found.version, _ = knowledgebase.ParseVersion(version.value)
				found.at, found.text = version.at, version.value
			}
		case "tokio-rustls", "tokio-openssl", "tokio-native-tls":
			found.tls = true
		case "tokio":
			found.sure = true // a real lock file, with all packages
		}
	}
	if found.version.Known() {
		r.salvos = append(r.salvos, found)
	}
}

// judgeSalvo reports versions with known faults. A lock file beside a manifest says what is built.
func (r *run) judgeSalvo() {
	locked := map[string]bool{}
	for _, s := range r.salvos {
		if s.lock {
			locked[filepath.Dir(s.d.path)] = true
		}
	}
	for _, s := range r.salvos {
		if !s.lock && locked[filepath.Dir(s.d.path)] || s.sure && !s.tls {
			continue
		}
		if yes, _ := s.version.Within(knowledgebase.Versions{Max: "v0.64.2"}); yes {
			rule := ruleSalvoBlocking
			if !s.tls {
				rule = rule.as("watch") // where it listens with TLS at all
			}
			r.report(rule, systemSalvo, s.at, "Salvo "+show(s.text)+" does TLS handshakes one after the other in its accept loop, without a time limit",
				"one silent client (a health check, a stalled phone) stops everybody: bursts of unexpected EOF or tls handshake eof", "upgrade to 0.65 or later, best to 1.x")
		} else if s.version.Known() {
			r.report(ruleSalvoSilent, systemSalvo, s.at, "Salvo "+show(s.text)+" logs no failed handshake, at no level", "a log without errors is no proof that clients get through", "look at the clients' logs, or run whytls probe against the port")
		}
	}
}
