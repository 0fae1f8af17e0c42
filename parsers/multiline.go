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

// SkippedWindow is the reason under which records outside the window are counted.
const SkippedWindow = "outside --since/--until"

// Stream turns the lines of one source (or of one chunk of it) into records: it peels envelopes, picks the
// format of each line, joins continuation lines and keeps the accounting.
//
// The work is sequential and its memory is one open record and the one being read. What a line becomes
// depends on the lines since the last timed head and at most on the cutDistance lines before that, which is what
// lets Cut find places where a source may be divided without changing any record.
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
	torn     *Record // a record that waits for its orphan tail
	tornLeft int
	last     int64 // time of the last timed record
	started  bool
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
		held: new(Record), next: new(Record),
	}
}

// Block processes whole lines; a last line without a line feed is processed as a line. data must stay
// unchanged until the next call of Block or Close returned. offset is the position of data in the source.
func (s *Stream) Block(data []byte, offset int64) {
	s.Count.Bytes += int64(len(data))
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
}

// Line processes one line without its line feed.
func (s *Stream) Line(line []byte, offset int64) {
	s.line++
	s.Count.Lines++
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	if len(line) > MaxLine {
		line = line[:MaxLine]
		s.Count.Truncated++
	}
	r := s.next
	r.Reset()
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
	line = stripANSI(line, r) // first: a line may hold nothing but a colour
	if isBlank(line) {
		s.Count.Blank += 1 + pieces
		return
	}
	if isBinary(line) {
		s.Count.Unparsed += 1 + pieces
		return
	}
	if s.open != nil && s.open.Claims != nil && s.open.Claims(line, s.held) {
		s.join(line, pieces)
		return
	}
	f := s.detection.match(line, r, &s.clock)
	if f == nil {
		if s.open != nil && continues(s.open, line, s.held) {
			s.join(line, pieces)
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

// splitLine handles a line into which two writers wrote: the first record has lost (part of) its message.
func (s *Stream) splitLine(f *Format, line []byte, at int) {
	first := s.next
	envelope, position, lines := first.Envelope, first.Position, first.Lines
	if !f.Parse(line[:at], first, &s.clock) {
		// The prefix alone is no record: keep the line whole.
		first.Reset()
		first.Envelope = envelope
		f.Parse(line, first, &s.clock)
		first.Position, first.Lines, first.Head = position, lines, line
		s.begin(f)
		return
	}
	first.Head, first.Torn = line[:at], true
	first.Position, first.Lines = position, lines
	s.Count.Torn++
	s.begin(f)
	second := s.next
	second.Reset()
	second.Envelope = envelope
	f.Parse(line[at:], second, &s.clock)
	second.Head = line[at:]
	second.Position = position
	s.begin(f) // Lines stays 0: the line was counted with the first record
}

func (s *Stream) begin(f *Format) {
	s.flush()
	s.held, s.next = s.next, s.held
	s.open = f
	r := s.held
	if r.Time.Kind == TimeNone {
		r.Time = r.Envelope.Time
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
		s.outside = r.Time.Nano < s.window.Since || r.Time.Nano > s.window.Until
	}
	if s.outside {
		s.Count.Skip(SkippedWindow, int64(r.Lines))
		return
	}
	if r.Lines == 0 {
		s.Count.Splits++
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
	s.flush()
}

// Idle emits the open record although more lines may follow: a live source has been quiet for a while.
func (s *Stream) Idle() { s.flush() }

// cutDistance is the number of lines before a cut whose form matters: an orphan tail comes at most two
// lines after the torn line that lost it.
const cutDistance = 3

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
	var r, none Record
	classify := func(line []byte) *Format {
		if n := len(line); n > 0 && line[n-1] == '\r' {
			line = line[:n-1]
		}
		r.Reset()
		var p peeler
		line = p.peel(line, &r, clock)
		line = stripANSI(line, &r)
		if r.Envelope.Partial || isBlank(line) || isBinary(line) {
			return nil
		}
		f := d.match(line, &r, clock)
		if f != nil && f.Split != nil && f.Split(line) > 0 {
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
	for i, end := 0, start; i < cutDistance && end > 0; i++ {
		begin := bytes.LastIndexByte(block[:end-1], '\n') + 1
		before := classify(block[begin : end-1])
		switch {
		case f == plain && before != plain:
			return false
		case i == 0 && r.Envelope.Partial:
			return false
		case before != nil && before.Split != nil && before.Split(block[begin:end-1]) > 0:
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

func continues(f *Format, line []byte, r *Record) bool {
	if f.Continues != nil {
		return f.Continues(line, r)
	}
	return genericContinues(line)
}

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

// isBinary reports that a line is no text: it holds NUL bytes or is mostly control bytes.
func isBinary(line []byte) bool {
	return bytes.IndexByte(line, 0) >= 0
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
