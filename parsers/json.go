package parsers

import (
	"bytes"

	"github.com/valyala/fastjson"
)

func init() {
	Register(Format{
		Name:  "json",
		First: "{",
		Title: "JSON lines (zap, zerolog, slog, logrus, bunyan, pino, ECS, structlog …)",
		Rank:  5,
		Mixed: true,
		Timed: true,
		Parse: parseJSON,
	})
}

// textOf returns a string unescaped and every other value as it is written. It is borrowed from r.
func textOf(v *fastjson.Value, r *Record) []byte {
	if v.Type() == fastjson.TypeString {
		b, _ := v.StringBytes()
		return b
	}
	start := len(r.arena)
	r.arena = v.MarshalTo(r.arena)
	return r.arena[start:len(r.arena):len(r.arena)]
}

// jsonLine is what is found while the keys of one object are read.
type jsonLine struct {
	known bool   // a key that only log lines have
	event []byte // structlog's message, an ordinary field when there is another
	gelf  bool
	level []byte
}

func parseJSON(line []byte, r *Record, c *Clock) bool {
	if len(line) < len(`{"a":1}`) || line[0] != '{' || line[len(line)-1] != '}' {
		return false
	}
	value, err := r.JSON.ParseBytes(line)
	if err != nil {
		return false
	}
	fields, err := value.Object()
	if err != nil {
		return false
	}
	var j jsonLine
	fields.Visit(func(name []byte, v *fastjson.Value) {
		if v.Type() == fastjson.TypeObject {
			inner, _ := v.Object()
			inner.Visit(func(key []byte, v *fastjson.Value) {
				j.take(r.Hold(name, dot, key), v, r, c)
			})
			return
		}
		j.take(name, v, r, c)
	})
	if !j.known {
		return false
	}
	if j.level != nil {
		r.Severity, r.SeverityText = jsonSeverity(j.level, j.gelf), j.level
	}
	if j.event != nil {
		if r.Body == nil {
			r.Body = j.event
		} else {
			r.Add(eventName, j.event)
		}
	}
	if r.Body == nil {
		// An access log or an error without words: the whole object is the message.
		r.Body = line
	}
	return true
}

var (
	dot       = []byte{'.'}
	eventName = []byte("event")
)

// take files one key under the record's members. The names are those of the common encoders; what is no
// known key, or comes twice, stays a field.
func (j *jsonLine) take(name []byte, v *fastjson.Value, r *Record, c *Clock) {
	if v.Type() == fastjson.TypeNull {
		return
	}
	text := textOf(v, r)
	switch string(name) {
	case "time", "ts", "@timestamp", "timestamp", "t", "datetime", "asctime", "@t", "eventTime":
		if r.Time.Kind == TimeNone {
			if t, n := c.ParseTime(text); n > 0 && n == len(text) {
				r.Time, j.known = t, true
				return
			}
			if t, ok := ParseEpoch(text); ok {
				r.Time, j.known = t, true
				return
			}
		}
	case "level", "severity", "lvl", "log.level", "levelname", "loglevel", "level_name", "@l", "priority":
		if j.level == nil {
			j.level, j.known = text, true
			return
		}
	case "msg", "message", "short_message", "@m", "fields.message":
		if r.Body == nil && len(text) > 0 {
			r.Body, j.known = text, true
			j.gelf = j.gelf || name[0] == 's'
			return
		}
	case "event":
		if j.event == nil {
			j.event, j.known = text, true
			return
		}
	case "logger", "name", "component", "target", "logger_name", "log.logger", "module":
		if r.Scope == nil {
			r.Scope = text
			return
		}
	case "caller", "source", "linenum", "file":
		if n := lineAfterColon(text); n > 0 {
			r.CodeLine = n
		}
	case "line", "lineno", "line_number", "source.line", "log.origin.file.line":
		if n, ok := digits(text); ok && r.CodeLine == 0 {
			r.CodeLine = n
			return
		}
	case "function", "func", "funcName", "source.function":
		if r.Function == nil {
			r.Function = text
			return
		}
	case "thread", "thread_name", "threadName", "process.thread.name", "tid":
		if r.Thread == nil {
			r.Thread = text
			return
		}
	}
	r.Add(name, text)
}

// jsonSeverity also knows the numbers: 10 to 60 of bunyan and pino, 0 to 7 of syslog (GELF).
func jsonSeverity(level []byte, gelf bool) Severity {
	n, ok := digits(level)
	switch {
	case !ok:
		return ParseSeverity(bytes.TrimSpace(level))
	case gelf || n < 8 && len(level) == 1:
		return [...]Severity{SeverityFatal, SeverityFatal, SeverityError + 2, SeverityError, SeverityWarn, SeverityInfo + 1, SeverityInfo, SeverityDebug}[min(n, 7)]
	case n < 20:
		return SeverityTrace
	case n < 30:
		return SeverityDebug
	case n < 40:
		return SeverityInfo
	case n < 50:
		return SeverityWarn
	case n < 60:
		return SeverityError
	}
	return SeverityFatal
}
