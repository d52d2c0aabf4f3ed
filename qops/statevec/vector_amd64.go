package statevec

import (
	"unsafe"
)

//go:generate go run -C asm . -out ../bundle_amd64.s -stubs ../bundle_amd64.go -pkg statevec

// routines returns the assembly kernels of a named instruction set for float32 and float64, nil if there are none.
func routines(cpu string) (*assembly, *assembly) {
	switch cpu {
	case "avx512":
		return &avx512x32, &avx512x64
	case "avx2":
		return &avx2x32, &avx2x64
	}
	return nil, nil
}

var (
	avx512x32 = assembly{64, turn512_32, turnReal512_32, turnBack512_32, turnBackReal512_32,
		shift512_32, shiftAll512_32, shiftReal512_32, shiftBack512_32, overlaps512_32, fold512_32, rotate512_32, rotateBack512_32, nil, true}
	avx512x64 = assembly{64, turn512_64, turnReal512_64, turnBack512_64, turnBackReal512_64,
		shift512_64, shiftAll512_64, shiftReal512_64, shiftBack512_64, overlaps512_64, fold512_64, rotate512_64, rotateBack512_64, nil, true}
	avx2x32 = assembly{32, turn256_32, turnReal256_32, turnBack256_32, turnBackReal256_32,
		shift256_32, shiftAll256_32, shiftReal256_32, shiftBack256_32, overlaps256_32, fold256_32, rotate256_32, nil, moments256_32, false}
	avx2x64 = assembly{32, turn256_64, turnReal256_64, turnBack256_64, turnBackReal256_64,
		shift256_64, shiftAll256_64, shiftReal256_64, shiftBack256_64, overlaps256_64, fold256_64, rotate256_64, nil, moments256_64, false}
)

//go:noescape
func turn512_32(re, im, pairs unsafe.Pointer, count int, u unsafe.Pointer)

//go:noescape
func turnReal512_32(x, pairs unsafe.Pointer, count int, u unsafe.Pointer)

//go:noescape
func turnBack512_32(pr, pi, lr, li, pairs unsafe.Pointer, count int, u, m unsafe.Pointer)

//go:noescape
func turnBackReal512_32(p, q, pairs unsafe.Pointer, count int, u, m unsafe.Pointer)

//go:noescape
func shift512_32(re, im, class unsafe.Pointer, count int, phases unsafe.Pointer)

//go:noescape
func shiftAll512_32(re, im, class unsafe.Pointer, count int, phases unsafe.Pointer)

//go:noescape
func shiftReal512_32(x, class unsafe.Pointer, count int, phases unsafe.Pointer)

//go:noescape
func shiftBack512_32(pr, pi, lr, li, class unsafe.Pointer, count int, phases, sums unsafe.Pointer)

//go:noescape
func fold512_32(lo, hi unsafe.Pointer, count int, difference unsafe.Pointer)

//go:noescape
func overlaps512_32(pr, pi, lr, li, class unsafe.Pointer, count int, sums unsafe.Pointer)

//go:noescape
func turn512_64(re, im, pairs unsafe.Pointer, count int, u unsafe.Pointer)

//go:noescape
func turnReal512_64(x, pairs unsafe.Pointer, count int, u unsafe.Pointer)

//go:noescape
func turnBack512_64(pr, pi, lr, li, pairs unsafe.Pointer, count int, u, m unsafe.Pointer)

//go:noescape
func turnBackReal512_64(p, q, pairs unsafe.Pointer, count int, u, m unsafe.Pointer)

//go:noescape
func shift512_64(re, im, class unsafe.Pointer, count int, phases unsafe.Pointer)

//go:noescape
func shiftAll512_64(re, im, class unsafe.Pointer, count int, phases unsafe.Pointer)

//go:noescape
func shiftReal512_64(x, class unsafe.Pointer, count int, phases unsafe.Pointer)

//go:noescape
func shiftBack512_64(pr, pi, lr, li, class unsafe.Pointer, count int, phases, sums unsafe.Pointer)

//go:noescape
func fold512_64(lo, hi unsafe.Pointer, count int, difference unsafe.Pointer)

//go:noescape
func overlaps512_64(pr, pi, lr, li, class unsafe.Pointer, count int, sums unsafe.Pointer)

//go:noescape
func turn256_32(re, im, pairs unsafe.Pointer, count int, u unsafe.Pointer)

//go:noescape
func turnReal256_32(x, pairs unsafe.Pointer, count int, u unsafe.Pointer)

//go:noescape
func turnBack256_32(pr, pi, lr, li, pairs unsafe.Pointer, count int, u, m unsafe.Pointer)

