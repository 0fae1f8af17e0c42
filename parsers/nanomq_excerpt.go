package parsers

import "bytes"

// People quote NanoMQ's lines without time and thread:
//
//	WARN tlstran_pipe_nego_cb: nego aio error: Cryptographic error
//	ERROR /nanomq/nanomq/bridge.c:1213 bridge_tcp_client: nng_dialer_create failed 9
//
// A level and a word are too little to know the program by, so there must be a C source file or a function that
// ends in _cb, as NNG names its callbacks.
func init() {
	Register(Format{
		Name:   "nanomq-excerpt",
		First:  "FEWIDT",
		Title:  "NanoMQ lines quoted without time and thread",
		System: "nanomq",
		Rank:   56,
		Parse:  parseNanoMQExcerpt,
		Mixed:  true,
	})
}

var callbackSuffix = []byte("_cb")

func parseNanoMQExcerpt(line []byte, r *Record, _ *Clock) bool {
	level := nanoMQLevel(line)
	if level == nil || len(line) < len(level)+4 || line[len(level)] != ' ' {
		return false
	}
	i := len(level)
	for i < len(line) && line[i] == ' ' {
		i++
	}
	from := i
	for i < len(line) && isWord(line[i]) {
		i++
	}
	function := line[from:i]
	switch {
	case bytes.HasSuffix(function, callbackSuffix) && i+1 < len(line) && line[i] == ':' && line[i+1] == ' ':
		r.Function = function
		r.Body = bytes.TrimLeft(line[i+1:], " ")
	default:
		var p nanoMQPrefix
		if !p.scanPlace(line, from) || p.function == nil || bytes.IndexByte(p.path, ' ') >= 0 {
			return false
		}
		r.Function, r.CodeLine = p.function, p.line
		r.Scope = p.path[bytes.LastIndexAny(p.path, `/\`)+1:]
		r.Add(fieldCodeFilePath, p.path)
		r.Body = bytes.TrimLeft(line[p.end:], " ")
	}
	r.Severity, r.SeverityText = ParseSeverity(level), level
	return true
}
