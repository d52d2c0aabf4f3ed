package circuit_test

import (
	"math"
	"math/cmplx"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
)

func fixed(m ...complex128) func([]float64) circuit.Matrix {
	return func([]float64) circuit.Matrix { return m }
}

// ry returns the matrix of RY.
func ry(a []float64) circuit.Matrix {
	s, c := math.Sincos(a[0] / 2)
	return circuit.Matrix{complex(c, 0), complex(-s, 0), complex(s, 0), complex(c, 0)}
}

// reused returns the matrix of RZ and S as a function that returns the same memory, and writes to the angles.
func reused() func([]float64) circuit.Matrix {
	m := make(circuit.Matrix, 4)
	return func(a []float64) circuit.Matrix {
		m[0], m[3] = cmplx.Rect(1, -a[0]/2), 1i*cmplx.Rect(1, a[0]/2)
		a[0] = math.NaN()
		return m
	}
}

// customGates are specs of every form, with whether the gate is real and how it is undone.
var customGates = []struct {
	spec    circuit.GateSpec
	real    bool
	inverse string // name of the inverse gate
}{
	{circuit.GateSpec{Name: "half", Qubits: 2, Matrix: fixed(1, 0, 0, 0,
		0, 0.5+0.5i, 0.5-0.5i, 0, 0, 0.5-0.5i, 0.5+0.5i, 0, 0, 0, 0, 1)}, false, "halfdg"},
	{circuit.GateSpec{Name: "flip", Qubits: 1, Matrix: fixed(0, 1, 1, 0), Definition: circuit.New(1).X(0)},
		true, "flip"},
	{circuit.GateSpec{Name: "nothing", Qubits: 3, Definition: circuit.New(3)}, true, "nothing"},
	// This is Z, which is real, but S is not.
	{circuit.GateSpec{Name: "steps", Qubits: 1, Definition: circuit.New(1).S(0).S(0)}, false, "steps"},
	{circuit.GateSpec{Name: "tilt", Qubits: 1, Angles: 1, Generator: circuit.Matrix{1, 2 - 1i, 2 + 1i, -0.5}},
		false, "tilt"},
	{circuit.GateSpec{Name: "tilt2", Qubits: 1, Angles: 1, Matrix: ry,
		Generator: circuit.Matrix{0, -0.5i, 0.5i, 0}, Definition: circuit.New(1).RY(0, circuit.Theta(0))},
		true, "tilt2"},
	{circuit.GateSpec{Name: "pair", Qubits: 2, Angles: 1,
		Generator:  circuit.Matrix{0, -1i, -1i, 0, 1i, 0, 0, -1i, 1i, 0, 0, -1i, 0, 1i, 1i, 0},
		Definition: circuit.New(2).RY(0, circuit.Theta(0).Times(2)).RY(1, circuit.Theta(0).Times(2))},
		true, "pair"},
	{circuit.GateSpec{Name: "memory", Qubits: 1, Angles: 1, Matrix: reused(),
		Definition: circuit.New(1).RZ(0, circuit.Theta(0)).S(0)}, false, "memorydg"},
	{circuit.GateSpec{Name: "fan", Qubits: 2, Angles: 1,
		Definition: circuit.New(2).RY(0, circuit.Theta(0)).RY(1, circuit.Theta(0).Times(2))}, true, "fan"},
	{circuit.GateSpec{Name: "late", Qubits: 2, Angles: 1,
		Definition: circuit.New(2).H(0).T(0).CRX(0, 1, circuit.Theta(0).Plus(0.3))}, false, "latedg"},
	{circuit.GateSpec{Name: "mesh", Symbol: "M", Qubits: 3, Angles: 3, Definition: circuit.New(3).
		U(0, circuit.Theta(2), circuit.Const(0.3), circuit.Theta(0)).CX(0, 1).RZZ(1, 2, circuit.Theta(1))},
		false, "meshdg"},
}

var laws = map[string]func(*testing.T, circuit.Gate, []float64){
	"inverse": checkInverse, "generator": checkGenerator, "definition": checkDefinition,
	"control": checkControl, "shifts": checkSplit,
}

