package explain

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/knowledgebase"
	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/shape"
)

// clean takes off what pasting puts around a text: quotation marks, code fences, the marks of a quoted mail.
func clean(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		bare := strings.TrimSpace(line)
		if strings.HasPrefix(bare, "```") {
			lines[i] = ""
			continue
		}
		bare = strings.TrimPrefix(bare, "> ")
		if unquoted := unquote(bare); unquoted != bare {
			lines[i] = unquoted
		}
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// unquote removes quotation marks that stand around a whole line, and the escapes inside.
func unquote(line string) string {
	for _, marks := range [][2]string{{`"`, `"`}, {`'`, `'`}, {"`", "`"}, {"“", "”"}, {"«", "»"}, {"„", "“"}} {
		inner, ok := strings.CutPrefix(line, marks[0])
		if !ok {
			continue
		}
		if inner, ok = strings.CutSuffix(inner, marks[1]); ok && !strings.Contains(strings.ReplaceAll(inner, `\`+marks[0], ""), marks[0]) {
			return strings.ReplaceAll(inner, `\`+marks[1], marks[1])
		}
	}
	return line
}

// maxReadings bounds what is told about a long text.
const maxReadings = 40

// records looks at every record of the text.
func (x *explainer) records(text string) {
	clock := parsers.Clock{Location: x.options.Location, Year: x.options.Now.Year()}
	d := parsers.Detect([]byte(text[:min(len(text), parsers.SampleSize)]), clock)
	var t shape.Tokens
	stream := parsers.NewStream(d, clock, parsers.Everything, func(r *parsers.Record, f *parsers.Format) {
		if len(x.readings) < maxReadings {
			t.Read(r)
			x.record(r, f, &t)
		}
	})
	stream.Block([]byte(text), 0)
	stream.Close()
}

// record reads one record: what is known, else what it can be translated into, else what it resembles.
func (x *explainer) record(r *parsers.Record, f *parsers.Format, t *shape.Tokens) {
	message := string(r.Body)
	for _, field := range r.Fields {
		if shape.ErrorField(field.Name) && len(field.Value) > 0 {
			message += " " + string(field.Name) + "=" + string(field.Value)
		}
	}
	if strings.TrimSpace(message) == "" {
		message = string(r.Head)
	}
	line := r.Position.Line
	if strings.TrimSpace(message) == "" {
		return
	}
	known, vague := x.known(t, knowledgebase.NewContext(r, f, ""), line, message)
	if known != nil && !vague {
		x.readings = append(x.readings, *known)
		return
	}
	// What stands before a message may be part of it.
	if head := string(r.Head); x.guess(line, message) || head != message && x.guess(line, head) {
		for n := range max(r.Lines, 1) {
			x.translated[line+int64(n)] = true
		}
		return
	}
	if known != nil {
		x.readings = append(x.readings, *known)
		return
	}
	x.resembling(line, message)
}

// guess puts a message into words that are known, the surest way first.
func (x *explainer) guess(line int64, message string) bool {
	for _, attempt := range []func(int64, string) bool{x.packed, x.spelling, x.context, x.codes, x.completion, x.numbers} {
		if attempt(line, message) {
			return true
		}
	}
	return false
}

// known reads a record that a signature speaks for. vague is set when only what stands around the message is known: a
// wrapper, a message with a code that its table does not have, or a packed code that may be of several libraries.
func (x *explainer) known(t *shape.Tokens, c knowledgebase.Context, line int64, message string) (r *Reading, vague bool) {
	analysis := x.base.Match(t, c)
	if analysis == nil {
		return nil, false
	}
	m := analysis.Primary(t)
	if m == nil {
		return nil, false
	}
	var code []byte
	if m.Signature.Code != "" {
		code = m.Value(t, m.Signature.Code)
	}
	found := x.reading(m.Signature, string(code), line, message)
	for _, other := range analysis.Matches {
		if other != m && other.Holds(t) && other.Signature.Wraps != "" {
			if other.Signature.Side == "server" || other.Signature.Side == "client" {
				found.Side = other.Signature.Side
			}
			found.Library += " in " + other.Signature.Library
			break
		}
	}
	_, _, listed := x.base.Entry(m.Signature, code)
	return &found, m.Signature.Wraps != "" || m.Signature.Fold != "" || m.Signature.Table != "" && !listed
}

// reading says what a message of a signature is.
func (x *explainer) reading(s *knowledgebase.Signature, code string, line int64, message string) Reading {
	r := Reading{
		Text: diagnose.Redacted(message), Line: line, What: "message of " + s.Library, Says: s.Says, Source: s.Source, Library: s.Library,
		Side: s.Side, Signature: s.ID,
	}
	key := ""
	if s.Table != "" {
		if k, e, ok := x.base.Entry(s, []byte(code)); ok {
			key = k
			if e = x.base.Table(s.Table)[k]; e.Says != "" {
				r.Says = e.Says
			}
			r.Name = nameOf(x.base, s.Table, k)
		}
	}
	r.Alert = alertOf(s, key, message)
	x.certainty(&r, x.base.Alone(s, key, 0))
	return r
}

// certainty says what a reading proves and what it leaves open.
func (x *explainer) certainty(r *Reading, weights knowledgebase.Weights) {
	if r.Alert != nil {
		r.Proves = append(r.Proves, r.Alert.proves()...)
	}
	leading, likely := leaders(weights)
	switch {
	case len(leading) == 0:
	case likely >= surely:
		r.Mostly = x.title(leading[0])
	case len(leading) > 1:
		for _, id := range leading[:min(len(leading), 4)] {
			r.Open = append(r.Open, x.title(id))
		}
	}
}

func (x *explainer) title(cause string) string {
	if c := x.base.Causes[cause]; c != nil {
		return c.Title
	}
	return cause
}

// context looks for a known message behind what a program puts before it: "starting the bridge: connect: unknown ca".
func (x *explainer) context(line int64, message string) bool {
	rest := message
	for {
		at := strings.Index(rest, ": ")
		if at < 0 {
			return false
		}
		rest = strings.TrimSpace(rest[at+2:])
		if x.translate(line, message, rest, 0) {
			return true
		}
	}
}

// translate adds a known text that stands for (a part of) a line.
func (x *explainer) translate(line int64, message, text string, either int) bool {
	var t shape.Tokens
	t.ReadText([]byte(text))
	analysis := x.base.Match(&t, knowledgebase.Context{})
	if analysis == nil {
		return false
	}
	m := analysis.Primary(&t)
	if m == nil {
		return false
	}
	code := ""
	if m.Signature.Code != "" {
		code = string(m.Value(&t, m.Signature.Code))
	}
	r := x.reading(m.Signature, code, line, message)
	x.readings = append(x.readings, r)
	x.words = append(x.words, translation{line, text, either})
	return true
}

// nearby is how many known messages are tried for one that is not known.
const nearby = 8

// spelling takes a message in other letters for the one that it stands for.
func (x *explainer) spelling(line int64, message string) bool {
	for _, n := range x.base.Nearest(message, nearby) {
		if n.Respelled != "" && !n.Cut && x.translate(line, message, n.Respelled, 0) {
			return true
		}
	}
	return false
}

// completion takes a message that is cut off for the one that it began, or for each of those that it may have begun.
func (x *explainer) completion(line int64, message string) bool {
	from, group := len(x.readings), len(x.words)+1
	causes := make(map[string]bool)
	for _, n := range x.base.Nearest(message, nearby) {
		lead := top(x.base.Alone(n.Signature, "", 0))
		if n.Respelled == "" || causes[lead] || !x.translate(line, message, n.Respelled, group) {
			continue
		}
		causes[lead] = true
		r := &x.readings[len(x.readings)-1]
		r.What += ", of which the end is missing"
		r.Name = n.Text
	}
	x.alternatives(from)
	return len(x.readings) > from
}

// alternatives marks the readings from a place on, when there are several, as excluding each other.
func (x *explainer) alternatives(from int) {
	if len(x.readings)-from < 2 {
		return
	}
	for i := from; i < len(x.readings); i++ {
		x.readings[i].Alternative = true
	}
}

// shownNear is how many messages are shown that a text resembles.
const shownNear = 3

// likeEnough is the likeness from which a resemblance is worth showing.
const likeEnough = 0.35

func (x *explainer) resembling(line int64, message string) {
	near := x.base.Nearest(message, 2*nearby)
	slices.SortStableFunc(near, func(a, b knowledgebase.Near) int { return -cmp.Compare(a.Likeness, b.Likeness) })
	for _, n := range near[:min(len(near), shownNear)] {
		if n.Likeness < likeEnough {
			break
		}
		x.near = append(x.near, Near{
			Line: line, Text: n.Text, Library: n.Signature.Library, Signature: n.Signature.ID, Likeness: math.Round(n.Likeness*100) / 100,
			Says: n.Signature.Says, Cause: top(x.base.Alone(n.Signature, "", 0)),
		})
	}
}
