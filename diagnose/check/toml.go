package check

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// parseTOML reads a TOML file to settings with positions, keys joined with dots and tables of arrays numbered. A fault is
// reported with its place. ok is false when the file could not be read.
func (r *run) parseTOML(d *document, system, consequence string) (s settings, ok bool) {
	s = settings{}
	data := skipMark(d.data)
	w := tomlWalk{d: d, data: data, mark: len(d.data) - len(data), settings: s, tables: map[string]int{}, run: r, system: system, consequence: consequence}
	offset, err := w.walk()
	if err == nil {
		return s, true
	}
	line, _ := d.position(offset)
	r.report(ruleSyntax, system, d.at(offset, d.lineText(line-d.line)), "this is no valid TOML: "+show(strings.TrimPrefix(err.Error(), "toml: ")), consequence, "correct the line")
	return s, false
}

// tomlWalk flattens the expressions of a file.
type tomlWalk struct {
	d        *document
	data     []byte
	mark     int
	settings settings
	table    string
	tables   map[string]int // of arrays of tables: how many there are

	run                 *run
	system, consequence string
}

// walk reads all expressions. A fault comes with its offset in the file.
func (w *tomlWalk) walk() (offset int, err error) {
	p := unstable.Parser{}
	defer func() {
		if e := recover(); e != nil {
			err = fmt.Errorf("toml: %v", e)
		}
	}()
	p.Reset(w.data)
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.Table:
			w.table = w.numbered(tomlKey(e))
		case unstable.ArrayTable:
			key := tomlKey(e)
			n := w.tables[key]
			w.tables[key] = n + 1
			w.table = key + "." + strconv.Itoa(n)
		case unstable.KeyValue:
			w.value(&p, join(w.table, tomlKey(e)), e.Value(), 0)
		}
	}
	var fault *unstable.ParserError
	if err = p.Error(); errors.As(err, &fault) && len(fault.Highlight) > 0 {
		offset = int(p.Range(fault.Highlight).Offset) + w.mark
	}
	return offset, err
}

// numbered puts the number of the latest table of an array into a key that continues it.
func (w *tomlWalk) numbered(key string) string {
	for i, c := range key {
		if c != '.' {
			continue
		}
		if n := w.tables[key[:i]]; n > 0 {
			return key[:i] + "." + strconv.Itoa(n-1) + key[i:]
		}
	}
	return key
}

func tomlKey(e *unstable.Node) string {
	var parts []string
	for it := e.Key(); it.Next(); {
		parts = append(parts, string(it.Node().Data))
	}
	return strings.Join(parts, ".")
}

func (w *tomlWalk) value(p *unstable.Parser, key string, v *unstable.Node, depth int) {
	if v == nil || !v.Valid() || depth > deepest {
		return
	}
	if first := w.settings.get(key); first.key == key && depth == 0 {
		w.run.report(ruleTwice, w.system, w.at(v, lastKey(key)+" = …"), fmt.Sprintf("the key %q stands in line %d already", show(key), first.at.Line), w.consequence, "keep one of the two")
		return
	}
	switch v.Kind {
	case unstable.InlineTable:
		for it := v.Children(); it.Next(); {
			if n := it.Node(); n.Kind == unstable.KeyValue {
				w.value(p, join(key, tomlKey(n)), n.Value(), depth+1)
			}
		}
	case unstable.Array:
		list := setting{key: key, at: w.d.whole()}
		n := 0
		for it := v.Children(); it.Next(); n++ {
			item := it.Node()
			if item.Kind == unstable.InlineTable || item.Kind == unstable.Array {
				w.value(p, join(key, strconv.Itoa(n)), item, depth+1)
				continue
			}
			text := string(item.Data)
			list.items = append(list.items, setting{key: key, value: text, at: w.at(item, text), set: true})
		}
		if len(list.items) > 0 {
			list.value, list.at = list.items[0].value, list.items[0].at
		}
		w.settings.put(list)
	default:
		text := string(v.Data)
		w.settings.put(setting{key: key, value: text, unknown: unknownValue(text), at: w.at(v, lastKey(key)+" = "+text)})
	}
}

// at is the place of a value. Strings without escapes are slices of the file, so that their range is known.
func (w *tomlWalk) at(v *unstable.Node, text string) Place {
	offset := int(v.Raw.Offset)
	if v.Raw.Length == 0 {
		return Place{w.d.name, 0, 0, show(text)}
	}
	return w.d.at(offset+w.mark, text)
}
