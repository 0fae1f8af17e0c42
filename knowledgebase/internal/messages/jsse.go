package main

import (
	"archive/zip"
	"io"
	"regexp"
	"sort"
	"strings"
)

func init() {
	libraries["jsse"] = &library{
		name: "java-jsse", prefix: "jsse-text", about: "OpenJDK 17.0.21 and 25, java.base sun/security/ssl, provider/certpath, validator",
		read: readJSSE,
		// A text stands behind the name of an exception; without it, only what speaks of TLS and is long enough counts.
		alone: func(m message) bool { return words(m.text) < 4 || !jsseWords.MatchString(m.text) },
		named: func(m message) (texts []string) {
			f := strings.Fields(m.where)
			kinds := []string{f[len(f)-1]}
			if strings.HasPrefix(kinds[0], "SSL") {
				kinds = []string{"SSLException", "SSLHandshakeException", "SSLProtocolException"} // it depends on the alert and the version
			}
			for _, k := range kinds {
				if javaNames[k] != "" {
					texts = append(texts, javaNames[k]+": "+m.text)
				}
			}
			return texts
		},
		rules: jsseRules,
	}
}

var jsseWords = regexp.MustCompile(`(?i)SSL|TLS|handshake|cipher|ClientHello|Server(Hello|KeyExchange)|HelloRe|KeyExchange|extension|certificat|\bcert\b|key agreement|named group|OCSP|revocation|CRL|PSK|NewSessionTicket|key_share|ChangeCipherSpec|close_notify|EncryptedExt|trust ?anchor|signature|algorithm constraints|renegotiation|cookie|protocol version|session|PKCS7|trusted|X509|credentials negotiated|server_name|CONNECT|Finished|key exchange|PKIX|subject|policy|EC(DHE?|C)|message hash`)

var (
	jsseFiles = regexp.MustCompile(`sun/security/(ssl|provider/certpath|validator)/\w+\.java$|sun/security/util/HostnameChecker\.java$`)
	jsseCall  = regexp.MustCompile(`\bfatal\(|new\s+\w*Exception\(|decodeException\(|engineException\(`)
	alertName = regexp.MustCompile(`Alert\.([A-Z_]+)`)
)

// javaNames are the packages of the exceptions.
var javaNames = map[string]string{
	"SSLException": "javax.net.ssl.SSLException", "SSLHandshakeException": "javax.net.ssl.SSLHandshakeException",
	"SSLProtocolException": "javax.net.ssl.SSLProtocolException", "SSLKeyException": "javax.net.ssl.SSLKeyException",
	"SSLPeerUnverifiedException": "javax.net.ssl.SSLPeerUnverifiedException", "CertificateException": "java.security.cert.CertificateException",
	"CertPathValidatorException": "java.security.cert.CertPathValidatorException", "CertificateParsingException": "java.security.cert.CertificateParsingException",
	"CertPathBuilderException": "java.security.cert.CertPathBuilderException", "SunCertPathBuilderException": "sun.security.provider.certpath.SunCertPathBuilderException",
	"ValidatorException": "sun.security.validator.ValidatorException", "CertStoreException": "java.security.cert.CertStoreException",
	"CertificateEncodingException": "java.security.cert.CertificateEncodingException", "CRLException": "java.security.cert.CRLException",
}

// raised is the exception that an alert becomes (Alert.createSSLException).
func raised(alert string) string {
	switch alert {
	case "UNEXPECTED_MESSAGE":
		return "SSLProtocolException"
	case "CLOSE_NOTIFY", "BAD_RECORD_MAC", "DECRYPTION_FAILED", "RECORD_OVERFLOW", "INTERNAL_ERROR", "USER_CANCELED":
		return "SSLException"
	}
	return "SSLHandshakeException"
}

