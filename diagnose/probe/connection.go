package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/whytls/whytls/diagnose"
)

// ending is how a connection, or the try to make one, came to its end.
type ending string

const (
	stillOpen   ending = ""
	closed      ending = "closed"      // FIN
	reset       ending = "reset"       // RST
	silent      ending = "silent"      // nothing until the time was up
	refused     ending = "refused"     // RST in answer to SYN
	unreachable ending = "unreachable" // ICMP, or no route
	timedOut    ending = "timeout"     // no answer to SYN
	unbudgeted  ending = "left out"    // the limit of connections was reached
)

var errBudget = errors.New("the limit of connections or of time is reached")

// shortDial is how long a dial has to wait at least to say that nobody answers: a lost SYN is sent again after a second.
const shortDial = 700 * time.Millisecond

// endingOf reads the error of a read or write.
func endingOf(err error) ending {
	switch {
	case err == nil:
		return stillOpen
	case errors.Is(err, errBudget):
		return unbudgeted
	case errors.Is(err, syscall.ECONNREFUSED):
		return refused
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNABORTED):
		return reset
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTDOWN),
		errors.Is(err, syscall.ENETDOWN), errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.EPERM), errors.Is(err, syscall.EACCES):
		return unreachable
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.Is(err, net.ErrClosed):
		return silent
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return closed
	}
	return stillOpen
}

// dialer makes the connections of one probe. It bounds and counts them, and keeps a protocol of what was tried. It is safe
// for concurrent use.
type dialer struct {
	begin   time.Time
	address string // HOST:PORT with an IP address, set once one is chosen

	mu       sync.Mutex
	left     int
	made     int
	reached  bool // a connection was made
	omitted  int
	attempts []*Attempt
}

// dial connects to the chosen address. What says what is going to be sent.
func (d *dialer) dial(ctx context.Context, what string) (*connection, error) {
	return d.dialTo(ctx, d.address, what)
}

func (d *dialer) dialTo(ctx context.Context, address, what string) (*connection, error) {
	d.mu.Lock()
	if d.left <= 0 || ctx.Err() != nil {
		d.omitted++
		d.mu.Unlock()
		return nil, errBudget
	}
	d.left--
	d.made++
	attempt := &Attempt{What: what}
	d.attempts = append(d.attempts, attempt)
	d.mu.Unlock()
	begin := time.Now()
	raw, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		outcome := endingOf(err)
		if outcome == silent {
			if outcome = timedOut; time.Since(begin) < shortDial {
				outcome, err = unbudgeted, errBudget // too late to tell anything
			}
		}
		d.note(attempt, string(outcome), nil)
		return nil, fmt.Errorf("connecting to %s: %w", address, err)
	}
	d.mu.Lock()
	d.reached = true
	d.mu.Unlock()
	c := &connection{Conn: raw, dialer: d, attempt: attempt}
	if deadline, ok := ctx.Deadline(); ok {
		_ = raw.SetDeadline(deadline)
	}
	c.stop = context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })
	return c, nil
}

// note completes the protocol of an attempt.
func (d *dialer) note(a *Attempt, outcome string, received []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a.Outcome, a.Bytes, a.Seconds = outcome, escape(received, shownBytes), time.Since(d.begin).Seconds()
}

// hasReached reports whether any connection was made so far.
func (d *dialer) hasReached() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.reached
}

// protocol returns what was tried so far.
func (d *dialer) protocol() (attempts []Attempt, made, omitted int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, a := range d.attempts {
		if a.Outcome != "" {
			attempts = append(attempts, *a)
		}
	}
	return attempts, d.made, d.omitted
}

// keptBytes bounds what is kept of the bytes of one connection: the first flight of a handshake.
const keptBytes = 64 << 10

// connection is a connection that remembers what was received on it. One goroutine reads.
type connection struct {
	net.Conn
	dialer  *dialer
	attempt *Attempt
	stop    func() bool

	mu       sync.Mutex
	received []byte
	last     error // of the last read
}

func (c *connection) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.mu.Lock()
	c.received = append(c.received, b[:min(n, keptBytes-len(c.received))]...)
	if err != nil {
		c.last = err
	}
	c.mu.Unlock()
	return n, err
}

// seen returns the first bytes received so far.
func (c *connection) seen() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.received[:len(c.received):len(c.received)]
}

// readError returns the error of the last read, which the layers above may have reworded.
func (c *connection) readError() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

// finish closes the connection and notes how it went.
func (c *connection) finish(outcome string) {
	c.stop()
	_ = c.Close()
	c.dialer.note(c.attempt, outcome, c.seen())
}

// shownBytes is how much of an answer is shown.
const shownBytes = 48

// escape renders bytes of a server so that no terminal obeys them: printable ASCII as it is, the rest, and all of what is
// mostly not text, as \xNN.
//
// Secrets are taken out before the cut, which could leave one half of a word that marks them.
func escape(b []byte, most int) string {
	b = []byte(diagnose.Redacted(string(b[:min(len(b), maxAnswer)])))
	binary := 0
	for _, c := range b[:min(len(b), most)] {
		if (c < ' ' || c >= 0x7f) && c != '\r' && c != '\n' {
			binary++
		}
	}
	var s strings.Builder
	for i, c := range b {
		if i == most {
			s.WriteString("…")
			break
		}
		switch {
		case binary > min(len(b), most)/3: // letters in it are chance
			fmt.Fprintf(&s, `\x%02x`, c)
		case c == '\\':
			s.WriteString(`\\`)
		case c == '\r':
			s.WriteString(`\r`)
		case c == '\n':
			s.WriteString(`\n`)
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&s, `\x%02x`, c)
		default:
			s.WriteByte(c)
		}
	}
	return s.String()
}

// clip renders text of a server, such as a name in a certificate: what can be printed as it is, the rest escaped, at most so
// many bytes of it.
func clip(s string, most int) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case i >= most:
			b.WriteString("…")
			return b.String()
		case r == utf8.RuneError || !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
