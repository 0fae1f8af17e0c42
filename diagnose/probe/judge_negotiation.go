package probe

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"slices"
	"strings"

	"github.com/whytls/whytls/diagnose/probe/hello"
)

// Alerts that answer one question (RFC 8446, section 6.2; RFC 7301 for 120, RFC 7507 for 86).
const (
	alertHandshakeFailure = 40
	alertProtocolVersion  = 70
	alertSecurity         = 71
	alertInternalError    = 80
	alertFallback         = 86
	alertName             = 112
	alertPSK              = 115
	alertNoCertificate    = 116
	alertProtocol         = 120
)

// negotiationRules speak on what client and server have to agree on.
var negotiationRules = []rule{
	{id: "protocol-version-mismatch", ask: func(f *facts) opinion {
		accepted := f.acceptedVersions()
		switch {
		case !f.tls:
			return opinion{}
		case len(accepted) > 0 && accepted[0] < tls.VersionTLS12:
			return yes("the server accepts nothing above %s; clients of today begin at TLS 1.2 and get %s",
				hello.VersionName(accepted[0]), f.today.refusedBy())
		case f.good && len(accepted) == 1 && accepted[0] == tls.VersionTLS13 && f.versions[tls.VersionTLS12].conclusive():
			return yes("the server accepts TLS 1.3 only; a hello of TLS 1.2 gets %s", f.versions[tls.VersionTLS12].words()).
				by("clients without TLS 1.3, such as mbedTLS 2, Java 8 before 8u261, OpenSSL 1.0")
		case f.alerted(alertProtocolVersion):
			return yes("a client of today gets the alert %s", f.today.alert)
		case f.afraid():
			return yes("the server answers a hello that also offers TLS 1.3 with %s instead of choosing TLS 1.2", f.today.refusedBy()).
				by("clients with TLS 1.3")
		case f.good:
			return no("the server and a client of today agree on %s", tls.VersionName(f.today.state.Version))
		case len(accepted) > 0:
			return no("the server accepts %s", hello.VersionName(accepted[0]))
		}
		return opinion{}
	}},
	{id: "no-shared-cipher", ask: func(f *facts) opinion {
		chosen := f.chosen()
		switch {
		case !f.tls:
			return opinion{}
		case f.oldSuite():
			return yes("the server insists on %s, which clients of today do not offer; they get %s", hello.SuiteName(chosen.Suite), f.today.refusedBy())
		case f.only(f.seconds[0]) && (chosen.Version < tls.VersionTLS13 || !f.versions[tls.VersionTLS12].accepted()):
			return yes("the server accepts one suite only, %s; without it a hello of %s gets %s",
				hello.SuiteName(chosen.Suite), hello.VersionName(chosen.Version), f.seconds[0].words()).by("clients without that suite")
		case f.only(f.seconds[1]):
			return yes("in TLS 1.2 the server accepts one suite only, %s; without it a hello gets %s",
				hello.SuiteName(f.versions[tls.VersionTLS12].answer.Suite), f.seconds[1].words()).
				by("clients without TLS 1.3 and without that suite").onlyElsewhere()
		case f.alerted(alertSecurity):
			return yes("a client of today gets the alert %s", f.today.alert)
		case f.good:
			return no("the server chooses %s with a client of today", hello.SuiteName(f.today.state.CipherSuite))
		case f.alerted(alertHandshakeFailure) && chosen == nil:
			return perhaps("every hello gets the alert %s, whatever suites it offers", f.today.alert)
		case chosen != nil:
			return no("the server chooses %s", hello.SuiteName(chosen.Suite))
		}
		return opinion{}
	}},
	{id: "no-shared-group", ask: func(f *facts) opinion {
		chosen := f.chosen()
		switch {
		case !f.tls:
			return opinion{}
		case !f.good && chosen != nil && chosen.Group != 0 && !hello.GroupOffered(chosen.Group):
			return yes("the server insists on the group %s, which clients of today do not offer; they get %s",
				hello.GroupName(chosen.Group), f.today.refusedBy())
		case f.good:
			return no("the server and a client of today agree on a group")
		}
		return opinion{}
	}},
	{id: "no-shared-signature-algorithm", ask: func(f *facts) opinion {
		switch {
		case !f.tls:
			return opinion{}
		case f.good:
			return no("the server and a client of today agree on a signature algorithm")
		case f.failedWith("unsupported signature algorithm", "invalid signature algorithm", "unsupported public key", "unsupported certificate", "can't verify"):
			return yes("a client of today cannot work with the server's signature: %s", f.failure())
		case f.strangeKey():
			return yes("the certificate's key is of a kind that clients of today do not know; they get %s", f.today.refusedBy())
		case f.onlySignatureLeft():
			return yes("version, suite and group fit a client of today, and it still gets the alert %s; with every signature algorithm offered the server goes on", f.today.alert)
		}
		return opinion{}
	}},
	{id: "alpn-mismatch", ask: func(f *facts) opinion {
		offered := strings.Join(f.protocols(), ", ")
		switch {
		case !f.tls:
			return opinion{}
		case f.alerted(alertProtocol) && f.bare != nil && f.bare.complete:
			return yes("the server refuses the protocols offered (%s) with the alert %s; without ALPN it goes on", offered, f.today.alert)
		case f.alerted(alertProtocol):
			return yes("the server refuses the protocols offered (%s) with the alert %s", offered, f.today.alert)
		case f.good && f.unoffered.refused() && f.target.Service == "", f.good && f.bare.refusedFor(alertProtocol):
			return yes("with ALPN the server goes on, without it clients get %s", cmp.Or(f.unoffered.refusedBy(), f.bare.refusedBy())).
				by("clients that offer no protocol")
		case f.good && f.unoffered.refused():
			return yes("with ALPN the server goes on, without it clients get %s", f.unoffered.refusedBy()).
				by("clients that offer no protocol").onlyElsewhere()
		case !f.good && f.unoffered != nil && f.unoffered.complete && (f.nameless == nil || !f.nameless.complete):
			return yes("a client that offers %s gets %s, one without ALPN gets through", offered, f.today.refusedBy())
		case f.shunned() && f.today.state.NegotiatedProtocol != "":
			return perhaps("with ALPN the server answers below TLS; a client that sends neither ALPN nor a server name gets through the handshake and then %s", f.bare.inside.ending)
		case f.good && f.today.state.NegotiatedProtocol != "":
			return no("the server agrees on %s", clip(f.today.state.NegotiatedProtocol, 40))
		case f.good:
			return no("the handshake goes through with and without ALPN")
		}
		return opinion{}
	}},
	{id: "sni-missing-or-unrecognized", ask: func(f *facts) opinion {
		name := f.sniName()
		const nameless = "clients that send no server name, or dial an address"
		switch {
		case !f.tls:
			return opinion{}
		case f.alerted(alertName) && name == "":
			return yes("a client that sends no server name gets the alert %s", f.today.alert)
		case f.alerted(alertName):
			return yes("the server refuses the name %s with the alert %s", name, f.today.alert)
		case f.nameHelps():
			return yes("without a server name the server answers with %s, with the name %s it goes on", f.today.refusedBy(), f.named.client.name)
		case f.nameHurts():
			return yes("with the name %s the server answers with %s, without a name it goes on", name, f.today.refusedBy())
		case f.good && f.nameless.refused():
			return yes("a client that sends no server name gets %s", f.nameless.refusedBy()).by(nameless).onlyElsewhere()
		case f.good && f.withoutName() == "other":
			return perhaps("a client that sends no server name gets another certificate, %s", called(f.namelessLeaf())).by(nameless)
		case !f.good && name == "" && f.alerted(alertHandshakeFailure, alertInternalError):
			return perhaps("the probe sent no server name, for it was given an address, and got %s; --servername NAME tries one", f.today.refusedBy())
		case f.good:
			return no("the handshake goes through with and without a server name")
		}
		return opinion{}
	}},
	{id: "downgrade-detected", ask: func(f *facts) opinion {
		switch {
		case f.failedWith("downgrade attempt detected"):
			return yes("the server's random says that it can do more than it chose (RFC 8446, section 4.1.3)")
		case f.alerted(alertFallback):
			return yes("a client of today gets the alert %s", f.today.alert)
		case f.good:
			return no("the server's random bears no mark of a downgrade")
		}
		return opinion{}
	}},
	{id: "renegotiation-refused", ask: func(f *facts) opinion {
		for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS11, tls.VersionTLS10} {
			a := f.versions[v]
			switch {
			case !a.accepted():
			case a.answer.Renegotiation:
				return no("the server knows RFC 5746")
			default:
				return yes("the server's hello of %s lacks renegotiation_info (RFC 5746); OpenSSL 3 ends such handshakes with “unsafe legacy renegotiation disabled”", hello.VersionName(v)).
					by("clients that insist on RFC 5746").onlyElsewhere()
			}
		}
		return opinion{}
	}},
	{id: "extension-conflict", ask: func(f *facts) opinion {
		switch {
		case f.alerted(109, 110, 111, 121): // missing, unsupported, unobtainable, ECH
			return yes("a client of today gets the alert %s", f.today.alert)
		case f.failedWith("unsupported extension", "unexpected extension", "sent an unnecessary HelloRetryRequest", "invalid key_share", "unrequested"):
			return yes("the server's hello holds what the client did not ask for: %s", f.failure())
		case f.good:
			return no("the extensions of a client of today are taken")
		}
		return opinion{}
	}},
	{id: "psk-mismatch", ask: func(f *facts) opinion {
		switch {
		case f.alerted(alertPSK):
			return yes("a client of today gets the alert %s", f.today.alert)
		case !f.good && strings.Contains(f.unauthenticated(), "PSK"):
			return yes("the server insists on %s: it works with pre-shared keys, not certificates", f.unauthenticated())
		case f.good:
			return no("the handshake goes through without a pre-shared key")
		}
		return opinion{}
	}},
	{id: "record-or-message-too-large", ask: func(f *facts) opinion {
		switch {
		case f.failedWith("oversized record", "too large", "message too"):
			return yes("the server's record or message is larger than allowed: %s", f.failure())
		case !f.good && f.small != nil && f.small.complete && f.today != nil && f.today.alert == nil:
			return yes("a ClientHello of today, larger than one packet for its post-quantum key share, gets %s; a small one gets through", f.today.refusedBy()).
				by("clients with hybrid key exchange, such as browsers and Go 1.24 and later")
		case f.good:
			return no("a ClientHello of today, larger than one packet, gets through")
		}
		return opinion{}
	}},
}

