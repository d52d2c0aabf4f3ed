package statevec_test

import (
	"math/rand/v2"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
)

// customGates are gates made by NewGate, by every form that it takes.
func customGates(t *testing.T) []circuit.Gate {
	t.Helper()
	generator := circuit.Matrix{0.1, 0.2i, 0, 1, -0.2i, 0.4, 0.3, 0, 0, 0.3, -0.7, 0, 1, 0, 0, 0.2}
	var out []circuit.Gate
	for _, s := range []circuit.GateSpec{
		{Name: "half", Qubits: 2, Matrix: func([]float64) circuit.Matrix {
			return circuit.Matrix{
				1, 0, 0, 0,
				0, 0.5 + 0.5i, 0.5 - 0.5i, 0,
				0, 0.5 - 0.5i, 0.5 + 0.5i, 0,
				0, 0, 0, 1,
			}
		}},
		{Name: "spin", Qubits: 2, Angles: 1, Generator: generator},
		{Name: "fan", Qubits: 2, Angles: 1,
			Definition: circuit.New(2).RY(0, circuit.Theta(0)).RY(1, circuit.Theta(0).Times(2).Plus(0.3))},
		{Name: "mesh", Qubits: 3, Angles: 3, Definition: circuit.New(3).
			U(0, circuit.Theta(2), circuit.Const(0.3), circuit.Theta(0)).CX(0, 1).
			RZZ(1, 2, circuit.Theta(1))},
		{Name: "steps", Qubits: 1, Definition: circuit.New(1).S(0).S(0)},
	} {
		k, err := circuit.NewGate(s)
		must(t, err)
		out = append(out, k)
	}
	return out
}

// TestCustomGates compares circuits of custom gates and their inverses with the plain form, values and
// gradients.
func TestCustomGates(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 1))
	for range 10 {
		c := randomCircuit(rng, customGates(t), 4, 8)
		c.Append(randomCircuit(rng, customGates(t), 4, 8).Adjoint())
		must(t, c.Err())
		checkAll(t, newProblem(rng, c, 1, false))
	}
}
