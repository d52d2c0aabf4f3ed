package circuit_test

import (
	"math"
	"math/cmplx"
	"slices"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
)

func TestGatesAreUnitary(t *testing.T) { eachGate(t, checkUnitary) }

func checkUnitary(t *testing.T, k circuit.Gate, a []float64) {
	t.Helper()
	m := k.Matrix(a)
	same(t, "U·U†", m.Mul(m.Dagger()), circuit.Identity(k.Qubits()), 1e-13)
	if k.Real() != m.IsReal() {
		t.Errorf("Real is %v, the matrix says %v", k.Real(), m.IsReal())
	}
}

func TestGatesHaveAnInverse(t *testing.T) { eachGate(t, checkInverse) }

func checkInverse(t *testing.T, k circuit.Gate, a []float64) {
	t.Helper()
	c := single(k)
	same(t, "adjoint", matrix(t, c.Adjoint(), a, nil), k.Matrix(a).Dagger(), 1e-13)
	same(t, "twice", matrix(t, c.Adjoint().Adjoint(), a, nil), k.Matrix(a), 1e-13)
}

// TestGenerators checks dU/da = −i·G·U against central differences, and U(0) = 1: together U = exp(−iaG).
func TestGenerators(t *testing.T) {
	eachGate(t, func(t *testing.T, k circuit.Gate, a []float64) {
		if k.Generator() != nil && k.Angles() != 1 || k.Generator() == nil && k.Angles() == 1 && !k.Defined() {
			t.Fatal("want a generator for gates of one angle only, and a definition for those without one")
		}
		checkGenerator(t, k, a)
	})
}

func checkGenerator(t *testing.T, k circuit.Gate, a []float64) {
	t.Helper()
	g := k.Generator()
	if g == nil {
		return
	}
	moved := 0 // basis states that the generator does not take to zero
	for i := range g.Dim() {
		if slices.ContainsFunc(g[i*g.Dim():(i+1)*g.Dim()], func(v complex128) bool { return v != 0 }) {
			moved++
		}
	}
	if moved > 2 && !g.IsDiagonal() && !k.Defined() {
		if base, _ := k.Base(); base == k {
			t.Error("neither diagonal nor a rotation of two basis states: simulation needs a definition")
		}
	}
	const h = 1e-5
	same(t, "Hermitian", g, g.Dagger(), 1e-15)
	same(t, "at zero", k.Matrix([]float64{0}), circuit.Identity(k.Qubits()), 1e-13)
	up, down := k.Matrix([]float64{a[0] + h}), k.Matrix([]float64{a[0] - h})
	slope := make(circuit.Matrix, len(up))
	for i := range slope {
		slope[i] = (up[i] - down[i]) / (2 * h)
	}
	same(t, "derivative", g.Scaled(-1i).Mul(k.Matrix(a)), slope, 1e-8)
}

// TestDefinitions checks that the definition is the gate, phase included, also under a further control, at
// scaled angles and on reversed qubits: that of the row or, for a gate that has none, the one made from its
// matrix. Only a rotation whose generator is not diagonal may lack one.
func TestDefinitions(t *testing.T) { eachGate(t, checkDefinition) }

func checkDefinition(t *testing.T, k circuit.Gate, a []float64) {
	t.Helper()
	if k.Angles() > 1 && !k.Defined() {
		t.Fatal("a gate of several angles needs a definition")
	}
	var angles []circuit.Angle
	var qubits []int
	for i := range k.Angles() {
		angles = append(angles, circuit.Data(i).Times(-0.5).Plus(0.2))
	}
	for q := range k.Qubits() {
		qubits = append(qubits, k.Qubits()-1-q)
	}
	for controls := range 2 {
		c := circuit.New(k.Qubits()+1).Control([]int{k.Qubits()}[:controls], k, angles, qubits...)
		definition, err := c.Operations()[0].Definition()
		if err != nil {
			if base, _ := k.Base(); k.Defined() || base.Angles() != 1 || base.Generator().IsDiagonal() {
				t.Fatal(err)
			}
			return
		}
		phase, defined := 0.0, circuit.New(c.Qubits())
		for _, g := range definition {
			if g.Gate == circuit.GlobalPhase() {
				phase += g.Angles[0].Value(nil, a)
				continue
			}
			defined.Control(g.Controls, g.Gate, g.Angles, g.Qubits...)
		}
		got := matrix(t, defined, nil, a).Scaled(cmplx.Rect(1, phase))
		same(t, "definition", got, matrix(t, c, nil, a), 1e-12)
	}
}

func TestGatesAreControllable(t *testing.T) { eachGate(t, checkControl) }

func checkControl(t *testing.T, k circuit.Gate, a []float64) {
	t.Helper()
	u := k.Matrix(a)
	d := u.Dim()
	want := circuit.Identity(k.Qubits() + 1)
	for i := range d {
		copy(want[(d+i)*2*d+d:], u[i*d:(i+1)*d])
	}
	same(t, "controlled", matrix(t, single(k).Controlled(1), a, nil), want, 1e-13)
}

// TestRowsAreComplete checks what drawings, OpenQASM and the reference page use of a row, and that gates of
// several qubits come down to CX.
func TestRowsAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range circuit.Table() {
		if seen[k.Name()] {
			t.Errorf("%s stands twice", k)
		}
		seen[k.Name()] = true
		if k.Symbol() == "" || k.Help() == "" {
			t.Errorf("%s: symbol %q, help %q", k, k.Symbol(), k.Help())
		}
		if (k.QASM(2) == "" || k.QASM(3) == "") && !k.Defined() {
			t.Errorf("%s: neither an OpenQASM name nor a definition", k)
		}
		if row, ok := single(k).Operations()[0].Row(); !ok || row != k {
			t.Errorf("%s: its gate finds the row %v", k, row)
		}
		if found, ok := circuit.Named(k.Name()); !ok || found != k {
			t.Errorf("%s: its name finds the row %v", k, found)
		}
	}
	if k, ok := circuit.Named("warp"); ok || k != (circuit.Gate{}) {
		t.Errorf("no row has the name warp, got %v", k)
	}
}

