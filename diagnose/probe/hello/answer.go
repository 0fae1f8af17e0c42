package hello

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/cryptobyte"
)

// Limits of what is read for one hello. A chain of 20 certificates with RSA keys of 4096 bits takes 40 KB.
const (
	maxFlight = 256 << 10
	maxRecord = 1<<14 + 2048 // RFC 5246, section 6.2.3
)

// Errors of Read, beside those of the reader.
var (
	// ErrNotTLS means that the first bytes are no TLS record.
	ErrNotTLS = errors.New("the answer is not a TLS record")
	// ErrMalformed means that a record or message cannot be decoded.
	ErrMalformed = errors.New("the handshake message cannot be decoded")
	// ErrUnexpected means that a message of the flight came out of turn.
	ErrUnexpected = errors.New("the message is out of turn")
)

// Answer is what a server sent back to an offer, as far as it can be read without keys.
type Answer struct {
	// Hello is set when a ServerHello came.
	Hello bool
	// Version and Suite are the server's choice.
	Version, Suite uint16
	// Group is the key exchange group, 0 where none was named: of TLS 1.3's key share or retry, or of a ServerKeyExchange.
	Group uint16
	// Retry is set when the ServerHello was a HelloRetryRequest (RFC 8446, section 4.1.4).
	Retry bool
	// PrimeBits is the size of a finite-field group that the server brought along, 0 for none.
	PrimeBits int
	// Protocol is the ALPN choice of TLS 1.2 and below.
	Protocol string
	// Renegotiation tells that the server knows RFC 5746; of no meaning in TLS 1.3.
	Renegotiation bool
	// Certificates are the DER certificates as served, in TLS 1.2 and below.
	Certificates [][]byte
	// Requested is set when the server asks for a client certificate, in TLS 1.2 and below; Authorities are the DER names
	// of the CAs that it named.
	Requested   bool
	Authorities [][]byte
	// Done is set when the flight was complete.
	Done bool
	// Alert is the alert that came; nil for none.
	Alert *Alert
}

// Alert is a TLS alert (RFC 8446, section 6).
type Alert struct{ Level, Description uint8 }

// String names an alert as RFC 8446 does, with its number.
func (a Alert) String() string { return AlertName(a.Description) }

