package knowledgebase

import (
	"crypto/tls"
	"strconv"
	"strings"
	"sync"
)

// alerts are the TLS alerts by number, in the spelling of RFC 8446, section 6, with those that TLS 1.3 dropped (RFC 5246,
// section 7.2) and later ones (RFC 9146, RFC 9849).
var alerts = map[int]string{
	0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 21: "decryption_failed", 22: "record_overflow",
	30: "decompression_failure", 40: "handshake_failure", 41: "no_certificate", 42: "bad_certificate",
	43: "unsupported_certificate", 44: "certificate_revoked", 45: "certificate_expired", 46: "certificate_unknown",
	47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied", 50: "decode_error", 51: "decrypt_error",
	52: "too_many_cids_requested", 60: "export_restriction", 70: "protocol_version", 71: "insufficient_security",
	80: "internal_error", 86: "inappropriate_fallback", 90: "user_canceled", 100: "no_renegotiation", 109: "missing_extension",
	110: "unsupported_extension", 111: "certificate_unobtainable", 112: "unrecognized_name",
	113: "bad_certificate_status_response", 114: "bad_certificate_hash_value", 115: "unknown_psk_identity",
	116: "certificate_required", 117: "general_error", 120: "no_application_protocol", 121: "ech_required",
}

// alertSpellings maps the spellings of alerts, reduced to letters, to their numbers: the names and the words of Go
// (crypto/tls/alert.go).
var alertSpellings = sync.OnceValue(func() map[string]int {
	m := map[string]int{"unrecognisedname": 112, "usercancelled": 90}
	for n := range 256 {
		if words := strings.TrimPrefix(tls.AlertError(n).Error(), "tls: "); !strings.HasPrefix(words, "alert(") {
			m[onlyLetters(words)] = n
		}
	}
	for n, name := range alerts {
		m[onlyLetters(name)] = n
	}
	return m
})

// quicAlerts is where the alerts begin among the transport errors of QUIC (RFC 9001, section 4.8).
const quicAlerts = 0x100

// AlertNumber returns the number of a TLS alert that a program printed by its name, in any spelling, by its number, or as an
// error of QUIC; -1 for what is no alert.
func AlertNumber(printed string) int {
	if v, err := strconv.ParseUint(printed, 0, 16); err == nil {
		n := int(v)
		if n >= quicAlerts {
			n -= quicAlerts
		}
		if alerts[n] == "" {
			return -1
		}
		return n
	}
	if n, ok := alertSpellings()[onlyLetters(printed)]; ok {
		return n
	}
	return -1
}

// AlertName returns the name in RFC 8446 of a TLS alert, printed as for AlertNumber, "" for what is no alert.
func AlertName(printed string) string { return alerts[AlertNumber(printed)] }

// alertSenders are phrases that tell who sent an alert: Go, OpenSSL, rustls, Java, GnuTLS, Erlang, curl. The first that stands in
// a message decides.
var alertSenders = []struct{ phrase, sender string }{
	{"remote error", "peer"}, {"local error", "local"},
	{"(in), tls alert", "peer"}, {"(out), tls alert", "local"},
	{"generated server alert", "local"}, {"generated client alert", "local"}, {"received server alert", "peer"}, {"received client alert", "peer"},
	{"received fatal alert", "peer"}, {"received alert", "peer"}, {"alert received", "peer"}, {"received a tls alert", "peer"}, {"alert has been received", "peer"},
	{"fatal alert received", "peer"}, {"fatal alert was received", "peer"}, {"remote end sent", "peer"}, {"alertreceived", "peer"},
	{"sent alert", "local"}, {"alert sent", "local"}, {"sending alert", "local"}, {"sending fatal alert", "local"}, {"send alert", "local"}, {"fatal alert was generated", "local"},
	{"(remote)", "peer"}, {"(local)", "local"},
	{"sslv3 alert", "peer"}, {"tlsv1 alert", "peer"}, {"tlsv13 alert", "peer"}, {"sslv3_alert", "peer"}, {"tlsv1_alert", "peer"}, {"tlsv13_alert", "peer"},
	{"ssl alert number", "peer"},
}

// AlertSender tells who sent the alert that a message speaks of: "peer", "local" for the side that logs, "" where the words do not
// say.
func AlertSender(message string) string {
	lower := strings.ToLower(message)
	for _, s := range alertSenders {
		if strings.Contains(lower, s.phrase) {
			return s.sender
		}
	}
	return ""
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