// alerted reports whether a client of today got one of the alerts.
func (f *facts) alerted(numbers ...uint8) bool { return f.today.refusedFor(numbers...) }

// refusedFor reports whether the server ended the handshake with one of the alerts.
func (h *handshake) refusedFor(numbers ...uint8) bool {
	return h != nil && h.alert != nil && slices.Contains(numbers, h.alert.Description)
}

// refused reports whether a handshake was tried and the server ended it.
func (h *handshake) refused() bool {
	return h != nil && !h.complete && (h.alert != nil || h.ending == closed || h.ending == reset)
}

// shunned reports whether a client without SNI and ALPN is let in and then hung up on, where one with them is answered.
func (f *facts) shunned() bool {
	return f.good && f.bare != nil && f.bare.complete && f.today.inside.came() &&
		f.bare.inside != nil && !f.bare.inside.came() && f.bare.inside.ending == closed
}

// afraid reports whether the server hangs up on TLS 1.3 and, asked for it alone, accepts TLS 1.2.
func (f *facts) afraid() bool {
	return f.versions[tls.VersionTLS12].accepted() && !f.versions[tls.VersionTLS13].answeredTLS() &&
		f.today.refused() && f.today.alert == nil && f.small.refused()
}

// oldSuite reports whether the server chooses a suite that clients of today do not offer, and has no other.
func (f *facts) oldSuite() bool {
	chosen := f.chosen()
	return chosen != nil && chosen.Version >= tls.VersionTLS10 && !f.good && !f.alerted(alertProtocolVersion) &&
		!todaysSuite(chosen.Suite) && f.unauthenticated() == ""
}

