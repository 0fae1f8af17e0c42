package rows

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whytls/whytls/parsers"
)

// simple is a row as the naive list knows it.
type simple struct {
	key      int64
	source   int
	name     string
	offset   int64
	severity parsers.Severity
	lines    []string
}

func (s simple) String() string {
	return fmt.Sprintf("%s %d %s", s.name, s.offset, strings.Join(s.lines, "|"))
}

func simpleOf(r *Row) string {
	return fmt.Sprintf("%s %d %s", r.Source, r.Cursor.offset, strings.Join(append([]string{r.Text}, r.More...), "|"))
}

// naive lists the records of one source in memory.
func naive(source int, name string, data []byte) []simple {
	d := parsers.Detect(data[:min(len(data), parsers.SampleSize)], parsers.Clock{})
	var out []simple
	key := int64(math.MinInt64)
	s := parsers.NewStream(d, parsers.Clock{}, parsers.Everything, func(r *parsers.Record, _ *parsers.Format) {
		if r.Time.Absolute() {
			key = max(key, r.Time.Nano)
		}
		out = append(out, simple{key: key, source: source, name: name, offset: r.Position.Offset, severity: r.Severity})
	})
	s.Block(data, 0)
	s.Close()
	slices.SortStableFunc(out, func(a, b simple) int { return cmp.Compare(a.offset, b.offset) }) // torn records come late
	for i := range out {
		end := int64(len(data))
		for j := i + 1; j < len(out); j++ {
			if out[j].offset > out[i].offset {
				end = out[j].offset
				break
			}
		}
		text := strings.TrimRight(string(data[out[i].offset:end]), "\n")
		out[i].lines = strings.Split(text, "\n")
	}
	return out
}

// merge puts the records of sources in order.
func merge(sources ...[]simple) []simple {
	all := slices.Concat(sources...)
	slices.SortStableFunc(all, func(a, b simple) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.source, b.source)) })
	return all
}

// logText writes records from a time on.
func logText(rnd *rand.Rand, from time.Time, size int, jitter time.Duration) []byte {
	var b bytes.Buffer
	t := from
	levels := []string{"INFO", "INFO", "INFO", "WARN", "ERROR", "DEBUG"}
	for i := 0; b.Len() < size; i++ {
		t = t.Add(time.Duration(rnd.IntN(3)) * time.Duration(rnd.IntN(int(40*time.Millisecond))))
		fmt.Fprintf(&b, "%s %5s server::conn: record %d of the peer 10.0.0.%d\n", t.Add(-time.Duration(rnd.Int64N(int64(jitter)+1))).UTC().Format("2006-01-02T15:04:05.000000Z"),
			levels[rnd.IntN(len(levels))], i, rnd.IntN(250))
		for range rnd.IntN(8) / 6 * rnd.IntN(5) {
			fmt.Fprintf(&b, "    at frame %d %s\n", rnd.IntN(100), strings.Repeat("x", rnd.IntN(60)))
		}
	}
	return b.Bytes()
}

var epoch = time.Date(2024, 11, 22, 0, 0, 0, 0, time.UTC)

// world is a store with files and what a naive list says of them.
type world struct {
	store *Store
	want  []simple
}

func newWorld(t testing.TB, rnd *rand.Rand, files, most int, jitter time.Duration) *world {
	t.Helper()
	w := &world{store: New(Options{})}
	t.Cleanup(func() { w.store.Close() })
	var sources [][]simple
	for i := range files {
		data := logText(rnd, epoch.Add(time.Duration(rnd.IntN(20))*time.Second), 1+rnd.IntN(most), jitter)
		path := filepath.Join(t.TempDir(), fmt.Sprintf("%d.log", i))
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		w.store.Add(path, path)
		sources = append(sources, naive(i, path, data))
	}
	w.want = merge(sources...)
	return w
}
