package parsers

import "bytes"

// syslogSeverities are the eight severities of RFC 5424, section 6.2.1, in the numbers of OpenTelemetry.
// They are all different, so that the number can be found again.
var syslogSeverities = [8]Severity{
	SeverityFatal, SeverityError + 3, SeverityError + 2, SeverityError,
	SeverityWarn, SeverityInfo + 1, SeverityInfo, SeverityDebug,
}

// peelSyslog peels what begins with "<PRI>": RFC 5424, RFC 3164 with or without a host (the local socket
// has none) and the bare "<PRI>ident: message".
func peelSyslog(line []byte, r *Record, c *Clock) ([]byte, string) {
	end := bytes.IndexByte(line[:min(len(line), 5)], '>')
	if end < 2 {
		return nil, ""
	}
	priority, ok := digits(line[1:end])
	if !ok || priority > 191 {
		return nil, ""
	}
	rest := line[end+1:]
	inner, ok := peelRFC5424(rest, r, c)
	if !ok {
		t, n := parseStampPrecise(rest, c)
		if n == 0 {
			t, n = c.ParseTime(rest)
		}
		if n > 0 && (n >= len(rest) || rest[n] != ' ') {
			return nil, ""
		}
		if n > 0 {
			rest = rest[n+1:]
		}
		if inner, ok = peelHostIdent(rest, r, false); !ok {
			if inner, ok = peelIdent(rest, r, false); !ok {
				return nil, ""
			}
		}
		if n > 0 {
			r.Envelope.setTime(t)
		}
	}
	r.Envelope.Severity = syslogSeverities[priority%8]
	return inner, kindSyslog
}

// peelRFC5424 peels "1 TIME HOST APP PROCID MSGID SD message"; "-" stands for what is missing.
func peelRFC5424(b []byte, r *Record, c *Clock) ([]byte, bool) {
	if len(b) < 2 || b[0] != '1' || b[1] != ' ' {
		return nil, false
	}
	b = b[2:]
	var words [5][]byte
	for i := range words {
		end := bytes.IndexByte(b, ' ')
		if end <= 0 {
			return nil, false
		}
		if words[i] = b[:end]; string(words[i]) == "-" {
			words[i] = nil
		}
		b = b[end+1:]
	}
	var t Timestamp
	if words[0] != nil {
		var n int
		if t, n = c.ParseTime(words[0]); n != len(words[0]) {
			return nil, false
		}
	}
	switch {
	case len(b) > 0 && b[0] == '-':
		b = b[1:]
	case len(b) > 0 && b[0] == '[':
		for len(b) > 0 && b[0] == '[' {
			end := structuredEnd(b)
			if end < 0 {
				return nil, false
			}
			b = b[end:]
		}
	default:
		return nil, false
	}
	if len(b) > 0 {
		if b[0] != ' ' {
			return nil, false
		}
		b = bytes.TrimPrefix(b[1:], byteOrderMark)
	}
	r.Envelope.setTime(t)
	r.Envelope.Host, r.Envelope.Container, r.Envelope.PID = words[1], words[2], words[3]
	return b, true
}

var byteOrderMark = []byte{0xef, 0xbb, 0xbf}

// structuredEnd returns the offset behind one element of structured data, or -1.
func structuredEnd(b []byte) int {
	quoted := false
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] == '\\' && quoted:
			i++
		case b[i] == '"':
			quoted = !quoted
		case b[i] == ']' && !quoted:
			return i + 1
		}
	}
	return -1
}

// peelJournald peels "Nov 22 00:12:09 host prog[123]: message", as journalctl prints it and syslog daemons
// write it, with or without microseconds.
func peelJournald(line []byte, r *Record, c *Clock) ([]byte, string) {
	t, n := parseStampPrecise(line, c)
	if n == 0 || n >= len(line) || line[n] != ' ' {
		return nil, ""
	}
	rest := line[n+1:]
	inner, ok := peelHostIdent(rest, r, false)
	if !ok {
		if inner, ok = peelIdent(rest, r, true); !ok {
			if inner, ok = peelDovecot(rest, r); !ok {
				return nil, ""
			}
		}
	}
	r.Envelope.setTime(t)
	return inner, kindJournald
}

