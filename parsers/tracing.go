package parsers

import "bytes"

// The text that tracing-subscriber writes with its full and compact formats (colours are gone by now):
//
//	TIME LEVEL [THREAD] [ThreadId(NN)] [span{k=v}:span: ][target: ][file:line: ]message k=v k=v
//
// Every part in brackets is an option of the program, so a line is taken only when what is left convinces.
// Source: tracing-subscriber 0.3.23, src/fmt/format/mod.rs.
func init() {
	Register(Format{
		Name:      "tracing",
		First:     " 0123456789",
		Title:     "Rust tracing, full or compact text",
		Rank:      40,
		Parse:     parseTracing,
		Join:      joinTracing,
		Continues: continuesRustLog,
		RawLines:  true,
		Mixed:     true,
		Timed:     true,
	})
	Register(Format{
		Name:      "tracing-untimed",
		First:     " TDIWE",
		Title:     "Rust tracing, full or compact text without a time",
		Rank:      30,
		Parse:     parseTracingUntimed,
		Join:      joinTracing,
		Continues: continuesRustLog,
		RawLines:  true,
		Mixed:     true,
	})
}

// conviction says how sure the context of a line (spans, target) makes that tracing wrote it.
type conviction uint8

const (
	noContext    conviction = iota
	identContext            // "name: ", which prose has too
	pathContext             // "crate::module: "
	spanContext             // "span{k=v}: " or "outer:inner: "
)

func parseTracing(line []byte, r *Record, c *Clock) bool {
	if len(line) < 20 {
		return false
	}
	rest, own := line, false
	micros := false
	switch {
	case isDigit(line[0]) && line[4] == '-':
		t, n := c.ParseTime(line)
		if n == 0 || n+1 >= len(line) || line[n] != ' ' || n > 19 && line[19] == ',' {
			return false
		}
		r.Time = t
		rest = line[n+1:]
		own = line[10] == 'T' && t.Kind == TimeZoned && n >= len("2006-01-02T15:04:05.000000Z")
		micros = own && n == len("2006-01-02T15:04:05.000000Z")
	case isDigit(line[0]) || line[0] == ' ':
		t, n := parseUptime(line)
		if n == 0 || n+1 >= len(line) || line[n] != ' ' {
			return false
		}
		r.Time = t
		rest = line[n+1:]
		own = true
	default:
		return false
	}
	if tracingLevel(rest, r) {
		convinced := parseTracingEvent(rest[6:], r)
		return own || convinced >= identContext || len(r.Thread) > 0
	}
	if len(rest) > 5 && rest[4] == ' ' && (string(rest[:4]) == "INFO" || string(rest[:4]) == "WARN") {
		// Other formatters of the tracing family do not pad the level.
		setTracingLevel(rest[:4], r)
		return parseTracingEvent(rest[5:], r) >= pathContext
	}
	if !own {
		return false
	}
	convinced := parseTracingEvent(rest, r) // with_level(false)
	return convinced >= pathContext || micros && convinced == identContext
}

func parseTracingUntimed(line []byte, r *Record, _ *Clock) bool {
	if !tracingLevel(line, r) {
		return false
	}
	return parseTracingEvent(line[6:], r) >= identContext
}

// tracingLevel reads the level, which is padded on the left to five bytes, and the blank after it.
func tracingLevel(b []byte, r *Record) bool {
	if len(b) < 6 || b[5] != ' ' {
		return false
	}
	switch string(b[:5]) {
	case " INFO", " WARN":
		setTracingLevel(b[1:5], r)
	case "ERROR", "DEBUG", "TRACE":
		setTracingLevel(b[:5], r)
	default:
		return false
	}
	return true
}

func setTracingLevel(word []byte, r *Record) {
	r.SeverityText = word
	r.Severity = ParseSeverity(word)
}

