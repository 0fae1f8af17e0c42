package parsers

// Severity is an OpenTelemetry severity number, 1 to 24; 0 means that the record names none.
// Source: OpenTelemetry Logs Data Model, "Field: SeverityNumber".
type Severity uint8

// The first number of each OpenTelemetry severity range.
const (
	SeverityUnset Severity = 0
	SeverityTrace Severity = 1
	SeverityDebug Severity = 5
	SeverityInfo  Severity = 9
	SeverityWarn  Severity = 13
	SeverityError Severity = 17
	SeverityFatal Severity = 21
)

// String returns the short name of the range that s lies in ("WARN"), or "" for SeverityUnset.
func (s Severity) String() string {
	switch {
	case s == 0 || s > 24:
		return ""
	case s < SeverityDebug:
		return "TRACE"
	case s < SeverityInfo:
		return "DEBUG"
	case s < SeverityWarn:
		return "INFO"
	case s < SeverityError:
		return "WARN"
	case s < SeverityFatal:
		return "ERROR"
	}
	return "FATAL"
}

// ParseSeverity maps the level words that the supported loggers print, in any case, to a Severity.
// It returns SeverityUnset for a word that it does not know.
func ParseSeverity(word []byte) Severity {
	if len(word) == 0 || len(word) > len("emergency") {
		return SeverityUnset
	}
	var lower [len("emergency")]byte
	for i, c := range word {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	switch string(lower[:len(word)]) {
	case "trace", "trc", "finest", "verbose":
		return SeverityTrace
	case "debug", "dbg", "dbug", "fine":
		return SeverityDebug
	case "info", "inf", "information", "informational":
		return SeverityInfo
	case "notice":
		return SeverityInfo + 1
	case "warn", "warning", "wrn":
		return SeverityWarn
	case "error", "err", "severe", "eror":
		return SeverityError
	case "critical", "crit", "dpanic":
		return SeverityError + 2
	case "alert":
		return SeverityError + 3
	case "fatal", "panic", "emerg", "emergency", "ftl", "pnc":
		return SeverityFatal
	}
	return SeverityUnset
}