// peelJournaldISO peels the same behind an ISO time with a numeric zone. Programs write such times too, so
// the process id must be there.
func peelJournaldISO(stamp, rest []byte, r *Record, c *Clock) ([]byte, string) {
	if sign := len(stamp) - 5; stamp[sign] != '+' && stamp[sign] != '-' && stamp[sign-1] != '+' && stamp[sign-1] != '-' {
		return nil, ""
	}
	inner, ok := peelHostIdent(rest, r, true)
	if !ok {
		return nil, ""
	}
	t, n := c.ParseTime(stamp)
	if n != len(stamp) || t.Kind != TimeZoned {
		r.Envelope.Host, r.Envelope.Container, r.Envelope.PID = nil, nil, nil
		return nil, ""
	}
	r.Envelope.setTime(t)
	return inner, kindJournald
}

// peelHostIdent peels "host ident[pid]: ".
func peelHostIdent(b []byte, r *Record, pid bool) ([]byte, bool) {
	end := bytes.IndexByte(b[:min(len(b), 256)], ' ')
	if end <= 0 {
		return nil, false
	}
	host := b[:end]
	for _, c := range host {
		if !isWord(c) && c != '-' && c != '.' && c != ':' && c != '*' { // asterisks hide names in excerpts
			return nil, false
		}
	}
	if host[end-1] == ':' || ParseSeverity(host) != SeverityUnset {
		return nil, false
	}
	inner, ok := peelIdent(b[end+1:], r, pid)
	if ok {
		r.Envelope.Host = host
	}
	return inner, ok
}

// peelIdent peels "ident[pid]: " or, unless the process id is demanded, "ident: ".
func peelIdent(b []byte, r *Record, pid bool) ([]byte, bool) {
	i := 0
	for i < len(b) && i < 128 && isIdent(b[i]) {
		i++
	}
	if i == 0 || i == len(b) {
		return nil, false
	}
	ident := b[:i]
	var process []byte
	if b[i] == '[' {
		from := i + 1
		for i = from; i < len(b) && isDigit(b[i]); i++ {
		}
		if i == from || i == len(b) || b[i] != ']' {
			return nil, false
		}
		process = b[from:i]
		i++
	} else if pid && string(ident) != "kernel" {
		return nil, false
	}
	if i >= len(b) || b[i] != ':' || ParseSeverity(ident) != SeverityUnset {
		return nil, false
	}
	if i++; i < len(b) && b[i] != ' ' {
		return nil, false
	}
	r.Envelope.Container, r.Envelope.PID = ident, process
	return b[min(i+1, len(b)):], true
}

// peelDovecot peels "ident: " where a level word follows ("imap-login: Error: …"): Dovecot's own files name
// neither host nor process.
func peelDovecot(b []byte, r *Record) ([]byte, bool) {
	colon := bytes.IndexByte(b, ':')
	if colon < 0 || colon+2 >= len(b) {
		return nil, false
	}
	level := b[colon+2:]
	if end := bytes.IndexByte(level, ':'); end < 0 || ParseSeverity(level[:end]) == SeverityUnset {
		return nil, false
	}
	return peelIdent(b, r, false)
}

func isIdent(c byte) bool {
	return isWord(c) || c == '-' || c == '.' || c == '/' || c == '@' || c == '(' || c == ')'
}

// parseStampPrecise reads the BSD form with an optional fraction (journalctl -o short-precise).
func parseStampPrecise(b []byte, c *Clock) (Timestamp, int) {
	t, n := c.ParseStamp(b)
	if n == 0 || n+1 >= len(b) || b[n] != '.' || !isDigit(b[n+1]) {
		return t, n
	}
	scale := int64(100_000_000)
	for n++; n < len(b) && isDigit(b[n]); n++ {
		t.Nano += int64(b[n]-'0') * scale
		scale /= 10
	}
	return t, n
}
