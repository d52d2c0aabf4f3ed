package statevec_test

import (
	"math"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// TestNoisyProbabilities: of qubits that are flipped independently the outcomes have products as
// probabilities, on density matrices exactly, and by trajectories within their errors, on more qubits too.
func TestNoisyProbabilities(t *testing.T) {
	const p, wrong = 0.1, 0.05
	noise, err := circuit.ParseNoise("bit-flip=0.1,readout=0.05")
	must(t, err)
	one := (1-p)*(1-wrong) + p*wrong // is read behind X
	for _, n := range []int{4, 15} {
		c := circuit.New(n)
		for q := range n {
			if q != 1 {
				c.X(q)
			}
		}
		noisy, err := noise.Apply(c)
		must(t, err)
		// Qubit 3 is the most significant bit of an outcome, qubit 1, which is never flipped, the last.
		want := []float64{(1 - one) * (1 - wrong), (1 - one) * wrong, one * (1 - wrong), one * wrong}
		for _, runs := range []int{0, 4000} {
			got, stderr, err := statevec.NoisyProbabilities(noisy, []int{3, 1}, runs, 5, 2)
			if n > statevec.MaxDensityQubits && runs == 0 {
				if err == nil {
					t.Error("15 qubits fit into a density matrix")
				}
				continue
			}
			must(t, err)
			for i, v := range want {
				if (stderr[i] > 0) != (runs > 0) || math.Abs(got[i]-v) > 4*stderr[i]+1e-12 {
					t.Errorf("%d qubits, %d runs: probability %d is %v ± %v, want %v", n, runs, i, got[i],
						stderr[i], v)
				}
			}
		}
	}
}
