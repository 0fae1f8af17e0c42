package knowledgebase

import (
	"cmp"
	"strings"

	"github.com/whytls/whytls/parsers/shape"
)

// Printed returns a message in which a program prints a value of a table, "" when no signature knows one: it stands for
// the bare value, which any program could have printed. The message is known by a signature of the table, with the
// meaning of that value.
func (b *Base) Printed(table, value string) string {
	value = cmp.Or(b.Table(table)[value].As, value)
	for _, s := range b.Signatures {
		if s.Table != table || s.Code == "" {
			continue
		}
		for _, text := range s.Text {
			message, ok := fillIn(text, s.Code, value)
			if ok && b.means(message, table, value) {
				return message
			}
		}
	}
	return ""
}

// fillIn replaces the placeholder of the code by its value and the others by samples.
func fillIn(text, code, value string) (message string, ok bool) {
	var out strings.Builder
	err := new(splitter).split(text, func(literal []byte) { out.Write(literal) }, func(placeholder string) error {
		name, kind, _ := strings.Cut(placeholder, ":")
		switch {
		case name == code:
			out.WriteString(value)
			ok = true
		case samples[strings.TrimSuffix(kind, "?")] != "":
			out.WriteString(samples[strings.TrimSuffix(kind, "?")])
		default:
			out.WriteString("x")
		}
		return nil
	})
	return out.String(), ok && err == nil
}

// means reports whether a bare message is known with the meaning of a value of a table.
func (b *Base) means(message, table, value string) bool {
	var t shape.Tokens
	analysis := b.analyse(message, &Signature{}, &t)
	if analysis == nil || analysis.Primary(&t) == nil {
		return false
	}
	for _, m := range analysis.Matches {
		if m.Signature.Table != table || !m.Holds(&t) {
			continue
		}
		if code, _, ok := b.Entry(m.Signature, m.Value(&t, m.Signature.Code)); ok && code == value {
			return true
		}
	}
	return false
}