// parseUptime reads what tracing's Uptime timer writes: seconds padded to four bytes, a point, nine digits, "s".
func parseUptime(b []byte) (t Timestamp, n int) {
	for n < len(b) && n < 4 && b[n] == ' ' {
		n++
	}
	begin := n
	var seconds int64
	for n < len(b) && isDigit(b[n]) && n-begin < 10 {
		seconds = seconds*10 + int64(b[n]-'0')
		n++
	}
	if n == begin || n+11 > len(b) || b[n] != '.' || b[n+10] != 's' {
		return t, 0
	}
	nanos, ok := digits(b[n+1 : n+10])
	if !ok {
		return t, 0
	}
	if seconds > 1<<33 {
		return t, 0
	}
	return Timestamp{Nano: seconds*1e9 + int64(nanos), Kind: TimeUptime}, n + 11
}

// parseTracingEvent reads what follows the level.
func parseTracingEvent(b []byte, r *Record) conviction {
	b = tracingThread(b, r)
	b, convinced := tracingContext(b, r)
	if path, line, n := fileGroup(b); n > 0 {
		addLocation(r, path, line)
		b = b[n:]
	}
	r.Body = splitFields(b, r)
	return convinced
}

// tracingThread reads the thread's name and id. A name alone has no mark of its own, so it is read only when it is
// padded or one of those that every program on tokio has.
func tracingThread(b []byte, r *Record) []byte {
	id := bytes.Index(b[:min(len(b), 128)], []byte("ThreadId("))
	if id >= 0 {
		name := bytes.Trim(b[:id], " ")
		end := bytes.IndexByte(b[id:], ')') + id
		if end < id || end+1 < len(b) && b[end+1] != ' ' || id > 0 && b[id-1] != ' ' || bytes.ContainsAny(name, ":{=\"") {
			return b
		}
		if len(name) > 0 {
			r.Add(threadName, name)
		}
		r.Thread = b[id : end+1]
		return b[min(end+2, len(b)):]
	}
	trimmed := bytes.TrimLeft(b, " ")
	n := bytes.IndexByte(trimmed, ' ')
	if n <= 0 {
		return b
	}
	name := trimmed[:n]
	if len(trimmed) == len(b) && string(name) != "main" && !bytes.HasPrefix(name, []byte("tokio-r")) {
		return b
	}
	if g := targetGroup(trimmed[n+1:]); g == 0 && bytes.IndexByte(trimmed[n+1:], '{') < 0 {
		return b
	}
	r.Thread = name
	return trimmed[n+1:]
}

// maxSpans bounds the nesting of spans that is read.
const maxSpans = 32

// tracingContext reads the spans and the target and returns what follows. A bare "name: " is a span or a target
// and nothing on the line tells which: it is a span only when a name that can be nothing but a target follows.
func tracingContext(b []byte, r *Record) ([]byte, conviction) {
	mark := len(r.Fields)
	end, spans, braces := spanGroup(b, r)
	if end == 0 {
		r.Fields = r.Fields[:mark]
		return b, noContext
	}
	next := afterBlank(b, end)
	if spans > 1 || braces {
		if n := targetGroup(next); n > 0 && (isCrateLike(next) || isPath(next[:n-1])) {
			r.Scope = next[:n-1]
			next = afterBlank(next, n)
		}
		return next, spanContext
	}
	r.Fields = r.Fields[:mark]
	name := b[:end-1]
	crate, path := isCrateLike(name), isPath(name)
	if crate && path {
		r.Scope = name
		return next, pathContext
	}
	if n := targetGroup(next); n > 0 && isCrateLike(next) {
		_, _, file := fileGroup(afterBlank(next, n))
		if !crate || isPath(next[:n-1]) || file > 0 {
			r.Add(spanField, name)
			r.Scope = next[:n-1]
			return afterBlank(next, n), spanContext
		}
	}
	switch {
	case path:
		r.Scope = name
		return next, pathContext
	case crate:
		r.Scope = name
		return next, identContext
	}
	return b, noContext
}

