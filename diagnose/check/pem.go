package check

import (
	"bytes"
	"encoding/base64"
	"strings"
)

var (
	rulePEM     = newRule("pem-damaged", "outage", "key-or-cert-format-invalid", "a PEM file is damaged")
	rulePEMMark = newRule("pem-byte-order-mark", "outage", "key-or-cert-format-invalid", "a PEM file begins with a byte order mark")
	rulePEMCRLF = newRule("pem-crlf", "watch", "key-or-cert-format-invalid", "a PEM file has the line ends of Windows")
	rulePEMNone = newRule("pem-missing", "outage", "key-or-cert-format-invalid", "a file that should be PEM is none")
)

// mostBlocks bounds the blocks of one file; the largest public bundles have some hundreds.
const mostBlocks = 5000

// pemBlock is one -----BEGIN … END----- of a file.
type pemBlock struct {
	label     string
	data      []byte
	encrypted bool  // by the headers of RFC 1421
	at        Place // of the BEGIN line
}

const (
	pemBegin = "-----BEGIN "
	pemEnd   = "-----END "
	pemTail  = "-----"
)

// parsePEM reads the blocks of a file as OpenSSL and Go do (RFC 7468), and reports damage with its place, which those
// parsers pass over in silence or without a position.
func (r *run) parsePEM(d *document) (blocks []pemBlock) {
	data := d.data
	if bytes.HasPrefix(data, byteOrderMark) {
		r.report(rulePEMMark, "", d.at(0, `\ufeff`+string(firstLine(data[3:]))), "the file begins with a byte order mark, so that -----BEGIN does not begin the line",
			"OpenSSL and Go do not find the first block: no start line, failed to find any PEM data", "save the file as UTF-8 without a byte order mark (or plain ASCII)")
		data = data[3:]
	}
	if before := bytes.Count(data, []byte("\r\n")); before > 0 {
		line := bytes.Index(d.data, []byte("\r\n"))
		r.report(rulePEMCRLF, "", d.at(line, `\r\n`), "the lines end as on Windows (CR LF)",
			"most libraries read it, some tools and scripts do not, and a file that is put together from such parts breaks", "convert it: sed -i 's/\\r$//' FILE")
	}
	p := pemParser{run: r, d: d}
	for i, raw := range bytes.Split(data, []byte("\n")) {
		p.line(i+1, string(bytes.TrimRight(raw, "\r")))
		if len(p.blocks) >= mostBlocks {
			break
		}
	}
	p.finish()
	return p.blocks
}

// pemParser takes the lines of a file one after the other.
type pemParser struct {
	run     *run
	d       *document
	blocks  []pemBlock
	open    bool
	current pemBlock
	body    strings.Builder
	bad     bool // the current block is damaged, and that was said
	headers bool
	started int // line of BEGIN
	broken  int // damaged blocks
}

// damage reports what is wrong in a line, once a block.
func (p *pemParser) damage(line, column int, text, problem, fix string) {
	if !p.bad {
		p.run.report(rulePEM, "", p.d.place(line, column, text), problem, "the block is not read: the program has no such certificate or key", fix)
		p.broken++
	}
	p.bad = true
}

const copyAgain = "copy the file again from where it was issued, as a whole"

func (p *pemParser) line(n int, line string) {
	trimmed := strings.TrimSpace(line)
	switch {
	case strings.Contains(line, "BEGIN ") && strings.Contains(line, "--"):
		if p.open {
			p.damage(p.started, 1, p.d.lineText(p.started), "the block of "+p.current.label+" has no END line before the next BEGIN", copyAgain)
		}
		p.begin(n, line)
	case !p.open:
		if strings.HasPrefix(trimmed, pemEnd) {
			p.bad = false
			p.damage(n, 1, trimmed, "an END line without a BEGIN", copyAgain)
		}
	case strings.Contains(line, "END ") && strings.Contains(line, "--"):
		p.end(n, line, trimmed)
	case strings.Contains(trimmed, ":"):
		p.headers = true
		if strings.HasPrefix(trimmed, "Proc-Type:") && strings.Contains(trimmed, "ENCRYPTED") {
			p.current.encrypted = true
		}
	default:
		p.base64(n, line, trimmed)
	}
}

func (p *pemParser) begin(n int, line string) {
	p.open, p.bad, p.headers, p.started = true, false, false, n
	p.body.Reset()
	p.current = pemBlock{at: p.d.place(n, 1, strings.TrimSpace(line))}
	start := strings.Index(line, pemBegin)
	rest := strings.TrimRight(line, " \t")
	switch {
	case strings.Contains(line, `\n`):
		p.damage(n, strings.Index(line, `\n`)+1, line, `the line ends are the two characters \n, not line ends`, `write real line ends (printf '%b' "$TEXT" > FILE)`)
		p.open = false
		return
	case start < 0 || !strings.HasSuffix(rest, pemTail) || strings.HasSuffix(rest, "------") || len(rest) < start+len(pemBegin)+len(pemTail):
		p.damage(n, 1, line, "the BEGIN line does not have five dashes on both sides and a label", "write it as -----BEGIN CERTIFICATE-----")
	case start > 0:
		p.damage(n, start+1, line, "-----BEGIN does not stand at the beginning of its line", "take what stands in front of it away (often an indentation)")
	}
	if start >= 0 {
		p.current.label = strings.TrimSuffix(rest[min(start+len(pemBegin), len(rest)):], pemTail)
	}
}

func (p *pemParser) end(n int, line, trimmed string) {
	if trimmed != pemEnd+p.current.label+pemTail {
		p.damage(n, 1, trimmed, "the END line does not fit its BEGIN "+show(p.current.label), copyAgain)
	} else if !strings.HasPrefix(line, pemEnd) {
		p.damage(n, 1, line, "-----END does not stand at the beginning of its line", "take what stands in front of it away")
	}
	p.close(n)
	p.open = false
}

// close decodes the body.
func (p *pemParser) close(n int) {
	if p.bad {
		return
	}
	data, err := base64.StdEncoding.DecodeString(p.body.String())
	switch {
	case err != nil:
		p.damage(n, 1, p.d.lineText(n), "the base64 of the block breaks off: characters are missing", copyAgain)
	case len(data) == 0:
		p.damage(p.started, 1, p.d.lineText(p.started), "the block is empty", copyAgain)
	default:
		p.current.data = data
		p.blocks = append(p.blocks, p.current)
	}
}

func (p *pemParser) base64(n int, line, trimmed string) {
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/', c == '=', c == ' ', c == '\t':
		default:
			p.damage(n, i+1, line[i:min(i+1, len(line))], "a character that is none of base64", copyAgain)
			return
		}
	}
	p.body.WriteString(strings.NewReplacer(" ", "", "\t", "").Replace(trimmed))
}

// finish ends the file.
func (p *pemParser) finish() {
	if p.open {
		p.damage(p.started, 1, p.d.lineText(p.started), "the block of "+show(p.current.label)+" has no END line: the file is cut off", copyAgain)
	}
}
