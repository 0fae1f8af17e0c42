package explain

import (
	"encoding/binary"
	"regexp"
	"strconv"
	"strings"

	"github.com/whytls/whytls/diagnose"
)

// The ways in which programs print the bytes that they did not expect.
var (
	escapedBytes = regexp.MustCompile(`(?:\\x[0-9a-fA-F]{2}|\\[0rnt])(?:\\x[0-9a-fA-F]{2}|\\[0rnt]|[!-~ ])*`)                    // nginx, Python, Go: \x16\x03\x01
	markedBytes  = regexp.MustCompile(`0[xX][0-9a-fA-F]{1,2}(?:[ ,;]+0[xX][0-9a-fA-F]{1,2})+|\b(?:0x)?1[56]03[0-9a-fA-F]{2,}\b`) // 0x16 0x03, 160301
	listedBytes  = regexp.MustCompile(`<<([0-9]{1,3}(?: ?, ?[0-9]{1,3})*)|\[([0-9]{1,3}(?:[ ,]+[0-9]{1,3})+)\]`)                 // Erlang <<22,3,1>>, Go [22 3 1], Rust [22, 3, 1]
	quotedBytes  = regexp.MustCompile(`<<"((?:[^"\\]|\\.)*)`)                                                                    // Erlang <<"GET /">>
	dumpedBytes  = regexp.MustCompile(`\b[0-9a-fA-F]{2}(?:[ :][0-9a-fA-F]{2}){2,}\b`)                                            // 16 03 01 02 00
	versionBytes = regexp.MustCompile(`\[([0-9a-f]{4})\]`)                                                                       // Go: unsupported versions: [4554]
	erlangByte   = regexp.MustCompile(`unsupported_record_type, *([0-9]{1,3})`)                                                  // Erlang ssl: the first byte
	spokenText   = regexp.MustCompile(`^(?:(?:the )?first bytes:? *"?)?((?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|CONNECT|TRACE) [^ ]* HTTP/1\.[01](?: *\\r.*)?|PRI \* HTTP/2.*|PROXY TCP[46] .*|SSH-[12]\.[0-9].*|(?:EHLO|HELO) .*|HTTP/1\.[01] [0-9]{3}.*)$`)
	bigNumber    = regexp.MustCompile(`\b[0-9]{8,10}\b`) // a length that is text: 369295617
)

// spoken are the names that table first-bytes has for what [diagnose.ProtocolOf] recognises.
var spoken = map[string]string{
	"tls": "tls ClientHello", "alert": "TLS alert record", "http": "HTTP request", "http-response": "HTTP response", "http2": "HTTP2 preface", "proxy": "PROXY header",
	"ssh": "SSH banner", "smtp": "SMTP greeting", "redis": "Redis command", "postgres": "PostgreSQL SSLRequest", "mqtt": "MQTT CONNECT", "rdp": "RDP request",
	"sslv2": "SSLv2 ClientHello", "zero": "zero bytes",
}

// bytes reads what stood at the beginning of a connection.
func (x *explainer) bytes(line int64, message string) bool {
	if x.many {
		message = notSpoken(message)
	}
	for _, b := range bytesIn(message) {
		kind, words := diagnose.ProtocolOf(b.bytes)
		if kind == "" && b.part {
			kind, words = partOf(b.bytes)
		}
		name := spoken[kind]
		if name == "" || !x.translate(line, message, "the first bytes are: "+name, 0) {
			continue
		}
		r := &x.readings[len(x.readings)-1]
		r.What, r.Name, r.Library, r.Side, r.Text = "bytes at the beginning of a connection", words, "", "", diagnose.Redacted(b.text)
		return true
	}
	return false
}

// notSpoken empties a line that is a piece of a conversation, as curl -v prints it: in a transcript nothing is wrong with it.
func notSpoken(message string) string {
	if spokenText.MatchString(message) {
		return ""
	}
	return message
}

// found are bytes that stand in a text. part is set when they are only a few from the beginning or the middle.
type found struct {
	text  string
	bytes []byte
	part  bool
}

