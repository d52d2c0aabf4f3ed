package tile

import "github.com/hqvit/hqvit/internal/dense"

// The kernels of arm64 are written on every machine, those of amd64 by the lines in vector_amd64.go.
//go:generate go -C ../../../../internal/asm run . tile neon

// kernels are the assembly for an element type. Each does, for one column of every block, width lanes of it,
// what the plain loops of this package do for whole blocks. Pointers are to that column of the first block;
// count is that of pairs, amplitudes or groups, at least one.
type kernels[T dense.Float] struct {
	width int

	rotate             func(re, im *T, pairs *int32, count int, u *T)
	rotateReal         func(x *T, pairs *int32, count int, u *T)
	rotateBackward     func(pr, pi, lr, li *T, pairs *int32, count int, u, m *T)
	rotateRealBackward func(psi, lam *T, pairs *int32, count int, u, m *T)

	phase         func(re, im *T, class *int32, count int, phases *T)
	phaseByLane   func(re, im *T, class *int32, count int, phases *T)
	signs         func(x *T, class *int32, count int, phases *T)
	phaseBackward func(pr, pi, lr, li *T, class *int32, count int, phases, sums *T)
	overlaps      func(pr, pi, lr, li *T, class *int32, count int, sums *T)
	fold          func(lo, hi *T, count int, difference *T)

	rotateFused         func(x *T, groups *int32, count, forms int, coefs *T)
	rotateFusedBackward func(psi, lam *T, groups *int32, count, forms int, coefs, m *T) // nil with AVX2, for
	fusedMoments        func(psi, lam *T, groups *int32, count int, m *T)               // which this is
	multiply            func(re, im *T, groups *int32, count, dim int, matrix, scratch *T)
	multiplyFour        func(re, im *T, groups *int32, count int, matrix *T)

	squares   func(psi *T, count int, out *T)
	weigh     func(w *T, count int, psi, out *T)
	butterfly func(x, y *T, count int)
	unfold    func(lo, hi *T, count int, difference *T)
	sumBlocks func(x *T, count int, sum *T)
	walsh     func(x *T, count int)
	pauli     func(psi *T, first, count, flip, sign int, permutation *int32, factors, sums *T)
	addPauli  func(psi *T, first, count, flip, sign int, permutation *int32, factors, to *T)
	inner     func(phi, psi *T, count int, sums *T)
	addScaled func(to, x *T, count int, factors *T)
	widen     func(x *T, count int, factor T, psi *T)
	narrow    func(psi *T, count int, out *T)

	moves bool // there are moveRows and movePairs: not with AVX2
}

// The kernels follow the instruction set that those of package dense chose, so that one setting governs both;
// nil means plain Go. Only tests change them.
var kernels32, kernels64 = kernelsFor(dense.CPU())

// active returns the kernels for an element type, nil if plain Go is to be used.
func active[T dense.Float]() *kernels[T] {
	if k, ok := any(kernels32).(*kernels[T]); ok {
		return k
	}
	return any(kernels64).(*kernels[T])
}
