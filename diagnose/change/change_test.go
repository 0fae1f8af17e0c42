package change

import (
	"math"
	"testing"
)

// every makes a series with n lines at each of the seconds from, from+step, … before to.
func every(from, to, step, n int64) Series {
	var times []float64
	for at := from; at < to; at += step {
		for range n {
			times = append(times, float64(at))
		}
	}
	return series(times)
}

func hour(k int64) Side {
	return Side{Records: 10_000, First: float64(epoch + k*3600), Last: float64(epoch + k*3600 + 3600), Timed: true}
}

func TestVerdicts(t *testing.T) {
	frequent := Pair{every(0, 3600, 2, 1), every(3600, 7200, 2, 1)}
	f := func(name string, p Pair, want Kind) {
		t.Helper()
		c := Compare([]Pair{frequent, p}, hour(0), hour(1), Options{})
		if got := c.Results[1]; got.Kind != want {
			t.Errorf("%s: %+v, want %s", name, got, want)
		}
		if got := c.Results[0]; got.Kind != Unchanged {
			t.Errorf("%s: the frequent one: %+v", name, got)
		}
	}
	f("doubled", Pair{every(0, 3600, 20, 1), every(3600, 7200, 10, 1)}, More)
	f("halved", Pair{every(0, 3600, 10, 1), every(3600, 7200, 20, 1)}, Less)
	f("the same", Pair{every(0, 3600, 10, 1), every(3600, 7200, 10, 1)}, Unchanged)
	f("new", Pair{Series{}, every(3600, 7200, 700, 1)}, New)
	f("gone", Pair{every(0, 3600, 500, 1), Series{}}, Gone)
	f("new, one burst", Pair{Series{}, every(3700, 3710, 1, 20)}, TooFew)
	f("new, four lines", Pair{Series{}, every(3600, 7200, 1000, 1)}, TooFew)
	f("bursts, one of three more", Pair{every(0, 3600, 1300, 50), every(3600, 7200, 800, 50)}, TooFew)
	f("few", Pair{every(0, 3600, 1000, 1), every(3600, 7200, 600, 1)}, TooFew)
}

func TestLongTailRaisesTheBar(t *testing.T) {
	pairs := []Pair{{Series{}, every(3600, 7200, 700, 1)}}
	for i := range int64(40) { // each hour has rare templates; most come in one of the hours only
		p := Pair{every(i, 3600, 2000, 1), Series{}}
		if i%2 == 0 {
			p.Before, p.After = p.After, every(3600+i, 7200, 1200, 1)
		}
		if i%5 == 0 {
			p = Pair{every(i, 3600, 1500, 1), every(3600+i, 7200, 2000, 1)}
		}
		pairs = append(pairs, p)
	}
	if n, text := changes(Compare(pairs, hour(0), hour(1), Options{})); n > 0 {
		t.Errorf("rare templates are reported: %s", text)
	}
}

func TestPer(t *testing.T) {
	// Twice the load: everything came more often, nothing took a larger share.
	pairs := []Pair{
		{every(0, 3600, 2, 1), every(3600, 7200, 1, 1)},
		{every(0, 3600, 6, 1), every(3600, 7200, 3, 1)},
		{every(1, 3600, 10, 1), every(3601, 7200, 5, 1)},
	}
	before, after := hour(0), hour(1)
	before.Records, after.Records = 2760, 5520
	for per, want := range map[Per]Kind{Time: More, Records: Unchanged} {
		c := Compare(pairs, before, after, Options{Per: per})
		for i, r := range c.Results {
			if r.Kind != want || c.Per != per {
				t.Errorf("per %s, template %d: %+v, want %s", per, i, r, want)
			}
		}
	}
}

func TestNothingToCompare(t *testing.T) {
	for _, c := range []*Comparison{
		Compare(nil, Side{}, Side{}, Options{}),
		Compare([]Pair{{}}, Side{}, Side{}, Options{}),
		Compare([]Pair{{Series{Count: 1}, Series{Count: 2}}}, Side{Records: 1}, Side{Records: 2}, Options{}),
		Compare([]Pair{{every(0, 1, 1, 5), every(0, 1, 1, 5)}}, Side{Records: 5, First: epoch, Last: epoch, Timed: true}, hour(0), Options{}),
	} {
		for _, r := range c.Results {
			if r.Kind != TooFew || math.IsNaN(r.Factor) && r.P != 1 || math.IsNaN(r.Low) || math.IsNaN(r.High) {
				t.Errorf("%+v", r)
			}
		}
	}
}

// TestIntervalAgreesWithTest checks that a factor of one lies outside of the interval exactly when the test says so.
func TestIntervalAgreesWithTest(t *testing.T) {
	for a := 0.0; a < 60; a += 3 {
		for b := 0.0; b < 60; b += 3 {
			r := rate{a: a, b: b, q: 0.4, phi: 1.3, freedom: 40}
			if a+b == 0 {
				continue
			}
			const alpha = 0.01
			low, high := r.interval(studentQuantile(alpha/2, r.freedom))
			if outside := low > 1 || high < 1; outside != (r.p() < alpha) {
				t.Errorf("%v and %v: p %v, interval %v to %v", a, b, r.p(), low, high)
			}
		}
	}
}

// TestDistributions compares with printed tables (Abramowitz and Stegun, 26.10 and 26.7).
func TestDistributions(t *testing.T) {
	near := func(name string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 2e-4*want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	near("t 0.025, 10", studentQuantile(0.025, 10), 2.2281)
	near("t 0.005, 1", studentQuantile(0.005, 1), 63.657)
	near("t 0.0005, 60", studentQuantile(0.0005, 60), 3.4602)
	near("tail at 0", studentTail(0, 7), 0.5)
	near("poisson 5 of 3", poissonTail(5, 3), 0.184737)
	near("poisson 20 of 2", poissonTail(20, 2), 6.4437e-14)
	near("poisson 0", poissonTail(0, 2), 1)
}
