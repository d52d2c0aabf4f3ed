package statevec_test

import (
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/qops/statevec"
)

// measurementCase is a measurement and what it gives by its definition.
type measurementCase[T dense.Float] struct {
	read statevec.Measurement[T]
	want func(psi []complex128) []float64
}

// allMeasurements has every Measurement on n qubits.
func allMeasurements[T dense.Float](t *testing.T, n int) map[string]measurementCase[T] {
	t.Helper()
	out := map[string]measurementCase[T]{}
	word := func(letters string) string { return letters + strings.Repeat("I", n-len(letters)-1) + "Z" }
	observables := append(eachZ(n),
		statevec.Observable{{Coefficient: 0.5, Pauli: word("XY")}, {Coefficient: -1.5, Pauli: word("ZI")}},
		nil)
	e, err := statevec.NewExpectations[T](n, observables, 2)
	must(t, err)
	out["expectation"] = measurementCase[T]{e, func(psi []complex128) (all []float64) {
		for _, o := range observables {
			sum := 0.0
			for _, term := range o {
				for i, v := range plain(t, pauliCircuit(term.Pauli), nil, nil, psi) {
					sum += term.Coefficient * real(cmplx.Conj(psi[i])*v)
				}
			}
			all = append(all, sum)
		}
		return all
	}}
	for _, qubits := range [][]int{nil, {n - 1}, {2, 0}, {0, 1, 2}} {
		m, err := statevec.NewProbabilities[T](n, qubits, 2)
		must(t, err)
		out[fmt.Sprint("probabilities ", qubits)] = measurementCase[T]{
			m,
			func(psi []complex128) []float64 { return probabilities(psi, n, qubits) },
		}
	}
	for _, qubits := range [][]int{{1}, {2, 0}, {n - 1, 0, 1}} {
		p, err := statevec.NewPurity[T](n, qubits, 2)
		must(t, err)
		out[fmt.Sprint("purity ", qubits)] = measurementCase[T]{
			p,
			func(psi []complex128) []float64 { return []float64{purity(psi, n, qubits)} },
		}
	}
	targets := [][]complex128{
		toComplex(normals(rand.New(rand.NewPCG(3, 9)), 2<<n), false),
		toComplex(normals(rand.New(rand.NewPCG(4, 9)), 2<<n), false),
	}
	f, err := statevec.NewFidelities[T](n, targets, 2)
	must(t, err)
	out["fidelity"] = measurementCase[T]{f, func(psi []complex128) (all []float64) {
		for _, phi := range targets {
			all = append(all, squared(phi, psi)/math.Sqrt(squared(phi, phi)))
		}
		return all
	}}
	return out
}

// squared returns |⟨φ|ψ⟩|².
func squared(phi, psi []complex128) float64 {
	var z complex128
	for i, v := range phi {
		z += cmplx.Conj(v) * psi[i]
	}
	return real(z)*real(z) + imag(z)*imag(z)
}

// value returns what some qubits of n are in an index, the first the most significant.
func value(index, n int, qubits []int) (v int) {
	for _, q := range qubits {
		v = 2*v + index>>(n-1-q)&1
	}
	return v
}

func probabilities(psi []complex128, n int, qubits []int) []float64 {
	if qubits == nil {
		qubits = []int{0, 1, 2, 3, 4}[:n]
	}
	out := make([]float64, 1<<len(qubits))
	for i, v := range psi {
		out[value(i, n, qubits)] += real(v)*real(v) + imag(v)*imag(v)
	}
	return out
}

// purity sums |ρ_ab|² with ρ_ab = Σ ψ_i ψ̄_j over the pairs of indices that are a and b on the qubits, and
// agree on the others.
func purity(psi []complex128, n int, qubits []int) (sum float64) {
	var rest []int
	for q := range n {
		if !slices.Contains(qubits, q) {
			rest = append(rest, q)
		}
	}
	d := 1 << len(qubits)
	rho := make([]complex128, d*d)
	for i := range psi {
		for j := range psi {
			if value(i, n, rest) == value(j, n, rest) {
				rho[value(i, n, qubits)*d+value(j, n, qubits)] += psi[i] * cmplx.Conj(psi[j])
			}
		}
	}
	for _, v := range rho {
		sum += real(v)*real(v) + imag(v)*imag(v)
	}
	return sum
}

