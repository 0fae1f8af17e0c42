// Package explain says what a pasted text is: a line or a few lines of a log, a bare code, the bytes that stood at the
// beginning of a connection, a certificate.
//
// What the knowledge base recognises, the engine of package diagnose explains, as it does in a log. What it does not is
// first put into words that it knows: a bare code becomes the message in which its library prints it, a message in other
// letters or cut off is respelled, bytes become the name of the protocol that they begin. So there is one place that ranks
// causes, and a code never means something else here than in a log. What stands for several things at once ("20") is
// explained as each of them. What nothing is known about gets the known messages that it resembles, marked as such.
//
// All lines of a text are taken for one incident.
package explain

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/knowledgebase"
	"github.com/whytls/whytls/parsers/source"
)

// MaxText is the number of bytes that are looked at: more than that is a log, which package diagnose reads.
const MaxText = 1 << 20

// Explanation is what a text means.
type Explanation struct {
	// Snapshot is the report contract, with at most one finding.
	*diagnose.Snapshot
	// Readings say what stands in the text, in its order.
	Readings []Reading `json:"readings"`
	// Near are known messages that resemble a text that is not known.
	Near []Near `json:"near"`
}

// Reading is one thing that was recognised in the text.
type Reading struct {
	// Text is what was recognised, redacted, and Line where it stands.
	Text string `json:"text"`
	Line int64  `json:"line"`
	// What it is: "TLS alert", "message of openssl", "X.509 certificate".
	What string `json:"what"`
	// Name is the name that the field gives it, "" for none.
	Name string `json:"name,omitempty"`
	Says string `json:"says,omitempty"`
	// Source is the standard, or the file of the library, that it comes from.
	Source string `json:"source,omitempty"`
	// Library and Side say who prints it: Side is "server", "client", "either" or "".
	Library string `json:"library,omitempty"`
	Side    string `json:"side,omitempty"`
	// Signature is the entry of the knowledge base, "" for none.
	Signature string `json:"signature,omitempty"`
	Alert     *Alert `json:"alert,omitempty"`
	// Proves says what is certain by it, Mostly what it nearly always comes from, Open what it leaves open.
	Proves []string `json:"proves,omitempty"`
	Mostly string   `json:"mostly,omitempty"`
	Open   []string `json:"open,omitempty"`
	// Alternative is set when the text may as well be another of the readings of its line.
	Alternative bool `json:"alternative,omitempty"`
}

// Alert is a TLS alert, RFC 8446 section 6.
type Alert struct {
	Number int    `json:"number"`
	Name   string `json:"name"`
	// Sender is "peer" when the other side sent it, "self" when the side that logs did, "" when the text does not tell.
	Sender string `json:"sender"`
}

// Near is a known message that resembles the text.
type Near struct {
	Line      int64   `json:"line"`
	Text      string  `json:"text"`
	Library   string  `json:"library"`
	Signature string  `json:"signature"`
	Likeness  float64 `json:"likeness"`
	Says      string  `json:"says,omitempty"`
	Cause     string  `json:"cause,omitempty"` // the leading one of that message
}

// Options say how a text is read.
type Options struct {
	// Base is the knowledge to use; nil means the embedded one.
	Base *knowledgebase.Base
	// Location is assumed for times without a zone; nil means UTC.
	Location *time.Location
	// Now is what the dates of certificates are compared with.
	Now time.Time
}

// Explain says what a text means. It opens nothing and reads no clock. An error is one of the engine or the context.
func Explain(ctx context.Context, text string, o Options) (*Explanation, error) {
	if o.Base == nil {
		base, err := knowledgebase.Embedded()
		if err != nil {
			return nil, err
		}
		o.Base = base
	}
	x := &explainer{options: o, base: o.Base, translated: make(map[int64]bool)}
	return x.finish(ctx, x.read(text))
}

type explainer struct {
	options  Options
	base     *knowledgebase.Base
	readings []Reading
	near     []Near
	words    []translation
	many     bool // the text has more than one line
	// translated are the lines for which words stand.
	translated map[int64]bool
}

// translation is a text in words that the knowledge base knows, for a line of the pasted text that it does not.
type translation struct {
	line   int64
	text   string
	either int // translations of one line with the same number exclude each other; 0 excludes none
}

// read takes the readings from a text and returns it as the engine is to read it.
func (x *explainer) read(text string) string {
	text = clean(text[:min(len(text), MaxText)])
	text = x.certificates(text)
	x.many = strings.Contains(strings.TrimSpace(text), "\n")
	x.records(text)
	return text
}

// finish runs the engine over what is known and joins what it finds.
func (x *explainer) finish(ctx context.Context, text string) (*Explanation, error) {
	lines := strings.Split(text, "\n")
	rest := slices.Clone(lines)
	for line := range x.translated {
		if line >= 1 && int(line) <= len(rest) {
			rest[line-1] = ""
		}
	}
	snapshot, err := x.diagnose(ctx, strings.Join(rest, "\n"))
	if err != nil {
		return nil, err
	}
	out := *snapshot
	findings := out.Findings
	for i := 0; i < len(x.words); {
		group := x.words[i : i+1]
		for n := i + 1; n < len(x.words) && x.words[i].either != 0 && x.words[n].either == x.words[i].either; n++ {
			group = x.words[i : n+1]
		}
		i += len(group)
		var readings []*diagnose.Finding
		for _, w := range group {
			s, err := x.diagnose(ctx, w.text)
			if err != nil {
				return nil, err
			}
			for _, f := range s.Findings {
				readings = append(readings, pasted(f, w, lines))
			}
		}
		if f := diagnose.Either(readings); f != nil {
			findings = append(findings, f)
		}
	}
	out.Findings = []*diagnose.Finding{}
	if f := diagnose.Together(x.base, findings); f != nil {
		x.question(f)
		out.Findings = append(out.Findings, f)
	}
	e := &Explanation{Snapshot: &out, Readings: x.readings, Near: x.near}
	if e.Readings == nil {
		e.Readings = []Reading{}
	}
	if e.Near == nil || len(e.Readings) > 0 { // beside what is known, resemblances only distract
		e.Near = []Near{}
	}
	return e, nil
}

// pasted makes the evidence of a translation the line that the person pasted.
func pasted(f *diagnose.Finding, w translation, lines []string) *diagnose.Finding {
	copied := *f
	copied.Evidence = nil
	line := ""
	if w.line >= 1 && int(w.line) <= len(lines) {
		line = diagnose.Redacted(strings.TrimSpace(lines[w.line-1]))
	}
	copied.Evidence = []diagnose.Line{{Source: name, Line: w.line, Text: line, Message: line}}
	copied.Causes = make([]diagnose.Cause, len(f.Causes))
	for i, c := range f.Causes {
		c.Why = append([]diagnose.Factor(nil), c.Why...)
		for k := range c.Why {
			if c.Why[k].Line > 0 {
				c.Why[k].Line = w.line
			}
		}
		copied.Causes[i] = c
	}
	return &copied
}

// name is what the text is called as a source.
const name = "-"

func (x *explainer) diagnose(ctx context.Context, text string) (*diagnose.Snapshot, error) {
	engine, err := diagnose.NewEngine(diagnose.Options{Base: x.base, Location: x.options.Location, Workers: 1})
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(text) == "" {
		return engine.Snapshot(), nil
	}
	inputs, _ := source.Expand([]string{name}, strings.NewReader(text))
	if err := engine.Run(ctx, inputs); err != nil {
		return nil, err
	}
	return engine.Snapshot(), nil
}