// TestCustomGates checks every law of the table on gates made by NewGate.
func TestCustomGates(t *testing.T) {
	for _, c := range customGates {
		t.Run(c.spec.Name, func(t *testing.T) {
			k, err := circuit.NewGate(c.spec)
			if err != nil {
				t.Fatal(err)
			}
			a := []float64{0.4, -2.1, 1.3}[:k.Angles()]
			if k.Real() != c.real {
				t.Errorf("real %v, want %v", k.Real(), c.real)
			}
			for name, law := range laws {
				t.Run(name, func(t *testing.T) { law(t, k, a) })
			}
			if got := single(k).Adjoint().Operations()[0].Gate.Name(); got != c.inverse {
				t.Errorf("undone by %s, want %s", got, c.inverse)
			}
			intoCX(t, "CX", single(k).Controlled(1).Append(single(k).Adjoint()).Bind(a, nil))
		})
	}
}

// moody is a Matrix function that gives X, Z, X, Z, ….
func moody() func([]float64) circuit.Matrix {
	calls := 0
	return func([]float64) circuit.Matrix {
		if calls++; calls%2 == 1 {
			return circuit.Matrix{0, 1, 1, 0}
		}
		return circuit.Matrix{1, 0, 0, -1}
	}
}

// TestMatrixFunctionIsCalledByNewGateAlone has one that fails afterwards.
func TestMatrixFunctionIsCalledByNewGateAlone(t *testing.T) {
	made := false
	k, err := circuit.NewGate(circuit.GateSpec{Name: "late", Qubits: 1, Angles: 1,
		Matrix: func(a []float64) circuit.Matrix {
			if made {
				panic("it is called again")
			}
			return ry(a)
		},
		Definition: circuit.New(1).RY(0, circuit.Theta(0))})
	if err != nil {
		t.Fatal(err)
	}
	made = true
	if d := k.Matrix([]float64{0.7}).Distance(ry([]float64{0.7})); d > 1e-15 {
		t.Errorf("its matrix is off by %g", d)
	}
	single(k).Adjoint().Operations()[0].Matrix([]float64{0.7}, nil)
}

