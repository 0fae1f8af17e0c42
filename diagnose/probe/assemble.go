package probe

import (
	"fmt"
	"strings"

	"github.com/whytls/whytls/diagnose/probe/hello"
)

// result turns what a session gathered into what is shown.
func (s *session) result() *Result {
	f := conclude(s)
	r := &Result{
		Schema: Schema, Target: s.target.String(), Host: s.target.Host, Port: s.target.Port, Expects: string(s.target.Layer),
		Addresses: s.addresses, Speaks: f.speaks, Inside: f.inside, Notes: []string{}, Attempts: []Attempt{},
		Causes: judge(f, s.options.Base),
	}
	if f.reachable() {
		r.Address = s.dialer.address
		if len(s.addresses) == 1 {
			s.addresses[0].State = "connected"
		}
	} else if len(s.addresses) == 1 {
		s.addresses[0].State = string(s.reach)
	}
	if r.Addresses == nil {
		r.Addresses = []Address{}
	}
	if f.tls {
		r.TLS = f.tlsReport()
	}
	if f.x != nil {
		r.Chain = f.x.chain
	}
	if f.clock != nil {
		seconds := f.clock.Seconds()
		r.Clock = &seconds
	}
	attempts, made, omitted := s.dialer.protocol()
	r.Attempts = append(r.Attempts, attempts...)
	r.Connections = made
	r.Notes = append(r.Notes, f.notes(omitted)...)
	r.Summary = f.summary(r)
	return r
}

func (f *facts) tlsReport() *TLSReport {
	t := &TLSReport{StartTLS: f.starttls, Suites: f.suites, ServerName: f.sniName(), Staple: "none", Versions: []Version{}}
	for _, v := range allVersions {
		a := f.versions[v]
		row := Version{Version: hello.VersionName(v), Accepted: a.accepted(), Answer: a.words()}
		switch {
		case a.accepted():
			row.Answer, row.Suite, row.Group = "", hello.SuiteName(a.answer.Suite), hello.GroupName(a.answer.Group)
		case f.good && f.today.state.Version == v:
			row.Answer, row.Accepted, row.Suite, row.Group = "", true, hello.SuiteName(f.today.state.CipherSuite), hello.GroupName(uint16(f.today.state.CurveID))
		}
		t.Versions = append(t.Versions, row)
	}
	if f.good {
		t.ALPN = clip(f.today.state.NegotiatedProtocol, 64)
		t.WithoutServerName = f.withoutName()
	} else if f.today != nil {
		t.Error = f.today.refusedBy()
	}
	if f.x != nil && f.x.staple != "" {
		t.Staple = f.x.staple
	}
	t.ClientCertificate = ClientCertificate{Requested: f.wanted, Required: f.needed, Authorities: f.authorityNames()}
	if taken, known := f.takesClient(); known {
		t.ClientCertificate.Accepted = &taken
	}
	return t
}

// notes are what is worth a line and no fault.
func (f *facts) notes(omitted int) []string {
	var notes []string
	if omitted > 0 {
		notes = append(notes, fmt.Sprintf("%s left out: the limit of connections or of time was reached", count(omitted, "try")))
	}
	if len(f.addresses) > 1 && f.reachable() {
		notes = append(notes, fmt.Sprintf("%s has the addresses %s; probed: %s", f.target.Host, f.addressList(), f.dialer.address))
	}
	if f.x != nil && f.x.leaf != nil {
		if f.x.chain.Ordered && f.x.disorder != "" {
			notes = append(notes, f.x.disorder)
		}
		if f.x.leaf.IsCA && !f.x.selfSigned {
			notes = append(notes, "the server's own certificate is a CA; rustls refuses that (CaUsedAsEndEntity)")
		}
	}
	return notes
}

// summary says in one sentence what was found.
func (f *facts) summary(r *Result) string {
	where := f.target.Address()
	switch {
	case f.resolveErr != nil:
		return f.target.Host + " does not resolve"
	case f.reach == refused:
		return where + " refuses connections"
	case f.reach == timedOut:
		return where + " does not answer"
	case !f.reachable():
		return where + " cannot be reached"
	case f.speaks == "tls-client":
		return "a TLS client is at the other end of " + where + ", not a server"
	case f.tls && f.starttls != "":
		return fmt.Sprintf("%s speaks %s, and TLS after %s", where, Service(f.starttls), stepName(f.starttls))
	case f.tls && f.proxy != 0:
		return where + " speaks TLS, behind a PROXY header only"
	case f.tls && !f.good:
		return fmt.Sprintf("%s speaks TLS, and a client of today gets %s", where, f.today.refusedBy())
	case f.tls && r.Problem():
		return where + " speaks TLS, with a fault: " + sentence(r.Causes[0].Title)
	case f.tls && f.inside != "" && f.inside != speaksUnknown:
		return fmt.Sprintf("%s speaks %s over TLS", where, Service(f.inside))
	case f.tls:
		return where + " speaks TLS"
	case f.plain() && f.speaks == speaksUnknown:
		return fmt.Sprintf("%s speaks an unknown protocol, not TLS", where)
	case f.plain() && f.target.Layer == Plain && r.Problem():
		return fmt.Sprintf("%s speaks %s, with a fault: %s", where, Service(f.speaks), sentence(r.Causes[0].Title))
	case f.plain() && f.target.Layer == Plain:
		return fmt.Sprintf("%s speaks %s", where, Service(f.speaks))
	case f.plain():
		return fmt.Sprintf("this is plain %s, not TLS", Service(f.speaks))
	case f.speaks == string(closed):
		return where + " takes connections and closes them without a word"
	case f.speaks == string(reset):
		return where + " takes connections and resets them"
	}
	return where + " takes connections and says nothing"
}

// sentence takes the capital off an article, so that a title can stand within a sentence.
func sentence(title string) string {
	for _, article := range []string{"A ", "An ", "The "} {
		if strings.HasPrefix(title, article) {
			return strings.ToLower(title[:1]) + title[1:]
		}
	}
	return title
}
