package main

import (
	"os"
	"regexp"
	"strings"
)

func init() {
	libraries["gnutls"] = &library{
		name: "gnutls", prefix: "gnutls", about: "GnuTLS lib/errors.c 3.7.9",
		read: readGnuTLS,
		// The texts are sentences of their own; short ones say nothing of TLS.
		alone: func(m message) bool {
			return strings.Count(m.text, "_") == 0 && !gnutlsPlain.MatchString(m.text)
		},
		rules:  gnutlsRules,
		around: []string{"Error: "}, // gnutls-serv, certtool
	}
}

// gnutlsPlain is what only GnuTLS says, wherever it stands.
var gnutlsPlain = regexp.MustCompile(`(?i)gnutls|GNUTLS_E_|\bTLS |handshake|certificate and the given|PKCS #11|ASN1 parser|certificate list is not|OCSP response|SNI|cipher suites? have|key share|cipher suite\.?$|X\.509|CIDR|priorities|OpenPGP`)

var (
	errorEntry = regexp.MustCompile(`ERROR_ENTRY\s*\(\s*N_\s*\(((?:\s*"(?:[^"\\]|\\.)*")+)\s*\)\s*,\s*(\w+)\s*\)`)
	quoted     = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"`)
	cComment   = regexp.MustCompile(`(?s)/\*.*?\*/`)
)

func readGnuTLS(paths []string) (list []message, err error) {
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			return nil, err
		}
		for _, m := range errorEntry.FindAllStringSubmatch(cComment.ReplaceAllString(string(b), ""), -1) {
			text := ""
			for _, q := range quoted.FindAllStringSubmatch(m[1], -1) {
				text += q[1]
			}
			list = append(list, message{m[2], text}, message{m[2], m[2]})
		}
	}
	return list, nil
}

