package statevec_test

import (
	"math/rand/v2"
	"testing"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/qops/statevec"
)

const (
	benchQubits = 10
	benchRows   = 64
	benchDim    = 1 << benchQubits
)

// BenchmarkMeasurement measures 64 states of 10 qubits, and takes the gradients.
func BenchmarkMeasurement(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	random := func(n int) []float32 { return as[float32](normals(rng, n)) }
	psi, dpsi := random(2*benchRows*benchDim), random(2*benchRows*benchDim)
	for _, m := range measurements(b) {
		n, k := len(psi), benchRows*m.read.Outputs()
		out, dout := make([]float32, k), random(k)
		benchRates(b, m.name+"/forward", m.forward*benchRows*benchDim, n+k, n+k, func() error {
			return m.read.Apply(benchRows, psi, out)
		})
		benchRates(b, m.name+"/gradient", m.gradient*benchRows*benchDim, 2*n+k, 2*n+k, func() error {
			return m.read.Adjoint(benchRows, psi, dout, dpsi)
		})
	}

	const items, each = 4, 16
	const flops, n = 8 * items * each * each * benchDim, 2 * benchRows * benchDim
	o, err := statevec.NewOverlap[float32](items, each, each, benchQubits, 1)
	check(b, err)
	phi, dphi := random(n), random(n)
	z, out, dout := make([]float32, 2*items*each*each), random(items*each*each), random(items*each*each)
	benchRates(b, "overlaps of 16 and 16/forward", flops, 2*n, 3*n,
		func() error { return o.Apply(phi, psi, z, out) })
	benchRates(b, "overlaps of 16 and 16/gradient", 2*flops, 4*n, 5*n, func() error {
		return o.Adjoint(phi, psi, z, dout, dphi, dpsi)
	})
}

// benchMeasurement is a measurement and how many operations it and its gradient need for an amplitude.
type benchMeasurement struct {
	name              string
	read              statevec.Measurement[float32]
	forward, gradient int
}

func measurements(b *testing.B) (all []benchMeasurement) {
	add := func(name string, forward, gradient int) func(m statevec.Measurement[float32], err error) {
		return func(m statevec.Measurement[float32], err error) {
			check(b, err)
			all = append(all, benchMeasurement{name, m, forward, gradient})
		}
	}
	expect := func(o ...statevec.Observable) (statevec.Measurement[float32], error) {
		return statevec.NewExpectations[float32](benchQubits, o, 1)
	}
	probabilities := func(qubits ...int) (statevec.Measurement[float32], error) {
		return statevec.NewProbabilities[float32](benchQubits, qubits, 1)
	}
	purity, err := statevec.NewPurity[float32](benchQubits, []int{0, 1, 2, 3, 4}, 1)
	check(b, err)
	fixed := make([]complex128, benchDim)
	fixed[1] = 1
	fidelities, err := statevec.NewFidelities[float32](benchQubits, [][]complex128{fixed}, 1)
	check(b, err)
	// A Walsh transform is an addition an amplitude and qubit.
	add("expectation of each Z", 3+benchQubits, 2+benchQubits)(expect(eachZ(benchQubits)...))
	add("expectation of XX", 4, 4)(expect(statevec.Observable{{Coefficient: 1, Pauli: "XXIIIIIIII"}}))
	add("probabilities", 3, 3)(probabilities())
	add("probabilities of 3 qubits", 4, 2)(probabilities(0, 4, 9))
	add("purity of 5 qubits", 8*32, 16*32)(purity, nil)
	add("fidelity", 8, 8)(fidelities, nil)
	return all
}

// benchRates reports rates and the share of the limit that binds, see dense.Roof, for work of so many
// operations, of numbers read and written, and of numbers that those are of.
func benchRates(b *testing.B, name string, flops, moved, set int, run func() error) {
	b.Run("float32/"+name+"/qubits=10", func(b *testing.B) {
		for b.Loop() {
			check(b, run())
		}
		took := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
		b.ReportMetric(float64(flops)/took, "GFLOP/s")
		b.ReportMetric(4*float64(moved)/took, "GB/s")
		b.ReportMetric(100*dense.Roof[float32](flops, 4*moved, 4*set)/took, "%limit")
	})
}

func check(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
