package parsers

import "bytes"

// Erlang prints what it reports below a title with the time, and long terms over several lines.

func init() {
	Register(Format{
		Name:      "erlang-report",
		Title:     "Erlang reports (=NOTICE REPORT==== 22-Nov-2026::00:27:07 ===)",
		First:     "=",
		Rank:      6,
		Mixed:     true,
		Timed:     true,
		Parse:     parseErlangReport,
		Continues: continuesErlangReport,
		Join:      joinErlang,
	})
	Register(Format{
		Name:      "erlang-term",
		Title:     "Erlang terms over several lines",
		Rank:      1,
		Mixed:     true,
		Parse:     parseErlangTerm,
		Continues: continuesErlangTerm,
		Join:      joinErlang,
	})
}

var (
	erlangReport = []byte(" REPORT==== ")
	erlangMonths = []byte("JanFebMarAprMayJunJulAugSepOctNovDec")
	erlangFeed   = []byte(`\n`)
	braceOpen    = []byte{'{'}
	braceClose   = []byte{'}'}
	blank        = []byte{' '}
	monthDay     = []byte("-00-00 ")
)

// parseErlangReport takes the title; the message is on the lines below it.
func parseErlangReport(line []byte, r *Record, c *Clock) bool {
	at := bytes.Index(line[:min(len(line), 24)], erlangReport)
	if at < 2 || line[0] != '=' {
		return false
	}
	r.SeverityText = line[1:at]
	if r.Severity = ParseSeverity(r.SeverityText); r.Severity == SeverityUnset {
		r.Severity = SeverityError // CRASH, SUPERVISOR
	}
	stamp := line[at+len(erlangReport):]
	t, ok := parseErlangTime(stamp, r, c)
	r.Time = t
	return ok
}

// parseErlangTime reads 2-Nov-2026::00:27:07[.830343].
func parseErlangTime(b []byte, r *Record, c *Clock) (Timestamp, bool) {
	dash := bytes.IndexByte(b, '-')
	if dash < 1 || dash > 2 || len(b) < dash+19 || b[dash+4] != '-' || b[dash+9] != ':' || b[dash+10] != ':' {
		return Timestamp{}, false
	}
	month := bytes.Index(erlangMonths, b[dash+1:dash+4])
	day, ok := digits(b[:dash])
	if !ok || month < 0 || month%3 != 0 {
		return Timestamp{}, false
	}
	month = month/3 + 1
	clock := b[dash+11:]
	if end := bytes.IndexByte(clock, ' '); end > 0 {
		clock = clock[:end]
	}
	date := r.Hold(b[dash+5:dash+9], monthDay)
	date[5], date[6], date[8], date[9] = byte('0'+month/10), byte('0'+month%10), byte('0'+day/10), byte('0'+day%10)
	t, n := c.ParseTime(r.Hold(date, clock))
	return t, n > 0
}

// continuesErlangReport takes the first line below the title, whatever it looks like, and those that belong to it.
func continuesErlangReport(line []byte, r *Record) bool {
	return r.Lines == 1 || genericContinues(line)
}

// parseErlangTerm takes a line that ends inside a term: handshake error: {tls_alert,
func parseErlangTerm(line []byte, r *Record, _ *Clock) bool {
	n := len(line)
	if n < 4 || line[n-1] != ',' || line[0] == ' ' || line[0] == '\t' {
		return false
	}
	i := n - 2
	for i >= 0 && (line[i] >= 'a' && line[i] <= 'z' || line[i] == '_' || isDigit(line[i])) {
		i--
	}
	if i < 0 || i == n-2 || line[i] != '{' {
		return false
	}
	r.Body = line
	return true
}

func continuesErlangTerm(line []byte, r *Record) bool {
	return line[0] == ' ' && bytes.Count(r.Body, braceOpen) > bytes.Count(r.Body, braceClose)
}

// joinErlang puts the lines into one, and blanks in the place of the line feeds that strings name.
func joinErlang(line []byte, r *Record) {
	if len(r.Body)+len(line) > maxJoined {
		return
	}
	line = bytes.TrimLeft(line, " \t")
	if len(r.Body) > 0 {
		r.Body = r.Hold(r.Body, blank, line)
	} else {
		r.Body = r.Hold(line)
	}
	for {
		at := bytes.Index(r.Body, erlangFeed)
		if at < 0 {
			return
		}
		r.Body[at], r.Body[at+1] = ' ', ' '
	}
}