// strangeKey reports whether the certificate has a key that crypto/x509 does not know.
func (f *facts) strangeKey() bool {
	return f.x != nil && f.x.leaf != nil && f.x.chain.Certificates[0].Key == "unknown" && f.today != nil && !f.today.badSignature()
}

// onlySignatureLeft reports whether nothing but the signature algorithm can be why a client of today is refused.
func (f *facts) onlySignatureLeft() bool {
	chosen := f.chosen()
	return f.alerted(alertHandshakeFailure) && !f.wanted && chosen != nil && chosen.Version == tls.VersionTLS12 &&
		todaysSuite(chosen.Suite) && (chosen.Group == 0 || hello.GroupOffered(chosen.Group))
}

// nameHelps reports whether a name makes the difference where an address was dialled.
func (f *facts) nameHelps() bool {
	return !f.good && f.sniName() == "" && f.named != nil && f.named.complete && (f.liberal == nil || !f.liberal.complete)
}

// nameHurts reports whether the name makes the difference where one was sent.
func (f *facts) nameHurts() bool {
	if f.good || f.sniName() == "" {
		return false
	}
	if f.nameless != nil || f.unoffered != nil {
		return f.nameless != nil && f.nameless.complete
	}
	return f.bare != nil && f.bare.complete
}

// todaysSuite reports whether clients of today offer a suite: those that crypto/tls offers by default.
func todaysSuite(id uint16) bool {
	return slices.ContainsFunc(tls.CipherSuites(), func(s *tls.CipherSuite) bool {
		return s.ID == id && !strings.HasPrefix(s.Name, "TLS_RSA_")
	})
}

