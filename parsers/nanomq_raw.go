package parsers

import "bytes"

// NanoMQ prints a few lines past its logger, to stdout or stderr: while it looks for its configuration, when
// it is up, and when NNG refuses a listener (nng_fatal: the only place that says why). They are recognised one
// by one, because an unknown bare line may as well be the lost message of a torn record. OpenSSL's prompt "Enter PEM
// pass phrase:" stays out: every program that uses OpenSSL prints it.
func init() {
	Register(Format{
		Name:   "nanomq-raw",
		Title:  "NanoMQ start-up lines without a prefix",
		System: "nanomq",
		Rank:   55,
		Parse:  parseNanoMQRaw,
		Mixed:  true,
	})
}

var rawNanoMQWhole = [...]string{
	"Abort finding default config path",
	"NanoMQ Broker is started successfully!",
	"Parser syntax error",
}

var rawNanoMQParts = [...]struct{ prefix, inside string }{
	{"path :", ""},
	{"Set new conf path from env: ", ""},
	{"get file ", " size failed: "},
	{"open path ", " failed! close file!"},
}

func parseNanoMQRaw(line []byte, r *Record, _ *Clock) bool {
	switch line[0] {
	case 'A', 'N', 'P', 'S', 'b', 'g', 'n', 'o', 'p':
	default:
		return false
	}
	trimmed := bytes.TrimRight(line, " ")
	for _, whole := range rawNanoMQWhole {
		if string(trimmed) == whole {
			r.Body = trimmed
			return true
		}
	}
	for i := range rawNanoMQParts {
		p := &rawNanoMQParts[i]
		if len(line) >= len(p.prefix) && string(line[:len(p.prefix)]) == p.prefix && containsString(line, p.inside) {
			r.Body = line
			return true
		}
	}
	if isNNGFatal(line) {
		r.Severity = SeverityFatal
		r.Body = line
		return true
	}
	return false
}

// isNNGFatal recognises what nng_fatal prints: the call that failed and NNG's reason, as in
// "nng_listener_start tls: Address in use" and "broker nng_listen: Address in use".
func isNNGFatal(line []byte) bool {
	call := bytes.TrimPrefix(line, brokerPrefix)
	if !bytes.HasPrefix(call, nngPrefix) {
		return false
	}
	colon := bytes.IndexByte(call, ':')
	if colon < 0 || colon+2 >= len(call) || call[colon+1] != ' ' || call[colon+2] < 'A' || call[colon+2] > 'Z' {
		return false
	}
	for _, c := range call[:colon] {
		if c != ' ' && !isWord(c) {
			return false
		}
	}
	return true
}

var (
	brokerPrefix = []byte("broker ")
	nngPrefix    = []byte("nng_")
)

// containsString is bytes.Contains for a needle that is a string, without a conversion that allocates.
func containsString(b []byte, needle string) bool {
	for i := 0; i+len(needle) <= len(b); i++ {
		if string(b[i:i+len(needle)]) == needle {
			return true
		}
	}
	return false
}
