package parsers

import "bytes"

// What env_logger writes, the usual backend of Rust's log crate (and of tracing built with its "log" feature):
//
//	[2026-11-22T00:03:26Z INFO  [module ][file:line ]target] message
//
// Lines of a message after the first are indented by four blanks. Source: env_logger 0.11, src/fmt/mod.rs.
func init() {
	Register(Format{
		Name:      "env-logger",
		First:     "[",
		Title:     "Rust env_logger",
		Rank:      40,
		Parse:     parseEnvLogger,
		Join:      joinTracing,
		Continues: continuesRustLog,
		RawLines:  true,
		Mixed:     true,
		Timed:     true,
	})
	Register(Format{
		Name:      "env-logger-untimed",
		First:     "[",
		Title:     "Rust env_logger without a time",
		Rank:      30,
		Parse:     parseEnvLoggerUntimed,
		Join:      joinTracing,
		Continues: continuesRustLog,
		RawLines:  true,
		Mixed:     true,
	})
}

func parseEnvLogger(line []byte, r *Record, c *Clock) bool {
	if len(line) < 28 || line[0] != '[' || !isDigit(line[1]) {
		return false
	}
	t, n := c.ParseTime(line[1:])
	if n == 0 || t.Kind != TimeZoned || line[11] != 'T' || n+2 >= len(line) || line[n+1] != ' ' {
		return false
	}
	r.Time = t
	return parseEnvLoggerEvent(line[n+2:], r)
}

func parseEnvLoggerUntimed(line []byte, r *Record, _ *Clock) bool {
	if len(line) < 10 || line[0] != '[' {
		return false
	}
	return parseEnvLoggerEvent(line[1:], r)
}

// parseEnvLoggerEvent reads "LEVEL names] message"; the level is padded on the right to five bytes.
func parseEnvLoggerEvent(b []byte, r *Record) bool {
	if len(b) < 8 || b[5] != ' ' {
		return false
	}
	switch string(b[:5]) {
	case "INFO ", "WARN ":
		setTracingLevel(b[:4], r)
	case "ERROR", "DEBUG", "TRACE":
		setTracingLevel(b[:5], r)
	default:
		return false
	}
	b = b[6:]
	end := bytes.IndexByte(b, ']')
	if end <= 0 || end+1 < len(b) && b[end+1] != ' ' {
		return false
	}
	names := b[:end]
	for words := 0; len(names) > 0; words++ {
		word, rest, _ := bytes.Cut(names, []byte{' '})
		if words > 2 || len(word) == 0 {
			return false
		}
		if path, line := rustLocation(word); path != nil {
			addLocation(r, path, line)
		} else if pathLen(word) == len(word) {
			r.Scope = word // the last one is the target
		} else {
			return false
		}
		names = rest
	}
	if r.Scope == nil {
		return false
	}
	r.Body = splitFields(afterBlank(b, end+1), r)
	return true
}