// only reports whether a hello without the suite chosen before was refused.
func (f *facts) only(second *flight) bool {
	return second.conclusive() && !second.accepted() && f.unauthenticated() == ""
}

// unauthenticated is the name of an anonymous suite that the server chose for want of a certificate, "" for none.
func (f *facts) unauthenticated() string {
	if chosen := f.chosen(); chosen != nil {
		if name := hello.SuiteName(chosen.Suite); strings.Contains(name, "_anon_") || strings.Contains(name, "PSK") {
			return name
		}
	}
	return ""
}

// failedWith reports whether the handshake of a client of today, or of one that takes everything, failed on this side with one of the texts of crypto/tls.
func (f *facts) failedWith(texts ...string) bool {
	failure := f.failure()
	return failure != "" && slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(failure, text) })
}

// failure is the error of the first handshake where this side raised it.
func (f *facts) failure() string {
	if f.today == nil || f.today.complete || f.today.err == nil || f.today.alert != nil || f.today.ending != stillOpen {
		return ""
	}
	return clip(f.today.err.Error(), 160)
}

// namelessly is the handshake that was made without SNI, nil for none.
func (f *facts) namelessly() *handshake {
	if f.nameless != nil {
		return f.nameless
	}
	return f.bare
}

// withoutName says what a client gets that sends no SNI: same, other or refused; "" where it was not tried.
func (f *facts) withoutName() string {
	h := f.namelessly()
	switch {
	case f.sniName() == "" || h == nil || f.today == nil || h.ending == unbudgeted:
		return ""
	case !h.complete:
		return "refused"
	case len(h.served) > 0 && len(f.today.served) > 0 && !bytes.Equal(h.served[0], f.today.served[0]):
		return "other"
	}
	return "same"
}
