package main

import (
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
)

func init() {
	libraries["curl"] = &library{
		name: "curl", prefix: "curl-text", about: "curl 7.88.1 lib/strerror.c, lib/vtls, lib/*.c",
		read:  readCurl,
		alone: func(m message) bool { return words(m.text) < 3 || !curlWords.MatchString(m.text) },
		rules: curlRules,
	}
}

var curlWords = regexp.MustCompile(`(?i)SSL|TLS|certificate|\bcert\b|OCSP|CRL|PKCS12|cipher|ALPN|SNI|issuer|crypto engine|gnutls|handshake|HTTP/0\.9|QUIC|libcurl|PEM|CURL_|proxy CONNECT|CONNECT tunnel|pinned|SRP|curves|SOCKS`)

var (
	curlCall  = regexp.MustCompile(`\b(failf|Curl_failf)\(\s*\w+\s*,\s*((?:(?:"(?:[^"\\]|\\.)*"|OSSL_PACKAGE)\s*)+)`)
	curlPart  = regexp.MustCompile(`OSSL_PACKAGE|"((?:[^"\\]|\\.)*)"`)
	curlError = regexp.MustCompile(`case (CURLE_\w+):\s*return "([^"]*)"`)
	cVerb     = regexp.MustCompile(`%[-+ #0]*[0-9.*]*(?:l|ll|z|h)*[a-zA-Z]|%"\s*\w+\s*"`)
)

// readCurl takes the texts of errors: what curl_easy_strerror says and what the TLS backends and the parts that connect say.
func readCurl(paths []string) (list []message, err error) {
	var files []string
	for _, dir := range paths {
		for _, pattern := range []string{"strerror.c", "vtls/*.c", "url.c", "connect.c", "hostip.c", "http.c", "http_proxy.c", "cf-socket.c", "socks.c", "multi.c", "cfilters.c", "vquic/*.c", "http2.c", "transfer.c", "sendf.c"} {
			found, err := filepath.Glob(filepath.Join(dir, pattern))
			if err != nil {
				return nil, err
			}
			files = append(files, found...)
		}
	}
	sort.Strings(files)
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		source := cComment.ReplaceAllString(string(b), " ")
		name := filepath.Base(f)
		for _, m := range curlError.FindAllStringSubmatch(source, -1) {
			list = append(list, message{m[1], m[2]})
		}
		for _, m := range curlCall.FindAllStringSubmatch(source, -1) {
			text := ""
			for _, q := range curlPart.FindAllStringSubmatch(m[2], -1) {
				if q[0] == "OSSL_PACKAGE" {
					q[1] = "OpenSSL"
				}
				text += q[1]
			}
			text = strings.NewReplacer(`\"`, `"`, `\'`, "'", `\n`, " ", `\t`, " ").Replace(text)
			list = append(list, message{name, cVerb.ReplaceAllString(strings.ReplaceAll(text, "<", `\<`), "<value>")})
		}
	}
	return list, nil
}

