package parsers

import "bytes"

func init() {
	Register(Format{
		Name:      "go-panic",
		Title:     "Go panics, fatal errors and goroutine dumps",
		Rank:      62,
		Mixed:     true,
		Parse:     parseGoPanic,
		Claims:    claimsGoPanic,
		Continues: continuesGoPanic,
		Join:      joinGoPanic,
	})
}

var (
	panicWord     = []byte("panic: ")
	fatalWord     = []byte("fatal error: ")
	faultWord     = []byte("unexpected fault address ")
	runtimeWord   = []byte("runtime: ")
	goroutineWord = []byte("goroutine ")
	signalWord    = []byte("[signal ")
)

// parseGoPanic takes the first line of what the Go runtime prints when a process dies. Everything that
// follows, the dump of all goroutines included, is one record.
func parseGoPanic(line []byte, r *Record, _ *Clock) bool {
	if len(line) < 8 {
		return false
	}
	switch line[0] {
	case 'p':
		if !bytes.HasPrefix(line, panicWord) {
			return false
		}
	case 'f':
		if !bytes.HasPrefix(line, fatalWord) {
			return false
		}
	case 'u':
		if !bytes.HasPrefix(line, faultWord) {
			return false
		}
	case 'r':
		if !bytes.HasPrefix(line, []byte("runtime: goroutine stack exceeds ")) && !bytes.HasPrefix(line, []byte("runtime: out of memory")) {
			return false
		}
	case 'S':
		if !isSignal(line) {
			return false
		}
	case 'g':
		id := goroutineID(line)
		if id == nil {
			return false
		}
		// The panic line is missing: cut off, or written elsewhere.
		r.Thread = id
	default:
		return false
	}
	r.Severity = SeverityFatal
	r.Body = line
	return true
}

// isSignal recognises the signals on which the Go runtime dumps its goroutines: "SIGSEGV: segmentation
// violation", "SIGQUIT: quit" and the like.
func isSignal(line []byte) bool {
	at := bytes.IndexByte(line[:min(len(line), 9)], ':')
	if at < 0 {
		return false
	}
	switch string(line[:at]) {
	case "SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGABRT", "SIGQUIT", "SIGTRAP", "SIGSYS", "SIGXCPU":
		return true
	}
	return false
}

// goroutineID returns the number in "goroutine 1190 [running]:" (or "goroutine 1 gp=0x… m=0 mp=0x… [running]:").
func goroutineID(line []byte) []byte {
	if !bytes.HasPrefix(line, goroutineWord) || line[len(line)-1] != ':' {
		return nil
	}
	rest := line[len(goroutineWord):]
	n := 0
	for n < len(rest) && isDigit(rest[n]) {
		n++
	}
	if n == 0 || n == len(rest) || rest[n] != ' ' || bytes.IndexByte(rest, '[') < 0 {
		return nil
	}
	return rest[:n]
}

func claimsGoPanic(line []byte, r *Record) bool {
	switch line[0] {
	case '\t', ' ':
		return true
	case '[':
		return bytes.HasPrefix(line, signalWord) || bytes.HasPrefix(line, []byte("[originating from "))
	case '{', '"':
		return false
	case 'f':
		// "unexpected fault address" and "runtime: …" announce a fatal error.
		if bytes.HasPrefix(line, fatalWord) {
			return bytes.HasPrefix(r.Body, faultWord) || bytes.HasPrefix(r.Body, runtimeWord)
		}
	case 'g':
		if goroutineID(line) != nil || bytes.HasPrefix(line, []byte("goroutine running on other thread")) {
			return true
		}
	case 'e':
		if bytes.HasPrefix(line, []byte("exit status ")) && len(line) < 16 {
			return true
		}
	case 'p':
		if bytes.HasPrefix(line, []byte("panic({")) || bytes.HasPrefix(line, []byte("panic(0x")) || bytes.HasPrefix(line, []byte("panic during panic")) {
			return true
		}
	case 'c':
		if bytes.HasPrefix(line, []byte("created by ")) {
			return true
		}
	case 's':
		if bytes.HasPrefix(line, []byte("signal arrived during ")) {
			return true
		}
	case 'P':
		if bytes.HasPrefix(line, []byte("PC=0x")) {
			return true
		}
	case 'r':
		if bytes.HasPrefix(line, []byte("runtime stack:")) || bytes.HasPrefix(line, runtimeWord) {
			return true
		}
	case '.':
		return bytes.HasPrefix(line, []byte("...")) // "...additional frames elided..."
	case '-':
		return len(line) == 5 && string(line) == "-----" // between goroutines of a cgo crash
	}
	return isRegister(line) || isGoFrame(line)
}

// isRegister recognises a line of the register dump: a short name, blanks and a hexadecimal number.
func isRegister(line []byte) bool {
	at := bytes.IndexByte(line[:min(len(line), 8)], ' ')
	if at < 2 || len(line) > 32 {
		return false
	}
	rest := bytes.TrimLeft(line[at:], " ")
	return bytes.HasPrefix(rest, []byte("0x")) && bytes.IndexByte(rest, ' ') < 0
}

// continuesGoPanic keeps a message of several lines together. Three lines are all that a chunk boundary
// looks back on (cutDistance), so no more are taken.
func continuesGoPanic(line []byte, r *Record) bool {
	return genericContinues(line) || r.Thread == nil && r.Lines < cutDistance && len(r.Function) == 0
}

// maxDumpFrames is how many functions of a dump without its panic line are kept in the body.
const maxDumpFrames = 3

func joinGoPanic(line []byte, r *Record) {
	dump := bytes.HasPrefix(r.Body, goroutineWord)
	switch {
	case line[0] == '\t' || line[0] == ' ':
		text := bytes.TrimLeft(line, " \t")
		if bytes.HasPrefix(text, panicWord) { // panicked again while recovering
			r.JoinBody(text)
		}
	case bytes.HasPrefix(line, signalWord), bytes.HasPrefix(line, fatalWord):
		r.JoinBody(line)
	case goroutineID(line) != nil:
		if r.Thread == nil {
			r.Thread = r.Hold(goroutineID(line))
		}
	case bytes.HasPrefix(line, []byte("panic(")):
		r.Function = nil // what follows is where it happened
	case isGoFrame(line):
		name := functionName(line)
		if dump && r.Lines <= 2*maxDumpFrames+1 && bytes.Count(r.Body, newline) < maxDumpFrames {
			r.JoinBody(name)
		}
		if len(r.Function) == 0 {
			r.Function = r.Hold(name)
		}
	case r.Thread == nil && r.Lines <= cutDistance && !isRegister(line):
		r.JoinBody(line)
	}
}

// functionName cuts the arguments off a frame: github.com/x/y.(*T).M(0x1, {0x2}) is github.com/x/y.(*T).M.
func functionName(line []byte) []byte {
	if at := bytes.LastIndexByte(line, '('); at > 0 && line[len(line)-1] == ')' {
		return line[:at]
	}
	return line
}
