package probe

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"

	"github.com/whytls/whytls/diagnose/probe/hello"
)

// What a port can speak, beside the endings silent, closed, refused and unreachable.
const (
	speaksTLS       = "tls"
	speaksHTTP      = "http"
	speaksHTTP2     = "http2"
	speaksWebSocket = "websocket"
	speaksMQTT      = "mqtt"
	speaksWuKongIM  = "wukongim"
	speaksUnknown   = "unknown"
)

// serviceNames are the protocols as people write them.
var serviceNames = map[string]string{
	"tls": "TLS", "tls-client": "a TLS client", "http": "HTTP", "http2": "HTTP/2", "websocket": "WebSocket", "mqtt": "MQTT", "ssh": "SSH", "smtp": "SMTP", "ftp": "FTP",
	"imap": "IMAP", "pop3": "POP3", "mysql": "MySQL", "postgres": "PostgreSQL", "redis": "Redis", "ldap": "LDAP",
	"xmpp": "XMPP", "amqp": "AMQP", "vnc": "VNC", "nats": "NATS", "rsync": "rsync", "telnet": "Telnet", "irc": "IRC",
	"rdp": "RDP", "memcached": "memcached", "nntp": "NNTP", "sip": "SIP", "wukongim": "WuKongIM's protocol", "unknown": "an unknown protocol",
}

// Service names a protocol for a person.
func Service(id string) string {
	if name, ok := serviceNames[id]; ok {
		return name
	}
	return id
}

var (
	replyLine = regexp.MustCompile(`^[1-5][0-9][0-9][ -]`)
	ircLine   = regexp.MustCompile(`^(:[^ ]+ )?(NOTICE|ERROR|PING) `)
)

// identify names the protocol of bytes that a server sent, first of its own accord or in answer to a hello of TLS; "" for
// no bytes, unknown for bytes that no rule knows.
//
// Sources: RFC 9112 (HTTP), RFC 9113 section 3.4 (HTTP/2 begins with SETTINGS), RFC 4253 section 4.2 (SSH), RFC 5321 section 4.2 (SMTP), RFC 959 (FTP), RFC 9051
// (IMAP), RFC 1939 (POP3), MQTT 3.1.1 section 3.2 (CONNACK), the MySQL and PostgreSQL protocols, RESP (Redis), RFC 6143 (VNC), RFC 4511 (LDAP).
func identify(b []byte) string {
	has := func(prefixes ...string) bool {
		for _, p := range prefixes {
			if bytes.HasPrefix(b, []byte(p)) {
				return true
			}
		}
		return false
	}
	switch {
	case len(b) == 0:
		return ""
	case len(b) >= 6 && b[0] == 22 && b[1] == 3 && b[5] == 1:
		return "tls-client" // a ClientHello: the other end is a client as well
	case hello.LooksLikeTLS(b):
		return speaksTLS
	case has("HTTP/1.1 101", "HTTP/1.0 101"):
		return speaksWebSocket
	case has("HTTP/1.", "HTTP/0.9", "<!DOCTYPE", "<html", "<HTML"):
		return speaksHTTP
	case len(b) >= 9 && b[0] == 0 && b[3] == 4 && b[4] == 0 && bytes.Equal(b[5:9], []byte{0, 0, 0, 0}) && (int(b[1])<<8|int(b[2]))%6 == 0:
		return speaksHTTP2
	case has("SSH-"), has("Invalid SSH identification string"):
		return "ssh"
	case has("RFB 0"):
		return "vnc"
	case has("* OK", "* BYE", "* PREAUTH", "* BAD"):
		return "imap"
	case has("+PONG", "-NOAUTH", "-ERR unknown command", "-DENIED", "-ERR Protocol error", "-LOADING", "-MISCONF", "-ERR wrong number"):
		return "redis"
	case has("+OK", "-ERR"):
		return "pop3"
	case has("INFO {"):
		return "nats"
	case has("@RSYNCD:"):
		return "rsync"
	case has("AMQP\x00", "AMQP\x01", "AMQP\x02", "AMQP\x03"):
		return "amqp"
	case has("<?xml version", "<stream:", "</stream:"):
		return "xmpp"
	case has("SIP/2.0"):
		return "sip"
	case has("ERROR\r\n"):
		return "memcached"
	case has("\xff\xfb", "\xff\xfd", "\xff\xfe", "\xff\xfc"):
		return "telnet"
	case has("\x03\x00\x00\x13", "\x03\x00\x00\x0b"):
		return "rdp"
	case isMySQLGreeting(b):
		return "mysql"
	case isPostgresError(b):
		return "postgres"
	case isCONNACK(b):
		return speaksMQTT
	case isLDAP(b):
		return "ldap"
	case replyLine.Match(b):
		return replyService(b)
	case ircLine.Match(b):
		return "irc"
	}
	return speaksUnknown
}

// replyService tells protocols with numbered replies apart by their words: 220 is the greeting of SMTP and FTP, 200 of NNTP.
func replyService(b []byte) string {
	text := strings.ToLower(string(b[:min(len(b), 512)]))
	switch {
	case strings.HasPrefix(text, "200") || strings.HasPrefix(text, "201"):
		return "nntp"
	case strings.Contains(text, "ftp"):
		return "ftp"
	case strings.Contains(text, "smtp"), strings.Contains(text, "mail"), strings.Contains(text, "postfix"), strings.Contains(text, "exim"):
		return "smtp"
	case strings.HasPrefix(text, "530"):
		return "ftp"
	}
	return "smtp"
}

// isMySQLGreeting knows the packet that a MySQL or MariaDB server begins with: a length, sequence number 0, and protocol
// version 10 with a version string, or an error (the host is blocked).
func isMySQLGreeting(b []byte) bool {
	if len(b) < 7 || b[3] != 0 || b[2] != 0 {
		return false
	}
	length := int(b[0]) | int(b[1])<<8
	return length >= 6 && length < 1024 && (b[4] == 10 && b[5] >= '0' && b[5] <= '9' || b[4] == 0xff && b[6] >= 4)
}

// isPostgresError knows the ErrorResponse of a PostgreSQL server.
func isPostgresError(b []byte) bool {
	return len(b) >= 12 && b[0] == 'E' && b[1] == 0 && b[2] == 0 && (b[5] == 'S' || bytes.Contains(b[5:min(len(b), 64)], []byte("FATAL")))
}

// isCONNACK knows MQTT's answer to CONNECT, of versions 3.1, 3.1.1 and 5.
func isCONNACK(b []byte) bool {
	return len(b) >= 4 && b[0] == 0x20 && (b[1] == 2 && b[2] <= 1 && b[3] <= 5 || b[1] >= 3 && b[1] < 128 && b[2] <= 1 && (b[3] == 0 || b[3] >= 0x80))
}

// isLDAP knows an LDAPMessage that is an extended response: a sequence with a message id.
func isLDAP(b []byte) bool {
	return len(b) >= 7 && b[0] == 0x30 && (b[1] < 0x80 && b[2] == 2 && b[5] == 0x78 || b[1] == 0x84 && b[6] == 2)
}

// replyStatus returns the status of an HTTP answer and its headers; 0 when it is none.
func replyStatus(b []byte) (status int, header http.Header) {
	if !bytes.HasPrefix(b, []byte("HTTP/")) {
		return 0, nil
	}
	head := b
	if i := bytes.Index(b, []byte("\r\n\r\n")); i >= 0 {
		head = b[:i+4]
	}
	response, err := readResponse(head)
	if err != nil {
		return 0, nil
	}
	return response.StatusCode, response.Header
}
