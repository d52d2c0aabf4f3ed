package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The kernels of measurements work on a state as it lies in memory, real and imaginary parts in pairs, and on
// one number an amplitude, in blocks of 16 neighbours.

// dwords permutes a vector as groups of four bytes; double-precision numbers are two of them. Without AVX-512
// there is no other permutation of a whole vector by a register.
func (a arch) dwords(index, v reg.VecVirtual) reg.VecVirtual { return a.combine(VPERMPS, index, v) }

// dwordTable puts a permutation of the numbers of a vector into the data section, for dwords.
func (a arch) dwordTable(name string, index func(i int) int) Mem {
	name = fmt.Sprintf("%s%dx%d", name, 8*a.size, a.bytes)
	if m, ok := constants[name]; ok {
		return m
	}
	m := GLOBL(name, 8|16 /* RODATA|NOPTR */)
	constants[name] = m
	per := a.size / 4
	for i := range a.bytes / 4 {
		DATA(4*i, U32(per*index(i/per)+i%per))
	}
	return m
}

// squares sets out to the squared norms of amplitudes, a vector of them at a time.
func (a arch) squares() {
	a.text("Squares", "psi *T, count int, out *T", "")
	psi, count, out := param("psi"), param("count"), param("out")
	var even, odd reg.VecVirtual
	if a.avx512 {
		even = a.loadVec(a.dwordPairs("evenOf2", 0))
		odd = a.loadVec(a.dwordPairs("oddOf2", 1))
	}
	repeat(count, func() {
		x, y := a.loadVec(Mem{Base: psi}), a.loadVec(Mem{Base: psi, Disp: a.bytes})
		sum := a.vec()
		if a.avx512 {
			z := a.copy(x)
			VPERMT2PS(y, even, x)
			VPERMT2PS(y, odd, z)
			a.emit(opMul, sum, x, x)
			a.emit(opFMA, sum, z, z)
		} else {
			a.emit(opMul, x, x, x)
			a.emit(opMul, y, y, y)
			if a.size == 4 {
				VHADDPS(y, x, sum)
			} else {
				VHADDPD(y, x, sum)
			}
			VPERMPD(Imm(0xd8), sum, sum)
		}
		a.storeVec(sum, Mem{Base: out})
		ADDQ(U32(uint32(2*a.bytes)), psi)
		ADDQ(U32(uint32(a.bytes)), out)
	})
	end()
}

// dwordPairs is the permutation of two vectors that takes every other number, from one on.
func (a arch) dwordPairs(name string, from int) Mem {
	return a.dwordTable(name, func(i int) int { return 2*i + from })
}

// weigh sets out to the amplitudes times a number each.
func (a arch) weigh() {
	a.text("Weigh", "w *T, count int, psi, out *T", "")
	w, count, psi, out := param("w"), param("count"), param("psi"), param("out")
	low := a.loadVec(a.dwordTable("twiceLow", func(i int) int { return i / 2 }))
	high := a.loadVec(a.dwordTable("twiceHigh", func(i int) int { return (a.lanes() + i) / 2 }))
	repeat(count, func() {
		v := a.loadVec(Mem{Base: w})
		x, y := a.dwords(low, v), a.dwords(high, v)
		a.emit(opMul, x, x, Mem{Base: psi})
		a.emit(opMul, y, y, Mem{Base: psi, Disp: a.bytes})
		a.storeVec(x, Mem{Base: out})
		a.storeVec(y, Mem{Base: out, Disp: a.bytes})
		ADDQ(U32(uint32(a.bytes)), w)
		ADDQ(U32(uint32(2*a.bytes)), psi)
		ADDQ(U32(uint32(2*a.bytes)), out)
	})
	end()
}

// butterfly replaces blocks x and y by x + y and x − y.
func (a arch) butterfly() {
	a.text("Butterfly", "x, y *T, count int", "")
	p, q, count := param("x"), param("y"), param("count")
	repeat(count, func() {
		x, y := a.loadVec(Mem{Base: p}), a.loadVec(Mem{Base: q})
		sum, difference := a.vec(), a.vec()
		a.emit(opAdd, sum, x, y)
		a.emit(opSub, difference, x, y)
		a.storeVec(sum, Mem{Base: p})
		a.storeVec(difference, Mem{Base: q})
		ADDQ(U32(uint32(a.blockBytes())), p)
		ADDQ(U32(uint32(a.blockBytes())), q)
	})
	end()
}

// unfold is the adjoint of fold: it sets the blocks at hi to those at lo plus the difference, and those at lo
// to themselves minus it.
func (a arch) unfold() {
	a.text("Unfold", "lo, hi *T, count int, difference *T", "")
	lo, hi, count := param("lo"), param("hi"), param("count")
	g := a.loadVec(Mem{Base: param("difference")})
	repeat(count, func() {
		x := a.loadVec(Mem{Base: lo})
		sum, difference := a.vec(), a.vec()
		a.emit(opAdd, sum, x, g)
		a.emit(opSub, difference, x, g)
		a.storeVec(difference, Mem{Base: lo})
		a.storeVec(sum, Mem{Base: hi})
		ADDQ(U32(uint32(a.blockBytes())), lo)
		ADDQ(U32(uint32(a.blockBytes())), hi)
	})
	end()
}

