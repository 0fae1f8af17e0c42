package explain

import (
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
	if x.known(t, knowledgebase.NewContext(r, f, ""), line, message) {
		return
	}
	if strings.TrimSpace(message) == "" {
		return
	}
	for _, attempt := range []func(int64, string) bool{x.context, x.codes, x.spelling, x.numbers} {
		if attempt(line, message) {
			return
		}
	}
	x.resembling(line, message)
}

// known reads a record that a signature speaks for.
func (x *explainer) known(t *shape.Tokens, c knowledgebase.Context, line int64, message string) bool {
	analysis := x.base.Match(t, c)
	if analysis == nil {
		return false
	}
	m := analysis.Primary(t)
	if m == nil {
		return false
	}
	var code string
	if m.Signature.Code != "" {
		code = string(m.Value(t, m.Signature.Code))
	}
	r := x.reading(m.Signature, code, line, message)
	for _, other := range analysis.Matches {
		if other != m && other.Holds(t) && other.Signature.Wraps != "" {
			if other.Signature.Side == "server" || other.Signature.Side == "client" {
				r.Side = other.Signature.Side
			}
			r.Library += " in " + other.Signature.Library
			break
		}
	}
	x.readings = append(x.readings, r)
	return true
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
	r.Alert = alertOf(x.base, s, key, message)
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
		r.Proves = append(r.Proves, "nearly always: "+x.title(leading[0]))
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

// spelling takes a message in other letters, or cut off, for the one that it stands for.
func (x *explainer) spelling(line int64, message string) bool {
	for _, n := range x.base.Nearest(message, 3) {
		if n.Respelled != "" && x.translate(line, message, n.Respelled, 0) {
			return true
		}
	}
	return false
}

// shownNear is how many messages are shown that a text resembles.
const shownNear = 3

func (x *explainer) resembling(line int64, message string) {
	for _, n := range x.base.Nearest(message, shownNear) {
		near := Near{Line: line, Text: n.Text, Library: n.Signature.Library, Signature: n.Signature.ID, Likeness: float64(int(n.Likeness*100+0.5)) / 100, Says: n.Signature.Says}
		if leading, _ := leaders(x.base.Alone(n.Signature, "", 0)); len(leading) > 0 {
			near.Cause = leading[0]
		}
		x.near = append(x.near, near)
	}
}
