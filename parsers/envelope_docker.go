package parsers

import (
	"bytes"
	"unicode/utf8"
)

var dockerHead = []byte(`{"log":`)

// docker peels {"log":"…\n","stream":"stdout","time":"…"}. A program's own JSON may have a "log" too, so the
// stream must be named. Docker cuts lines at 16 KiB: every piece but the last lacks the line feed.
func (p *peeler) docker(line []byte, r *Record, c *Clock) ([]byte, string) {
	if !bytes.HasPrefix(line, dockerHead) {
		return nil, ""
	}
	raw, rest := scanJSONString(skipBlanks(line[len(dockerHead):]))
	if raw == nil {
		return nil, ""
	}
	var stream []byte
	var stamp Timestamp
	for {
		rest = skipBlanks(rest)
		if len(rest) == 0 || rest[0] != ',' {
			break
		}
		var key, value []byte
		var text bool
		if key, value, text, rest = jsonField(skipBlanks(rest[1:])); key == nil {
			return nil, ""
		}
		if !text {
			continue
		}
		switch string(key) {
		case "stream":
			stream = value
		case "time":
			stamp, _ = c.ParseTime(value)
		}
	}
	if len(rest) == 0 || rest[0] != '}' || stream == nil {
		return nil, ""
	}
	inner := unescapeJSON(raw, r)
	if n := len(inner); n > 0 && inner[n-1] == '\n' {
		inner = inner[:n-1]
	} else if !p.wholeLogs {
		r.Envelope.Partial = true
	}
	r.Envelope.Stream = stream
	r.Envelope.setTime(stamp)
	return inner, kindDocker
}

// wholeDockerLogs reports that a source holds docker lines of which none ends in a line feed.
func wholeDockerLogs(sample []byte) bool {
	return bytes.HasPrefix(sample, dockerHead) && !bytes.Contains(sample, []byte(`\n"`))
}

func skipBlanks(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	return b
}

// scanJSONString returns the inside of the JSON string that b begins with, still escaped, and what follows.
// The inside is nil when there is no whole string.
func scanJSONString(b []byte) (inside, rest []byte) {
	if len(b) == 0 || b[0] != '"' {
		return nil, nil
	}
	b = b[1:]
	for i := 0; ; i++ {
		quote := bytes.IndexByte(b[i:], '"')
		if quote < 0 {
			return nil, nil
		}
		i += quote
		slashes := 0
		for slashes < i && b[i-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return b[:i:i], b[i+1:]
		}
	}
}

// skipJSONValue returns what follows the number, literal, object or array that b begins with, or nil.
func skipJSONValue(b []byte) []byte {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			inside, rest := scanJSONString(b[i:])
			if inside == nil {
				return nil
			}
			i = len(b) - len(rest) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return b[i:]
			}
			depth--
		case ',':
			if depth == 0 {
				return b[i:]
			}
		}
	}
	return nil
}

// unescapeJSON decodes the inside of a JSON string into memory of r. What is no valid escape stays as it is:
// a log line is worth more than the form of its wrapping.
func unescapeJSON(b []byte, r *Record) []byte {
	i := bytes.IndexByte(b, '\\')
	if i < 0 {
		return b
	}
	if i == len(b)-2 && b[i+1] == 'n' {
		// Only the line feed at the end is escaped: the common case.
		return r.Hold(b[:i], newline)
	}
	start := len(r.arena)
	out := r.arena
	for i >= 0 {
		out = append(out, b[:i]...)
		b = b[i:]
		if len(b) < 2 {
			break
		}
		n := 2
		switch b[1] {
		case '"', '\\', '/':
			out = append(out, b[1])
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			var char rune
			char, n = unescapeRune(b)
			if n == 0 {
				out = append(out, b[:2]...)
				n = 2
			} else {
				out = utf8.AppendRune(out, char)
			}
		default:
			out = append(out, b[:2]...)
		}
		b = b[n:]
		i = bytes.IndexByte(b, '\\')
	}
	out = append(out, b...)
	r.arena = out
	return out[start:len(out):len(out)]
}

// unescapeRune decodes \uXXXX or a pair of surrogates at the beginning of b.
func unescapeRune(b []byte) (char rune, n int) {
	char, ok := hex4(b)
	if !ok {
		return 0, 0
	}
	if char >= 0xd800 && char < 0xdc00 && len(b) >= 12 {
		if low, ok := hex4(b[6:]); ok && low >= 0xdc00 && low < 0xe000 {
			return (char-0xd800)<<10 + (low - 0xdc00) + 0x10000, 12
		}
	}
	return char, 6
}

func hex4(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	var v rune
	for _, c := range b[2:6] {
		switch {
		case isDigit(c):
			v = v<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			v = v<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			v = v<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	return v, true
}
