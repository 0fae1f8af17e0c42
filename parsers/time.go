package parsers

import (
	"time"
)

// TimeKind says what a timestamp is worth.
type TimeKind uint8

// The kinds of timestamps.
const (
	// TimeNone: the line carries no time.
	TimeNone TimeKind = iota
	// TimeZoned: date, time and zone stand on the line.
	TimeZoned
	// TimeLocal: date and time without a zone, read in the zone that the caller assumes.
	TimeLocal
	// TimeUptime: seconds since the program started (tracing's Uptime timer); only differences mean anything.
	TimeUptime
)

// Timestamp is the time of a record as logged.
type Timestamp struct {
	Nano   int64 // Unix time in nanoseconds; for TimeUptime nanoseconds since start
	Offset int32 // seconds east of UTC as logged, or of the assumed zone
	Kind   TimeKind
}

// Time converts to time.Time in the zone as logged. It returns the zero time for TimeNone and TimeUptime.
func (t Timestamp) Time() time.Time {
	if t.Kind == TimeNone || t.Kind == TimeUptime {
		return time.Time{}
	}
	return time.Unix(0, t.Nano).In(time.FixedZone("", int(t.Offset)))
}

// Absolute reports whether t names a moment.
func (t Timestamp) Absolute() bool { return t.Kind == TimeZoned || t.Kind == TimeLocal }

// Clock is what timestamps without zone or year are read against. It caches the offset of the current
// hour, because a zone lookup a line costs more than the parse (BenchmarkParseTime). It is not safe for
// concurrent use; copy it by value, one a worker.
type Clock struct {
	// Location is assumed for times without a zone; nil means UTC.
	Location *time.Location
	// Year is assumed for times without a year (syslog); 0 means 1970.
	Year int

	hour   int64
	offset int32
	valid  bool
}

// zoneOffset returns the offset of the assumed zone at a local wall clock, given as if it were UTC seconds.
func (c *Clock) zoneOffset(wall int64) int32 {
	if c.Location == nil || c.Location == time.UTC {
		return 0
	}
	if hour := wall / 3600; !c.valid || hour != c.hour {
		t := time.Unix(wall, 0).UTC()
		_, off := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, c.Location).Zone()
		c.hour, c.offset, c.valid = hour, int32(off), true
	}
	return c.offset
}

// ParseTime reads a timestamp at the beginning of b in one of the known layouts and returns it with the
// number of bytes used, or n == 0. The layouts are fixed ones, never guessed:
//
//	2006-01-02T15:04:05[.,fraction][Z|±07:00|±0700]   (T or one blank between date and time)
//	2006/01/02 15:04:05[.fraction]
//	02 Jan 2006 … is not read: 03/04 style dates are ambiguous and never read.
func (c *Clock) ParseTime(b []byte) (t Timestamp, n int) {
	if len(b) < 19 {
		return t, 0
	}
	sep := b[4]
	if (sep != '-' && sep != '/') || b[7] != sep || (b[10] != 'T' && b[10] != ' ') || b[13] != ':' || b[16] != ':' {
		return t, 0
	}
	year, ok1 := digits(b[0:4])
	month, ok2 := digits(b[5:7])
	day, ok3 := digits(b[8:10])
	hour, ok4 := digits(b[11:13])
	minute, ok5 := digits(b[14:16])
	second, ok6 := digits(b[17:19])
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6) || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60 {
		return t, 0
	}
	n = 19
	var nanos int64
	if n+1 < len(b) && (b[n] == '.' || b[n] == ',') && isDigit(b[n+1]) {
		n++
		scale := int64(100_000_000)
		for n < len(b) && isDigit(b[n]) {
			nanos += int64(b[n]-'0') * scale
			scale /= 10
			n++
		}
	}
	wall := daysFromCivil(year, month, day)*86400 + int64(hour)*3600 + int64(minute)*60 + int64(second)
	t.Kind = TimeZoned
	switch {
	case n < len(b) && b[n] == 'Z':
		n++
	case n+5 < len(b) && (b[n] == '+' || b[n] == '-') && b[n+3] == ':':
		off, ok := zone(b[n], b[n+1:n+3], b[n+4:n+6])
		if !ok {
			return Timestamp{}, 0
		}
		t.Offset = off
		n += 6
	case n+4 < len(b) && (b[n] == '+' || b[n] == '-') && isDigit(b[n+1]) && isDigit(b[n+4]):
		off, ok := zone(b[n], b[n+1:n+3], b[n+3:n+5])
		if !ok {
			return Timestamp{}, 0
		}
		t.Offset = off
		n += 5
	default:
		t.Kind = TimeLocal
		t.Offset = c.zoneOffset(wall)
	}
	t.Nano = (wall-int64(t.Offset))*1e9 + nanos
	return t, n
}

