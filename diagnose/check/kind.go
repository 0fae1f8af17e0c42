package check

import (
	"bytes"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// The kinds of files.
const (
	kindWuKongIM     = "wukongim"      // wk.yaml of v1 and v2
	kindWuKongIMTOML = "wukongim-toml" // v3
	kindEnvironment  = "environment"   // NAME=value lines: .env, wukongim.conf of v3
	kindCompose      = "compose"
	kindKubernetes   = "kubernetes"
	kindUnit         = "systemd"
	kindNanoMQ       = "nanomq"     // HOCON
	kindNanoMQOld    = "nanomq-old" // key=value
	kindNginx        = "nginx"
	kindCargoTOML    = "cargo-toml"
	kindCargoLock    = "cargo-lock"
	kindPEM          = "pem"
	kindDER          = "der"
	kindPKCS12       = "pkcs12"
)

// head bounds what recognition looks at.
const head = 256 << 10

var (
	wukongimKeys    = regexp.MustCompile(`(?m)^[ \t]*["']?(wssAddr|wsAddr|wssConfig|tokenAuthOn|managerToken|initNodes|slotReplicaCount|channelReplicaCount|whitelistOffOfPerson|userMsgQueueMaxSize|ginMode)["']?[ \t]*:`)
	wukongimTOML    = regexp.MustCompile(`(?m)^[ \t]*(external_(tcp|ws|wss)_addr|hash_slot_count|initial_slot_count|slot_replica_n)[ \t]*=|^[ \t]*\[\[gateway\.listeners\]\]|^[ \t]*protocol[ \t]*=[ \t]*"(wkproto|wsmux)"`)
	programVariable = regexp.MustCompile(`(?m)^[ \t]*(export[ \t]+)?(WK|NANOMQ)_[A-Z0-9_]+[ \t]*=`)
	composeServices = regexp.MustCompile(`(?m)^services:[ \t]*(#.*)?\r?$`)
	manifest        = regexp.MustCompile(`(?m)^apiVersion:[ \t]*\S`)
	manifestKind    = regexp.MustCompile(`(?m)^kind:[ \t]*["']?(ConfigMap|Secret|Deployment|StatefulSet|DaemonSet|Pod|Service|Ingress|List|Job|CronJob|ReplicaSet)\b`)
	nanomqBlocks    = regexp.MustCompile(`(?m)^[ \t]*(listeners(\.(tcp|ssl|ws|wss|quic)\S*)?|bridges\.mqtt\.\S+|bridges|http_server|system|mqtt|auth|log|webhook|sqlite)[ \t]*[={]`)
	nanomqListeners = regexp.MustCompile(`(?m)^[ \t]*(listeners\b|bridges\.mqtt\.|bridges[ \t]*[={])`)
	otherBroker     = regexp.MustCompile(`(?m)^[ \t]*(node|dashboard|rpc)[ \t]*(\.\w+[ \t]*=|\{)|^[ \t]*(listeners\.\S+\.)?ssl_options[ \t]*[.={]`) // EMQX has listeners too
	nanomqOldKeys   = regexp.MustCompile(`(?m)^[ \t]*(url[ \t]*=[ \t]*["']?(nmq-tcp|tls\+nmq-tcp|broker\+tcp)://|tls\.(enable|url|keyfile|certfile|cacertfile|verify_peer)[ \t]*=|websocket\.(enable|url|tls_url)[ \t]*=|bridge\.mqtt\.\S+[ \t]*=|num_taskq_thread[ \t]*=)`)
	nginxBlocks     = regexp.MustCompile(`(?m)(^|[;{}\s])(server|upstream\s+[^\s;{}]+|http|stream|location\s+[^;{}]+)\s*\{`)
	unitSections    = regexp.MustCompile(`(?m)^\[(Service|Unit)\][ \t]*\r?$`)
	pemLabels       = regexp.MustCompile(`-----BEGIN ([A-Z0-9]+ )*(CERTIFICATE|PRIVATE KEY|CERTIFICATE REQUEST|PKCS7|X509 CRL)-----`)
	nginxDirectives = regexp.MustCompile(`(?m)(^|[;{}\s])(listen|proxy_pass|server_name|worker_connections|upstream|fastcgi_pass|ssl_certificate)\s`)
	base64Line      = regexp.MustCompile(`^[A-Za-z0-9+/]{40,76}={0,2}\r?$`)
)

// kindOf recognises a file by its name and content, "" when it is none of check's. A file that the user named is taken
// for what its name promises, so that damage is reported, not passed over.
func kindOf(d *document, named bool) string {
	base := strings.ToLower(filepath.Base(d.path))
	ext := filepath.Ext(base)
	text := d.data[:min(len(d.data), head)]
	switch base {
	case "cargo.toml":
		return kindCargoTOML
	case "cargo.lock":
		return kindCargoLock
	}
	if kind := certificateKind(base, ext, text, named); kind != "" {
		return kind
	}
	switch ext {
	case ".yaml", ".yml":
		return yamlKind(base, text, named)
	case ".toml":
		if wukongimTOML.Match(text) || named {
			return kindWuKongIMTOML
		}
		return ""
	case ".service", ".socket":
		if unitSections.Match(text) || named {
			return kindUnit
		}
		return ""
	case ".md", ".go", ".rs", ".c", ".h", ".py", ".js", ".ts", ".html", ".sh", ".json", ".log", ".txt", ".txtar", ".java", ".sql":
		if !named || ext != ".txt" {
			return ""
		}
	}
	if base == ".env" || strings.HasPrefix(base, ".env.") || ext == ".env" || strings.HasSuffix(base, "-env") {
		if programVariable.Match(text) || named {
			return kindEnvironment
		}
		return ""
	}
	switch {
	case base == "nginx.conf":
		return kindNginx
	case bytes.IndexByte(text, 0) >= 0:
		return damagedKind(base, ext, named)
	case base == "emqx.conf", otherBroker.Match(text):
		return ""
	case nanomqListeners.Match(text) && nanomqBlocks.Match(text) && !nginxBlocks.Match(withoutComments(text)):
		return kindNanoMQ
	case nanomqOldKeys.Match(text):
		return kindNanoMQOld
	case nginxLike(d.path, ext, text, named):
		return kindNginx
	case strings.HasPrefix(base, "nanomq") && ext == ".conf" && !strings.Contains(base, "pwd") && !strings.Contains(base, "acl"):
		return kindNanoMQ
	case unitSections.Match(text) && (ext == ".conf" || ext == ""):
		return kindUnit // a drop-in
	case programVariable.Match(text) && (ext == ".conf" || ext == "" || named):
		return kindEnvironment
	case ext == ".conf" && named && nanomqBlocks.Match(text):
		return kindNanoMQ
	}
	return damagedKind(base, ext, named)
}

// nginxFolders are folders whose files are those of nginx whatever their names end with.
var nginxFolders = []string{"sites-enabled", "sites-available", "conf.d", "vhost.d", "vhosts", "vhost", "nginx", "stream.d", "stream-enabled"}

// nginxLike recognises a file of nginx: other formats have blocks in braces too.
func nginxLike(path, ext string, text []byte, named bool) bool {
	switch {
	case ext == ".conf", ext == ".nginx", ext == ".vhost", named:
	case slices.Contains(nginxFolders, filepath.Base(filepath.Dir(path))):
	default:
		return false
	}
	plain := withoutComments(text)
	return !bytes.HasPrefix(bytes.TrimSpace(text), []byte("<")) && nginxBlocks.Match(plain) && nginxDirectives.Match(plain)
}

// damagedKind is what a named file with the content of nothing was meant to be.
func damagedKind(base, ext string, named bool) string {
	switch {
	case !named:
		return ""
	case strings.Contains(base, "nanomq"):
		return kindNanoMQ
	case strings.Contains(base, "nginx"):
		return kindNginx
	case strings.HasPrefix(base, "wk") && ext == ".conf", strings.HasPrefix(base, "wukongim") && ext == ".conf":
		return kindEnvironment
	}
	return ""
}

// certificateKind recognises certificates and keys.
func certificateKind(base, ext string, text []byte, named bool) string {
	switch {
	case pemLabels.Match(text) && !looksLikeOther(ext) && bytes.IndexByte(text, 0) < 0:
		return kindPEM
	case ext == ".p12" || ext == ".pfx":
		return kindPKCS12
	}
	isDER := len(text) > 4 && text[0] == 0x30 && text[1] >= 0x80
	switch ext {
	case ".pem", ".crt", ".cer", ".cert":
		if isDER {
			return kindDER
		}
		return kindPEM // damaged
	case ".der":
		return kindDER
	case ".key":
		if isDER {
			return kindDER
		}
		if named || bytes.HasPrefix(bytes.TrimSpace(text), []byte("MII")) || base64Line.Match(firstLine(text)) || bytes.HasPrefix(text, []byte("----")) {
			return kindPEM
		}
	}
	if named && isDER {
		return kindDER
	}
	return ""
}

func firstLine(text []byte) []byte {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return line
}

// looksLikeOther keeps PEM inside of other files (manifests, sources, logs) from being taken for a PEM file.
func looksLikeOther(ext string) bool {
	switch ext {
	case ".yaml", ".yml", ".toml", ".json", ".env", ".conf", ".service", ".md", ".go", ".rs", ".py", ".js", ".ts", ".sh", ".c", ".h", ".txtar", ".html", ".log", ".java", ".sql":
		return true
	}
	return false
}

// yamlKind tells the YAML files apart.
func yamlKind(base string, text []byte, named bool) string {
	switch {
	case manifest.Match(text) && manifestKind.Match(text):
		return kindKubernetes
	case strings.Contains(base, "compose") || composeServices.Match(text):
		return kindCompose
	case base == "wk.yaml" || base == "wk.yml" || strings.Contains(base, "wukongim") || wukongimKeys.Match(text):
		if bytes.Contains(text, []byte("{{")) && !named {
			return "" // a template of Helm, no YAML yet
		}
		return kindWuKongIM
	case named:
		return kindWuKongIM
	}
	return ""
}

// withoutComments blanks what follows a #, so that a commented block does not decide.
func withoutComments(text []byte) []byte {
	lines := bytes.Split(text, []byte("\n"))
	for i, line := range lines {
		if trimmed := bytes.TrimLeft(line, " \t"); bytes.HasPrefix(trimmed, []byte("#")) || bytes.HasPrefix(trimmed, []byte("//")) {
			lines[i] = nil
		}
	}
	return bytes.Join(lines, []byte("\n"))
}
