package parsers

import "bytes"

func init() {
	Register(Format{
		Name:  "timestamped",
		Title: "text lines that begin with a time (log4j, logback, Python, nginx, PostgreSQL, Erlang …)",
		Rank:  2,
		Mixed: true,
		Timed: true,
		Parse: parseTimestamped,

		Continues: continuesTimestamped,
		Join:      joinTimestamped,
	})
	Register(Format{
		Name:  "python-log",
		First: "DIWECF",
		Title: "Python logging without a time (LEVEL:logger:message)",
		Rank:  3,
		Mixed: true,
		Parse: parsePythonLog,
	})
}

// parseTimestamped takes any line with a time in front. What may stand between the time and the message is
// read by a few rules that hold for most loggers; what they do not know is left in the message.
func parseTimestamped(line []byte, r *Record, c *Clock) bool {
	if len(line) < 12 {
		return false
	}
	rest, ok := leadingTime(line, r, c)
	if !ok {
		return false
	}
	if inner := trimSeparators(rest); len(inner) > 19 && isDigit(inner[0]) {
		// A wrapper put its own time in front; the program's is the one that counts.
		if t, n := c.ParseTime(inner); n > 0 {
			r.Time, rest = t, inner[n:]
		}
	}
	return parsePrefix(rest, r)
}

// isException recognises the line that names an exception below a log line (Java) or below its traceback
// (Python): a dotted name that ends in Exception or Error.
func isException(line []byte) bool {
	word := firstWord(line)
	n := len(word)
	if n == 0 || bytes.IndexByte(word, '.') < 1 || bytes.IndexByte(word, '=') >= 0 || bytes.IndexByte(word, '"') >= 0 {
		return false
	}
	if word[n-1] == ':' {
		word = word[:n-1]
	} else if n < len(line) {
		return false
	}
	return bytes.HasSuffix(word, []byte("Exception")) || bytes.HasSuffix(word, []byte("Error"))
}

func continuesTimestamped(line []byte, _ *Record) bool {
	return genericContinues(line) || isException(line)
}

func joinTimestamped(line []byte, r *Record) {
	if isException(line) {
		r.JoinBody(line)
		return
	}
	joinCause(line, r)
}

// leadingTime reads the time, bare or in brackets, with a zone after a blank, as Unix seconds before a colon
// (mosquitto) or as a time of day alone, which says nothing about the date and is only skipped.
func leadingTime(line []byte, r *Record, c *Clock) ([]byte, bool) {
	if line[0] == '[' {
		t, n := c.ParseTime(line[1:])
		if n == 0 {
			t, n = parseANSIC(line[1:], c)
		}
		if n == 0 {
			return nil, false
		}
		t, zone := zoneAfter(line[1+n:], t)
		n += 1 + zone
		if n >= len(line) || line[n] != ']' {
			return nil, false
		}
		r.Time = t
		return line[n+1:], true
	}
	if !isDigit(line[0]) {
		return nil, false
	}
	if t, n := c.ParseTime(line); n > 0 {
		t, zone := zoneAfter(line[n:], t)
		n += zone
		if n < len(line) && line[n] != ' ' && line[n] != '\t' && line[n] != '|' && line[n] != ':' && line[n] != '[' {
			return nil, false
		}
		r.Time = t
		return line[n:], true
	}
	if line[10] == ':' && line[11] == ' ' {
		t, ok := ParseEpoch(line[:10])
		r.Time = t
		return line[12:], ok
	}
	if n := len("15:04:05.000"); len(line) > n && line[2] == ':' && line[5] == ':' && (line[8] == '.' || line[8] == ',') && line[n] == ' ' {
		_, ok1 := digits(line[0:2])
		_, ok2 := digits(line[3:5])
		_, ok3 := digits(line[6:8])
		_, ok4 := digits(line[9:12])
		return line[n:], ok1 && ok2 && ok3 && ok4
	}
	return nil, false
}

// parseANSIC reads "Thu May 05 14:01:45[.741166] 2022", the time of the Apache HTTP server, which names
// a year unlike that of syslog.
func parseANSIC(b []byte, c *Clock) (Timestamp, int) {
	if len(b) < len("Thu May 05 14:01:45 2022") || b[3] != ' ' {
		return Timestamp{}, 0
	}
	fraction := 0
	n := 19
	if b[n] == '.' {
		fraction = countDigits(b[n+1:])
		n += 1 + fraction
	}
	if n+5 > len(b) || b[n] != ' ' {
		return Timestamp{}, 0
	}
	year, ok := digits(b[n+1 : n+5])
	if !ok || year == 0 {
		return Timestamp{}, 0
	}
	dated := *c
	dated.Year = year
	t, used := dated.ParseStamp(b[4:])
	if used == 0 {
		return Timestamp{}, 0
	}
	scale := int64(1e9)
	for i := 0; i < fraction && scale > 1; i++ {
		scale /= 10
		t.Nano += int64(b[20+i]-'0') * scale
	}
	return t, n + 5
}

