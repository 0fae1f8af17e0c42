// Package hello speaks the first flight of a TLS handshake by hand: it writes a ClientHello and reads what comes back in
// clear. This is all that it takes to learn which versions, cipher suites and groups a server accepts, and it reaches
// what crypto/tls has no more: SSL 3.0, finite-field Diffie-Hellman, export ciphers, certificates that nobody should
// parse. Nothing is encrypted or verified here, no secret exists, and every connection ends after the first flight.
//
// Sources: RFC 8446 (TLS 1.3), RFC 5246 (TLS 1.2), RFC 4346 (1.1), RFC 2246 (1.0), RFC 6101 (SSL 3.0), RFC 8422
// (elliptic curves), RFC 7919 (finite fields), RFC 5746 (renegotiation).
package hello

import (
	"crypto/rand"
	"crypto/tls"
	"slices"

	"golang.org/x/crypto/cryptobyte"
)

// SSL30 is the version number of SSL 3.0 (RFC 6101, section 5.2.1), which crypto/tls names no more without a warning.
const SSL30 uint16 = 0x0300

// Record and handshake types (RFC 8446, sections 5.1 and 4; RFC 5246, section 7.4).
const (
	recordAlert     = 21
	recordHandshake = 22

	typeClientHello        = 1
	typeServerHello        = 2
	typeCertificate        = 11
	typeServerKeyExchange  = 12
	typeCertificateRequest = 13
	typeServerHelloDone    = 14
	typeCertificateStatus  = 22
)

// Extension types (IANA, TLS ExtensionType Values).
const (
	extensionServerName          = 0
	extensionStatusRequest       = 5
	extensionSupportedGroups     = 10
	extensionPointFormats        = 11
	extensionSignatureAlgorithms = 13
	extensionALPN                = 16
	extensionExtendedMaster      = 23
	extensionSupportedVersions   = 43
	extensionKeyShare            = 51
	extensionRenegotiation       = 0xff01
)

// renegotiationSuite stands in the list of suites for an empty renegotiation_info (RFC 5746, section 3.3): SSL 3.0 servers
// may not like extensions.
const renegotiationSuite = 0x00ff

// Offer is a ClientHello for exactly one version.
type Offer struct {
	Version uint16
	// Suites are offered in this order; nil means all suites of the version that this package knows.
	Suites []uint16
	// Without are left out of the suites.
	Without []uint16
	// Name is the SNI, "" for none.
	Name string
	// Protocols is the ALPN list, nil for none.
	Protocols []string
}

// Suites returns the suites that an offer for the version holds.
func (o *Offer) suites() []uint16 {
	list := o.Suites
	if list == nil {
		list = suites
		if o.Version >= tls.VersionTLS13 {
			list = suites13
		}
	}
	return slices.DeleteFunc(slices.Clone(list), func(id uint16) bool { return slices.Contains(o.Without, id) })
}

// Bytes returns the record that holds the hello.
func (o *Offer) Bytes() ([]byte, error) {
	var random [64]byte
	if _, err := rand.Read(random[:]); err != nil {
		return nil, err
	}
	// A TLS 1.3 hello calls itself 1.2 and names its version in an extension; the record says 1.0 (RFC 8446, section 5.1).
	record, client := min(o.Version, tls.VersionTLS10), min(o.Version, tls.VersionTLS12)
	var b cryptobyte.Builder
	b.AddUint8(recordHandshake)
	b.AddUint16(record)
	b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
		b.AddUint8(typeClientHello)
		b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) {
			b.AddUint16(client)
			b.AddBytes(random[:32])
			b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) {
				if o.Version >= tls.VersionTLS13 {
					b.AddBytes(random[32:]) // middlebox compatibility (RFC 8446, appendix D.4)
				}
			})
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
				for _, id := range o.suites() {
					b.AddUint16(id)
				}
				if o.Version < tls.VersionTLS13 {
					b.AddUint16(renegotiationSuite)
				}
			})
			b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddUint8(0) }) // no compression
			if o.Version > SSL30 {
				b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { o.extensions(b, random[32:]) })
			}
		})
	})
	return b.Bytes()
}

// groups are offered to find out which one a server takes: what clients of today use first.
// IANA, TLS Supported Groups.
var groups = []uint16{
	29, 23, 24, 25, 30, // x25519, secp256r1, secp384r1, secp521r1, x448
	256, 257, 258, 259, 260, // ffdhe2048 to ffdhe8192
	4588, 4587, 4589, // X25519MLKEM768, SecP256r1MLKEM768, SecP384r1MLKEM1024
	26, 27, 28, 31, 32, 33, // brainpool, for TLS 1.2 and 1.3
	22, 21, 19, 14, 9, // secp256k1, secp224r1, secp192r1, sect571r1, sect283k1
}

// signatures are all algorithms that a certificate may be signed with. IANA, TLS SignatureScheme.
var signatures = []uint16{
	0x0403, 0x0503, 0x0603, 0x0807, 0x0808, // ECDSA with SHA-2, Ed25519, Ed448
	0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, // RSA-PSS
	0x0401, 0x0501, 0x0601, // RSA PKCS#1 with SHA-2
	0x081a, 0x081b, 0x081c, // ECDSA on brainpool curves
	0x0904, 0x0905, 0x0906, // ML-DSA
	0x0303, 0x0301, 0x0402, 0x0302, 0x0203, 0x0201, 0x0202, 0x0101, // SHA-224, DSA, SHA-1, MD5
}

func (o *Offer) extensions(b *cryptobyte.Builder, share []byte) {
	extension := func(id uint16, body func(b *cryptobyte.Builder)) {
		b.AddUint16(id)
		b.AddUint16LengthPrefixed(body)
	}
	list := func(values []uint16) func(b *cryptobyte.Builder) {
		return func(b *cryptobyte.Builder) {
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
				for _, v := range values {
					b.AddUint16(v)
				}
			})
		}
	}
	if o.Name != "" {
		extension(extensionServerName, func(b *cryptobyte.Builder) {
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
				b.AddUint8(0) // host_name
				b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte(o.Name)) })
			})
		})
	}
	extension(extensionSupportedGroups, list(groups))
	if o.Version < tls.VersionTLS13 {
		extension(extensionPointFormats, func(b *cryptobyte.Builder) {
			b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddUint8(0) }) // uncompressed
		})
		extension(extensionExtendedMaster, func(*cryptobyte.Builder) {})
	}
	if o.Version >= tls.VersionTLS12 {
		extension(extensionSignatureAlgorithms, list(signatures))
	}
	if len(o.Protocols) > 0 {
		extension(extensionALPN, func(b *cryptobyte.Builder) {
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
				for _, p := range o.Protocols {
					b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte(p)) })
				}
			})
		})
	}
	if o.Version >= tls.VersionTLS13 {
		extension(extensionSupportedVersions, func(b *cryptobyte.Builder) {
			b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddUint16(o.Version) })
		})
		// Any 32 bytes are an X25519 key; nothing is ever computed with it.
		extension(extensionKeyShare, func(b *cryptobyte.Builder) {
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
				b.AddUint16(29)
				b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(share) })
			})
		})
	}
}
