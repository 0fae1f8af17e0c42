package knowledgebase

import (
	"testing"

	"github.com/whytls/whytls/parsers/shape"
)

func TestKeyPlaceholders(t *testing.T) {
	b, err := compile(&index{
		Tables: map[string]*table{"reasons": {known: map[string]TableEntry{
			"no shared": {Says: "short"}, "no shared cipher": {Says: "long"}, "old text": {Says: "new"},
			"BYGONE": {As: "old text"}, "193": {As: "no shared cipher"},
		}}},
		Signatures: []*Signature{{ID: "s", Text: Strings{"SSL routines <function:any?> <reason:table>", "SSL <reason:key>"}, Code: "reason", Table: "reasons"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	f := func(line, want string) {
		t.Helper()
		var tokens shape.Tokens
		tokens.ReadText([]byte(line))
		code, got := "", false
		if a := b.Match(&tokens, Context{}); a != nil {
			code, _, got = b.Entry(b.Signatures[0], a.Primary(&tokens).Value(&tokens, "reason"))
		}
		if code != want || got != (want != "") {
			t.Errorf("%q: got %q, want %q", line, code, want)
		}
	}
	f("error:0A0000C1:SSL routines:tls_post:no shared cipher:../ssl/statem/statem_srvr.c:2226:", "no shared cipher")
	f("error:0A0000C1:SSL routines::no shared cipher", "no shared cipher")
	f("SSL routines::no shared", "no shared")
	f("SSL routines:OPENSSL_internal:NO_SHARED_CIPHER", "no shared cipher")
	f("[SSL: NO_SHARED_CIPHER] (_ssl.c:1006)", "no shared cipher")
	f("[SSL: BYGONE]", "old text")
	f("SSL routines::reason(193)", "no shared cipher")
	f("SSL routines::reason(194)", "")
	f("SSL routines::no such reason", "")
	f("SSL no shared cipher", "")
	f("SSL 193", "")

	b, err = compile(&index{Signatures: []*Signature{{ID: "s", Text: Strings{"a <x:key>"}, Code: "x", Table: "none"}}})
	if err != nil {
		t.Fatal(err)
	}
	if b.compileAll() == nil {
		t.Error("a key of an unknown table must be an error")
	}
}

func TestPackedCodes(t *testing.T) {
	b := sources(t)
	s := b.Signature("openssl-code")
	f := func(printed, want string) {
		t.Helper()
		if code, e, ok := b.Entry(s, []byte(printed)); code != want || ok != (want != "") || ok && len(e.Suggests) == 0 {
			t.Errorf("%s: got %q %v, want %q", printed, code, e, want)
		}
	}
	f("0A00010B", "20:267")
	f("1408F10B", "20:267")
	f("14094410", "20:1040")
	f("0B080074", "11:116")
	f("05800074", "11:116")
	f("0x0A0000C1", "20:193")
	f("1408FFFF", "")
	f("14", "")
	f("no number", "")
}
