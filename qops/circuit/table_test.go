package circuit_test

import (
	"bytes"
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
)

// everyKind calls check for every row of the table and an example of every family, with random angles.
func everyKind(t *testing.T, check func(t *testing.T, k *circuit.Gate, angles []float64)) {
	rng := rand.New(rand.NewPCG(1, 2))
	for i, k := range append(circuit.Table(), circuit.Examples()...) {
		angles := make([]float64, k.Angles)
		for j := range angles {
			angles[j] = rng.Float64()*8 - 4
		}
		t.Run(fmt.Sprintf("%d-%s", i, k.Name), func(t *testing.T) { check(t, k, angles) })
	}
}

func same(t *testing.T, what string, got, want circuit.Matrix, tol float64) {
	t.Helper()
	if d := got.Distance(want); !(d <= tol) {
		t.Errorf("%s: differs by %g", what, d)
	}
}

// single returns the circuit of one gate whose i-th angle is theta[i].
func single(k *circuit.Gate) *circuit.Circuit {
	var angles []circuit.Angle
	var qubits []int
	for i := range k.Angles {
		angles = append(angles, circuit.Theta(i))
	}
	for q := range k.Qubits {
		qubits = append(qubits, q)
	}
	return circuit.New(k.Qubits).Add(k, angles, qubits...)
}

func matrix(t *testing.T, c *circuit.Circuit, theta, data []float64) circuit.Matrix {
	t.Helper()
	m, err := c.Matrix(theta, data)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestKindsAreUnitary(t *testing.T) {
	everyKind(t, func(t *testing.T, k *circuit.Gate, a []float64) {
		m := k.Matrix(a)
		same(t, "U·U†", m.Mul(m.Dagger()), circuit.Identity(k.Qubits), 1e-13)
		if k.Real != m.IsReal() {
			t.Errorf("Real is %v, the matrix says %v", k.Real, m.IsReal())
		}
	})
}

func TestKindsHaveAnInverse(t *testing.T) {
	everyKind(t, func(t *testing.T, k *circuit.Gate, a []float64) {
		c := single(k)
		same(t, "adjoint", matrix(t, c.Adjoint(), a, nil), k.Matrix(a).Dagger(), 1e-13)
		same(t, "twice", matrix(t, c.Adjoint().Adjoint(), a, nil), k.Matrix(a), 1e-13)
	})
}

// TestGenerators checks dU/da = −i·G·U against central differences, and U(0) = 1: together U = exp(−iaG).
func TestGenerators(t *testing.T) {
	everyKind(t, func(t *testing.T, k *circuit.Gate, a []float64) {
		if (k.Generator != nil) != (k.Angles == 1) {
			t.Fatal("want a generator exactly for gates of one angle")
		}
		if k.Generator == nil {
			return
		}
		const h = 1e-5
		g := k.Generator()
		same(t, "Hermitian", g, g.Dagger(), 1e-15)
		same(t, "at zero", k.Matrix([]float64{0}), circuit.Identity(k.Qubits), 1e-13)
		up, down := k.Matrix([]float64{a[0] + h}), k.Matrix([]float64{a[0] - h})
		slope := make(circuit.Matrix, len(up))
		for i := range slope {
			slope[i] = (up[i] - down[i]) / (2 * h)
		}
		same(t, "derivative", g.Scaled(-1i).Mul(k.Matrix(a)), slope, 1e-8)
	})
}

// TestParts checks that the parts make up the gate, phase included, also under a further control.
func TestParts(t *testing.T) {
	everyKind(t, func(t *testing.T, k *circuit.Gate, a []float64) {
		if k.Angles > 1 && k.Decomposition == nil {
			t.Fatal("a gate of several angles needs parts")
		}
		if k.Decomposition == nil {
			return
		}
		parts := gates(k.Qubits, k.Decomposition)
		for controls := range 2 {
			same(t, "parts", matrix(t, parts.Controlled(controls), a, nil), matrix(t, single(k).Controlled(controls), a, nil), 1e-13)
		}
	})
}

// TestExpand checks that a placed gate with scaled angles on reversed qubits equals its parts.
func TestExpand(t *testing.T) {
	everyKind(t, func(t *testing.T, k *circuit.Gate, a []float64) {
		c := circuit.New(k.Qubits + 1)
		var angles []circuit.Angle
		var qubits []int
		for i := range k.Angles {
			angles = append(angles, circuit.Data(i).Times(-0.5).Plus(0.2))
		}
		for q := range k.Qubits {
			qubits = append(qubits, k.Qubits-1-q)
		}
		c.Control([]int{k.Qubits}, k, angles, qubits...)
		if parts := c.Operations()[0].Decompose(); len(parts) > 0 {
			same(t, "expanded", matrix(t, gates(c.Qubits(), parts), nil, a), matrix(t, c, nil, a), 1e-13)
		}
	})
}

// ops returns the circuit of the given gates.
func gates(qubits int, list []circuit.Operation) *circuit.Circuit {
	c := circuit.New(qubits)
	for _, g := range list {
		c.Control(g.Controls, g.Gate, g.Angles, g.Qubits...)
	}
	return c
}

func TestKindsAreControllable(t *testing.T) {
	everyKind(t, func(t *testing.T, k *circuit.Gate, a []float64) {
		u := k.Matrix(a)
		d := u.Dim()
		want := circuit.Identity(k.Qubits + 1)
		for i := range d {
			copy(want[(d+i)*2*d+d:], u[i*d:(i+1)*d])
		}
		same(t, "controlled", matrix(t, single(k).Controlled(1), a, nil), want, 1e-13)
	})
}

// TestRowsAreComplete checks what drawings, OpenQASM and the reference page take from a row.
func TestRowsAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range circuit.Table() {
		if seen[k.Name] {
			t.Errorf("%s stands twice", k.Name)
		}
		seen[k.Name] = true
		if k.Symbol == "" || k.Help == "" {
			t.Errorf("%s: symbol %q, help %q", k.Name, k.Symbol, k.Help)
		}
		if (k.QASM2 == "" || k.QASM3 == "") && k.Decomposition == nil {
			t.Errorf("%s: neither an OpenQASM name nor parts to define it", k.Name)
		}
		if row, ok := single(k).Operations()[0].Row(); !ok || row != k {
			t.Errorf("%s: its gate finds the row %v", k.Name, row)
		}
	}
}

