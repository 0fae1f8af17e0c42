package knowledgebase

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/whytls/whytls/parsers/shape"
)

// Value is a value of a table.
type Value struct{ Table, Value string }

// names finds the values of all tables by their names. It is made when somebody asks: only explaining a bare name does.
type names struct {
	once   sync.Once
	values map[string][]Value
}

// Named returns the values of tables that are called by a name as constants are written: UNKNOWN_CA for "unknown_ca" and
// "unknown ca". A table comes before another one when its name does, but alerts of TLS come first, then what OpenSSL's SSL
// library says, then errors of the system: their names are the ones that others borrow.
func (b *Base) Named(name string) []Value {
	b.names.once.Do(func() {
		b.names.values = make(map[string][]Value)
		for _, table := range b.Tables() {
			for key, e := range b.Table(table) {
				if strings.Trim(key, "-0123456789x:") == "" {
					continue
				}
				n := nameOf(key)
				b.names.values[n] = append(b.names.values[n], Value{table, cmp.Or(e.As, key)})
			}
		}
		rank := map[string]int{"tls-alert": -3, "openssl-ssl": -2, "rust-os-error": -1}
		for _, list := range b.names.values {
			slices.SortFunc(list, func(a, b Value) int {
				return cmp.Or(cmp.Compare(rank[a.Table], rank[b.Table]), cmp.Compare(a.Table, b.Table), cmp.Compare(a.Value, b.Value))
			})
		}
	})
	return b.names.values[name]
}

// Containing returns a message of a signature one of whose texts has the word in exactly this spelling, "" for none; one
// that begins with the word goes before others. The word must be a name, not a word of a language.
func (b *Base) Containing(word string) string {
	if !isName([]byte(word)) && strings.ToUpper(word) != word {
		return ""
	}
	var t shape.Tokens
	best := ""
	for _, s := range b.Signatures {
		for _, text := range s.Text {
			if !strings.Contains(text, word) || best != "" && !strings.HasPrefix(text, word) {
				continue
			}
			message, _ := fillIn(text, "", "")
			t.ReadText([]byte(message))
			for i, token := range t.List {
				if string(t.Text(token)) != word {
					continue
				}
				if i == 0 {
					return message
				}
				best = cmp.Or(best, message)
			}
		}
	}
	return best
}
