package diagnose

import "strings"

// alertNames maps the spellings of TLS alerts, reduced to letters, to the names of RFC 8446, section 6 (and
// RFC 5246, section 7.2, for those that TLS 1.3 dropped).
var alertNames = func() map[string]string {
	m := make(map[string]string)
	for _, name := range []string{
		"close_notify", "unexpected_message", "bad_record_mac", "decryption_failed", "record_overflow", "decompression_failure",
		"handshake_failure", "no_certificate", "bad_certificate", "unsupported_certificate", "certificate_revoked",
		"certificate_expired", "certificate_unknown", "illegal_parameter", "unknown_ca", "access_denied", "decode_error",
		"decrypt_error", "export_restriction", "protocol_version", "insufficient_security", "internal_error",
		"inappropriate_fallback", "user_canceled", "no_renegotiation", "missing_extension", "unsupported_extension",
		"certificate_unobtainable", "unrecognized_name", "bad_certificate_status_response", "bad_certificate_hash_value",
		"unknown_psk_identity", "certificate_required", "no_application_protocol",
	} {
		m[reduce(name)] = name
	}
	// Go (crypto/tls/alert.go) spells some alerts its own way.
	m["unknowncertificate"] = "certificate_unknown"
	m["unknowncertificateauthority"] = "unknown_ca"
	m["revokedcertificate"] = "certificate_revoked"
	m["expiredcertificate"] = "certificate_expired"
	m["errordecodingmessage"] = "decode_error"
	m["errordecryptingmessage"] = "decrypt_error"
	m["protocolversionnotsupported"] = "protocol_version"
	m["insufficientsecuritylevel"] = "insufficient_security"
	m["unrecognisedname"] = "unrecognized_name"
	m["usercanceled"] = "user_canceled"
	m["exportrestriction"] = "export_restriction"
	return m
}()

// reduce keeps the letters of a spelling, in lower case.
func reduce(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z':
			return r
		}
		return -1
	}, s)
}

// alert returns the RFC name of the TLS alert that the incident is about and who sent it: "peer", "local" or "".
// Signatures capture the alert's text as <alert>; a capture <sender> or the words around it tell who sent it.
func (in *incident) alert() (name, from string) {
	text := in.topValue("alert")
	if text == "" {
		return "", ""
	}
	name = alertNames[reduce(text)]
	if name == "" {
		return "", ""
	}
	at := in.anyHit()
	if at == nil {
		return name, ""
	}
	switch {
	case strings.Contains(at.text, "remote error"), strings.Contains(at.text, "received fatal alert"), strings.Contains(at.text, "sslv3 alert"),
		strings.Contains(at.text, "tlsv1 alert"), strings.Contains(at.text, "tlsv13 alert"), strings.Contains(at.text, "Received"):
		return name, "peer"
	case strings.Contains(at.text, "local error"), strings.Contains(at.text, "Sending fatal alert"), strings.Contains(at.text, "sending"):
		return name, "local"
	}
	return name, ""
}
