package parsers

import (
	"bytes"
	"math"
)

// MaxLine is the number of bytes of one line that are looked at. The rest is read, counted and dropped.
const MaxLine = 1 << 20

// Window is the range of times that a caller wants, in Unix nanoseconds; records outside are counted as
// skipped. A record without a time has the time of the one before it.
type Window struct{ Since, Until int64 }

// Everything is the window that skips nothing.
var Everything = Window{math.MinInt64, math.MaxInt64}

func (w Window) holds(nano int64) bool { return nano >= w.Since && nano <= w.Until }

// SkippedWindow is the reason under which records outside the window are counted.
const SkippedWindow = "outside --since/--until"

// Stream turns the lines of one source (or of one chunk of it) into records: it peels envelopes, picks the
// format of each line, joins continuation lines and keeps the accounting.
//
// The work is sequential and its memory is one open record and the one being read. What a line becomes
// depends on the lines since the last timed head and at most on the cutDistance lines before that, and on a torn
// line at most tornDistance lines back, which is what lets Cut find places where a source may be divided without
// changing any record.
//
// A Stream is not safe for concurrent use.
type Stream struct {
	Count Accounting

	detection *Detection
	clock     Clock
	window    Window
	emit      func(r *Record, f *Format)

	open     *Format
	held     *Record // the open record
	next     *Record // the one that the current line is parsed into
	spare    *Record
	torn     *Record // a record that waits for its orphan tail, nil for none
	tornBy   *Format // the format that took it
	tornLeft int     // the number of lines that it still waits for
	last     int64   // time of the last timed record
	started  bool
	clean    bool // the block holds neither NUL nor escape bytes
	line     int64
	outside  bool
	peeler   peeler
	partial  []byte
	partials int64
}

// NewStream returns a stream for a source with the given detection. Records are handed to emit, which must
// not keep anything borrowed from them; f is the format that took the head.
func NewStream(d *Detection, clock Clock, window Window, emit func(r *Record, f *Format)) *Stream {
	return &Stream{
		detection: d, clock: clock, window: window, emit: emit,
		held: new(Record), next: new(Record), spare: new(Record), peeler: d.peeler,
	}
}

// Block processes whole lines; a last line without a line feed is processed as a line. offset is the position of
// data in the source. data may change when Block has returned.
func (s *Stream) Block(data []byte, offset int64) {
	s.Count.Bytes += int64(len(data))
	// Two searches of a block are cheaper than two of each line, and most blocks hold neither byte.
	s.clean = bytes.IndexByte(data, 0) < 0 && bytes.IndexByte(data, 0x1b) < 0
	defer func() { s.clean = false }()
	for len(data) > 0 {
		line := data
		used := bytes.IndexByte(data, '\n') + 1
		if used == 0 {
			used = len(data)
		} else {
			line = data[:used-1]
		}
		s.Line(line, offset)
		data = data[used:]
		offset += int64(used)
	}
	if s.open != nil {
		s.held.own()
	}
}

