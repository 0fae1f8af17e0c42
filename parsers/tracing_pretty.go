package parsers

import "bytes"

// The text that tracing-subscriber writes with its pretty format: a record of several lines and a blank one.
//
//	TIME LEVEL target: message, k: v
//	  at src/main.rs:3 on main ThreadId(1)
//	  in crate::inner_span with k: v
//	  in crate::outer_span
//
// The lines of a message after the first begin at the margin, between the head and "at".
// Source: tracing-subscriber 0.3.23, src/fmt/format/pretty.rs.
func init() {
	Register(Format{
		Name:      "tracing-pretty",
		First:     " ",
		Title:     "Rust tracing, pretty text",
		Rank:      45,
		Parse:     parseTracingPretty,
		Continues: continuesTracingPretty,
		Join:      joinTracingPretty,
		Mixed:     true,
		Timed:     true,
	})
}

// stageLocation: the lines about place and spans have begun, so the message is over.
const stageLocation = 1

func parseTracingPretty(line []byte, r *Record, c *Clock) bool {
	if len(line) < 24 || line[0] != ' ' || line[1] != ' ' || !isDigit(line[2]) {
		return false
	}
	t, n := c.ParseTime(line[2:])
	if n == 0 || len(line) < n+9 || line[2+n] != ' ' || !tracingLevel(line[n+3:], r) {
		return false
	}
	r.Time = t
	b := line[n+9:]
	if g := targetGroup(b); g > 0 && (isCrateLike(b) || isPath(b[:g-1])) {
		r.Scope = b[:g-1]
		b = afterBlank(b, g)
	}
	r.Body = splitPrettyFields(b, r, true)
	return true
}

// continuesTracingPretty takes the lines of the message and those about place and spans.
func continuesTracingPretty(line []byte, r *Record) bool {
	return r.stage != stageLocation || bytes.HasPrefix(line, []byte("    ")) || genericContinues(line)
}

func joinTracingPretty(line []byte, r *Record) {
	from := len(r.Fields)
	if place, ok := bytes.CutPrefix(line, []byte("    at ")); ok {
		r.stage = stageLocation
		place, thread, on := bytes.Cut(place, []byte(" on "))
		if path, line := rustLocation(place); path != nil {
			addLocation(r, path, line)
		}
		if on {
			tracingThread(thread, r)
			r.Thread = r.Hold(r.Thread)
		}
		holdFields(r, from)
		return
	}
	if span, ok := bytes.CutPrefix(line, []byte("    in ")); ok {
		r.stage = stageLocation
		name, fields, _ := bytes.Cut(span, []byte(" with "))
		r.Add(spanField, name)
		splitPrettyFields(fields, r, false)
		holdFields(r, from)
		return
	}
	if r.stage == stageLocation {
		return
	}
	line = bytes.TrimLeft(line, " \t")
	if from < maxFields {
		line = splitPrettyFields(line, r, true)
		holdFields(r, from)
	}
	if len(line) > 0 {
		r.JoinBody(line)
	}
}

// splitPrettyFields adds the "name: value" pairs that ", " separates to r and returns the text before them. At the
// beginning of an event a "name: " may as well be the message's own: it is a field only when the name is one
// that holds an error or the value is a literal.
func splitPrettyFields(b []byte, r *Record, event bool) []byte {
	text := b
	name, value := -1, -1
	unmatched, fields := 0, 0
	for i := 0; i < len(b); {
		if (i == 0 || i > 1 && b[i-1] == ' ' && b[i-2] == ',') && fields < maxFields {
			n := fieldName(b[i:], ':')
			if n > 0 && i+n+1 < len(b) && b[i+n+1] == ' ' && (i > 0 || !event || isErrorName(b[:n]) || isLiteral(b[n+2:])) {
				if name < 0 {
					text = bytes.TrimSuffix(b[:i], []byte(", "))
				} else {
					r.Add(b[name:value-2], unquote(bytes.TrimSuffix(b[value:i], []byte(", ")), r))
				}
				name, value = i, i+n+2
				i = value
				fields++
				continue
			}
		}
		if end := groupEnd(b, i, &unmatched); end > 0 {
			i = end
			continue
		}
		i++
	}
	if name >= 0 {
		r.Add(b[name:value-2], unquote(b[value:], r))
	}
	return text
}

// isErrorName reports that a field of this name holds an error.
func isErrorName(name []byte) bool {
	switch string(name) {
	case "error", "err", "cause", "reason", "source", "exception":
		return true
	}
	return false
}

// isLiteral reports that a value is a string or a number and ends with the line or before the next field.
func isLiteral(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	end := 0
	if b[0] == '"' {
		end = quoteEnd(b, 0)
	} else {
		for end < len(b) && (isDigit(b[end]) || b[end] == '.' || end == 0 && b[0] == '-') {
			end++
		}
	}
	return end > 0 && (end == len(b) || b[end] == ',')
}
