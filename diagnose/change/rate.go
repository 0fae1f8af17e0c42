package change

import "math"

// rate compares two counts of a quasi-Poisson variable. Given their sum, the second one is binomial with probability q where
// nothing changed, and the deviance over φ is about the square of a Student variable (McCullagh and Nelder, ch. 9;
// the exact test is that of Przyborowski and Wilenski, Biometrika 31, 1940).
type rate struct {
	a, b    float64
	q       float64 // the share of the exposure that b has
	phi     float64
	freedom float64
}

// factor is the ratio of the rates.
func (r *rate) factor() float64 { return r.b * (1 - r.q) / (r.a * r.q) }

// deviance is twice the loss of log-likelihood when the ratio of the rates is x.
func (r *rate) deviance(x float64) float64 {
	n := r.a + r.b
	share := x * r.q / (1 - r.q + x*r.q)
	return 2 * (weigh(r.a, n*(1-share)) + weigh(r.b, n*share))
}

func weigh(n, expected float64) float64 {
	if n == 0 {
		return 0
	}
	return n * math.Log(n/expected)
}

func (r *rate) p() float64 {
	return min(2*studentTail(math.Sqrt(max(r.deviance(1), 0)/r.phi), r.freedom), 1)
}

// reaches is the p that a change by the logarithm given would have, whatever the split of the records was.
func (r *rate) reaches(change float64) float64 {
	return min(2*studentTail(change*r.information(), r.freedom), 1)
}

// information is the inverse of the standard error of the logarithm of the factor, where nothing changed.
func (r *rate) information() float64 { return math.Sqrt((r.a + r.b) * r.q * (1 - r.q) / r.phi) }

// interval are the ratios that the counts do not contradict at a Student quantile.
func (r *rate) interval(quantile float64) (low, high float64) {
	most := r.phi * quantile * quantile
	const far = 30 // in logarithms: nobody asks beyond
	center := min(max(math.Log(r.factor()), -far), far)
	bound := func(from, to float64) float64 {
		if r.deviance(math.Exp(to)) <= most {
			return to
		}
		for range 60 {
			mid := (from + to) / 2
			if r.deviance(math.Exp(mid)) <= most {
				from = mid
			} else {
				to = mid
			}
		}
		return from
	}
	low, high = bound(center, -far), bound(center, far)
	if low <= -far {
		low = math.Inf(-1)
	}
	if high >= far {
		high = math.Inf(1)
	}
	return math.Exp(low), math.Exp(high)
}
