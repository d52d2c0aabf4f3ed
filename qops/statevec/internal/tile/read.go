package tile

import (
	"unsafe"

	"github.com/hqvit/hqvit/internal/dense"
)

// Blocks returns numbers as blocks over the same memory, as many as are whole.
func Blocks[T dense.Float](x []T) []Block[T] {
	return unsafe.Slice((*Block[T])(unsafe.Pointer(unsafe.SliceData(x))), len(x)/Lanes)
}

// Squares sets out to the squared norms of amplitudes, two numbers each of psi.
func Squares[T dense.Float](psi []T, out []Block[T]) {
	if v := active[T](); v != nil && len(out) > 0 {
		psi = psi[:2*Lanes*len(out)]
		v.squares(&psi[0], len(out)*(Lanes/v.width), &out[0][0])
		return
	}
	for k := range out {
		x := (*[2 * Lanes]T)(psi[2*Lanes*k:])
		for l := range Lanes {
			out[k][l] = x[2*l]*x[2*l] + x[2*l+1]*x[2*l+1]
		}
	}
}

// Weigh sets out to the amplitudes of psi times a number each.
func Weigh[T dense.Float](w []Block[T], psi, out []T) {
	if v := active[T](); v != nil && len(w) > 0 {
		psi, out = psi[:2*Lanes*len(w)], out[:2*Lanes*len(w)]
		v.weigh(&w[0][0], len(w)*(Lanes/v.width), &psi[0], &out[0])
		return
	}
	for k := range w {
		x, y := (*[2 * Lanes]T)(psi[2*Lanes*k:]), (*[2 * Lanes]T)(out[2*Lanes*k:])
		for l, v := range w[k] {
			y[2*l], y[2*l+1] = v*x[2*l], v*x[2*l+1]
		}
	}
}

// Butterfly replaces the first half of the blocks, x, and the second, y, by x + y and x − y.
func Butterfly[T dense.Float](blocks []Block[T]) {
	x, y := blocks[:len(blocks)/2], blocks[len(blocks)/2:]
	if v := active[T](); v != nil {
		for c := 0; c < Lanes; c += v.width {
			v.butterfly(&x[0][c], &y[0][c], len(x))
		}
		return
	}
	for k := range x {
		for l, b := range y[k] {
			x[k][l], y[k][l] = x[k][l]+b, x[k][l]-b
		}
	}
}

// Fold adds the second half of the blocks to the first, and the sum of second minus first to the difference.
func Fold[T dense.Float](blocks []Block[T], difference *Block[T]) {
	lo, hi := blocks[:len(blocks)/2], blocks[len(blocks)/2:]
	if v := active[T](); v != nil {
		for c := 0; c < Lanes; c += v.width {
			v.fold(&lo[0][c], &hi[0][c], len(lo), &difference[c])
		}
		return
	}
	for k := range lo {
		for l, b := range hi[k] {
			difference[l] += b - lo[k][l]
			lo[k][l] += b
		}
	}
}

// Unfold is the adjoint of Fold: it sets the second half of the blocks to the first plus the difference, and
// takes the difference from the first.
func Unfold[T dense.Float](blocks []Block[T], difference *Block[T]) {
	lo, hi := blocks[:len(blocks)/2], blocks[len(blocks)/2:]
	if v := active[T](); v != nil {
		for c := 0; c < Lanes; c += v.width {
			v.unfold(&lo[0][c], &hi[0][c], len(lo), &difference[c])
		}
		return
	}
	for k := range lo {
		for l, b := range lo[k] {
			hi[k][l], lo[k][l] = b+difference[l], b-difference[l]
		}
	}
}

// SumBlocks adds blocks to the block sum.
func SumBlocks[T dense.Float](blocks []Block[T], sum *Block[T]) {
	if v := active[T](); v != nil && len(blocks) > 0 {
		for c := 0; c < Lanes; c += v.width {
			v.sumBlocks(&blocks[0][c], len(blocks), &sum[c])
		}
		return
	}
	for k := range blocks {
		for l, b := range blocks[k] {
			sum[l] += b
		}
	}
}

// Walsh replaces each block b by its Walsh–Hadamard transform, Σⱼ (−1)^|j&k|·bⱼ.
func Walsh[T dense.Float](blocks []Block[T]) {
	if v := active[T](); v != nil && len(blocks) > 0 {
		v.walsh(&blocks[0][0], len(blocks))
		return
	}
	for i := range blocks {
		b := &blocks[i]
		for bit := 1; bit < Lanes; bit <<= 1 {
			for l := range b {
				if l&bit == 0 {
					b[l], b[l|bit] = b[l]+b[l|bit], b[l]-b[l|bit]
				}
			}
		}
	}
}
