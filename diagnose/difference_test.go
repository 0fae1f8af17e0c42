package diagnose

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/whytls/whytls/diagnose/change"
	"github.com/whytls/whytls/parsers/source"
)

// compareFiles runs an engine over each of two files and compares them.
func compareFiles(t testing.TB, o Options, paths [2]string) (*Difference, []byte) {
	t.Helper()
	var engines [2]*Engine
	for k, path := range paths {
		e, err := NewEngine(o)
		if err != nil {
			t.Fatal(err)
		}
		inputs, faults := source.Expand([]string{path}, nil)
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		if err := e.Run(context.Background(), inputs); err != nil {
			t.Fatal(err)
		}
		engines[k] = e
	}
	d := Compare(engines[0], engines[1], change.Options{})
	data, err := json.MarshalIndent(d, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return d, data
}

// TestDifferenceDoesNotDependOnChunksOrWorkers compares random logs, some of which have no times, and counts what became of
// every record.
func TestDifferenceDoesNotDependOnChunksOrWorkers(t *testing.T) {
	all := samples(t)
	untimed := []byte("gateway up\nretry 3 of connect to 10.0.0.7\nlookup failed for shop\n  inner detail\nretry 4 of connect to 10.0.0.8\n")
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 21))
		from := all
		if seed%3 == 0 {
			from = [][]byte{untimed}
		}
		dir := t.TempDir()
		var paths [2]string
		for k := range paths {
			paths[k] = filepath.Join(dir, fmt.Sprintf("%d.log", k))
			if err := os.WriteFile(paths[k], randomLog(r, from, 2000+r.IntN(60_000)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		d, want := compareFiles(t, Options{Workers: 1, ChunkSize: 1 << 20}, paths)
		var before, after int64
		for _, c := range d.Changes {
			before += c.Before.Count
			after += c.After.Count
		}
		if before != d.Before.Input.Records || after != d.After.Input.Records {
			t.Fatalf("seed %d: %d and %d records compared of %d and %d", seed, before, after, d.Before.Input.Records, d.After.Input.Records)
		}
		for _, o := range []Options{{Workers: 1, ChunkSize: 4096}, {Workers: 5, ChunkSize: 1000 + r.IntN(20_000)}} {
			if _, got := compareFiles(t, o, paths); !bytes.Equal(got, want) {
				t.Fatalf("seed %d, %d workers, chunks of %d: the difference differs:\n%s", seed, o.Workers, o.ChunkSize, cmp.Diff(string(want), string(got)))
			}
		}
	}
}
