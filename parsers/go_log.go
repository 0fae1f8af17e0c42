package parsers

import "bytes"

func init() {
	Register(Format{
		Name:      "go-log",
		Title:     "Go's standard log package (net/http's errors among others)",
		Rank:      6,
		Mixed:     true,
		Timed:     true,
		Parse:     parseGoLog,
		Continues: continuesZap,
		Claims:    claimsGoStack,
	})
	Register(Format{
		Name:  "klog",
		First: "IWEF",
		Title: "klog and glog (Kubernetes components)",
		Rank:  8,
		Mixed: true,
		Timed: true,
		Parse: parseKlog,
	})
}

// parseGoLog takes 2006/01/02 15:04:05[.000000] [file.go:12: ]message, with the logger's prefix in front or
// between. nginx dates its errors the same way and is told apart by its [level] pid#tid.
func parseGoLog(line []byte, r *Record, c *Clock) bool {
	if len(line) < 21 {
		return false
	}
	if !isDigit(line[0]) {
		at := bytes.IndexByte(line[:min(len(line), 40)], ' ')
		if at < 1 || at+21 > len(line) || !isDigit(line[at+1]) || line[at+5] != '/' {
			return false
		}
		prefix := bytes.Trim(line[:at], "[]:")
		if len(prefix) == 0 || bytes.ContainsAny(prefix, "=\"'{}()/") {
			return false
		}
		r.Scope = prefix
		line = line[at+1:]
	}
	if line[4] != '/' {
		return false
	}
	t, n := c.ParseTime(line)
	if n == 0 || n >= len(line) || line[n] != ' ' || t.Kind != TimeLocal {
		return false
	}
	r.Time = t
	rest := bytes.TrimLeft(line[n:], " ")
	if word := firstWord(rest); len(word) > 5 && word[len(word)-1] == ':' && isCaller(word[:len(word)-1]) {
		r.CodeLine = lineAfterColon(word[:len(word)-1])
		r.Add(callerName, word[:len(word)-1])
		rest = bytes.TrimLeft(rest[len(word):], " ")
	}
	if len(rest) == 0 {
		return false
	}
	if rest[0] == '[' { // hashicorp/logutils and friends: [WARN] message
		at := bytes.IndexByte(rest[:min(len(rest), 12)], ']')
		if at > 0 {
			if s := ParseSeverity(rest[1:at]); s != SeverityUnset {
				after := bytes.TrimLeft(rest[at+1:], " ")
				if d := countDigits(after); d > 0 && d < len(after) && after[d] == '#' {
					return false // nginx
				}
				r.Severity, r.SeverityText = s, rest[1:at]
				rest = after
			}
		}
	} else if word := firstWord(rest); len(word) > 3 && len(word) < len(rest) {
		level := bytes.TrimSuffix(word, []byte(":"))
		if s := ParseSeverity(level); s != SeverityUnset && (len(level) < len(word) || level[1] < 'a') && string(level) != "panic" {
			r.Severity, r.SeverityText = s, level
			rest = bytes.TrimLeft(rest[len(word):], " ")
		}
	}
	r.Body = rest
	return len(rest) > 0
}

// claimsGoStack keeps the stack that net/http prints after "http: panic serving" with its message; elsewhere
// a goroutine header begins a dump of its own.
func claimsGoStack(line []byte, _ *Record) bool {
	return line[0] == 'g' && goroutineID(line) != nil
}

// parseKlog takes I0102 15:04:05.000000    1234 file.go:12] message.
func parseKlog(line []byte, r *Record, c *Clock) bool {
	const head = len("I0102 15:04:05.000000 ")
	if len(line) < head+8 || line[5] != ' ' || line[8] != ':' || line[11] != ':' || line[14] != '.' {
		return false
	}
	switch line[0] {
	case 'I':
		r.Severity = SeverityInfo
	case 'W':
		r.Severity = SeverityWarn
	case 'E':
		r.Severity = SeverityError
	case 'F':
		r.Severity = SeverityFatal
	default:
		return false
	}
	month, ok1 := digits(line[1:3])
	day, ok2 := digits(line[3:5])
	hour, ok3 := digits(line[6:8])
	minute, ok4 := digits(line[9:11])
	second, ok5 := digits(line[12:14])
	micro, ok6 := digits(line[15:21])
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6) || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60 {
		return false
	}
	at := bytes.IndexByte(line[head:min(len(line), 120)], ']')
	if at < 0 {
		return false
	}
	where := line[head : head+at]
	if colon := bytes.LastIndexByte(where, ':'); colon < 0 || lineAfterColon(where) == 0 && !bytes.HasSuffix(where, []byte(":0")) {
		return false
	}
	if blank := bytes.LastIndexByte(where, ' '); blank >= 0 {
		r.Thread = bytes.TrimSpace(where[:blank])
		where = where[blank+1:]
	}
	year := c.Year
	if year == 0 {
		year = 1970
	}
	wall := daysFromCivil(year, month, day)*86400 + int64(hour)*3600 + int64(minute)*60 + int64(second)
	off := c.zoneOffset(wall)
	r.Time = Timestamp{Nano: (wall-int64(off))*1e9 + int64(micro)*1000, Offset: off, Kind: TimeLocal}
	r.SeverityText = line[:1]
	r.CodeLine = lineAfterColon(where)
	r.Add(callerName, where)
	r.Body = bytes.TrimLeft(line[head+at+1:], " ")
	return len(r.Body) > 0
}
