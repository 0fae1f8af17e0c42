package source

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/whytls/whytls/parsers"
)

func TestPipe(t *testing.T) {
	r, w := io.Pipe()
	b := followLive(t, NewPipe("-", r))
	go fmt.Fprint(w, "one\r\ntw")
	b.mark("caught up")
	b.await("one\r\n")
	b.mark("quiet")
	go func() {
		fmt.Fprint(w, "o\nthr")
		fmt.Fprint(w, "ee")
		w.Close()
	}()
	for b.one() {
	}
	if got := b.text.String(); got != "one\r\ntwo\nthree" {
		t.Errorf("got %q", got)
	}
}

func TestPipeFails(t *testing.T) {
	r, w := io.Pipe()
	b := followLive(t, NewPipe("-", r))
	go func() {
		fmt.Fprint(w, "one\n")
		w.CloseWithError(fmt.Errorf("no more"))
	}()
	for b.one() {
	}
	if err := <-b.done; err == nil || err.Error() != "no more" {
		t.Errorf("Follow: %v", err)
	}
	b.done <- nil
}

// The cuts between the blocks of a stream change nothing, and lines beyond the limit are cut as in a file.
func TestLineCutter(t *testing.T) {
	long := strings.Repeat("x", parsers.MaxLine)
	text := "a\n\n\r\n" + long + "\n" + long + "y\n" + long + "yz\nb\xff\n" + long + long + "\nthe end"
	want := "a\n\n\r\n" + long + "\n" + long + "y" + "\n" + long + "y" + "b\xff\n" + long + "x" + "the end"
	for seed := range uint64(20) {
		rnd := rand.New(rand.NewPCG(1, seed))
		var got strings.Builder
		var offset, line int64 = 0, 1
		c := lineCutter{line: 1, emit: func(e Event) error {
			if e.Offset != offset || e.Line != line {
				t.Fatalf("seed %d: event at %d, line %d; want %d, %d", seed, e.Offset, e.Line, offset, line)
			}
			offset += int64(len(e.Data)) + e.Dropped
			line += linesIn(e.Data)
			got.Write(e.Data)
			return nil
		}}
		for rest := text; rest != ""; {
			n := min(1+rnd.IntN(1<<(1+rnd.IntN(20))), len(rest))
			must(t, c.write([]byte(rest[:n])))
			rest = rest[n:]
		}
		must(t, c.end())
		if got.String() != want {
			i := 0
			for i < min(got.Len(), len(want)) && got.String()[i] == want[i] {
				i++
			}
			t.Fatalf("seed %d: %d bytes, want %d; they differ at %d: %q, want %q", seed, got.Len(), len(want), i, clipAt(got.String(), i), clipAt(want, i))
		}
		if offset != int64(len(text)) || line != 10 {
			t.Errorf("seed %d: %d bytes and line %d in all", seed, offset, line)
		}
	}
}
