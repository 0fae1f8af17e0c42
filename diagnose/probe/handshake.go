package probe

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/whytls/whytls/diagnose/probe/hello"
)

// client says how a handshake is made. The zero value is a client of today, as crypto/tls is by default: TLS 1.2 and 1.3,
// suites with forward secrecy, hybrid groups.
type client struct {
	what      string
	name      string   // SNI, "" for none
	protocols []string // ALPN, nil for none
	// liberal takes all versions and suites that crypto/tls has.
	liberal bool
	// small leaves the hybrid groups out, so that the hello fits one packet.
	small       bool
	certificate *tls.Certificate
	proxy       int // the version of a PROXY header before everything else, 0 for none
	starttls    string
}

// handshake is how a complete handshake went.
type handshake struct {
	client   client
	complete bool
	state    tls.ConnectionState
	served   [][]byte // the certificates in DER, as far as they were seen
	request  *tls.CertificateRequestInfo
	err      error // of the handshake, or the first one behind it
	alert    *hello.Alert
	ending   ending
	first    []byte // the first bytes received after the hello
	preamble *preamble
	inside   *answer // to what was said below TLS
	asked    []answer
	took     time.Duration
}

// answeredTLS reports whether the server spoke TLS at all.
func (h *handshake) answeredTLS() bool {
	return h != nil && (h.complete || h.alert != nil || hello.LooksLikeTLS(h.first) && identify(h.first) == speaksTLS)
}

// refusedBy returns how the server ended the handshake, in words.
func (h *handshake) refusedBy() string {
	switch {
	case h == nil:
		return ""
	case h.alert != nil:
		return "the alert " + h.alert.String()
	case h.ending == closed:
		return "a close"
	case h.ending == reset:
		return "a reset"
	case h.ending == silent:
		return "silence"
	case h.err != nil:
		return clip(h.err.Error(), 120)
	}
	return ""
}

// config makes the configuration of crypto/tls. Nothing is verified in the handshake: the chain is judged afterwards,
// and a certificate that is wrong must not hide what else is.
func (c *client) config(h *handshake) *tls.Config {
	config := &tls.Config{
		ServerName: c.name, NextProtos: c.protocols, InsecureSkipVerify: true, //nolint:gosec // see above
		VerifyPeerCertificate: func(raw [][]byte, _ [][]*x509.Certificate) error {
			h.served = raw
			return nil
		},
		GetClientCertificate: func(request *tls.CertificateRequestInfo) (*tls.Certificate, error) {
			h.request = request
			if c.certificate != nil {
				return c.certificate, nil
			}
			return &tls.Certificate{}, nil
		},
	}
	if c.liberal {
		config.MinVersion = tls.VersionTLS10
		for _, s := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
			config.CipherSuites = append(config.CipherSuites, s.ID)
		}
	}
	if c.small || c.liberal {
		config.CurvePreferences = []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384, tls.CurveP521}
	}
	return config
}

// shake makes a handshake on a new connection. Then it says what then holds, one thing after the other until one is answered,
// and reads the answers: a server of TLS 1.3 refuses a client's certificate only behind the handshake.
func (s *session) shake(ctx context.Context, c client, then ...question) *handshake {
	h := &handshake{client: c}
	begin := time.Now()
	conn, err := s.dialer.dial(ctx, c.what)
	if err != nil {
		h.err, h.ending = err, endingOf(err)
		if h.ending == silent {
			h.ending = timedOut
		}
		return h
	}
	outcome := ""
	defer func() {
		h.took = time.Since(begin)
		conn.finish(outcome)
	}()
	if err := writeProxyHeader(conn, c.proxy); err != nil {
		h.err, h.ending = err, endingOf(err)
		outcome = string(h.ending)
		return h
	}
	if c.starttls != "" {
		_ = conn.SetReadDeadline(s.soon(s.options.Timeout * 2 / 5))
		h.preamble = startTLS(conn, c.starttls, s.target.Host)
		_ = conn.SetReadDeadline(s.soon(s.options.Timeout))
		if !h.preamble.accepted {
			h.err, h.ending, h.first = h.preamble.err, endingOf(h.preamble.err), conn.seen()
			outcome = "no STARTTLS"
			return h
		}
	}
	before := len(conn.seen())
	secured := tls.Client(conn, c.config(h))
	h.err = secured.HandshakeContext(ctx)
	h.took = time.Since(begin)
	h.first = conn.seen()[min(before, len(conn.seen())):]
	h.complete = h.err == nil
	h.state = secured.ConnectionState()
	h.conclude(conn)
	if h.served == nil {
		// A certificate that crypto/tls cannot read still stands in the clear bytes of TLS 1.2.
		if clear, _ := hello.Read(bytes.NewReader(h.first)); clear != nil {
			h.served = clear.Certificates
		}
	}
	if !h.complete {
		outcome = h.outcome()
		return h
	}
	outcome = "handshake"
	if h.state.NegotiatedProtocol == "h2" {
		then = []question{listen} // an HTTP/2 server begins with its settings
	}
	for _, q := range then {
		patience := s.patience()
		if h.request != nil {
			patience = s.options.Timeout / 3 // a refusal of the certificate, or of none, has to arrive
		}
		h.inside = ask(secured, q, s.target, patience)
		h.asked = append(h.asked, *h.inside)
		if h.inside.came() || h.inside.ending != silent {
			break
		}
	}
	if h.inside != nil && !h.inside.came() && h.inside.ending != silent {
		// Behind the handshake: in TLS 1.3 the server judges the client's certificate only now.
		_, h.err = secured.Read(make([]byte, 1)) // crypto/tls repeats the error
		h.conclude(conn)
		if h.alert != nil {
			outcome = "alert " + h.alert.String()
		}
	}
	return h
}