// zoneAfter reads a zone that stands behind a blank, " +0000" or " UTC", and returns the corrected time.
func zoneAfter(b []byte, t Timestamp) (Timestamp, int) {
	if t.Kind != TimeLocal || len(b) < 4 || b[0] != ' ' {
		return t, 0
	}
	var offset int32
	n := 0
	switch {
	case len(b) >= 6 && (b[1] == '+' || b[1] == '-') && isDigit(b[2]) && isDigit(b[5]):
		off, ok := zone(b[1], b[2:4], b[4:6])
		if !ok {
			return t, 0
		}
		offset, n = off, 6
	case string(b[1:4]) == "UTC", string(b[1:4]) == "GMT":
		n = 4
	default:
		return t, 0
	}
	if n < len(b) && b[n] != ' ' && b[n] != ']' && b[n] != '\t' {
		return t, 0
	}
	t.Nano += int64(t.Offset-offset) * 1e9
	t.Offset, t.Kind = offset, TimeZoned
	return t, n
}

// isZoneName recognises an abbreviation such as UTC or CEST.
func isZoneName(word []byte) bool {
	if len(word) < 2 || len(word) > 5 {
		return false
	}
	for _, c := range word {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return true
}

// maxPrefixParts is the number of parts that are read before the message.
const maxPrefixParts = 6

// parsePrefix reads level, thread and logger in front of the message:
//
//	INFO  msg            level, bare, in brackets or with a colon
//	[main] [12] <0.9.0>  thread or, without a digit, logger
//	12#34: *56           process and connection of nginx
//	1234 --- [main] x :  Spring Boot
//	name - LEVEL - msg   Python's usual layout
//	com.x.Y - msg        logger
func parsePrefix(rest []byte, r *Record) bool {
	for i := 0; i < maxPrefixParts; i++ {
		rest = trimSeparators(rest)
		after, ok := prefixPart(rest, r)
		if !ok {
			break
		}
		rest = after
	}
	if r.Scope == nil && r.Severity != SeverityUnset {
		if word, after, ok := cutLogger(rest); ok {
			r.Scope, rest = word, after
		}
	}
	r.Body = trimSeparators(rest)
	return len(r.Body) > 0
}

// trimSeparators drops blanks and the dashes and bars between columns.
func trimSeparators(b []byte) []byte {
	for len(b) > 0 {
		switch {
		case b[0] == ' ' || b[0] == '\t':
			b = b[1:]
		case (b[0] == '-' || b[0] == '|' || b[0] == ':') && len(b) > 1 && (b[1] == ' ' || b[1] == '\t'):
			b = b[2:]
		default:
			return b
		}
	}
	return b
}

func prefixPart(b []byte, r *Record) (rest []byte, ok bool) {
	if len(b) == 0 {
		return b, false
	}
	switch c := b[0]; {
	case c == '[':
		if rest, ok := bracketPart(b, r); ok {
			return rest, true
		}
	case c == '<' && len(b) > 4 && isDigit(b[1]): // <0.999.0>, an Erlang process
		at := bytes.IndexByte(b[:min(len(b), 24)], '>')
		if at < 0 {
			return b, false
		}
		if r.Thread == nil {
			r.Thread = b[:at+1]
		}
		return b[at+1:], true
	case c == '*' && len(b) > 2 && isDigit(b[1]): // *56, a connection of nginx
		n := countDigits(b[1:]) + 1
		if n >= len(b) || b[n] != ' ' || bytes.IndexByte(r.Thread, '#') < 0 {
			return b, false
		}
		r.Thread = b[1:n]
		return b[n:], true
	case isDigit(c):
		return numberPart(b, r)
	}
	word := firstWord(b)
	if len(word) == 0 || len(word) == len(b) {
		return b, false
	}
	if r.Severity == SeverityUnset {
		if s := levelWord(word); s != SeverityUnset {
			n := len(word)
			if word[n-1] == ':' {
				word = word[:n-1]
			}
			r.Severity, r.SeverityText = s, word
			return b[n:], true
		}
		// A word in front of the level: user@database of PostgreSQL, a logger between dashes.
		next := trimSeparators(b[len(word):])
		level := firstWord(next)
		if s := levelWord(level); s != SeverityUnset && len(level) < len(next) {
			switch {
			case level[len(level)-1] == ':' && bytes.IndexByte(word, '@') > 0:
				r.Add(userName, word)
				return next, true
			case bytes.HasPrefix(b[len(word):], dashed) && bytes.HasPrefix(next[len(level):], dashed):
				r.Scope = word
				return next, true
			}
		}
	}
	return b, false
}

var (
	dashed   = []byte(" - ")
	userName = []byte("user")
)

// bracketPart reads [level], [thread] or [logger].
func bracketPart(b []byte, r *Record) (rest []byte, ok bool) {
	at := bytes.IndexByte(b[:min(len(b), 80)], ']')
	if at < 2 {
		return b, false
	}
	if at+1 < len(b) && b[at+1] != ' ' && b[at+1] != '[' && b[at+1] != ':' && b[at+1] != '\t' {
		return b, false // part of a word: [unknown]@[unknown]
	}
	word := bytes.TrimSpace(b[1:at])
	if r.Severity == SeverityUnset {
		if s := levelWord(word); s != SeverityUnset {
			r.Severity, r.SeverityText = s, word
			return b[at+1:], true
		}
		if colon := bytes.IndexByte(word, ':'); colon > 0 { // [ssl:emerg] of Apache
			if s := ParseSeverity(word[colon+1:]); s != SeverityUnset {
				r.Severity, r.SeverityText, r.Scope = s, word[colon+1:], word[:colon]
				return b[at+1:], true
			}
		}
	}
	switch {
	case len(word) == 0 || bytes.IndexByte(word, '=') >= 0:
		return b, false
	case r.Thread == nil && (string(word) == "main" || bytes.ContainsAny(word, "0123456789")):
		r.Thread = word
	case r.Scope == nil && bytes.IndexByte(word, ' ') < 0:
		r.Scope = word
	default:
		return b, false
	}
	return b[at+1:], true
}

// numberPart reads 12#34: of nginx and "1234 ---" of Spring Boot.
func numberPart(b []byte, r *Record) (rest []byte, ok bool) {
	n := countDigits(b)
	if n < len(b) && b[n] == '#' {
		m := n + 1 + countDigits(b[n+1:])
		if m > n+1 && m < len(b) && b[m] == ':' {
			r.Thread = b[:m]
			return b[m+1:], true
		}
	}
	if after := b[n:]; bytes.HasPrefix(after, []byte(" --- ")) {
		after = trimSeparators(after[len(" --- "):])
		for len(after) > 0 && after[0] == '[' {
			var ok bool
			if after, ok = bracketPart(after, r); !ok {
				break
			}
			after = trimSeparators(after)
		}
		if at := bytes.Index(after[:min(len(after), 80)], []byte(" : ")); at > 0 {
			r.Scope = bytes.TrimRight(after[:at], " ")
			after = after[at+3:]
		}
		return after, true
	}
	return b, false
}

func countDigits(b []byte) int {
	n := 0
	for n < len(b) && isDigit(b[n]) {
		n++
	}
	return n
}

// firstWord is the text up to the next blank.
func firstWord(b []byte) []byte {
	for i, c := range b {
		if c == ' ' || c == '\t' {
			return b[:i]
		}
		if i > 100 {
			return nil
		}
	}
	return b
}

// levelWord is ParseSeverity with an optional colon and the words of PostgreSQL.
func levelWord(word []byte) Severity {
	if n := len(word); n > 1 && word[n-1] == ':' {
		word = word[:n-1]
		switch string(word) {
		case "LOG", "DETAIL", "HINT", "CONTEXT", "STATEMENT":
			return SeverityInfo
		}
	}
	return ParseSeverity(word)
}

// cutLogger splits "com.x.Y - message" and "com.x.Y: message".
func cutLogger(b []byte) (logger, rest []byte, ok bool) {
	word := firstWord(b)
	if len(word) < 2 || len(word) > 100 {
		return nil, b, false
	}
	after := bytes.TrimLeft(b[len(word):], " ")
	if n := len(word) - 1; word[n] == ':' {
		// A class name: two dots at least and a capital after the last. Host names and files are not.
		word = word[:n]
		dot := bytes.LastIndexByte(word, '.')
		if dot < 0 || dot+1 >= n || word[dot+1] < 'A' || word[dot+1] > 'Z' || bytes.Count(word, []byte{'.'}) < 2 {
			return nil, b, false
		}
	} else if len(after) < 3 || after[0] != '-' || after[1] != ' ' {
		return nil, b, false
	} else {
		after = after[2:]
	}
	for _, c := range word {
		if !(c == '.' || c == '_' || c == '$' || c == '-' || c == ':' || isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z') {
			return nil, b, false
		}
	}
	return word, after, true
}

// parsePythonLog takes ERROR:root:message, the layout of logging.basicConfig.
func parsePythonLog(line []byte, r *Record, _ *Clock) bool {
	if len(line) < 8 || line[0] < 'C' || line[0] > 'W' {
		return false
	}
	at := bytes.IndexByte(line[:min(len(line), 9)], ':')
	if at < 4 {
		return false
	}
	switch string(line[:at]) {
	case "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL":
	default:
		return false
	}
	rest := line[at+1:]
	end := bytes.IndexByte(rest[:min(len(rest), 80)], ':')
	if end < 1 || end+1 >= len(rest) || bytes.IndexByte(rest[:end], ' ') >= 0 {
		return false
	}
	r.Severity, r.SeverityText = ParseSeverity(line[:at]), line[:at]
	r.Scope, r.Body = rest[:end], rest[end+1:]
	return true
}
