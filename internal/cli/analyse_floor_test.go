package cli

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/hqvit/hqvit/qops/analysis"
)

// The expressibility of random states from few pairs is what drawing their fidelities gives: these have the
// distribution 1 − (1−F)^(d−1).
func TestRandomExpressibility(t *testing.T) {
	const bins = 75
	random := rand.New(rand.NewPCG(4, 4))
	for _, c := range []struct{ qubits, pairs, repeats int }{{1, 10, 4000}, {2, 100, 2000}, {4, 100, 2000},
		{4, 5000, 100}, {8, 100, 2000}} {
		power := math.Exp2(float64(c.qubits)) - 1
		e := analysis.Expressive{Pairs: c.pairs}
		for b := range bins {
			low, high := float64(b)/bins, float64(b+1)/bins
			e.Haar = append(e.Haar, math.Pow(1-low, power)-math.Pow(1-high, power))
		}
		sum, squares := 0.0, 0.0
		for range c.repeats {
			counts, kl := make([]float64, bins), 0.0
			for range c.pairs {
				f := 1 - math.Pow(random.Float64(), 1/power)
				counts[min(bins-1, int(f*bins))]++
			}
			for b, k := range counts {
				if k > 0 {
					p := k / float64(c.pairs)
					kl += p * math.Log(p/e.Haar[b])
				}
			}
			sum, squares = sum+kl, squares+kl*kl
		}
		n := float64(c.repeats)
		mean := sum / n
		deviation := math.Sqrt((squares/n - mean*mean) / n)
		if got := randomExpressibility(e); math.Abs(got-mean) > 5*deviation {
			t.Errorf("%d qubits, %d pairs: %.5f, drawn %.5f ± %.5f", c.qubits, c.pairs, got, mean, deviation)
		}
	}
	// A circuit that is as good as random states is near it, where Bins/2S is far off.
	a := analyse(t, "--ansatz entangling --layers 8 --qubits 4 --samples 100 --json")
	if e := a.Circuits[0].Expressibility; e.KL < e.Floor/3 || e.KL > 3*e.Floor || e.Floor > 0.2 {
		t.Errorf("expressibility %v, random states %v", e.KL, e.Floor)
	}
}
