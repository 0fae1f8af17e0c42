package parsers

import (
	"bytes"

	"github.com/valyala/fastjson"
)

func init() {
	Register(Format{
		Name:      "zap-console",
		First:     "0123456789",
		Title:     "Go zap, console encoder (etcd, controllers, libp2p)",
		Rank:      8,
		Mixed:     true,
		Timed:     true,
		Parse:     parseZap,
		Continues: continuesZap,
	})
}

// parseZap takes TIME<TAB>LEVEL<TAB>[name<TAB>][file.go:12<TAB>]message[<TAB>{fields}], the columns of zap's
// console encoder.
func parseZap(line []byte, r *Record, c *Clock) bool {
	t, n := c.ParseTime(line)
	if n == 0 || n >= len(line) || line[n] != '\t' {
		return false
	}
	r.Time = t
	return parseZapConsole(line[n+1:], r)
}

// parseZapConsole reads what follows the time. The name may stand in brackets.
func parseZapConsole(rest []byte, r *Record) bool {
	word, rest, ok := column(rest)
	if !ok {
		return false
	}
	r.Severity, r.SeverityText = ParseSeverity(word), word
	if r.Severity == SeverityUnset {
		return false
	}
	if word, after, ok := column(rest); ok && !isCaller(word) && bytes.IndexByte(word, ' ') < 0 {
		// A name is followed by more columns; a message without blanks is followed by its fields at most.
		if len(after) > 0 && after[0] != '{' {
			if n := len(word); n > 2 && word[0] == '[' && word[n-1] == ']' {
				word = word[1 : n-1]
			}
			r.Scope, rest = word, after
		}
	}
	if word, after, ok := column(rest); ok && isCaller(word) {
		r.CodeLine = lineAfterColon(word)
		r.Add(callerName, word)
		rest = after
	}
	r.Body = rest
	if at := bytes.LastIndex(rest, []byte("\t{")); at >= 0 && rest[len(rest)-1] == '}' {
		if value, err := r.JSON.ParseBytes(rest[at+1:]); err == nil {
			r.Body = rest[:at]
			fields, _ := value.Object()
			fields.Visit(func(name []byte, v *fastjson.Value) { r.Add(name, textOf(v, r)) })
		}
	}
	return true
}

var callerName = []byte("caller")

// column cuts the text before the next tab, without padding.
func column(b []byte) (word, rest []byte, ok bool) {
	at := bytes.IndexByte(b, '\t')
	if at < 0 {
		return nil, b, false
	}
	return bytes.Trim(b[:at], " "), b[at+1:], true
}

// isCaller recognises dir/file.go:12.
func isCaller(word []byte) bool {
	at := bytes.LastIndexByte(word, ':')
	return at > 3 && bytes.HasSuffix(word[:at], []byte(".go")) && lineAfterColon(word) > 0
}

// continuesZap takes the stack that zap prints after an error: function and file in turn, no arguments.
// Functions of package main have no slash in their path, which the generic rule wants to see.
func continuesZap(line []byte, _ *Record) bool {
	if genericContinues(line) {
		return true
	}
	return bytes.HasPrefix(line, []byte("main.")) || bytes.HasPrefix(line, []byte("runtime.")) ||
		bytes.HasPrefix(line, []byte("reflect.")) || bytes.HasPrefix(line, []byte("testing."))
}

// lineAfterColon returns the number after the last colon, 0 when there is none.
func lineAfterColon(b []byte) int {
	at := bytes.LastIndexByte(b, ':')
	if at < 0 || len(b)-at > 8 {
		return 0
	}
	n, _ := digits(b[at+1:])
	return n
}
