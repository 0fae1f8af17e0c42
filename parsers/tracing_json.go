package parsers

import (
	"bytes"

	"github.com/valyala/fastjson"
)

// The JSON that tracing-subscriber writes. Its keys come in a fixed order (timestamp, level, fields or the
// flattened event, target, filename, line_number, span, spans, threadName, threadId), of which the first two
// and an object "fields" or a string "target" are asked for, so that the JSON of other loggers is left alone.
// Source: tracing-subscriber 0.3.23, src/fmt/format/json.rs.
func init() {
	Register(Format{
		Name:  "tracing-json",
		First: "{",
		Title: "Rust tracing, JSON",
		Rank:  60,
		Parse: parseTracingJSON,
		Mixed: true,
		Timed: true,
	})
}

func parseTracingJSON(line []byte, r *Record, c *Clock) bool {
	if !isTracingJSON(line) {
		return false
	}
	root, err := r.JSON.ParseBytes(line)
	if err != nil {
		return false
	}
	event, err := root.Object()
	if err != nil {
		return false
	}
	if t := event.Get("timestamp"); t != nil {
		text := t.GetStringBytes()
		when, n := c.ParseTime(text)
		if n == 0 {
			when, n = parseUptime(text)
		}
		if n == len(text) {
			r.Time = when
		}
	}
	setTracingLevel(event.Get("level").GetStringBytes(), r)
	r.Scope = event.Get("target").GetStringBytes()
	fields := event.Get("fields").GetObject()
	if fields == nil && r.Scope == nil {
		return false
	}
	var spans, span *fastjson.Value
	event.Visit(func(key []byte, v *fastjson.Value) {
		switch string(key) {
		case "timestamp", "level", "target":
		case "fields":
			if fields == nil {
				addJSON(r, key, v)
				break
			}
			fields.Visit(func(key []byte, v *fastjson.Value) { addEventField(r, key, v) })
		case "span":
			span = v
		case "spans":
			spans = v
		case "filename":
			r.Add(codeFilePath, jsonBytes(r, v))
		case "line_number":
			r.CodeLine = max(v.GetInt(), 0)
		case "threadName":
			r.Add(threadName, jsonBytes(r, v))
		case "threadId":
			r.Thread = jsonBytes(r, v)
		default:
			addEventField(r, key, v)
		}
	})
	// The list, from the root, ends with the current span; it is empty while a span is being opened.
	list := spans.GetArray()
	for _, s := range list {
		addSpan(r, s)
	}
	if len(list) == 0 && span != nil {
		addSpan(r, span)
	}
	return true
}

// isTracingJSON looks at the beginning and for the two keys, without parsing.
func isTracingJSON(line []byte) bool {
	if len(line) < 20 || line[0] != '{' || line[1] != '"' || line[len(line)-1] != '}' {
		return false
	}
	rest, ok := bytes.CutPrefix(line, []byte(`{"timestamp":`))
	if ok {
		rest = bytes.TrimLeft(rest, " ")
		if len(rest) == 0 || rest[0] != '"' {
			return false
		}
		end := quoteEnd(rest, 0)
		if end == 0 || end >= len(rest) || rest[end] != ',' {
			return false
		}
		rest = bytes.TrimLeft(rest[end+1:], " ")
	} else {
		rest = line[1:]
	}
	if rest, ok = bytes.CutPrefix(rest, []byte(`"level":`)); !ok {
		return false
	}
	rest = bytes.TrimLeft(rest, " ")
	n := 6
	switch {
	case len(rest) < 8:
		return false
	case string(rest[:6]) == `"INFO"`, string(rest[:6]) == `"WARN"`:
	case string(rest[:7]) == `"ERROR"`, string(rest[:7]) == `"DEBUG"`, string(rest[:7]) == `"TRACE"`:
		n = 7
	default:
		return false
	}
	return bytes.Contains(rest[n:], []byte(`"fields":`)) || bytes.Contains(rest[n:], []byte(`"target":`))
}

func addEventField(r *Record, key []byte, v *fastjson.Value) {
	switch string(key) {
	case "message":
		r.Body = jsonBytes(r, v)
	case "log.target", "log.module_path": // the target says it
	case "log.file":
		if r.Field("code.file.path") == nil {
			r.Add(codeFilePath, jsonBytes(r, v))
		}
	case "log.line":
		r.CodeLine = max(v.GetInt(), 0)
	default:
		addJSON(r, key, v)
	}
}

// addSpan adds a span as text has it: its name, then its fields.
func addSpan(r *Record, v *fastjson.Value) {
	r.Add(spanField, v.GetStringBytes("name"))
	o := v.GetObject()
	if o == nil {
		return
	}
	o.Visit(func(key []byte, v *fastjson.Value) {
		if string(key) != "name" {
			addJSON(r, key, v)
		}
	})
}

// addJSON adds a field. A string that was recorded with Debug has quotes of its own.
func addJSON(r *Record, key []byte, v *fastjson.Value) {
	r.Add(key, unquote(jsonBytes(r, v), r))
}

// jsonBytes returns a string's text and the JSON of any other value.
func jsonBytes(r *Record, v *fastjson.Value) []byte {
	if v.Type() == fastjson.TypeString {
		return v.GetStringBytes()
	}
	start := len(r.arena)
	r.arena = v.MarshalTo(r.arena)
	return r.arena[start:len(r.arena):len(r.arena)]
}
