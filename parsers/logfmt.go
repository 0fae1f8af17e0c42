package parsers

import "bytes"

func init() {
	Register(Format{
		Name:  "logfmt",
		Title: "logfmt (logrus, slog, go-kit, Prometheus): time=… level=… msg=…",
		Rank:  4,
		Mixed: true,
		Timed: true,
		Parse: parseLogfmt,
	})
}

// parseLogfmt takes key=value pairs that begin with one of the keys of a logger, and logrus' terminal layout
// INFO[0001] message key=value.
func parseLogfmt(line []byte, r *Record, c *Clock) bool {
	if len(line) < 10 {
		return false
	}
	if line[4] == '[' {
		return parseLogrusText(line, r)
	}
	at := bytes.IndexByte(line[:min(len(line), 12)], '=')
	if at < 1 {
		return false
	}
	switch string(line[:at]) {
	case "time", "ts", "t", "timestamp", "level", "lvl", "msg", "severity":
	default:
		return false
	}
	known := 0
	for rest := line; len(rest) > 0; {
		name, value, after, ok := pair(rest, r)
		if !ok {
			// A word without a value, or a quote that is never closed: keep it with the message.
			break
		}
		rest = after
		switch string(name) {
		case "time", "ts", "t", "timestamp":
			if r.Time.Kind == TimeNone {
				if t, n := c.ParseTime(value); n > 0 && n == len(value) {
					r.Time = t
					known++
					continue
				}
				if t, ok := ParseEpoch(value); ok {
					r.Time = t
					known++
					continue
				}
			}
		case "level", "lvl", "severity":
			if r.Severity == SeverityUnset {
				r.Severity, r.SeverityText = ParseSeverity(value), value
				known++
				continue
			}
		case "msg", "message":
			if r.Body == nil {
				r.Body = value
				known++
				continue
			}
		case "logger", "name", "component", "module", "subsystem":
			if r.Scope == nil {
				r.Scope = value
				continue
			}
		case "caller", "source":
			r.CodeLine = lineAfterColon(value)
		}
		r.Add(name, value)
	}
	if known < 2 {
		return false
	}
	if r.Body == nil {
		r.Body = line
	}
	return true
}

// pair cuts one key=value or key="quoted value"; the value is unquoted.
func pair(b []byte, r *Record) (name, value, rest []byte, ok bool) {
	n := 0
	for n < len(b) && b[n] != '=' && b[n] != ' ' && b[n] != '"' {
		n++
	}
	if n == 0 || n >= len(b) || b[n] != '=' {
		return nil, nil, b, false
	}
	name = b[:n]
	b = b[n+1:]
	if len(b) == 0 || b[0] != '"' {
		n = bytes.IndexByte(b, ' ')
		if n < 0 {
			return name, b, nil, true
		}
		return name, b[:n], bytes.TrimLeft(b[n:], " "), true
	}
	escaped := false
	for n = 1; n < len(b) && b[n] != '"'; n++ {
		if b[n] == '\\' {
			escaped = true
			n++
		}
	}
	if n >= len(b) {
		return nil, nil, b, false
	}
	value = b[1:n]
	if escaped {
		value = unescape(value, r)
	}
	return name, value, bytes.TrimLeft(b[n+1:], " "), true
}

// unescape resolves the escapes of Go's %q that occur in messages; the result is borrowed from r.
func unescape(b []byte, r *Record) []byte {
	start := len(r.arena)
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c == '\\' && i+1 < len(b) {
			i++
			switch c = b[i]; c {
			case 'n':
				c = '\n'
			case 't':
				c = '\t'
			case 'r':
				c = '\r'
			case 'x':
				if i+2 < len(b) {
					if hi, lo := hexDigit(b[i+1]), hexDigit(b[i+2]); hi >= 0 && lo >= 0 {
						c = byte(hi<<4 | lo)
						i += 2
					}
				}
			}
		}
		r.arena = append(r.arena, c)
	}
	return r.arena[start:len(r.arena):len(r.arena)]
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// parseLogrusText takes INFO[0001] message key=value; the number counts seconds since the start.
func parseLogrusText(line []byte, r *Record) bool {
	switch string(line[:4]) {
	case "TRAC":
		r.Severity = SeverityTrace
	case "DEBU":
		r.Severity = SeverityDebug
	case "INFO":
		r.Severity = SeverityInfo
	case "WARN":
		r.Severity = SeverityWarn
	case "ERRO":
		r.Severity = SeverityError
	case "FATA", "PANI":
		r.Severity = SeverityFatal
	default:
		return false
	}
	n := countDigits(line[5:])
	if n < 4 || 5+n+1 >= len(line) || line[5+n] != ']' {
		return false
	}
	seconds, _ := digits(line[5 : 5+n])
	r.Time = Timestamp{Nano: int64(seconds) * 1e9, Kind: TimeUptime}
	r.SeverityText = line[:4]
	rest := bytes.TrimLeft(line[5+n+1:], " ")
	r.Body = bytes.TrimRight(rest, " ")
	// The pairs stand at the end, after a message padded to a column. A message may hold "=" itself, so the
	// first few candidates are tried.
	for at, tries := 0, 0; tries < maxPairStarts; tries++ {
		equals := bytes.IndexByte(rest[at:], '=')
		if equals < 0 {
			break
		}
		begin := bytes.LastIndexByte(rest[:at+equals], ' ') + 1
		at += equals + 1
		if begin == 0 {
			continue
		}
		if tail := rest[begin:]; allPairs(tail, r) {
			r.Body = bytes.TrimRight(rest[:begin], " ")
			for len(tail) > 0 {
				name, value, after, _ := pair(tail, r)
				r.Add(name, value)
				tail = after
			}
			break
		}
	}
	return len(r.Body) > 0
}

const maxPairStarts = 8

func allPairs(b []byte, r *Record) bool {
	if len(b) == 0 || b[0] == ' ' {
		return false
	}
	for len(b) > 0 {
		_, _, rest, ok := pair(b, r)
		if !ok {
			return false
		}
		b = rest
	}
	return true
}
