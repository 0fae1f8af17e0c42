package parsers

import "bytes"

// journalTime is the field that every entry of `journalctl --output=json` has and no program's own JSON.
var journalTime = []byte(`"__REALTIME_TIMESTAMP"`)

// peelJournalJSON peels {"__REALTIME_TIMESTAMP":"1795305768678398","MESSAGE":"…","PRIORITY":"6",…}: the fields of
// systemd.journal-fields(7) in any order. A message that is no UTF-8 is a list of bytes.
func peelJournalJSON(line []byte, r *Record) ([]byte, string) {
	rest := skipBlanks(line[1:])
	if len(rest) < 2 || rest[0] != '"' || rest[1] != '_' && (rest[1] < 'A' || rest[1] > 'Z') || !bytes.Contains(line, journalTime) {
		return nil, ""
	}
	var message, identifier, unit []byte
	var e Envelope
	list := false
	for {
		var key, value []byte
		var text bool
		if key, value, text, rest = jsonField(rest); key == nil {
			return nil, ""
		}
		switch string(key) {
		case "MESSAGE":
			message, list = value, !text
		case "__REALTIME_TIMESTAMP":
			if micro, ok := parseDigits(value); ok {
				e.Time = Timestamp{Nano: micro * 1000, Kind: TimeZoned}
			}
		case "PRIORITY":
			if len(value) == 1 && value[0] >= '0' && value[0] <= '7' {
				e.Severity = syslogSeverities[value[0]-'0']
			}
		case "SYSLOG_IDENTIFIER":
			identifier = value
		case "_SYSTEMD_UNIT":
			unit = value
		case "_HOSTNAME":
			e.Host = value
		case "_PID":
			e.PID = value
		}
		if rest = skipBlanks(rest); len(rest) == 0 || rest[0] != ',' {
			break
		}
		rest = skipBlanks(rest[1:])
	}
	if len(rest) == 0 || rest[0] != '}' || message == nil || e.Time.Kind == TimeNone {
		return nil, ""
	}
	var inner []byte
	if list {
		if inner = listedBytes(message, r); inner == nil {
			return nil, ""
		}
	} else {
		inner = unescapeJSON(message, r)
	}
	to := &r.Envelope
	to.setTime(e.Time)
	to.Severity, to.Host, to.PID, to.Container = e.Severity, e.Host, e.PID, identifier
	if identifier == nil {
		to.Container = unit
	}
	return inner, kindJournald
}

// jsonField reads `"key": value`. The value is the inside of a string, still escaped, or (text is false) anything else as
// it stands. The key is nil when b begins with no such thing.
func jsonField(b []byte) (key, value []byte, text bool, rest []byte) {
	if key, rest = scanJSONString(b); key == nil {
		return nil, nil, false, nil
	}
	rest = skipBlanks(rest)
	if len(rest) == 0 || rest[0] != ':' {
		return nil, nil, false, nil
	}
	b = skipBlanks(rest[1:])
	if len(b) > 0 && b[0] == '"' {
		if value, rest = scanJSONString(b); value == nil {
			return nil, nil, false, nil
		}
		return key, value, true, rest
	}
	if rest = skipJSONValue(b); rest == nil {
		return nil, nil, false, nil
	}
	return key, b[:len(b)-len(rest)], false, rest
}

func parseDigits(b []byte) (n int64, ok bool) {
	for _, c := range b {
		if !isDigit(c) {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, len(b) > 0 && len(b) <= 16
}

// listedBytes decodes [72,105] into memory of r, nil when it is something else.
func listedBytes(list []byte, r *Record) []byte {
	list = bytes.TrimRight(list, " \t")
	if len(list) < 2 || list[0] != '[' || list[len(list)-1] != ']' {
		return nil
	}
	start := len(r.arena)
	r.arena = append(r.arena, list...)[:start] // room for what is never longer
	n := -1
	for _, c := range list[1:] {
		switch {
		case isDigit(c) && n < 256:
			n = max(n, 0)*10 + int(c-'0')
		case (c == ',' || c == ']') && n >= 0 && n < 256:
			r.arena = append(r.arena, byte(n))
			n = -1
		case (c == ' ' || c == ']') && n < 0:
		default:
			r.arena = r.arena[:start]
			return nil
		}
	}
	return r.arena[start:len(r.arena):len(r.arena)]
}