// Line processes one line without its line feed.
func (s *Stream) Line(line []byte, offset int64) {
	s.line++
	s.Count.Lines++
	if s.torn != nil {
		if s.tornLeft--; s.tornLeft < 0 {
			s.releaseTorn()
		}
	}
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	if len(line) > MaxLine {
		line = line[:MaxLine]
		s.Count.Truncated++
	}
	r := s.next
	r.Reset()
	if s.detection.Format == Message {
		s.message(line, r, offset)
		return
	}
	line = s.peeler.peel(line, r, &s.clock)
	if r.Envelope.Partial {
		if len(s.partial)+len(line) <= MaxLine {
			s.partial = append(s.partial, line...)
		}
		s.partials++
		return
	}
	if s.partials > 0 {
		if len(s.partial)+len(line) <= MaxLine {
			line = r.Hold(s.partial, line)
		}
		s.partial = s.partial[:0]
	}
	pieces := s.partials
	s.partials = 0
	if !s.clean || r.Envelope.Kind != "" { // an envelope may have escaped such bytes
		if isBinary(line) {
			s.Count.Unparsed += 1 + pieces
			return
		}
		line = stripANSI(line, r)
	}
	if isBlank(line) { // perhaps only now: a line may hold nothing but the end of a colour
		s.Count.Blank += 1 + pieces
		return
	}
	if s.open != nil && s.open.Claims != nil && s.open.Claims(line, s.held) {
		s.join(line, pieces)
		return
	}
	f := s.detection.match(line, r, &s.clock)
	if f == nil {
		if s.open != nil && s.detection.continues(s.open, line, s.held) {
			s.join(line, pieces)
			return
		}
		if s.torn != nil && bytes.Equal(r.Envelope.Container, s.torn.Envelope.Container) {
			s.torn.Lines += 1 + int(pieces)
			s.torn.Body = s.torn.Hold(bytes.TrimLeft(line, " \t"))
			s.torn.Torn = false
			s.releaseTorn()
			return
		}
		if s.detection.Forced {
			s.Count.Unparsed += 1 + pieces
			return
		}
		envelope, position := r.Envelope, r.Position
		f = plain
		f.Parse(line, r, &s.clock)
		r.Envelope, r.Position = envelope, position
	}
	r.Position = Position{Line: s.line, Offset: offset}
	r.Lines = 1 + int(pieces)
	r.Head = line
	if f.Split != nil {
		if at := f.Split(line); at > 0 && at < len(line) {
			s.splitLine(f, line, at)
			return
		}
	}
	s.begin(f)
}

// splitLine handles a line into which several writers wrote: all but the last may have lost their message.
func (s *Stream) splitLine(f *Format, line []byte, at int) {
	first := s.next
	position, lines, split := first.Position, first.Lines, first.split
	first.again()
	if !f.Parse(line[:at], first, &s.clock) {
		// The prefix alone is no record: keep the line whole.
		first.again()
		f.Parse(line, first, &s.clock)
		first.Position, first.Lines, first.Head, first.split = position, lines, line, split
		s.begin(f)
		return
	}
	first.Head, first.Torn = line[:at], len(first.Body) == 0
	first.Position, first.Lines, first.split = position, lines, split
	s.begin(f)
	second := s.next
	second.Reset()
	// The line may lie in the memory of the first record, which is reused before the second is done.
	second.Envelope = first.Envelope
	second.Head = line[at:]
	second.own()
	rest := second.Head
	if first.Torn {
		s.holdBack()
	}
	f.Parse(rest, second, &s.clock)
	second.Head, second.Position, second.split = rest, position, true
	// Lines stays 0: the line was counted with the first record.
	if at := f.Split(rest); at > 0 && at < len(rest) {
		s.splitLine(f, rest, at)
		return
	}
	s.begin(f)
}

// tornDistance is the number of lines that a torn record waits for its message. The writer that lost prints it
// when it runs again; in the broker logs at hand this took 4 and 48 lines.
const tornDistance = 64

// holdBack takes the open record, which is torn, aside. Of two torn records the later one waits: its message
// is no less likely to come, and one is what memory is kept for.
func (s *Stream) holdBack() {
	s.releaseTorn()
	s.torn, s.tornBy, s.tornLeft = s.held, s.open, tornDistance
	s.held, s.spare = s.spare, nil
	s.open = nil
	s.torn.own()
}

// releaseTorn emits the record that waits, with its message or without.
func (s *Stream) releaseTorn() {
	r := s.torn
	if r == nil {
		return
	}
	s.torn, s.spare = nil, r
	s.finish(r, s.tornBy, r.Time.Absolute() && !s.window.holds(r.Time.Nano))
}

func (s *Stream) begin(f *Format) {
	s.flush()
	s.held, s.next = s.next, s.held
	s.open = f
	r := s.held
	if !r.Time.Absolute() && r.Envelope.Time.Absolute() { // a moment is worth more than an uptime
		r.Time = r.Envelope.Time
	}
	if r.Severity == SeverityUnset {
		r.Severity = r.Envelope.Severity
	}
}

func (s *Stream) join(line []byte, pieces int64) {
	s.held.Lines += 1 + int(pieces)
	if s.open.Join != nil {
		s.open.Join(line, s.held)
		return
	}
	joinCause(line, s.held)
}

