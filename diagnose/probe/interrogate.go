package probe

import (
	"context"
	"crypto/tls"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/whytls/whytls/diagnose/probe/hello"
)

// grace is how long the other tries of a wave may still go on once one of them was answered.
const grace = 150 * time.Millisecond

// wave is a number of tries beside each other that end soon after the first answer.
type wave struct {
	ctx     context.Context
	cancel  context.CancelFunc
	group   sync.WaitGroup
	decided sync.Once
}

// newWave begins a wave, which also ends when the first handshake gets an answer after all: then the server is only slow.
func (s *session) newWave(ctx context.Context, limit time.Duration) *wave {
	w := &wave{}
	w.ctx, w.cancel = context.WithTimeout(ctx, limit)
	go func() {
		select {
		case <-s.arrived:
			w.cancel()
		case <-w.ctx.Done():
		}
	}()
	return w
}

// try runs a try, which reports whether it was answered.
func (w *wave) try(f func(ctx context.Context) (answered bool)) {
	w.group.Go(func() {
		if f(w.ctx) {
			w.decided.Do(func() { time.AfterFunc(grace, w.cancel) })
		}
	})
}

func (w *wave) wait() {
	w.group.Wait()
	w.cancel()
}

// interrogate tries what a port may wait for that said nothing to a hello of today: other protocols, smaller and older
// hellos, no server name, a PROXY header. The likelier half comes first.
func (s *session) interrogate(ctx context.Context) {
	if s.today != nil && slices.Contains([]ending{refused, unreachable, timedOut, unbudgeted}, s.today.ending) {
		return
	}
	if s.today == nil && !s.dialer.hasReached() {
		return // the first SYN still waits for its answer: more of them tell nothing
	}
	s.versions, s.asked, s.proxied = make(map[uint16]*flight), make(map[string]*answer), make([]*flight, 2)
	plaintext := s.starttls == ""

	w := s.newWave(ctx, time.Until(s.end)/2)
	w.try(func(ctx context.Context) bool {
		s.small = s.shake(ctx, client{what: "a small TLS handshake", name: s.sniName(), protocols: s.protocols(), small: true, starttls: s.starttls})
		return s.small.answeredTLS()
	})
	if s.sniName() != "" {
		w.try(func(ctx context.Context) bool {
			s.bare = s.shake(ctx, client{what: "a TLS handshake without SNI and ALPN", starttls: s.starttls})
			return s.bare.answeredTLS()
		})
	} else {
		w.try(func(ctx context.Context) bool {
			s.named = s.shakeNamed(ctx, client{starttls: s.starttls})
			return s.named.answeredTLS()
		})
	}
	s.tryVersions(w, tls.VersionTLS12, hello.SSL30)
	if plaintext {
		s.tryProxy(w, 1)
		s.tryQuestions(w, askHTTP, askWebSocket, askMQTT, askWuKongIM)
		w.try(func(ctx context.Context) bool {
			s.heard = s.askAlone(ctx, listen, 0)
			return s.heard.came()
		})
	}
	w.wait()

	if !s.late() && !s.answeredHello() && !s.somethingSpoke() && !s.proxied[0].answeredTLS() {
		s.queue = listenQueue(s.dialer.address) // what a program accepts, it has accepted by now
		w = s.newWave(ctx, time.Until(s.end)*4/5)
		s.tryVersions(w, tls.VersionTLS10)
		if plaintext {
			s.tryProxy(w, 2)
			s.tryQuestions(w, askRedis, askPostgres)
			w.try(func(ctx context.Context) bool {
				s.proxyAsk = s.askAlone(ctx, askHTTP, 1)
				return s.proxyAsk.came()
			})
		}
		w.wait()
	}
	if !s.late() {
		s.followUp(ctx)
	}
}

// late reports whether the first handshake got an answer after all.
func (s *session) late() bool {
	select {
	case <-s.arrived:
		return true
	default:
		return false
	}
}

func (s *session) tryVersions(w *wave, versions ...uint16) {
	for _, v := range versions {
		w.try(func(ctx context.Context) bool {
			f := s.offer(ctx, "a hello of "+hello.VersionName(v), hello.Offer{Version: v, Name: s.sniName()}, 0)
			s.mu.Lock()
			defer s.mu.Unlock()
			s.versions[v] = f
			return f.answeredTLS()
		})
	}
}

func (s *session) tryProxy(w *wave, version int) {
	w.try(func(ctx context.Context) bool {
		f := s.offer(ctx, "a PROXY header of version "+strconv.Itoa(version)+", then a hello of TLS 1.2", hello.Offer{Version: tls.VersionTLS12, Name: s.sniName()}, version)
		s.proxied[version-1] = f
		return f.answeredTLS()
	})
}

func (s *session) tryQuestions(w *wave, questions ...question) {
	for _, q := range questions {
		w.try(func(ctx context.Context) bool {
			a := s.askAlone(ctx, q, 0)
			s.mu.Lock()
			defer s.mu.Unlock()
			s.asked[q.service] = a
			return a.came()
		})
	}
}

// followUp goes on with what was answered: a handshake behind the step or the header that the server waits for.
func (s *session) followUp(ctx context.Context) {
	c := client{name: s.sniName(), protocols: s.protocols(), certificate: s.options.Certificate}
	postgres := s.asked["postgres"]
	switch {
	case s.answeredHello():
		return
	case postgres.came() && postgres.speaks == "postgres" && postgres.received[0] == 'S':
		s.starttls = "postgres"
		c.what, c.protocols, c.starttls = "PostgreSQL's SSLRequest, then a TLS handshake", nil, s.starttls
	case s.proxied[0].answeredTLS():
		s.proxy = 1
	case s.proxied[1].answeredTLS():
		s.proxy = 2
	default:
		return
	}
	if s.proxy != 0 {
		c.what, c.proxy = "a PROXY header, then a TLS handshake", s.proxy
	}
	// What the hellos got without it says nothing about the server behind it.
	s.plainly, s.versions, s.small, s.bare, s.named = s.today, nil, nil, nil, nil
	s.today = s.shake(ctx, c, s.insideQuestions()...)
}
