package probe

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// preamble is how the plaintext step before TLS went.
type preamble struct {
	service string
	// greeted is set when the server behaved as that protocol says; offered when it said that it can do TLS.
	greeted, offered, accepted bool
	last                       []byte // what the server said last
	err                        error
}

// errNoStartTLS means that the server speaks the protocol and will not turn to TLS.
var errNoStartTLS = errors.New("the server does not offer STARTTLS")

// startTLSProtocols are the plaintext steps, by protocol.
var startTLSProtocols = map[string]func(rw *lineConversation, host string) error{
	"smtp": startSMTP, "imap": startIMAP, "pop3": startPOP3, "ftp": startFTP, "xmpp": startXMPP,
	"postgres": startPostgres, "mysql": startMySQL, "ldap": startLDAP,
}

// StartTLSProtocols lists the protocols whose plaintext step is known, in order.
func StartTLSProtocols() []string {
	var names []string
	for name := range startTLSProtocols {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// startTLS goes through the plaintext step of a protocol, up to where the ClientHello belongs.
func startTLS(conn io.ReadWriter, service, host string) *preamble {
	p := &preamble{service: service}
	step := startTLSProtocols[service]
	if step == nil {
		p.err = fmt.Errorf("the plaintext step of %s is not known", service)
		return p
	}
	c := &lineConversation{r: conn, w: conn, p: p}
	p.err = step(c, host)
	p.accepted = p.err == nil
	return p
}

// lineConversation is a dialogue in lines or packets. It reads no byte more than it needs: what follows belongs to TLS.
type lineConversation struct {
	r io.Reader
	w io.Writer
	p *preamble
}

// Limits of a conversation: what a server says before TLS is short.
const (
	maxLine  = 2048
	maxLines = 100
)

func (c *lineConversation) line() (string, error) {
	var line []byte
	for len(line) < maxLine {
		b, err := c.readByte()
		if err != nil {
			return "", err
		}
		line = append(line, b)
		if b == '\n' {
			break
		}
	}
	c.p.last = line
	return strings.TrimRight(string(line), "\r\n"), nil
}

func (c *lineConversation) readByte() (byte, error) {
	var b [1]byte
	_, err := io.ReadFull(c.r, b[:])
	return b[0], err
}

func (c *lineConversation) say(text string) error {
	_, err := io.WriteString(c.w, text)
	return err
}

func (c *lineConversation) packet(n int) ([]byte, error) {
	b := make([]byte, n)
	_, err := io.ReadFull(c.r, b)
	c.p.last = b
	return b, err
}

// reply reads a numbered reply of one or several lines (RFC 5321, section 4.2; RFC 959, section 4.2).
func (c *lineConversation) reply() (code string, lines []string, err error) {
	for range maxLines {
		line, err := c.line()
		if err != nil {
			return "", lines, err
		}
		lines = append(lines, line)
		if len(line) < 4 {
			if len(line) == 3 {
				return line, lines, nil
			}
			return "", lines, errNotThatProtocol
		}
		if line[3] == ' ' {
			return line[:3], lines, nil
		}
	}
	return "", lines, errNotThatProtocol
}

var errNotThatProtocol = errors.New("the server does not speak that protocol")

// startSMTP follows RFC 3207.
func startSMTP(c *lineConversation, _ string) error {
	code, _, err := c.reply()
	if err != nil {
		return err
	}
	if code != "220" {
		return errNotThatProtocol
	}
	c.p.greeted = true
	if err := c.say("EHLO whytls.invalid\r\n"); err != nil {
		return err
	}
	code, lines, err := c.reply()
	if err != nil {
		return err
	}
	for _, line := range lines {
		c.p.offered = c.p.offered || code == "250" && strings.EqualFold(strings.TrimSpace(line[min(4, len(line)):]), "STARTTLS")
	}
	if !c.p.offered {
		return errNoStartTLS
	}
	if err := c.say("STARTTLS\r\n"); err != nil {
		return err
	}
	if code, _, err = c.reply(); err != nil {
		return err
	}
	if code != "220" {
		return errNoStartTLS
	}
	return nil
}

// startIMAP follows RFC 9051, section 6.2.1. The capabilities are not asked for: the answer tells.
func startIMAP(c *lineConversation, _ string) error {
	greeting, err := c.line()
	if err != nil {
		return err
	}
	if !strings.HasPrefix(greeting, "* OK") {
		return errNotThatProtocol
	}
	c.p.greeted = true
	if err := c.say("a1 STARTTLS\r\n"); err != nil {
		return err
	}
	for range maxLines {
		line, err := c.line()
		if err != nil {
			return err
		}
		if rest, ok := strings.CutPrefix(line, "a1 "); ok {
			if c.p.offered = strings.HasPrefix(strings.ToUpper(rest), "OK"); c.p.offered {
				return nil
			}
			return errNoStartTLS
		}
	}
	return errNotThatProtocol
}

// startPOP3 follows RFC 2595, section 4.
func startPOP3(c *lineConversation, _ string) error {
	return command(c, "+OK", "STLS\r\n", "+OK")
}

// startFTP follows RFC 4217, section 4.
func startFTP(c *lineConversation, _ string) error {
	code, _, err := c.reply()
	if err != nil {
		return err
	}
	if code != "220" {
		return errNotThatProtocol
	}
	c.p.greeted = true
	if err := c.say("AUTH TLS\r\n"); err != nil {
		return err
	}
	if code, _, err = c.reply(); err != nil {
		return err
	}
	if c.p.offered = code == "234" || code == "334"; !c.p.offered {
		return errNoStartTLS
	}
	return nil
}

// command waits for a greeting, says a command, and looks at the answer.
func command(c *lineConversation, greeting, say, want string) error {
	line, err := c.line()
	if err != nil {
		return err
	}
	if !strings.HasPrefix(line, greeting) {
		return errNotThatProtocol
	}
	c.p.greeted = true
	if err := c.say(say); err != nil {
		return err
	}
	if line, err = c.line(); err != nil {
		return err
	}
	if c.p.offered = strings.HasPrefix(line, want); !c.p.offered {
		return errNoStartTLS
	}
	return nil
}

// startXMPP follows RFC 6120, section 5.4.
func startXMPP(c *lineConversation, host string) error {
	if err := c.say("<?xml version='1.0'?><stream:stream to='" + host + "' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"); err != nil {
		return err
	}
	text, err := c.until("</stream:features>", "</stream:stream>", "<stream:features/>")
	if err != nil {
		return err
	}
	c.p.greeted = strings.Contains(text, "<stream:stream")
	if c.p.offered = strings.Contains(text, "urn:ietf:params:xml:ns:xmpp-tls"); !c.p.offered {
		return errNoStartTLS
	}
	if err := c.say("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"); err != nil {
		return err
	}
	if text, err = c.until("/>", "</proceed>"); err != nil {
		return err
	}
	if !strings.Contains(text, "<proceed") {
		return errNoStartTLS
	}
	return nil
}

// until reads to the first of some texts.
func (c *lineConversation) until(ends ...string) (string, error) {
	var b []byte
	for len(b) < 8*maxLine {
		x, err := c.readByte()
		if err != nil {
			return "", err
		}
		b = append(b, x)
		c.p.last = b
		if x != '>' {
			continue
		}
		for _, end := range ends {
			if bytes.HasSuffix(b, []byte(end)) {
				return string(b), nil
			}
		}
	}
	return "", errNotThatProtocol
}

// startPostgres follows the PostgreSQL protocol, "SSL Session Encryption".
func startPostgres(c *lineConversation, _ string) error {
	if _, err := c.w.Write(postgresSSLRequest); err != nil {
		return err
	}
	b, err := c.packet(1)
	if err != nil {
		return err
	}
	switch b[0] {
	case 'S':
		c.p.greeted, c.p.offered = true, true
		return nil
	case 'N':
		c.p.greeted = true
		return errNoStartTLS
	}
	return errNotThatProtocol
}

// Capability flags of MySQL (Protocol::CapabilitiesFlags).
const (
	mysqlProtocol41 = 0x200
	mysqlSSL        = 0x800
	mysqlSecure     = 0x8000
)

// startMySQL follows MySQL's Protocol::HandshakeV10 and Protocol::SSLRequest.
func startMySQL(c *lineConversation, _ string) error {
	header, err := c.packet(4)
	if err != nil {
		return err
	}
	n := int(header[0]) | int(header[1])<<8 | int(header[2])<<16
	if n < 20 || n > maxLine || header[3] != 0 {
		return errNotThatProtocol
	}
	body, err := c.packet(n)
	if err != nil {
		return err
	}
	end := bytes.IndexByte(body[1:], 0)
	if body[0] != 10 || end < 0 || len(body) < 1+end+1+4+8+1+2 {
		return errNotThatProtocol
	}
	c.p.greeted = true
	flags := binary.LittleEndian.Uint16(body[1+end+1+4+8+1:])
	if c.p.offered = flags&mysqlSSL != 0; !c.p.offered {
		return errNoStartTLS
	}
	request := make([]byte, 4+32)
	request[0], request[3] = 32, 1
	binary.LittleEndian.PutUint32(request[4:], mysqlProtocol41|mysqlSSL|mysqlSecure)
	binary.LittleEndian.PutUint32(request[8:], 1<<24)
	request[12] = 45 // utf8mb4
	_, err = c.w.Write(request)
	return err
}

// ldapStartTLS is an LDAPMessage with the extended request 1.3.6.1.4.1.1466.20037 (RFC 4511, section 4.14).
var ldapStartTLS = []byte("\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037")

// startLDAP follows RFC 4511, section 4.14.
func startLDAP(c *lineConversation, _ string) error {
	if _, err := c.w.Write(ldapStartTLS); err != nil {
		return err
	}
	header, err := c.packet(2)
	if err != nil {
		return err
	}
	if header[0] != 0x30 {
		return errNotThatProtocol
	}
	n := int(header[1])
	if n >= 0x80 {
		length, err := c.packet(n & 0x7f % 5)
		if err != nil {
			return err
		}
		n = 0
		for _, b := range length {
			n = n<<8 | int(b)
		}
	}
	if n < 7 || n > maxLine {
		return errNotThatProtocol
	}
	body, err := c.packet(n)
	if err != nil {
		return err
	}
	// An extended response with resultCode success: … 78 len 0a 01 00.
	i := bytes.IndexByte(body, 0x78)
	if i < 0 {
		return errNotThatProtocol
	}
	c.p.greeted = true
	if c.p.offered = bytes.Contains(body[i:], []byte{0x0a, 1, 0}); !c.p.offered {
		return errNoStartTLS
	}
	return nil
}
