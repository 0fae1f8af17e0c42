package parsers

import "bytes"

// maxFields bounds the fields that are read from one line of text; the rest stays in the last value.
const maxFields = 128

// maxUnmatched is the number of quotes and brackets without a partner after which they are taken as text.
// It keeps the work linear for hostile lines.
const maxUnmatched = 4

// splitFields adds the key=value pairs of a line that Rust's tracing wrote to r and returns the text before
// them: the message. Values written with Display are bare and may hold blanks and "=", so a value reaches
// to the next " name=" that stands outside quotes and brackets; those written with Debug balance theirs.
func splitFields(b []byte, r *Record) []byte {
	if bytes.IndexByte(b, '=') < 0 {
		return b
	}
	text := b
	name, value := -1, -1 // where the open field begins and its value
	unmatched, fields := 0, 0
	for i := 0; i < len(b); {
		if (i == 0 || b[i-1] == ' ') && fields < maxFields {
			if n := fieldName(b[i:], '='); n > 0 {
				if name < 0 {
					text = bytes.TrimRight(b[:i], " ")
				} else {
					r.Add(b[name:value-1], unquote(bytes.TrimRight(b[value:i], " "), r))
				}
				name, value = i, i+n+1
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
		r.Add(b[name:value-1], unquote(b[value:], r))
	}
	return text
}

// fieldName returns the length of the field name that b begins with and that sep follows, or 0.
func fieldName(b []byte, sep byte) int {
	if len(b) == 0 || !isNameStart(b[0]) {
		return 0
	}
	n := 1
	for n < len(b) && isNameByte(b[n]) {
		n++
	}
	if n >= len(b) || b[n] != sep || n+1 < len(b) && b[n+1] == sep {
		return 0
	}
	return n
}

func isNameStart(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }

func isNameByte(c byte) bool { return isNameStart(c) || isDigit(c) || c == '.' || c == '-' }

// groupEnd returns the offset after the quoted string or bracketed group that begins at i, or 0 when none
// begins there or it does not end.
func groupEnd(b []byte, i int, unmatched *int) int {
	if *unmatched >= maxUnmatched {
		return 0
	}
	end := 0
	switch b[i] {
	case '"':
		if i > 0 && (isNameByte(b[i-1]) || b[i-1] == '\\') {
			return 0 // inches, or the end of a quotation
		}
		end = quoteEnd(b, i)
	case '{', '(', '[':
		end = bracketEnd(b, i)
	default:
		return 0
	}
	if end == 0 {
		*unmatched++
	}
	return end
}

// quoteEnd returns the offset after the string literal that begins at i, or 0.
func quoteEnd(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}

// bracketEnd returns the offset after the bracket that closes the one at i, or 0. Only the outermost pair must
// be of one kind.
func bracketEnd(b []byte, i int) int {
	depth, quotes, open := 0, true, b[i]
	for ; i < len(b); i++ {
		switch b[i] {
		case '"':
			if quotes {
				if end := quoteEnd(b, i); end > 0 {
					i = end - 1
				} else {
					quotes = false
				}
			}
		case '{', '(', '[':
			depth++
		case '}', ')', ']':
			if depth--; depth > 0 {
				break
			}
			if b[i]-open > 2 { // "()" are neighbours in ASCII, "[]" and "{}" have one between them
				return 0
			}
			return i + 1
		}
	}
	return 0
}

// unquote returns what a string written with Rust's Debug holds; any other value is returned as it is.
func unquote(v []byte, r *Record) []byte {
	if len(v) < 2 || v[0] != '"' || v[len(v)-1] != '"' || quoteEnd(v, 0) != len(v) {
		return v
	}
	v = v[1 : len(v)-1]
	if bytes.IndexByte(v, '\\') < 0 {
		return v
	}
	start := len(r.arena)
	for i := 0; i < len(v); i++ {
		c := v[i]
		if c == '\\' && i+1 < len(v) {
			i++
			switch v[i] {
			case 'n':
				c = '\n'
			case 't':
				c = '\t'
			case 'r':
				c = '\r'
			case '"', '\\', '\'':
				c = v[i]
			default: // \u{1b}, \0: better shown than interpreted
				r.arena = append(r.arena, c)
				c = v[i]
			}
		}
		r.arena = append(r.arena, c)
	}
	return r.arena[start:len(r.arena):len(r.arena)]
}

// holdFields copies the fields from the one at index from on into the record: those of a continuation line
// must outlive the line.
func holdFields(r *Record, from int) {
	for i := from; i < len(r.Fields); i++ {
		r.Fields[i].Name = r.Hold(r.Fields[i].Name)
		r.Fields[i].Value = r.Hold(r.Fields[i].Value)
	}
}

// rustLocation splits "src/server.rs:308" or "src/server.rs:308:17" into path and line; the path is nil when b
// is no Rust source location.
func rustLocation(b []byte) (path []byte, line int) {
	i := bytes.LastIndex(b, []byte(".rs"))
	if i <= 0 {
		return nil, 0
	}
	path, b = b[:i+3], b[i+3:]
	if len(b) == 0 {
		return path, 0
	}
	if b[0] != ':' {
		return nil, 0
	}
	for b = b[1:]; len(b) > 0 && isDigit(b[0]) && line < 1<<24; b = b[1:] {
		line = line*10 + int(b[0]-'0')
	}
	return path, line
}

// addLocation notes where the record was logged: registry paths name the version of the crate.
func addLocation(r *Record, path []byte, line int) {
	r.Add(codeFilePath, path)
	r.CodeLine = line
}

var (
	codeFilePath  = []byte("code.file.path")
	threadName    = []byte("thread.name")
	threadID      = []byte("thread.id")
	spanField     = []byte("span")
	rustMainError = []byte("Error: ")
)
