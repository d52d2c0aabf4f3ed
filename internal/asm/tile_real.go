package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// widen sets amplitudes to numbers times a factor.
func (a arch) widen() {
	a.text("Widen", "x *T, count int, factor T, psi *T", "")
	x, count, psi := param("x"), param("count"), param("psi")
	factors := a.scalar("factor")
	a.emit(opAnd, factors, factors, a.loadVec(a.realLanes()))
	low := a.loadVec(a.dwordTable("twiceLow", func(i int) int { return i / 2 }))
	high := a.loadVec(a.dwordTable("twiceHigh", func(i int) int { return (a.lanes() + i) / 2 }))
	repeat(count, func() {
		v := a.loadVec(Mem{Base: x})
		y, z := a.dwords(low, v), a.dwords(high, v)
		a.emit(opMul, y, y, factors)
		a.emit(opMul, z, z, factors)
		a.storeVec(y, Mem{Base: psi})
		a.storeVec(z, Mem{Base: psi, Disp: a.bytes})
		ADDQ(U32(uint32(a.bytes)), x)
		ADDQ(U32(uint32(2*a.bytes)), psi)
	})
	end()
}

// realLanes has all bits set in the lanes of real parts.
func (a arch) realLanes() Mem {
	m := GLOBL(fmt.Sprintf("realLanes%dx%d", 8*a.size, a.bytes), 8|16 /* RODATA|NOPTR */)
	for i := range a.lanes() {
		bits := uint64(math.MaxUint64)
		if i&1 == 1 {
			bits = 0
		}
		if a.size == 4 {
			DATA(4*i, U32(uint32(bits)))
		} else {
			DATA(8*i, U64(bits))
		}
	}
	return m
}

// narrow sets out to the real parts of amplitudes.
func (a arch) narrow() {
	a.text("Narrow", "psi *T, count int, out *T", "")
	psi, count, out := param("psi"), param("count"), param("out")
	var even reg.VecVirtual
	if a.avx512 {
		even = a.loadVec(a.dwordPairs("evenOf2", 0))
	}
	repeat(count, func() {
		x, y := a.loadVec(Mem{Base: psi}), a.loadVec(Mem{Base: psi, Disp: a.bytes})
		switch {
		case a.avx512:
			VPERMT2PS(y, even, x)
		case a.size == 4:
			VSHUFPS(Imm(0x88), y, x, x)
			VPERMPD(Imm(0xd8), x, x)
		default:
			VUNPCKLPD(y, x, x)
			VPERMPD(Imm(0xd8), x, x)
		}
		a.storeVec(x, Mem{Base: out})
		ADDQ(U32(uint32(2*a.bytes)), psi)
		ADDQ(U32(uint32(a.bytes)), out)
	})
	end()
}