// readJSSE takes the texts of the exceptions out of the src.zip of JDKs.
func readJSSE(paths []string) (list []message, err error) {
	for _, p := range paths {
		z, err := zip.OpenReader(p)
		if err != nil {
			return nil, err
		}
		sort.Slice(z.File, func(i, j int) bool { return z.File[i].Name < z.File[j].Name })
		for _, f := range z.File {
			if !jsseFiles.MatchString(f.Name) {
				continue
			}
			r, err := f.Open()
			if err != nil {
				return nil, err
			}
			b, err := io.ReadAll(r)
			r.Close()
			if err != nil {
				return nil, err
			}
			name := f.Name[strings.LastIndexByte(f.Name, '/')+1:]
			source := string(b)
			for _, at := range jsseCall.FindAllStringIndex(source, -1) {
				alert := ""
				for _, arg := range javaArguments(source[at[1]:]) {
					if m := alertName.FindStringSubmatch(arg); m != nil {
						alert = m[1]
					}
					if text := javaText(arg); text != "" {
						kind := strings.TrimSuffix(strings.TrimPrefix(source[at[0]:at[1]], "new "), "(")
						if kind == "fatal" {
							kind = raised(alert)
						}
						list = append(list, message{strings.TrimSuffix(name, ".java") + " " + alert + " " + kind, text})
						break
					}
				}
			}
		}
		z.Close()
	}
	return list, nil
}

// javaArguments splits the arguments of a call, whose "(" stands before s.
func javaArguments(s string) (args []string) {
	depth, from := 0, 0
	for i := 0; i < len(s) && i < 2000; i++ {
		switch s[i] {
		case '"', '\'':
			quote := s[i]
			for i++; i < len(s) && s[i] != quote; i++ {
				if s[i] == '\\' {
					i++
				}
			}
		case '(', '{', '[':
			depth++
		case ')', '}', ']':
			if depth == 0 {
				return append(args, s[from:i])
			}
			depth--
		case ',':
			if depth == 0 {
				args = append(args, s[from:i])
				from = i + 1
			}
		case '/':
			if i+1 < len(s) && s[i+1] == '/' {
				for i < len(s) && s[i] != '\n' {
					i++
				}
			}
		}
	}
	return nil
}

// javaText makes a text of a concatenation: what is no literal becomes <value>. It is empty where there is none at the top.
func javaText(expression string) string {
	var out strings.Builder
	depth := 0
	literal, value := false, false
	for i := 0; i < len(expression); i++ {
		switch c := expression[i]; {
		case c == '"':
			from := i + 1
			for i++; i < len(expression) && expression[i] != '"'; i++ {
				if expression[i] == '\\' {
					i++
				}
			}
			if depth == 0 && i <= len(expression) {
				if value {
					out.WriteString("<value>")
				}
				value = false
				literal = true
				out.WriteString(strings.NewReplacer(`\"`, `"`, `\n`, " ", `\t`, " ", `<`, `\<`).Replace(expression[from:min(i, len(expression))]))
			}
		case c == '(':
			depth++
			value = true
		case c == ')':
			depth--
		case c == '?' && depth == 0:
			return ""
		case c == ' ' || c == '\n' || c == '\t' || c == '+':
		default:
			value = true
		}
	}
	if !literal {
		return ""
	}
	if value {
		out.WriteString("<value>")
	}
	return out.String()
}

const malformed = "peer-malformed-message: 0.6, scanner-noise: 0.08, record-corruption: 0.08, cert-malformed: 0.06"

