package parsers

import "bytes"

func init() {
	Register(Format{
		Name:  "gin",
		First: "[",
		Title: "gin, the Go web framework WuKongIM's API stands on: access and debug lines",
		Rank:  60,
		Mixed: true,
		Parse: parseGin,
	})
}

var (
	ginAccess  = []byte("[GIN] ")
	ginDebug   = []byte("[GIN-debug] ")
	ginColumns = [...][]byte{[]byte("status"), []byte("latency"), []byte("client")}
	ginMethod  = []byte("method")
	ginPath    = []byte("path")
	bar        = []byte(" | ")
)

// parseGin takes [GIN] 2006/01/02 - 15:04:05 | 200 | 1.2ms | 203.0.113.9 | GET "/path" and [GIN-debug] lines.
func parseGin(line []byte, r *Record, c *Clock) bool {
	if len(line) < 16 || line[0] != '[' || line[1] != 'G' {
		return false
	}
	if bytes.HasPrefix(line, ginDebug) {
		r.Scope, r.Severity = ginDebug[1:10], SeverityDebug
		r.Body = line[len(ginDebug):]
		if at := bytes.IndexByte(r.Body[:min(len(r.Body), 12)], ']'); at > 1 && r.Body[0] == '[' {
			if s := ParseSeverity(r.Body[1:at]); s != SeverityUnset {
				r.Severity, r.SeverityText = s, r.Body[1:at]
				r.Body = bytes.TrimLeft(r.Body[at+1:], " ")
			}
		}
		return len(r.Body) > 0
	}
	const stamp = len("2006/01/02 - 15:04:05")
	if !bytes.HasPrefix(line, ginAccess) || len(line) < len(ginAccess)+stamp+3 {
		return false
	}
	line = line[len(ginAccess):]
	var joined [len("2006/01/02 15:04:05")]byte
	copy(joined[:], line[:11])
	copy(joined[11:], line[13:stamp])
	t, n := c.ParseTime(joined[:])
	if n == 0 || line[11] != '-' {
		return false
	}
	rest := bytes.TrimLeft(line[stamp:], " |")
	var columns [3][]byte
	for i := range columns {
		at := bytes.IndexByte(rest, '|')
		if at < 0 {
			return false
		}
		columns[i] = bytes.Trim(rest[:at], " ")
		r.Add(ginColumns[i], columns[i])
		rest = bytes.TrimLeft(rest[at+1:], " ")
	}
	method := firstWord(rest)
	path := bytes.Trim(rest[len(method):], " \"")
	r.Add(ginMethod, method)
	r.Add(ginPath, path)
	r.Time, r.Scope = t, ginAccess[1:4]
	r.Body = r.Hold(columns[0], bar, columns[1], bar, columns[2], bar, method, []byte{' '}, path)
	return true
}
