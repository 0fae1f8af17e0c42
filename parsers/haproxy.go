package parsers

import "bytes"

func init() {
	Register(Format{
		Name:   "haproxy",
		Title:  "HAProxy's traffic log: HTTP, TCP and failed connections",
		System: "haproxy",
		First:  "0123456789abcdef:[u",
		Rank:   52,
		Mixed:  true,
		Timed:  true,
		Parse:  parseHAProxy,
	})
	Register(Format{
		Name:   "haproxy-start",
		Title:  "HAProxy's own messages on its standard error",
		System: "haproxy",
		First:  "[",
		Rank:   56,
		Mixed:  true,
		Parse:  parseHAProxyStart,
	})
}

var (
	haproxyFrontend = []byte("frontend")
	haproxyBackend  = []byte("backend")
	haproxyStatus   = []byte("status")
	haproxyEnd      = []byte("termination")
	haproxyRequest  = []byte("request")
	haproxyClient   = []byte("client")
	haproxyTimer    = []byte("/")
	haproxyMonths   = []byte("JanFebMarAprMayJunJulAugSepOctNovDec")
)

// parseHAProxy takes client:port [22/Nov/2026:00:32:13.653] frontend/listener: message, which reports a connection that
// failed, and the records of option httplog and tcplog, frontend backend/server timers … "request".
func parseHAProxy(line []byte, r *Record, c *Clock) bool {
	open := bytes.IndexByte(line[:min(len(line), 64)], ' ')
	if open < 7 || open+28 >= len(line) || line[open+1] != '[' || line[open+26] != ']' || line[open+27] != ' ' ||
		bytes.LastIndexByte(line[:open], ':') < 1 || line[open+22] != '.' {
		return false
	}
	var stamp [len("2006-01-02 15:04:05.000")]byte
	b := line[open+2 : open+26] // 22/Nov/2026:00:32:13.653
	month := bytes.Index(haproxyMonths, b[3:6])
	if month < 0 || month%3 != 0 || b[2] != '/' || b[6] != '/' || b[11] != ':' {
		return false
	}
	month = month/3 + 1
	copy(stamp[:], b[7:11])
	stamp[4], stamp[5], stamp[6], stamp[7] = '-', '0'+byte(month/10), '0'+byte(month%10), '-'
	copy(stamp[8:], b[:2])
	stamp[10] = ' '
	copy(stamp[11:], b[12:24])
	t, n := c.ParseTime(stamp[:])
	if n != len(stamp) {
		return false
	}
	r.Time = t
	r.Add(haproxyClient, line[:open])
	rest := line[open+28:]
	frontend := firstWord(rest)
	if len(frontend) < 2 || len(frontend) >= len(rest) {
		return false
	}
	rest = bytes.TrimLeft(rest[len(frontend):], " ")
	if frontend[len(frontend)-1] == ':' {
		r.Severity = SeverityWarn
		r.Body = line[open+28:]
		return len(rest) > 0
	}
	r.Severity = SeverityInfo
	r.Add(haproxyFrontend, frontend)
	backend := firstWord(rest)
	if bytes.IndexByte(backend, '/') < 0 {
		return false
	}
	r.Add(haproxyBackend, backend)
	rest = bytes.TrimLeft(rest[len(backend):], " ")
	http := false
	for i := 0; len(rest) > 0 && rest[0] != '"' && i < 12; i++ {
		word := firstWord(rest)
		switch {
		case i == 0:
			http = bytes.Count(word, haproxyTimer) == 4
		case i == 1 && http && len(word) == 3 && isDigit(word[0]) && isDigit(word[2]):
			r.Add(haproxyStatus, word)
		case len(word) == 4 && (word[2] == '-' || word[0] == '-' || word[0] >= 'A' && word[0] <= 'z') && !isDigit(word[0]):
			r.Add(haproxyEnd, word)
		case len(word) == 2 && i > 0 && word[0] >= '-' && !isDigit(word[0]) && !isDigit(word[1]):
			r.Add(haproxyEnd, word)
		}
		rest = bytes.TrimLeft(rest[len(word):], " ")
	}
	if len(rest) > 0 && rest[0] == '"' {
		r.Add(haproxyRequest, bytes.Trim(rest, "\""))
	}
	r.Body = line[open+28:]
	return true
}

// parseHAProxyStart takes [ALERT]    (1234) : message, and what versions before 2.2 print, [ALERT] 325/002845 (1234) : message.
func parseHAProxyStart(line []byte, r *Record, _ *Clock) bool {
	at := bytes.IndexByte(line[:min(len(line), 10)], ']')
	if at < 6 || line[0] != '[' || line[1] < 'A' || line[1] > 'Z' {
		return false
	}
	rest := bytes.TrimLeft(line[at+1:], " ")
	if len(rest) == 0 {
		return false
	}
	if n := countDigits(rest); n == 3 && len(rest) > 11 && rest[3] == '/' && countDigits(rest[4:]) == 6 {
		rest = bytes.TrimLeft(rest[10:], " ")
	}
	if len(rest) < 6 || rest[0] != '(' {
		return false
	}
	n := countDigits(rest[1:])
	if n == 0 || !bytes.HasPrefix(rest[1+n:], []byte(") : ")) {
		return false
	}
	level := line[1:at]
	if r.Severity = ParseSeverity(level); r.Severity == SeverityUnset {
		return false
	}
	r.SeverityText, r.Thread = level, rest[1:1+n]
	r.Body = rest[1+n+4:]
	return len(r.Body) > 0
}
