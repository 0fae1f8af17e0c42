package parsers

// Envelope is what surrounds a log line: the wrapping of a container runtime, an orchestrator, syslog or
// journald. Byte slices are borrowed like those of the record.
type Envelope struct {
	// Kind names the outermost envelope, "" for none.
	Kind string
	// Stream is "stdout" or "stderr" (log.iostream) where the envelope says so.
	Stream []byte
	// Container is the container, service or syslog program that the line came from.
	Container []byte
	// Host is the host name, where given.
	Host []byte
	// Time is the time that the envelope adds; it stands in for a line without one.
	Time Timestamp
	// Partial is set when the runtime cut a long line and the rest follows in the next one.
	Partial bool
}

// peeler removes envelopes. They compose: a compose prefix may surround a syslog line that surrounds JSON.
type peeler struct{}

// peel removes all envelopes from line, fills r.Envelope and returns what is inside.
func (p *peeler) peel(line []byte, r *Record, c *Clock) []byte { return line }
