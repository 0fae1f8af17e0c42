package parsers

import "bytes"

// The tools of GnuTLS print one failure on two lines: what the library's debug log saw, the error, the alert.

var (
	gnutlsFatal   = []byte("*** Fatal error: ")
	gnutlsServer  = []byte("Error in handshake: ")
	gnutlsAlert   = []byte("*** Received alert [")
	gnutlsReading = []byte("Error reading '")
	gnutlsError   = []byte("Error: ")
)

func init() {
	Register(Format{
		Name:   "gnutls",
		Title:  "gnutls-cli and gnutls-serv",
		First:  "*|E",
		Rank:   4,
		Mixed:  true,
		Parse:  parseGnuTLS,
		Claims: claimsGnuTLS,
		Join:   joinGnuTLS,
	})
}

func parseGnuTLS(line []byte, r *Record, _ *Clock) bool {
	switch {
	case isGnuTLSDebug(line):
		r.Body = line[bytes.IndexByte(line, '>')+3:]
		r.Severity = SeverityDebug
	case bytes.HasPrefix(line, gnutlsFatal), bytes.HasPrefix(line, gnutlsServer), bytes.HasPrefix(line, gnutlsAlert), bytes.HasPrefix(line, gnutlsReading):
		r.Body = line
		r.Severity = SeverityError
	default:
		return false
	}
	return true
}

// isGnuTLSDebug recognises "|<1>| text", where the number is a level or the address of a session.
func isGnuTLSDebug(line []byte) bool {
	if len(line) < 7 || line[0] != '|' || line[1] != '<' || !isDigit(line[2]) {
		return false
	}
	end := bytes.IndexByte(line[:min(len(line), 24)], '>')
	return end > 2 && end+3 < len(line) && line[end+1] == '|' && line[end+2] == ' '
}

// claimsGnuTLS takes the second line of a failure. An empty record stands for any.
func claimsGnuTLS(line []byte, r *Record) bool {
	switch any := len(r.Body) == 0; {
	case bytes.HasPrefix(line, gnutlsAlert):
		return any || bytes.Contains(r.Body, gnutlsFatal) || bytes.Contains(r.Body, gnutlsServer)
	case bytes.HasPrefix(line, gnutlsFatal), bytes.HasPrefix(line, gnutlsServer):
		return any || r.Severity == SeverityDebug && r.Lines < 3
	case bytes.HasPrefix(line, gnutlsError):
		return any || bytes.HasPrefix(r.Body, gnutlsReading)
	}
	return false
}

func joinGnuTLS(line []byte, r *Record) {
	if claimsGnuTLS(line, &Record{}) {
		r.JoinBody(line)
		if !bytes.HasPrefix(line, gnutlsAlert) {
			r.Severity = SeverityError
		}
	}
}
