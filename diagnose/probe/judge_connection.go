package probe

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// connectionRules speak on what happens before the first byte, and on servers that take a connection and do nothing with it.
var connectionRules = []rule{
	{id: "dns-failure", ask: func(f *facts) opinion {
		var dns *net.DNSError
		switch _, isIP := f.target.IP(); {
		case isIP:
			return opinion{}
		case f.resolveErr == nil:
			return no("%s resolves to %s", f.target.Host, f.addressList())
		case errors.As(f.resolveErr, &dns) && dns.IsNotFound:
			return yes("the resolver says that %s does not exist", f.target.Host)
		case errors.As(f.resolveErr, &dns) && dns.IsTimeout:
			return yes("the resolver did not answer the question for %s in time", f.target.Host)
		}
		return yes("the resolver could not answer for %s: %s", f.target.Host, clip(f.resolveErr.Error(), 120))
	}},
	{id: "connection-refused", ask: func(f *facts) opinion {
		switch {
		case f.resolveErr != nil:
			return opinion{}
		case f.reach == refused:
			return yes("%s answers the connection with a reset: nothing listens there, or a firewall rejects", f.dialer.address)
		case f.refusing() != "":
			return yes("%s refuses connections while %s takes them", f.refusing(), f.dialer.address).by("clients that take that address of the name").onlyElsewhere()
		case f.reachable():
			return no("%s takes connections", f.dialer.address)
		}
		return opinion{}
	}},
	{id: "network-unreachable", ask: func(f *facts) opinion {
		switch {
		case f.resolveErr != nil:
			return opinion{}
		case f.reach == unreachable:
			return yes("the network answers that %s cannot be reached", f.dialer.address)
		case f.reachable():
			return no("%s takes connections", f.dialer.address)
		}
		return opinion{}
	}},
	{id: "fd-exhaustion", ask: func(f *facts) opinion {
		switch {
		case f.queue.exhausted():
			return yes("%s has %d of %d file descriptors open, and %d connections wait to be accepted", f.queue.program(), f.queue.open, f.queue.limit, f.queue.waiting)
		case f.hung() && f.queue == nil:
			return perhaps("the kernel takes connections and the program does nothing with them; whether it has file descriptors left can only be seen there")
		case f.hung() && f.queue.limit > 0:
			return perhaps("%s has %d of %d file descriptors open; a limit of the whole system is not excluded", f.queue.program(), f.queue.open, f.queue.limit)
		case f.answers():
			return no("the server accepted every connection of the probe")
		}
		return opinion{}
	}},
	{id: "handshake-overload", ask: func(f *facts) opinion {
		full := f.overflowed()
		switch {
		case f.queue.exhausted():
			return opinion{}
		case f.hung() && f.queue.stuck():
			return yes("%d connections wait to be accepted: %s does not accept them", f.queue.waiting, f.queue.program())
		case full > 0 && f.reachable() && f.slow() > 0:
			return yes("some connections were taken and %d got no answer to their SYN: the queue of the listener is full", full)
		case f.reach == timedOut && f.queue != nil && f.queue.waiting > 0:
			return yes("%d connections wait to be accepted, and more get no answer: %s does not accept", f.queue.waiting, f.queue.program())
		case f.slow() > time.Second:
			return perhaps("the handshake took %s, the connection to the same address far less", round(f.slow()))
		case f.hung():
			return perhaps("the connection is taken and nothing answers, as where the accept loop is stuck or starved")
		case f.answers():
			return no("the server answered within %s", round(f.slow()))
		}
		return opinion{}
	}},
	{id: "connect-timeout", ask: func(f *facts) opinion {
		switch {
		case f.resolveErr != nil:
			return opinion{}
		case f.reach == timedOut:
			return yes("%s does not answer a SYN: a firewall drops it, the host is down, or its queue is full", f.dialer.address)
		case f.reachable():
			return no("%s takes connections", f.dialer.address)
		}
		return opinion{}
	}, symptom: true},
	{id: "listener-not-configured", ask: func(f *facts) opinion {
		switch {
		case f.reach == refused:
			return perhaps("nothing listens on port %d; whether a listener was configured, the server's configuration tells", f.target.Port)
		case f.answers():
			return no("port %d has a listener", f.target.Port)
		}
		return opinion{}
	}},
	{id: "bug-nanomq-listener-cancelled", ask: func(f *facts) opinion {
		switch {
		case f.hung():
			return perhaps("the connection is taken and the ClientHello gets no answer, as NanoMQ 0.22.0 to 0.22.7 does once a handshake has failed; its plain listener still answers then")
		case f.good:
			return no("the TLS listener answers")
		}
		return opinion{}
	}},
	{id: "bug-salvo-blocking-accept", ask: func(f *facts) opinion {
		switch {
		case f.hung() && (f.queue == nil || f.queue.stuck()):
			return perhaps("nobody accepts, as in Salvo up to 0.64.1 while one stalled client holds the accept loop")
		case f.good:
			return no("handshakes beside each other are answered")
		}
		return opinion{}
	}},
}

// addressList names the addresses of the target.
func (f *facts) addressList() string {
	var list []string
	for _, a := range f.addresses {
		text := a.Address
		if a.State != "" && a.State != "connected" {
			text += " (" + a.State + ")"
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

// refusing names the addresses that refuse while others do not.
func (f *facts) refusing() string {
	var list []string
	for _, a := range f.addresses {
		if a.State == string(refused) {
			list = append(list, a.Address)
		}
	}
	if !f.reachable() {
		return ""
	}
	return strings.Join(list, ", ")
}

// answers reports whether the server said anything, or at least hung up.
func (f *facts) answers() bool {
	return f.reachable() && f.speaks != string(silent)
}

// overflowed counts the attempts that got no answer to their SYN while others connected.
func (f *facts) overflowed() int {
	n := 0
	attempts, _, _ := f.dialer.protocol()
	for _, a := range attempts {
		if a.Outcome == string(timedOut) && !strings.HasPrefix(a.What, "a connection to ") {
			n++
		}
	}
	return n
}

// slow is how long the first handshake took, or was waited for.
func (f *facts) slow() time.Duration {
	if f.today == nil {
		return 0
	}
	return f.today.took
}

func round(d time.Duration) time.Duration { return d.Round(time.Millisecond) }

// program names the process that listens.
func (q *queue) program() string {
	if q == nil || q.process == "" {
		return "the program"
	}
	return fmt.Sprintf("the program %s", q.process)
}
