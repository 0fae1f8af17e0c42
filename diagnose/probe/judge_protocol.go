package probe

import (
	"bytes"
	"errors"
	"slices"
	"strings"
)

// protocolRules speak on who expects which protocol.
var protocolRules = []rule{
	{id: "starttls-or-preamble-missing", ask: func(f *facts) opinion {
		step := f.plainly != nil && f.tls && f.starttls != ""
		switch {
		case f.target.Layer == StartTLS && f.tls && f.starttls == "":
			return yes("the port speaks TLS from the first byte; %s begins in plaintext", Service(f.target.Service))
		case f.options.StartTLS != "" && f.tls && f.starttls == "":
			return yes("the port speaks TLS from the first byte, without %s's step before it", Service(f.options.StartTLS))
		case step && f.target.Layer == TLS && f.options.StartTLS == "":
			return yes("the port speaks %s%s, and turns to TLS only after %s", Service(f.starttls), f.quoted(), stepName(f.starttls))
		case f.tls && f.starttls == "":
			return no("the port speaks TLS from the first byte")
		case f.tls:
			return no("TLS begins after %s, as expected", stepName(f.starttls))
		case f.plain() && startTLSProtocols[f.speaks] != nil && f.denied():
			return no("the port speaks %s and offers no TLS in it", Service(f.speaks))
		case f.plain() && startTLSProtocols[f.speaks] != nil && f.target.Layer == TLS:
			return yes("the port speaks %s%s: it begins in plaintext and can turn to TLS only after %s", Service(f.speaks), f.quoted(), stepName(f.speaks))
		case f.plain():
			return no("%s has no step before TLS", Service(f.speaks))
		}
		return opinion{}
	}},
	{id: "proxy-protocol-mismatch", ask: func(f *facts) opinion {
		direct := f.asked[speaksHTTP]
		switch {
		case f.proxy != 0:
			return yes("without a PROXY header the server answers a ClientHello with %s, behind one of version %d it speaks TLS", f.plainly.refusedBy(), f.proxy)
		case f.proxyAsk.came() && f.proxyAsk.speaks == speaksHTTP && !direct.came() && goodStatus(f.proxyAsk.received):
			return yes("without a PROXY header the server does not answer an HTTP request, behind one it does: “%s”", escape(f.proxyAsk.received, shownBytes))
		case f.tls:
			return no("the server speaks TLS without a PROXY header; whether a balancer sends one that it does not expect, the balancer's configuration tells")
		case f.plain():
			return no("the server speaks without a PROXY header")
		case slices.Contains([]string{string(closed), string(reset), string(silent)}, f.speaks):
			return no("a PROXY header of version 1 or 2 before the ClientHello changes nothing")
		}
		return opinion{}
	}},
	{id: "wrong-port-or-service", ask: func(f *facts) opinion {
		meant := f.target.Service
		switch {
		case f.speaks == "tls-client":
			return yes("the other end sends a ClientHello of its own%s: it is a client too", f.quoted())
		case !f.plain() && !f.tls:
			return opinion{}
		case f.plain() && f.tls:
			if meant != "" && meant != f.speaks {
				return yes("the port speaks %s%s, not %s", Service(f.speaks), f.quoted(), Service(meant))
			}
			return opinion{}
		case f.tls && f.inside != "" && f.inside != speaksUnknown && meant != "" && !related(meant, f.inside):
			return yes("below TLS the port speaks %s, not %s", Service(f.inside), Service(meant))
		case f.tls && f.inside != "" && meant != "" && related(meant, f.inside):
			return no("below TLS the port speaks %s", Service(f.inside))
		case f.tls:
			return opinion{}
		case meant == "" && (related(speaksHTTP, f.speaks) || f.speaks == speaksMQTT || f.speaks == speaksWuKongIM || f.speaks == speaksUnknown):
			return opinion{}
		case meant == "" && startTLSProtocols[f.speaks] != nil:
			return perhaps("the port speaks %s%s", Service(f.speaks), f.quoted())
		case meant == "":
			return yes("the port speaks %s%s", Service(f.speaks), f.quoted())
		case !related(meant, f.speaks) && f.speaks != speaksUnknown:
			return yes("the port speaks %s%s, not %s", Service(f.speaks), f.quoted(), Service(meant))
		case related(meant, f.speaks):
			return no("the port speaks %s", Service(f.speaks))
		}
		return opinion{}
	}},
	{id: "tls-to-plaintext-port", ask: func(f *facts) opinion {
		switch {
		case f.plain() && f.tls:
			return yes("the port speaks %s from the first byte%s; a ClientHello gets no TLS answer there", Service(f.speaks), f.quoted())
		case f.tls:
			return no("the port answers a ClientHello with TLS")
		case f.plain() && f.speaks != "tls-client":
			o := yes("the port speaks plain %s%s; a ClientHello gets %s", Service(f.speaks), f.quoted(), f.helloGot())
			if f.target.Layer != TLS {
				return o.by("clients that use TLS here").onlyElsewhere()
			}
			return o
		}
		return opinion{}
	}},
	{id: "plaintext-to-tls-port", ask: func(f *facts) opinion {
		switch {
		case f.tls && f.speaks == speaksTLS && f.target.Layer == Plain:
			return yes("%s:// means plaintext, and the port speaks TLS", f.target.Scheme)
		case f.tls && f.speaks == speaksTLS:
			return perhaps("the port speaks TLS only; whether clients come with plaintext, their configuration tells")
		case f.plain():
			return no("the port speaks plain %s", Service(f.speaks))
		}
		return opinion{}
	}},
	{id: "url-scheme-mismatch", ask: func(f *facts) opinion {
		switch {
		case f.target.Scheme == "":
			return opinion{}
		case f.target.Layer == TLS && f.plain():
			return yes("%s:// means TLS, and the port speaks plain %s", f.target.Scheme, Service(f.speaks))
		case f.target.Layer == Plain && f.tls && f.speaks == speaksTLS:
			return yes("%s:// means plaintext, and the port speaks TLS", f.target.Scheme)
		case f.tls, f.plain():
			return no("%s:// is what the port speaks", f.target.Scheme)
		}
		return opinion{}
	}},
	{id: "tls-support-missing", ask: func(f *facts) opinion {
		switch p := f.step(); {
		case p != nil && f.denied():
			return yes("the server speaks %s and does not turn to TLS: it says “%s”", Service(p.service), escape(p.last, shownBytes))
		case f.tls:
			return no("the server speaks TLS")
		case f.plain() && f.target.Layer == TLS:
			return perhaps("the port speaks no TLS; whether the program could, its version and build tell")
		}
		return opinion{}
	}},
	{id: "middlebox-interference", ask: func(f *facts) opinion {
		if f.x != nil && f.x.leaf != nil {
			for _, c := range f.x.served {
				if name := interceptor(c.Subject.String() + " " + c.Issuer.String()); name != "" {
					return yes("the chain bears the name of an inspecting proxy: %s", name)
				}
			}
		}
		switch {
		case f.good && f.x != nil && f.x.chain.Trusted != "":
			return no("the handshake goes through and the chain leads to a trusted root")
		case f.speaks == string(reset), f.speaks == string(closed), f.stalled():
			return perhaps("what stands on the path can reset, close or swallow a handshake like the server; a probe from another network tells")
		case f.good:
			return no("the handshake goes through")
		}
		return opinion{}
	}},
}