// flush emits the open record.
func (s *Stream) flush() {
	if s.open == nil {
		return
	}
	r, f := s.held, s.open
	s.open = nil
	if r.Time.Absolute() {
		s.last, s.started = r.Time.Nano, true
		s.outside = !s.window.holds(r.Time.Nano)
	}
	s.finish(r, f, s.outside)
}

// finish counts a record and hands it on.
func (s *Stream) finish(r *Record, f *Format, outside bool) {
	if outside {
		s.Count.Skip(SkippedWindow, int64(r.Lines))
		return
	}
	if r.Torn {
		s.Count.Torn++
	}
	if r.split {
		s.Count.Splits++
		s.Count.Continuation += int64(r.Lines)
	} else {
		s.Count.Heads++
		s.Count.Continuation += int64(r.Lines) - 1
	}
	s.emit(r, f)
}

// Close emits what is open. The stream can be used again afterwards.
func (s *Stream) Close() {
	if s.partials > 0 {
		// The source ended inside a line that its envelope had cut.
		s.Count.Unparsed += s.partials
		s.partials, s.partial = 0, s.partial[:0]
	}
	s.Idle()
}

// Idle emits what is open although more lines may follow: a live source has been quiet for a while.
func (s *Stream) Idle() {
	s.releaseTorn() // first, as it is when more lines follow: the order of records does not depend on cuts
	s.flush()
}

// cutDistance is the number of lines before a cut whose form matters, besides torn ones: in plain text a record
// takes lines that look plain only within this distance of its head (the message of a panic).
const cutDistance = 8

// Cut returns the offset of the last line in block at which the source may be divided without changing
// any record, or -1. The line there begins a record for every possible past.
func (d *Detection) Cut(block []byte, clock Clock) int {
	end := len(block)
	for tries := 0; tries < 4096; tries++ {
		start := bytes.LastIndexByte(block[:max(end-1, 0)], '\n') + 1
		if start <= 0 {
			return -1
		}
		if d.safe(block, start, &clock) {
			return start
		}
		end = start
	}
	return -1
}

func (d *Detection) safe(block []byte, start int, clock *Clock) bool {
	if d.Format == Message {
		return true
	}
	var r, none Record
	torn := false
	classify := func(line []byte) *Format {
		if n := len(line); n > 0 && line[n-1] == '\r' {
			line = line[:n-1]
		}
		r.Reset()
		line = d.peeler.peel(line, &r, clock)
		if r.Envelope.Partial || isBinary(line) {
			return nil
		}
		if line = stripANSI(line, &r); isBlank(line) {
			return nil
		}
		f := d.match(line, &r, clock)
		if f != nil && f.Split != nil && f.Split(line) > 0 {
			torn = true
			return nil
		}
		if f == nil && !genericContinues(line) && !isUsageTitle(line) && !d.Forced {
			f = plain
		}
		if f != nil && claimed(line, &none) {
			return nil
		}
		return f
	}
	line := block[start:]
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	f := classify(line)
	if f == nil || !(f.Timed && r.Time.Absolute() || f == plain && d.Format == plain) {
		return false
	}
	for i, end := 0, start; i < tornDistance && end > 0; i++ {
		begin := bytes.LastIndexByte(block[:end-1], '\n') + 1
		before := classify(block[begin : end-1])
		switch {
		case torn:
			return false
		case i < cutDistance && f == plain && before != plain:
			return false
		case i == 0 && r.Envelope.Partial:
			return false
		}
		end = begin
	}
	return true
}

// claimed reports that some format would claim line for its open record: it is no place for a cut, because
// what is open there depends on lines further back than a cut looks.
func claimed(line []byte, none *Record) bool {
	for _, f := range registry {
		if f.Claims != nil && f.Claims(line, none) {
			return true
		}
	}
	return false
}

// continues reports that line, which no format takes as a head, belongs to the open record of f.
func (d *Detection) continues(f *Format, line []byte, r *Record) bool {
	if d.Format == plain {
		// Any line may be a record of its own here, and Cut looks no further back than cutDistance.
		if f.Continues != nil && !f.RawLines && r.Lines <= cutDistance {
			return f.Continues(line, r)
		}
		return genericContinues(line)
	}
	if f.Continues != nil {
		return f.Continues(line, r)
	}
	return genericContinues(line)
}

