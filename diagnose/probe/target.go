package probe

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Layer is how a client is expected to speak to a port.
type Layer string

const (
	// TLS from the first byte. A target without a scheme means it.
	TLS Layer = "tls"
	// Plain is a protocol that is not encrypted.
	Plain Layer = "plain"
	// StartTLS begins in plaintext and turns to TLS.
	StartTLS Layer = "starttls"
)

// Target is an endpoint and what the user expects to find there.
type Target struct {
	// Text is what the user wrote, without credentials.
	Text string
	// Host is a DNS name or an IP address (an IPv6 address without brackets).
	Host string
	// Port is 1 to 65535.
	Port int
	// Scheme is that of a URL, "" for HOST:PORT.
	Scheme string
	// Path is that of a URL, "" for HOST:PORT.
	Path string
	// Layer is what the scheme promises.
	Layer Layer
	// Service is the protocol meant (http, websocket, mqtt, smtp …), "" where nothing says it.
	Service string
}

// promise is what a scheme says about a port.
type promise struct {
	port    int
	layer   Layer
	service string
}

// schemes are the URL schemes that a target may have. The ports are IANA's, of WuKongIM and NanoMQ the vendors'.
var schemes = map[string]promise{
	"https": {443, TLS, "http"}, "http": {80, Plain, "http"},
	"wss": {443, TLS, "websocket"}, "ws": {80, Plain, "websocket"},
	"mqtts": {8883, TLS, "mqtt"}, "mqtt": {1883, Plain, "mqtt"},
	"tls": {0, TLS, ""}, "ssl": {0, TLS, ""}, "tcp": {0, Plain, ""},
	// NanoMQ's and NNG's names for the same.
	"tls+tcp": {0, TLS, ""}, "tls+mqtt-tcp": {8883, TLS, "mqtt"}, "mqtt-tcp": {1883, Plain, "mqtt"}, "nmq-tcp": {1883, Plain, "mqtt"},
	"nmq-tls": {8883, TLS, "mqtt"}, "tls+nmq-tcp": {8883, TLS, "mqtt"}, "nmq-ws": {8083, Plain, "websocket"}, "nmq-wss": {8086, TLS, "websocket"},
	"smtp": {25, StartTLS, "smtp"}, "submission": {587, StartTLS, "smtp"}, "smtps": {465, TLS, "smtp"},
	"imap": {143, StartTLS, "imap"}, "imaps": {993, TLS, "imap"},
	"pop3": {110, StartTLS, "pop3"}, "pop3s": {995, TLS, "pop3"},
	"ftp": {21, StartTLS, "ftp"}, "ftps": {990, TLS, "ftp"},
	"ldap": {389, StartTLS, "ldap"}, "ldaps": {636, TLS, "ldap"},
	"xmpp": {5222, StartTLS, "xmpp"}, "xmpps": {5223, TLS, "xmpp"},
	"postgres": {5432, StartTLS, "postgres"}, "postgresql": {5432, StartTLS, "postgres"},
	"mysql": {3306, StartTLS, "mysql"},
	"redis": {6379, Plain, "redis"}, "rediss": {6379, TLS, "redis"},
	"amqp": {5672, Plain, "amqp"}, "amqps": {5671, TLS, "amqp"},
}

var errNoPort = errors.New("the port is missing")

// ParseTarget reads HOST:PORT, [IPv6]:PORT or a URL. Credentials in a URL are dropped: the probe sends none. The error
// says in lower case what is wrong.
func ParseTarget(text string) (Target, error) {
	t := Target{Text: text, Layer: TLS}
	address := text
	if scheme, _, isURL := strings.Cut(text, "://"); isURL {
		u, err := url.Parse(text)
		if err != nil {
			return Target{}, fmt.Errorf("reading the URL: %w", errors.Unwrap(err)) // without the text: it may hold a password
		}
		known, ok := schemes[strings.ToLower(scheme)]
		if !ok {
			return Target{}, fmt.Errorf("the scheme %q is not known", scheme)
		}
		t.Scheme, t.Layer, t.Service = strings.ToLower(scheme), known.layer, known.service
		t.Path = u.RequestURI()
		port := u.Port()
		if port == "" && known.port > 0 {
			port = strconv.Itoa(known.port)
		}
		if port == "" {
			return Target{}, errNoPort
		}
		address = net.JoinHostPort(u.Hostname(), port)
		u.User = nil
		t.Text = u.String()
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		if !strings.Contains(address, ":") || strings.HasSuffix(address, "]") {
			return Target{}, errNoPort
		}
		var a *net.AddrError
		if errors.As(err, &a) {
			return Target{}, errors.New(a.Err)
		}
		return Target{}, err
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return Target{}, fmt.Errorf("%q is not a port", port)
	}
	if !isHost(host) {
		return Target{}, fmt.Errorf("%q is neither an IP address nor a DNS name", host)
	}
	t.Host, t.Port = host, int(n)
	return t, nil
}

// Address is HOST:PORT.
func (t Target) Address() string { return net.JoinHostPort(t.Host, strconv.Itoa(t.Port)) }

// IP returns the address that the host is, and whether it is one and not a name.
func (t Target) IP() (netip.Addr, bool) {
	a, err := netip.ParseAddr(t.Host)
	return a, err == nil
}

func (t Target) String() string { return cmp.Or(t.Text, t.Address()) }

// isHost accepts IP addresses and names of letters, digits, dashes and underscores (RFC 1123, section 2.1).
func isHost(s string) bool {
	if a, err := netip.ParseAddr(s); err == nil {
		return isZone(a.Zone())
	}
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(s, "."), ".") {
		if label == "" || len(label) > 63 || label[0] == '-' {
			return false
		}
		for _, c := range []byte(label) {
			switch {
			case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_':
			default:
				return false
			}
		}
	}
	return true
}

// isZone reports whether a text may name the network interface of an IPv6 address; "" names none.
func isZone(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-@", r))
	})
}
