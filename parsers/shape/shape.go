// Package shape reduces a record to its shape: the words that its message and its error fields consist of,
// with everything that varies from record to record replaced by a type.
//
// A shape is a pure function of one record. It is the unit of matching (a signature is matched once a shape,
// not once a record), of counting and of merging. Quotes, brackets, "=" and the like are delimiters and never
// types, so that words inside quotes and values stay words: `error: "unexpected EOF"` and
// `"tls handshake eof"` are two shapes.
//
// Signatures are tokenised by the same code as records, so that both always agree on what a token is.
package shape

import "github.com/whytls/whytls/parsers"

// Kind is the type of a token.
type Kind uint8

// The kinds of tokens. Word stands for itself, all others leave the shape.
const (
	Word       Kind = iota
	Number          // 26, -8576, 1.5, 0.22.6, 12ms, 64KB, 87%
	Hex             // 0x16, 0A00010B, deadbeef01
	UUID            //
	MAC             // 00:1a:2b:3c:4d:5e
	IP              // 10.0.0.1, 10.0.0.1:5210, [::1]:443
	Host            // a.example.com, a.example.com:443, localhost:80
	Path            // /etc/ssl/x.pem, C:\x, a/b/c.go
	URL             // https://…
	Clock           // 12:34:56.789, 2026-11-22, 2026-11-22T00:00:00Z
	Bool            // true, false, null, nil
	Identifier      // words with three and more digits
)

var kindNames = [...]string{"", "num", "hex", "uuid", "mac", "ip", "host", "path", "url", "time", "bool", "id"}

// String returns the name used in placeholders ("num" for <num>), "" for a word.
func (k Kind) String() string { return kindNames[k] }

// Token is one token of a segment.
type Token struct {
	Start, End uint32 // byte range in the text of its segment
	Hash       uint32 // of a word, or of what stands before the varying part of an identifier; 0 for other kinds
	Segment    uint16 // index into Tokens.Segments
	Kind       Kind
	Values     uint8 // how many values in a row the token holds, at most Many; 0 for a word
}

// Many is where the values of a list are no longer counted.
const Many = 8

// Segment is one text that tokens come from: the body or an error-bearing field.
type Segment struct {
	Name []byte // nil for the body
	Text []byte
}

// Tokens holds the tokens of one record. The zero value is ready; it is reused from record to record and
// borrows the record's bytes. It is not safe for concurrent use.
type Tokens struct {
	Segments []Segment
	List     []Token
	// Hash identifies the shape: equal for records that differ only in typed tokens.
	Hash uint64
}

// ErrorField reports whether a field of that name bears the reason of an event, so that it belongs to the shape.
func ErrorField(name []byte) bool {
	if len(name) < 3 || len(name) > 24 {
		return false
	}
	switch string(name) {
	case "error", "err", "Error", "ERROR", "cause", "exception", "reason", "error.message", "exception.message",
		"errmsg", "err.message", "err_msg", "error_message", "errorMessage", "failure", "openssl_error", "ssl_error", "err.msg":
		return true
	}
	return false
}

// Message renders what a record says: its body and the fields that bear the reason, in about as many bytes as most.
func Message(r *parsers.Record, most int) []byte {
	b := append([]byte(nil), r.Body[:min(len(r.Body), most)]...)
	for i := range r.Fields {
		if f := &r.Fields[i]; ErrorField(f.Name) && len(b) < most {
			b = append(b, ' ')
			b = append(b, f.Name...)
			b = append(b, '=')
			b = append(b, f.Value[:min(len(f.Value), most)]...)
		}
	}
	return b
}

// Read tokenises the body and the error-bearing fields of r, or where there are none the whole head, and
// computes the hash of its shape, to which the scope belongs too (the same words from two components are two shapes).
func (t *Tokens) Read(r *parsers.Record) {
	t.Segments = t.Segments[:0]
	t.List = t.List[:0]
	t.add(nil, r.Body)
	for i := range r.Fields {
		if f := &r.Fields[i]; len(f.Value) > 0 && ErrorField(f.Name) {
			t.add(f.Name, f.Value)
		}
	}
	if len(t.List) == 0 && len(r.Head) > 0 && r.Head[0] != '{' {
		t.add(nil, r.Head) // no message came, such as after the first line of a panic
	}
	t.sum()
	if len(r.Scope) > 0 {
		n := len(t.List)
		t.List = tokenize(t.List, r.Scope, 0)
		h := t.Hash
		for _, tok := range t.List[n:] {
			h = mix(h, uint64(tok.Kind)<<40|uint64(tok.Hash))
		}
		t.List = t.List[:n]
		t.Hash = h
	}
}

// ReadText tokenises a bare text, such as a signature's.
func (t *Tokens) ReadText(text []byte) {
	t.Segments = t.Segments[:0]
	t.List = t.List[:0]
	t.add(nil, text)
	t.sum()
}

// Text returns the bytes of a token.
func (t *Tokens) Text(tok Token) []byte {
	return t.Segments[tok.Segment].Text[tok.Start:tok.End]
}

// maxTokens bounds the tokens of one record; what follows in a longer one does not belong to the shape.
const maxTokens = 512

func (t *Tokens) add(name, text []byte) {
	if len(t.List) >= maxTokens || len(t.Segments) > 15 {
		return
	}
	t.Segments = append(t.Segments, Segment{name, text})
	t.List = tokenize(t.List, text, uint16(len(t.Segments)-1))
	if len(t.List) > maxTokens {
		t.List = t.List[:maxTokens]
	}
}

func (t *Tokens) sum() {
	h := uint64(0x9e3779b97f4a7c15)
	segment := uint16(0)
	for i := range t.List {
		tok := &t.List[i]
		if tok.Segment != segment {
			segment = tok.Segment
			h = mix(h, uint64(hashWord(t.Segments[segment].Name))|1<<56)
		}
		h = mix(h, uint64(tok.Values)<<48|uint64(tok.Kind)<<40|uint64(tok.Hash))
	}
	t.Hash = h
}

func mix(h, v uint64) uint64 {
	h ^= v
	h *= 0xff51afd7ed558ccd
	return h ^ h>>32
}
