package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func (a arch) shift() Op {
	if a.size == 4 {
		return Imm(2)
	}
	return Imm(3)
}

// pack copies rows of up to two vectors; lanes beyond the columns become zero.
func (a arch) pack() {
	a.text("Pack", "rows, cols int, src []T, ld int, dst []T, padded int", "")
	count, cols, src := param("rows"), param("cols"), pointer("src")
	ld, dst, padded := param("ld"), pointer("dst"), param("padded")
	SHLQ(a.shift(), ld)
	SHLQ(a.shift(), padded)
	for vectors := 1; vectors <= 2; vectors++ {
		wider := label("wider")
		if vectors == 1 {
			CMPQ(cols, U32(uint32(a.lanes())))
			JGT(LabelRef(wider))
		} else {
			SUBQ(U32(uint32(a.lanes())), cols)
		}
		last := a.first(cols)
		rows(count, ld, []reg.GPVirtual{src}, func() {
			for v := range vectors {
				s := step{arch: a, disp: v * a.bytes}
				if v == vectors-1 {
					s.tail = last
				}
				x := s.load(src)
				s.tail = nil
				s.store(x, dst)
			}
			ADDQ(padded, dst)
		})
		end()
		if vectors == 1 {
			Label(wider)
		}
	}
}

// packTransposed transposes whole blocks: as many rows as there are lanes by 16 bytes. Loading 16 bytes of a
// row at a time into the quarters of a register leaves little to shuffle.
func (a arch) packTransposed() {
	a.text("Transpose", "rows, cols int, src []T, ld int, dst []T, padded int", "")
	count, src, ld, dst, padded := param("rows"), pointer("src"), param("ld"), pointer("dst"), param("padded")
	SHLQ(a.shift(), ld)
	SHLQ(a.shift(), padded)
	from := newStrided(ld)
	lanes := a.lanes()
	again, left, to := label("rows"), GP64(), GP64()
	Label(again)
	Load(Param("cols"), left)
	from.start(src, lanes)
	MOVQ(dst, to)
	next := label("columns")
	Label(next)
	for _, column := range a.block(from) {
		a.pick(VMOVUPS, VMOVUPD)(column, Mem{Base: to})
		ADDQ(padded, to)
	}
	from.advance(Imm(16), lanes)
	SUBQ(U32(uint32(16/a.size)), left)
	JNE(LabelRef(next))
	MOVQ(ld, left)
	IMUL3Q(U32(uint32(lanes)), left, left)
	ADDQ(left, src)
	ADDQ(U32(uint32(a.bytes)), dst)
	SUBQ(U32(uint32(lanes)), count)
	JNE(LabelRef(again))
	end()
}

// block returns the columns of 16 bytes of as many rows as there are lanes.
func (a arch) block(from *strided) []reg.VecVirtual {
	per := 16 / a.size
	x := make([]reg.VecVirtual, per) // x[i] holds the rows i, i+per, i+2·per, … in its quarters
	for i := range x {
		x[i] = a.vec()
		VMOVUPS(from.element(i), x[i].AsX())
		for q := 1; q < a.bytes/16; q++ {
			if a.avx512 {
				a.pick(VINSERTF32X4, VINSERTF64X2)(Imm(uint64(q)), from.element(i+q*per), x[i], x[i])
			} else {
				VINSERTF128(Imm(uint64(q)), from.element(i+q*per), x[i], x[i])
			}
		}
	}
	if a.size == 8 {
		low, high := a.vec(), a.vec()
		VUNPCKLPD(x[1], x[0], low)
		VUNPCKHPD(x[1], x[0], high)
		return []reg.VecVirtual{low, high}
	}
	pair := [4]reg.VecVirtual{a.vec(), a.vec(), a.vec(), a.vec()}
	VUNPCKLPS(x[1], x[0], pair[0])
	VUNPCKHPS(x[1], x[0], pair[1])
	VUNPCKLPS(x[3], x[2], pair[2])
	VUNPCKHPS(x[3], x[2], pair[3])
	out := []reg.VecVirtual{a.vec(), a.vec(), a.vec(), a.vec()}
	for i := range 2 {
		VUNPCKLPD(pair[i+2], pair[i], out[2*i])
		VUNPCKHPD(pair[i+2], pair[i], out[2*i+1])
	}
	return out
}