//go:noescape
func turnBackReal256_32(p, q, pairs unsafe.Pointer, count int, u, m unsafe.Pointer)

//go:noescape
func shift256_32(re, im, class unsafe.Pointer, count int, phases unsafe.Pointer)

//go:noescape
func shiftAll256_32(re, im, class unsafe.Pointer, count int, phases unsafe.Pointer)

//go:noescape
func shiftReal256_32(x, class unsafe.Pointer, count int, phases unsafe.Pointer)

//go:noescape
func shiftBack256_32(pr, pi, lr, li, class unsafe.Pointer, count int, phases, sums unsafe.Pointer)

//go:noescape
func fold256_32(lo, hi unsafe.Pointer, count int, difference unsafe.Pointer)

//go:noescape
func overlaps256_32(pr, pi, lr, li, class unsafe.Pointer, count int, sums unsafe.Pointer)

//go:noescape
func turn256_64(re, im, pairs unsafe.Pointer, count int, u unsafe.Pointer)

//go:noescape
func turnReal256_64(x, pairs unsafe.Pointer, count int, u unsafe.Pointer)

//go:noescape
func turnBack256_64(pr, pi, lr, li, pairs unsafe.Pointer, count int, u, m unsafe.Pointer)

//go:noescape
func turnBackReal256_64(p, q, pairs unsafe.Pointer, count int, u, m unsafe.Pointer)

//go:noescape
func shift256_64(re, im, class unsafe.Pointer, count int, phases unsafe.Pointer)

//go:noescape
func shiftAll256_64(re, im, class unsafe.Pointer, count int, phases unsafe.Pointer)

//go:noescape
func shiftReal256_64(x, class unsafe.Pointer, count int, phases unsafe.Pointer)

//go:noescape
func shiftBack256_64(pr, pi, lr, li, class unsafe.Pointer, count int, phases, sums unsafe.Pointer)

//go:noescape
func fold256_64(lo, hi unsafe.Pointer, count int, difference unsafe.Pointer)

//go:noescape
func overlaps256_64(pr, pi, lr, li, class unsafe.Pointer, count int, sums unsafe.Pointer)

// transpose reads (in) or writes a line of each of as many states as it has numbers, which begin at the pointers, to or from a tile. It needs AVX-512, as does unzip.
// They are called directly so that the pointers stay on the stack.
func transpose[T Float](in bool, rows *[lanes]unsafe.Pointer, lay *layout, blocks unsafe.Pointer) {
	r, lines, columns, n := unsafe.Pointer(rows), places(lay.lines), places(lay.columns), len(lay.lines)
	switch single := unsafe.Sizeof(T(0)) == 4; {
	case in && single:
		gather512_32(r, lines, columns, n, blocks)
	case in:
		gather512_64(r, lines, columns, n, blocks)
	case single:
		scatter512_32(r, lines, columns, n, blocks)
	default:
		scatter512_64(r, lines, columns, n, blocks)
	}
}

// unzip reads (in) or writes amplitudes whose lanes are neighbours, in lines that begin at the pointers for amplitude 0, to or from the blocks of their parts.
func unzip[T Float](in bool, lines *[lanes]unsafe.Pointer, lay *layout, re, im unsafe.Pointer) {
	from, amp, place, n := unsafe.Pointer(lines), places(lay.amp), places(lay.place), len(lay.amp)
	switch single := unsafe.Sizeof(T(0)) == 4; {
	case in && single:
		unzip512_32(from, amp, place, n, re, im)
	case in:
		unzip512_64(from, amp, place, n, re, im)
	case single:
		zip512_32(from, amp, place, n, re, im)
	default:
		zip512_64(from, amp, place, n, re, im)
	}
}

//go:noescape
func gather512_32(rows, lines, columns unsafe.Pointer, count int, blocks unsafe.Pointer)

//go:noescape
func scatter512_32(rows, lines, columns unsafe.Pointer, count int, blocks unsafe.Pointer)

//go:noescape
func gather512_64(rows, lines, columns unsafe.Pointer, count int, blocks unsafe.Pointer)

//go:noescape
func scatter512_64(rows, lines, columns unsafe.Pointer, count int, blocks unsafe.Pointer)

//go:noescape
func unzip512_32(lines, amp, place unsafe.Pointer, count int, re, im unsafe.Pointer)

//go:noescape
func zip512_32(lines, amp, place unsafe.Pointer, count int, re, im unsafe.Pointer)

//go:noescape
func unzip512_64(lines, amp, place unsafe.Pointer, count int, re, im unsafe.Pointer)

//go:noescape
func zip512_64(lines, amp, place unsafe.Pointer, count int, re, im unsafe.Pointer)