// The rules look at the file, the alert and the text. The first that matches counts.
var jsseRules = []rule{
	{"by-hand", "", `HostnameChecker|Received fatal alert|Bad input record size|No available authentication|Insufficient buffer remaining|Unsupported or unrecognized SSL|plaintext connection|Empty client certificate chain|Remote host (terminated|closed)|peer shut down|no cipher suites in common|No negotiable cipher|No appropriate protocol|unable to find valid certification path|(building|validation) failed|does not permit use for|has been revoked, reason|is not enabled or supported in server context|is not accepted by client preferences|Tag mismatch|No trusted certificate found|Untrusted certificate|distrusted|peer not authenticated|Certificate has been revoked|Received close_notify during|does not chain with|basic constraints check|validity check|check failed$|closing inbound|Connection has closed|Cannot find the responder|signature check|Could not determine revocation|subject/issuer name chaining|Socket is (not connected|closed)|is not connected|Unsupported record version|Usage constraint|Algorithm constraints check failed|(NullPointer|IllegalArgument|IndexOutOfBounds|NumberFormat|UnsupportedOperation|IllegalState|ConcurrentModification|InvalidParameter|BadPadding|ClassCast|InternalError|ClassNotFound|InvalidObject|NoSuchElement|ReadOnlyBuffer)\w* \|| \| (Collection is null|initialization failed|Already connected|Socket (in|out)put is)`, ""},

	{"parameters", "the program gives the certificate checker parameters of the wrong kind", `must be (an )?instance|must be an? X509CertSelector|ManagerFactoryParameters|TrustAnchor must be specified|of certificate pair must`, "library-misuse: 0.65, config-invalid: 0.1, trust-store-missing: 0.05"},
	{"ticket-size", "a session ticket cannot be read", `SessionTicket buffer`, "session-resumption-failure: 0.5, record-or-message-too-large: 0.15, peer-malformed-message: 0.1"},
	{"derive-psk", "the key of a session could not be derived", `Could not derive PSK`, "library-internal-error: 0.45, session-resumption-failure: 0.2, psk-mismatch: 0.1"},
	{"premaster-decoded", "the secret of the RSA key exchange cannot be decoded", `decode RSA premaster`, "peer-malformed-message: 0.34, handshake-integrity-failure: 0.2, library-internal-error: 0.16"},
	{"premaster", "the secret of the RSA key exchange could not be made", `premaster secret`, "library-internal-error: 0.45, crypto-feature-unavailable: 0.12, handshake-integrity-failure: 0.08"},
	{"no-rsa-certificate", "the RSA key exchange has no certificate", `No RSA certificate negotiated`, "library-internal-error: 0.34, server-cert-missing: 0.18, peer-protocol-violation: 0.15"},
	{"cipher-for-version", "the cipher suite does not belong to the TLS version", `Illegal cipher suite`, "peer-protocol-violation: 0.42, protocol-version-mismatch: 0.25, no-shared-cipher: 0.08"},
	{"key-share-short", "a key share or list of groups is cut off", `(key_share|supported_groups|ec_point_formats) extension: (insufficient|incomplete|unknown extra)`, "peer-malformed-message: 0.42, no-shared-group: 0.28, scanner-noise: 0.08"},
	{"psk-short", "the pre-shared keys offered are cut off", `(pre_shared_key|psk_key_exchange_modes) extension: insufficient`, "peer-malformed-message: 0.36, psk-mismatch: 0.3, scanner-noise: 0.08"},
	{"alpn-short", "the list of application protocols is cut off", `application_layer_protocol_negotiation: insufficient`, "peer-malformed-message: 0.4, alpn-mismatch: 0.32, scanner-noise: 0.08"},

	{"dtls", "a DTLS message does not fit", `HelloVerify|[Cc]ookie|sequence number|[Ff]ragment|MaxFrag`, "peer-protocol-violation: 0.36, wrong-port-or-service: 0.3, peer-malformed-message: 0.15"},
	{"psk", "a pre-shared key or its binder does not fit", `\| .*(PSK|psk_|binder|pre_shared_key)`, "psk-mismatch: 0.5, session-resumption-failure: 0.2, peer-protocol-violation: 0.12"},
	{"identity-index", "the server selected a pre-shared key that was not offered", `Selected identity index`, "peer-protocol-violation: 0.5, psk-mismatch: 0.25"},
	{"dh-parameters", "the Diffie-Hellman parameters of the peer are not usable", `DH ServerKeyExchange: invalid`, "peer-protocol-violation: 0.42, weak-signature-or-key: 0.2, peer-malformed-message: 0.15"},
	{"required", "an extension that is needed is not there", `Required extensions`, "crypto-feature-unavailable: 0.3, extension-conflict: 0.25, psk-mismatch: 0.2"},
	{"unexpected", "a message or extension came that does not belong there", `Unexpected|unexpected|Illegal handshake|improper ciphersuite|wrong cipher suite|Unexpected`, "peer-protocol-violation: 0.6, extension-conflict: 0.08, wrong-port-or-service: 0.05, scanner-noise: 0.05"},
	{"early-data", "data came before the handshake was complete", `application data before|Missing ChangeCipherSpec|Non-handshake|Illegal (handshake|HelloRetryRequest)|second HelloRetryRequest|ChangeCipherSpec message|wrong (cipher|cipher suite)|not requested`, "peer-protocol-violation: 0.62, normal-close: 0.02, wrong-port-or-service: 0.03"},
	{"alpn", "application protocols do not fit", `Alpn|application protocol|ALPN|application_layer`, "alpn-mismatch: 0.7, peer-protocol-violation: 0.12, config-invalid: 0.05"},
	{"failed-chain", "a list of certificates cannot be read", `Failed to parse (server|client) certificates`, malformed},
	{"no-authorities", "no CA is named", `no certificate authorities`, "peer-malformed-message: 0.4, client-ca-misconfigured: 0.2, server-cert-missing: 0.15"},
	{"status-type", "an answer on revocation is of a kind that is not supported", `Unsupported (status_type|StatusResponseType|OCSP response type)`, "revocation-status-unavailable: 0.55, crypto-feature-unavailable: 0.2, peer-malformed-message: 0.08"},
	{"revocation", "the revocation of a certificate cannot be checked", `OCSP|status_request|StatusResponse|status_type|[Rr]evocation|RevocationChecker|\bCRL|\bnonce|certificate status|[Rr]esponder|CertStatusExtension`, "revocation-status-unavailable: 0.75, cert-revoked: 0.04, peer-malformed-message: 0.05, config-invalid: 0.04, crypto-feature-unavailable: 0.03"},
	{"sni", "the server name is malformed or not known", `[Ss]erver_?name|HostName in|server name`, "sni-missing-or-unrecognized: 0.55, peer-malformed-message: 0.2, peer-protocol-violation: 0.05, hostname-mismatch: 0.03"},
	{"named-group-malformed", "the group that the peer names cannot be read", `decode named group`, "peer-malformed-message: 0.5, no-shared-group: 0.2, library-internal-error: 0.1"},
	{"named-group-internal", "a key share cannot be used", `(improper|point for|No key exchange for|decode) named group`, "library-internal-error: 0.3, peer-malformed-message: 0.25, no-shared-group: 0.2, server-cert-missing: 0.02"},
	{"named-group-unsupported", "the group that the peer chose is not supported", `Unsupported named group|Unsupported HelloRetryRequest`, "no-shared-group: 0.42, crypto-feature-unavailable: 0.35, peer-protocol-violation: 0.08"},
	{"internal-state", "a key exchange has no keys to work with", `No .*(credentials|possession)|Not (RSA|EC)|Insufficient Point`, "library-internal-error: 0.5, peer-protocol-violation: 0.15, server-cert-missing: 0.08, no-shared-group: 0.05"},
	{"group", "no group in common, or a key share that does not fit", `key_share|supported_groups|ec_point|KeyShare|SupportedGroups|ECPointFormats|key shares|named group|No common|HelloRetryRequest selected|uncompressed`, "no-shared-group: 0.55, peer-protocol-violation: 0.15, crypto-feature-unavailable: 0.08, peer-malformed-message: 0.06"},
	{"renegotiation", "renegotiation is refused or unsafe", `[Rr]enegotiat|renego|HelloRequest`, "renegotiation-refused: 0.75, peer-malformed-message: 0.06, peer-protocol-violation: 0.06"},
	{"resumed-version", "the session resumes with another version", `resumed with wrong protocol`, "session-resumption-failure: 0.42, protocol-version-mismatch: 0.4"},
	{"resumption", "a session cannot be resumed", `[Ss]ession [Tt]icket|NewSessionTicket|TicketNonce|[Rr]esum|[Ss]ession (ID|creation|is)|No new session|session id`, "session-resumption-failure: 0.6, extension-conflict: 0.08, protocol-version-mismatch: 0.08, peer-malformed-message: 0.08"},
	{"downgrade", "a downgrade was noticed", `downgrade`, "downgrade-detected: 0.9"},
	{"version", "no TLS version in common", `protocol version|legacy_version|SSL v2|SSLv2|[Uu]nsupported protocol|supported protocol versions|does not support the server cipher|Unsupported or unrecognized protocol`, "protocol-version-mismatch: 0.78, library-internal-error: 0.04, scanner-noise: 0.05"},
	{"rsa-agreement", "the keys of the RSA key exchange cannot be used", `No sufficient RSA`, "weak-signature-or-key: 0.3, peer-malformed-message: 0.25, crypto-feature-unavailable: 0.1"},
	{"constraints", "a key or signature is weaker than the policy of this JDK permits", `algorithm constraints|Algorithm constraints|does not comply|do not conform|key agreement parameters|EC server cert for ECDH key|No sufficient`, "weak-signature-or-key: 0.42, ca-constraint-violation: 0.18, cert-malformed: 0.06, crypto-feature-unavailable: 0.05, no-shared-cipher: 0.05"},
	{"no-verify-algorithm", "no signature algorithm in common", `No supported CertificateVerify`, "no-shared-signature-algorithm: 0.6, handshake-integrity-failure: 0.06, unknown-ca: 0.04"},
	{"signature-algorithm", "no signature algorithm in common", `signature[_ ]algorithm|SignatureAlgorithms|signature algorithm`, "no-shared-signature-algorithm: 0.65, weak-signature-or-key: 0.1, peer-malformed-message: 0.06, peer-protocol-violation: 0.05"},
	{"verify-short", "a CertificateVerify message is cut off", `CertificateVerify.*(sufficient|insufficient)`, "peer-malformed-message: 0.45, handshake-integrity-failure: 0.15, unknown-ca: 0.08"},
	{"verify", "the peer cannot prove that it has the key of its certificate", `CertificateVerify`, "handshake-integrity-failure: 0.42, cert-key-mismatch: 0.15, unknown-ca: 0.14, no-shared-signature-algorithm: 0.06"},
	{"dh-weak", "the Diffie-Hellman key is too short", `DH (key|prime).*(size|short|weak)`, "weak-signature-or-key: 0.8"},
	{"integrity", "a check of the handshake failed", `verify_data|Finished message|[Ss]ignature (on|of)|Failed to sign|verification of the`, "handshake-integrity-failure: 0.65, library-internal-error: 0.08, middlebox-interference: 0.06"},
	{"ske-signature", "the signature of the key exchange does not fit", `Invalid ECDH ServerKeyExchange signature`, "handshake-integrity-failure: 0.5, peer-protocol-violation: 0.2, cert-key-mismatch: 0.08"},
	{"too-large", "a message is larger than permitted", `exceeds the maximum|too big|record size|too large|maximum allowed|length is too|too long`, "record-or-message-too-large: 0.42, abusive-peer-limit: 0.25, record-corruption: 0.12"},
	{"critical-here", "a certificate has critical extensions that are not understood", `[Uu]n(supported|recognized) critical ext`, "crypto-feature-unavailable: 0.4, ca-constraint-violation: 0.25, cert-malformed: 0.15"},
	{"extension-short", "an extension cannot be decoded", `[Ee]xtension.*(insufficient|sufficient|not empty|incomplete|unknown extra|empty)`, "peer-malformed-message: 0.5, extension-conflict: 0.16, scanner-noise: 0.08, peer-protocol-violation: 0.06"},
	{"usage-bits", "the key usage of a CA does not suit", `KeyUsage extension`, "ca-constraint-violation: 0.5, wrong-key-usage: 0.25, cert-malformed: 0.06"},
	{"extension", "an extension is missing, doubled or contradictory", `Duplicate extension|should not be presented|Insufficient extensions data|[Ee]xtended_?[Mm]aster|[Ee]xtended [Mm]aster [Ss]ecret|Write problems|extension`, "extension-conflict: 0.5, peer-malformed-message: 0.22, peer-protocol-violation: 0.1, session-resumption-failure: 0.03"},
	{"no-server-certificate", "the server has no certificate for this handshake", `No server certificate|no key derivation|No X\.509 cert|No available .*certificate`, "server-cert-missing: 0.5, library-internal-error: 0.15, no-shared-cipher: 0.1"},
	{"no-ske", "no key exchange message can be made", `No ServerKeyExchange|unknown handshake producers|Fail to begin handshake`, "peer-rejected-handshake: 0.3, library-internal-error: 0.3, no-shared-cipher: 0.12"},
	{"no-certificate-alert", "the client says that it has no certificate", `NO_CERTIFICATE`, "missing-client-cert: 0.8, peer-protocol-violation: 0.05"},
	{"warning", "the peer sent a warning in the handshake", `handshake warning`, "peer-rejected-handshake: 0.4, sni-missing-or-unrecognized: 0.2, normal-close: 0.1"},
	{"wrong-usage", "a certificate does not suit the role", `KeyUsage (bits )?does not|[Kk]eyusage|KeyUsageException|(Netscape|Extended key usage|KeyUsage) does not`, "wrong-key-usage: 0.7, ca-constraint-violation: 0.12"},
	{"as-ca", "a certificate that is no CA issued another", `act as a CA|NOT a CA|not a CA`, "ca-constraint-violation: 0.85, cert-malformed: 0.05, unknown-ca: 0.03"},
	{"validator", "the program asks the validator for something unknown", `Unknown (authType|variant|identification|validator)|Endpoint Identification`, "library-misuse: 0.45, crypto-feature-unavailable: 0.2, config-invalid: 0.12"},
	{"certpath", "a certificate of the chain breaks a rule", `CertPath|certpath|^(AlgorithmChecker|BasicChecker|ConstraintsChecker|ForwardBuilder|Builder|KeyChecker|Policy\w+|PKIX\w+|X509CertPath|X509CertificatePair|CertificatePair|Untrusted\w+|Vertex|SimpleValidator|Sun\w+|DistributionPointFetcher|AdjacencyList|IndexedCollection\w+|CertStore\w+|URICertStore|ForwardState) `, "ca-constraint-violation: 0.42, cert-malformed: 0.2, unknown-ca: 0.12, config-invalid: 0.05"},
	{"end-entity", "a certificate breaks a rule", `EndEntityChecker`, "wrong-key-usage: 0.45, ca-constraint-violation: 0.2, cert-malformed: 0.12"},
	{"linger", "the connection was not closed in time", `SO_LINGER|timed? ?out`, "idle-timeout: 0.5, library-internal-error: 0.1"},
	{"closed", "the connection is closed", `[Cc]onnection (or (in|out)bound )?(has )?(is )?closed|broken or closed|close_notify|closed$|has been closed`, "normal-close: 0.35, library-misuse: 0.2, library-internal-error: 0.12"},
	{"feature", "an algorithm, message or feature is not supported", `[Uu]nsupported|[Nn]ot supported|not support|Algorithm missing|NoSuchAlgorithm|unavailable`, "crypto-feature-unavailable: 0.5, peer-protocol-violation: 0.15, config-invalid: 0.08, library-internal-error: 0.1"},
	{"unverified", "the chain of the peer was not verified", `trust(ed)? (anchor|manager)|TrustManager|trustAnchors`, "library-internal-error: 0.35, library-misuse: 0.25, trust-store-missing: 0.2"},
	{"empty-server-chain", "the server sent no certificate", `Empty server certificate|empty cert_data`, malformed},
	{"malformed", "a message of the peer cannot be decoded", `[Ii]nsufficient|sufficient data|sufficient room|incomplete|[Nn]ot empty|must be empty|pars(e|ing)|[Ii]ncorrect|[Cc]annot decode|unknown extra|Invalid (ClientHello|handshake|Certificate|DH|EC|server|RSA|XDH)|Error parsing|DECODE_ERROR|Overflow|underflow|[Ee]mpty|Malformed|malformed`, malformed},
	{"violation", "the peer broke the rules of the handshake", `UNEXPECTED_MESSAGE|ILLEGAL_PARAMETER|[Ii]llegal|[Ww]rong|should not|MUST NOT|mismatch|invalid|Invalid`, "peer-protocol-violation: 0.55, peer-malformed-message: 0.15, scanner-noise: 0.06"},
	{"no-cipher", "no cipher suite in common", `cipher ?suites?`, "no-shared-cipher: 0.5, library-internal-error: 0.1, peer-protocol-violation: 0.15"},
	{"local-certificate", "the certificate of this side cannot be used", `Could not encode certificate|No expected X\.509|Failed local certs|Failed to produce|certificate (chain )?(for|message)`, "library-internal-error: 0.5, server-cert-missing: 0.15, library-misuse: 0.12"},
	{"internal", "the TLS code of the JDK failed inside", `INTERNAL_ERROR|[Cc]ould not (generate|construct|find)|Cannot verify|Failure to derive|[Ff]ailed to|No .*(negotiated|possession)|Not .*(private|server cert)|Not (RSA|EC)|problem (un)?wrapping|Fail to|Missing|readApplicationRecord|[Uu]nable to|No X509|kickstart|Improper|SSLException|SSLKeyException|RuntimeException`, "library-internal-error: 0.52, peer-protocol-violation: 0.12, library-misuse: 0.12, peer-malformed-message: 0.04"},
}
