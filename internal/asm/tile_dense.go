package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// multiply multiplies each group of dim amplitudes by a matrix. Its entries stand as blocks in the order of
// the loops below: for two rows at a time, for each column, the real and imaginary part of the entry of the
// first row, then of the second. scratch has two blocks for each member of a group.
func (a arch) multiply() {
	a.text("Multiply", "re, im *T, groups *int32, count, dim int, matrix, scratch *T", "")
	re, im, groups, count, dim := param("re"), param("im"), param("groups"), param("count"), param("dim")
	scratch := param("scratch")
	repeat(count, func() {
		n, at, members := GP64(), GP64(), GP64()
		MOVQ(dim, n)
		MOVQ(scratch, at)
		MOVQ(groups, members)
		repeat(n, func() {
			from := nextOffset(members, a.blockBytes())
			a.storeVec(a.loadAt(re, from), Mem{Base: at})
			a.storeVec(a.loadAt(im, from), Mem{Base: at, Disp: a.bytes})
			ADDQ(U32(uint32(2*a.bytes)), at)
		})
		rows, entry := GP64(), Load(Param("matrix"), GP64()).(reg.GPVirtual)
		MOVQ(dim, rows)
		SHRQ(Imm(1), rows)
		repeat(rows, func() { a.twoRows(re, im, groups, dim, scratch, entry) })
	})
	end()
}

// twoRows writes the products of two rows of a matrix with a group, and moves on in the groups and the
// matrix.
func (a arch) twoRows(re, im, groups, dim, scratch, entry reg.GPVirtual) {
	// A sum of the products with real parts of entries, and one of those with imaginary parts: the chains of
	// additions are shorter.
	var sums [2][4]reg.VecVirtual
	for r := range sums {
		for k := range sums[r] {
			sums[r][k] = a.zero()
		}
	}
	n, at := GP64(), GP64()
	MOVQ(dim, n)
	MOVQ(scratch, at)
	repeat(n, func() {
		x, y := a.loadVec(Mem{Base: at}), a.loadVec(Mem{Base: at, Disp: a.bytes})
		for r := range sums {
			c := a.loadVec(Mem{Base: entry, Disp: 2 * r * a.blockBytes()})
			s := a.loadVec(Mem{Base: entry, Disp: (2*r + 1) * a.blockBytes()})
			a.emit(opFMA, sums[r][0], x, c)
			a.emit(opFMA, sums[r][1], y, s)
			a.emit(opFMA, sums[r][2], y, c)
			a.emit(opFMA, sums[r][3], x, s)
		}
		ADDQ(U32(uint32(2*a.bytes)), at)
		ADDQ(U32(uint32(4*a.blockBytes())), entry)
	})
	for r := range sums {
		to := nextOffset(groups, a.blockBytes())
		a.emit(opSub, sums[r][0], sums[r][0], sums[r][1])
		a.emit(opAdd, sums[r][2], sums[r][2], sums[r][3])
		a.storeAt(sums[r][0], re, to)
		a.storeAt(sums[r][2], im, to)
	}
}

// multiplyFour is multiply for groups of four, which stay in registers.
func (a arch) multiplyFour() {
	a.text("MultiplyFour", "re, im *T, groups *int32, count int, matrix *T", "")
	re, im, groups, count, matrix := param("re"), param("im"), param("groups"), param("count"), param("matrix")
	repeat(count, func() {
		var x, y [4]reg.VecVirtual
		for i := range x {
			from := offsetOf(Mem{Base: groups, Disp: 4 * i}, a.blockBytes())
			x[i], y[i] = a.loadAt(re, from), a.loadAt(im, from)
		}
		for r := range x {
			sums := [4]reg.VecVirtual{a.vec(), a.vec(), a.vec(), a.vec()}
			for c := range x {
				at := 4*(r/2*4+c) + 2*(r%2)
				real := a.loadVec(Mem{Base: matrix, Disp: at * a.blockBytes()})
				imag := a.loadVec(Mem{Base: matrix, Disp: (at + 1) * a.blockBytes()})
				o := opFMA
				if c == 0 {
					o = opMul
				}
				a.emit(o, sums[0], x[c], real)
				a.emit(o, sums[1], y[c], imag)
				a.emit(o, sums[2], y[c], real)
				a.emit(o, sums[3], x[c], imag)
			}
			to := nextOffset(groups, a.blockBytes())
			a.emit(opSub, sums[0], sums[0], sums[1])
			a.emit(opAdd, sums[2], sums[2], sums[3])
			a.storeAt(sums[0], re, to)
			a.storeAt(sums[2], im, to)
		}
	})
	end()
}
