package circuit_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
)

// TestBellState is the textbook circuit: H and CX on |00⟩ give (|00⟩+|11⟩)/√2.
func TestBellState(t *testing.T) {
	m, err := circuit.New(2).H(0).CX(0, 1).Matrix(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	h := complex(math.Sqrt2/2, 0)
	want := circuit.Matrix{h, 0, h, 0, 0, h, 0, h, 0, h, 0, -h, h, 0, -h, 0}
	if d := m.Distance(want); d > 1e-15 {
		t.Fatalf("got %v", m)
	}
}

func ExampleNew() {
	c := circuit.New(2).RY(0, circuit.Theta(0)).CX(0, 1).RZ(1, circuit.Data(0).Times(2))
	fmt.Println(c.Qubits(), c.NumTheta(), c.NumData(), c.Real(), c.Err())
	// Output: 2 1 1 false <nil>
}

// TestErrors checks that every mistake is kept, says what was wanted and what came, and never panics.
func TestErrors(t *testing.T) {
	a := circuit.Theta(0)
	cases := map[string]struct {
		c    *circuit.Circuit
		want string
	}{
		"out of range":      {circuit.New(3).CX(0, 5), "circuit: cx: qubit 5 out of range [0,3)"},
		"negative":          {circuit.New(3).X(-1), "circuit: x: qubit -1 out of range [0,3)"},
		"twice":             {circuit.New(3).CX(1, 1), "circuit: cx: qubit 1 given twice"},
		"64 qubits":         {circuit.New(64), "want 1 to 30 qubits, got 64: one state would take 2.75e+11 GiB"},
		"no qubits":         {circuit.New(0), "want 1 to 30 qubits, got 0"},
		"NaN":               {circuit.New(1).RX(0, circuit.Const(math.NaN())), "circuit: rx: angle NaN is not finite"},
		"negative index":    {circuit.New(1).RX(0, circuit.Theta(-1)), "angle index -1 out of range"},
		"angle count":       {circuit.New(1).Add(circuit.Table()[0], []circuit.Angle{a}, 0), "circuit: id: want 0 angles, got 1"},
		"qubit count":       {circuit.New(1).Add(circuit.Table()[0], nil), "circuit: id: want 1 qubits, got 0"},
		"nil kind":          {circuit.New(1).Add(nil, nil, 0), "circuit: gate kind is nil"},
		"pauli":             {circuit.New(2).PauliRotation("XA", a, 0, 1), `circuit: Pauli string "XA"`},
		"identity string":   {circuit.New(2).PauliRotation("II", a, 0, 1), `circuit: Pauli string "II"`},
		"not unitary":       {circuit.New(1).Unitary(circuit.Matrix{1, 1, 0, 1}, 0), "matrix is not unitary"},
		"NaN unitary":       {circuit.New(1).Unitary(circuit.Matrix{complex(math.NaN(), 0), 0, 0, 1}, 0), "matrix is not unitary"},
		"not square":        {circuit.New(1).Unitary(circuit.Matrix{1, 0, 0}, 0), "got 3 entries"},
		"not hermitian":     {circuit.New(1).Evolution(circuit.Matrix{1, 1i, 1i, 1}, a, 0), "generator is not Hermitian"},
		"diagonal modulus":  {circuit.New(1).Diagonal([]complex128{1, 2}, 0), "entry 1 is (2+0i), want modulus 1"},
		"diagonal length":   {circuit.New(1).Diagonal([]complex128{1, 1, 1}, 0), "a power of two, got 3"},
		"both are reported": {circuit.New(1).X(3).Y(4), "circuit: x: qubit 3 out of range [0,1); circuit: y: qubit 4"},
		"append nil":        {circuit.New(1).Append(nil), "circuit is nil"},
		"append places":     {circuit.New(3).Append(circuit.New(2), 1), "circuit: Append: want 2 qubits, got 1"},
		"append twice":      {circuit.New(3).Append(circuit.New(2).CX(0, 1), 1, 1), "circuit: Append: cx: qubit 1 given twice"},
		"append too large":  {circuit.New(1).Then(circuit.New(2).X(1)), "qubit 1 out of range [0,1)"},
		"errors pass on":    {circuit.New(1).Append(circuit.New(1).X(7)).Adjoint().Controlled(1), "qubit 7 out of range"},
		"too many controls": {circuit.New(20).Controlled(11), "want 1 to 30 qubits, got 31"},
		"minus controls":    {circuit.New(2).Controlled(-1), "want 0 or more controls, got -1"},
		"shifted":           {circuit.New(1).RX(0, a).Shifted(-1, 0), "angle index -1"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if err := tc.c.Err(); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
			if _, err := tc.c.Matrix([]float64{0}, nil); err == nil {
				t.Error("Matrix of a circuit with errors gave no error")
			}
		})
	}
}