// ParseStamp reads the BSD syslog form "Jan _2 15:04:05" (RFC 3164, section 4.1.2), which has neither
// year nor zone.
func (c *Clock) ParseStamp(b []byte) (t Timestamp, n int) {
	if len(b) < 15 || b[3] != ' ' || b[6] != ' ' || b[9] != ':' || b[12] != ':' {
		return t, 0
	}
	month := 0
	for i, name := range [...]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"} {
		if string(b[:3]) == name {
			month = i + 1
			break
		}
	}
	dayBytes := b[4:6]
	if dayBytes[0] == ' ' {
		dayBytes = dayBytes[1:]
	}
	day, ok1 := digits(dayBytes)
	hour, ok2 := digits(b[7:9])
	minute, ok3 := digits(b[10:12])
	second, ok4 := digits(b[13:15])
	if month == 0 || !(ok1 && ok2 && ok3 && ok4) || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60 {
		return t, 0
	}
	year := c.Year
	if year == 0 {
		year = 1970
	}
	wall := daysFromCivil(year, month, day)*86400 + int64(hour)*3600 + int64(minute)*60 + int64(second)
	off := c.zoneOffset(wall)
	return Timestamp{Nano: (wall - int64(off)) * 1e9, Offset: off, Kind: TimeLocal}, 15
}

// ParseEpoch reads Unix time as loggers print it in JSON: seconds with an optional fraction (zap, zerolog),
// milliseconds (zerolog, pino), microseconds or nanoseconds. The unit follows from the number of digits.
func ParseEpoch(b []byte) (t Timestamp, ok bool) {
	var whole, frac int64
	scale := int64(1e9)
	i := 0
	for ; i < len(b) && isDigit(b[i]) && i < 19; i++ {
		whole = whole*10 + int64(b[i]-'0')
	}
	if i < 9 {
		return t, false
	}
	integer := i
	if i < len(b) && b[i] == '.' {
		for i++; i < len(b) && isDigit(b[i]); i++ {
			if scale > 1 {
				scale /= 10
				frac += int64(b[i]-'0') * scale
			}
		}
	}
	if i != len(b) {
		return t, false
	}
	switch {
	case integer <= 11:
		t.Nano = whole*1e9 + frac
	case integer <= 14:
		t.Nano = whole*1e6 + frac/1e3
	case integer <= 17:
		t.Nano = whole * 1e3
	default:
		t.Nano = whole
	}
	t.Kind = TimeZoned
	return t, true
}

func zone(sign byte, hh, mm []byte) (int32, bool) {
	h, ok1 := digits(hh)
	m, ok2 := digits(mm)
	if !ok1 || !ok2 || h > 14 || m > 59 {
		return 0, false
	}
	off := int32(h*3600 + m*60)
	if sign == '-' {
		off = -off
	}
	return off, true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func digits(b []byte) (int, bool) {
	v := 0
	for _, c := range b {
		if !isDigit(c) {
			return 0, false
		}
		v = v*10 + int(c-'0')
	}
	return v, len(b) > 0
}

// daysFromCivil counts days since 1970-01-01 in the proleptic Gregorian calendar.
func daysFromCivil(y, m, d int) int64 {
	if m <= 2 {
		y--
	}
	era := y / 400
	yoe := y - era*400
	mp := (m + 9) % 12
	doy := (153*mp+2)/5 + d - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return int64(era)*146097 + int64(doe) - 719468
}