// bytesIn finds bytes in all notations.
func bytesIn(text string) []found {
	var out []found
	add := func(text string, b []byte, part bool) {
		if len(b) > 0 {
			out = append(out, found{text, b, part})
		}
	}
	if m := spokenText.FindStringSubmatch(text); m != nil {
		add(m[1], unescaped(m[1]), false)
	}
	for _, m := range escapedBytes.FindAllString(text, 4) {
		add(m, unescaped(m), false)
	}
	for _, m := range markedBytes.FindAllString(text, 4) {
		if strings.Count(m, "0x")+strings.Count(m, "0X") < 2 {
			add(m, ofBase(pairs(strings.TrimPrefix(m, "0x")), 16), false)
			continue
		}
		add(m, ofBase(strings.FieldsFunc(m, isSeparator), 0), false)
	}
	for _, m := range quotedBytes.FindAllStringSubmatch(text, 4) {
		add(m[0], unescaped(m[1]), false)
	}
	for _, m := range listedBytes.FindAllStringSubmatch(text, 4) {
		add(m[0], ofBase(strings.FieldsFunc(m[1]+m[2], isSeparator), 10), false)
	}
	for _, m := range dumpedBytes.FindAllString(text, 4) {
		add(m, ofBase(strings.FieldsFunc(m, isSeparator), 16), false)
	}
	for _, m := range versionBytes.FindAllStringSubmatch(text, 4) {
		add(m[0], ofBase(pairs(m[1]), 16), true)
	}
	for _, m := range erlangByte.FindAllStringSubmatch(text, 4) {
		add(m[0], ofBase([]string{m[1]}, 10), true)
	}
	for _, m := range bigNumber.FindAllString(text, 4) {
		if v, err := strconv.ParseUint(m, 10, 32); err == nil && v >= 1<<24 {
			add(m, binary.BigEndian.AppendUint32(nil, uint32(v)), true)
		}
	}
	return out
}

func isSeparator(r rune) bool { return strings.ContainsRune(" ,;:", r) }

func pairs(digits string) []string {
	var out []string
	for ; len(digits) >= 2; digits = digits[2:] {
		out = append(out, digits[:2])
	}
	return out
}

// ofBase reads numbers as bytes; nil when one is none.
func ofBase(words []string, base int) []byte {
	var out []byte
	for _, w := range words {
		v, err := strconv.ParseUint(w, base, 8)
		if err != nil {
			return nil
		}
		out = append(out, byte(v))
	}
	return out
}

// unescaped undoes \x16 and the like.
func unescaped(text string) []byte {
	var out []byte
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 >= len(text) {
			out = append(out, text[i])
			continue
		}
		if text[i+1] == 'x' && i+3 < len(text) {
			if v, err := strconv.ParseUint(text[i+2:i+4], 16, 8); err == nil {
				out = append(out, byte(v))
				i += 3
				continue
			}
		}
		if at := strings.IndexByte("0rnt", text[i+1]); at >= 0 {
			out = append(out, "\x00\r\n\t"[at])
			i++
			continue
		}
		out = append(out, text[i])
	}
	return out
}

// parts are pieces of the first bytes of protocols: the first one, the second and third (where TLS has its version), or the first
// four (where a program reads a length).
var parts = []struct{ bytes, kind, words string }{
	{"GET", "http", "GET, an HTTP request"}, {"HEAD", "http", "HEAD, an HTTP request"}, {"POST", "http", "POST, an HTTP request"}, {"PUT", "http", "PUT, an HTTP request"},
	{"OPTI", "http", "OPTIONS, an HTTP request"}, {"DELE", "http", "DELETE, an HTTP request"}, {"CONN", "http", "CONNECT, an HTTP request"}, {"PATC", "http", "PATCH, an HTTP request"},
	{"HTTP", "http-response", "HTTP/1, an answer in plaintext"}, {"PRI ", "http2", "PRI *, the preface of HTTP/2"}, {"PROX", "proxy", "PROXY, a PROXY protocol header"},
	{"SSH-", "ssh", "SSH-, an SSH banner"}, {"EHLO", "smtp", "EHLO, an SMTP greeting"}, {"HELO", "smtp", "HELO, an SMTP greeting"}, {"220 ", "smtp", "220, the greeting of a mail or FTP server"},
	{"ET", "http", "ET of GET, an HTTP request"}, {"EA", "http", "EA of HEAD, an HTTP request"}, {"OS", "http", "OS of POST, an HTTP request"}, {"UT", "http", "UT of PUT, an HTTP request"},
	{"PT", "http", "PT of OPTIONS, an HTTP request"}, {"TT", "http-response", "TT of HTTP, an answer in plaintext"}, {"RI", "http2", "RI of PRI, the preface of HTTP/2"},
	{"RO", "proxy", "RO of PROXY, a PROXY protocol header"}, {"SH", "ssh", "SH of SSH, an SSH banner"},
	{"G", "http", "G, most probably of GET: an HTTP request"}, {"H", "http", "H, of HEAD or of an HTTP answer"}, {"O", "http", "O, most probably of OPTIONS: an HTTP request"},
	{"D", "http", "D, most probably of DELETE: an HTTP request"}, {"\x10", "mqtt", "0x10, an MQTT CONNECT"}, {"\x16", "tls", "0x16, a TLS handshake record"}, {"\x15", "alert", "0x15, a TLS alert"},
	{"S", "ssh", "S, most probably of SSH-: an SSH banner"}, {"*", "redis", "*, a Redis command"},
}

// partOf recognises a piece.
func partOf(b []byte) (kind, words string) {
	for _, p := range parts {
		if string(b) == p.bytes || len(p.bytes) > 2 && len(b) > len(p.bytes) && strings.HasPrefix(string(b), p.bytes) {
			return p.kind, p.words
		}
	}
	return "", ""
}
