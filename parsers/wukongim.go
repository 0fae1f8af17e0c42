package parsers

import (
	"bytes"

	"github.com/valyala/fastjson"
)

func init() {
	Register(Format{
		Name:   "wukongim-json",
		First:  "{0123456789",
		Title:  "WuKongIM v1 and v2: JSON lines of its zap logger",
		System: "wukongim",
		Rank:   70,
		Mixed:  true,
		Timed:  true,
		Parse:  parseWukongimJSON,
	})
	Register(Format{
		Name:   "wukongim-v3-json",
		First:  "{",
		Title:  "WuKongIM v3: JSON lines ([log] format = json)",
		System: "wukongim",
		Rank:   70,
		Mixed:  true,
		Timed:  true,
		Parse:  parseWukongimV3JSON,
	})
	Register(Format{
		Name:      "wukongim-v3-console",
		First:     "0123456789",
		Title:     "WuKongIM v3: tab separated lines ([log] format = console)",
		System:    "wukongim",
		Rank:      70,
		Mixed:     true,
		Timed:     true,
		Parse:     parseWukongimV3Console,
		Continues: continuesZap,
	})
}

// maxPrefix is how much foreign text a wrapper may put in front of the JSON, such as a second timestamp.
const maxPrefix = 160

var (
	wukongimStart = []byte(`{"level":"`)
	wukongimTime  = []byte(`","time":"`)
)

// wukongimHead reads the fixed beginning of a line, {"level":"…","time":"…", which is what tells this
// encoder from other users of zap before any JSON is parsed. object begins at the brace, rest after the
// time's closing quote.
func wukongimHead(line []byte) (object, level, stamp, rest []byte, ok bool) {
	if len(line) < 2*len(wukongimStart) {
		return
	}
	if line[0] != '{' {
		at := bytes.Index(line[:min(len(line), maxPrefix)], wukongimStart)
		if at < 0 {
			return
		}
		line = line[at:]
	} else if !bytes.HasPrefix(line, wukongimStart) {
		return
	}
	object = line
	line = line[len(wukongimStart):]
	n := 0
	for n < len(line) && n <= len("dpanic") && line[n] != '"' {
		n++
	}
	level = line[:n]
	line = line[n:]
	if n == 0 || !bytes.HasPrefix(line, wukongimTime) {
		return
	}
	line = line[len(wukongimTime):]
	n = bytes.IndexByte(line[:min(len(line), 40)], '"')
	if n < 0 {
		return
	}
	return object, level, line[:n], line[n+1:], true
}

func parseWukongimJSON(line []byte, r *Record, c *Clock) bool {
	object, level, stamp, rest, ok := wukongimHead(line)
	if !ok || level[0] < 'a' || level[0] > 'z' {
		return false
	}
	if !bytes.HasPrefix(rest, []byte(`,"msg":"`)) && !bytes.HasPrefix(rest, []byte(`,"linenum":"`)) {
		return false
	}
	if stamp = wukongimStamp(stamp, r, c); stamp == nil {
		return false
	}
	r.Severity, r.SeverityText = ParseSeverity(level), level
	if r.Severity == SeverityUnset {
		return false
	}
	value, err := r.JSON.ParseBytes(object)
	if err != nil {
		// Cut short by a full disk, a kill or the line limit: what there is of the message still counts.
		if value = mended(object, r); value == nil {
			r.Body = brokenMessage(rest)
			r.Scope = wukongimScope(r.Body)
			return true
		}
	}
	fields, _ := value.Object()
	foreign := false
	fields.Visit(func(name []byte, v *fastjson.Value) {
		switch string(name) {
		case "level", "time":
			return
		case "msg":
			if r.Body == nil {
				r.Body = textOf(v, r)
				return
			}
		case "linenum":
			text := textOf(v, r)
			r.CodeLine = lineAfterColon(text)
			r.Add(name, text)
			return
		case "id":
			if v.Type() == fastjson.TypeNumber {
				r.Thread = textOf(v, r)
				r.Add(name, r.Thread)
				return
			}
		case "logger", "caller":
			foreign = true // zap as other programs configure it
		}
		r.Add(name, textOf(v, r))
	})
	if foreign {
		return false
	}
	r.Scope = wukongimScope(r.Body)
	return true
}

