package parsers

import "bytes"

// NanoMQ's syslog sink sends the bare message and hands its own level numbers to syslog(3) as they are, so
// every severity is off: what syslog calls alert is an ERROR, what it calls err is an INFO. The ident tells
// that a line comes from it.
func init() {
	Register(Format{
		Name:   "nanomq-syslog",
		Title:  "NanoMQ messages in syslog or journald (ident nng-nanomq)",
		System: "nanomq",
		Rank:   61,
		Parse:  parseNanoMQSyslog,
		Mixed:  true,
		Timed:  true,
	})
}

func parseNanoMQSyslog(line []byte, r *Record, _ *Clock) bool {
	if string(r.Envelope.Container) != "nng-nanomq" {
		return false
	}
	if _, prefixed := scanNanoMQ(line); prefixed {
		return false // a console line that journald caught: the prefix says more
	}
	r.Time = r.Envelope.Time
	r.Body = bytes.TrimLeft(line, " \t")
	r.Severity, r.SeverityText = unskewNanoMQ(r.Envelope.Severity)
	return true
}

// unskewNanoMQ maps the severity that syslog shows back to the level that NanoMQ meant.
func unskewNanoMQ(shown Severity) (Severity, []byte) {
	for i, s := range syslogSeverities[:len(nanoMQLevels)] {
		if s == shown {
			return ParseSeverity(nanoMQLevels[i]), nanoMQLevels[i]
		}
	}
	return SeverityUnset, nil
}

// nanoMQLevels are NanoMQ's level words by their number.
var nanoMQLevels = [...][]byte{
	[]byte("FATAL"), []byte("ERROR"), []byte("WARN"), []byte("INFO"), []byte("DEBUG"), []byte("TRACE"),
}