// TestCustomGatesAreChecked is what NewGate refuses, in the words of its errors.
func TestCustomGatesAreChecked(t *testing.T) {
	rx := circuit.New(1).RX(0, circuit.Theta(0))
	z := circuit.Matrix{1, 0, 0, -1}
	for _, c := range []struct {
		want string
		spec circuit.GateSpec
	}{
		{`NewGate "": want a name`,
			circuit.GateSpec{Qubits: 1, Definition: rx}},
		{"name is taken",
			circuit.GateSpec{Name: "rx", Qubits: 1, Angles: 1,
				Definition: rx}},
		{"want 1 to 10 qubits, got 0",
			circuit.GateSpec{Name: "a", Matrix: fixed(1)}},
		{"want 1 to 10 qubits, got 11",
			circuit.GateSpec{Name: "a", Qubits: 11, Definition: circuit.New(11)}},
		{"want 0 to 64 angles, got -1",
			circuit.GateSpec{Name: "a", Qubits: 1, Angles: -1,
				Definition: rx}},
		{"want 0 to 64 angles, got 99",
			circuit.GateSpec{Name: "a", Qubits: 1, Angles: 99,
				Definition: rx}},
		{"want a Matrix or a Definition of a gate without angles, got none",
			circuit.GateSpec{Name: "a", Qubits: 1}},
		{"a gate of 1 angle: want a Generator G, for the gate exp(−i·a·G), or a Definition by other gates, " +
			"got a Matrix, which alone is not enough for a gate with angles",
			circuit.GateSpec{Name: "a", Qubits: 1, Angles: 1, Matrix: ry}},
		{"a gate of 2 angles: want a Definition by other gates, " +
			"got a Matrix, which alone is not enough for a gate with angles",
			circuit.GateSpec{Name: "a", Qubits: 1, Angles: 2, Matrix: ry}},
		{"or a Definition by other gates, got neither", circuit.GateSpec{Name: "a", Qubits: 1, Angles: 1}},
		{"want a Definition by other gates, got none", circuit.GateSpec{Name: "a", Qubits: 1, Angles: 2}},
		{"want a generator for a gate of one angle only, got one for 0",
			circuit.GateSpec{Name: "a", Qubits: 1, Generator: z}},
		{"want a generator of 2^2 rows for 2 qubits, got 4 entries",
			circuit.GateSpec{Name: "a", Qubits: 2, Angles: 1, Generator: z}},
		{"generator is not Hermitian",
			circuit.GateSpec{Name: "a", Qubits: 1, Angles: 1,
				Generator: circuit.Matrix{1, 1i, 1i, 1}}},
		{"want a matrix of 2^2 rows for 2 qubits, got 4 entries",
			circuit.GateSpec{Name: "a", Qubits: 2, Matrix: fixed(0, 1, 1, 0)}},
		{"want a matrix of 2^1 rows for 1 qubits, got 0 entries",
			circuit.GateSpec{Name: "a", Qubits: 1, Matrix: fixed()}},
		{"matrix is not unitary: U·U† differs from 1 by 1",
			circuit.GateSpec{Name: "a", Qubits: 1, Matrix: fixed(1, 1, 0, 1)}},
		{"differs from 1 by NaN",
			circuit.GateSpec{Name: "a", Qubits: 1, Matrix: fixed(cmplx.NaN(), 0, 0, 1)}},
		{"at the angles [",
			circuit.GateSpec{Name: "a", Qubits: 1, Angles: 1, Definition: rx, // unitary at 0 only
				Matrix: func(a []float64) circuit.Matrix {
					return circuit.Matrix{1, complex(a[0], 0), 0, 1}
				}}},
		{"matrix and generator differ by",
			circuit.GateSpec{Name: "a", Qubits: 1, Angles: 1, Matrix: ry, Generator: z}},
		{"matrix and definition differ by",
			circuit.GateSpec{Name: "a", Qubits: 1, Angles: 1, Matrix: ry, Definition: rx}},
		{"matrix and definition differ by 1",
			circuit.GateSpec{Name: "a", Qubits: 1, Matrix: fixed(0, 1, 1, 0),
				Definition: circuit.New(1).Z(0)}},
		{"the Matrix function gives another matrix when it is called again, by 1",
			circuit.GateSpec{Name: "a", Qubits: 1, Matrix: moody()}},
		{"the Matrix function (func([]float64) circuit.Matrix) panics: the caller's",
			circuit.GateSpec{Name: "a", Qubits: 1,
				Matrix: func([]float64) circuit.Matrix { panic("the caller's") }}},
		{"generator and definition differ by",
			circuit.GateSpec{Name: "a", Qubits: 1, Angles: 1, Generator: z, Definition: rx}},
		{"definition: circuit: cx: qubit 3",
			circuit.GateSpec{Name: "a", Qubits: 2, Definition: circuit.New(2).CX(0, 3)}},
		{"got 2 qubits, 0 theta, 0 data",
			circuit.GateSpec{Name: "a", Qubits: 1, Definition: circuit.New(2).X(1)}},
		{"got 1 qubits, 1 theta, 0 data",
			circuit.GateSpec{Name: "a", Qubits: 1, Definition: rx}},
		{"got 1 qubits, 0 theta, 1 data",
			circuit.GateSpec{Name: "a", Qubits: 1, Angles: 1,
				Definition: circuit.New(1).P(0, circuit.Data(0))}},
		{"definition: circuit: the zero Circuit",
			circuit.GateSpec{Name: "a", Qubits: 1, Definition: &circuit.Circuit{}}},
	} {
		k, err := circuit.NewGate(c.spec)
		if err == nil || !strings.Contains(err.Error(), c.want) || k != (circuit.Gate{}) {
			t.Errorf("got %v and error %v, want %s", k, err, c.want)
		}
	}
}