// The rules look at the file or the error code and the text.
var curlRules = []rule{
	{"by-hand", "", `\| \S+$|\| schannel: \S*$|SSL certificate problem|SSL_ERROR_SYSCALL|no alternative certificate subject|does not match target host|Empty reply|Recv failure|Send failure|getpeername|Could not resolve|[Ff]ailed to connect|Connection timed out|timed out after|HTTP/0\.9|not supported or disabled|SSL connection timeout|CONNECT aborted|server certificate verification failed|SSL_read: |SSL_write: |gnutls_handshake\(\) failed|recv error|send error|CURLE_(OK|OUT_OF_MEMORY|OBSOLETE|UNSUPPORTED_PROTOCOL|AGAIN|TELNET|LDAP|FTP|TFTP|RTSP|SSH|QUOTE|READ_ERROR|WRITE_ERROR|UPLOAD|BAD_DOWNLOAD|RANGE|REMOTE_FILE|FILESIZE|CHUNK|FUNCTION_NOT|ABORTED|BAD_FUNCTION|HTTP_RETURNED|HTTP_POST|PARTIAL|CONV|LOGIN|AUTH_ERROR|UNKNOWN_OPTION|BAD_CONTENT|NO_CONNECTION|UNRECOVERABLE|FAILED_INIT|NOT_BUILT_IN|FILE_COULDNT|SETOPT|TOO_MANY|RECURSIVE)`, ""},

	{"url", "the URL is malformed or has no scheme that curl knows", `CURLE_URL_MALFORMAT|URL rejected|Bad URL`, "url-scheme-mismatch: 0.5, address-malformed: 0.38"},
	{"resolve", "a name does not resolve", `CURLE_COULDNT_RESOLVE`, "dns-failure: 0.92"},
	{"connect", "nothing listens there", `CURLE_COULDNT_CONNECT `, "connection-refused: 0.7, network-unreachable: 0.08, fd-exhaustion: 0.04, connect-timeout: 0.06"},
	{"weird", "what answers is no such server", `CURLE_WEIRD_SERVER_REPLY`, "wrong-port-or-service: 0.6, tls-to-plaintext-port: 0.1"},
	{"memory", "out of memory", `[Oo]ut of memory|memory allocation|insufficient memory|CURLE_TOO_LARGE`, "resource-exhaustion: 0.85"},
	{"timeout", "no answer in time", `CURLE_OPERATION_TIMEDOUT`, "connect-timeout: 0.4, handshake-timeout: 0.22, idle-timeout: 0.2"},
	{"ssl-connect", "the TLS handshake failed", `CURLE_SSL_CONNECT_ERROR`, "peer-rejected-handshake: 0.36, tls-to-plaintext-port: 0.12, protocol-version-mismatch: 0.12, peer-closed-in-handshake: 0.12"},
	{"bind", "the local address cannot be bound", `CURLE_INTERFACE_FAILED`, "address-bind-failure: 0.8"},
	{"proxy-name", "the name of the proxy, or one behind it, does not resolve", `Failed to resolve`, "dns-failure: 0.82, proxy-connect-failure: 0.1"},
	{"proxy-scheme", "curl does not know this kind of proxy", `Unsupported proxy (scheme|syntax)`, "proxy-connect-failure: 0.4, url-scheme-mismatch: 0.25, config-invalid: 0.2"},
	{"haproxy", "a PROXY header cannot be sent over QUIC", `haproxy protocol`, "config-invalid: 0.5, crypto-feature-unavailable: 0.25"},
	{"hyper", "the HTTP library fails inside", `hyper`, "library-internal-error: 0.65, resource-exhaustion: 0.1, proxy-connect-failure: 0.04"},
	{"ask-status", "the revocation status cannot be asked for", `gnutls_ocsp`, "revocation-status-unavailable: 0.48, library-internal-error: 0.3"},
	{"engine-key", "the crypto engine does not give the key", `(from crypto engine|crypto engine not set, can't load private)`, "config-file-unreadable: 0.3, library-internal-error: 0.24, crypto-feature-unavailable: 0.2, key-or-cert-format-invalid: 0.1"},
	{"set-session", "a session cannot be resumed", `set_session failed`, "session-resumption-failure: 0.5, library-internal-error: 0.28"},
	{"verify-result", "the certificate of the server does not verify", `certificate verify result`, "unknown-ca: 0.34, self-signed-cert: 0.2, cert-expired: 0.12, incomplete-chain: 0.08"},
	{"write", "the connection broke while writing", `SSL_write\(\)`, "peer-reset-established: 0.45, library-internal-error: 0.16, peer-closed-in-handshake: 0.08"},
	{"pkcs12-mismatch", "key and certificate in the file do not belong together", `does not match certificate in`, "cert-key-mismatch: 0.88, key-or-cert-format-invalid: 0.05"},
	{"ca-path", "the folder of CAs cannot be read", `setting certificate path`, "trust-store-missing: 0.5, config-file-unreadable: 0.34, unknown-ca: 0.05"},
	{"tunnel", "TLS through a TLS proxy is not possible", `double SSL|HTTPS.proxy`, "proxy-connect-failure: 0.6, crypto-feature-unavailable: 0.25"},
	{"alpn", "ALPN cannot be used", `ALPN`, "alpn-mismatch: 0.6, config-invalid: 0.15, library-internal-error: 0.08"},
	{"built", "the TLS library of this curl lacks what the options ask for", `was built without`, "config-invalid: 0.42, crypto-feature-unavailable: 0.4"},
	{"engine", "the crypto engine or feature is not there", `CURLE_SSL_ENGINE_NOTFOUND|SSL Engine .*not (found|supported)|CURLE_SSL_ENGINE_SETFAILED|was built without|doesn't support|does not support|not supported (by|in) |unsupported|[Nn]ot built|unrecognized (TLS|SSL)|not compiled|No SSLv|SSLv2 support|Unknown TLS`, "crypto-feature-unavailable: 0.5, config-invalid: 0.25, library-internal-error: 0.08"},
	{"receive", "the connection broke while reading", `CURLE_RECV_ERROR`, "peer-reset-established: 0.5, peer-closed-in-handshake: 0.1, truncated-stream: 0.12, peer-rejected-certificate: 0.05"},
	{"send", "the connection broke while writing", `CURLE_SEND_ERROR|CURLE_SEND_FAIL`, "peer-reset-established: 0.6, peer-closed-in-handshake: 0.08"},
	{"local-certificate", "the client certificate cannot be used", `CURLE_SSL_CERTPROBLEM`, "config-file-unreadable: 0.36, key-or-cert-format-invalid: 0.28, encrypted-private-key: 0.12, cert-key-mismatch: 0.12"},
	{"ciphers", "the cipher list is not understood", `CURLE_SSL_CIPHER|cipher (list|suite)|setting cipher|curves list|ciphers`, "config-invalid: 0.75, crypto-feature-unavailable: 0.1, library-internal-error: 0.06, no-shared-cipher: 0.05"},
	{"peer-verification", "the certificate of the server does not verify", `CURLE_PEER_FAILED_VERIFICATION`, "unknown-ca: 0.4, hostname-mismatch: 0.14, self-signed-cert: 0.14, cert-expired: 0.12, incomplete-chain: 0.06"},
	{"engine-init", "the crypto library does not start", `CURLE_SSL_ENGINE_INITFAILED`, "library-internal-error: 0.6, crypto-feature-unavailable: 0.2"},
	{"ca-file", "the file of CAs cannot be read", `CURLE_SSL_CACERT_BADFILE|CA (cert|file|bundle)|ca cert|CAINFO|certificate verify locations`, "trust-store-missing: 0.6, config-file-unreadable: 0.25, unknown-ca: 0.06"},
	{"shutdown", "the session was not closed in order", `CURLE_SSL_SHUTDOWN_FAILED`, "truncated-stream: 0.6, normal-close: 0.2"},
	{"shutting-down", "an error while the session is being closed", `on shutdown|close notify|shutdown`, "normal-close: 0.48, truncated-stream: 0.24, idle-timeout: 0.06"},
	{"crl-file", "the CRL cannot be read", `CURLE_SSL_CRL_BADFILE|CRL file|crl file`, "revocation-status-unavailable: 0.6, config-file-unreadable: 0.3"},
	{"issuer-error", "the issuer is not the one that is asked for", `CURLE_SSL_ISSUER_ERROR`, "cert-policy-rejected: 0.7, unknown-ca: 0.12"},
	{"issuer-check", "the issuer is not the one that is asked for", `issuer check failed`, "cert-policy-rejected: 0.45, unknown-ca: 0.35"},
	{"issuer-file", "the file of the issuer cannot be read", `issuer cert`, "config-file-unreadable: 0.7, key-or-cert-format-invalid: 0.15, revocation-status-unavailable: 0.03"},
	{"pinned", "the public key is not the pinned one", `pinned`, "cert-policy-rejected: 0.92"},
	{"client-required", "the server demands a client certificate", `CURLE_SSL_CLIENTCERT`, "missing-client-cert: 0.88, bad-client-cert: 0.05"},
	{"http2", "HTTP/2 does not work with that server", `CURLE_HTTP2|HTTP/2 (framing|stream)|nghttp2`, "request-rejected: 0.35, alpn-mismatch: 0.3, peer-protocol-violation: 0.12"},
	{"http3", "the QUIC connection fails", `CURLE_QUIC|CURLE_HTTP3|QUIC`, "network-unreachable: 0.4, handshake-timeout: 0.15, peer-rejected-handshake: 0.1"},
	{"proxy", "the proxy does not make the tunnel", `CURLE_PROXY|[Pp]roxy|CONNECT tunnel|SOCKS`, "proxy-connect-failure: 0.88"},
	{"empty-reply", "the server closed without a word", `CURLE_GOT_NOTHING`, "plaintext-to-tls-port: 0.35, peer-closed-in-handshake: 0.25, wrong-port-or-service: 0.1"},
	{"use-ssl", "the server does not offer TLS on that port", `CURLE_USE_SSL_FAILED`, "starttls-or-preamble-missing: 0.7, tls-to-plaintext-port: 0.12"},
	{"certificate-status", "the stapled OCSP answer does not verify", `CURLE_SSL_INVALIDCERTSTATUS`, "revocation-status-unavailable: 0.8, cert-revoked: 0.1"},
	{"interface", "the request was denied or redirected too often", `CURLE_(REMOTE_ACCESS|GOT)`, "request-rejected: 0.4, auth-failure: 0.16, cert-policy-rejected: 0.04"},

	{"revoked", "the certificate of the server is revoked", `was revoked|[Cc]ertificate.*revoked`, "cert-revoked: 0.9, revocation-status-unavailable: 0.04"},
	{"ocsp", "the revocation of the certificate cannot be checked", `OCSP|revocation|certificate status|[Cc]ertificate ID`, "revocation-status-unavailable: 0.82, cert-revoked: 0.06"},
	{"key-mismatch", "key and certificate do not belong together", `does not match the certificate public key|key does not match`, "cert-key-mismatch: 0.95"},
	{"client-ca", "the chain of the client certificate cannot be used", `client CA list|CA list`, "client-ca-misconfigured: 0.45, key-or-cert-format-invalid: 0.25, library-internal-error: 0.1"},
	{"pkcs12", "a PKCS#12 file cannot be read", `PKCS12|PKCS #12|PKCS#12`, "key-or-cert-format-invalid: 0.45, config-file-unreadable: 0.3, encrypted-private-key: 0.15"},
	{"key-type", "the type of a key or certificate file is not supported", `file type|not supported file|unknown (key|certificate) type`, "key-or-cert-format-invalid: 0.5, config-invalid: 0.3, crypto-feature-unavailable: 0.1"},
	{"load-certificate", "the client certificate cannot be loaded", `client cert|load (PEM|ASN1|P12|cert)|certificate file|can't load cert|X\.509 key|certificate from|import cert|own certificate|cert file`, "config-file-unreadable: 0.38, key-or-cert-format-invalid: 0.34, encrypted-private-key: 0.12, cert-key-mismatch: 0.04"},
	{"load-key", "the private key cannot be loaded", `private key|key file|(load|read)ing (the )?key`, "key-or-cert-format-invalid: 0.35, encrypted-private-key: 0.28, library-internal-error: 0.16, config-file-unreadable: 0.12"},
	{"expired", "the certificate of the server is outside its dates", `expiration date|has expired|expired`, "cert-expired: 0.82, clock-skew: 0.05, cert-not-yet-valid: 0.03"},
	{"not-yet", "the certificate of the server is not valid yet", `activation date|not yet|not activated`, "cert-not-yet-valid: 0.8, clock-skew: 0.12"},
	{"sni", "the server name cannot be sent", `SNI`, "sni-missing-or-unrecognized: 0.5, library-internal-error: 0.25"},
	{"srp", "SRP cannot be set up", `(?i)srp|psk`, "psk-mismatch: 0.55, crypto-feature-unavailable: 0.15, library-internal-error: 0.1"},
	{"versions", "the range of TLS versions is not possible", `SSLVERSION|TLS (minimum|maximum)|ssl protocol|TLS version|minimum SSL|maximum SSL`, "config-invalid: 0.6, protocol-version-mismatch: 0.12, library-internal-error: 0.12"},
	{"session", "the session cannot be kept for the next connection", `ssl session|session ID|store ssl`, "session-resumption-failure: 0.65, library-internal-error: 0.12"},
	{"callback", "the program's own callback fails", `ctx callback`, "library-misuse: 0.75"},
	{"common-name", "the name of the server's certificate cannot be read", `common name`, "hostname-mismatch: 0.4, cert-malformed: 0.35, legacy-common-name: 0.06"},
	{"no-peer-certificate", "the server showed no certificate", `peer cert|peer('s)? certificate|server cert|Could not get peer|cert chain`, "unknown-ca: 0.3, server-cert-missing: 0.25, library-internal-error: 0.2"},
	{"cert-field", "a field of the certificate is not readable", `cert name field|ASN\.?1|decode`, "cert-malformed: 0.55, peer-protocol-violation: 0.12"},
	{"handshake", "the TLS handshake failed", `[Hh]andshake`, "peer-rejected-handshake: 0.36, protocol-version-mismatch: 0.1, unknown-ca: 0.1, library-internal-error: 0.1"},
	{"bio", "the TLS library fails inside", `BIO`, "library-internal-error: 0.5, resource-exhaustion: 0.15, peer-rejected-handshake: 0.04"},
	{"internal", "the TLS library fails inside", `(?i)randomness|create (a |an )?(SSL )?(context|struct|SSL)|initializ|select/poll on SSL|engine|gnutls_|_init\(\)|X509|user-interface|PRNG|SSL: couldn't|SSL structure|ssl_|mbedtls_|wolfSSL_|NSS|schannel|SEC_E|errSSL`, "library-internal-error: 0.6, library-misuse: 0.08, config-invalid: 0.08"},
}
