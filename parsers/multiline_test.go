package parsers

import (
	"strings"
	"testing"
)

func collect(t *testing.T, text string) ([]string, Accounting) {
	t.Helper()
	var got []string
	s := NewStream(Detect([]byte(text), Clock{}), Clock{}, Everything, func(r *Record, f *Format) {
		got = append(got, f.Name+"|"+string(r.Body))
	})
	s.Block([]byte(text), 0)
	s.Close()
	return got, s.Count
}

func TestStreamPlainText(t *testing.T) {
	f := func(text string, want string) {
		t.Helper()
		got, count := collect(t, text)
		if joined := strings.Join(got, "\n"); joined != want {
			t.Errorf("%q\n got %q\nwant %q", text, joined, want)
		}
		if !count.Balanced() {
			t.Errorf("%q: unbalanced accounting %+v", text, count)
		}
		if int64(len(got)) != count.Records() {
			t.Errorf("%q: %d records emitted, %d counted", text, len(got), count.Records())
		}
	}
	f("", "")
	f("one", "plain|one")
	f("one\r\ntwo\n", "plain|one\nplain|two")
	f("one\n\n  indented\nCaused by: two\n", "plain|one\nCaused by: two")
	f("a\x00b\nc\n", "plain|c")
	f("\x1b[31mred\x1b[0m", "plain|red")
	f("one\n\x1b[0m\ntwo", "plain|one\nplain|two") // nothing but colour is blank
	f("\x1b[0m\na\n\x1b", "plain|a")
}
