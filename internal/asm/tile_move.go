package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// States to tiles and back, with AVX-512. A line is 64 bytes of a state.

// loadRows and storeRows move squares: a line of each of 16 rows (float32) or 8 (float64) on the side of the
// states, as many half blocks or whole ones on the side of the tile. rows points to a pointer for each row,
// lines has the number of the line by square, columns that of the block by square and column.
func (a arch) loadRows() {
	a.text("LoadRows", "rows **T, lines, columns *int32, count int, blocks *T", "")
	rows, lines, columns := param("rows"), param("lines"), param("columns")
	count, blocks := param("count"), param("blocks")
	repeat(count, func() {
		line, square := nextOffset(lines, a.bytes), make([]reg.VecVirtual, a.lanes())
		for i := range square {
			square[i] = a.loadVec(indexed(pointerAt(rows, i), line))
		}
		for i, v := range a.transpose(square) {
			a.storeVec(v, a.column(blocks, columns, i))
		}
		ADDQ(Imm(uint64(4*a.lanes())), columns)
	})
	end()
}

// storeRows writes row 0 last: it also stands for rows that are missing.
func (a arch) storeRows() {
	a.text("StoreRows", "rows **T, lines, columns *int32, count int, blocks *T", "")
	rows, lines, columns := param("rows"), param("lines"), param("columns")
	count, blocks := param("count"), param("blocks")
	repeat(count, func() {
		line, square := nextOffset(lines, a.bytes), make([]reg.VecVirtual, a.lanes())
		for i := range square {
			square[i] = a.loadVec(a.column(blocks, columns, i))
		}
		square = a.transpose(square)
		for i := len(square) - 1; i >= 0; i-- {
			a.storeVec(square[i], indexed(pointerAt(rows, i), line))
		}
		ADDQ(Imm(uint64(4*a.lanes())), columns)
	})
	end()
}

// pointerAt loads a pointer from an array.
func pointerAt(array reg.GPVirtual, i int) reg.GPVirtual {
	p := GP64()
	MOVQ(Mem{Base: array, Disp: 8 * i}, p)
	return p
}

// column is the i-th block that columns lists.
func (a arch) column(blocks, columns reg.GPVirtual, i int) Mem {
	return indexed(blocks, offsetOf(Mem{Base: columns, Disp: 4 * i}, a.blockBytes()))
}

// transpose returns the columns of a square matrix of whole vectors.
func (a arch) transpose(rows []reg.VecVirtual) []reg.VecVirtual {
	out := make([]reg.VecVirtual, len(rows))
	if a.size == 8 { // pairs of rows to pairs of columns in each quarter, then the quarters
		var even, odd []reg.VecVirtual
		for i := 0; i < len(rows); i += 2 {
			even = append(even, a.combine(VUNPCKLPD, rows[i], rows[i+1]))
			odd = append(odd, a.combine(VUNPCKHPD, rows[i], rows[i+1]))
		}
		for k, v := range a.transposeQuarters(even) {
			out[2*k] = v
		}
		for k, v := range a.transposeQuarters(odd) {
			out[2*k+1] = v
		}
		return out
	}
	var quads [][]reg.VecVirtual // by four rows: their columns 4k+c, quarter k of vector c
	for i := 0; i < len(rows); i += 4 {
		quads = append(quads, a.transposeFours(rows[i:i+4]))
	}
	for c := range 4 {
		x := []reg.VecVirtual{quads[0][c], quads[1][c], quads[2][c], quads[3][c]}
		for k, v := range a.transposeQuarters(x) {
			out[4*k+c] = v
		}
	}
	return out
}

// combine returns a new register with the result of an instruction on x and y.
func (a arch) combine(instruction func(...Op), x, y reg.VecVirtual) reg.VecVirtual {
	v := a.vec()
	instruction(y, x, v)
	return v
}

// transposeFours transposes the 4×4 matrices of float32 in the quarters of four vectors.
func (a arch) transposeFours(x []reg.VecVirtual) []reg.VecVirtual {
	low, high := a.combine(VUNPCKLPS, x[0], x[1]), a.combine(VUNPCKHPS, x[0], x[1])
	low2, high2 := a.combine(VUNPCKLPS, x[2], x[3]), a.combine(VUNPCKHPS, x[2], x[3])
	return []reg.VecVirtual{
		a.combine(VUNPCKLPD, low, low2), a.combine(VUNPCKHPD, low, low2),
		a.combine(VUNPCKLPD, high, high2), a.combine(VUNPCKHPD, high, high2),
	}
}