// wukongimStamp reads the time of the three generations and rejects what none of them prints: a "Z", because
// the layout asks for -07:00 and UTC comes out as +00:00.
func wukongimStamp(stamp []byte, r *Record, c *Clock) []byte {
	t, n := c.ParseTime(stamp)
	if n == 0 || n != len(stamp) || stamp[n-1] == 'Z' || stamp[4] != '-' || (stamp[10] == 'T') != (t.Kind == TimeZoned) {
		return nil
	}
	r.Time = t
	return stamp
}

var wukongimOpen, wukongimClose = []byte("【"), []byte("】")

// wukongimScope takes the logger name out of 【raft.node[clusterconfig]】 or 【ReactorSub-4】, without what
// numbers the instance, so that the instances of one logger share a scope.
func wukongimScope(body []byte) []byte {
	if !bytes.HasPrefix(body, wukongimOpen) {
		return nil
	}
	name := body[len(wukongimOpen):]
	end := bytes.Index(name, wukongimClose)
	if end < 0 {
		return nil
	}
	name = name[:end]
	if at := bytes.IndexByte(name, '['); at > 0 {
		name = name[:at]
	}
	end = len(name)
	for end > 0 && isDigit(name[end-1]) {
		end--
	}
	if end > 1 && end < len(name) && name[end-1] == '-' {
		name = name[:end-1]
	}
	return name
}

// mended parses an object that ends within a value as if it ended there, nil when that is not what is wrong.
func mended(object []byte, r *Record) *fastjson.Value {
	if at := bytes.LastIndexByte(object, '\\'); at >= len(object)-6 && at > 0 {
		object = object[:at] // within an escape
	}
	for _, end := range [...]string{`"}`, `}`, `null}`} {
		if value, err := r.JSON.ParseBytes(append(object[:len(object):len(object)], end...)); err == nil {
			return value
		}
	}
	return nil
}

// brokenMessage finds the message in an object that ends too early.
func brokenMessage(rest []byte) []byte {
	at := bytes.Index(rest, []byte(`"msg":"`))
	if at < 0 {
		return rest
	}
	rest = rest[at+len(`"msg":"`):]
	for i := 0; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case '"':
			return rest[:i]
		}
	}
	return rest
}

func parseWukongimV3JSON(line []byte, r *Record, c *Clock) bool {
	object, level, stamp, rest, ok := wukongimHead(line)
	if !ok || level[0] < 'A' || level[0] > 'Z' || len(stamp) != len("2006-01-02 15:04:05.000") || stamp[10] != ' ' {
		return false
	}
	if !bytes.HasPrefix(rest, []byte(`,"module":"`)) {
		return false
	}
	t, n := c.ParseTime(stamp)
	if n != len(stamp) {
		return false
	}
	r.Time = t
	r.Severity, r.SeverityText = ParseSeverity(level), level
	value, err := r.JSON.ParseBytes(object)
	if err != nil {
		r.Body = brokenMessage(rest)
		return true
	}
	fields, _ := value.Object()
	fields.Visit(func(name []byte, v *fastjson.Value) {
		text := textOf(v, r)
		switch string(name) {
		case "level", "time":
			return
		case "module":
			r.Scope = text
			return
		case "msg":
			if r.Body == nil {
				r.Body = text
				return
			}
		case "caller":
			r.CodeLine = lineAfterColon(text)
		}
		r.Add(name, text)
	})
	return true
}

func parseWukongimV3Console(line []byte, r *Record, c *Clock) bool {
	const stamp = len("2006-01-02 15:04:05.000")
	if len(line) < stamp+8 || line[stamp] != '\t' || line[10] != ' ' || line[19] != '.' || line[0] < '0' || line[0] > '9' {
		return false
	}
	t, n := c.ParseTime(line)
	if n != stamp {
		return false
	}
	rest := line[stamp+1:]
	at := bytes.IndexByte(rest, '\t')
	if at < 0 || at+1 >= len(rest) || rest[at+1] != '[' {
		return false // no module: zap in another program
	}
	r.Time = t
	return parseZapConsole(rest, r)
}
