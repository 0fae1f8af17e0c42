package explain

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/knowledgebase"
)

// notation is a way in which a library numbers its errors.
type notation struct {
	what   string
	table  string
	source string
	// near are words before a number, or behind it, that make it one of this notation.
	near []string
	// bare is set when the number alone may be meant, between least and most.
	bare        bool
	least, most int64
	// print makes the message that stands for the number where the table's own signature is not to be used.
	print string
}

// notations are tried in this order: what is sent over the wire, then what libraries return, then what systems do.
var notations = []notation{
	{what: "QUIC error", table: "quic-crypto-error", source: "RFC 9000 section 20, RFC 9001 section 4.8", near: []string{"crypto_error", "quic", "crypto error"}, bare: true, least: 0x100, most: 0x1ff, print: "CRYPTO_ERROR %s"},
	{what: "TLS alert", table: "tls-alert", source: "RFC 8446 section 6", near: []string{"alert", "fatal", "warning", "description"}, bare: true, least: 0, most: 255, print: "TLS alert %s"},
	{what: "X.509 verify code of OpenSSL", table: "x509-verify", source: "OpenSSL x509_vfy.h", near: []string{"verify", "x509", "x.509"}, bare: true, least: 2, most: 99},
	{what: "exit code of curl", table: "curl-exit", source: "libcurl-errors(3)", near: []string{"curl"}, bare: true, least: 1, most: 99, print: "curl: (%s)"},
	{what: "error of NNG", table: "nng-error", source: "NNG nng.h", near: []string{"rv", "nng", "aio", "nanomq"}, bare: true, least: 1, most: 40, print: "NNG error %s"},
	{what: "WebSocket close code", table: "websocket-close", source: "RFC 6455 section 7.4.1, IANA registry", near: []string{"close", "closed", "websocket", "ws", "code", "status"}, bare: true, least: 1000, most: 1015, print: "websocket close %s"},
	{what: "error of mbed TLS", table: "mbedtls-number", source: "mbed TLS error.h", near: []string{"mbedtls", "mbed"}, bare: true, least: -0x8000, most: -1},
	{what: "error of NSS", table: "nss-number", source: "NSS SSLerrs.h, SECerrs.h; NSPR prerr.h", near: []string{"nss", "pr_error", "getlasterror", "pr_geterror"}, bare: true, least: -16384, most: -5000},
	{what: "error of Secure Transport", table: "securetransport", source: "Apple SecureTransport.h", near: []string{"osstatus", "errssl", "securetransport"}, bare: true, least: -9899, most: -9800},
	{what: "error of Chromium", table: "chromium-net", source: "Chromium net_error_list.h", near: []string{"net_error", "net::", "chrome", "chromium"}, bare: true, least: -899, most: -100},
	{what: "error of Schannel", table: "schannel-number", source: "Windows SDK winerror.h", near: []string{"schannel", "hresult", "sspi", "status"}, bare: true, least: 0x80000000, most: 0xffffffff, print: "Schannel error %s"},
	{what: "CONNACK code of MQTT", table: "mqtt-connack", source: "MQTT 3.1.1 section 3.2, MQTT 5 section 3.2.2.2", near: []string{"connack", "mqtt", "reason"}, bare: true, least: 0x80, most: 0xa2},
	errnos,
}

// errnos are the errors of system calls.
var errnos = notation{
	what: "errno", table: "rust-os-error", source: "Linux errno.h; winsock2.h", near: []string{"errno", "os error", "wsa", "wsagetlasterror", "winsock"}, bare: true, least: 1, most: 12000, print: "errno %s",
}

// numbers are written in hexadecimal, in decimal, or (packed errors) in hexadecimal without a mark.
var (
	numberPattern = regexp.MustCompile(`-?0[xX][0-9a-fA-F]+|-?\b[0-9]+\b`)
	packedPattern = regexp.MustCompile(`\b(?:0[xX])?([0-9A-Fa-f]{7,8})\b`)
)

// packedWords returns what may be a packed error of OpenSSL in a text, as eight digits.
func packedWords(text string) []string {
	var out []string
	for _, m := range packedPattern.FindAllStringSubmatch(text, 8) {
		out = append(out, fmt.Sprintf("%08s", strings.ToUpper(m[1])))
	}
	for _, m := range numberPattern.FindAllString(text, 8) {
		// Envoy and others print the code in decimal.
		if v, err := strconv.ParseUint(m, 10, 32); err == nil && v >= 1<<24 {
			out = append(out, fmt.Sprintf("%08X", v))
		}
	}
	return out
}

