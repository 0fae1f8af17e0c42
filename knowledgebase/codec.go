package knowledgebase

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
)

// The index is text with one entry a line, so that changes of two people merge. A line is the kind of the entry and its
// value:
//
//	string   length ":" bytes           number  decimal ";"
//	list     length ";" values          map     length ";" (key value)…, sorted by key
//	struct   (letter value)… "."        where the letter is the place of the field, and zero fields are left out
//
// Strings that are read are parts of the index itself, so that decoding copies no text; equal weights are read once, and
// tables, which are the bulk of it, when they are first asked for. JSON took six times as long (BenchmarkLoad).

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// fieldsOf lists the fields of a struct that are written: all that are exported, in order.
func fieldsOf(t reflect.Type) []int {
	if known, ok := fieldCache.Load(t); ok {
		return known.([]int)
	}
	var fields []int
	for i := range t.NumField() {
		if t.Field(i).IsExported() {
			fields = append(fields, i)
		}
	}
	if len(fields) > len(letters) {
		panic("more fields than letters in " + t.Name())
	}
	fieldCache.Store(t, fields)
	return fields
}

var fieldCache sync.Map // reflect.Type → []int

func appendValue(out []byte, v reflect.Value) []byte {
	number := func(n int) { out = append(strconv.AppendInt(out, int64(n), 10), ';') }
	switch v.Kind() {
	case reflect.Pointer:
		return appendValue(out, v.Elem())
	case reflect.String:
		out = append(strconv.AppendInt(out, int64(v.Len()), 10), ':')
		return append(out, v.String()...)
	case reflect.Int:
		number(int(v.Int()))
	case reflect.Float64:
		out = append(strconv.AppendFloat(out, v.Float(), 'g', -1, 64), ';')
	case reflect.Slice:
		number(v.Len())
		for i := range v.Len() {
			out = appendValue(out, v.Index(i))
		}
	case reflect.Map:
		number(v.Len())
		keys := v.MapKeys()
		sort.Slice(keys, func(i, j int) bool { return keys[i].String() < keys[j].String() })
		for _, k := range keys {
			out = appendValue(appendValue(out, k), v.MapIndex(k))
		}
	case reflect.Struct:
		for place, i := range fieldsOf(v.Type()) {
			if f := v.Field(i); !empty(f) {
				out = append(out, letters[place])
				if f.Kind() != reflect.Bool { // it is there, so it is true
					out = appendValue(out, f)
				}
			}
		}
		out = append(out, '.')
	default:
		panic("the index knows no " + v.Kind().String())
	}
	return out
}

func empty(v reflect.Value) bool {
	return v.IsZero() || (v.Kind() == reflect.Slice || v.Kind() == reflect.Map) && v.Len() == 0
}