func TestMeasurements(t *testing.T) {
	for _, n := range []int{4, 5} {
		const rows = 3
		psi := normals(rand.New(rand.NewPCG(8, 1)), rows*2<<n)
		for i := range psi {
			psi[i] /= math.Sqrt(float64(int(2) << n))
		}
		narrow := allMeasurements[float32](t, n)
		for name, r := range allMeasurements[float64](t, n) {
			t.Run(fmt.Sprint(n, name), func(t *testing.T) {
				k := r.read.Outputs()
				var want []float64
				for row := range rows {
					want = append(want, r.want(toComplex(psi[row*2<<n:][:2<<n], false))...)
				}
				got, dout := make([]float64, rows*k), normals(rand.New(rand.NewPCG(2, 1)), rows*k)
				must(t, r.read.Apply(rows, psi, got))
				near(t, "values", got, want, 1e-13)

				dpsi, again := make([]float64, len(psi)), make([]float64, rows*k)
				must(t, r.read.Adjoint(rows, psi, dout, dpsi))
				near(t, "dpsi", dpsi, slopes(psi, func() float64 {
					must(t, r.read.Apply(rows, psi, again))
					return dot(again, dout)
				}), 1e-8)

				low, slope := make([]float32, rows*k), make([]float32, len(psi))
				must(t, narrow[name].read.Apply(rows, as[float32](psi), low))
				must(t, narrow[name].read.Adjoint(rows, as[float32](psi), as[float32](dout), slope))
				near(t, "float32", low, want, 1e-5)
				near(t, "dpsi in float32", slope, dpsi, 1e-5)

				for i, err := range []error{
					r.read.Apply(rows, psi[1:], got), r.read.Apply(rows, psi, got[1:]),
					r.read.Adjoint(rows, psi, dout[1:], dpsi), r.read.Adjoint(rows, psi, dout, dpsi[1:]),
				} {
					if err == nil {
						t.Errorf("wrong length %d: no error", i)
					}
				}
			})
		}
	}
}

// TestExpectationInBlocks has more amplitudes than a block, and strings of Z on both sides of its border.
func TestExpectationInBlocks(t *testing.T) {
	const n = 13
	observables := eachZ(n)
	for _, word := range []string{"ZIIIIIIIIIIIZ", "ZZZZZZZZZZZZZ", "IIIIIIIIIIIII", "IZIIIXIIIIIIY"} {
		observables = append(observables,
			statevec.Observable{{Coefficient: 0.7, Pauli: word}, {Coefficient: -1, Pauli: "IIZIIIIIIIIII"}})
	}
	e, err := statevec.NewExpectations[float64](n, observables, 1)
	must(t, err)
	psi := normals(rand.New(rand.NewPCG(3, 1)), 2<<n)
	for i := range psi {
		psi[i] /= 128
	}
	got, want := make([]float64, len(observables)), make([]float64, len(observables))
	must(t, e.Apply(1, psi, got))
	dout, dpsi, slope := normals(rand.New(rand.NewPCG(4, 1)), len(got)), make([]float64, len(psi)), make(
		[]float64, len(psi))
	must(t, e.Adjoint(1, psi, dout, dpsi))
	for k, o := range observables {
		for _, term := range o {
			image := fromComplex(plain(t, pauliCircuit(term.Pauli), nil, nil, toComplex(psi, false)), false)
			want[k] += term.Coefficient * dot(psi, image)
			for i, v := range image { // of ⟨ψ|P|ψ⟩ it is 2Pψ
				slope[i] += 2 * dout[k] * term.Coefficient * v
			}
		}
	}
	near(t, "values", got, want, 1e-13)
	near(t, "dpsi", dpsi, slope, 1e-13)
}

