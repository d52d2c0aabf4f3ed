package cli

import (
	"math"

	"github.com/hqvit/hqvit/qops/analysis"
)

// randomExpressibility returns the mean expressibility that random states have with as many pairs: more than
// 0, since a histogram of some pairs is never the distribution itself. The field Floor is that of many pairs
// in each bin, and far too large for few pairs, or where most bins are empty as those of many qubits are.
//
// It is Σ E[p̂·ln(p̂/p)] over the bins, p̂ being k/N with k binomial.
func randomExpressibility(e analysis.Expressive) float64 {
	sum, n := 0.0, float64(e.Pairs)
	logFactorial := func(k float64) float64 {
		v, _ := math.Lgamma(k + 1)
		return v
	}
	for _, p := range e.Haar {
		if p <= 0 || p >= 1 {
			continue
		}
		mean, width := n*p, 12*math.Sqrt(n*p*(1-p))+30 // beyond which nothing is left of it
		for k := math.Max(1, math.Floor(mean-width)); k <= math.Min(n, mean+width); k++ {
			probability := math.Exp(logFactorial(n) - logFactorial(k) - logFactorial(n-k) + k*math.Log(p) +
				(n-k)*math.Log1p(-p))
			sum += probability * k / n * math.Log(k/mean)
		}
	}
	return sum
}
