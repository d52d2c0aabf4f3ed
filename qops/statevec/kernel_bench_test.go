package statevec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/hqvit/hqvit/internal/dense"
)

// work is what a benchmark runs and how much that is.
type work struct {
	name       string
	flops      int // operations that the result needs; 0: a move
	moved, set int // numbers read and written, and numbers that they are of
	run        func()
}

// benchWork reports rates and the share of the limit that binds, see dense.Roof.
func benchWork[T dense.Float](b *testing.B, suffix string, all []work) {
	size := int(unsafe.Sizeof(T(0)))
	for _, w := range all {
		b.Run(fmt.Sprintf("%T/%s/%s", T(0), w.name, suffix), func(b *testing.B) {
			for b.Loop() {
				w.run()
			}
			took := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
			if w.flops > 0 {
				b.ReportMetric(float64(w.flops)/took, "GFLOP/s")
			}
			b.ReportMetric(float64(w.moved*size)/took, "GB/s")
			b.ReportMetric(100*dense.Roof[T](w.flops, w.moved*size, w.set*size)/took, "%limit")
		})
	}
}

// BenchmarkTile runs the kernels of circuits on a tile, of 64 amplitudes, which the first cache holds, or 1024, which the second does.
func BenchmarkTile(b *testing.B) {
	benchTile[float32](b, 64)
	benchTile[float32](b, 1024)
	benchTile[float64](b, 64)
}

func benchTile[T dense.Float](b *testing.B, size int) {
	rng := rand.New(rand.NewPCG(1, 1))
	psi, lam := newPlanes[T](size, false), newPlanes[T](size, false)
	states := make([]T, 2*lanes*size)
	var pairs, groups, class, amp, apart []int32
	for i := range int32(size) {
		class, amp, apart = append(class, i%8), append(amp, i), append(apart, lanes*i)
		groups = append(groups, (i%8)*int32(size)/8+i/8)
		pairs = append(pairs, (i%2)*int32(size)/2+i/2)
	}
	for i := range states {
		states[i] = T(rng.NormFloat64())
	}
	for i := range psi.all {
		copy(psi.all[i][:], states[lanes*i:])
		copy(lam.all[i][:], states[lanes*i:])
	}
	cos, sin := T(math.Cos(0.5)), T(math.Sin(0.5))
	var turning matrix2[T] // keeps norms, as all below does, so that numbers stay in range
	st := &stages[T]{kinds: full<<4 | full<<2 | full}
	for l := range lanes {
		turning[0][l], turning[2][l], turning[4][l], turning[6][l] = cos, -sin, sin, cos
		for j := range bundleSteps {
			st.full[j] = [4]block[T]{turning[0], turning[2], turning[4], turning[6]}
		}
	}
	shears := &stages[T]{kinds: tangent<<4 | tangent<<2 | tangent} // by 0: the work is the same
	phases, phasesOf := make([]T, 2*8), make([]T, 2*8*lanes)
	for i := range 8 {
		phases[2*i] = 1
		for l := range lanes {
			phasesOf[2*lanes*i+l] = 1
		}
	}
	sums, scratch, zeros := make([]block[T], 8), make([]block[T], 8), make([]block[T], size)
	mr, mi := make([]T, 16), make([]T, 16)
	for i := range 4 {
		mr[5*i] = 1
	}
	var rows, neighbours tile
	rows.count, neighbours.count = lanes, lanes
	for l := range lanes {
		rows.base[l], neighbours.base[l] = l*size, l
	}
	byRows, byNeighbours := newLayout[T](amp, amp, false, size, nil), newLayout[T](apart, amp, false, size, nil)
	n, plane, state := lanes*size, 2*lanes*size, 4*lanes*size
	benchWork[T](b, fmt.Sprint("amplitudes=", size), []work{
		{"turn", 14 * n, 2 * plane, plane, func() { turn(psi.re, psi.im, pairs, &turning) }},
		{"turnReal", 3 * n, plane, n, func() { turnReal(psi.re, pairs, &turning) }},
		{"turnBack", 40 * n, 2 * state, state, func() { turnBack(psi.re, psi.im, lam.re, lam.im, pairs, &turning, (*moments[T])(sums[:4])) }},
		{"turnBackReal", 8 * n, state, plane, func() { turnBackReal(psi.re, lam.re, pairs, &turning, &sums[3]) }},
		{"rotate/shears", 6 * n, plane, n, func() { rotate(psi.re, groups, shears) }},
		{"rotate/full", 9 * n, plane, n, func() { rotate(psi.re, groups, st) }},
		{"rotateBack/shears", 18 * n, state, plane, func() { rotateBack(psi.re, lam.re, groups, shears) }},
		{"rotateBack/full", 24 * n, state, plane, func() { rotateBack(psi.re, lam.re, groups, st) }},
		{"shift", 6 * n, state, plane, func() { shift(psi.re, psi.im, class, phasesOf) }},
		{"shiftAll", 6 * n, state, plane, func() { shiftAll(psi.re, psi.im, class, phases) }},
		{"shiftReal", n, plane, n, func() { shiftReal(psi.re, class, phases) }},
		{"shiftBack", 16 * n, 2 * state, state, func() { shiftBack(&psi, &lam, class, phases, sums) }},
		{"overlaps", 4 * n, state, state, func() { overlaps(psi.re, psi.im, lam.re, lam.im, class, sums) }},
		{"fold", 3 * n / 2, 3 * n / 2, n, func() { fold(zeros, &sums[0]) }},
		{"multiply/2 qubits", 32 * n, state, plane, func() { multiply(psi.re, psi.im, pairs, 4, mr, mi, scratch) }},
		{"load/rows", 0, state, state, func() { psi.load(states, &byRows, &rows) }},
		{"store/rows", 0, state, state, func() { psi.store(states, &byRows, &rows) }},
		{"load/neighbours", 0, state, state, func() { psi.load(states, &byNeighbours, &neighbours) }},
		{"store/neighbours", 0, state, state, func() { psi.store(states, &byNeighbours, &neighbours) }},
	})
}