// TestProbabilitiesOfManyAmplitudes: half a million equal probabilities, added in float32, would stop to grow
// at a part of their sum.
func TestProbabilitiesOfManyAmplitudes(t *testing.T) {
	const n = 20
	m, err := statevec.NewProbabilities[float32](n, []int{3}, 1)
	must(t, err)
	psi, p := make([]float32, 2<<n), make([]float32, 2)
	for i := range psi {
		psi[i] = float32(math.Sqrt(0.5)) / 1024
	}
	must(t, m.Apply(1, psi, p))
	near(t, "halves", p, []float64{0.5, 0.5}, 2e-7)
}

// TestFidelities of pairs and with one state for all, in value and gradients.
func TestFidelities(t *testing.T) {
	const n, rows = 3, 4
	for _, count := range []int{rows, 1} {
		phi, psi := normals(rand.New(rand.NewPCG(1, 1)), count*2<<n), normals(rand.New(rand.NewPCG(2, 1)),
			rows*2<<n)
		got, want, dout := make([]float64, rows), make([]float64, rows), normals(rand.New(rand.NewPCG(3, 1)),
			rows)
		for r := range want {
			want[r] = squared(part(toComplex(phi, false), r%count, 1<<n),
				part(toComplex(psi, false), r, 1<<n))
		}
		must(t, statevec.PairFidelities(phi, psi, got))
		near(t, "fidelities", got, want, 1e-12)
		dphi, dpsi := make([]float64, len(phi)), make([]float64, len(psi))
		must(t, statevec.PairFidelitiesAdjoint(phi, psi, dout, dphi, dpsi))
		loss := func() float64 {
			must(t, statevec.PairFidelities(phi, psi, got))
			return dot(got, dout)
		}
		near(t, "dphi", dphi, slopes(phi, loss), 1e-7)
		near(t, "dpsi", dpsi, slopes(psi, loss), 1e-7)
		must(t, statevec.PairFidelitiesAdjoint(phi, psi, dout, nil, nil))
	}
}

func TestMeasurementErrors(t *testing.T) {
	x := make([]float64, 16)
	checkFailures(t, []failure{
		{second(statevec.NewProbabilities[float64](3, []int{0, 3}, 1)),
			"statevec: qubit 3 out of range [0,3)"},
		{second(statevec.NewProbabilities[float64](3, []int{1, 0, 1}, 1)),
			"statevec: qubit 1 is given twice"},
		{second(statevec.NewPurity[float64](3, nil, 1)), "statevec: want at least one qubit"},
		{second(statevec.NewPurity[float64](3, []int{-1}, 1)), "statevec: qubit -1 out of range [0,3)"},
		{second(statevec.NewExpectations[float64](64, eachZ(2), 1)),
			"want 1 to 30 qubits, got 64"},
		{second(statevec.NewFidelities[float64](2, nil, 1)), "statevec: want at least one state"},
		{second(statevec.NewFidelities[float64](2, [][]complex128{{1, 0, 0, 0}, {1, 0, 0}}, 1)),
			"want states of 4 amplitudes and a finite norm above 0, state 1 has 3 and nor"},
		{second(statevec.NewFidelities[float64](2, [][]complex128{{0, 0, 0, 0}}, 1)),
			"state 0 has 4 and norm 0"},
		{second(statevec.NewFidelities[float64](2, [][]complex128{{0, cmplx.NaN(), 0, 0}}, 1)),
			"state 0 has 4 and norm NaN"},
		{statevec.PairFidelities(x[:7], x, x[:2]), "want phi of 16 numbers, or of one state of 8, got 7"},
		{statevec.PairFidelitiesAdjoint(x[:8], x, x[:2], x[:3], nil), "want dphi of 8 numbers, got 3"},
	})
}
