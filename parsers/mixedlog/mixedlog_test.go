package mixedlog

import (
	"bytes"
	"testing"
)

func TestWriteRepeatsItself(t *testing.T) {
	var a, b, c bytes.Buffer
	n, lines, err := Write(&a, 1, 100_000)
	if err != nil {
		t.Fatal(err)
	}
	if int64(a.Len()) != n || n < 100_000 || int64(bytes.Count(a.Bytes(), []byte("\n"))) != lines {
		t.Errorf("%d bytes and %d lines said, %d and %d written", n, lines, a.Len(), bytes.Count(a.Bytes(), []byte("\n")))
	}
	if _, _, err := Write(&b, 1, 100_000); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the same seed gives other bytes")
	}
	if _, _, err := Write(&c, 2, 100_000); err != nil || bytes.Equal(a.Bytes(), c.Bytes()) {
		t.Error("another seed gives the same bytes")
	}
}