// BenchmarkReadout reads 64 states of 10 qubits, and takes the gradients.
func BenchmarkReadout(b *testing.B) {
	const qubits, rows, dim = 10, 64, 1 << 10
	rng := rand.New(rand.NewPCG(1, 1))
	normals := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
		return x
	}
	psi, dpsi := normals(2*rows*dim), normals(2*rows*dim)
	must := func(r Measurement[float32], err error) Measurement[float32] {
		if err != nil {
			b.Fatal(err)
		}
		return r
	}
	expectation := func(o ...Observable) Measurement[float32] { return must(NewExpectations[float32](qubits, o, 1)) }
	marginal := func(q ...int) Measurement[float32] { return must(NewProbabilities[float32](qubits, q, 1)) }
	purity := must(NewPurity[float32](qubits, []int{0, 1, 2, 3, 4}, 1))
	fixed := make([]complex128, dim)
	fixed[1] = 1
	fidelity := must(NewFidelities[float32](qubits, [][]complex128{fixed}, 1))
	var all []work
	add := func(name string, r Measurement[float32], forward, back int) { // operations by amplitude
		out, dout, n := make([]float32, rows*r.Outputs()), normals(rows*r.Outputs()), len(psi)
		all = append(all,
			work{name + "/forward", forward * rows * dim, n + len(out), n + len(out), func() { check(b, r.Apply(rows, psi, out)) }},
			work{name + "/gradient", back * rows * dim, 2*n + len(out), 2*n + len(out), func() { check(b, r.Adjoint(rows, psi, dout, dpsi)) }})
	}
	add("expectation of each Z", expectation(EachZ(qubits)...), 3+qubits, 2+qubits) // a Walsh transform is an addition an amplitude and qubit
	add("expectation of XX", expectation(Observable{{1, "XXIIIIIIII"}}), 4, 4)
	add("probabilities", marginal(), 3, 3)
	add("probabilities of 3 qubits", marginal(0, 4, 9), 4, 2)
	add("purity of 5 qubits", purity, 8*32, 16*32)
	add("fidelity", fidelity, 8, 8)

	norms := make([]float32, rows)
	n := len(psi)
	all = append(all,
		work{"squared norms/forward", 4 * rows * dim, n, n, func() { check(b, SquaredNorms(psi, norms)) }},
		work{"squared norms/gradient", 2 * rows * dim, 2 * n, 2 * n, func() { check(b, SquaredNormsAdjoint(psi, norms, dpsi)) }})

	const items, each = 4, 16
	o, err := NewOverlap[float32](items, each, each, qubits, 1)
	check(b, err)
	phi, dphi := normals(n), normals(n)
	z, out := make([]float32, 2*items*each*each), normals(items*each*each)
	dout := normals(len(out))
	all = append(all,
		work{"overlaps of 16 and 16/forward", 8 * items * each * each * dim, 2 * n, 3 * n, func() { check(b, o.Apply(phi, psi, z, out)) }},
		work{"overlaps of 16 and 16/gradient", 16 * items * each * each * dim, 4 * n, 5 * n, func() { check(b, o.Adjoint(phi, psi, z, dout, dphi, dpsi)) }})
	benchWork[float32](b, "qubits=10", all)
}

func check(b *testing.B, err error) {
	if err != nil {
		b.Fatal(err)
	}
}
