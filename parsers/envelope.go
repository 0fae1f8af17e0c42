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
	// PID is the process id, where given.
	PID []byte
	// Time is the time that the envelope adds; it stands in for a line without one.
	Time Timestamp
	// Severity is the severity that the envelope adds (syslog); it stands in for a line without one.
	Severity Severity
	// Partial is set when the runtime cut a long line and the rest follows in the next one.
	Partial bool
}

// EnvelopeKind describes one envelope for people.
type EnvelopeKind struct{ Name, Title string }

const (
	kindDocker     = "docker"
	kindCRI        = "cri"
	kindCompose    = "compose"
	kindKubectl    = "kubectl"
	kindK9s        = "k9s"
	kindJournald   = "journald"
	kindSyslog     = "syslog"
	kindTimestamps = "timestamps"
)

// Envelopes lists the envelopes that are peeled off.
func Envelopes() []EnvelopeKind {
	return []EnvelopeKind{
		{kindDocker, "Docker json-file log driver"},
		{kindCRI, "Kubernetes container runtime (CRI) log file"},
		{kindCompose, "docker compose logs: name in front of each line"},
		{kindKubectl, "kubectl logs --prefix"},
		{kindK9s, "k9s screen: lines in a frame"},
		{kindJournald, "journalctl (short, short-precise, short-iso, json) and syslog files"},
		{kindSyslog, "syslog with priority (RFC 3164 and RFC 5424)"},
		{kindTimestamps, "docker logs --timestamps, kubectl logs --timestamps"},
	}
}

// maxLayers bounds how many envelopes may surround one line.
const maxLayers = 4

// peeler removes envelopes. They compose: a compose prefix may surround a syslog line that surrounds JSON.
type peeler struct {
	// wholeLogs is set when no docker log value of the source ends in a line feed: some shippers drop
	// it, and then its absence does not mean that Docker cut the line.
	wholeLogs bool
}

// peel removes all envelopes from line, fills r.Envelope and returns what is inside. It runs on every line, so
// each envelope is told by its first byte and given up at the first byte that does not fit.
func (p *peeler) peel(line []byte, r *Record, c *Clock) []byte {
	for range maxLayers {
		if len(line) == 0 {
			break
		}
		inner, kind := p.layer(line, r, c)
		if kind == "" {
			break
		}
		if r.Envelope.Kind == "" {
			r.Envelope.Kind = kind
		}
		line = inner
	}
	if n := len(line); r.Envelope.Kind != "" && n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line
}

// layer removes one envelope; kind is "" when there is none.
func (p *peeler) layer(line []byte, r *Record, c *Clock) (inner []byte, kind string) {
	switch b := line[0]; {
	case b == '{':
		if inner, kind = p.docker(line, r, c); kind != "" {
			return inner, kind
		}
		return peelJournalJSON(line, r)
	case b == '<':
		return peelSyslog(line, r, c)
	case b == '[':
		return peelKubectl(line, r)
	case isDigit(b):
		if len(line) > 20 && line[4] == '-' && line[10] == 'T' {
			return peelStamped(line, r, c)
		}
		return peelCompose(line, r)
	case b >= 'A' && b <= 'Z':
		if inner, kind = peelJournald(line, r, c); kind != "" {
			return inner, kind
		}
		return peelCompose(line, r)
	case b >= 'a' && b <= 'z', b == 0x1b:
		return peelCompose(line, r)
	case b == ' ', b == 0xe2:
		return peelK9s(line)
	}
	return nil, ""
}

// setTime takes the time of a layer. The outermost is the most exact, but a zone beats none.
func (e *Envelope) setTime(t Timestamp) {
	if e.Time.Kind == TimeNone || e.Time.Kind == TimeLocal && t.Kind == TimeZoned {
		e.Time = t
	}
}

// Bare returns what is inside the envelopes around a line, without colours, and fills the envelope of r, to which the
// result may belong. It is for showing the lines that continue a record.
func (d *Detection) Bare(line []byte, r *Record, c *Clock) []byte {
	p := d.peeler
	return stripANSI(p.peel(line, r, c), r)
}
