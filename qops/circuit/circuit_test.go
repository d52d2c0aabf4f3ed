package circuit_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"

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

// TestErrors checks that every mistake is kept, says what was wanted and what came, and that Matrix refuses
// the circuit.
func TestErrors(t *testing.T) {
	a := circuit.Theta(0)
	cases := map[string]struct {
		c    *circuit.Circuit
		want string
	}{
		"out of range": {circuit.New(3).CX(0, 5), "circuit: cx: qubit 5 out of range [0,3)"},
		"negative":     {circuit.New(3).X(-1), "circuit: x: qubit -1 out of range [0,3)"},
		"twice":        {circuit.New(3).CX(1, 1), "circuit: cx: qubit 1 given twice"},
		"64 qubits": {circuit.New(64),
			"want 1 to 30 qubits, got 64: one state would take 2.75e+11 GiB"},
		"no qubits": {circuit.New(0), "want 1 to 30 qubits, got 0"},
		"NaN": {circuit.New(1).RX(0, circuit.Const(math.NaN())),
			"circuit: rx: angle NaN is not finite"},
		"negative index": {circuit.New(1).RX(0, circuit.Theta(-1)), "angle index -1 out of range"},
		"angle count": {circuit.New(1).Add(circuit.Table()[0], []circuit.Angle{a}, 0),
			"circuit: id: want 0 angles, got 1"},
		"qubit count": {circuit.New(1).Add(circuit.Table()[0], nil),
			"circuit: id: want 1 qubits, got 0"},
		"no gate": {circuit.New(1).Add(circuit.Gate{}, nil),
			"circuit: want a gate, got the zero Gate"},
		"no gate, a qubit": {circuit.New(1).Add(circuit.Gate{}, nil, 0), "want 0 qubits, got 1"},
		"global phase": {circuit.New(1).Add(circuit.GlobalPhase(), []circuit.Angle{a}),
			"a circuit holds no global phase"},
		"angle source": {circuit.New(1).RX(0, circuit.Angle{Source: 7}),
			"circuit: rx: angle source 7 is none of"},
		"zero circuit": {&circuit.Circuit{},
			"circuit: the zero Circuit has no qubits: make one with New"},
		"nil circuit":     {nil, "circuit: the circuit is nil"},
		"nil, built":      {(*circuit.Circuit)(nil).X(0).Adjoint(), "circuit: the circuit is nil"},
		"pauli":           {circuit.New(2).PauliRotation("XA", a, 0, 1), `circuit: Pauli string "XA"`},
		"identity string": {circuit.New(2).PauliRotation("II", a, 0, 1), `circuit: Pauli string "II"`},
		"not unitary":     {circuit.New(1).Unitary(circuit.Matrix{1, 1, 0, 1}, 0), "matrix is not unitary"},
		"NaN unitary": {circuit.New(1).Unitary(circuit.Matrix{complex(math.NaN(), 0), 0, 0, 1}, 0),
			"matrix is not unitary"},
		"not square": {circuit.New(1).Unitary(circuit.Matrix{1, 0, 0}, 0), "got 3 entries"},
		"not hermitian": {circuit.New(1).Evolution(circuit.Matrix{1, 1i, 1i, 1}, a, 0),
			"generator is not Hermitian"},
		"diagonal modulus": {circuit.New(1).Diagonal([]complex128{1, 2}, 0),
			"entry 1 is (2+0i), want modulus 1"},
		"diagonal length": {circuit.New(1).Diagonal([]complex128{1, 1, 1}, 0), "a power of two, got 3"},
		"both are reported": {circuit.New(1).X(3).Y(4),
			"circuit: x: qubit 3 out of range [0,1) (the 1st operation); circuit: y: qubit 4"},
		"bind": {circuit.New(1).RX(0, circuit.Theta(1)).Bind([]float64{1}, nil),
			"circuit: Bind: want 2 theta and 0 data, got 1 and 0"},
		"bind NaN": {circuit.New(1).RX(0, a).Bind([]float64{math.NaN()}, nil),
			"circuit: Bind: rx: angle NaN is not finite"},
		"append nil": {circuit.New(1).Append(nil), "circuit: Append: the circuit is nil"},
		"append places": {circuit.New(3).Append(circuit.New(2), 1),
			"circuit: Append: want 2 qubits, got 1"},
		"append twice": {circuit.New(3).Append(circuit.New(2).CX(0, 1), 1, 1),
			"circuit: Append: cx: qubit 1 given twice"},
		"append too large": {circuit.New(1).Compose(circuit.New(2).X(1)), "qubit 1 out of range [0,1)"},
		"errors pass on": {circuit.New(1).Append(circuit.New(1).X(7)).Adjoint().Controlled(1),
			"qubit 7 out of range"},
		"too many controls": {circuit.New(20).Controlled(11), "want 1 to 30 qubits, got 31"},
		"minus controls":    {circuit.New(2).Controlled(-1), "want 0 to 30 controls, got -1"},
		"offset": {circuit.New(1).RX(0, a).OffsetParams(-1, 0),
			"circuit: OffsetParams: rx: angle index -1"},
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

// TestMistakesAreToldOnce checks that errors name the operation by its place among those of the circuit, and
// that a mistake in a loop stands there once.
func TestMistakesAreToldOnce(t *testing.T) {
	a := circuit.Theta(0)
	rings := func(layers int) *circuit.Circuit {
		c := circuit.New(3)
		for range layers {
			c.RY(0, a).RY(1, a).RY(2, a).H(0).RZZ(0, 1, a).RZZ(1, 2, a).RZZ(2, 3, a)
		}
		return c
	}
	x := circuit.Matrix{1, 1, 0, 1}
	for want, c := range map[string]*circuit.Circuit{
		"circuit: rzz: qubit 3 out of range [0,3) (the 7th operation)":             rings(1),
		"circuit: rzz: qubit 3 out of range [0,3) (the 7th operation, and 2 more)": rings(3),
		"circuit: cx: qubit 1 given twice (the 2nd operation); " +
			"circuit: x: qubit 5 out of range [0,2) (the 4th operation)": circuit.New(2).
			H(0).CX(1, 1).H(1).X(5),
		"circuit: x: want 1 qubits, got 2 (the 3rd operation)": circuit.New(2).H(0).H(1).
			Add(mustGate("x"), nil, 0, 1),
		"circuit: Unitary: matrix is not unitary: U·U† differs from 1 by 1 (the 2nd operation)": circuit.
			New(1).H(0).Unitary(x, 0),
		"circuit: rzz: qubit 3 out of range [0,3) (the 7th operation); " +
			"circuit: x: qubit 9 out of range [0,3) (the 9th operation)": circuit.New(3).H(0).
			Append(rings(1)).X(9),
		"circuit: Append: x: qubit 4 out of range [0,3) (the 2nd operation)": circuit.New(3).H(0).
			Append(circuit.New(1).X(0), 4),
		"circuit: x: qubit 9 out of range [0,2) (the 1st operation, and 11 more)": circuit.New(2).
			X(9).X(9).X(9).X(9).X(9).X(9).X(9).X(9).X(9).X(9).X(9).X(9),
		"no": circuit.New(2).Fail(errors.New("no")).Fail(errors.New("no")),
	} {
		if err := c.Err(); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	long := circuit.New(1)
	for range 10 {
		long.H(0)
	}
	if err := long.X(2).Err(); !strings.Contains(err.Error(), "(the 11th operation)") {
		t.Errorf("got %v, want the 11th operation", err)
	}
}

// TestHandwrittenBuilders calls the building methods that have no row of the table.
func TestTooManyOperations(t *testing.T) {
	c := circuit.New(1)
	for range circuit.MaxOperations + 2 {
		c.X(0)
	}
	want := fmt.Sprintf("circuit: x: want at most %d operations (the %dth operation)",
		circuit.MaxOperations, circuit.MaxOperations+1)
	if err := c.Err(); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if err := circuit.Prepare(make([]complex128, 1<<20)).Err(); err == nil {
		t.Error("amplitudes of zeros are accepted")
	}
	all := slices.Repeat([]complex128{1i}, 1<<19)
	if err := circuit.Prepare(all).Err(); err == nil || !strings.Contains(err.Error(), "want at most") {
		t.Errorf("error %v of too many amplitudes", err)
	}
}

func TestHandwrittenBuilders(t *testing.T) {
	a, b := circuit.Theta(0).Times(2).Plus(0.3), circuit.Data(1)
	x := circuit.Matrix{0, 1, 1, 0}
	c := circuit.New(3).MCX([]int{0, 2}, 1).MCZ([]int{1}, 0).
		PauliRotation("XYZ", a, 2, 0, 1).Diagonal([]complex128{1, -1}, 2).Unitary(x, 1).Evolution(x, b, 0)
	var names []string
	for _, g := range c.Operations() {
		names = append(names, g.Name())
	}
	if got, want := strings.Join(names, " "), "ccx cz rxyz diagonal unitary evolution"; got != want ||
		c.Err() != nil {
		t.Errorf("got %s, error %v, want %s", got, c.Err(), want)
	}
}

// TestAdjointOfEverything undoes a circuit of every gate.
func TestAdjointOfEverything(t *testing.T) {
	c := tableCircuit()
	theta := []float64{0.7, -1.3, 0.2, 2.1}
	same(t, "adjoint", matrix(t, c.Compose(c.Adjoint()), theta, nil), circuit.Identity(5), 1e-12)
}

// TestOrderOfQubits pins the convention on cases that are not symmetric: qubit 0 is the most significant bit,
// the control comes first.
func TestOrderOfQubits(t *testing.T) {
	s, c := complex(math.Sin(0.3), 0), complex(math.Cos(0.3), 0)
	cases := map[string]struct {
		c    *circuit.Circuit
		want circuit.Matrix
	}{
		"cx 0 1": {circuit.New(2).CX(0, 1), circuit.Matrix{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0}},
		"cx 1 0": {circuit.New(2).CX(1, 0), circuit.Matrix{1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0}},
		"cry 1 0": {circuit.New(2).CRY(1, 0, circuit.Const(0.6)),
			circuit.Matrix{1, 0, 0, 0, 0, c, 0, -s, 0, 0, 1, 0, 0, s, 0, c}},
		"ry 0": {circuit.New(2).RY(0, circuit.Const(0.6)),
			circuit.Matrix{c, 0, -s, 0, 0, c, 0, -s, s, 0, c, 0, 0, s, 0, c}},
		"s then h": {circuit.New(1).S(0).H(0),
			circuit.Matrix{complex(math.Sqrt2/2, 0), complex(0, math.Sqrt2/2),
				complex(math.Sqrt2/2, 0), complex(0, -math.Sqrt2/2)}},
	}
	for name, tc := range cases {
		same(t, name, matrix(t, tc.c, nil, nil), tc.want, 1e-15)
	}
}

// TestComposition checks Append on other qubits, Compose and OffsetParams against products of matrices.
func TestComposition(t *testing.T) {
	a := circuit.New(2).RX(0, circuit.Theta(0)).CRY(1, 0, circuit.Data(0))
	b := circuit.New(2).RZ(1, circuit.Theta(0)).CX(0, 1)
	theta, data := []float64{0.3, -0.8}, []float64{1.2, 0.4}

	then := a.Compose(b.OffsetParams(1, 0))
	same(t, "then", matrix(t, then, theta, data), matrix(t, b, theta[1:], nil).Mul(matrix(t, a, theta, data)),
		1e-14)
	if len(a.Operations()) != 2 || then.NumTheta() != 2 {
		t.Errorf("Compose changed its operand or lost an angle: %d gates, %d theta", len(a.Operations()),
			then.NumTheta())
	}
	same(t, "offset data", matrix(t, a.OffsetParams(0, 1), theta, data), matrix(t, a, theta, data[1:]),
		1e-14)

	placed := circuit.New(3).Append(a, 2, 0)
	byHand := circuit.New(3).RX(2, circuit.Theta(0)).CRY(0, 2, circuit.Data(0))
	same(t, "append", matrix(t, placed, theta, data), matrix(t, byHand, theta, data), 0)

	theta, data = []float64{0.3}, []float64{-1.2}
	for _, bound := range []*circuit.Circuit{a.Bind(theta, data), a.Bind(theta, nil).Bind(nil, data)} {
		same(t, "bound", matrix(t, bound, nil, nil), matrix(t, a, theta, data), 0)
	}
	if got := a.Bind(theta, nil); got.NumTheta() != 0 || got.NumData() != 1 || a.NumTheta() != 1 {
		t.Errorf("bound theta: %d theta and %d data are left", got.NumTheta(), got.NumData())
	}

	twice := circuit.New(2).X(0).S(1)
	same(t, "append to itself", matrix(t, twice.Append(twice), nil, nil),
		circuit.Matrix{1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1}, 1e-15)
}

func TestResources(t *testing.T) {
	c := circuit.New(4).RY(0, circuit.Theta(0)).RY(1, circuit.Theta(1)).CX(0, 1).CX(1, 2).
		RZ(3, circuit.Data(0)).CCX(0, 1, 2).MCX([]int{0, 1, 2}, 3)
	for want, c := range map[string]*circuit.Circuit{
		"4 qubits, 7 gates (c3-x 1, ccx 1, cx 2, ry 2, rz 1), 2 on two qubits, 2 on more than two, depth " +
			"5, 2 trainable angles, 1 input": c,
		"1 qubit, 1 gate (rx 1), 0 on two qubits, depth 1, 1 trainable angle": circuit.New(1).
			RX(0, circuit.Theta(0)),
		"2 qubits, 2 gates (rx 2), 0 on two qubits, depth 1, 0 trainable angles, 2 inputs": circuit.New(2).
			RX(0, circuit.Data(0)).RX(1, circuit.Data(1)),
		"1 qubit, 0 gates, 0 on two qubits, depth 0, 0 trainable angles": circuit.New(1),
	} {
		if got := c.Resources().String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestAngles(t *testing.T) {
	a := circuit.Theta(1).Times(-2).Plus(0.5)
	if got := a.Value([]float64{9, 0.3}, nil); math.Abs(got+0.1) > 1e-15 {
		t.Errorf("got %v, want −2·0.3+0.5", got)
	}
	for want, a := range map[string]circuit.Angle{
		"-2·θ1+0.5": a, "x0": circuit.Data(0), "-x3-1": circuit.Data(3).Times(-1).Plus(-1),
		"π/2":   circuit.Const(math.Pi / 2),
		"-3π/4": circuit.Const(-3 * math.Pi / 4), "1.571": circuit.Const(1.5708), "0": circuit.Const(0),
		"x1+π": circuit.Data(1).Plus(math.Pi)} {
		if a.String() != want {
			t.Errorf("got %s, want %s", a, want)
		}
	}
}
