package explain

import (
	"crypto/tls"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/whytls/whytls/knowledgebase"
)

// alertTables hold alerts by number or by the words of a library.
var alertTables = []string{
	"tls-alert", "openssl-alert-number", "gnutls-alert", "pion-alert", "quic-alert", "quic-crypto-error", "go-alert-received", "go-alert-sent", "jsse-alert",
	"rustls-alert", "rustls-alert-sent", "erlang-received-by-server", "erlang-received-by-client", "erlang-generated-by-server",
	"erlang-generated-by-client",
}

// alertOf names the alert that a message of a signature tells of, nil for none. key is the code that the signature took.
func alertOf(base *knowledgebase.Base, s *knowledgebase.Signature, key, message string) *Alert {
	number := -1
	switch {
	case slices.Contains(alertTables, s.Table):
		number = alertNumber(base, key)
	case strings.HasPrefix(s.ID, "tls-alert-"):
		number = alertNumber(base, strings.ReplaceAll(strings.TrimPrefix(s.ID, "tls-alert-"), "-", "_"))
	default:
		number = alertReason(message)
	}
	if number < 0 || number > 255 {
		return nil
	}
	a := &Alert{Number: number, Name: AlertName(base, number), Sender: sender(message)}
	if a.Name == "" {
		return nil
	}
	return a
}

// AlertName returns the name of an alert in RFC 8446 section 6 and its predecessors, "" for a number that is none.
func AlertName(base *knowledgebase.Base, number int) string {
	return nameOf(base, "tls-alert", strconv.Itoa(number))
}

// nameOf returns the name under which a table keeps a value besides, "" for none: a name with underscores before words,
// small letters before capitals.
func nameOf(base *knowledgebase.Base, table, value string) string {
	best := ""
	rank := func(name string) int {
		r := 0
		if !strings.Contains(name, "_") {
			r += 2
		}
		if strings.ToLower(name) != name {
			r++
		}
		return r
	}
	for name, e := range base.Table(table) {
		if e.As != value || strings.Trim(name, "-0123456789abcdefxABCDEF") == "" {
			continue
		}
		if best == "" || rank(name) < rank(best) || rank(name) == rank(best) && name < best {
			best = name
		}
	}
	return best
}

// goAlerts are the words of crypto/tls for alerts (go1.26 crypto/tls/alert.go).
var goAlerts = sync.OnceValue(func() map[string]int {
	words := make(map[string]int)
	for n := range 256 {
		if text := strings.TrimPrefix(tls.AlertError(n).Error(), "tls: "); !strings.HasPrefix(text, "alert(") {
			words[text] = n
		}
	}
	return words
})

// alertNumber reads an alert as a library writes it: its number, its name, the words of Go, a QUIC error.
func alertNumber(base *knowledgebase.Base, text string) int {
	if v, err := strconv.ParseInt(text, 0, 32); err == nil {
		if v >= quicCrypto && v < quicCrypto+256 {
			v -= quicCrypto
		}
		return int(v)
	}
	lower := strings.ToLower(unjoined(text))
	if n, ok := goAlerts()[lower]; ok {
		return n
	}
	for _, key := range []string{strings.ReplaceAll(lower, " ", "_"), strings.ReplaceAll(lower, "_", " "), lower} {
		if e, ok := base.Table("tls-alert")[key]; ok {
			if n, err := strconv.Atoi(e.As); err == nil {
				return n
			}
		}
	}
	return -1
}

// unjoined writes the name of an enumeration as words: "bad_certificate" for BadCertificate, "unknown_ca" for UnknownCA.
func unjoined(name string) string {
	if strings.ContainsAny(name, " _") || strings.ToUpper(name) == name {
		return name
	}
	var out strings.Builder
	for i, c := range []byte(name) {
		if i > 0 && c >= 'A' && c <= 'Z' && name[i-1] >= 'a' {
			out.WriteByte('_')
		}
		out.WriteByte(c)
	}
	return out.String()
}

// quicCrypto is where the alerts begin among the transport errors of QUIC (RFC 9001 section 4.8).
const quicCrypto = 0x100

// alertReason finds the alert in an error of OpenSSL or BoringSSL: a received alert n is reason 1000+n (ssl/ssl_local.h,
// SSL_AD_REASON_OFFSET).
func alertReason(message string) int {
	for _, word := range packedWords(message) {
		for _, key := range knowledgebase.OpenSSLKeys(word) {
			library, reason, _ := strings.Cut(key, ":")
			n, err := strconv.Atoi(reason)
			if err == nil && (library == "20" || library == "boringssl 16") && n >= 1000 && n < 1256 {
				return n - 1000
			}
		}
	}
	return -1
}

// senders are phrases that tell who sent an alert, the first that stands in a message decides: Go, OpenSSL, rustls, Java,
// GnuTLS, Erlang, curl.
var senders = []struct{ phrase, sender string }{
	{"remote error", "peer"}, {"local error", "self"},
	{"(in), tls alert", "peer"}, {"(out), tls alert", "self"},
	{"generated server alert", "self"}, {"generated client alert", "self"}, {"received server alert", "peer"}, {"received client alert", "peer"},
	{"received fatal alert", "peer"}, {"received alert", "peer"}, {"alert received", "peer"}, {"received a tls alert", "peer"}, {"alert has been received", "peer"},
	{"fatal alert received", "peer"}, {"alertreceived", "peer"}, {"sent alert", "self"}, {"sending alert", "self"}, {"send alert", "self"},
	{"(remote)", "peer"}, {"(local)", "self"},
	{"sslv3 alert", "peer"}, {"tlsv1 alert", "peer"}, {"tlsv13 alert", "peer"}, {"sslv3_alert", "peer"}, {"tlsv1_alert", "peer"}, {"tlsv13_alert", "peer"},
	{"ssl alert number", "peer"},
}

// sender tells who sent the alert that a message speaks of, as seen by the side that logs.
func sender(message string) string {
	lower := strings.ToLower(message)
	for _, s := range senders {
		if strings.Contains(lower, s.phrase) {
			return s.sender
		}
	}
	if n := alertReason(message); n >= 0 {
		return "peer"
	}
	return ""
}

func (a *Alert) proves() []string {
	switch {
	case a.Number == 0:
		return []string{"the connection was closed in order, not torn"}
	case a.Sender == "peer":
		return []string{"the way there works and the other side speaks TLS; it ended the handshake or connection, this side did not"}
	case a.Sender == "self":
		return []string{"the side that logs refused; the other side saw only the alert"}
	}
	return []string{"both sides speak TLS; the text does not tell which of them refused"}
}
