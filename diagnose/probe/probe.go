package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"time"

	"github.com/whytls/whytls/knowledgebase"
)

// Options are the limits and the means of a probe. The zero value is what `whytls probe` does by default.
type Options struct {
	// Timeout bounds the whole probe; 0 means 3 seconds.
	Timeout time.Duration
	// MaxConnections bounds the attempts to connect; 0 means 20.
	MaxConnections int
	// ServerName is sent as SNI in place of the target's host.
	ServerName string
	// StartTLS names the protocol whose plaintext step comes before TLS (see StartTLSProtocols), "" to find it out.
	StartTLS string
	// Authorities are the certificates of --ca. The system store counts beside them. Nil for none.
	Authorities []*x509.Certificate
	// Certificate is the client's certificate with its key, nil for none.
	Certificate *tls.Certificate
	// Suites enumerates all suites of all versions, with limits of its own: 300 connections and 30 seconds more.
	Suites bool
	// Base titles the causes; nil means the embedded one.
	Base *knowledgebase.Base
	// Resolver finds the addresses of names; nil means the system's.
	Resolver *net.Resolver
	// Now is the time by which certificates are judged; zero means the time of the call.
	Now time.Time
}

// Defaults of Options, and the limits of the enumeration of suites.
const (
	DefaultTimeout        = 3 * time.Second
	DefaultMaxConnections = 20

	suitesTimeout     = 30 * time.Second
	suitesConnections = 300
)

// Run probes the target and returns what it found. It connects to the addresses of target.Host alone, at most
// MaxConnections times, and returns within Timeout (with Suites: later by the limits of that). Run may be called
// concurrently. A server that cannot be reached is a result, not an error; the error is that of ctx, beside the result so
// far, or one of the knowledge base, without a result.
func Run(ctx context.Context, target Target, options Options) (*Result, error) {
	if options.Timeout <= 0 {
		options.Timeout = DefaultTimeout
	}
	if options.MaxConnections <= 0 {
		options.MaxConnections = DefaultMaxConnections
	}
	if options.Base == nil {
		var err error
		if options.Base, err = knowledgebase.Embedded(); err != nil {
			return nil, fmt.Errorf("reading the knowledge base: %w", err)
		}
	}
	if options.Resolver == nil {
		options.Resolver = net.DefaultResolver
	}
	begin := time.Now()
	if options.Now.IsZero() {
		options.Now = begin
	}
	s := &session{
		target: target, options: options, begin: begin,
		// What is left behind the end of the last attempt is for judging, also on a busy machine.
		end:    begin.Add(options.Timeout - options.Timeout/8),
		dialer: &dialer{begin: begin, left: options.MaxConnections},
	}
	s.run(ctx)
	r := s.result()
	r.Seconds = time.Since(begin).Seconds()
	return r, ctx.Err()
}
