package probe

// Schema names the version of the JSON form of a result. Fields may be added to it, never renamed.
const Schema = "whytls.probe/1"

// Result is what a probe found. It is immutable once returned. What the server sent stands in it as escaped text.
type Result struct {
	Schema string `json:"schema"`
	// Target is the endpoint as the user named it, without credentials.
	Target string `json:"target"`
	Host   string `json:"host"`
	Port   int    `json:"port"`
	// Address is the IP address that was probed, "" where none answered.
	Address string `json:"address,omitempty"`
	// Addresses are all addresses that were tried, with how they answered.
	Addresses []Address `json:"addresses"`
	// Expects is what the target's scheme promises: tls, plain or starttls.
	Expects string `json:"expects"`
	// Speaks is what really speaks there: tls, http, websocket, mqtt, ssh, smtp, ftp, imap, pop3, mysql, postgres, redis,
	// ldap, xmpp …, unknown (bytes that nobody here knows), silent, closed, reset, refused or unreachable.
	Speaks string `json:"speaks"`
	// Inside is what speaks below TLS: http, websocket, mqtt …, "" where it was not found out.
	Inside string `json:"inside,omitempty"`
	// Summary says in one sentence what was found.
	Summary string `json:"summary"`
	// TLS is nil where no TLS was spoken.
	TLS *TLSReport `json:"tls"`
	// Chain is nil where no certificate was seen.
	Chain *Chain `json:"chain"`
	// Clock is the server's clock minus the local one in seconds, where a Date header told it.
	Clock *float64 `json:"clock_seconds,omitempty"`
	// Causes are the causes that the probe can speak on: the confirmed ones first, then the open, then the refuted.
	Causes []Cause `json:"causes"`
	// Attempts are the connections that were made, in the order in which they began.
	Attempts []Attempt `json:"attempts"`
	// Notes are what is worth knowing and no fault.
	Notes []string `json:"notes"`
	// Connections counts all attempts to connect.
	Connections int     `json:"connections"`
	Seconds     float64 `json:"seconds"`
}

// Address is one address of the target.
type Address struct {
	Address string `json:"address"`
	// State is connected, refused, unreachable or timeout.
	State string `json:"state"`
}

// TLSReport is what the server does with ClientHellos.
type TLSReport struct {
	// StartTLS names the protocol whose plaintext step came first, "" for TLS from the first byte.
	StartTLS string    `json:"starttls,omitempty"`
	Versions []Version `json:"versions"`
	// Suites are all suites of each version in the server's order, where they were enumerated.
	Suites map[string][]string `json:"suites,omitempty"`
	// ALPN is the protocol agreed on, "" for none.
	ALPN string `json:"alpn"`
	// ServerName is the SNI that was sent, "" for none.
	ServerName string `json:"server_name"`
	// WithoutServerName says what a client gets that sends no SNI: same, other (another certificate) or refused; "" where
	// it was not tried.
	WithoutServerName string `json:"without_server_name,omitempty"`
	// ClientCertificate says whether one is asked for.
	ClientCertificate ClientCertificate `json:"client_certificate"`
	// Staple is the OCSP response that came with the certificate: good, revoked, unknown, expired, invalid, or none.
	Staple string `json:"ocsp_staple"`
	// Error is why a client of today does not get through, "" when it does.
	Error string `json:"error,omitempty"`
}

// Version is one version of the protocol.
type Version struct {
	Version  string `json:"version"`
	Accepted bool   `json:"accepted"`
	// Suite is the one that the server chose, Group its key exchange group where it told one.
	Suite string `json:"suite,omitempty"`
	Group string `json:"group,omitempty"`
	// Answer is what came instead: an alert, closed, reset, silent.
	Answer string `json:"answer,omitempty"`
}

