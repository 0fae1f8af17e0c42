package change

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkCompare compares two hours with few and with very many templates; most of many are rare.
func BenchmarkCompare(b *testing.B) {
	for _, n := range []int{30, 60_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			s := source{rates: zipf(n, 3000, 0.5), bursts: times(n, 1)}
			for i := 1000; i < n; i++ {
				s.rates[i] = 2
			}
			before, after := split(s.print(rand.New(rand.NewPCG(1, 1)), 2), cuts[1].after)
			pairs := make([]Pair, n)
			for i := range pairs {
				pairs[i] = Pair{series(before[i]), series(after[i])}
			}
			for b.Loop() {
				Compare(pairs, hour(0), hour(1), Options{})
			}
		})
	}
}
