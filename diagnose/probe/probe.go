// Package probe asks a live endpoint what it really speaks, and ties the answer to the causes of the knowledge base.
package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
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
	// StartTLS names the protocol whose plaintext step comes before TLS, "" to find it out.
	StartTLS string
	// Roots are the certificates of --ca, nil for the system store alone.
	Roots *x509.CertPool
	// Certificate is the client's certificate with its key, nil for none.
	Certificate *tls.Certificate
	// Suites enumerates all suites of all versions, with limits of its own: 200 connections and 30 seconds more.
	Suites bool
	// Base titles the causes; nil means the embedded one.
	Base *knowledgebase.Base
}

// Defaults of Options.
const (
	DefaultTimeout        = 3 * time.Second
	DefaultMaxConnections = 20
)

// Run probes the target and returns what it found. It connects to the addresses of target.Host alone, at most
// MaxConnections times, and returns within Timeout. Run may be called concurrently. A server that cannot be reached is a
// result, not an error; the error is that of ctx, beside the result so far, or one of the knowledge base.
func Run(ctx context.Context, target Target, options Options) (*Result, error) {
	if options.Timeout <= 0 {
		options.Timeout = DefaultTimeout
	}
	begin := time.Now()
	limited, cancel := context.WithTimeout(ctx, options.Timeout)
	defer cancel()
	r := &Result{
		Schema: Schema, Target: target.String(), Host: target.Host, Port: target.Port, Expects: string(target.Layer),
		Addresses: []Address{}, Causes: []Cause{}, Attempts: []Attempt{}, Notes: []string{}, Speaks: "unreachable", Connections: 1,
	}
	conn, err := (&net.Dialer{}).DialContext(limited, "tcp", target.Address())
	if err == nil {
		r.Speaks = "silent"
		r.Address = conn.RemoteAddr().String()
		_ = conn.Close()
	}
	r.Seconds = time.Since(begin).Seconds()
	return r, ctx.Err()
}