// step is the plaintext step of a server that behaved as its protocol says and did not get to TLS, nil for none.
func (f *facts) step() *preamble {
	for _, h := range []*handshake{f.today, f.plainly} {
		if h != nil && h.preamble != nil && h.preamble.greeted && !h.preamble.accepted && !f.tls {
			return h.preamble
		}
	}
	return nil
}

// denied reports whether the server said that it will not turn to TLS, other than by silence.
func (f *facts) denied() bool {
	p := f.step()
	return p != nil && errors.Is(p.err, errNoStartTLS)
}

// stepName is what has to come before TLS.
func stepName(service string) string {
	switch service {
	case "postgres":
		return "an SSLRequest"
	case "mysql":
		return "the server's greeting and an SSLRequest"
	case "ldap":
		return "the StartTLS operation"
	}
	return "STARTTLS"
}

// related reports whether a service is what was meant: a WebSocket is asked for in HTTP.
func related(meant, spoken string) bool {
	web := []string{speaksHTTP, speaksWebSocket, speaksHTTP2}
	return meant == spoken || slices.Contains(web, meant) && slices.Contains(web, spoken)
}

// goodStatus reports whether an HTTP answer is more than a complaint about the request.
func goodStatus(b []byte) bool {
	status, _ := replyStatus(b)
	return status >= 100 && status != 400
}

// helloGot says what a ClientHello got from a port that speaks no TLS.
func (f *facts) helloGot() string {
	h := f.today
	if f.plainly != nil && f.plainly.preamble == nil {
		h = f.plainly
	}
	switch {
	case h == nil || h.preamble != nil:
		return "no TLS answer"
	case len(h.first) > 0 && bytes.Equal(h.first, f.firstBytes()):
		return "the same"
	case len(h.first) > 0:
		return "“" + escape(h.first, shownBytes) + "”"
	case h.ending != stillOpen:
		return h.refusedBy()
	}
	return "no TLS answer"
}

// interceptors are words in the certificates of products that inspect TLS.
var interceptors = []string{
	"Zscaler", "Fortinet", "FortiGate", "Palo Alto", "Netskope", "Blue Coat", "BlueCoat", "Sophos", "Check Point",
	"McAfee Web Gateway", "Forcepoint", "Websense", "Barracuda", "WatchGuard", "SonicWall", "Cisco Umbrella", "Kaspersky",
	"ESET SSL Filter", "avast! Web", "AVG Web", "Bitdefender", "mitmproxy", "Charles Proxy", "PortSwigger", "Fiddler", "Squid",
	"NetFilter",
}

func interceptor(names string) string {
	for _, name := range interceptors {
		if strings.Contains(strings.ToLower(names), strings.ToLower(name)) {
			return name
		}
	}
	return ""
}
