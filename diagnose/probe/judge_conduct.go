package probe

import (
	"crypto/tls"
	"errors"

	"github.com/whytls/whytls/diagnose/probe/hello"
)

// serviceRules speak on what is above TLS.
var serviceRules = []rule{
	{id: "upstream-unreachable", ask: func(f *facts) opinion {
		switch {
		case f.status == 502 || f.status == 503 || f.status == 504:
			return yes("the server answers HTTP with status %d: it is in front of a program that does not answer", f.status)
		case f.status != 0:
			return no("the server answers HTTP with status %d", f.status)
		case !f.reachable():
			return perhaps("it cannot be reached from here; for the program that wants to, only a probe from its machine tells")
		case f.good, f.plain() && f.target.Layer == Plain:
			return no("it can be reached, and answers")
		}
		return opinion{}
	}},
	{id: "application-error", ask: func(f *facts) opinion {
		switch {
		case f.status == 500:
			return yes("the server answers HTTP with status 500")
		case f.status != 0:
			return no("the server answers HTTP with status %d", f.status)
		}
		return opinion{}
	}},
	{id: "websocket-upgrade-failed", ask: func(f *facts) opinion {
		switch {
		case f.target.Service != speaksWebSocket || f.status == 0 || f.status == 500 || f.status == 502 || f.status == 503 || f.status == 504:
			return opinion{}
		case f.status == 101:
			return no("the server turns to WebSocket")
		}
		return yes("the server answers the upgrade with status %d", f.status)
	}},
	{id: "auth-failure", ask: func(f *facts) opinion {
		switch code, isMQTT := f.connackCode(); {
		case f.status == 401 || f.status == 403:
			return perhaps("the server answers HTTP with status %d to a client without credentials", f.status)
		case isMQTT && (code == 4 || code == 5 || code == 0x86 || code == 0x87):
			return perhaps("the broker answers a CONNECT without credentials with code %d", code)
		case isMQTT && code == 0:
			return no("the broker takes a client without credentials")
		}
		return opinion{}
	}},
}

// connackCode returns the code of an MQTT CONNACK that was seen.
func (f *facts) connackCode() (code uint8, ok bool) {
	answers := []*answer{f.asked[speaksMQTT]}
	for _, h := range []*handshake{f.today, f.bare} {
		if h != nil {
			for i := range h.asked {
				answers = append(answers, &h.asked[i])
			}
		}
	}
	for _, a := range answers {
		if a.came() && a.speaks == speaksMQTT && len(a.received) >= 4 {
			return a.received[3], true
		}
	}
	return 0, false
}

// unspecific are the alerts that end a handshake without telling why.
var unspecific = []uint8{40, 47, 49, 80, 90}

// conductRules speak on how the handshake went. Most are symptoms: they stand where nothing else explains them.
var conductRules = []rule{
	{id: "handshake-integrity-failure", ask: func(f *facts) opinion {
		switch {
		case f.alerted(20, 51) && !f.today.complete: // bad_record_mac, decrypt_error
			return yes("the server ends the handshake with the alert %s", f.today.alert)
		case f.failedWith("bad record MAC", "incorrect", "invalid server finished"):
			return yes("the handshake's check sum is wrong: %s", f.failure())
		case f.good:
			return no("the handshake's check sums are right")
		}
		return opinion{}
	}, symptom: true},
	{id: "peer-malformed-message", ask: func(f *facts) opinion {
		switch {
		case f.failedWith("error decoding", "malformed", "unmarshal", "invalid server key share", "handshake message of length"):
			return yes("the server's handshake message cannot be decoded: %s%s", f.failure(), f.handshakeBytes())
		case f.alerted(50): // decode_error
			return yes("the server could not decode a ClientHello of today: the alert %s", f.today.alert)
		case f.malformedFlight() != nil:
			return yes("the server's handshake message cannot be decoded: %s", clip(f.malformedFlight().err.Error(), 120))
		case f.good:
			return no("every message of the server can be decoded")
		}
		return opinion{}
	}, symptom: true},
	{id: "peer-protocol-violation", ask: func(f *facts) opinion {
		switch {
		case f.failedWith("unexpected message", "received unexpected handshake message", "unexpected"):
			return yes("the server sends what does not belong here: %s%s", f.failure(), f.handshakeBytes())
		case f.alerted(10): // unexpected_message
			return yes("the server takes a ClientHello for something unexpected: the alert %s", f.today.alert)
		case f.failure() != "" && f.tls:
			return yes("the handshake cannot go on: %s", f.failure())
		case f.good:
			return no("the server keeps to the protocol")
		}
		return opinion{}
	}, symptom: true},
	{id: "handshake-timeout", ask: func(f *facts) opinion {
		switch {
		case f.stalled():
			return yes("the server began the handshake (%d bytes, “%s”) and then sent nothing for %s", len(f.today.first), escape(f.today.first, 12), round(f.today.took))
		case f.tls && f.today != nil && f.today.ending == silent && !f.today.complete:
			return yes("a client of today gets no answer within %s", round(f.today.took))
		case f.hung():
			return yes("the connection is taken and nothing comes back: no answer to a ClientHello within %s, none to HTTP and MQTT either", round(f.slow()))
		case f.good:
			return no("the handshake took %s", round(f.today.took))
		}
		return opinion{}
	}, symptom: true},
	{id: "path-mtu-blackhole", ask: func(f *facts) opinion {
		switch {
		case f.stalled():
			return perhaps("the small messages came and the large ones did not")
		case f.hung():
			return perhaps("a ClientHello of today is larger than one packet, and gets no answer; a small one gets none either")
		case f.good:
			return no("a ClientHello larger than one packet and the certificates get through")
		}
		return opinion{}
	}},
	{id: "peer-reset-in-handshake", ask: func(f *facts) opinion {
		switch {
		case f.today != nil && !f.today.complete && f.today.ending == reset && !f.plain():
			return yes("the server answers a ClientHello with a TCP reset%s", f.after())
		case f.good:
			return no("the handshake goes through")
		}
		return opinion{}
	}, symptom: true},
	{id: "peer-closed-in-handshake", ask: func(f *facts) opinion {
		switch {
		case f.today != nil && !f.today.complete && f.today.ending == closed && !f.plain():
			return yes("the server closes the connection in the handshake%s", f.after())
		case f.good:
			return no("the handshake goes through")
		}
		return opinion{}
	}, symptom: true},
	{id: "peer-rejected-handshake", ask: func(f *facts) opinion {
		switch {
		case f.alerted(unspecific...):
			return yes("the server ends the handshake with the alert %s and does not say why", f.today.alert)
		case f.today != nil && f.today.alert != nil:
			return yes("the server ends the handshake with the alert %s", f.today.alert)
		case f.good:
			return no("the handshake goes through")
		}
		return opinion{}
	}, symptom: true},
}

// after says how much had come before the end.
func (f *facts) after() string {
	if n := len(f.today.first); n > 0 {
		return ", after " + count(n, "byte") + " (“" + escape(f.today.first, 12) + "”)"
	}
	return ", without a byte"
}

func (f *facts) handshakeBytes() string {
	if f.today == nil || len(f.today.first) == 0 {
		return ""
	}
	return " (“" + escape(f.today.first, 24) + "”)"
}

// malformedFlight returns an answer to a hello by hand that could not be decoded, nil for none.
func (f *facts) malformedFlight() *flight {
	if f.good {
		return nil
	}
	for _, v := range []uint16{tls.VersionTLS13, tls.VersionTLS12} {
		if a := f.versions[v]; a != nil && errors.Is(a.err, hello.ErrMalformed) {
			return a
		}
	}
	return nil
}
