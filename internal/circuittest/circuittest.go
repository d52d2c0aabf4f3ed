// Package circuittest holds what the tests of circuits and those of OpenQASM share.
package circuittest

import (
	"flag"
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
)

var update = flag.Bool("update", false, "write the golden and generated files again")

// Golden compares got with a file, which -update writes.
func Golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; go test -run %s -update writes it again. Got\n%s", file, t.Name(), got)
	}
}

// EachGate calls check for every row of the table and an example of every family, with random angles.
func EachGate(t *testing.T, check func(t *testing.T, k circuit.Gate, angles []float64)) {
	rng := rand.New(rand.NewPCG(1, 2))
	for i, k := range append(circuit.Table(), circuit.Examples()...) {
		angles := make([]float64, k.Angles())
		for j := range angles {
			angles[j] = rng.Float64()*8 - 4
		}
		t.Run(fmt.Sprintf("%d-%s", i, k.Name()), func(t *testing.T) { check(t, k, angles) })
	}
}

// Same fails unless two matrices agree to tol.
func Same(t *testing.T, what string, got, want circuit.Matrix, tol float64) {
	t.Helper()
	if d := got.Distance(want); !(d <= tol) {
		t.Errorf("%s: differs by %g", what, d)
	}
}

// SamePhase is Same up to a global phase.
func SamePhase(t *testing.T, what string, got, want circuit.Matrix, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: got %d entries, want %d", what, len(got), len(want))
	}
	var overlap complex128
	for i := range got {
		overlap += cmplx.Conj(got[i]) * want[i]
	}
	Same(t, what, got.Scaled(cmplx.Rect(1, cmplx.Phase(overlap))), want, tol)
}

// Matrix returns the unitary of a circuit without errors.
func Matrix(t *testing.T, c *circuit.Circuit, theta, data []float64) circuit.Matrix {
	t.Helper()
	m, err := c.Matrix(theta, data)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// RandomAngle returns a number, theta0 to theta2 or x0 to x2, some of them scaled and shifted.
func RandomAngle(rng *rand.Rand) circuit.Angle {
	switch rng.IntN(4) {
	case 0:
		return circuit.Const(math.Pi * float64(rng.IntN(17)-8) / 4)
	case 1:
		return circuit.Const(rng.NormFloat64() * math.Pow(10, float64(rng.IntN(8)-6)))
	case 2:
		return circuit.Data(rng.IntN(3)).Times(rng.NormFloat64())
	}
	theta := circuit.Theta(rng.IntN(3))
	return theta.Times([]float64{1, -1, 0.5}[rng.IntN(3)]).Plus([]float64{0, -math.Pi, 0.1}[rng.IntN(3)])
}

// AddRandom appends the gate on random qubits, by random angles, under so many controls.
func AddRandom(rng *rand.Rand, c *circuit.Circuit, k circuit.Gate, controls int) {
	angles := make([]circuit.Angle, k.Angles())
	for i := range angles {
		angles[i] = RandomAngle(rng)
	}
	places := rng.Perm(c.Qubits())
	c.Control(places[:controls], k, angles, places[controls:controls+k.Qubits()]...)
}

// RandomUnitary returns the matrix of a random circuit of rotations and CX, real or complex.
func RandomUnitary(t *testing.T, rng *rand.Rand, qubits int, isReal bool) circuit.Matrix {
	t.Helper()
	c := circuit.New(qubits)
	for layer := range 4 {
		for q := range qubits {
			if c.RY(q, circuit.Const(rng.Float64()*6)); !isReal {
				c.RZ(q, circuit.Const(rng.Float64()*6))
			}
		}
		if qubits > 1 {
			c.CX(layer%qubits, (layer+1)%qubits)
		}
	}
	return Matrix(t, c, nil, nil)
}

// Mixed returns a circuit with every sign of a drawing: controls on both sides of their target, crossings,
// distant Pauli strings, all sources of angles.
func Mixed() *circuit.Circuit {
	return circuit.New(5).
		H(0).CX(0, 1).CCX(0, 4, 2).Swap(1, 3).CRY(4, 0, circuit.Const(math.Pi/4)).CRZ(0, 2, circuit.Theta(3)).
		PauliRotation("XYZ", circuit.Theta(0).Times(-0.5).Plus(1), 0, 4, 2).
		RX(3, circuit.Data(2)).SXdg(1).CSwap(2, 0, 1).
		U(3, circuit.Theta(1), circuit.Const(1.5), circuit.Const(-math.Pi)).
		RZZ(2, 1, circuit.Theta(4)).CX(1, 0).CX(3, 4).MCZ([]int{4, 2, 0}, 1)
}
