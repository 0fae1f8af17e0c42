package probe

import (
	"context"
	"crypto/tls"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/whytls/whytls/diagnose/probe/hello"
)

// study looks closer at a server that speaks TLS.
func (s *session) study(ctx context.Context) {
	if s.versions == nil {
		s.versions = make(map[uint16]*flight)
	}
	var group sync.WaitGroup
	name := s.sniName()
	missing := slices.DeleteFunc(slices.Clone(allVersions), func(v uint16) bool { return s.versions[v] != nil })
	for _, v := range missing {
		group.Go(func() {
			f := s.offer(ctx, "a hello of "+hello.VersionName(v), hello.Offer{Version: v, Name: name, Protocols: s.agreed()}, s.proxy)
			s.mu.Lock()
			defer s.mu.Unlock()
			s.versions[v] = f
		})
	}
	like := client{name: name, protocols: s.protocols(), certificate: s.options.Certificate, proxy: s.proxy, starttls: s.starttls}
	with := func(what string, change func(*client)) client {
		c := like
		c.what = what
		change(&c)
		return c
	}
	group.Go(func() {
		if s.bare != nil {
			return
		}
		// What the first handshake could not ask, or got no answer to.
		var then []question
		switch {
		case s.today == nil || !s.today.complete || s.starttls != "":
		case s.today.state.NegotiatedProtocol == "h2":
			then = []question{askHTTP}
		case s.today.inside.came():
			then = s.insideQuestions() // is a client without them answered as well?
		case s.target.Service == speaksMQTT:
			then = []question{askHTTP}
		default:
			then = []question{askMQTT}
		}
		s.bare = s.shake(ctx, with("a TLS handshake without SNI and ALPN", func(c *client) { c.name, c.protocols = "", nil }), then...)
	})
	if s.today == nil || !s.today.complete {
		group.Go(func() {
			s.liberal = s.shake(ctx, with("a TLS handshake with all versions and suites", func(c *client) { c.liberal = true }))
		})
		if s.small == nil {
			group.Go(func() {
				s.small = s.shake(ctx, with("a small TLS handshake", func(c *client) { c.small = true }))
			})
		}
	}
	if s.options.Certificate != nil {
		group.Go(func() {
			s.uncertified = s.shake(ctx, with("a TLS handshake without a client certificate", func(c *client) { c.certificate = nil }), s.insideQuestions()...)
		})
	}
	group.Wait()
	s.studyNames(ctx, like, with)
	s.studySuites(ctx)
}

// agreed is the ALPN list for hellos by hand: what a handshake agreed on, so that a server that insists is content.
func (s *session) agreed() []string {
	if s.today != nil && s.today.complete && s.today.state.NegotiatedProtocol != "" {
		return []string{s.today.state.NegotiatedProtocol}
	}
	return nil
}

// studyNames separates SNI from ALPN where leaving out both was too much, and tries a name where an address was refused.
func (s *session) studyNames(ctx context.Context, like client, with func(string, func(*client)) client) {
	var group sync.WaitGroup
	good := s.today != nil && s.today.complete
	if s.bare != nil && s.bare.ending != unbudgeted && good != s.bare.complete {
		if s.sniName() != "" {
			group.Go(func() {
				s.nameless = s.shake(ctx, with("a TLS handshake without SNI", func(c *client) { c.name = "" }))
			})
		}
		if len(s.protocols()) > 0 {
			group.Go(func() {
				s.unoffered = s.shake(ctx, with("a TLS handshake without ALPN", func(c *client) { c.protocols = nil }))
			})
		}
	}
	if !good && s.sniName() == "" && s.named == nil {
		group.Go(func() {
			s.named = s.shakeNamed(ctx, like)
		})
	}
	group.Wait()
}

// shakeNamed tries a name where the target is an address, with all versions and suites.
func (s *session) shakeNamed(ctx context.Context, c client) *handshake {
	c.name, c.liberal = s.nameOfAddress(ctx), true
	c.what = "a TLS handshake with the name " + c.name
	return s.shake(ctx, c)
}

// nameOfAddress is a name to try at an address: the one that the resolver knows, or one that nobody has.
func (s *session) nameOfAddress(ctx context.Context) string {
	if a, isIP := s.target.IP(); isIP {
		limited, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
		defer cancel()
		if names, err := s.options.Resolver.LookupAddr(limited, a.WithZone("").String()); err == nil && len(names) > 0 && isHost(names[0]) {
			return strings.TrimSuffix(names[0], ".")
		}
	}
	return "whytls.invalid"
}

// best returns the highest version that was accepted, 0 for none.
func (s *session) best() uint16 {
	for _, v := range allVersions {
		if s.versions[v].accepted() {
			return v
		}
	}
	return 0
}

// studySuites finds out whether the server has a second suite, for its best version and for TLS 1.2.
func (s *session) studySuites(ctx context.Context) {
	best := s.best()
	if best == 0 {
		return
	}
	var group sync.WaitGroup
	for i, v := range []uint16{best, tls.VersionTLS12} {
		f := s.versions[v]
		if i > 0 && v == best || !f.accepted() {
			continue
		}
		group.Go(func() {
			s.seconds[i] = s.offer(ctx, "a hello of "+hello.VersionName(v)+" without the suite chosen before",
				hello.Offer{Version: v, Name: s.sniName(), Protocols: s.agreed(), Without: []uint16{f.answer.Suite}}, s.proxy)
		})
	}
	group.Wait()
}

// enumerate lists all suites of the accepted versions in the server's order, with limits of its own.
func (s *session) enumerate(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, suitesTimeout)
	defer cancel()
	s.dialer.mu.Lock()
	s.dialer.left += suitesConnections
	s.dialer.mu.Unlock()
	s.suites = make(map[string][]string)
	var mu sync.Mutex
	var group sync.WaitGroup
	for v, f := range s.versions {
		if !f.accepted() {
			continue
		}
		group.Go(func() {
			names, without := []string{hello.SuiteName(f.answer.Suite)}, []uint16{f.answer.Suite}
			for {
				next := s.offer(ctx, "a hello of "+hello.VersionName(v)+" for the next suite",
					hello.Offer{Version: v, Name: s.sniName(), Protocols: s.agreed(), Without: without}, s.proxy)
				if !next.accepted() || slices.Contains(without, next.answer.Suite) {
					break
				}
				names, without = append(names, hello.SuiteName(next.answer.Suite)), append(without, next.answer.Suite)
			}
			mu.Lock()
			defer mu.Unlock()
			s.suites[hello.VersionName(v)] = names
		})
	}
	group.Wait()
}
