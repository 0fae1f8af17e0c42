package parsers

// Message takes every line for the bare message of a record, as it stands: nothing is peeled off, no time or severity is
// looked for, no line continues another. It serves logs that were cut down to their messages. It is never detected,
// only named, and therefore not in the registry.
var Message = &Format{
	Name:  "message",
	Title: "bare messages, one a line",
	Parse: func(line []byte, r *Record, _ *Clock) bool {
		r.Body = line
		return true
	},
	Continues: func([]byte, *Record) bool { return false },
}

// message takes a line as it stands.
func (s *Stream) message(line []byte, r *Record, offset int64) {
	switch {
	case isBlank(line):
		s.Count.Blank++
		return
	case isBinary(line):
		s.Count.Unparsed++
		return
	}
	Message.Parse(line, r, &s.clock)
	r.Position, r.Lines, r.Head = Position{Line: s.line, Offset: offset}, 1, line
	s.begin(Message)
}
