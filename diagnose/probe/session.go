package probe

import (
	"cmp"
	"context"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"
)

// session is one probe: what it may do, and the facts that it gathers. The phases fill the facts in one after the
// other; within a phase, attempts run beside each other and each writes a field of its own.
type session struct {
	target  Target
	options Options
	begin   time.Time
	end     time.Time // of the last attempt
	dialer  *dialer

	arrived chan struct{} // closed when the first handshake got an answer after all

	// Names and addresses.
	resolveErr error
	addresses  []Address
	reach      ending // of the first address that answers, or of all
	rtt        time.Duration
	starttls   string // the plaintext step that comes first on every connection
	proxy      int    // the version of a PROXY header that turned out to be expected, 0 for none

	mu sync.Mutex // guards the maps while attempts run beside each other

	// Handshakes.
	today   *handshake // a client of today, by name
	plainly *handshake // the first try without the plaintext step, where one turned out to be needed
	small   *handshake // the same with a hello of one packet
	liberal *handshake // all versions and suites of crypto/tls
	bare    *handshake // neither SNI nor ALPN
	nameless,
	unoffered, // without ALPN, with SNI
	named, // with a name where the target is an address
	uncertified *handshake // without the certificate of --cert
	versions map[uint16]*flight
	seconds  [2]*flight // of the best version, and of TLS 1.2, without the suite that was chosen before
	suites   map[string][]string

	// Plaintext.
	heard    *answer            // what came unasked
	asked    map[string]*answer // by service
	proxied  []*flight          // hellos behind a PROXY header
	proxyAsk *answer            // an HTTP request behind a PROXY header
	queue    *queue             // what the local system knows about the listener
}

// sniName is the name to send, "" for an address.
func (s *session) sniName() string {
	if s.options.ServerName != "" {
		return s.options.ServerName
	}
	if _, isIP := s.target.IP(); isIP {
		return ""
	}
	return strings.TrimSuffix(s.target.Host, ".")
}

// patience is how long an answer is waited for where the server may well have nothing to say: a few round trips.
func (s *session) patience() time.Duration {
	return min(max(400*time.Millisecond, 6*s.rtt), s.options.Timeout/4)
}

func (s *session) run(parent context.Context) {
	ctx, cancel := context.WithDeadline(parent, s.end)
	defer cancel()
	if !s.resolve(ctx) || !s.connect(ctx) {
		return
	}
	s.starttls = cmp.Or(s.options.StartTLS, s.promisedStartTLS())
	contact, wait := s.firstContact(ctx)
	switch {
	case contact == nil: // no outcome so far
		s.interrogate(ctx)
		wait()
		switch {
		case s.late():
			s.forget()
		case len(s.today.first) > 0 && !s.spokeTLS() && !s.somethingSpoke():
			s.plaintext(ctx, identify(s.today.first)) // a greeting that took its time
		}
	case contact.answeredTLS():
	case contact.preamble != nil && !contact.preamble.accepted:
		s.withoutPreamble(ctx, contact)
	case len(contact.first) > 0:
		s.plaintext(ctx, identify(contact.first))
	default:
		s.interrogate(ctx)
	}
	if s.spokeTLS() {
		s.study(ctx)
		if s.options.Suites {
			s.enumerate(parent)
		}
	}
	if s.reach == timedOut {
		s.queue = listenQueue(s.dialer.address)
	}
}

// resolve asks the system's resolver for the addresses.
func (s *session) resolve(ctx context.Context) bool {
	if a, isIP := s.target.IP(); isIP {
		s.addresses = []Address{{Address: a.String()}}
		return true
	}
	addresses, err := s.options.Resolver.LookupNetIP(ctx, "ip", s.target.Host)
	if err != nil {
		s.resolveErr = err
		return false
	}
	for _, a := range addresses {
		s.addresses = append(s.addresses, Address{Address: a.Unmap().String()})
	}
	return true
}

// maxAddresses bounds how many addresses of one name are tried.
const maxAddresses = 3

