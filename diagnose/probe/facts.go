package probe

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"net/http"
	"time"

	"github.com/whytls/whytls/diagnose/probe/hello"
)

// facts are what a session found, put so that the rules of the verdicts read like sentences.
type facts struct {
	*session
	x       *examination // of the chain, nil where none was seen
	speaks  string
	inside  string
	clock   *time.Duration // the server's minus ours
	status  int            // of the HTTP answer, 0 for none
	body    []byte         // of the HTTP answer, as far as it was read
	tls     bool           // TLS was spoken, behind whatever comes first
	good    bool           // a client of today gets through
	request *tls.CertificateRequestInfo
	wanted  bool // a client certificate is asked for
	needed  bool // and one is required
	names   [][]byte
}

// conclude derives the facts from a session.
func conclude(s *session) *facts {
	f := &facts{session: s}
	f.tls = s.spokeTLS()
	f.good = s.today != nil && s.today.complete
	served, staple := s.certificates()
	f.x = examine(served, staple, s.expectedName(), s.options.Authorities, s.options.Now)
	f.said()
	f.clientCertificate()
	f.speaks = f.spoken()
	return f
}

// expectedName is what the certificate has to be good for.
func (s *session) expectedName() string {
	if name := s.sniName(); name != "" {
		return name
	}
	return s.target.Host
}

// certificates returns the chain that clients get by the name of the target: of the handshake that got furthest.
func (s *session) certificates() (served [][]byte, staple []byte) {
	for _, h := range []*handshake{s.today, s.liberal, s.small, s.uncertified, s.named, s.bare} {
		if h != nil && len(h.served) > 0 {
			return h.served, h.state.OCSPResponse
		}
	}
	for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS11, tls.VersionTLS10, hello.SSL30} {
		if f := s.versions[v]; f != nil && f.answer != nil && len(f.answer.Certificates) > 0 {
			return f.answer.Certificates, nil
		}
	}
	for _, f := range s.proxied {
		if f != nil && f.answer != nil && len(f.answer.Certificates) > 0 {
			return f.answer.Certificates, nil
		}
	}
	return nil, nil
}

// said reads what the server said above TLS, or in plaintext where it speaks no TLS.
func (f *facts) said() {
	var answers []*answer
	for _, h := range []*handshake{f.today, f.bare, f.liberal} {
		if h != nil {
			for i := range h.asked {
				answers = append(answers, &h.asked[i])
			}
		}
	}
	if !f.tls {
		answers = append(answers, f.asked[speaksWebSocket], f.asked[speaksHTTP], f.proxyAsk, f.heard)
	}
	for _, a := range answers {
		if !a.came() {
			continue
		}
		if f.inside == "" && f.tls {
			f.inside = a.speaks
		}
		status, header := replyStatus(a.received)
		if status == 0 {
			continue
		}
		if f.status == 0 {
			f.status = status
			_, f.body, _ = bytes.Cut(a.received, []byte("\r\n\r\n"))
		}
		if date, err := http.ParseTime(header.Get("Date")); err == nil && f.clock == nil {
			// A Date header has whole seconds.
			d := time.Until(date).Round(time.Second)
			f.clock = &d
		}
	}
}

// refusesCertificates are the alerts by which a server turns a client's certificate down (RFC 8446, section 6.2).
var refusesCertificates = []uint8{42, 43, 44, 45, 46, 48, 49, 51}

// clientCertificate reads what the server wants of clients.
func (f *facts) clientCertificate() {
	for _, h := range []*handshake{f.today, f.uncertified, f.liberal, f.small, f.bare} {
		if h != nil && h.request != nil && f.request == nil {
			f.request = h.request
			f.wanted = true
			f.names = h.request.AcceptableCAs
		}
	}
	for _, flight := range f.versions {
		if flight != nil && flight.answer != nil && flight.answer.Requested {
			f.wanted = true
			if f.names == nil {
				f.names = flight.answer.Authorities
			}
		}
	}
	if !f.wanted {
		return
	}
	for _, h := range []*handshake{f.today, f.uncertified, f.liberal, f.bare} {
		if h == nil || h.client.certificate != nil || h.request == nil {
			continue
		}
		switch {
		case h.refusedFor(alertNoCertificate, alertHandshakeFailure), h.refusedFor(refusesCertificates...):
			f.needed = true
		case h.inside.came() && bytes.Contains(h.inside.received, []byte("No required SSL certificate")):
			f.needed = true // nginx says it in HTTP
		case !h.complete && (h.ending == closed || h.ending == reset):
			f.needed = true // refused at the very moment when the certificate was due
		}
	}
}

// takesClient reports whether the server took the certificate of --cert; known is false where none was sent.
func (f *facts) takesClient() (taken, known bool) {
	if f.options.Certificate == nil || f.today == nil || f.today.request == nil {
		return false, false
	}
	if f.today.complete && f.today.alert == nil {
		refused := f.today.inside.came() && bytes.Contains(f.today.inside.received, []byte("SSL certificate error"))
		return !refused, true
	}
	return false, f.today.alert != nil || f.today.ending == closed || f.today.ending == reset
}

