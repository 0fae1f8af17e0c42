package parsers

import "bytes"

// peelStamped handles lines that begin with an RFC 3339 time: the CRI log file, `logs --timestamps` and
// journalctl's ISO forms. Many programs begin their lines so, hence what follows the time decides.
func peelStamped(line []byte, r *Record, c *Clock) ([]byte, string) {
	const longest = len("2006-01-02T15:04:05.000000000-07:00")
	n := bytes.IndexByte(line[19:min(len(line), longest+1)], ' ')
	if n < 0 {
		return nil, ""
	}
	n += 19
	stamp, rest := line[:n], line[n+1:]
	if len(rest) > 7 && rest[0] == 's' && rest[6] == ' ' {
		if inner, kind := peelCRI(stamp, rest, r, c); kind != "" {
			return inner, kind
		}
	}
	if stamp[n-1] == 'Z' {
		return peelTimestamps(stamp, rest, r, c)
	}
	return peelJournaldISO(stamp, rest, r, c)
}

// peelCRI peels "2026-11-22T00:02:48.678398123Z stdout F message"; P instead of F means that more follows.
func peelCRI(stamp, rest []byte, r *Record, c *Clock) ([]byte, string) {
	stream := rest[:6]
	if string(stream) != "stdout" && string(stream) != "stderr" || rest[7] != 'F' && rest[7] != 'P' {
		return nil, ""
	}
	// More tags may follow the first, separated by colons; an empty message may have lost its blank.
	end := bytes.IndexByte(rest[7:], ' ')
	tags, inner := rest[7:], rest[len(rest):]
	if end >= 0 {
		tags, inner = rest[7:7+end], rest[7+end+1:]
	}
	if len(tags) > 1 && tags[1] != ':' {
		return nil, ""
	}
	t, n := c.ParseTime(stamp)
	if n != len(stamp) {
		return nil, ""
	}
	r.Envelope.setTime(t)
	r.Envelope.Stream = stream
	r.Envelope.Partial = rest[7] == 'P'
	return inner, kindCRI
}

// peelTimestamps peels the time that `docker logs --timestamps` puts before a line: nine digits and Z
// (seven in the logs of GitHub Actions). A program may write such times itself, so the rest must look like the
// beginning of a line of its own: JSON, another time, a console tag, a Go panic. A level word never does.
func peelTimestamps(stamp, rest []byte, r *Record, c *Clock) ([]byte, string) {
	if len(stamp) != len("2006-01-02T15:04:05.000000000Z") && len(stamp) != len("2006-01-02T15:04:05.0000000Z") {
		return nil, ""
	}
	if !beginsLine(rest, c) {
		return nil, ""
	}
	t, n := c.ParseTime(stamp)
	if n != len(stamp) {
		return nil, ""
	}
	r.Envelope.setTime(t)
	return rest, kindTimestamps
}

var lineBeginnings = [][]byte{
	[]byte("panic: "), []byte("goroutine "), []byte("fatal error: "), []byte("created by "),
}

func beginsLine(b []byte, c *Clock) bool {
	if len(b) == 0 {
		return true
	}
	switch first := b[0]; {
	case first == '{', first == '\t', first == '-', first >= 0x80:
		return true
	case first == '[':
		end := bytes.IndexByte(b, ']')
		return end > 0 && ParseSeverity(bytes.TrimSpace(b[1:end])) == SeverityUnset
	case isDigit(first):
		_, n := c.ParseTime(b)
		return n > 0
	}
	for _, p := range lineBeginnings {
		if bytes.HasPrefix(b, p) {
			return true
		}
	}
	return false
}

var podHead = []byte("[pod/")

// peelKubectl peels "[pod/NAME/CONTAINER] message". A pod's host name is its name.
func peelKubectl(line []byte, r *Record) ([]byte, string) {
	if !bytes.HasPrefix(line, podHead) {
		return nil, ""
	}
	end := bytes.IndexByte(line, ']')
	slash := bytes.LastIndexByte(line[:max(end, 0)], '/')
	if slash <= len(podHead) || slash+1 == end || bytes.IndexByte(line[:end], ' ') >= 0 {
		return nil, ""
	}
	inner := line[end+1:]
	if len(inner) > 0 && inner[0] != ' ' {
		return nil, ""
	}
	r.Envelope.Host = line[len(podHead):slash]
	r.Envelope.Container = line[slash+1 : end]
	return inner[min(1, len(inner)):], kindKubectl
}

var frame = []byte("│")

// peelK9s strips the frame of a copied k9s screen. A bar alone is no frame (trees and diagnostics draw
// them too): it must stand on both sides, or the inside must begin like a log line.
func peelK9s(line []byte) ([]byte, string) {
	inner := bytes.TrimLeft(line, " ")
	if !bytes.HasPrefix(inner, frame) {
		return nil, ""
	}
	inner = bytes.TrimRight(inner[len(frame):], " ")
	closed := bytes.HasSuffix(inner, frame)
	if closed {
		inner = bytes.TrimRight(inner[:len(inner)-len(frame)], " ")
	}
	if len(inner) > 0 && inner[0] == ' ' {
		inner = inner[1:]
	}
	if !closed && (len(inner) == 0 || !isDigit(inner[0]) && inner[0] != '{' && inner[0] != '[') {
		return nil, ""
	}
	return inner, kindK9s
}
