package statevec_test

import (
	"math/cmplx"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// wrongGate is a custom gate that is not what it says, and what Compile says of it.
type wrongGate struct {
	gate circuit.Gate
	want string
}

// circuit returns a circuit that has the gate, on two qubits.
func (w wrongGate) circuit() *circuit.Circuit {
	angles := []circuit.Angle{circuit.Theta(0), circuit.Theta(1)}[:w.gate.Angles]
	return circuit.New(2).Add(&w.gate, angles, []int{1, 0}[:w.gate.Qubits]...)
}

func wrongGates() []wrongGate {
	constant := func(m circuit.Matrix) func([]float64) circuit.Matrix {
		return func([]float64) circuit.Matrix { return m }
	}
	generator := func(m circuit.Matrix) func() circuit.Matrix { return func() circuit.Matrix { return m } }
	x, z := circuit.Matrix{0, 1, 1, 0}, circuit.Matrix{1, 0, 0, -1}
	phase := func(a []float64) circuit.Matrix {
		return circuit.Matrix{cmplx.Rect(1, -a[0]), 0, 0, cmplx.Rect(1, a[0])} // exp(−iaZ)
	}
	endless := circuit.Gate{Name: "endless", Qubits: 1, Symbol: "∞"}
	endless.Decomposition = []circuit.Operation{{Gate: &endless, Qubits: []int{0}}, {Gate: &endless, Qubits: []int{0}}}
	return []wrongGate{
		{circuit.Gate{Name: "small", Qubits: 2, Matrix: constant(x)}, "want a matrix of 4×4 entries for 2 qubits, got 4"},
		{circuit.Gate{Name: "large", Qubits: 1, Matrix: constant(circuit.Identity(2))}, "of 2×2 entries for 1 qubits, got 16"},
		{circuit.Gate{Name: "none", Qubits: 1, Matrix: constant(nil)}, "want a matrix of 2×2 entries for 1 qubits, got 0"},
		{circuit.Gate{Name: "nil", Qubits: 1}, "want a matrix or a decomposition, it has neither"},
		{circuit.Gate{Name: "half", Qubits: 1, Matrix: constant(x.Scaled(0.5))}, "want a unitary matrix, M†M differs from 1 by"},
		{circuit.Gate{Name: "nan", Qubits: 1, Matrix: constant(x.Scaled(cmplx.NaN()))}, "M†M differs from 1 by NaN"},
		{circuit.Gate{Name: "unrelated", Qubits: 1, Angles: 1, Matrix: phase, Generator: generator(x)},
			"want the matrix exp(−iaG) of the generator G, it differs by"},
		{circuit.Gate{Name: "growing", Qubits: 1, Angles: 1, Matrix: phase, Generator: generator(z.Scaled(1i))},
			"want a Hermitian generator, G differs from G† by 2"},
		{circuit.Gate{Name: "short", Qubits: 1, Angles: 1, Matrix: phase, Generator: generator(z[:2])},
			"want a generator of 2×2 entries for 1 qubits, got 2"},
		{circuit.Gate{Name: "two", Qubits: 1, Angles: 2, Matrix: phase}, "want a generator or a decomposition for its 2 angles"},
		{endless, "want a decomposition that ends"},
	}
}

// TestWrongGates: a custom gate that would run and give wrong numbers is an error, and one that would panic is too.
func TestWrongGates(t *testing.T) {
	for _, w := range wrongGates() {
		c := w.circuit()
		for name, err := range map[string]error{
			"Compile":    second(statevec.Compile[float32](c)),
			"PlainApply": second(statevec.PlainApply(c, make([]float64, c.NumTheta()), nil, make([]complex128, 4))),
		} {
			if err == nil || !strings.Contains(err.Error(), w.gate.Name+": "+w.want) && !strings.Contains(err.Error(), w.want) {
				t.Errorf("%s: gate %s: got %v, want %q", name, w.gate.Name, err, w.want)
			}
		}
	}
}