// The rules look at the name of the error.
var gnutlsRules = []rule{
	{"benign", "", `^GNUTLS_E_(SUCCESS) `, ""},
	{"by-hand", "", `^GNUTLS_E_(FATAL_ALERT_RECEIVED|WARNING_ALERT_RECEIVED|CERTIFICATE_ERROR|DECRYPTION_FAILED|PREMATURE_TERMINATION|UNEXPECTED_PACKET|UNEXPECTED_PACKET_LENGTH|RECORD_OVERFLOW) `, ""},
	{"no-cipher", "no cipher suite in common", `^GNUTLS_E_(UNKNOWN_CIPHER_SUITE|NO_CIPHER_SUITES) `, "no-shared-cipher: 0.7, config-invalid: 0.08, protocol-version-mismatch: 0.08, server-cert-missing: 0.05"},
	{"priorities", "the priority string is unusable", `^GNUTLS_E_(NO_PRIORITIES_WERE_SET|PRIORITIES_WERE_NOT_SET|ALREADY_REGISTERED) `, "config-invalid: 0.8, no-shared-cipher: 0.05"},
	{"lower-priority", "an algorithm is registered twice", `^GNUTLS_E_CRYPTO_ALREADY_REGISTERED `, "config-invalid: 0.5, library-misuse: 0.2, crypto-feature-unavailable: 0.12"},
	{"version", "no TLS version in common", `^GNUTLS_E_(UNSUPPORTED_VERSION_PACKET) `, "protocol-version-mismatch: 0.72, plaintext-to-tls-port: 0.08, tls-to-plaintext-port: 0.06"},
	{"feature", "an algorithm or feature is missing in this GnuTLS", `^GNUTLS_E_(UNKNOWN_CIPHER_TYPE|INCOMPAT_DSA_KEY_WITH_TLS_PROTOCOL|UNWANTED_ALGORITHM|UNIMPLEMENTED_FEATURE|X509_UNSUPPORTED_(CRITICAL_EXTENSION|EXTENSION|ATTRIBUTE|OID)|UNKNOWN_HASH_ALGORITHM|CHANNEL_BINDING_NOT_AVAILABLE|UNKNOWN_PK_ALGORITHM|UNSUPPORTED_ENCRYPTION_ALGORITHM|INCOMPATIBLE_\w+_LIBRARY|OPENPGP_SUBKEY_X) `, "crypto-feature-unavailable: 0.65, config-invalid: 0.1, cert-malformed: 0.05"},
	{"key-mismatch", "certificate and key do not belong together", `^GNUTLS_E_CERTIFICATE_KEY_MISMATCH `, "cert-key-mismatch: 0.95"},
	{"resumed", "the session cannot be resumed", `^GNUTLS_E_(INVALID_SESSION|EARLY_DATA_REJECTED|DB_ENTRY_EXISTS) `, "session-resumption-failure: 0.7, library-misuse: 0.08"},
	{"fallback", "a downgrade marker was seen", `^GNUTLS_E_INAPPROPRIATE_FALLBACK `, "downgrade-detected: 0.9"},
	{"extension", "a TLS extension does not fit", `^GNUTLS_E_(RECEIVED_ILLEGAL_EXTENSION|MISSING_EXTENSION|UNKNOWN_COMPRESSION_ALGORITHM|COMPRESSION_FAILED|NO_COMPRESSION_ALGORITHMS) `, "extension-conflict: 0.6, peer-protocol-violation: 0.2"},
	{"duplicate-extension", "a certificate has an extension twice", `^GNUTLS_E_X509_DUPLICATE_EXTENSION `, "cert-malformed: 0.55, extension-conflict: 0.3"},
	{"compressed", "a record could not be decompressed", `^GNUTLS_E_DECOMPRESSION_FAILED `, "record-corruption: 0.6, middlebox-interference: 0.1, handshake-integrity-failure: 0.1"},
	{"no-certificate", "no certificate came", `^GNUTLS_E_NO_CERTIFICATE_FOUND `, "missing-client-cert: 0.7, server-cert-missing: 0.12, bad-client-cert: 0.05"},
	{"certificate-required", "the client sent no certificate", `^GNUTLS_E_CERTIFICATE_REQUIRED `, "missing-client-cert: 0.88, bad-client-cert: 0.05"},
	{"credentials", "no certificate or key is set", `^GNUTLS_E_INSUFFICIENT_CREDENTIALS `, "server-cert-missing: 0.6, psk-mismatch: 0.15, no-shared-cipher: 0.05"},
	{"no-group", "no group in common", `^GNUTLS_E_(NO_TEMPORARY_DH_PARAMS|ECC_NO_SUPPORTED_CURVES|ECC_UNSUPPORTED_CURVE|NO_COMMON_KEY_SHARE) `, "no-shared-group: 0.8, config-invalid: 0.05"},
	{"dh-prime", "the Diffie-Hellman prime is too short", `^GNUTLS_E_DH_PRIME_UNACCEPTABLE `, "weak-signature-or-key: 0.82, no-shared-group: 0.05"},
	{"weak", "an algorithm is too weak", `^GNUTLS_E_(INSUFFICIENT_SECURITY) `, "weak-signature-or-key: 0.4, no-shared-cipher: 0.35"},
	{"unexpected", "a message came out of order", `^GNUTLS_E_(UNEXPECTED_HANDSHAKE_PACKET|RECEIVED_ILLEGAL_PARAMETER|ILLEGAL_PARAMETER|SESSION_USER_ID_CHANGED|INVALID_UTF8_\w+|INCOMPATIBLE_SIG_WITH_KEY|PK_INVALID_PUBKEY_PARAMS) `, "peer-protocol-violation: 0.55, scanner-noise: 0.08, record-corruption: 0.08, middlebox-interference: 0.05"},
	{"bad-key", "a key is unusable", `^GNUTLS_E_(PK_INVALID_PUBKEY|PK_INVALID_PRIVKEY) `, "key-or-cert-format-invalid: 0.4, peer-protocol-violation: 0.25"},
	{"memory", "out of memory", `^GNUTLS_E_MEMORY_ERROR `, "resource-exhaustion: 0.6, library-internal-error: 0.25"},
	{"buffer", "a buffer is too small", `^GNUTLS_E_SHORT_MEMORY_BUFFER `, "library-misuse: 0.5, resource-exhaustion: 0.25"},
	{"verify-signature", "a signature of the handshake does not verify", `^GNUTLS_E_(PK_SIG_VERIFY_FAILED) `, "handshake-integrity-failure: 0.45, cert-key-mismatch: 0.2, cert-signature-invalid: 0.1"},
	{"finished", "the Finished message does not verify", `^GNUTLS_E_(ERROR_IN_FINISHED_PACKET) `, "handshake-integrity-failure: 0.8, middlebox-interference: 0.08"},
	{"mac", "a check sum does not fit", `^GNUTLS_E_(MAC_VERIFY_FAILED|IA_VERIFY_FAILED) `, "record-corruption: 0.4, encrypted-private-key: 0.35, handshake-integrity-failure: 0.08"},
	{"passphrase", "the pass phrase is wrong or missing", `^GNUTLS_E_(SRP_PWD_ERROR|SRP_PWD_PARSING_ERROR|INVALID_PASSWORD|INVALID_PASSWORD_STRING) `, "encrypted-private-key: 0.7, key-or-cert-format-invalid: 0.15"},
	{"file-format", "a file does not hold what it should", `^GNUTLS_E_(PKCS1_WRONG_PAD|BASE64_\w+|OPENPGP_\w+|KEY_IMPORT_FAILED|NO_EMBEDDED_DATA|KEYID_MISMATCH|ASN1_EMBEDDED_NULL_IN_STRING) `, "key-or-cert-format-invalid: 0.7, encrypted-private-key: 0.1, config-file-unreadable: 0.05"},
	{"not-available", "a file does not hold what is asked for", `^GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE `, "key-or-cert-format-invalid: 0.55, session-resumption-failure: 0.1, crypto-feature-unavailable: 0.08"},
	{"file", "a file cannot be read", `^GNUTLS_E_FILE_ERROR `, "config-file-unreadable: 0.83, trust-store-missing: 0.06, key-or-cert-format-invalid: 0.04"},
	{"expired", "a certificate or session has expired", `^GNUTLS_E_EXPIRED `, "cert-expired: 0.75, session-resumption-failure: 0.1, bad-client-cert: 0.05"},
	{"not-yet", "a certificate is not valid yet", `^GNUTLS_E_NOT_YET_ACTIVATED `, "cert-not-yet-valid: 0.8, clock-skew: 0.12"},
	{"pull", "the connection broke while reading", `^GNUTLS_E_PULL_ERROR `, "peer-reset-in-handshake: 0.42, peer-reset-established: 0.15, peer-closed-in-handshake: 0.1, peer-rejected-certificate: 0.08, middlebox-interference: 0.05"},
	{"push", "the connection broke while writing", `^GNUTLS_E_PUSH_ERROR `, "peer-reset-established: 0.36, peer-reset-in-handshake: 0.32, peer-rejected-certificate: 0.06, middlebox-interference: 0.05"},
	{"eof", "the peer closed the connection", `^GNUTLS_E_SESSION_EOF `, "peer-closed-in-handshake: 0.5, normal-close: 0.2, middlebox-interference: 0.06"},
	{"sequence", "the sequence numbers are used up", `^GNUTLS_E_(RECORD_LIMIT_REACHED) `, "peer-protocol-violation: 0.3, wrong-port-or-service: 0.2, library-misuse: 0.1"},
	{"cookie", "a DTLS cookie does not fit", `^GNUTLS_E_(BAD_COOKIE) `, "wrong-port-or-service: 0.35, peer-protocol-violation: 0.3, peer-malformed-message: 0.15"},
	{"verification", "the certificate of the peer does not verify", `^GNUTLS_E_(CERTIFICATE_VERIFICATION_ERROR|AUTH_ERROR) `, "unknown-ca: 0.36, self-signed-cert: 0.14, hostname-mismatch: 0.12, cert-expired: 0.1, incomplete-chain: 0.08"},
	{"time-fields", "a field of a certificate is malformed", `^GNUTLS_E_(X509_UNKNOWN_SAN|CERTIFICATE_TIME_ERROR|ASN1_TIME_ERROR) `, "cert-malformed: 0.8"},
	{"crl", "a CRL or an OCSP answer is not usable", `^GNUTLS_E_(CRL_VERIFICATION_ERROR|OCSP_\w+|NO_CERTIFICATE_STATUS) `, "revocation-status-unavailable: 0.85, cert-revoked: 0.04"},
	{"seed", "a private key does not fit its seed", `^GNUTLS_E_PRIVKEY_VERIFICATION_ERROR `, "key-or-cert-format-invalid: 0.6, cert-key-mismatch: 0.1, hostname-mismatch: 0.03"},
	{"constraint", "a constraint of a CA is broken", `^GNUTLS_E_(MALFORMED_CIDR|CONSTRAINT_ERROR) `, "ca-constraint-violation: 0.6, cert-malformed: 0.2, abusive-peer-limit: 0.05"},
	{"key-usage", "the certificate does not suit the role", `^GNUTLS_E_(KEY_USAGE_VIOLATION|UNSUPPORTED_CERTIFICATE_TYPE) `, "wrong-key-usage: 0.7, bad-client-cert: 0.08, crypto-feature-unavailable: 0.06"},
	{"retry", "nothing is wrong: the call is to be repeated", `^GNUTLS_E_(INTERRUPTED|AGAIN|GOT_APPLICATION_DATA|UNAVAILABLE_DURING_HANDSHAKE|REAUTH_REQUEST|GOT_HEARTBEAT) `, "normal-close: 0.6, peer-protocol-violation: 0.08"},
	{"heartbeat", "a heartbeat came", `^GNUTLS_E_HEARTBEAT_\w+ `, "normal-close: 0.3, abusive-peer-limit: 0.2, peer-protocol-violation: 0.1"},
	{"misuse", "the program calls GnuTLS wrongly", `^GNUTLS_E_(DB_ERROR|INVALID_REQUEST|UNKNOWN_SRP_USERNAME|UNKNOWN_PKCS_\w+|UNKNOWN_ALGORITHM|PK_NO_VALIDATION_PARAMS|TOO_MANY_MATCHES|NO_SELF_TEST) `, "library-misuse: 0.55, library-internal-error: 0.1, config-invalid: 0.12"},
	{"srp", "the SRP or PSK name is not usable", `^GNUTLS_E_(ILLEGAL_SRP_USERNAME) `, "psk-mismatch: 0.45, key-or-cert-format-invalid: 0.25"},
	{"asn1", "a certificate, CRL or key is malformed", `^GNUTLS_E_ASN1_\w+ `, "cert-malformed: 0.52, key-or-cert-format-invalid: 0.35"},
	{"limit", "the peer exceeded a limit", `^GNUTLS_E_(TOO_MANY_\w+|HANDSHAKE_TOO_LARGE) `, "abusive-peer-limit: 0.6, record-or-message-too-large: 0.15, peer-protocol-violation: 0.1"},
	{"packet-too-large", "a datagram is larger than the path permits", `^GNUTLS_E_LARGE_PACKET `, "record-or-message-too-large: 0.35, path-mtu-blackhole: 0.2, abusive-peer-limit: 0.1"},
	{"renegotiation", "renegotiation is refused", `^GNUTLS_E_(SAFE_RENEGOTIATION_FAILED|UNSAFE_RENEGOTIATION_DENIED|REHANDSHAKE) `, "renegotiation-refused: 0.8, peer-protocol-violation: 0.05"},
	{"signature-algorithm", "no signature algorithm in common", `^GNUTLS_E_(UNSUPPORTED_SIGNATURE_ALGORITHM) `, "no-shared-signature-algorithm: 0.7, weak-signature-or-key: 0.15"},
	{"timeout", "the operation timed out", `^GNUTLS_E_TIMEDOUT `, "handshake-timeout: 0.62, idle-timeout: 0.14, connect-timeout: 0.08"},
	{"alpn", "no application protocol in common", `^GNUTLS_E_NO_APPLICATION_PROTOCOL `, "alpn-mismatch: 0.95"},
	{"sni", "the server name is not known", `^GNUTLS_E_(UNRECOGNIZED_NAME|RECEIVED_DISALLOWED_NAME) `, "sni-missing-or-unrecognized: 0.85"},
	{"unsorted", "the certificates are not in order", `^GNUTLS_E_CERTIFICATE_LIST_UNSORTED `, "incomplete-chain: 0.7, cert-malformed: 0.1"},
	{"false-start", "a handshake within a false start", `^GNUTLS_E_HANDSHAKE_DURING_FALSE_START `, "library-misuse: 0.4, peer-protocol-violation: 0.15, peer-rejected-handshake: 0.15"},
	{"extensions-length", "the extensions of a message have a wrong length", `^GNUTLS_E_UNEXPECTED_EXTENSIONS_LENGTH `, "peer-malformed-message: 0.52, extension-conflict: 0.14, scanner-noise: 0.08"},
	{"parse", "something cannot be parsed", `^GNUTLS_E_PARSING_ERROR `, "peer-malformed-message: 0.5, key-or-cert-format-invalid: 0.2, scanner-noise: 0.05"},
	{"psk", "the pre-shared key is not known", `^GNUTLS_E_\w*PSK\w* `, "psk-mismatch: 0.85"},
	{"pin", "the PIN or password of a token is missing or wrong", `^GNUTLS_E_(PKCS11_PIN_\w+|TPM_\w*PASSWORD_ERROR) `, "encrypted-private-key: 0.5, library-internal-error: 0.3"},
	{"token", "a token, the TPM or a crypto device fails", `^GNUTLS_E_(PKCS11_\w+|TPM_\w+|CRYPTODEV_\w+|CRYPTO_INIT_FAILED) `, "library-internal-error: 0.65, config-invalid: 0.1, encrypted-private-key: 0.08"},
	{"cancelled", "the program cancelled the operation", `^GNUTLS_E_USER_ERROR `, "library-misuse: 0.3, normal-close: 0.25, library-internal-error: 0.2"},
	{"internal", "GnuTLS itself fails", `^GNUTLS_E_(INTERNAL_ERROR|MPI_\w+|ENCRYPTION_FAILED|PK_\w+|HASH_FAILED|RANDOM_\w+|LOCKING_ERROR|SELF_TEST_ERROR|LIB_IN_ERROR_STATE|SOCKETS_INIT_ERROR|IDNA_ERROR|NO_TEMPORARY_RSA_PARAMS|USER_ERROR|CERTIFICATE_VERIFICATION_X) `, "library-internal-error: 0.7, crypto-feature-unavailable: 0.1"},
}