// connect tries the addresses beside each other and chooses the first in the resolver's order that answers. One address is
// tried by the first handshake itself.
func (s *session) connect(ctx context.Context) bool {
	join := func(a string) string { return net.JoinHostPort(a, strconv.Itoa(s.target.Port)) }
	s.dialer.address = join(s.addresses[0].Address)
	if len(s.addresses) == 1 {
		return true
	}
	tried := s.addresses[:min(len(s.addresses), maxAddresses)]
	limited, cancel := context.WithTimeout(ctx, s.options.Timeout/2)
	defer cancel()
	var group sync.WaitGroup
	for i := range tried {
		group.Go(func() {
			conn, err := s.dialer.dialTo(limited, join(tried[i].Address), "a connection to "+tried[i].Address)
			if err != nil {
				tried[i].State = string(cmp.Or(endingOf(err), unreachable))
				if tried[i].State == string(silent) {
					tried[i].State = string(timedOut)
				}
				return
			}
			tried[i].State = "connected"
			conn.finish("connected")
		})
	}
	group.Wait()
	for _, a := range tried {
		if a.State == "connected" {
			s.dialer.address = join(a.Address)
			return true
		}
	}
	s.reach = ending(tried[0].State)
	return false
}

// promisedStartTLS is the plaintext step that the target's scheme or, where a client has to speak first, its port calls for.
func (s *session) promisedStartTLS() string {
	if s.target.Layer == StartTLS {
		return s.target.Service
	}
	if s.target.Scheme == "" {
		switch s.target.Port {
		case 5432:
			return "postgres"
		case 389:
			return "ldap"
		case 5222, 5269:
			return "xmpp"
		case 25, 587:
			return "smtp"
		case 143:
			return "imap"
		case 110:
			return "pop3"
		case 21:
			return "ftp"
		case 3306:
			return "mysql"
		}
	}
	return ""
}

// protocols is the ALPN list that clients of the service send: those of HTTP and WebSocket do, MQTT clients and the rest as a
// rule do not.
func (s *session) protocols() []string {
	if s.starttls != "" {
		return nil
	}
	switch s.target.Service {
	case speaksHTTP:
		return []string{"h2", "http/1.1"}
	case speaksWebSocket:
		return []string{"http/1.1"}
	case "":
		return []string{"h2", "http/1.1", "mqtt"}
	}
	return nil
}

// soon is a time from now on, but not behind the end of the session.
func (s *session) soon(d time.Duration) time.Time {
	if t := time.Now().Add(d); t.Before(s.end) {
		return t
	}
	return s.end
}

// insideQuestions is what to ask below TLS.
func (s *session) insideQuestions() []question {
	switch s.target.Service {
	case speaksHTTP:
		return []question{askHTTP}
	case speaksWebSocket:
		return []question{askWebSocket}
	case speaksMQTT:
		return []question{askMQTT}
	case "":
		if s.starttls != "" {
			return nil
		}
		if s.target.Port == 8883 {
			return []question{askMQTT}
		}
		return []question{askHTTP}
	}
	return []question{listen}
}

// firstContact makes the handshake that matters most: a client of today by the name given. It returns nil when nothing
// came for a while. The handshake goes on then; wait takes its outcome, at once when the session no longer needs it.
func (s *session) firstContact(ctx context.Context) (contact *handshake, wait func()) {
	ctx, stop := context.WithCancel(ctx)
	done := make(chan *handshake, 1)
	c := client{what: "a TLS handshake", name: s.sniName(), protocols: s.protocols(), certificate: s.options.Certificate, starttls: s.starttls}
	s.arrived = make(chan struct{})
	go func() {
		h := s.shake(ctx, c, s.insideQuestions()...)
		if h.answeredTLS() {
			close(s.arrived)
		}
		done <- h
	}()
	wait = sync.OnceFunc(func() {
		if s.today != nil || s.somethingSpoke() {
			stop()
		}
		h := <-done
		stop()
		if s.today == nil {
			s.settle(h)
		} else {
			s.plainly = h
		}
	})
	limit := s.options.Timeout * 3 / 10
	if s.starttls != "" {
		limit *= 2 // the plaintext step has a limit of its own
	}
	patience := time.NewTimer(limit)
	defer patience.Stop()
	select {
	case h := <-done:
		stop()
		s.settle(h)
		return h, func() {}
	case <-patience.C:
		return nil, wait
	}
}

