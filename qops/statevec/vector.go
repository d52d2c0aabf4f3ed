package statevec

import (
	"unsafe"

	"github.com/hqvit/hqvit/internal/dense"
)

// assembly holds kernels that do for one column of every block, width bytes wide, what the functions of kernel.go do for whole blocks.
// Pointers are to the first block's column; count is that of pairs or amplitudes, at least one.
type assembly struct {
	width int

	turn         func(re, im, pairs unsafe.Pointer, count int, u unsafe.Pointer)
	turnReal     func(x, pairs unsafe.Pointer, count int, u unsafe.Pointer)
	turnBack     func(pr, pi, lr, li, pairs unsafe.Pointer, count int, u, m unsafe.Pointer)
	turnBackReal func(p, q, pairs unsafe.Pointer, count int, u, m unsafe.Pointer)
	shift        func(re, im, class unsafe.Pointer, count int, phases unsafe.Pointer)
	shiftAll     func(re, im, class unsafe.Pointer, count int, phases unsafe.Pointer)
	shiftReal    func(x, class unsafe.Pointer, count int, phases unsafe.Pointer)
	shiftBack    func(pr, pi, lr, li, class unsafe.Pointer, count int, phases, sums unsafe.Pointer)
	overlaps     func(pr, pi, lr, li, class unsafe.Pointer, count int, sums unsafe.Pointer)
	fold         func(lo, hi unsafe.Pointer, count int, difference unsafe.Pointer)

	rotate     func(x, groups *byte, count, kinds int, coefs *byte)
	rotateBack func(p, q, groups *byte, count, kinds int, coefs, m *byte) // nil with AVX2, which has
	moments    func(p, q, groups *byte, count int, m *byte)               // instead

	moves bool // there are transpose and unzip: with AVX-512
}

// The kernels follow the instruction set that the dense ones chose, so that one setting governs both. Only tests change them.
var vector32, vector64 = routines(dense.CPU())

// vector returns the kernels for an element type, nil if plain Go is to be used.
func vector[T Float]() *assembly {
	if unsafe.Sizeof(T(0)) == 4 {
		return vector32
	}
	return vector64
}

// columns iterates over the byte offsets of the columns of a block.
func columns[T Float](width int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for c := 0; c < int(unsafe.Sizeof(block[T]{})); c += width {
			if !yield(c) {
				return
			}
		}
	}
}

// column returns a pointer to the column at a byte offset of the first block.
func column[T Float](x []block[T], offset int) unsafe.Pointer {
	return unsafe.Add(unsafe.Pointer(unsafe.SliceData(x)), offset)
}

func places(table []int32) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(table)) }
