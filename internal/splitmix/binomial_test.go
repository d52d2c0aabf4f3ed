package splitmix_test

import (
	"math"
	"testing"

	"github.com/hqvit/hqvit/internal/splitmix"
)

// TestBinomial compares how often each number comes with its probability, in χ², by each of the methods: a
// word of bits, few successes, many, and the complement.
func TestBinomial(t *testing.T) {
	const draws = 200000
	for i, c := range []struct {
		n int
		p float64
	}{{1, 0.3}, {7, 0.5}, {16, 0.9}, {17, 0.02}, {64, 0.11}, {65, 0.03}, {40, 0.2}, {1000, 0.004}, {60, 0.5},
		{200, 0.07}, {100, 0.93},
		{5000, 0.31}, {1000000, 0.00002}, {100000000, 0.25}} {
		s := splitmix.Source(uint64(100 + i))
		count := map[int]int{}
		sum, squares := 0.0, 0.0
		mean := float64(c.n) * c.p
		for range draws {
			k := s.Binomial(c.n, c.p)
			if k < 0 || k > c.n {
				t.Fatalf("Binomial(%d, %v) = %d", c.n, c.p, k)
			}
			count[k]++
			sum += float64(k) - mean
			squares += (float64(k) - mean) * (float64(k) - mean)
		}
		variance := mean * (1 - c.p)
		if z := sum / math.Sqrt(variance*draws); math.Abs(z) > 4 {
			t.Errorf("Binomial(%d, %v): the mean is off by %.1f standard errors", c.n, c.p, z)
		}
		if r := squares / (variance * draws); math.Abs(r-1) > 0.03 {
			t.Errorf("Binomial(%d, %v): variance %.3f times the right one", c.n, c.p, r)
		}
		chi, cells := chiSquared(c.n, c.p, draws, count)
		if z := (chi - float64(cells)) / math.Sqrt(2*float64(cells)); z > 4.5 {
			t.Errorf("Binomial(%d, %v): χ² %.1f of %d cells", c.n, c.p, chi, cells)
		}
	}
}

// chiSquared goes over the numbers that are expected ten times or more.
func chiSquared(n int, p float64, draws int, count map[int]int) (chi float64, cells int) {
	lgamma := func(x int) float64 { v, _ := math.Lgamma(float64(x) + 1); return v }
	mean, sd := float64(n)*p, math.Sqrt(float64(n)*p*(1-p))
	for k := max(0, int(mean-6*sd)-2); k <= min(n, int(mean+6*sd)+2); k++ {
		log := lgamma(n) - lgamma(k) - lgamma(n-k) + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p)
		if want := float64(draws) * math.Exp(log); want >= 10 {
			d := float64(count[k]) - want
			chi, cells = chi+d*d/want, cells+1
		}
	}
	return chi, max(1, cells)
}

func TestBinomialOfNothing(t *testing.T) {
	s := splitmix.Source(1)
	for _, c := range []struct {
		n    int
		p    float64
		want int
	}{{0, 0.5, 0}, {-3, 0.5, 0}, {10, 0, 0}, {10, -1, 0}, {10, math.NaN(), 0}, {10, 1, 10}, {10, 2, 10}} {
		if got := s.Binomial(c.n, c.p); got != c.want {
			t.Errorf("Binomial(%d, %v) = %d, want %d", c.n, c.p, got, c.want)
		}
	}
}

func BenchmarkBinomial(b *testing.B) {
	for name, n := range map[string]int{"one-word": 30, "few": 100, "many": 10000} {
		b.Run(name, func(b *testing.B) {
			s, p := splitmix.Source(1), map[string]float64{"one-word": 0.3, "few": 0.05, "many": 0.3}[name]
			for b.Loop() {
				s.Binomial(n, p)
			}
		})
	}
}