// forget drops what was tried meanwhile on a server that is only slow: that it gave no answer in time says nothing.
func (s *session) forget() {
	for v, f := range s.versions {
		if !f.answeredTLS() {
			delete(s.versions, v)
		}
	}
	for _, h := range []**handshake{&s.small, &s.bare, &s.named} {
		if !(*h).answeredTLS() {
			*h = nil
		}
	}
}

// somethingSpoke reports whether a question in plaintext was answered.
func (s *session) somethingSpoke() bool {
	for _, a := range s.asked {
		if a.came() {
			return true
		}
	}
	return s.heard.came() || s.proxyAsk.came()
}

// settle takes the outcome of the first handshake.
func (s *session) settle(h *handshake) {
	s.today = h
	switch h.ending {
	case refused, unreachable, timedOut:
		s.reach = h.ending
	default:
		s.rtt = h.took
	}
}

// withoutPreamble finds out what a port speaks that did not go through the plaintext step expected of it: perhaps TLS from
// the first byte.
func (s *session) withoutPreamble(ctx context.Context, contact *handshake) {
	s.plainly = contact
	if contact.preamble.greeted {
		return // it speaks the protocol, and will not turn to TLS
	}
	if service := identify(contact.first); service != "" && service != speaksTLS && service != speaksUnknown {
		s.starttls = ""
		s.plaintext(ctx, service)
		return
	}
	s.starttls = ""
	h := s.shake(ctx, client{what: "a TLS handshake from the first byte", name: s.sniName(), protocols: s.protocols(), certificate: s.options.Certificate})
	s.today = h
	switch {
	case h.answeredTLS():
	case len(h.first) > 0:
		s.plaintext(ctx, identify(h.first))
	default:
		s.interrogate(ctx)
	}
}

// plaintext goes on where the first bytes were no TLS: with the plaintext step that the protocol has, or with the request
// that tells more.
func (s *session) plaintext(ctx context.Context, service string) {
	s.heard = &answer{question: "a ClientHello", received: s.today.first, ending: s.today.ending, speaks: service}
	if startTLSProtocols[service] != nil {
		s.plainly, s.starttls = s.today, service
		h := s.shake(ctx, client{what: "STARTTLS of " + Service(service) + ", then a TLS handshake", name: s.sniName(), certificate: s.options.Certificate, starttls: service})
		if s.today = h; !h.answeredTLS() {
			s.starttls = ""
		}
		return
	}
	s.asked = make(map[string]*answer)
	w := s.newWave(ctx, s.options.Timeout*3/10)
	switch service {
	case speaksHTTP:
		s.tryQuestions(w, askHTTP, askWebSocket)
	case speaksUnknown:
		s.tryQuestions(w, askHTTP, askWebSocket, askMQTT, askRedis, askWuKongIM)
	}
	w.wait()
}

// askAlone asks one question on a connection of its own, behind a header if there is one.
func (s *session) askAlone(ctx context.Context, q question, proxy int) *answer {
	what := q.what
	if proxy != 0 {
		what += " behind a PROXY header"
	}
	conn, err := s.dialer.dial(ctx, what)
	if err != nil {
		return &answer{question: q.what, ending: cmp.Or(endingOf(err), unreachable)}
	}
	if err := writeProxyHeader(conn, proxy); err != nil {
		conn.finish(string(endingOf(err)))
		return &answer{question: q.what, ending: endingOf(err)}
	}
	a := ask(conn, q, s.target, s.options.Timeout*3/10)
	outcome := "answer"
	if !a.came() {
		outcome = string(a.ending)
	}
	conn.finish(outcome)
	return a
}

// answeredHello reports whether any hello got a TLS answer.
func (s *session) answeredHello() bool {
	if s.today.answeredTLS() || s.small.answeredTLS() || s.bare.answeredTLS() || s.named.answeredTLS() {
		return true
	}
	for _, f := range s.versions {
		if f.answeredTLS() {
			return true
		}
	}
	return false
}

// spokeTLS reports whether TLS was spoken, behind whatever came first.
func (s *session) spokeTLS() bool { return s.answeredHello() || s.liberal.answeredTLS() }
