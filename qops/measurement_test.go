package qops_test

import (
	"math"
	"math/bits"
	"math/cmplx"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// measured returns Measure of its input.
func measured(m qops.Measurement) function {
	return func(in ...*G.Node) (*G.Node, error) { return qops.Measure(in[0], m) }
}

func expect(o ...statevec.Observable) function { return measured(qops.Expectations(o...)) }

func term(coefficient float64, pauli string) statevec.Term {
	return statevec.Term{Coefficient: coefficient, Pauli: pauli}
}

func fidelity(in ...*G.Node) (*G.Node, error) { return qops.Fidelity(in[0], in[1]) }

func hamiltonian(paulis ...string) function {
	return func(in ...*G.Node) (*G.Node, error) { return qops.Hamiltonian(in[0], paulis, in[1], qops.Shots{}) }
}

// states returns the rows of a tensor (…, 2^n, 2) as complex vectors.
func states(psi *tensor.Dense) (out [][]complex128) {
	width := psi.Shape()[psi.Dims()-2]
	for row := range slices.Chunk(psi.Float64s(), 2*width) {
		state := make([]complex128, width)
		for j := range state {
			state[j] = complex(row[2*j], row[2*j+1])
		}
		out = append(out, state)
	}
	return out
}

// density returns the density matrix of some qubits by the definition of the partial trace: all others are
// summed over, pair of indices by pair.
func density(psi []complex128, qubits ...int) [][]complex128 {
	n := bits.Len(uint(len(psi))) - 1
	split := func(j int) (kept, rest int) {
		rest = j
		for _, q := range qubits {
			bit := 1 << (n - 1 - q)
			kept *= 2
			if j&bit != 0 {
				kept++
			}
			rest &^= bit
		}
		return kept, rest
	}
	rho := make([][]complex128, 1<<len(qubits))
	for a := range rho {
		rho[a] = make([]complex128, len(rho))
	}
	for i, x := range psi {
		for j, y := range psi {
			a, r := split(i)
			b, s := split(j)
			if r == s {
				rho[a][b] += x * cmplx.Conj(y)
			}
		}
	}
	return rho
}

// TestExpectations has textbook values: RX(θ)|0⟩ has ⟨Y⟩ = −sin θ and ⟨Z⟩ = cos θ, on qubit 0 of two; qubit 1
// stays |0⟩.
func TestExpectations(t *testing.T) {
	c := circuit.New(2).RX(0, circuit.Theta(0))
	f := func(in ...*G.Node) (*G.Node, error) {
		psi, err := qops.Apply(c, in[0], in[1], nil)
		if err != nil {
			return nil, err
		}
		return expect(statevec.Observable{term(1, "YI")}, statevec.Observable{term(1, "ZI"), term(3, "IZ")},
			statevec.Observable{term(2, "YZ"), term(1, "XX")})(psi)
	}
	zero := tensorOf([]float64{1, 0, 0, 0, 0, 0, 0, 0}, 1, 4, 2)
	got, shape, err := evaluate[float64](f, zero, tensorOf([]float64{0.7}, 1))
	if err != nil {
		t.Fatal(err)
	}
	if !shape.Eq(tensor.Shape{1, 3}) {
		t.Errorf("shape %v", shape)
	}
	near(t, "expectations", got, []float64{-math.Sin(0.7), math.Cos(0.7) + 3, -2 * math.Sin(0.7)}, 1e-15)
}

func TestExpectationsGradient(t *testing.T) {
	f := expect(statevec.Observable{term(1, "YIX"), term(-0.5, "ZZI")},
		statevec.Observable{term(0.3, "III"), term(2, "XYZ")})
	if err := gradcheck.Check(gradcheck.Config{}, f, random(1, 2, 2, 8, 2)); err != nil {
		t.Error(err)
	}
}

func TestExpectationsErrors(t *testing.T) {
	psi := random(1, 2, 4, 2)
	letters, zz := expect(statevec.Observable{term(1, "ZA")}), expect(statevec.Observable{term(1, "ZZ")})
	wantError(t, "letters", "want a Pauli string of 2 letters I, X, Y, Z, got \"ZA\"", letters, psi)
	wantError(t, "none", "want at least one observable", expect(), psi)
	for _, c := range []float64{math.NaN(), math.Inf(-1)} {
		bad := expect(statevec.Observable{term(c, "ZX")})
		wantError(t, "coefficient", "the coefficient of ZX is", bad, psi)
	}
	wantError(t, "states", "want states (…, 2^n, 2), got (2, 3, 2)", zz, random(1, 2, 3, 2))
}

// TestPaulis writes the observables out: letters of a qubit beside each other, all qubits without any, and by
// default Z.
func TestPaulis(t *testing.T) {
	psi := random(1, 2, 3, 8, 2)
	strings := func(paulis ...string) (o []statevec.Observable) {
		for _, p := range paulis {
			o = append(o, statevec.Observable{term(1, p)})
		}
		return o
	}
	for _, c := range []struct {
		measurement qops.Measurement
		want        []statevec.Observable
	}{
		{qops.Paulis("ZX", 2, 0), strings("IIZ", "IIX", "ZII", "XII")},
		{qops.Paulis("Y"), strings("YII", "IYI", "IIY")},
		{qops.Measurement{}, strings("ZII", "IZI", "IIZ")},
	} {
		near(t, "Paulis", mustEvaluate(t, measured(c.measurement), psi),
			mustEvaluate(t, expect(c.want...), psi), 0)
	}
}

// TestMeasurementIsAValue: what a caller does to the arguments afterwards does not change it.
func TestMeasurementIsAValue(t *testing.T) {
	qubits, state, observable := []int{1}, []complex128{1, 0, 0, 1i}, statevec.Observable{term(1, "XZ")}
	for name, m := range map[string]qops.Measurement{"Paulis": qops.Paulis("X", qubits...),
		"Probabilities": qops.Probabilities(qubits...),
		"Purity":        qops.Purity(qubits...), "Fidelities": qops.Fidelities(state),
		"Expectations": qops.Expectations(observable)} {
		before := mustEvaluate(t, measured(m), random(1, 2, 4, 2))
		qubits[0], state[0], observable[0].Pauli = 0, 3, "YY"
		near(t, name, mustEvaluate(t, measured(m), random(1, 2, 4, 2)), before, 0)
		qubits[0], state[0], observable[0].Pauli = 1, 1, "XZ"
	}
}

// doubled is a custom measurement with a kernel: the square of the norm, twice.
type doubled[T op.Float] struct{ qubits int }

func (doubled[T]) Outputs() int    { return 1 }
func (doubled[T]) Quadratic() bool { return true }

func (d doubled[T]) Apply(rows int, psi, out []T) error {
	for r := range out {
		out[r] = 0
		for _, v := range psi[r*2<<d.qubits : (r+1)*2<<d.qubits] {
			out[r] += 2 * v * v
		}
	}
	return nil
}

func (d doubled[T]) Adjoint(rows int, psi, dout, dpsi []T) error {
	for i, v := range psi {
		dpsi[i] = 4 * v * dout[i/(2<<d.qubits)]
	}
	return nil
}

// TestNewMeasurement: a custom measurement is a node with its circuit like any other, by every method of the
// gradient.
func TestNewMeasurement(t *testing.T) {
	m := qops.NewMeasurement("Doubled",
		func(n int) (statevec.Measurement[float32], error) { return doubled[float32]{n}, nil },
		func(n int) (statevec.Measurement[float64], error) { return doubled[float64]{n}, nil })
	near(t, "states", mustEvaluate(t, measured(m), tensorOf([]float64{1, 2, 3, 4}, 1, 2, 2)), []float64{60},
		1e-14)
	for _, method := range []qops.Gradient{qops.Adjoint, qops.ParameterShift, qops.FiniteDifferences} {
		f := func(in ...*G.Node) (*G.Node, error) {
			inputs := qops.Inputs{X: in[0], Normalize: qops.NormalizeNone, Theta: in[1]}
			return qops.MeasureCircuit(tangled(2), m, inputs, method)
		}
		if err := gradcheck.Check(gradcheck.Config{Tolerance32: 1e-3}, f, random(1, 3, 4),
			random(2, 3)); err != nil {
			t.Errorf("%v: %v", method, err)
		}
	}
}

// TestMeasureFunc: a custom measurement by nodes gives what the same nodes give behind the circuit's.
func TestMeasureFunc(t *testing.T) {
	square := func(psi *G.Node) (*G.Node, error) { return G.HadamardProd(psi, psi) }
	for name, c := range cases {
		f := func(in ...*G.Node) (*G.Node, error) {
			return qops.MeasureCircuit(c.circuit, qops.MeasureFunc(square), c.take(in...), qops.Adjoint)
		}
		if err := gradcheck.Check(gradcheck.Config{}, f, c.inputs...); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		want := func(in ...*G.Node) (*G.Node, error) {
			return byNodes(c.circuit, c.take(in...), qops.MeasureFunc(square))
		}
		near(t, name, mustEvaluate(t, f, c.inputs...), mustEvaluate(t, want, c.inputs...), 0)
	}
}

// TestProbabilitiesAndPurity compares with the density matrix of the qubits: its diagonal, and the trace of
// its square. The subsets are reversed, apart, smaller and larger than their rest.
func TestProbabilitiesAndPurity(t *testing.T) {
	psi := random(3, 2, 2, 16, 2)
	for _, qubits := range [][]int{{2}, {3, 0}, {1, 3, 0}, {0, 1, 2, 3}, {3, 2, 1, 0}} {
		var diagonal, square []float64
		for _, state := range states(psi) {
			rho := density(state, qubits...)
			sum := 0.
			for a, row := range rho {
				diagonal = append(diagonal, real(row[a]))
				for _, v := range row {
					sum += real(v)*real(v) + imag(v)*imag(v)
				}
			}
			square = append(square, sum)
		}
		probabilities, purity := measured(qops.Probabilities(qubits...)), measured(qops.Purity(qubits...))
		near(t, "probabilities", mustEvaluate(t, probabilities, psi), diagonal, 1e-11)
		near(t, "purity", mustEvaluate(t, purity, psi), square, 1e-10)
		for name, f := range map[string]function{"probabilities": probabilities, "purity": purity} {
			if err := gradcheck.Check(gradcheck.Config{}, f, psi); err != nil {
				t.Errorf("%s of %v: %v", name, qubits, err)
			}
		}
	}
	_, shape, err := evaluate[float32](measured(qops.Probabilities(3, 0)), psi)
	if err != nil || !shape.Eq(tensor.Shape{2, 2, 4}) {
		t.Errorf("probabilities have shape %v, error %v, want (2, 2, 4)", shape, err)
	}
	all, named := measured(qops.Probabilities()), measured(qops.Probabilities(0, 1, 2, 3))
	near(t, "all probabilities", mustEvaluate(t, all, psi), mustEvaluate(t, named, psi), 0)
	bell := tensorOf([]float64{0.6, 0, 0, 0, 0, 0, 0, -0.8}, 1, 4, 2)
	near(t, "purity of one half of 0.6|00⟩ − 0.8i|11⟩", mustEvaluate(t, measured(qops.Purity(1)), bell),
		[]float64{0.6*0.6*0.6*0.6 + 0.8*0.8*0.8*0.8}, 1e-15)
}

// TestFidelity compares row by row, and with one target, with the inner product.
func TestFidelity(t *testing.T) {
	phi, psi, target := random(1, 2, 3, 8, 2), random(2, 2, 3, 8, 2), random(3, 8, 2)
	square := func(a, b []complex128) float64 {
		var z complex128
		for j := range a {
			z += cmplx.Conj(a[j]) * b[j]
		}
		return real(z)*real(z) + imag(z)*imag(z)
	}
	var rows, one []float64
	for r, a := range states(phi) {
		rows = append(rows, square(a, states(psi)[r]))
		one = append(one, square(a, states(target)[0]))
	}
	near(t, "row by row", mustEvaluate(t, fidelity, phi, psi), rows, 1e-11)
	near(t, "one target", mustEvaluate(t, fidelity, phi, target), one, 1e-11)
	near(t, "with heads", mustEvaluate(t, fidelity, tensorOf(phi.Float64s(), 2, 1, 3, 8, 2),
		tensorOf(psi.Float64s(), 2, 1, 3, 8, 2)), rows, 1e-11)
	for _, other := range []*tensor.Dense{psi, target} {
		if err := gradcheck.Check(gradcheck.Config{}, fidelity, phi, other); err != nil {
			t.Error(err)
		}
	}
}

// TestHamiltonian compares with Expectations of the same terms, and differentiates by the coefficients too.
func TestHamiltonian(t *testing.T) {
	psi, c := random(1, 2, 2, 8, 2), random(4, 3)
	weights := c.Float64s()
	fixed := expect(statevec.Observable{term(weights[0], "YIX"), term(weights[1], "ZZI"),
		term(weights[2], "XYZ")})
	f := hamiltonian("YIX", "ZZI", "XYZ")
	near(t, "energies", mustEvaluate(t, f, psi, c), mustEvaluate(t, fixed, psi), 1e-12)
	if err := gradcheck.Check(gradcheck.Config{}, f, psi, c); err != nil {
		t.Error(err)
	}
}

func TestMeasurementErrors(t *testing.T) {
	psi := random(1, 2, 4, 2)
	none := func(...*G.Node) (*G.Node, error) { return qops.Measure(nil, qops.Purity(0)) }
	for _, c := range []struct {
		name, want string
		make       function
		inputs     []*tensor.Dense
	}{
		{"range", "qops: Measure: Probabilities: statevec: qubit 2 out of range [0,2)",
			measured(qops.Probabilities(0, 2)), tensors(psi)},
		{"twice", "qubit 1 is given twice", measured(qops.Purity(1, 1)), tensors(psi)},
		{"none", "qops: Measure: Purity: statevec: want at least one qubit", measured(qops.Purity()),
			tensors(psi)},
		{"no letter", `Paulis: letters "": want some of X, Y, Z`, measured(qops.Paulis("")), tensors(psi)},
		{"letter", `Paulis: letters "ZW": want some of X, Y, Z`, measured(qops.Paulis("ZW")), tensors(psi)},
		{"letters twice", `Paulis: letters "ZXZ": Z is given twice`, measured(qops.Paulis("ZXZ")),
			tensors(psi)},
		{"qubit twice", "Paulis: qubit 0 is given twice", measured(qops.Paulis("Z", 0, 1, 0)), tensors(psi)},
		{"nothing", "a measurement without a name: want a function for states of float64, got nil",
			measured(qops.NewMeasurement("", nil, nil)), tensors(psi)},
		{"a panic", "Mine: the function of the measurement (func(int) (statevec.Measurement[float64], " +
			"error)) panics: the caller's",
			measured(qops.NewMeasurement("Mine", nil,
				func(int) (statevec.Measurement[float64], error) { panic("the caller's") })), tensors(psi)},
		{"a panic of a MeasureFunc", "MeasureFunc: the function (func(*gorgonia.Node) (*gorgonia.Node, " +
			"error)) panics",
			measured(qops.MeasureFunc(func(*G.Node) (*G.Node, error) { panic("the caller's") })),
			tensors(psi)},
		{"a panic of a run", "op: Measure: the measurement (qops_test.explosive) panics",
			measured(qops.NewMeasurement("Mine", nil,
				func(int) (statevec.Measurement[float64], error) { return explosive{}, nil })), tensors(psi)},
		{"qubit", "Paulis: qubit -1 out of range [0,2)", measured(qops.Paulis("Z", -1)), tensors(psi)},
		{"vector", "want states (…, 2^n, 2), got (2)", measured(qops.Paulis("Z")), tensors(random(1, 2))},
		{"nil", "want states (…, 2^n, 2), got none", none, nil},
		{"no states", "want states (…, 2^n, 2), got (2, 3, 2)", measured(qops.Probabilities()),
			tensors(random(1, 2, 3, 2))},
		{"no batch", "want a batch of states (B, …, 2^n, 2), got (4, 2)", hamiltonian("ZZ"),
			tensors(random(1, 4, 2), random(1, 1))},
		{"no batch of φ", "want a batch of states (B, …, 2^n, 2), got (4, 2)", fidelity,
			tensors(random(1, 4, 2), random(1, 4, 2))},
		{"other qubits", "want ψ of shape (2, 4, 2) or (4, 2), got (2, 8, 2)", fidelity,
			tensors(psi, random(1, 2, 8, 2))},
		{"coefficients", "want coefficients of shape (2), one for each Pauli string, got (3)",
			hamiltonian("ZZ", "XI"),
			tensors(psi, random(1, 3))},
		{"letters", "want a Pauli string of 2 letters I, X, Y, Z, got \"Z\"", hamiltonian("Z"),
			tensors(psi, random(1, 1))},
		{"no string", "want at least one Pauli string", hamiltonian(), tensors(psi, random(1, 1))},
	} {
		wantError(t, c.name, c.want, c.make, c.inputs...)
	}
}
