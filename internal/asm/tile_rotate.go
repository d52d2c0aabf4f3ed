package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// matrix2 is the 2×2 matrix of each lane: re00 im00 re01 im01 re10 im10 re11 im11, in registers or in memory.
type matrix2 [8]Op

// inRegisters returns a matrix with the given entries in registers.
func (a arch) inRegisters(u reg.GPVirtual, entries ...int) (m matrix2) {
	for _, i := range entries {
		m[i] = a.loadVec(Mem{Base: u, Disp: i * a.blockBytes()})
	}
	return m
}

// inMemory returns a matrix whose entries are read where they are used.
func (a arch) inMemory(u reg.GPVirtual) (m matrix2) {
	for i := range m {
		m[i] = Mem{Base: u, Disp: i * a.blockBytes()}
	}
	return m
}

// times returns (e+if, g+ih) = u·(x+iy, z+iw).
func (a arch) times(u matrix2, x, y, z, w reg.VecVirtual) (e, f, g, h reg.VecVirtual) {
	e, f, g, h = a.vec(), a.vec(), a.vec(), a.vec()
	a.emit(opMul, e, x, u[0])
	a.emit(opMul, f, y, u[0])
	a.emit(opMul, g, x, u[4])
	a.emit(opMul, h, y, u[4])
	a.emit(opFNMA, e, y, u[1])
	a.emit(opFMA, f, x, u[1])
	a.emit(opFNMA, g, y, u[5])
	a.emit(opFMA, h, x, u[5])
	a.emit(opFMA, e, z, u[2])
	a.emit(opFMA, f, w, u[2])
	a.emit(opFMA, g, z, u[6])
	a.emit(opFMA, h, w, u[6])
	a.emit(opFNMA, e, w, u[3])
	a.emit(opFMA, f, z, u[3])
	a.emit(opFNMA, g, w, u[7])
	a.emit(opFMA, h, z, u[7])
	return e, f, g, h
}

// timesReal returns (z, w) = Re(u)·(x, y).
func (a arch) timesReal(u matrix2, x, y reg.VecVirtual) (z, w reg.VecVirtual) {
	z, w = a.vec(), a.vec()
	a.emit(opMul, z, x, u[0])
	a.emit(opMul, w, x, u[4])
	a.emit(opFMA, z, y, u[2])
	a.emit(opFMA, w, y, u[6])
	return z, w
}

// nextPair returns the offsets of the next two blocks.
func (a arch) nextPair(pairs reg.GPVirtual) (lo, hi reg.GPVirtual) {
	lo, hi = offsetOf(Mem{Base: pairs}, a.blockBytes()), offsetOf(Mem{Base: pairs, Disp: 4}, a.blockBytes())
	ADDQ(Imm(8), pairs)
	return lo, hi
}

// rotatePair multiplies a pair of amplitudes by u where they stand and returns the product.
func (a arch) rotatePair(u matrix2, re, im, lo, hi reg.GPVirtual) (e, f, g, h reg.VecVirtual) {
	e, f, g, h = a.times(u, a.loadAt(re, lo), a.loadAt(im, lo), a.loadAt(re, hi), a.loadAt(im, hi))
	a.storeAt(e, re, lo)
	a.storeAt(f, im, lo)
	a.storeAt(g, re, hi)
	a.storeAt(h, im, hi)
	return e, f, g, h
}

// rotateRealPair multiplies a pair of blocks by Re(u) where they stand and returns the product.
func (a arch) rotateRealPair(u matrix2, x, lo, hi reg.GPVirtual) (z, w reg.VecVirtual) {
	z, w = a.timesReal(u, a.loadAt(x, lo), a.loadAt(x, hi))
	a.storeAt(z, x, lo)
	a.storeAt(w, x, hi)
	return z, w
}

// rotate multiplies every pair by u.
func (a arch) rotate() {
	a.text("Rotate", "re, im *T, pairs *int32, count int, u *T", "")
	re, im, pairs, count := param("re"), param("im"), param("pairs"), param("count")
	u := a.inRegisters(param("u"), 0, 1, 2, 3, 4, 5, 6, 7)
	repeat(count, func() {
		lo, hi := a.nextPair(pairs)
		a.rotatePair(u, re, im, lo, hi)
	})
	end()
}

// rotateReal multiplies every pair of blocks by Re(u).
func (a arch) rotateReal() {
	a.text("RotateReal", "x *T, pairs *int32, count int, u *T", "")
	x, pairs, count := param("x"), param("pairs"), param("count")
	u := a.inRegisters(param("u"), 0, 2, 4, 6)
	repeat(count, func() {
		lo, hi := a.nextPair(pairs)
		a.rotateRealPair(u, x, lo, hi)
	})
	end()
}

// rotateBackward multiplies every pair of ψ and of λ by u and adds the four moments of the products to the
// blocks of m. AVX2 has no registers left for the matrix and reads it from memory.
func (a arch) rotateBackward() {
	a.text("RotateBackward", "pr, pi, lr, li *T, pairs *int32, count int, u, m *T", "")
	pr, pi, lr, li := param("pr"), param("pi"), param("lr"), param("li")
	pairs, count := param("pairs"), param("count")
	u, m := a.inMemory(param("u")), param("m")
	if a.avx512 {
		u = a.inRegisters(u[0].(Mem).Base.(reg.GPVirtual), 0, 1, 2, 3, 4, 5, 6, 7)
	}
	var sums [4]reg.VecVirtual
	for i := range sums {
		sums[i] = a.loadVec(Mem{Base: m, Disp: i * a.blockBytes()})
	}
	repeat(count, func() {
		lo, hi := a.nextPair(pairs)
		p, q, r, s := a.rotatePair(u, pr, pi, lo, hi)
		e, f, g, h := a.rotatePair(u, lr, li, lo, hi)
		a.emit(opFMA, sums[0], e, q)
		a.emit(opFMA, sums[1], g, s)
		a.emit(opFMA, sums[2], e, s)
		a.emit(opFMA, sums[3], e, r)
		a.emit(opFNMA, sums[0], f, p)
		a.emit(opFNMA, sums[1], h, r)
		a.emit(opFNMA, sums[2], f, r)
		a.emit(opFMA, sums[3], f, s)
		a.emit(opFMA, sums[2], g, q)
		a.emit(opFNMA, sums[3], g, p)
		a.emit(opFNMA, sums[2], h, p)
		a.emit(opFNMA, sums[3], h, q)
	})
	for i := range sums {
		a.storeVec(sums[i], Mem{Base: m, Disp: i * a.blockBytes()})
	}
	end()
}

// rotateRealBackward multiplies every pair of ψ's and of λ's blocks by Re(u) and adds Σ ψ₁λ₀ − ψ₀λ₁ to the
// block m, the two terms in chains of their own.
func (a arch) rotateRealBackward() {
	a.text("RotateRealBackward", "psi, lam *T, pairs *int32, count int, u, m *T", "")
	psi, lam, pairs, count, m := param("psi"), param("lam"), param("pairs"), param("count"), param("m")
	u := a.inRegisters(param("u"), 0, 2, 4, 6)
	plus, minus := a.loadVec(Mem{Base: m}), a.zero()
	repeat(count, func() {
		lo, hi := a.nextPair(pairs)
		p, r := a.rotateRealPair(u, psi, lo, hi)
		e, g := a.rotateRealPair(u, lam, lo, hi)
		a.emit(opFMA, plus, e, r)
		a.emit(opFNMA, minus, g, p)
	})
	a.emit(opAdd, plus, plus, minus)
	a.storeVec(plus, Mem{Base: m})
	end()
}
