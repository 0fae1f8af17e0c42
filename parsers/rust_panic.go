package parsers

import "bytes"

// What Rust's panic hook writes to standard error, whatever the program logs with:
//
//	thread 'main' (123) panicked at src/main.rs:25:109:      the id since Rust 1.89
//	index out of bounds: the len is 0 but the index is 3
//	note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
//
//	thread 'main' panicked at 'the message', src/main.rs:1:2  before Rust 1.73
//
// The message, which may have several lines, becomes the body. A note comes with the first panic of a process
// only, so the message has no sure end: it is bounded.
func init() {
	Register(Format{
		Name:      "rust-panic",
		First:     "t",
		Title:     "Rust panic with its backtrace",
		Rank:      50,
		Parse:     parseRustPanic,
		Claims:    claimsRustPanic,
		Continues: continuesRustPanic,
		Join:      joinRustPanic,
		Mixed:     true,
	})
}

const (
	// stageMessageOver: the message has ended, only notes and frames follow.
	stageMessageOver = 1
	// stageOldMessage: the old form's quoted message goes on in the next line.
	stageOldMessage = 2
)

// maxPanicMessage is the number of lines that the message of a panic may have.
const maxPanicMessage = 8

func parseRustPanic(line []byte, r *Record, _ *Clock) bool {
	rest, ok := bytes.CutPrefix(line, []byte("thread '"))
	if !ok {
		return false
	}
	const overflow = "has overflowed its stack"
	at := bytes.Index(rest, []byte("panicked at "))
	stack := false
	if at < 0 {
		if at = bytes.Index(rest, []byte(overflow)); at < 0 {
			return false
		}
		stack = true
	}
	name := bytes.TrimRight(rest[:at], " ")
	rest = rest[at:]
	if n := len(name); n > 0 && name[n-1] == ')' {
		open := bytes.LastIndexByte(name, '(')
		if open < 0 {
			return false
		}
		if _, ok := digits(name[open+1 : n-1]); !ok {
			return false
		}
		r.Add(threadID, name[open+1:n-1])
		name = bytes.TrimRight(name[:open], " ")
	}
	if len(name) == 0 || name[len(name)-1] != '\'' {
		return false
	}
	r.Thread = name[:len(name)-1]
	r.Severity = SeverityFatal
	if stack {
		r.Body = rest
		r.stage = stageMessageOver
		return true
	}
	rest = rest[len("panicked at "):]
	if len(rest) > 0 && rest[0] == '\'' {
		if !oldPanicEnd(rest[1:], r) {
			r.Body = rest[1:]
			r.stage = stageOldMessage
		}
		return true
	}
	path, n := rustLocation(bytes.TrimRight(rest, ":"))
	if path == nil {
		path = bytes.TrimRight(rest, ":")
	}
	addLocation(r, path, n)
	return true
}

// oldPanicEnd reads "message', src/main.rs:1:2", the end of the form before Rust 1.73, and joins the message.
func oldPanicEnd(b []byte, r *Record) bool {
	i := bytes.LastIndex(b, []byte("', "))
	if i < 0 {
		return false
	}
	path, n := rustLocation(b[i+3:])
	if path == nil {
		return false
	}
	addLocation(r, path, n)
	r.JoinBody(b[:i])
	r.stage = stageMessageOver
	return true
}

// claimsRustPanic takes what stands after the message. Frames are numbered lines, and so are the causes that
// anyhow prints in a message: they are frames only after the heading.
func claimsRustPanic(line []byte, r *Record) bool {
	if isBacktraceHead(line) || bytes.HasPrefix(line, []byte("note: ")) || bytes.HasPrefix(line, []byte("fatal runtime error: ")) {
		return true
	}
	return r.stage == stageMessageOver && isRustFrame(line)
}

// isRustFrame recognises "  12: path::function" and "             at /src/file.rs:1:2".
func isRustFrame(line []byte) bool {
	rest := bytes.TrimLeft(line, " ")
	indent := len(line) - len(rest)
	if indent == 0 {
		return false
	}
	if indent >= 10 && bytes.HasPrefix(rest, []byte("at ")) {
		return true
	}
	n := 0
	for n < len(rest) && isDigit(rest[n]) {
		n++
	}
	return n > 0 && n+1 < len(rest) && rest[n] == ':' && rest[n+1] == ' '
}

func continuesRustPanic(line []byte, r *Record) bool {
	if r.stage == stageMessageOver {
		return isRustFrame(line)
	}
	return r.Lines <= maxPanicMessage && !bytes.HasPrefix(line, rustMainError)
}

func joinRustPanic(line []byte, r *Record) {
	if bytes.HasPrefix(line, []byte("fatal runtime error: ")) {
		r.JoinBody(line)
		r.stage = stageMessageOver
		return
	}
	if r.stage == stageMessageOver {
		return
	}
	if isBacktraceHead(line) || bytes.HasPrefix(line, []byte("note: ")) {
		r.stage = stageMessageOver
		return
	}
	if r.stage == stageOldMessage {
		from := len(r.Fields)
		if oldPanicEnd(line, r) {
			holdFields(r, from)
			return
		}
	}
	r.JoinBody(bytes.TrimLeft(line, " \t"))
}
