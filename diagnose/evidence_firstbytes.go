package diagnose

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
)

// byteCaptures are the names of captures and fields that hold what a peer sent first.
var byteCaptures = []string{"data", "act", "bytes", "first", "payload", "request", "length"}

func init() {
	registerFeature("first-bytes", func(o *observer) *observation {
		for _, name := range byteCaptures {
			v := o.in.topValue(name)
			if v == "" {
				continue
			}
			if kind, words := ProtocolOf(unescape([]byte(v))); kind != "" {
				return &observation{values: []string{kind}, at: o.in.anyHit(), words: map[string]string{"value": words}}
			}
		}
		return nil
	})
}

// ProtocolOf names the protocol that begins with the given bytes, and describes them for a person. kind is "" when
// the bytes are too few or too unspecific.
//
// Sources: RFC 8446 section 5.1 (records), RFC 9112 (HTTP), RFC 9113 section 3.4 (HTTP/2 preface), MQTT 3.1.1 section 3.1,
// RFC 4253 section 4.2 (SSH), the PROXY protocol specification 2.2, the PostgreSQL protocol (SSLRequest).
func ProtocolOf(b []byte) (kind, words string) {
	for _, method := range []string{"GET ", "HEAD ", "POST ", "PUT ", "DELETE ", "OPTIONS ", "PATCH ", "CONNECT ", "TRACE "} {
		if bytes.HasPrefix(b, []byte(method)) {
			line, _, _ := strings.Cut(string(b), "\n")
			return "http", strings.TrimSpace(clipWords(line))
		}
	}
	switch {
	case len(b) >= 2 && b[0] == 0x16 && b[1] == 3:
		return "tls", "a TLS ClientHello (16 03)"
	case len(b) >= 2 && b[0] == 0x15 && b[1] == 3:
		return "alert", "a TLS alert (15 03)"
	case bytes.HasPrefix(b, []byte("PRI * HTTP/2")):
		return "http2", "the HTTP/2 preface"
	case bytes.HasPrefix(b, []byte("PROXY ")) || bytes.HasPrefix(b, []byte("\r\n\r\n\x00\r\nQUIT\n")):
		return "proxy", "a PROXY protocol header"
	case bytes.HasPrefix(b, []byte("HTTP/1.")):
		return "http-response", "a plaintext HTTP answer"
	case bytes.HasPrefix(b, []byte("SSH-")):
		return "ssh", "an SSH banner"
	case bytes.HasPrefix(b, []byte("EHLO ")) || bytes.HasPrefix(b, []byte("HELO ")):
		return "smtp", "an SMTP greeting"
	case bytes.HasPrefix(b, []byte("*1\r\n$")) || bytes.HasPrefix(b, []byte("PING\r\n")) || bytes.HasPrefix(b, []byte("INFO\r\n")):
		return "redis", "a Redis command"
	case len(b) >= 8 && bytes.Equal(b[:8], []byte{0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f}):
		return "postgres", "a PostgreSQL SSLRequest"
	case len(b) >= 4 && b[0] == 0x10 && (bytes.Contains(b[:min(len(b), 12)], []byte("MQTT")) || bytes.Contains(b[:min(len(b), 14)], []byte("MQIsdp"))):
		return "mqtt", "an MQTT CONNECT"
	case len(b) >= 4 && b[0] == 3 && b[1] == 0 && b[2] == 0:
		return "rdp", "an RDP connection request"
	case len(b) >= 3 && b[0]&0x80 != 0 && b[2] == 1:
		return "sslv2", "an SSLv2 ClientHello"
	case len(b) >= 4 && len(bytes.Trim(b, "\x00")) == 0:
		return "zero", "zero bytes"
	case len(b) >= 4 && unprintable(b) > len(b)/3:
		return "binary", "binary data"
	}
	return "", ""
}

// unescape turns the ways in which programs print bytes into bytes: \\x16 (nginx, Python, Go), 0x16 run together (Tomcat) and the
// decimal list of an Erlang binary (22,3,1), a length made of them (369295617). A text without any of these is returned as it is.
func unescape(b []byte) []byte {
	switch {
	case bytes.HasPrefix(b, []byte(`\x`)) || bytes.HasPrefix(b, []byte("0x")):
		var raw []byte
		for i := 0; i < len(b); {
			if i+4 <= len(b) && b[i+1] == 'x' && (b[i] == '\\' || b[i] == '0') {
				if v, err := strconv.ParseUint(string(b[i+2:i+4]), 16, 8); err == nil {
					raw = append(raw, byte(v))
					i += 4
					continue
				}
			}
			raw = append(raw, b[i])
			i++
		}
		return raw
	case len(b) > 2 && bytes.IndexByte(b, ',') > 0 && len(bytes.Trim(b, "0123456789,")) == 0:
		var raw []byte
		for _, word := range bytes.Split(b, []byte(",")) {
			v, err := strconv.ParseUint(string(word), 10, 8)
			if err != nil {
				return b
			}
			raw = append(raw, byte(v))
		}
		return raw
	case len(b) > 0 && isASCIIDigit(b[len(b)-1]):
		// A length that was read out of the first four bytes; what stands before it is the limit.
		n := len(b)
		for n > 0 && isASCIIDigit(b[n-1]) {
			n--
		}
		v, err := strconv.ParseUint(string(b[n:]), 10, 32)
		if err != nil || v < 1<<24 {
			return b
		}
		// Some add the length of the length: the last byte counts for nothing.
		raw := binary.BigEndian.AppendUint32(nil, uint32(v))
		if raw[0] == 0x16 && raw[1] == 3 {
			return raw
		}
		for _, method := range []string{"GET ", "HEAD ", "POST ", "PUT ", "DELETE ", "OPTIONS ", "PATCH ", "CONNECT "} {
			if string(raw[:3]) == method[:3] {
				return []byte(method)
			}
		}
	}
	return b
}

func isASCIIDigit(c byte) bool { return c >= '0' && c <= '9' }

func unprintable(b []byte) int {
	n := 0
	for _, c := range b {
		if c < ' ' || c >= 0x7f {
			n++
		}
	}
	return n
}

func clipWords(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}
