package parsers

import "bytes"

func init() {
	Register(Format{
		Name:   "nginx-error",
		Title:  "nginx's error log (OpenResty, Tengine, freenginx, ingress-nginx)",
		System: "nginx",
		First:  "0123456789",
		Rank:   55,
		Mixed:  true,
		Timed:  true,
		Parse:  parseNginx,
	})
}

// nginxParts are what nginx puts behind a message, in this order, each once at most.
var nginxParts = [...]struct{ mark, name []byte }{
	{[]byte(", client: "), []byte("client")},
	{[]byte(", server: "), []byte("server")},
	{[]byte(", request: "), []byte("request")},
	{[]byte(", subrequest: "), []byte("subrequest")},
	{[]byte(", upstream: "), []byte("upstream")},
	{[]byte(", host: "), []byte("host")},
	{[]byte(", referrer: "), []byte("referrer")},
}

// parseNginx takes 2006/01/02 15:04:05 [level] pid#tid: *connection message, client: …, server: …, request: "…". The
// client stays in the message, because it tells the two sides apart: "while SSL handshaking, client:" is the server,
// "while SSL handshaking to upstream, client:" the client of another.
func parseNginx(line []byte, r *Record, c *Clock) bool {
	if len(line) < 30 || line[4] != '/' || line[19] != ' ' || line[20] != '[' {
		return false
	}
	t, n := c.ParseTime(line[:19])
	if n != 19 {
		return false
	}
	rest := line[21:]
	at := bytes.IndexByte(rest[:min(len(rest), 8)], ']')
	if at < 4 || at+2 >= len(rest) || rest[at+1] != ' ' {
		return false
	}
	level := rest[:at]
	rest = rest[at+2:]
	pid := countDigits(rest)
	if pid == 0 || pid >= len(rest) || rest[pid] != '#' {
		return false
	}
	tid := countDigits(rest[pid+1:])
	end := pid + 1 + tid
	if tid == 0 || end+1 >= len(rest) || rest[end] != ':' || rest[end+1] != ' ' {
		return false
	}
	r.Time, r.Severity, r.SeverityText = t, ParseSeverity(level), level
	r.Thread = rest[:end]
	rest = rest[end+2:]
	if len(rest) > 0 && rest[0] == '*' {
		if n := countDigits(rest[1:]) + 1; n > 1 && n < len(rest) && rest[n] == ' ' {
			r.Thread, rest = rest[1:n], rest[n+1:]
		}
	}
	r.Body = rest
	end = 0
	for i := range nginxParts {
		p := &nginxParts[i]
		at := bytes.Index(rest[end:], p.mark)
		if at < 0 {
			continue
		}
		if i > 0 && len(r.Fields) > 0 && len(r.Body) == len(rest) {
			r.Body = rest[:end+at]
		}
		start := end + at + len(p.mark)
		stop := len(rest)
		for _, next := range nginxParts[i+1:] {
			if n := bytes.Index(rest[start:stop], next.mark); n >= 0 {
				stop = start + n
			}
		}
		r.Add(p.name, bytes.Trim(rest[start:stop], "\""))
		end = stop
	}
	return len(r.Body) > 0
}