// Read reads what a server answers to a hello: to the end of its first flight, to an alert, or to the error that ends
// the connection. It returns what was read until then beside the error, reads at most 256 KiB, and never panics.
func Read(r io.Reader) (*Answer, error) {
	a := &Answer{}
	var messages []byte // handshake bytes that are no complete message yet
	total := 0
	for {
		var header [5]byte
		n, err := io.ReadFull(r, header[:])
		if total == 0 && n > 0 && !looksLikeRecord(header[:n]) {
			return a, ErrNotTLS
		}
		if err != nil {
			return a, err
		}
		length := int(header[3])<<8 | int(header[4])
		if !looksLikeRecord(header[:]) || length > maxRecord {
			return a, ErrMalformed
		}
		if total += length; total > maxFlight {
			return a, fmt.Errorf("%w: the first flight is larger than %d KiB", ErrMalformed, maxFlight>>10)
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(r, body); err != nil {
			return a, err
		}
		switch header[0] {
		case recordAlert:
			if len(body) != 2 {
				return a, fmt.Errorf("%w: an alert of %d bytes", ErrMalformed, len(body))
			}
			alert := &Alert{body[0], body[1]}
			if alert.Level == 1 && alert.Description == 112 {
				continue // a warning that the name is not known (RFC 6066, section 3); the handshake goes on
			}
			a.Alert = alert
			return a, nil
		case recordHandshake:
			messages = append(messages, body...)
		default:
			return a, fmt.Errorf("%w: record type %d", ErrUnexpected, header[0])
		}
		for len(messages) >= 4 {
			size := int(messages[1])<<16 | int(messages[2])<<8 | int(messages[3])
			if size > maxFlight {
				return a, fmt.Errorf("%w: a message of %d bytes", ErrMalformed, size)
			}
			if len(messages) < 4+size {
				break
			}
			if err := a.take(messages[0], messages[4:4+size]); err != nil || a.Done {
				return a, err
			}
			messages = messages[4+size:]
		}
	}
}

// LooksLikeTLS reports whether bytes of a server can be the beginning of an answer to a ClientHello: a handshake or an alert
// record of version 3.x.
func LooksLikeTLS(b []byte) bool { return len(b) > 1 && looksLikeRecord(b) }

func looksLikeRecord(b []byte) bool {
	return (b[0] == recordAlert || b[0] == recordHandshake) && (len(b) < 2 || b[1] == 3) && (len(b) < 3 || b[2] <= 4)
}

// take reads one message of the flight.
func (a *Answer) take(kind uint8, body []byte) error {
	if (kind == typeServerHello) == a.Hello {
		return fmt.Errorf("%w: handshake type %d", ErrUnexpected, kind)
	}
	s := cryptobyte.String(body)
	ok := true
	switch kind {
	case typeServerHello:
		a.Hello = true
		ok = a.serverHello(s)
		// What follows in TLS 1.3 is encrypted.
		a.Done = a.Version >= tls.VersionTLS13
	case typeCertificate:
		ok = a.certificates(s)
	case typeServerKeyExchange:
		a.keyExchange(s)
	case typeCertificateRequest:
		a.Requested = true
		ok = a.certificateRequest(s)
	case typeServerHelloDone:
		a.Done = true
	case typeCertificateStatus:
	default:
		return fmt.Errorf("%w: handshake type %d", ErrUnexpected, kind)
	}
	if !ok {
		return fmt.Errorf("%w: handshake type %d", ErrMalformed, kind)
	}
	return nil
}

// retryRandom is the random of a ServerHello that is a HelloRetryRequest (RFC 8446, section 4.1.3).
var retryRandom = []byte{
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
	0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
}

func (a *Answer) serverHello(s cryptobyte.String) bool {
	var random []byte
	var session, extensions cryptobyte.String
	var compression uint8
	if !s.ReadUint16(&a.Version) || !s.ReadBytes(&random, 32) || !s.ReadUint8LengthPrefixed(&session) ||
		!s.ReadUint16(&a.Suite) || !s.ReadUint8(&compression) {
		return false
	}
	a.Retry = bytes.Equal(random, retryRandom)
	if s.Empty() {
		return true // SSL 3.0, and servers without extensions
	}
	if !s.ReadUint16LengthPrefixed(&extensions) {
		return false
	}
	for !extensions.Empty() {
		var id uint16
		var body cryptobyte.String
		if !extensions.ReadUint16(&id) || !extensions.ReadUint16LengthPrefixed(&body) {
			return false
		}
		switch id {
		case extensionSupportedVersions:
			if !body.ReadUint16(&a.Version) {
				return false
			}
		case extensionKeyShare:
			if !body.ReadUint16(&a.Group) {
				return false
			}
		case extensionRenegotiation:
			a.Renegotiation = true
		case extensionALPN:
			var list, name cryptobyte.String
			if !body.ReadUint16LengthPrefixed(&list) || !list.ReadUint8LengthPrefixed(&name) {
				return false
			}
			a.Protocol = string(name)
		}
	}
	return true
}

func (a *Answer) certificates(s cryptobyte.String) bool {
	var list cryptobyte.String
	if !s.ReadUint24LengthPrefixed(&list) {
		return false
	}
	for !list.Empty() {
		var der cryptobyte.String
		if !list.ReadUint24LengthPrefixed(&der) {
			return false
		}
		a.Certificates = append(a.Certificates, bytes.Clone(der))
	}
	return true
}

// keyExchange reads the group of a ServerKeyExchange. Its form depends on the suite (RFC 8422, section 5.4; RFC 5246,
// section 7.4.3); what is neither is left alone.
func (a *Answer) keyExchange(s cryptobyte.String) {
	switch name := SuiteName(a.Suite); {
	case hasPrefix(name, "TLS_ECDHE_", "TLS_ECDH_anon_"):
		var kind uint8
		var group uint16
		if s.ReadUint8(&kind) && kind == 3 && s.ReadUint16(&group) {
			a.Group = group
		}
	case hasPrefix(name, "TLS_DHE_", "TLS_DH_anon_"):
		var prime cryptobyte.String
		if s.ReadUint16LengthPrefixed(&prime) {
			a.PrimeBits = len(bytes.TrimLeft(prime, "\x00")) * 8
		}
	}
}

func hasPrefix(name string, prefixes ...string) bool {
	for _, p := range prefixes {
		if len(name) >= len(p) && name[:len(p)] == p {
			return true
		}
	}
	return false
}

// certificateRequest reads the names of a CertificateRequest (RFC 5246, section 7.4.4); before TLS 1.2 it has no list of
// signature algorithms.
func (a *Answer) certificateRequest(s cryptobyte.String) bool {
	var types, algorithms, names cryptobyte.String
	if !s.ReadUint8LengthPrefixed(&types) {
		return false
	}
	if a.Version >= tls.VersionTLS12 && !s.ReadUint16LengthPrefixed(&algorithms) {
		return false
	}
	if !s.ReadUint16LengthPrefixed(&names) {
		return false
	}
	for !names.Empty() {
		var name cryptobyte.String
		if !names.ReadUint16LengthPrefixed(&name) {
			return false
		}
		a.Authorities = append(a.Authorities, bytes.Clone(name))
	}
	return true
}
