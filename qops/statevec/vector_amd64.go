package statevec

import "unsafe"

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
	avx512x32 = assembly{64, turn512_32, turnReal512_32, turnBack512_32, turnBackReal512_32, shift512_32, shiftReal512_32, overlaps512_32, true}
	avx512x64 = assembly{64, turn512_64, turnReal512_64, turnBack512_64, turnBackReal512_64, shift512_64, shiftReal512_64, overlaps512_64, true}
	avx2x32   = assembly{32, turn256_32, turnReal256_32, turnBack256_32, turnBackReal256_32, shift256_32, shiftReal256_32, overlaps256_32, false}
	avx2x64   = assembly{32, turn256_64, turnReal256_64, turnBack256_64, turnBackReal256_64, shift256_64, shiftReal256_64, overlaps256_64, false}
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
func shiftReal512_32(x, class unsafe.Pointer, count int, phases unsafe.Pointer)

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
func shiftReal512_64(x, class unsafe.Pointer, count int, phases unsafe.Pointer)

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
func shiftReal256_32(x, class unsafe.Pointer, count int, phases unsafe.Pointer)

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
func shiftReal256_64(x, class unsafe.Pointer, count int, phases unsafe.Pointer)

//go:noescape
func overlaps256_64(pr, pi, lr, li, class unsafe.Pointer, count int, sums unsafe.Pointer)

// transpose reads 64 bytes at each of the pointers rows and writes their transpose, 64 bytes at each of the pointers columns: as many of either as
// numbers of the given size fit into 64 bytes. It needs AVX-512. It is called directly so that the pointers stay on the stack.
func transpose(size uintptr, rows, columns *[lanes]unsafe.Pointer) {
	if size == 4 {
		transpose512_32(unsafe.Pointer(rows), unsafe.Pointer(columns))
	} else {
		transpose512_64(unsafe.Pointer(rows), unsafe.Pointer(columns))
	}
}

//go:noescape
func transpose512_32(rows, columns unsafe.Pointer)

//go:noescape
func transpose512_64(rows, columns unsafe.Pointer)
