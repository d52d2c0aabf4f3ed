package qops_test

import (
	"math/bits"
	"math/cmplx"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/statevec"
)

func probabilities(qubits ...int) function {
	return func(in ...*G.Node) (*G.Node, error) { return qops.Probabilities(in[0], qubits...) }
}

func purity(qubits ...int) function {
	return func(in ...*G.Node) (*G.Node, error) { return qops.Purity(in[0], qubits...) }
}

func fidelity(in ...*G.Node) (*G.Node, error) { return qops.Fidelity(in[0], in[1]) }

func hamiltonian(paulis ...string) function {
	return func(in ...*G.Node) (*G.Node, error) { return qops.Hamiltonian(in[0], paulis, in[1]) }
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

// density returns the density matrix of some qubits by the definition of the partial trace: all others are summed over, pair of indices by pair.
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

// TestProbabilitiesAndPurity compares with the density matrix of the qubits: its diagonal, and the trace of its square. The subsets are reversed, apart,
// smaller and larger than their rest.
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
		near(t, "probabilities", mustEvaluate(t, probabilities(qubits...), psi), diagonal, 1e-11)
		near(t, "purity", mustEvaluate(t, purity(qubits...), psi), square, 1e-10)
		for name, f := range map[string]function{"probabilities": probabilities(qubits...), "purity": purity(qubits...)} {
			if err := gradcheck.Check(gradcheck.Config{}, f, psi); err != nil {
				t.Errorf("%s of %v: %v", name, qubits, err)
			}
		}
	}
	_, shape, err := evaluate[float32](probabilities(3, 0), psi)
	if err != nil || !shape.Eq(tensor.Shape{2, 2, 4}) {
		t.Errorf("probabilities have shape %v, error %v, want (2, 2, 4)", shape, err)
	}
	near(t, "all probabilities", mustEvaluate(t, probabilities(), psi), mustEvaluate(t, probabilities(0, 1, 2, 3), psi), 0)
	bell := tensorOf([]float64{0.6, 0, 0, 0, 0, 0, 0, -0.8}, 1, 4, 2)
	near(t, "purity of one half of 0.6|00⟩ − 0.8i|11⟩", mustEvaluate(t, purity(1), bell), []float64{0.6*0.6*0.6*0.6 + 0.8*0.8*0.8*0.8}, 1e-15)
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
	for _, other := range []*tensor.Dense{psi, target} {
		if err := gradcheck.Check(gradcheck.Config{}, fidelity, phi, other); err != nil {
			t.Error(err)
		}
	}
}

// TestHamiltonian compares with Expect of the same terms, and differentiates by the coefficients too.
func TestHamiltonian(t *testing.T) {
	psi, c := random(1, 2, 2, 8, 2), random(4, 3)
	weights := c.Float64s()
	fixed := expect(statevec.Observable{term(weights[0], "YIX"), term(weights[1], "ZZI"), term(weights[2], "XYZ")})
	f := hamiltonian("YIX", "ZZI", "XYZ")
	near(t, "energies", mustEvaluate(t, f, psi, c), mustEvaluate(t, fixed, psi), 1e-12)
	if err := gradcheck.Check(gradcheck.Config{}, f, psi, c); err != nil {
		t.Error(err)
	}
}

func TestMeasurementErrors(t *testing.T) {
	psi := random(1, 2, 4, 2)
	wantError(t, "range", "qops: Probabilities: statevec: qubit 2 out of range [0,2)", probabilities(0, 2), psi)
	wantError(t, "twice", "qubit 1 is given twice", purity(1, 1), psi)
	wantError(t, "none", "qops: Purity: statevec: want at least one qubit", purity(), psi)
	wantError(t, "no batch", "want a batch of states (B, …, 2^n, 2), got (4, 2)", purity(0), random(1, 4, 2))
	wantError(t, "no states", "want states (…, 2^n, 2), got (2, 3, 2)", probabilities(), random(1, 2, 3, 2))
	wantError(t, "other qubits", "want ψ of shape (2, 4, 2) or (4, 2), got (2, 8, 2)", fidelity, psi, random(1, 2, 8, 2))
	wantError(t, "coefficients", "want coefficients of shape (2), one a Pauli string, got (3)", hamiltonian("ZZ", "XI"), psi, random(1, 3))
	wantError(t, "letters", "want a Pauli string of 2 letters I, X, Y, Z, got \"Z\"", hamiltonian("Z"), psi, random(1, 1))
	wantError(t, "no string", "want at least one Pauli string", hamiltonian(), psi, random(1, 1))
}
