package parsers

import "github.com/valyala/fastjson"

// Position is where a record begins.
type Position struct {
	Line   int64 // 1-based
	Offset int64 // bytes from the beginning of the (decompressed) source
}

// Field is one attribute of a record. Both slices are borrowed from the record.
type Field struct {
	Name, Value []byte
}

// Record is one log record: a head line and the lines that continue it.
//
// All byte slices are borrowed: they point into the line that was parsed or into buffers that the record
// owns, and are valid until the next Reset. Copy what must live longer.
type Record struct {
	Time         Timestamp
	Severity     Severity
	SeverityText []byte
	// Scope is who logged: logger name, tracing target, Go module or C source file (OpenTelemetry's
	// instrumentation scope). Empty when the line does not say.
	Scope []byte
	// Function is the code function that logged (code.function.name), where the line says so.
	Function []byte
	// CodeLine is the source line that logged (code.line.number), 0 when unknown.
	CodeLine int
	// Thread is the thread or connection id that ties lines of one event together.
	Thread []byte
	// Body is the message.
	Body []byte
	// Fields are the structured attributes, in the order of the line.
	Fields []Field
	// Lines is the number of source lines, the head included; the second record of a torn line has not
	// got a line of its own and begins at 0.
	Lines int
	// Torn is set when another writer's record stood where this record's message should be, and the
	// message was not found on a later line either.
	Torn bool
	// Envelope holds what was peeled off around the line.
	Envelope Envelope
	Position Position

	// Head is the whole head line after peeling, for evidence.
	Head []byte

	// JSON is the record's own parser: its values live as long as the record.
	JSON fastjson.Parser

	// stage is how far the format of the open record has got with its lines; formats define their own
	// values, 0 is the state after the head.
	stage          uint8
	split          bool // the second record of a line: the line is counted with the first
	arena, reserve []byte
}

// Reset clears the record for the next line and invalidates everything borrowed from it.
func (r *Record) Reset() {
	r.unparse()
	r.Lines = 0
	r.Torn = false
	r.split = false
	r.Envelope = Envelope{}
	r.Position = Position{}
	r.Head = nil
	r.arena = r.arena[:0]
}

// again clears what a format may have filled, so that another can try the same line. The line may point into
// the memory of the record, which stays.
//
// Most formats turn a foreign line down before they touch the record. Looking first is worth it: clearing pointers costs
// write barriers, 13 % of a mixed log (BenchmarkPipeline).
func (r *Record) again() {
	if r.Body == nil && len(r.Fields) == 0 && r.Time.Kind == TimeNone && r.Severity == SeverityUnset && r.SeverityText == nil &&
		r.Scope == nil && r.Thread == nil && r.Function == nil && r.CodeLine == 0 && r.stage == 0 {
		return
	}
	r.unparse()
}

// unparse clears what a format fills.
func (r *Record) unparse() {
	r.Time = Timestamp{}
	r.Severity = SeverityUnset
	r.SeverityText = nil
	r.Scope = nil
	r.Function = nil
	r.CodeLine = 0
	r.Thread = nil
	r.Body = nil
	r.Fields = r.Fields[:0]
	r.stage = 0
}

// own copies everything borrowed into memory of the record, which then outlives the line. What the memory held
// besides is given up, so that a record open for long does not grow.
func (r *Record) own() {
	r.arena, r.reserve = r.reserve[:0], r.arena
	e := &r.Envelope
	for _, b := range [...]*[]byte{
		&r.SeverityText, &r.Scope, &r.Function, &r.Thread, &r.Body, &r.Head, &e.Stream, &e.Container, &e.Host, &e.PID,
	} {
		if *b != nil {
			*b = r.Hold(*b)
		}
	}
	for i := range r.Fields {
		r.Fields[i] = Field{r.Hold(r.Fields[i].Name), r.Hold(r.Fields[i].Value)}
	}
}

// Add appends a field. The slices are borrowed.
func (r *Record) Add(name, value []byte) {
	r.Fields = append(r.Fields, Field{name, value})
}

// Field returns the value of the first field called name, or nil.
func (r *Record) Field(name string) []byte {
	for i := range r.Fields {
		if string(r.Fields[i].Name) == name {
			return r.Fields[i].Value
		}
	}
	return nil
}

// Hold copies b into memory that the record owns and returns the copy, valid until Reset.
func (r *Record) Hold(b ...[]byte) []byte {
	start := len(r.arena)
	for _, p := range b {
		r.arena = append(r.arena, p...)
	}
	return r.arena[start:len(r.arena):len(r.arena)]
}

// maxJoined bounds the message that continuation lines may add to a body.
const maxJoined = 8 << 10

// JoinBody appends a line to the body, separated by a line feed, and drops what exceeds the bound.
func (r *Record) JoinBody(line []byte) {
	if len(r.Body)+len(line) > maxJoined {
		return
	}
	if len(r.Body) == 0 {
		r.Body = r.Hold(line)
		return
	}
	if start := len(r.arena) - len(r.Body); start >= 0 && &r.arena[start] == &r.Body[0] {
		// The body is what was held last: grow it in place, or a long record costs the square of its length.
		r.arena = append(append(r.arena, '\n'), line...)
		r.Body = r.arena[start:len(r.arena):len(r.arena)]
		return
	}
	r.Body = r.Hold(r.Body, newline, line)
}

var (
	newline = []byte{'\n'}
	nul     = []byte{0}
)
