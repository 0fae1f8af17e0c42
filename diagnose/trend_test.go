package diagnose

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestTrendDoesNotDependOnOrder adds the same records in other orders and merges parts of them.
func TestTrendDoesNotDependOnOrder(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 3))
		var at []int64
		reach := int64(1) << r.IntN(30)
		for range 1 + r.IntN(300) {
			at = append(at, (1_800_000_000+r.Int64N(reach))*1e9)
		}
		if r.IntN(20) == 0 {
			at = append(at, -5e9, 1<<62)
		}
		build := func(times []int64) *trend {
			sum := new(trend)
			for _, v := range times {
				sum.add(v, 1)
			}
			return sum
		}
		want := build(at)
		r.Shuffle(len(at), func(i, j int) { at[i], at[j] = at[j], at[i] })
		cut := r.IntN(len(at) + 1)
		merged := build(at[:cut])
		merged.merge(build(at[cut:]))
		for _, got := range []*trend{build(at), merged} {
			if got.shift != want.shift || !slices.Equal(got.spans, want.spans) {
				t.Fatalf("seed %d: shift %d %v, want %d %v", seed, got.shift, got.spans, want.shift, want.spans)
			}
		}
		var shown int64
		for _, b := range want.buckets() {
			shown += b.Count
		}
		if n := len(want.buckets()); n > trendSlots || shown != int64(len(at)) {
			t.Fatalf("seed %d: %d records in %d buckets, want %d", seed, shown, n, len(at))
		}
	}
}

// BenchmarkTrend counts records that come one after the other.
func BenchmarkTrend(b *testing.B) {
	b.ReportAllocs()
	var t trend
	nano := int64(1_800_000_000e9)
	for b.Loop() {
		nano += 3e6
		t.add(nano, 1)
	}
}