// codes reads what is a code by its form or by the words beside it: names of constants, bytes, numbers
// that a word introduces.
func (x *explainer) codes(line int64, message string) bool {
	for _, attempt := range []func(int64, string) bool{x.constants, x.bytes, x.introduced} {
		if attempt(line, message) {
			return true
		}
	}
	return false
}

// packed reads an error of OpenSSL, 1.x, 3 or BoringSSL. The same digits may be an error of two of them.
func (x *explainer) packed(line int64, message string) bool {
	for _, word := range packedWords(message) {
		if v, err := strconv.ParseUint(word, 16, 32); err == nil && v>>31 == 1 && v&0x7fffffff < 1<<12 {
			// ERR_SYSTEM_FLAG of OpenSSL 3: the rest is errno.
			if x.number(errnos, line, message, strconv.FormatUint(v&0x7fffffff, 10), 0) {
				return true
			}
		}
		from, group := len(x.readings), len(x.words)+1
		said := make(map[string]bool)
		for _, key := range knowledgebase.OpenSSLKeys(word) {
			e, ok := x.base.Table("openssl-codes")[key]
			if !ok || said[e.Says] || !x.translate(line, message, "error:"+word+":"+routines(key)+"::"+e.Says, group) && !x.translate(line, message, "error:"+word, group) {
				continue
			}
			said[e.Says] = true
			library, reason, _ := strings.Cut(key, ":")
			r := &x.readings[len(x.readings)-1]
			r.What = "packed error of OpenSSL, library " + library + ", reason " + reason
			if boring, ok := strings.CutPrefix(library, "boringssl "); ok {
				r.What = "packed error of BoringSSL, library " + boring + ", reason " + reason
			}
			r.Name = e.Says
			r.Source = "err.h of OpenSSL and BoringSSL"
		}
		x.alternatives(from)
		if len(x.readings) > from {
			return true
		}
	}
	return false
}

// routines is what OpenSSL prints before the reasons of its libraries (crypto/err/err.c).
func routines(key string) string {
	switch library, _, _ := strings.Cut(key, ":"); library {
	case "20", "boringssl 16":
		return "SSL routines"
	case "9", "boringssl 9":
		return "PEM routines"
	case "11", "boringssl 11":
		return "x509 certificate routines"
	case "32", "boringssl 17":
		return "BIO routines"
	case "13", "boringssl 12":
		return "asn1 encoding routines"
	case "4", "boringssl 4":
		return "rsa routines"
	case "6", "boringssl 6":
		return "digital envelope routines"
	}
	return "routines"
}

// constantPattern is a name as programs write constants, and a name of words with underscores in lower case.
var constantPattern = regexp.MustCompile(`\b[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+\b|\b[A-Z][A-Z0-9]{3,}\b|\berrSSL\w+\b`)

// prefixes stand before the reason in the names of constants.
var prefixes = []string{
	"SSL_R_", "ERR_SSL_", "ERR_OSSL_", "X509_R_", "X509_V_ERR_", "PEM_R_", "EVP_R_", "RSA_R_", "ASN1_R_", "PKCS12_R_", "EC_R_", "BIO_R_", "OCSP_R_", "PROV_R_",
	"SSL_AD_", "TLS_AD_", "TLS1_AD_", "SSL3_AD_", "TLS_ALERT_", "SSL_ALERT_", "MBEDTLS_ERR_", "GNUTLS_E_", "GNUTLS_A_", "NNG_", "CURLE_", "NET_",
}

// constants reads names such as SSL_R_WRONG_VERSION_NUMBER, wrong_version_number, UNKNOWN_CA, X509_V_ERR_CERT_HAS_EXPIRED, ECONNREFUSED.
func (x *explainer) constants(line int64, message string) bool {
	shouted := strings.ToUpper(message) == message && strings.Contains(message, " ") // no word stands out
	var names []string
	for _, word := range constantPattern.FindAllString(message, 16) {
		upper := strings.ToUpper(word)
		if shouted && !strings.Contains(word, "_") {
			continue
		}
		names = append(names, upper)
		for _, p := range prefixes {
			if rest, ok := strings.CutPrefix(upper, p); ok {
				names = append(names, rest)
			}
		}
	}
	// A name that a table has says more than one that merely stands in some text.
	for _, attempt := range []func(int64, string, string) bool{x.printedName, x.value, x.mentioned} {
		for _, name := range names {
			if attempt(line, message, name) {
				return true
			}
		}
	}
	return false
}

