package parsers

import "bytes"

// NanoMQ's logger (nng/src/supplemental/nanolib/log.c) writes one prefix with three endings:
//
//	console  2026-11-21 23:59:29 [12062] WARN  /…/broker_tls.c:347 tlstran_pipe_nego_cb: nego aio error
//	colours  the same with SGR sequences around level and path and one more blank before the function
//	file     2026-11-21 23:59:29 [12062] WARN  /…/broker_tls.c:347: nego aio error
//
// The time is local and has no zone. The number in brackets is a thread id, not a process id. The path is the
// compile-time one: absolute, relative or of Windows, with a colon and perhaps blanks. One format reads all
// three, so that a message is the same whichever sink it comes from.
func init() {
	Register(Format{
		Name:   "nanomq",
		First:  "0123456789",
		Title:  "NanoMQ console or log file",
		System: "nanomq",
		Rank:   62,
		Parse:  parseNanoMQ,
		Split:  splitNanoMQ,
		Mixed:  true,
		Timed:  true,
	})
}

var fieldCodeFilePath = []byte("code.file.path")

func parseNanoMQ(line []byte, r *Record, c *Clock) bool {
	p, ok := scanNanoMQ(line)
	if !ok {
		return false
	}
	t, n := c.ParseTime(line[:19])
	if n == 0 {
		return false
	}
	r.Time = t
	r.SeverityText = p.level
	r.Severity = ParseSeverity(p.level)
	r.Thread = p.thread
	r.Scope = p.path[bytes.LastIndexAny(p.path, `/\`)+1:]
	r.CodeLine = p.line
	r.Function = p.function
	r.Add(fieldCodeFilePath, p.path)
	r.Body = bytes.TrimLeft(line[p.end:], " \t")
	return true
}

// splitNanoMQ finds a second prefix inside a line: the console sink takes no lock between prefix and message.
func splitNanoMQ(line []byte) int {
	const stamp = len("2006-01-02 15:04:05 ")
	for i := stamp + 1; ; i++ {
		next := bytes.IndexByte(line[min(i, len(line)):], '[')
		if next < 0 {
			return -1
		}
		i += next
		at := i - stamp
		if at <= 0 || line[i-1] != ' ' {
			continue
		}
		if _, ok := scanNanoMQ(line[at:]); ok {
			return at
		}
	}
}

// nanoMQPrefix is what stands before a message.
type nanoMQPrefix struct {
	thread, level, path, function []byte
	line                          int
	end                           int // where the message begins
}

// maxNanoMQPath bounds the search for the end of a path, which may hold blanks.
const maxNanoMQPath = 512

func scanNanoMQ(b []byte) (p nanoMQPrefix, ok bool) {
	if len(b) < 32 || b[20] != '[' || b[19] != ' ' || b[10] != ' ' || b[4] != '-' || b[7] != '-' ||
		b[13] != ':' || b[16] != ':' || !isDigit(b[0]) || !isDigit(b[18]) {
		return p, false
	}
	i := 21
	for i < len(b) && isDigit(b[i]) {
		i++
	}
	if i == 21 || i+8 > len(b) || b[i] != ']' || b[i+1] != ' ' {
		return p, false
	}
	p.thread = b[21:i]
	i += 2
	if p.level = nanoMQLevel(b[i:]); p.level == nil {
		return p, false
	}
	i += len(p.level)
	if i >= len(b) || b[i] != ' ' {
		return p, false
	}
	for i < len(b) && b[i] == ' ' {
		i++
	}
	return p, p.scanPlace(b, i)
}

// scanPlace reads path, line and function from b[i:].
func (p *nanoMQPrefix) scanPlace(b []byte, i int) bool {
	end, after := nanoMQSource(b[i:])
	if end < 0 {
		return false
	}
	p.path = b[i : i+end]
	for _, c := range b[i+end+1 : i+after] {
		if p.line = p.line*10 + int(c-'0'); p.line > 1<<24 {
			return false
		}
	}
	i += after
	p.end = i
	if i == len(b) {
		return true // cut short
	}
	if b[i] == ':' { // the file sink names no function
		p.end++
		return true
	}
	for i < len(b) && b[i] == ' ' {
		i++
	}
	from := i
	for i < len(b) && isWord(b[i]) {
		i++
	}
	p.end = from
	if i > from && i < len(b) && b[i] == ':' {
		p.function = b[from:i]
		p.end = i + 1
	}
	return true
}

// nanoMQSource finds the end of a C source path and of the line number behind it, as offsets, or -1. A colon
// alone decides nothing: Windows paths have one of their own.
func nanoMQSource(b []byte) (end, after int) {
	limit := min(len(b), maxNanoMQPath)
	for i := 2; i < limit; i++ {
		colon := bytes.IndexByte(b[i:limit], ':')
		if colon < 0 {
			break
		}
		i += colon
		if !isCSource(b[:i]) {
			continue
		}
		j := i + 1
		for j < len(b) && isDigit(b[j]) {
			j++
		}
		if j > i+1 && (j == len(b) || b[j] == ':' || b[j] == ' ') {
			return i, j
		}
	}
	return -1, 0
}

func isCSource(path []byte) bool {
	n := len(path)
	return n > 2 && path[n-2] == '.' && (path[n-1] == 'c' || path[n-1] == 'h') ||
		n > 4 && (string(path[n-3:]) == ".cc" || string(path[n-4:]) == ".cpp")
}

func nanoMQLevel(b []byte) []byte {
	n := 5
	if len(b) > 4 && b[4] == ' ' {
		n = 4
	}
	if len(b) < n {
		return nil
	}
	switch string(b[:n]) {
	case "FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE":
		return b[:n]
	}
	return nil
}

func isWord(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigit(c)
}