// ClientCertificate is the server's wish for a client certificate.
type ClientCertificate struct {
	Requested bool `json:"requested"`
	// Required is set when the server refuses clients without one.
	Required bool `json:"required"`
	// Authorities are the distinguished names that the server named.
	Authorities []string `json:"authorities,omitempty"`
	// Accepted says whether the server took the certificate of --cert; nil where none was sent.
	Accepted *bool `json:"accepted,omitempty"`
}

// Chain is the certificates as served.
type Chain struct {
	Certificates []Certificate `json:"certificates"`
	// Complete: a path leads from the leaf to a trusted root, or to a self-signed certificate, with what was served.
	Complete bool `json:"complete"`
	// Ordered: each certificate is signed by the next one.
	Ordered bool `json:"ordered"`
	// Trusted says by which store a path was found: system, ca (the file of --ca), or "" for none.
	Trusted string `json:"trusted"`
	// NameMatches: the leaf is good for the name or address that was asked for.
	NameMatches bool `json:"name_matches"`
	// Problem is why verification fails, "" when it does not.
	Problem string `json:"problem,omitempty"`
}

// Certificate is one certificate of a chain. Times are RFC 3339 in UTC.
type Certificate struct {
	Subject    string   `json:"subject"`
	Issuer     string   `json:"issuer"`
	Serial     string   `json:"serial"`
	NotBefore  string   `json:"not_before"`
	NotAfter   string   `json:"not_after"`
	Names      []string `json:"names,omitempty"`
	Key        string   `json:"key"`
	Signature  string   `json:"signature"`
	CA         bool     `json:"ca"`
	SelfSigned bool     `json:"self_signed"`
	// SHA256 is the fingerprint in hexadecimal.
	SHA256 string `json:"sha256"`
	// Error is why the certificate cannot be read; the other fields are empty then.
	Error string `json:"error,omitempty"`
}

// Verdict is what the probe can say about a cause.
type Verdict string

const (
	// Confirmed: the probe saw it happen.
	Confirmed Verdict = "confirmed"
	// Open: nothing seen speaks against it, and nothing proves it.
	Open Verdict = "open"
	// Refuted: what was seen cannot be with it, at this endpoint, from here and now.
	Refuted Verdict = "refuted"
)

// Cause is a root cause of the knowledge base with its verdict.
type Cause struct {
	ID      string  `json:"id"`
	Title   string  `json:"title"`
	Verdict Verdict `json:"verdict"`
	// Why is what was seen, with bytes of the server escaped.
	Why string `json:"why"`
	// Affects names the clients that it hits, where it does not hit all.
	Affects string `json:"affects,omitempty"`
	// Elsewhere is set when the client that the target stands for is not among them.
	Elsewhere bool `json:"elsewhere,omitempty"`
	// Consequence is set when it is what clients see of another cause that is confirmed too.
	Consequence bool `json:"consequence,omitempty"`

	here bool // depends on the stores of this machine
}

// Attempt is one connection.
type Attempt struct {
	// What was sent, in a few words.
	What string `json:"what"`
	// Outcome is how the server answered: handshake, hello, an alert, answer, closed, reset, silent, refused,
	// unreachable or timeout.
	Outcome string `json:"outcome"`
	// Bytes are the first ones received, escaped.
	Bytes string `json:"bytes,omitempty"`
	// Seconds from the beginning of the probe to the end of the attempt.
	Seconds float64 `json:"seconds"`
}

// Confirmed returns the causes that were confirmed.
func (r *Result) Confirmed() []Cause {
	var list []Cause
	for _, c := range r.Causes {
		if c.Verdict == Confirmed {
			list = append(list, c)
		}
	}
	return list
}

// Problem reports whether something is wrong for the client that the target stands for.
func (r *Result) Problem() bool {
	for _, c := range r.Causes {
		if c.Verdict == Confirmed && !c.Elsewhere {
			return true
		}
	}
	return false
}

// Reachable reports whether a TCP connection could be made.
func (r *Result) Reachable() bool { return r.Speaks != "refused" && r.Speaks != "unreachable" }