// reachable reports whether a TCP connection was made.
func (f *facts) reachable() bool {
	return f.resolveErr == nil && (f.reach == stillOpen || f.reach == unbudgeted)
}

// spoken names what speaks at the port.
func (f *facts) spoken() string {
	switch {
	case f.resolveErr != nil, f.reach == unreachable, f.reach == timedOut:
		return string(unreachable)
	case f.reach == refused:
		return string(refused)
	case f.tls && f.starttls != cmp.Or(f.options.StartTLS, f.promisedStartTLS()) && f.starttls != "":
		return f.starttls // nobody had said so
	case f.tls:
		return speaksTLS
	case f.today != nil && f.today.preamble != nil && f.today.preamble.greeted:
		return f.today.preamble.service
	case f.plainly != nil && f.plainly.preamble != nil && f.plainly.preamble.greeted:
		return f.plainly.preamble.service
	}
	if f.heard.came() && f.heard.speaks != speaksUnknown && f.heard.speaks != speaksHTTP {
		return f.heard.speaks
	}
	if service := f.answered(); service != "" {
		return service
	}
	if f.heard.came() {
		return f.heard.speaks
	}
	if f.proxyAsk.came() && f.proxyAsk.speaks == speaksHTTP {
		return speaksHTTP
	}
	for _, a := range f.asked {
		if a.came() {
			return speaksUnknown
		}
	}
	if f.today != nil {
		switch f.today.ending {
		case closed, reset:
			return string(f.today.ending)
		}
	}
	return string(silent)
}

// answered names the protocol whose question was answered in that protocol.
func (f *facts) answered() string {
	page, upgrade := f.asked[speaksHTTP], f.asked[speaksWebSocket]
	status := 0
	if page.came() {
		status, _ = replyStatus(page.received)
	}
	switch {
	case upgrade.came() && upgrade.speaks == speaksWebSocket && (f.target.Service == speaksWebSocket || status < 200 || status >= 400):
		return speaksWebSocket
	case page.came() && page.speaks == speaksHTTP:
		return speaksHTTP
	case upgrade.came() && (upgrade.speaks == speaksHTTP || upgrade.speaks == speaksWebSocket):
		return upgrade.speaks
	}
	for _, service := range []string{speaksWuKongIM, speaksMQTT, "redis", "postgres"} {
		if a := f.asked[service]; a.came() && a.speaks == service {
			return service
		}
	}
	// An answer in a protocol that was not asked for names it as well.
	for _, service := range []string{speaksHTTP, speaksMQTT, "redis", "postgres", speaksWuKongIM} {
		if a := f.asked[service]; a.came() && a.speaks != speaksUnknown {
			return a.speaks
		}
	}
	return ""
}

// plain reports whether a plaintext protocol speaks at the port.
func (f *facts) plain() bool {
	switch f.speaks {
	case speaksTLS, string(silent), string(closed), string(reset), string(refused), string(unreachable):
		return false
	}
	return true
}

// firstBytes are the bytes that show what speaks at a plain port.
func (f *facts) firstBytes() []byte {
	if f.plainly != nil && len(f.plainly.first) > 0 {
		return f.plainly.first
	}
	if f.heard.came() {
		return f.heard.received
	}
	if f.today != nil && len(f.today.first) > 0 && !f.tls {
		return f.today.first
	}
	if a := f.asked[f.speaks]; a.came() {
		return a.received
	}
	for _, a := range f.asked {
		if a.came() {
			return a.received
		}
	}
	if f.proxyAsk.came() {
		return f.proxyAsk.received
	}
	return nil
}

// quoted are the bytes that show what speaks at a port, for a sentence.
func (f *facts) quoted() string {
	b := f.firstBytes()
	if len(b) == 0 {
		return ""
	}
	return ": it says “" + escape(b, shownBytes) + "”"
}

// acceptedVersions lists the versions that the server accepts, the newest first.
func (f *facts) acceptedVersions() []uint16 {
	var list []uint16
	for _, v := range allVersions {
		if f.versions[v].accepted() || f.today != nil && f.today.complete && f.today.state.Version == v {
			list = append(list, v)
		}
	}
	return list
}

var allVersions = []uint16{tls.VersionTLS13, tls.VersionTLS12, tls.VersionTLS11, tls.VersionTLS10, hello.SSL30}

// chosen returns the best version's answer to a hello by hand, nil where none was accepted.
func (f *facts) chosen() *hello.Answer {
	if v := f.best(); v != 0 {
		return f.versions[v].answer
	}
	return nil
}

// hung reports whether the server took the connection and then said nothing at all.
func (f *facts) hung() bool {
	return f.reachable() && !f.tls && f.speaks == string(silent)
}

// stalled reports whether TLS began and stopped in the middle.
func (f *facts) stalled() bool {
	return f.tls && f.today != nil && !f.today.complete && f.today.ending == silent && len(f.today.first) > 0
}
