package knowledgebase

// ConfigFaults are the values of the feature "config": the ids of the rules of whytls check. A test of that package keeps
// the list and the rules equal.
var ConfigFaults = []string{
	"api-url-is-loopback", "api-url-without-scheme", "api-url-wrong-port", "bind-malformed", "bridge-never-verifies",
	"bridge-plain-to-tls-port", "bridge-scheme", "bridge-tls-settings-unused", "bridge-tls-to-plain-port",
	"ca-expired", "ca-file-holds-no-ca", "ca-may-not-sign", "certificate-does-not-cover-name", "certificate-expired",
	"certificate-expires-soon", "certificate-file-holds-something-else", "certificate-malformed",
	"certificate-not-mounted", "certificate-not-pem", "certificate-not-yet-valid", "certificate-weak",
	"certificate-without-listener", "certificate-without-names", "certificate-wrong-usage", "chain-incomplete",
	"chain-issuer-is-no-ca", "chain-order", "chain-signature", "chain-unrelated", "cluster-address-twice",
	"configuration-syntax", "external-address-scheme", "external-address-unusable",
	"external-port-of-another-listener", "fail-without-verify-peer", "file-missing", "init-node-skipped",
	"key-does-not-match", "key-encrypted", "key-malformed", "key-readable-by-all", "key-twice",
	"listen-address-malformed", "listen-address-without-scheme", "listen-address-wrong-scheme",
	"listener-ports-swapped", "log-level-unknown", "nanomq-image-without-tls", "nanomq-listener-bug",
	"nanomq-qos-bug", "nginx-broken-protocols", "nginx-listen-without-ssl", "nginx-old-protocols",
	"nginx-proxy-verify-without-ca", "nginx-ssl-without-certificate", "nginx-verify-client-without-ca",
	"node-id-invalid", "node-id-twice", "node-not-among-init-nodes", "not-true-or-false", "pem-byte-order-mark",
	"pem-crlf", "pem-damaged", "pem-missing", "pkcs12-damaged", "port-taken-twice", "proxy-pass-scheme",
	"proxy-protocol-one-side", "salvo-blocking-accept", "salvo-logs-no-handshake", "secret-in-clear",
	"secret-not-base64", "server-address-scheme", "server-address-wrong-port", "setting-in-wrong-block",
	"ssl-opens-wss", "ssl-without-certificate", "upstream-plain-to-tls", "upstream-tls-to-plain",
	"upstream-wrong-port", "v3-has-no-tls-listener", "value-keeps-its-quotes", "verify-peer-without-ca",
	"verify-peer-without-fail", "webhook-without-scheme", "websocket-headers-missing", "ws-address-on-tls-port",
	"wss-address-is-ip", "wss-address-on-plain-port", "wss-announced-not-listening", "wss-port-not-published",
	"wss-without-certificate", "wss-without-ssl",
}