// TestMatrices holds the table against the matrices of the OpenQASM 3 standard library, Qiskit's circuit library (with the first qubit most significant) and,
// for RBS, arXiv:2209.08167. Angles 0.4, 1.1, −0.7, 0.9.
func TestMatrices(t *testing.T) {
	i := complex(0, 1)
	e := func(a float64) complex128 { return cmplx.Exp(complex(0, a)) }
	s, c := complex(math.Sin(0.2), 0), complex(math.Cos(0.2), 0)
	full, fullC := complex(math.Sin(0.4), 0), complex(math.Cos(0.4), 0)
	golden := map[string]circuit.Matrix{
		"rx":     {c, -i * s, -i * s, c},
		"ry":     {c, -s, s, c},
		"rz":     {e(-0.2), 0, 0, e(0.2)},
		"p":      {1, 0, 0, e(0.4)},
		"u":      {c, -e(-0.7) * s, e(1.1) * s, e(0.4) * c},
		"s":      {1, 0, 0, i},
		"tdg":    {1, 0, 0, e(-math.Pi / 4)},
		"sx":     {(1 + i) / 2, (1 - i) / 2, (1 - i) / 2, (1 + i) / 2},
		"cy":     {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, -i, 0, 0, i, 0},
		"crx":    {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, c, -i * s, 0, 0, -i * s, c},
		"cu":     {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, e(0.9) * c, -e(0.2) * s, 0, 0, e(2.0) * s, e(1.3) * c},
		"iswap":  {1, 0, 0, 0, 0, 0, i, 0, 0, i, 0, 0, 0, 0, 0, 1},
		"rxx":    {c, 0, 0, -i * s, 0, c, -i * s, 0, 0, -i * s, c, 0, -i * s, 0, 0, c},
		"ryy":    {c, 0, 0, i * s, 0, c, -i * s, 0, 0, -i * s, c, 0, i * s, 0, 0, c},
		"rzz":    {e(-0.2), 0, 0, 0, 0, e(0.2), 0, 0, 0, 0, e(0.2), 0, 0, 0, 0, e(-0.2)},
		"rzx":    {c, -i * s, 0, 0, -i * s, c, 0, 0, 0, 0, c, i * s, 0, 0, i * s, c},
		"rbs":    {1, 0, 0, 0, 0, fullC, full, 0, 0, -full, fullC, 0, 0, 0, 0, 1},
		"givens": {1, 0, 0, 0, 0, c, -s, 0, 0, s, c, 0, 0, 0, 0, 1},
	}
	for _, k := range circuit.Table() {
		if want, ok := golden[k.Name]; ok {
			same(t, k.Name, k.Matrix([]float64{0.4, 1.1, -0.7, 0.9}[:k.Angles]), want, 1e-15)
			delete(golden, k.Name)
		}
	}
	if len(golden) > 0 {
		t.Errorf("rows missing: %v", golden)
	}
}

func TestReferencePage(t *testing.T) {
	var want bytes.Buffer
	if err := circuit.WriteTable(&want); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../docs/gates.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Error("docs/gates.md is out of date: run go generate ./qops/circuit")
	}
}