// encode writes the index.
func (x *index) encode() []byte {
	var out []byte
	line := func(kind byte, values ...any) {
		out = append(out, kind)
		for _, v := range values {
			out = appendValue(out, reflect.ValueOf(v))
		}
		out = append(out, '\n')
	}
	line('r', x.Ranking)
	for _, name := range sorted(x.Families) {
		line('f', name, x.Families[name])
	}
	for _, c := range x.Causes {
		line('c', c)
	}
	for _, s := range x.Systems {
		line('y', s)
	}
	for _, name := range sorted(x.Tables) {
		line('t', name, string(appendValue(nil, reflect.ValueOf(x.Tables[name].entries()))))
	}
	for _, s := range x.Signatures {
		line('s', s)
	}
	return out
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// decodeIndex reads what encode wrote.
func decodeIndex(text string) (x *index, err error) {
	x = &index{Families: map[string]Strings{}, Tables: map[string]*table{}}
	d := decoder{text: text, known: make(map[string]Weights)}
	for d.at < len(text) && d.err == nil {
		kind := text[d.at]
		d.at++
		switch kind {
		case 'r':
			d.value(reflect.ValueOf(&x.Ranking).Elem())
		case 'f':
			var list Strings
			name := d.string()
			d.value(reflect.ValueOf(&list).Elem())
			x.Families[name] = list
		case 'c':
			c := new(Cause)
			d.value(reflect.ValueOf(c).Elem())
			x.Causes = append(x.Causes, c)
		case 'y':
			s := new(System)
			d.value(reflect.ValueOf(s).Elem())
			x.Systems = append(x.Systems, s)
		case 't':
			name := d.string()
			x.Tables[name] = &table{raw: d.string()}
		case 's':
			s := new(Signature)
			d.value(reflect.ValueOf(s).Elem())
			x.Signatures = append(x.Signatures, s)
		default:
			d.fail()
		}
		if d.at >= len(text) || text[d.at] != '\n' {
			d.fail()
		}
		d.at++
	}
	if d.err != nil {
		return nil, fmt.Errorf("decoding the knowledge index at byte %d: %w", d.at, d.err)
	}
	return x, nil
}

type decoder struct {
	text  string
	at    int
	err   error
	known map[string]Weights // by their text
}

var errIndex = errors.New("it is damaged: run go generate ./knowledgebase")

// fail ends the decoding: all that is read from then on is empty.
func (d *decoder) fail() {
	d.err = errIndex
	d.at = len(d.text)
}

// until returns the text before the next end and steps over it.
func (d *decoder) until(end byte) string {
	i := strings.IndexByte(d.text[d.at:], end)
	if i < 0 {
		d.fail()
		return ""
	}
	s := d.text[d.at : d.at+i]
	d.at += i + 1
	return s
}

// length reads a count. Every value takes a byte at least, so what is left bounds it.
func (d *decoder) length(end byte) int {
	n := 0
	for i := d.at; i < len(d.text); i++ {
		switch c := d.text[i]; {
		case c == end && i > d.at:
			d.at = i + 1
			return n
		case c < '0' || c > '9' || n > len(d.text):
			d.fail()
			return 0
		default:
			n = n*10 + int(c-'0')
		}
	}
	d.fail()
	return 0
}

func (d *decoder) string() string {
	n := d.length(':')
	if n > len(d.text)-d.at {
		d.fail()
		return ""
	}
	s := d.text[d.at : d.at+n]
	d.at += n
	return s
}

func (d *decoder) float() float64 {
	v, err := strconv.ParseFloat(d.until(';'), 64)
	if err != nil {
		d.fail()
	}
	return v
}

func (d *decoder) count() int {
	n := d.length(';')
	if n > len(d.text)-d.at {
		d.fail()
		return 0
	}
	return n
}

// The types of which there are thousands are read without reflection.

func (d *decoder) strings() Strings {
	list := make(Strings, d.count())
	for i := range list {
		list[i] = d.string()
	}
	return list
}

func (d *decoder) weights() Weights {
	start := d.at
	n := d.count()
	for range n {
		d.string()
		d.until(';')
	}
	if d.err != nil {
		return nil
	}
	text := d.text[start:d.at]
	if w, ok := d.known[text]; ok {
		return w
	}
	again := decoder{text: text}
	w := make(Weights, again.count())
	for range n {
		id := again.string()
		w[id] = again.float()
	}
	d.err = again.err
	d.known[text] = w
	return w
}

// table is what the values of a code mean. That of the index is decoded when it is first needed: the tables of OpenSSL,
// GnuTLS and others have thousands of entries, and a log has messages of few of them.
type table struct {
	once  sync.Once
	raw   string // as in the index, or "" when it was read from YAML
	known map[string]TableEntry
}

func (t *table) entries() map[string]TableEntry {
	t.once.Do(func() {
		if t.raw == "" {
			return
		}
		d := decoder{text: t.raw, known: make(map[string]Weights)}
		n := d.count()
		t.known = make(map[string]TableEntry, n)
		for range n {
			var e TableEntry
			code := d.string()
			d.value(reflect.ValueOf(&e).Elem())
			t.known[code] = e
		}
	})
	return t.known
}

func (d *decoder) value(v reflect.Value) {
	switch to := v.Addr().Interface().(type) {
	case *Strings:
		*to = d.strings()
		return
	case *[]string:
		*to = d.strings()
		return
	case *Weights:
		*to = d.weights()
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(v.Elem())
	case reflect.String:
		v.SetString(d.string())
	case reflect.Int:
		n, err := strconv.Atoi(d.until(';'))
		if err != nil {
			d.fail()
		}
		v.SetInt(int64(n))
	case reflect.Float64:
		v.SetFloat(d.float())
	case reflect.Slice:
		n := d.count()
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			d.value(v.Index(i))
		}
	case reflect.Map:
		n := d.count()
		v.Set(reflect.MakeMapWithSize(v.Type(), n))
		for range n {
			key := reflect.ValueOf(d.string())
			value := reflect.New(v.Type().Elem()).Elem()
			d.value(value)
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		fields := fieldsOf(v.Type())
		for d.at < len(d.text) {
			letter := d.text[d.at]
			d.at++
			if letter == '.' {
				return
			}
			place := strings.IndexByte(letters, letter)
			if place < 0 || place >= len(fields) {
				d.fail()
				return
			}
			if f := v.Field(fields[place]); f.Kind() == reflect.Bool {
				f.SetBool(true)
			} else {
				d.value(f)
			}
		}
		d.fail()
	default:
		d.fail()
	}
}