// spanGroup reads "name{k=v}:name: ", adds the spans to r and returns the offset after the last colon, or 0.
func spanGroup(b []byte, r *Record) (end, spans int, braces bool) {
	i := 0
	for spans < maxSpans {
		n := pathLen(b[i:])
		if n == 0 {
			return 0, 0, false
		}
		r.Add(spanField, b[i:i+n])
		i += n
		if i < len(b) && b[i] == '{' {
			closing := spanEnd(b, i)
			if closing == 0 {
				return 0, 0, false
			}
			if text := splitFields(b[i+1:closing], r); len(text) > 0 && len(text) == closing-i-1 {
				r.Add(spanField, text)
			}
			braces = true
			i = closing + 1
		}
		if i >= len(b) || b[i] != ':' {
			return 0, 0, false
		}
		i++
		spans++
		if i == len(b) || b[i] == ' ' {
			return i, spans, braces
		}
	}
	return 0, 0, false
}

// spanEnd returns the offset of the brace that closes the fields of a span at i, or 0. Display values need not
// balance their brackets; then the first "}:" ends the span.
func spanEnd(b []byte, i int) int {
	if end := bracketEnd(b, i); end > 0 && end < len(b) && b[end] == ':' {
		return end - 1
	}
	if n := bytes.Index(b[i:], []byte("}:")); n > 0 {
		return i + n
	}
	return 0
}

// targetGroup returns the length of a "target:" that a blank or the end follows, or 0.
func targetGroup(b []byte) int {
	n := pathLen(b)
	if n == 0 || n >= len(b) || b[n] != ':' || n+1 < len(b) && b[n+1] != ' ' {
		return 0
	}
	return n + 1
}

// fileGroup reads "src/main.rs:3: " or "src/main.rs: " and returns the offset after it, or 0.
func fileGroup(b []byte) (path []byte, line, n int) {
	n = bytes.IndexByte(b, ' ')
	if n < 0 {
		n = len(b)
	}
	if n < 5 || b[n-1] != ':' {
		return nil, 0, 0
	}
	path, line = rustLocation(b[:n-1])
	if path == nil {
		return nil, 0, 0
	}
	return path, line, min(n+1, len(b))
}

// pathLen returns the length of the name or path (a::b) that b begins with.
func pathLen(b []byte) int {
	if len(b) == 0 || !isNameStart(b[0]) {
		return 0
	}
	i := 1
	for i < len(b) {
		switch {
		case isNameByte(b[i]):
			i++
		case b[i] == ':' && i+2 < len(b) && b[i+1] == ':' && isNameStart(b[i+2]):
			i += 3
		default:
			return i
		}
	}
	return i
}

func isCrateLike(name []byte) bool { return name[0] == '_' || name[0] >= 'a' && name[0] <= 'z' }

func isPath(name []byte) bool { return bytes.Contains(name, []byte("::")) }

func afterBlank(b []byte, n int) []byte { return b[min(n+1, len(b)):] }

// stageBacktrace: a backtrace has begun inside the message; its frames are counted, not joined.
const stageBacktrace = 1

// continuesRustLog takes every line but the last words of a main function that failed.
func continuesRustLog(line []byte, _ *Record) bool { return !bytes.HasPrefix(line, rustMainError) }

// joinTracing adds a line of a message that holds line feeds. The last such line carries the fields.
func joinTracing(line []byte, r *Record) {
	if r.stage == stageBacktrace {
		return
	}
	line = bytes.TrimLeft(line, " \t")
	if isBacktraceHead(line) {
		r.stage = stageBacktrace
		return
	}
	from := len(r.Fields)
	if from < maxFields {
		line = splitFields(line, r)
		holdFields(r, from)
	}
	if len(line) > 0 {
		r.JoinBody(line)
	}
}

// isBacktraceHead recognises the heading of a backtrace as std and anyhow print it.
func isBacktraceHead(line []byte) bool {
	return bytes.HasPrefix(line, []byte("stack backtrace:")) || bytes.HasPrefix(line, []byte("Stack backtrace:"))
}