// printedName reads a name that is a message of its own.
func (x *explainer) printedName(line int64, message, name string) bool {
	for _, text := range []string{name, "ERR_SSL_" + name} {
		if strings.Contains(text, "_") && x.translate(line, message, text, 0) {
			return true
		}
	}
	return false
}

// value reads the name of a value of a table.
func (x *explainer) value(line int64, message, name string) bool {
	for _, v := range x.base.Named(name) {
		if text := x.base.Printed(v.Table, v.Value); text != "" && x.translate(line, message, text, 0) {
			x.readings[len(x.readings)-1].Name = name
			return true
		}
	}
	return false
}

// mentioned reads a name that stands in a known message.
func (x *explainer) mentioned(line int64, message, name string) bool {
	text := x.base.Containing(name)
	return text != "" && x.translate(line, message, text, 0)
}

// introduced reads numbers that a word beside them makes a code.
func (x *explainer) introduced(line int64, message string) bool {
	lower := strings.ToLower(message)
	for _, n := range notations {
		for _, at := range numberPattern.FindAllStringIndex(message, 16) {
			if n.introduces(lower, at) && x.number(n, line, message, message[at[0]:at[1]], 0) {
				return true
			}
		}
	}
	return false
}

// reach is how far from a number the word may stand that introduces it.
const reach = 24

func (n *notation) introduces(lower string, at []int) bool {
	before := lower[max(at[0]-reach, 0):at[0]]
	after := lower[at[1]:min(at[1]+reach, len(lower))]
	for _, word := range n.near {
		if hasWord(before, word) || hasWord(after, word) {
			return true
		}
	}
	return false
}

// hasWord reports whether a word stands in a text, not inside a longer one.
func hasWord(text, word string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], word)
		if i < 0 {
			return false
		}
		i += at
		at = i + len(word)
		if (i == 0 || !isLetter(text[i-1])) && (at == len(text) || !isLetter(text[at])) {
			return true
		}
	}
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// numbers reads a text that is nothing but a number, as everything that it may be.
func (x *explainer) numbers(line int64, message string) bool {
	text := strings.Trim(message, " \t\"'`()[]{}.,;:")
	if at := numberPattern.FindStringIndex(text); at == nil || at[0] != 0 || at[1] != len(text) {
		return false
	}
	v, err := strconv.ParseInt(text, 0, 64)
	if err != nil {
		return false
	}
	from, group := len(x.readings), len(x.words)+1
	for _, n := range notations {
		if unsigned := v & 0xffffffff; n.bare && (v >= n.least && v <= n.most || v < -1<<30 && unsigned >= n.least && unsigned <= n.most) {
			x.number(n, line, message, text, group)
		}
	}
	x.alternatives(from)
	return len(x.readings) > from
}

// number reads a number in a notation.
func (x *explainer) number(n notation, line int64, message, text string, either int) bool {
	table := x.base.Table(n.table)
	for _, key := range spellings(text) {
		e, ok := table[key]
		if !ok {
			continue
		}
		if e.As != "" {
			key = e.As
			e = table[key]
		}
		r := Reading{
			Text: diagnose.Redacted(message), Line: line, What: n.what + " " + text, Name: nameOf(x.base, n.table, key), Says: e.Says, Source: n.source,
		}
		if n.table == "tls-alert" || n.table == "quic-crypto-error" {
			if alert := newAlert(knowledgebase.AlertNumber(key), sender(message)); alert != nil {
				r.Name, r.Alert = alert.Name, alert
			}
		}
		x.certainty(&r, e.Suggests)
		printed := x.base.Printed(n.table, key)
		if n.print != "" {
			printed = fmt.Sprintf(n.print, key)
		}
		x.readings = append(x.readings, r)
		if len(e.Suggests) > 0 && printed != "" {
			x.words = append(x.words, translation{line, printed, either})
		}
		return true
	}
	return false
}

// spellings are the ways in which tables write a number.
func spellings(text string) []string {
	keys := []string{text, strings.ToLower(text)}
	v, err := strconv.ParseInt(text, 0, 64)
	if err != nil {
		return keys
	}
	keys = append(keys, strconv.FormatInt(v, 10))
	if v < 0 {
		return append(keys, fmt.Sprintf("-0x%x", -v), fmt.Sprintf("-0x%X", -v))
	}
	keys = append(keys, fmt.Sprintf("0x%x", v), fmt.Sprintf("0x%X", v), fmt.Sprintf("0x%02x", v), fmt.Sprintf("0x%02X", v))
	if v > 1<<31 && v < 1<<32 {
		keys = append(keys, strconv.FormatInt(int64(int32(uint32(v))), 10)) // HRESULTs are also printed as signed numbers
	}
	return keys
}
