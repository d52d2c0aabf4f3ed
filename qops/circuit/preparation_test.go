package circuit_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
)

// TestPreparation makes random states, some with zeros, and differentiates their angles.
func TestPreparation(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := 1; n <= 5; n++ {
		c := circuit.Preparation(n)
		for round := range 6 {
			state, norm := make([]float64, 1<<n), 0.0
			for i := range state {
				if state[i] = rng.NormFloat64(); round == 5 && i%3 == 0 {
					state[i] = 0
				}
				norm += state[i] * state[i]
			}
			angles := make([]float64, len(state)-1)
			if err := circuit.PreparationAngles(state, angles); err != nil {
				t.Fatal(err)
			}
			m, err := c.Matrix(nil, angles)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range state {
				if got := m[i*len(state)]; math.Abs(real(got)-v/math.Sqrt(norm)) > 1e-12 ||
					math.Abs(imag(got)) > 1e-12 {
					t.Fatalf("%d qubits: amplitude %d is %v, want %v", n, i, got, v/math.Sqrt(norm))
				}
			}
			if round == 5 {
				continue
			}
			dangles, dstate := make([]float64, len(angles)), make([]float64, len(state))
			for i := range dangles {
				dangles[i] = rng.NormFloat64()
			}
			if err := circuit.PreparationGradient(state, dangles, dstate); err != nil {
				t.Fatal(err)
			}
			for i := range state {
				const h = 1e-6
				value := func(by float64) (sum float64) {
					moved := append([]float64{}, state...)
					moved[i] += by
					if err := circuit.PreparationAngles(moved, angles); err != nil {
						t.Fatal(err)
					}
					for k, a := range angles {
						sum += a * dangles[k]
					}
					return sum
				}
				if want := (value(h) - value(-h)) / (2 * h); math.Abs(dstate[i]-want) > 1e-6*(1+math.Abs(want)) {
					t.Fatalf("%d qubits: gradient %d is %v, want %v", n, i, dstate[i], want)
				}
			}
		}
	}
}
