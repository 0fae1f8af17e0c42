package knowledgebase

import (
	"os"
	"testing"
)

func sources(t testing.TB) *Base {
	t.Helper()
	b, err := Read(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestKnowledgeIsSound(t *testing.T) {
	if err := sources(t).Lint(); err != nil {
		t.Fatal(err)
	}
}

func TestIndexIsFresh(t *testing.T) {
	want, err := Index(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != embedded {
		t.Fatal("index.txt is stale: run go generate ./knowledgebase")
	}
}

func TestVersionRanges(t *testing.T) {
	f := func(version, within string, yes, no bool) {
		t.Helper()
		v, ok := ParseVersion(version)
		if !ok {
			t.Fatalf("%q is no version", version)
		}
		r, err := ParseRange(within)
		if err != nil {
			t.Fatal(err)
		}
		if y, n := v.Within(r); y != yes || n != no {
			t.Errorf("%s within %s: got %v %v, want %v %v", version, within, y, n, yes, no)
		}
	}
	f("0.22.6", ">=0.22.0 <0.22.8", true, false)
	f("0.22.8", ">=0.22.0 <0.22.8", false, true)
	f("v2.2.5-20260422", ">=2.2.0", true, false)
	f("0.24.14-3", ">=0.24.0 <0.25.0", true, false)
}

func TestTest(t *testing.T) {
	f := func(is string, want bool, values ...string) {
		t.Helper()
		if got := Test(is, values); got != want {
			t.Errorf("Test(%q, %q) = %v", is, values, got)
		}
	}
	f("a|b", true, "b")
	f("a|b", false, "c")
	f("!a", true, "c")
	f("!a", false, "a")
	f(">=10", true, "10")
	f("<2", false, "2")
	f(">1", false, "x")
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := decode(embedded); err != nil {
			b.Fatal(err)
		}
	}
}