// sumBlocks adds blocks to the block sum.
func (a arch) sumBlocks() {
	a.text("SumBlocks", "x *T, count int, sum *T", "")
	x, count, sum := param("x"), param("count"), param("sum")
	v := a.loadVec(Mem{Base: sum})
	repeat(count, func() {
		a.emit(opAdd, v, v, Mem{Base: x})
		ADDQ(U32(uint32(a.blockBytes())), x)
	})
	a.storeVec(v, Mem{Base: sum})
	end()
}

// walsh replaces each block by its Walsh–Hadamard transform.
func (a arch) walsh() {
	a.text("Walsh", "x *T, count int", "")
	x, count := param("x"), param("count")
	var swap, sign []reg.VecVirtual
	for bit := 1; bit < a.lanes(); bit <<= 1 {
		swap = append(swap, a.loadVec(a.dwordTable(fmt.Sprint("swap", bit, "of"),
			func(i int) int { return i ^ bit })))
		sign = append(sign, a.loadVec(a.signTable(bit)))
	}
	repeat(count, func() {
		v := make([]reg.VecVirtual, a.blockBytes()/a.bytes)
		for i := range v {
			v[i] = a.loadVec(Mem{Base: x, Disp: i * a.bytes})
		}
		for bit := 1; bit < len(v); bit <<= 1 {
			for i := range v {
				if i&bit == 0 {
					sum, difference := a.vec(), a.vec()
					a.emit(opAdd, sum, v[i], v[i|bit])
					a.emit(opSub, difference, v[i], v[i|bit])
					v[i], v[i|bit] = sum, difference
				}
			}
		}
		for i := range v {
			for k := range swap {
				t := a.dwords(swap[k], v[i])
				a.emit(opFMA, t, v[i], sign[k])
				v[i] = t
			}
			a.storeVec(v[i], Mem{Base: x, Disp: i * a.bytes})
		}
		ADDQ(U32(uint32(a.blockBytes())), x)
	})
	end()
}

// signTable has −1 in the lanes whose number has a bit, 1 in the others.
func (a arch) signTable(bit int) Mem {
	m := GLOBL(fmt.Sprintf("sign%dof%dx%d", bit, 8*a.size, a.bytes), 8|16 /* RODATA|NOPTR */)
	for i := range a.lanes() {
		x := 1.0
		if i&bit != 0 {
			x = -1
		}
		if a.size == 4 {
			DATA(4*i, U32(math.Float32bits(float32(x))))
		} else {
			DATA(8*i, U64(math.Float64bits(x)))
		}
	}
	return m
}

// turned returns a vector with the two numbers of each amplitude exchanged.
func (a arch) turned(v reg.VecVirtual) reg.VecVirtual {
	t := a.vec()
	if a.size == 4 {
		VPERMILPS(Imm(0xb1), v, t)
	} else {
		VPERMILPD(Imm(0x55), v, t)
	}
	return t
}

// inner adds φ·ψ, number by number, to the first of two vectors of sums, and to the second φ times ψ with the
// numbers of each amplitude exchanged.
func (a arch) inner() {
	a.text("Inner", "phi, psi *T, count int, sums *T", "")
	phi, psi, count, sums := param("phi"), param("psi"), param("count"), param("sums")
	re, im := a.loadVec(Mem{Base: sums}), a.loadVec(Mem{Base: sums, Disp: a.bytes})
	repeat(count, func() {
		x, y := a.loadVec(Mem{Base: phi}), a.loadVec(Mem{Base: psi})
		a.emit(opFMA, re, x, y)
		a.emit(opFMA, im, x, a.turned(y))
		ADDQ(U32(uint32(a.bytes)), phi)
		ADDQ(U32(uint32(a.bytes)), psi)
	})
	a.storeVec(re, Mem{Base: sums})
	a.storeVec(im, Mem{Base: sums, Disp: a.bytes})
	end()
}

// addScaled adds to a state the numbers of another times the first of two vectors, and those numbers
// exchanged in each amplitude times the second.
func (a arch) addScaled() {
	a.text("AddScaled", "to, x *T, count int, factors *T", "")
	to, from, count, factors := param("to"), param("x"), param("count"), param("factors")
	re, im := a.loadVec(Mem{Base: factors}), a.loadVec(Mem{Base: factors, Disp: a.bytes})
	repeat(count, func() {
		x, y := a.loadVec(Mem{Base: from}), a.loadVec(Mem{Base: to})
		a.emit(opFMA, y, x, re)
		a.emit(opFMA, y, a.turned(x), im)
		a.storeVec(y, Mem{Base: to})
		ADDQ(U32(uint32(a.bytes)), from)
		ADDQ(U32(uint32(a.bytes)), to)
	})
	end()
}
