package tile

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

// BenchmarkTile runs the kernels of circuits on a tile, of 64 amplitudes, which the first cache holds, or
// 1024, which the second does.
func BenchmarkTile(b *testing.B) {
	benchTile[float32](b, 64)
	benchTile[float32](b, 1024)
	benchTile[float64](b, 64)
}

func benchTile[T dense.Float](b *testing.B, size int) {
	rng := rand.New(rand.NewPCG(1, 1))
	psi, lam := NewStates[T](size, false), NewStates[T](size, false)
	states := make([]T, 2*Lanes*size)
	var pairs, groups, class, amp, apart []int32
	for i := range int32(size) {
		class, amp, apart = append(class, i%8), append(amp, i), append(apart, Lanes*i)
		groups = append(groups, (i%8)*int32(size)/8+i/8)
		pairs = append(pairs, (i%2)*int32(size)/2+i/2)
	}
	for i := range states {
		states[i] = T(rng.NormFloat64())
	}
	for i := range psi.all {
		copy(psi.all[i][:], states[Lanes*i:])
		copy(lam.all[i][:], states[Lanes*i:])
	}
	cos, sin := T(math.Cos(0.5)), T(math.Sin(0.5))
	var u Matrix2[T] // keeps norms, as all below does, so that numbers stay in range
	st := &Fused[T]{forms: full<<4 | full<<2 | full}
	for l := range Lanes {
		u[0][l], u[2][l], u[4][l], u[6][l] = cos, -sin, sin, cos
		for j := range MaxFused {
			st.full[j] = [4]Block[T]{u[0], u[2], u[4], u[6]}
		}
	}
	shears := &Fused[T]{forms: tangent<<4 | tangent<<2 | tangent} // by 0: the work is the same
	phases, phasesOf := make([]T, 2*8), make([]T, 2*8*Lanes)
	for i := range 8 {
		phases[2*i] = 1
		for l := range Lanes {
			phasesOf[2*Lanes*i+l] = 1
		}
	}
	sums, zeros := make([]Block[T], 8), make([]Block[T], size)
	matrix := NewDense[T](4)
	for i := range 4 {
		matrix.Set(i, i, 1)
	}
	var rows, neighbours Position
	rows.Count, neighbours.Count = Lanes, Lanes
	for l := range Lanes {
		rows.Base[l], neighbours.Base[l] = l*size, l
	}
	byRows := NewLayout[T](amp, amp, false, size, nil)
	byNeighbours := NewLayout[T](apart, amp, false, size, nil)
	re, lamRe := psi.Re, lam.Re
	n, plane, state := Lanes*size, 2*Lanes*size, 4*Lanes*size
	moments, last := (*Moments[T])(sums[:4]), &sums[3]
	benchWork[T](b, fmt.Sprint("amplitudes=", size), []work{
		{"rotate", 14 * n, 2 * plane, plane, func() { psi.Rotate(pairs, &u) }},
		{"rotateReal", 3 * n, plane, n, func() { rotateReal(re, pairs, &u) }},
		{"rotateBackward", 40 * n, 2 * state, state, func() {
			RotateBackward(&psi, &lam, pairs, &u, moments)
		}},
		{"rotateRealBackward", 8 * n, state, plane, func() {
			rotateRealBackward(re, lamRe, pairs, &u, last)
		}},
		{"rotateFused/shears", 6 * n, plane, n, func() { rotateFused(re, groups, shears) }},
		{"rotateFused/full", 9 * n, plane, n, func() { rotateFused(re, groups, st) }},
		{"rotateFusedBackward/shears", 18 * n, state, plane, func() {
			rotateFusedBackward(re, lamRe, groups, shears)
		}},
		{"rotateFusedBackward/full", 24 * n, state, plane, func() {
			rotateFusedBackward(re, lamRe, groups, st)
		}},
		{"phaseByLane", 6 * n, state, plane, func() { psi.PhaseByLane(class, phasesOf) }},
		{"phase", 6 * n, state, plane, func() { psi.Phase(class, phases) }},
		{"signs", n, plane, n, func() { signs(re, class, phases) }},
		{"phaseBackward", 16 * n, 2 * state, state, func() {
			PhaseBackward(&psi, &lam, class, phases, sums)
		}},
		{"overlaps", 4 * n, state, state, func() { addOverlaps(&psi, &lam, class, sums) }},
		{"fold", 3 * n / 2, 3 * n / 2, n, func() { Fold(zeros, &sums[0]) }},
		{"multiply/2 qubits", 32 * n, state, plane, func() { psi.Multiply(pairs, matrix) }},
		{"load/rows", 0, state, state, func() { psi.Load(states, &byRows, &rows) }},
		{"store/rows", 0, state, state, func() { psi.Store(states, &byRows, &rows) }},
		{"load/neighbours", 0, state, state, func() { psi.Load(states, &byNeighbours, &neighbours) }},
		{"store/neighbours", 0, state, state, func() { psi.Store(states, &byNeighbours, &neighbours) }},
	})
}
