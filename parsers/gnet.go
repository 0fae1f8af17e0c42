package parsers

import "bytes"

func init() {
	Register(Format{
		Name:      "gnet",
		First:     "[",
		Title:     "gnet, the Go network library (zap console with its own prefix)",
		Rank:      60,
		Mixed:     true,
		Timed:     true,
		Parse:     parseGnet,
		Continues: continuesZap,
	})
}

var gnetPrefix = []byte("[gnet] ")

func parseGnet(line []byte, r *Record, c *Clock) bool {
	if !bytes.HasPrefix(line, gnetPrefix) {
		return false
	}
	line = line[len(gnetPrefix):]
	t, n := c.ParseTime(line)
	if n == 0 || n >= len(line) || line[n] != '\t' {
		return false
	}
	r.Time = t
	if !parseZapConsole(line[n+1:], r) {
		return false
	}
	r.Scope = gnetPrefix[1:5]
	return true
}