// transposeQuarters transposes the 4×4 matrix of the quarters of four vectors.
func (a arch) transposeQuarters(x []reg.VecVirtual) []reg.VecVirtual {
	quarters := func(which uint64, x, y reg.VecVirtual) reg.VecVirtual {
		return a.combine(func(o ...Op) { VSHUFF64X2(append([]Op{Imm(which)}, o...)...) }, x, y)
	}
	const even, odd = 0x88, 0xdd
	x0, x1 := quarters(even, x[0], x[1]), quarters(odd, x[0], x[1])
	y0, y1 := quarters(even, x[2], x[3]), quarters(odd, x[2], x[3])
	return []reg.VecVirtual{
		quarters(even, x0, y0), quarters(even, x1, y1), quarters(odd, x0, y0), quarters(odd, x1, y1),
	}
}

// loadPairs and storePairs move amplitudes whose lanes are neighbours in the state, real and imaginary parts
// in pairs: two lines (float32) or four (float64) for 16 lanes. lines points to a pointer for each line of
// amplitude 0, amp has the amplitudes, place their blocks.
func (a arch) loadPairs() {
	a.text("LoadPairs", "lines **T, amp, place *int32, count int, re, im *T", "")
	even := a.permutation("even", func(i int) int { return 2 * i })
	odd := a.permutation("odd", func(i int) int { return 2*i + 1 })
	a.pairs(even, odd, func(line0, line1, re, im Mem, even, odd reg.VecVirtual) {
		x, y := a.loadVec(line0), a.loadVec(line1)
		z := a.copy(x)
		a.pick(VPERMT2PS, VPERMT2PD)(y, even, x)
		a.pick(VPERMT2PS, VPERMT2PD)(y, odd, z)
		a.storeVec(x, re)
		a.storeVec(z, im)
	})
}

func (a arch) storePairs() {
	a.text("StorePairs", "lines **T, amp, place *int32, count int, re, im *T", "")
	n := a.lanes()
	low := a.permutation("low", func(i int) int { return i/2 + i%2*n })
	high := a.permutation("high", func(i int) int { return n/2 + i/2 + i%2*n })
	a.pairs(low, high, func(line0, line1, re, im Mem, low, high reg.VecVirtual) {
		x, y := a.loadVec(re), a.loadVec(im)
		z := a.copy(x)
		a.pick(VPERMT2PS, VPERMT2PD)(y, low, x)
		a.pick(VPERMT2PS, VPERMT2PD)(y, high, z)
		a.storeVec(x, line0)
		a.storeVec(z, line1)
	})
}

// pairs calls move for two lines at a time, with the column of the blocks that belongs to them and two
// permutations.
func (a arch) pairs(first, second Mem, move func(line0, line1, re, im Mem, first, second reg.VecVirtual)) {
	lines, amp, place := param("lines"), param("amp"), param("place")
	count, re, im := param("count"), param("re"), param("im")
	p, q := a.loadVec(first), a.loadVec(second)
	var from []reg.GPVirtual
	for i := range 2 * a.blockBytes() / a.bytes {
		from = append(from, pointerAt(lines, i))
	}
	repeat(count, func() {
		state, block := nextOffset(amp, 2*a.size), nextOffset(place, a.blockBytes())
		for i := 0; i < len(from); i += 2 {
			disp := i / 2 * a.bytes
			move(indexed(from[i], state), indexed(from[i+1], state),
				indexed(re, block).Offset(disp), indexed(im, block).Offset(disp), p, q)
		}
	})
	end()
}

// permutation puts the indices of a permutation of two vectors into the data section.
func (a arch) permutation(name string, index func(i int) int) Mem {
	m := GLOBL(fmt.Sprintf("%s%d", name, 8*a.size), 8|16 /* RODATA|NOPTR */)
	for i := range a.lanes() {
		if a.size == 4 {
			DATA(4*i, U32(index(i)))
		} else {
			DATA(8*i, U64(index(i)))
		}
	}
	return m
}
