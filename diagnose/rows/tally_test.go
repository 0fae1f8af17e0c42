package rows

import (
	"math/rand/v2"
	"testing"

	"github.com/whytls/whytls/parsers"
)

// TestTallies adds the tallies of a file in any order, some of them twice, and asks about any range.
func TestTallies(t *testing.T) {
	for seed := range uint64(50) {
		rnd := rand.New(rand.NewPCG(seed, 5))
		var pieces []Tally
		var records Counts
		at := int64(0)
		for range 1 + rnd.IntN(300) {
			p := Tally{From: at, To: at + 1 + rnd.Int64N(3*tallySize/2), Lines: 1 + rnd.Int64N(100)}
			for i := range p.Records {
				p.Records[i] = rnd.Int64N(3) * rnd.Int64N(40)
				records[i] += p.Records[i]
			}
			pieces = append(pieces, p)
			at = p.To
		}
		var all tallies
		for _, i := range rnd.Perm(len(pieces)) {
			all.add(pieces[i])
			all.add(pieces[rnd.IntN(i+1)]) // counted before, or to come: the second time counts for nothing
		}
		covering := all.covering(0, at)
		if covering == nil {
			t.Fatalf("seed %d: all was added, and all is not covered", seed)
		}
		var sum Tally
		for i := range covering {
			sum.take(covering[i])
		}
		if sum.Records != records {
			t.Fatalf("seed %d: %v records, want %v", seed, sum.Records, records)
		}
		// Shares of any division add up.
		shares := int64(0)
		for from := int64(0); from < at; {
			to := min(from+1+rnd.Int64N(at/3+1), at)
			shares += all.share(from, to)
			from = to
		}
		if shares != records.total() {
			t.Errorf("seed %d: the shares are %d, want %d", seed, shares, records.total())
		}
		if all.covering(0, at+1) != nil || all.covering(at, at+1) != nil {
			t.Errorf("seed %d: what nobody has counted is covered", seed)
		}
		if p := all.lines(at); p.offset != at || p.line != 1+linesOf(pieces) {
			t.Errorf("seed %d: line %d begins at %d, want %d at %d", seed, p.line, p.offset, 1+linesOf(pieces), at)
		}
		if thin := all.thin(); len(thin) > (len(pieces)+1)/2+1 || thin.covering(0, at) == nil || thin.share(0, at) != records.total() {
			t.Errorf("seed %d: thinning %d loses something", seed, len(pieces))
		}
	}
}

func linesOf(all []Tally) (n int64) {
	for _, t := range all {
		n += t.Lines
	}
	return n
}

func TestLevels(t *testing.T) {
	f := func(s parsers.Severity, want int) {
		t.Helper()
		if got := level(s); got != want {
			t.Errorf("level(%d) = %d, want %d", s, got, want)
		}
	}
	f(parsers.SeverityUnset, 0)
	f(parsers.SeverityTrace, 1)
	f(parsers.SeverityInfo-1, 1)
	f(parsers.SeverityInfo, 2)
	f(parsers.SeverityWarn, 3)
	f(parsers.SeverityError+3, 4)
	f(24, 5)
	f(25, 0)
}
