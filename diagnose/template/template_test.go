package template

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/shape"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// tableOf counts the shapes of lines.
func tableOf(lines []string) []Shape {
	var tokens shape.Tokens
	index := make(map[uint64]int)
	var table []Shape
	for _, line := range lines {
		tokens.Read(&parsers.Record{Body: []byte(line)})
		i, ok := index[tokens.Hash]
		if !ok {
			i = len(table)
			index[tokens.Hash] = i
			sample, _ := tokens.Sample(nil)
			table = append(table, Shape{Hash: tokens.Hash, Sample: sample})
		}
		table[i].Count++
	}
	slices.SortFunc(table, func(a, b Shape) int {
		if a.Hash < b.Hash {
			return -1
		}
		return 1
	})
	return table
}

func textsOf(table []Shape) []string {
	var out []string
	for _, t := range Build(table) {
		out = append(out, fmt.Sprintf("%d %s", t.Count, t.Text()))
	}
	slices.Sort(out)
	return out
}

func TestBuild(t *testing.T) {
	f := func(name, lines string, want ...string) {
		t.Helper()
		list := strings.Split(strings.Trim(lines, "\n"), "\n")
		slices.Sort(want)
		if diff := cmp.Diff(want, textsOf(tableOf(list))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	many := func(format string, words ...string) string {
		var out []string
		for _, w := range words {
			out = append(out, fmt.Sprintf(format, w))
		}
		return strings.Join(out, "\n")
	}
	names := strings.Fields("anna bert carl dora emil fred gina hans ines jana kurt lena")
	f("names vary", many("session opened for user %s by admin", names[:4]...), "4 session opened for user <word> by admin")
	f("two words are two templates", strings.Repeat("scan begin\nscan end\n", 3), "3 scan begin", "3 scan end")
	reasons := strings.Repeat("remote error: handshake failure\nremote error: bad certificate\nremote error: unknown ca\n", 5)
	f("a short list of frequent words stays apart", reasons,
		"5 remote error: bad certificate", "5 remote error: handshake failure", "5 remote error: unknown ca")
	f("the first word needs twelve", many("%s stopped the engine", names[:11]...), strings.Split(many("1 %s stopped the engine", names[:11]...), "\n")...)
	f("twelve first words", many("%s stopped the engine", names...), "12 <word> stopped the engine")
	f("a value among words", many("took the value %s of x", "12", "null", "auto"), "3 took the value <value> of x")
	f("units go with their numbers", many("read %s from disk", "12 KB", "934 bytes", "1165 bytes (1.13 KB)"), "3 read <num> from disk")
	f("one unit stays", many("sent %s bytes in all", "12", "13"), "2 sent <num> bytes in all")
	f("lists of any length", many("peers [%s] left", "1, 2", "1, 2, 3", "7"), "3 peers [<num>] left")
	f("a list of one length", many("at (%s) now", "1, 2", "3, 4"), "2 at (<num>, <num>) now")
	f("names of classes are constants", "loaded class org.example.Reader at last", "1 loaded class org.example.Reader at last")
	f("a rare row of another length", strings.Repeat("greeting from web 12 took long today\n", 9)+"greeting from web house of cards took long today",
		"10 greeting from web <value> took long today")
	f("single words stay", many("%s", names...), strings.Split(many("1 %s", names...), "\n")...)
	f("empty", "   \n", "1 ")
}

// The samples of some formats give the same templates as ever; see the golden file what they are.
func TestGolden(t *testing.T) {
	table := tableOf(corpus(t))
	got := strings.Join(textsOf(table), "\n") + "\n"
	path := filepath.Join("testdata", "corpus.golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("templates differ from %s (-want +got):\n%s", path, diff)
	}
}

// corpus reads the bodies of the samples of a few formats; a new format or sample elsewhere does not change it.
func corpus(t testing.TB) []string {
	t.Helper()
	var paths []string
	for _, format := range []string{"wukongim-json", "wukongim-raw", "gnet", "nanomq", "tracing", "env-logger", "go-panic"} {
		found, err := filepath.Glob(filepath.Join("..", "..", "parsers", "testdata", format, "*.log"))
		if err != nil || len(found) == 0 {
			t.Fatalf("no samples of %s: %v", format, err)
		}
		paths = append(paths, found...)
	}
	var out []string
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		clock := parsers.Clock{Year: 2026}
		s := parsers.NewStream(parsers.Detect(data, clock), clock, parsers.Everything, func(r *parsers.Record, _ *parsers.Format) {
			out = append(out, string(bytes.ToValidUTF8(r.Body, nil)))
		})
		s.Block(data, 0)
		s.Close()
	}
	return out
}

func describe(list []Template) string {
	var out strings.Builder
	for i := range list {
		t := &list[i]
		fmt.Fprintf(&out, "%s %d %v %q\n", t.ID, t.Count, t.Shapes, t.Text())
	}
	return out.String()
}

// A builder that saw the table grow, in any order and in any batches, finds what one finds that sees it whole.
func TestIncremental(t *testing.T) {
	lines := append(corpus(t), synthetic(2000, 60)...)
	table := tableOf(lines)
	want := describe(Build(table))
	for seed := range uint64(5) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		order := rnd.Perm(len(lines))
		var b Builder
		var seen []string
		for len(seen) < len(lines) {
			n := min(1+rnd.IntN(len(lines)/3), len(lines)-len(seen))
			for _, i := range order[len(seen) : len(seen)+n] {
				seen = append(seen, lines[i])
			}
			part := tableOf(seen)
			if got := describe(b.Build(part)); len(seen) < len(lines) {
				if scratch := describe(Build(part)); got != scratch {
					t.Fatalf("seed %d, after %d lines (-scratch +incremental):\n%s", seed, len(seen), cmp.Diff(scratch, got))
				}
			}
		}
		final := tableOf(seen)
		for i := range final { // the sample is the first record of a shape, which depends on the order
			final[i].Sample = table[i].Sample
		}
		if got := describe(b.Build(final)); got != want {
			t.Fatalf("seed %d (-want +got):\n%s", seed, cmp.Diff(want, got))
		}
	}
}