// TestMatrices compares every row of the table with its matrix written out, at angles 0.4, 1.1, −0.7, 0.9:
// from the OpenQASM 3 standard library, Qiskit's circuit library (with the first qubit most significant) and,
// for RBS, arXiv:2209.08167. A new row has its line here.
func TestMatrices(t *testing.T) {
	i := complex(0, 1)
	e := func(a float64) complex128 { return cmplx.Exp(complex(0, a)) }
	s, c := complex(math.Sin(0.2), 0), complex(math.Cos(0.2), 0)
	full, fullC := complex(math.Sin(0.4), 0), complex(math.Cos(0.4), 0)
	half := complex(math.Sqrt(0.5), 0)
	golden := map[string]circuit.Matrix{
		"id":      {1, 0, 0, 1},
		"x":       {0, 1, 1, 0},
		"y":       {0, -i, i, 0},
		"z":       {1, 0, 0, -1},
		"h":       {half, half, half, -half},
		"s":       {1, 0, 0, i},
		"sdg":     {1, 0, 0, -i},
		"t":       {1, 0, 0, e(math.Pi / 4)},
		"tdg":     {1, 0, 0, e(-math.Pi / 4)},
		"sx":      {(1 + i) / 2, (1 - i) / 2, (1 - i) / 2, (1 + i) / 2},
		"sxdg":    {(1 - i) / 2, (1 + i) / 2, (1 + i) / 2, (1 - i) / 2},
		"p":       {1, 0, 0, e(0.4)},
		"rx":      {c, -i * s, -i * s, c},
		"ry":      {c, -s, s, c},
		"rz":      {e(-0.2), 0, 0, e(0.2)},
		"u":       {c, -e(-0.7) * s, e(1.1) * s, e(0.4) * c},
		"u2":      {half, -e(1.1) * half, e(0.4) * half, e(1.5) * half},
		"cx":      below(1, 0, 1, 1, 0),
		"cy":      below(1, 0, -i, i, 0),
		"cz":      below(1, 1, 0, 0, -1),
		"ch":      below(1, half, half, half, -half),
		"cp":      below(1, 1, 0, 0, e(0.4)),
		"crx":     below(1, c, -i*s, -i*s, c),
		"cry":     below(1, c, -s, s, c),
		"crz":     below(1, e(-0.2), 0, 0, e(0.2)),
		"cu":      below(1, e(0.9)*c, -e(0.2)*s, e(2.0)*s, e(1.3)*c),
		"swap":    {1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1},
		"iswap":   {1, 0, 0, 0, 0, 0, i, 0, 0, i, 0, 0, 0, 0, 0, 1},
		"iswapdg": {1, 0, 0, 0, 0, 0, -i, 0, 0, -i, 0, 0, 0, 0, 0, 1},
		"ccx":     below(2, 0, 1, 1, 0),
		"ccz":     below(2, 1, 0, 0, -1),
		"cswap":   below(1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1),
		"rxx":     {c, 0, 0, -i * s, 0, c, -i * s, 0, 0, -i * s, c, 0, -i * s, 0, 0, c},
		"ryy":     {c, 0, 0, i * s, 0, c, -i * s, 0, 0, -i * s, c, 0, i * s, 0, 0, c},
		"rzz":     {e(-0.2), 0, 0, 0, 0, e(0.2), 0, 0, 0, 0, e(0.2), 0, 0, 0, 0, e(-0.2)},
		"rzx":     {c, -i * s, 0, 0, -i * s, c, 0, 0, 0, 0, c, i * s, 0, 0, i * s, c},
		"rbs":     {1, 0, 0, 0, 0, fullC, full, 0, 0, -full, fullC, 0, 0, 0, 0, 1},
		"givens":  {1, 0, 0, 0, 0, c, -s, 0, 0, s, c, 0, 0, 0, 0, 1},
		"gpi":     {0, e(-0.4), e(0.4), 0},
		"gpi2":    {half, -i * e(-0.4) * half, -i * e(0.4) * half, half},
		"ms": {half, 0, 0, -i * e(-1.5) * half, 0, half, -i * e(0.7) * half, 0,
			0, -i * e(-0.7) * half, half, 0, -i * e(1.5) * half, 0, 0, half},
		"ecr": {0, 0, half, i * half, 0, 0, i * half, half, half, -i * half, 0, 0, -i * half, half, 0, 0},
	}
	for _, k := range circuit.Table() {
		want, ok := golden[k.Name()]
		if !ok {
			t.Errorf("%s: no matrix is written out for it here", k)
			continue
		}
		same(t, k.Name(), k.Matrix([]float64{0.4, 1.1, -0.7, 0.9}[:k.Angles()]), want, 1e-15)
		delete(golden, k.Name())
	}
	if len(golden) > 0 {
		t.Errorf("rows missing: %v", golden)
	}
}

// below returns the matrix of a gate under so many controls: the gate is the last block of an identity.
func below(controls int, gate ...complex128) circuit.Matrix {
	width := int(math.Sqrt(float64(len(gate))))
	size := width << controls
	out := make(circuit.Matrix, size*size)
	for r := range size {
		out[r*size+r] = 1
	}
	for r := range width {
		copy(out[(size-width+r)*size+size-width:], gate[r*width:(r+1)*width])
	}
	return out
}