// errorLine begins what scripts print indented below the step that failed.
var errorLine = []byte("ERROR: ")

var causedBy = [][]byte{[]byte("Caused by:"), []byte("caused by:"), []byte("Caused by "), []byte("Suppressed:")}

// genericContinues takes indented lines, stack frames of the common languages and causes.
func genericContinues(line []byte) bool {
	if line[0] == ' ' || line[0] == '\t' || line[0] == '}' || line[0] == ')' {
		return true
	}
	for _, p := range causedBy {
		if bytes.HasPrefix(line, p) {
			return true
		}
	}
	return bytes.HasPrefix(line, []byte("goroutine ")) || bytes.HasPrefix(line, []byte("created by ")) ||
		bytes.HasPrefix(line, []byte("stack backtrace:")) || bytes.HasPrefix(line, []byte("note: run with `RUST_BACKTRACE")) ||
		bytes.HasPrefix(line, []byte("Traceback (most recent call last):")) || isGoFrame(line)
}

// isGoFrame recognises the function line of a Go stack: a dotted path without blanks that ends in ")"
// (or in "..." for elided frames) such as github.com/x/y.(*T).M(0x1, {0xc0, 0x2}).
func isGoFrame(line []byte) bool {
	open := bytes.LastIndexByte(line, '(')
	if open <= 0 || line[len(line)-1] != ')' {
		// zap prints frames without arguments: path/pkg.(*T).M
		return bytes.IndexByte(line, ' ') < 0 && bytes.IndexByte(line, '/') > 0 && bytes.LastIndexByte(line, '.') > bytes.LastIndexByte(line, '/') &&
			bytes.IndexByte(line, ':') < 0 && bytes.IndexByte(line, '=') < 0 && bytes.IndexByte(line, '"') < 0 && line[0] != '/' && line[0] != '{' && bytes.Contains(line, []byte("."))
	}
	path := line[:open]
	return bytes.IndexByte(path, ' ') < 0 && bytes.IndexByte(path, '.') > 0 && bytes.IndexByte(path, '=') < 0 && bytes.IndexByte(path, ':') < 0 && bytes.IndexByte(path, '"') < 0
}

// joinCause keeps the lines of a continuation that say why, and drops frames.
func joinCause(line []byte, r *Record) {
	if trimmed := bytes.TrimLeft(line, " \t"); len(trimmed) < len(line) && bytes.HasPrefix(trimmed, errorLine) {
		r.JoinBody(trimmed)
		return
	}
	for _, p := range causedBy {
		if bytes.HasPrefix(bytes.TrimLeft(line, " \t"), p) {
			r.JoinBody(bytes.TrimLeft(line, " \t"))
			return
		}
	}
}

func isBlank(line []byte) bool {
	for _, c := range line {
		if c != ' ' && c != '\t' {
			return false
		}
	}
	return true
}

// isBinary tells what is no text by its NULs. A few behind a readable beginning are no reason: servers quote the bytes of a
// client that spoke something else (nginx: request: "\x15\x03\x01\x00…").
func isBinary(line []byte) bool {
	at := bytes.IndexByte(line, 0)
	return at >= 0 && (at < 24 || bytes.Count(line[at:], nul)*4 > len(line))
}

// stripANSI removes SGR escape sequences; the stripped copy belongs to r. The plain line is returned as it is.
func stripANSI(line []byte, r *Record) []byte {
	i := bytes.IndexByte(line, 0x1b)
	if i < 0 {
		return line
	}
	start := len(r.arena)
	for i >= 0 {
		r.arena = append(r.arena, line[:i]...)
		line = line[i:]
		n := 1
		if len(line) > 1 && line[1] == '[' {
			n = 2
			for n < len(line) && (line[n] == ';' || line[n] == ':' || isDigit(line[n])) {
				n++
			}
			if n < len(line) && line[n] >= '@' && line[n] <= '~' {
				n++
			}
		}
		line = line[n:]
		i = bytes.IndexByte(line, 0x1b)
	}
	r.arena = append(r.arena, line...)
	return r.arena[start:len(r.arena):len(r.arena)]
}