// Each shape belongs to one template, and no record is lost.
func TestComplete(t *testing.T) {
	table := tableOf(append(corpus(t), synthetic(5000, 300)...))
	seen := make([]int, len(table))
	var shapes, records int64
	for i := range table {
		shapes += table[i].Count
	}
	for _, tm := range Build(table) {
		records += tm.Count
		for _, i := range tm.Shapes {
			seen[i]++
		}
	}
	for i, n := range seen {
		if n != 1 {
			t.Errorf("shape %d belongs to %d templates", i, n)
		}
	}
	if shapes != records {
		t.Errorf("%d records in shapes, %d in templates", shapes, records)
	}
}

// Lines that have nothing to do with a template do not change its id, and what differs in signature or component never joins.
func TestIdentity(t *testing.T) {
	id := func(list []Template, text string) string {
		for i := range list {
			if list[i].Text() == text {
				return list[i].ID
			}
		}
		t.Errorf("no template %q", text)
		return ""
	}
	lines := []string{"user anna logged in", "user bert logged in", "user carl logged in"}
	const text = "user <word> logged in"
	a := id(Build(tableOf(lines)), text)
	b := id(Build(tableOf(append(lines, synthetic(500, 40)...))), text)
	if a != b || !strings.HasPrefix(a, "t1-") {
		t.Errorf("ids %s and %s", a, b)
	}
	table := tableOf(lines)
	table[1].Signature = "known"
	if list := Build(table); len(list) != 3 {
		t.Errorf("%d templates, want the known one and the two that are left", len(list))
	}
	table[1].Signature = ""
	table[2].Scope = "auth"
	if list := Build(table); len(list) != 3 {
		t.Errorf("%d templates across components", len(list))
	}
}

var vocabulary = strings.Fields(`accept agent batch block bridge broker buffer cache channel client cluster commit config connect copy cursor daemon
	delete deliver device drain error event fetch field flush frame gateway group handle header index input insert job join key layer lease limit
	link list listen load lock manager map merge message mode node notify offset open order packet page parse peer pool port probe publish query queue
	read record region relay release replica reply request reset resolve retry route scan schedule segment send server session set shard signal
	slot socket source split stage start state stop store stream submit sync table task thread timer token topic trace update user verify worker write`)

// synthetic makes lines of so many templates: words that stay, numbers and addresses that vary, and now and then a name.
func synthetic(lines, templates int) []string {
	rnd := rand.New(rand.NewPCG(7, 7))
	word := func() string { return vocabulary[rnd.IntN(len(vocabulary))] }
	statements := make([]func() string, templates)
	for i := range statements {
		a, b, c, d, e := word(), word(), word(), word(), word()
		statements[i] = func() string {
			name := ""
			if i%7 == 0 {
				name = " by " + word()
			}
			return fmt.Sprintf("%s %s %s: %s %d of %s%s at 10.0.%d.%d", a, b, c, d, rnd.IntN(1e6), e, name, rnd.IntN(256), rnd.IntN(256))
		}
	}
	out := make([]string, lines)
	for i := range out {
		out[i] = statements[rnd.IntN(templates)]()
	}
	return out
}

// BenchmarkBuild shows that the cost of a shape does not grow with their number.
func BenchmarkBuild(b *testing.B) {
	for _, n := range []int{1000, 10_000, 60_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			table := tableOf(synthetic(3*n, n))
			b.ReportAllocs()
			for b.Loop() {
				Build(table)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(table)), "ns/shape")
		})
	}
}

// BenchmarkRebuild is what a snapshot of a live run costs when counts grew but no shape is new.
func BenchmarkRebuild(b *testing.B) {
	table := tableOf(synthetic(30_000, 10_000))
	var builder Builder
	builder.Build(table)
	for b.Loop() {
		builder.Build(table)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(table)), "ns/shape")
}
