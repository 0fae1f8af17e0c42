package knowledgebase

import "strings"

// alerts are the TLS alerts by number, in the spelling of RFC 8446, section 6, with those that TLS 1.3 dropped (RFC 5246,
// section 7.2) and later ones (RFC 9146, RFC 9849).
var alerts = map[string]string{
	"0": "close_notify", "10": "unexpected_message", "20": "bad_record_mac", "21": "decryption_failed", "22": "record_overflow",
	"30": "decompression_failure", "40": "handshake_failure", "41": "no_certificate", "42": "bad_certificate",
	"43": "unsupported_certificate", "44": "certificate_revoked", "45": "certificate_expired", "46": "certificate_unknown",
	"47": "illegal_parameter", "48": "unknown_ca", "49": "access_denied", "50": "decode_error", "51": "decrypt_error",
	"52": "too_many_cids_requested", "60": "export_restriction", "70": "protocol_version", "71": "insufficient_security",
	"80": "internal_error", "86": "inappropriate_fallback", "90": "user_canceled", "100": "no_renegotiation", "109": "missing_extension",
	"110": "unsupported_extension", "111": "certificate_unobtainable", "112": "unrecognized_name",
	"113": "bad_certificate_status_response", "114": "bad_certificate_hash_value", "115": "unknown_psk_identity",
	"116": "certificate_required", "117": "general_error", "120": "no_application_protocol", "121": "ech_required",
}

// alertSpellings maps the spellings of alerts, reduced to letters, to their names.
var alertSpellings = func() map[string]string {
	m := map[string]string{
		// Go (crypto/tls/alert.go) spells some alerts its own way.
		"unknowncertificate":          "certificate_unknown",
		"unknowncertificateauthority": "unknown_ca",
		"revokedcertificate":          "certificate_revoked",
		"expiredcertificate":          "certificate_expired",
		"errordecodingmessage":        "decode_error",
		"errordecryptingmessage":      "decrypt_error",
		"protocolversionnotsupported": "protocol_version",
		"insufficientsecuritylevel":   "insufficient_security",
		"unrecognisedname":            "unrecognized_name",
	}
	for _, name := range alerts {
		m[onlyLetters(name)] = name
	}
	return m
}()

// AlertName returns the name in RFC 8446 of a TLS alert that a program printed by name, in any spelling, or by number; ""
// for what is no alert.
func AlertName(printed string) string {
	if name := alerts[printed]; name != "" {
		return name
	}
	return alertSpellings[onlyLetters(printed)]
}

// onlyLetters keeps the letters of a spelling, in lower case.
func onlyLetters(s string) string {
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
