package main

import (
	"os"
	"path/filepath"
	"regexp"
	"sort"
)

func init() {
	libraries["erlang"] = &library{
		name: "erlang-ssl", prefix: "erlang-reason", about: "Erlang/OTP 25-27 lib/ssl/src, the reasons of alerts",
		read:  readErlang,
		alone: func(m message) bool { return words(m.text) == 1 },
		rules: erlangRules,
	}
}

var (
	alertRecord = regexp.MustCompile(`\?ALERT_REC\(\s*\?(?:FATAL|WARNING)\s*,\s*\?\w+\s*,\s*\{?\s*([a-z]\w+)`)
	bareReason  = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)+$|^badarg$`)
)

// later are reasons that newer versions than the one at hand have.
var later = []string{"too_big_handshake_data", "no_suitable_ciphers", "no_suitable_cipher", "no_suitable_groups", "no_suitable_signature_algorithm",
	"no_suitable_public_key", "unsupported_version", "unexpected_alert", "bad_key", "too_much_early_data", "stapling_not_requested", "missing_stapled_response",
	"certificate_status_not_sent", "ocsp_stapling_error", "bad_certificate_status", "unexpected_certificate_status", "unknown_psk_identity", "no_certificate"}

// readErlang takes the atoms that say why an alert was made. A reason follows the alert in its report and in the term:
// {tls_alert,{unexpected_message,"TLS server: … generated SERVER ALERT: Fatal - Unexpected Message\n {unsupported_record_type,80}"}}.
func readErlang(paths []string) (list []message, err error) {
	seen := map[string]bool{}
	for _, dir := range paths {
		files, err := filepath.Glob(filepath.Join(dir, "*.erl"))
		if err != nil {
			return nil, err
		}
		sort.Strings(files)
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				return nil, err
			}
			for _, m := range alertRecord.FindAllStringSubmatch(string(b), -1) {
				seen[m[1]] = true
			}
		}
	}
	for _, r := range later {
		seen[r] = true
	}
	var reasons []string
	for r := range seen {
		if bareReason.MatchString(r) {
			reasons = append(reasons, r)
		}
	}
	sort.Strings(reasons)
	for _, r := range reasons {
		list = append(list, message{r, r},
			message{r, "TLS server: In state <state> generated SERVER ALERT: Fatal - <alert> " + r},
			message{r, "TLS client: In state <state> generated CLIENT ALERT: Fatal - <alert> " + r})
	}
	return list, nil
}

var erlangRules = []rule{
	{"by-hand", "", `^(unsupported_record_type|certificate_required|badarg|request_update) `, ""},
	{"version", "the bytes are no TLS record, or of a version that does not exist", `^(unsupported_version|record_type_mismatch) `, "plaintext-to-tls-port: 0.35, protocol-version-mismatch: 0.2, scanner-noise: 0.18, tls-to-plaintext-port: 0.08, proxy-protocol-mismatch: 0.05"},
	{"decode", "a message of the peer cannot be decoded", `malformed|decode_error|failed_to_decode_(remote|cert)|empty_(alert|dh_public|data)`, "peer-malformed-message: 0.62, scanner-noise: 0.15, record-corruption: 0.06"},
	{"own-certificate", "the certificate of this side cannot be used", `own_certificate|no_suitable_certificates|bad_key|no_certificate |no_suitable_public_key|pub_key_is_not`, "server-cert-missing: 0.42, key-or-cert-format-invalid: 0.2, cert-key-mismatch: 0.1, encrypted-private-key: 0.08, no-shared-signature-algorithm: 0.06"},
	{"closed", "the connection was closed in the handshake", `transport_(closed|error)`, "peer-closed-in-handshake: 0.5, health-check-probe: 0.15, middlebox-interference: 0.06"},
	{"limit", "the peer exceeded a limit", `^too_`, "abusive-peer-limit: 0.6, record-or-message-too-large: 0.15, peer-protocol-violation: 0.1"},
	{"decryption", "a record could not be decrypted; in a TLS 1.3 handshake often a client that refused our certificate and said so in clear", `decryption_failed|^decrypt_error`, "record-corruption: 0.22, unknown-ca: 0.24, peer-rejected-certificate: 0.14, handshake-integrity-failure: 0.1, cert-expired: 0.06, hostname-mismatch: 0.05, self-signed-cert: 0.05"},
	{"renegotiation", "renegotiation is refused", `renegotiat|already_secure`, "renegotiation-refused: 0.82, peer-protocol-violation: 0.05"},
	{"quiet", "nothing is wrong: the session ends", `all_data_delivered|user_canceled`, "normal-close: 0.85"},
	{"alpn", "no application protocol in common", `protocol_extension|next_protocol|no_application_protocol|protocols_in_server_hello`, "alpn-mismatch: 0.7, peer-protocol-violation: 0.12"},
	{"ocsp", "a stapled OCSP answer is missing or not usable", `status_request|stapl|ocsp|certificate_status`, "revocation-status-unavailable: 0.75, peer-protocol-violation: 0.08"},
	{"verify", "the peer cannot prove that it has the key of its certificate", `certificate_verify`, "handshake-integrity-failure: 0.4, unknown-ca: 0.15, cert-key-mismatch: 0.18"},
	{"calculation", "the keys of the handshake cannot be computed", `calculation_failure|premaster`, "handshake-integrity-failure: 0.6, peer-protocol-violation: 0.12"},
	{"signature-algorithm", "no signature algorithm in common", `signature_algorithm`, "no-shared-signature-algorithm: 0.8, weak-signature-or-key: 0.05"},
	{"groups", "no group in common", `groups|diffie_hellman|key_share`, "no-shared-group: 0.8, config-invalid: 0.05"},
	{"ciphers", "no cipher suite in common", `suitable_cipher|acceptable_cert`, "no-shared-cipher: 0.6, no-shared-signature-algorithm: 0.08, server-cert-missing: 0.08, no-shared-group: 0.04"},
	{"no-client-certificate", "the client sent no certificate", `no_client_certificate`, "missing-client-cert: 0.86, bad-client-cert: 0.06"},
	{"sni", "the server name is malformed or not known", `sni|hostname`, "sni-missing-or-unrecognized: 0.8"},
	{"psk", "the pre-shared key is not known", `psk|binder`, "psk-mismatch: 0.85"},
	{"unrequested", "the peer sent what was not asked for", `unrequested|extension`, "extension-conflict: 0.5, peer-protocol-violation: 0.3"},
	{"unexpected", "a message came that does not belong there", `unexpected|application_data|supported_groups|early`, "peer-protocol-violation: 0.62, scanner-noise: 0.08, library-internal-error: 0.06"},
	{"internal", "the TLS code failed inside", `failed_to_decrypt|crypto|undef|error`, "library-internal-error: 0.6, handshake-integrity-failure: 0.1"},
}