// conclude reads the error of a handshake.
func (h *handshake) conclude(conn *connection) {
	h.ending, h.alert = stillOpen, nil
	if h.err == nil {
		return
	}
	var remote *net.OpError
	if errors.As(h.err, &remote) && remote.Op == "remote error" {
		// The type of the alert is not exported; its kind is the number.
		if v := reflect.ValueOf(remote.Err); v.Kind() == reflect.Uint8 {
			h.alert = &hello.Alert{Level: 2, Description: uint8(v.Uint())}
			return
		}
	}
	if h.ending = endingOf(h.err); h.ending == stillOpen {
		h.ending = endingOf(conn.readError())
	}
}

func (h *handshake) outcome() string {
	switch {
	case h.alert != nil:
		return "alert " + h.alert.String()
	case h.ending != stillOpen && !(h.ending == closed && len(h.first) > 0):
		return string(h.ending)
	case len(h.first) > 0:
		return "answer"
	}
	return "failed"
}

// badSignature reports whether the server's signature does not fit the key of its certificate.
func (h *handshake) badSignature() bool {
	return h != nil && h.err != nil && strings.Contains(h.err.Error(), "invalid signature by the server certificate")
}

// malformed reports whether crypto/tls could not read the server's certificate, and why.
func (h *handshake) malformed() string {
	if h == nil || h.err == nil {
		return ""
	}
	if _, why, ok := strings.Cut(h.err.Error(), "failed to parse certificate from server: "); ok {
		return why
	}
	return ""
}

// flight is the answer to a hello written by hand.
type flight struct {
	offer  hello.Offer
	answer *hello.Answer
	err    error
	ending ending
	first  []byte
	took   time.Duration
}

func (f *flight) accepted() bool {
	return f != nil && f.answer != nil && f.answer.Hello && f.answer.Version == f.offer.Version
}

// conclusive reports whether the server really answered, be it by hanging up.
func (f *flight) conclusive() bool {
	return f != nil && (f.answeredTLS() || f.ending == closed || f.ending == reset)
}

func (f *flight) answeredTLS() bool {
	return f != nil && f.answer != nil && (f.answer.Hello || f.answer.Alert != nil)
}

// words says how the server answered.
func (f *flight) words() string {
	switch {
	case f == nil || f.ending == unbudgeted:
		return "not tried"
	case f.accepted():
		return "hello"
	case f.answer != nil && f.answer.Hello:
		return "a hello of " + hello.VersionName(f.answer.Version)
	case f.answer != nil && f.answer.Alert != nil:
		return "alert " + f.answer.Alert.String()
	case f.ending != stillOpen:
		return string(f.ending)
	case len(f.first) > 0:
		return "no TLS"
	}
	return "failed"
}

// offer sends a hello written by hand and reads the first flight.
func (s *session) offer(ctx context.Context, what string, o hello.Offer, proxy int) *flight {
	f := &flight{offer: o}
	begin := time.Now()
	conn, err := s.dialer.dial(ctx, what)
	if err != nil {
		f.err, f.ending = err, endingOf(err)
		if f.ending == silent {
			f.ending = timedOut
		}
		return f
	}
	defer func() {
		f.took = time.Since(begin)
		conn.finish(f.words())
	}()
	if f.err = writeProxyHeader(conn, proxy); f.err != nil {
		f.ending = endingOf(f.err)
		return f
	}
	if s.starttls != "" {
		if p := startTLS(conn, s.starttls, s.target.Host); !p.accepted {
			f.err, f.ending = p.err, endingOf(p.err)
			return f
		}
	}
	before := len(conn.seen())
	message, err := o.Bytes()
	if err == nil {
		_, err = conn.Write(message)
	}
	if err != nil {
		f.err, f.ending = err, endingOf(err)
		return f
	}
	f.answer, f.err = hello.Read(conn)
	f.first = conn.seen()[before:]
	f.ending = endingOf(f.err)
	if f.answer.Hello || f.answer.Done {
		// A goodbye that servers log as one (RFC 8446, section 6.1: user_canceled).
		_, _ = conn.Write([]byte{21, 3, 1, 0, 2, 1, 90})
	}
	return f
}
