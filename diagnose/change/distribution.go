package change

import "math"

// studentTail is the probability that a Student variable exceeds t ≥ 0.
func studentTail(t, freedom float64) float64 {
	return betaRatio(freedom/2, 0.5, freedom/(freedom+t*t)) / 2
}

// studentQuantile is the t that a Student variable exceeds with probability p < 1/2.
func studentQuantile(p, freedom float64) float64 {
	low, high := 0.0, 2.0
	for studentTail(high, freedom) > p && high < 1e12 {
		low, high = high, 2*high
	}
	for range 50 {
		mid := (low + high) / 2
		if studentTail(mid, freedom) > p {
			low = mid
		} else {
			high = mid
		}
	}
	return high
}

// betaRatio is the regularised incomplete beta function, by Lentz's continued fraction (Press et al., Numerical
// Recipes, 3rd ed., 6.4).
func betaRatio(a, b, x float64) float64 {
	if x <= 0 || x >= 1 {
		return min(max(x, 0), 1)
	}
	if x > (a+1)/(a+b+2) {
		return 1 - betaRatio(b, a, 1-x)
	}
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	front := math.Exp(lab-la-lb+a*math.Log(x)+b*math.Log1p(-x)) / a
	const tiny = 1e-300
	guard := func(v float64) float64 {
		if math.Abs(v) < tiny {
			return tiny
		}
		return v
	}
	c, d := 1.0, 1/guard(1-(a+b)*x/(a+1))
	f := d
	for i := 1; i <= 300; i++ {
		m := float64(i)
		step := m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		d = 1 / guard(1+step*d)
		c = guard(1 + step/c)
		f *= c * d
		step = -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		d = 1 / guard(1+step*d)
		c = guard(1 + step/c)
		f *= c * d
		if math.Abs(c*d-1) < 1e-14 {
			break
		}
	}
	return front * f
}

// poissonTail is the probability that a Poisson variable is at least n.
func poissonTail(n int, mean float64) float64 {
	if n <= 0 {
		return 1
	}
	if mean <= 0 {
		return 0
	}
	if mean > float64(n)+40+10*math.Sqrt(mean) {
		return 1
	}
	below, above := 0.0, 0.0
	for k := range n {
		below += poisson(k, mean)
	}
	if below < 0.9 {
		return 1 - below
	}
	for k := n; ; k++ { // the small tail by itself, so that it is not lost in 1 - below
		p := poisson(k, mean)
		above += p
		if float64(k) > mean && p < above*1e-12 {
			return above
		}
	}
}

func poisson(n int, mean float64) float64 {
	l, _ := math.Lgamma(float64(n) + 1)
	return math.Exp(float64(n)*math.Log(mean) - mean - l)
}
