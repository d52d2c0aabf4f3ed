package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A class is a set of amplitudes with one phase; class lists that of every amplitude of the tile.

// timesPhase returns (z+iw) = (c+is)·(x+iy).
func (a arch) timesPhase(c, s, x, y reg.VecVirtual) (z, w reg.VecVirtual) {
	z, w = a.vec(), a.vec()
	a.emit(opMul, z, x, c)
	a.emit(opMul, w, y, c)
	a.emit(opFNMA, z, y, s)
	a.emit(opFMA, w, x, s)
	return z, w
}

// onePhase returns the next class and the parts of its phase, the same in all lanes.
func (a arch) onePhase(class, phases reg.GPVirtual) (which reg.GPVirtual, c, s reg.VecVirtual) {
	which, c, s = nextOffset(class, 2*a.size), a.vec(), a.vec()
	a.broadcast(c, indexed(phases, which))
	a.broadcast(s, indexed(phases, which).Offset(a.size))
	return which, c, s
}

// phase multiplies every amplitude by the phase of its class, two numbers each.
func (a arch) phase() {
	a.text("Phase", "re, im *T, class *int32, count int, phases *T", "")
	a.phases(a.onePhase)
}

// phaseByLane multiplies every amplitude by the phases of its class, two blocks each.
func (a arch) phaseByLane() {
	a.text("PhaseByLane", "re, im *T, class *int32, count int, phases *T", "")
	a.phases(func(class, phases reg.GPVirtual) (which reg.GPVirtual, c, s reg.VecVirtual) {
		which = nextOffset(class, 2*a.blockBytes())
		c, s = a.loadAt(phases, which), a.loadVec(indexed(phases, which).Offset(a.blockBytes()))
		return which, c, s
	})
}

func (a arch) phases(phaseOf func(class, phases reg.GPVirtual) (which reg.GPVirtual, c, s reg.VecVirtual)) {
	re, im, class, count, phases := param("re"), param("im"), param("class"), param("count"), param("phases")
	repeat(count, func() {
		_, c, s := phaseOf(class, phases)
		z, w := a.timesPhase(c, s, a.loadVec(Mem{Base: re}), a.loadVec(Mem{Base: im}))
		a.storeVec(z, Mem{Base: re})
		a.storeVec(w, Mem{Base: im})
		ADDQ(U32(uint32(a.blockBytes())), re)
		ADDQ(U32(uint32(a.blockBytes())), im)
	})
	end()
}

// signs multiplies every block by the real part of the phase of its class.
func (a arch) signs() {
	a.text("Signs", "x *T, class *int32, count int, phases *T", "")
	x, class, count, phases := param("x"), param("class"), param("count"), param("phases")
	repeat(count, func() {
		v := a.vec()
		a.broadcast(v, indexed(phases, nextOffset(class, 2*a.size)))
		a.emit(opMul, v, v, Mem{Base: x})
		a.storeVec(v, Mem{Base: x})
		ADDQ(U32(uint32(a.blockBytes())), x)
	})
	end()
}

// phaseBackward multiplies every amplitude of ψ and of λ by the phase of its class, two numbers each, and
// adds Im ψλ̄ of the products to the block of the class in sums.
func (a arch) phaseBackward() {
	a.text("PhaseBackward", "pr, pi, lr, li *T, class *int32, count int, phases, sums *T", "")
	pr, pi, lr, li := param("pr"), param("pi"), param("lr"), param("li")
	class, count := param("class"), param("count")
	phases, sums, place := param("phases"), param("sums"), GP64()
	XORQ(place, place)
	repeat(count, func() {
		which, c, s := a.onePhase(class, phases)
		SHLQ(Imm(3), which) // a block is eight times two numbers
		p, q := a.timesPhase(c, s, a.loadAt(pr, place), a.loadAt(pi, place))
		e, f := a.timesPhase(c, s, a.loadAt(lr, place), a.loadAt(li, place))
		sum := a.loadAt(sums, which)
		a.emit(opFMA, sum, q, e)
		a.emit(opFNMA, sum, p, f)
		a.storeAt(sum, sums, which)
		a.storeAt(p, pr, place)
		a.storeAt(q, pi, place)
		a.storeAt(e, lr, place)
		a.storeAt(f, li, place)
		ADDQ(U32(uint32(a.blockBytes())), place)
	})
	end()
}

// overlaps adds Im ψλ̄ of every amplitude to the block of its class in sums.
func (a arch) overlaps() {
	a.text("Overlaps", "pr, pi, lr, li *T, class *int32, count int, sums *T", "")
	pr, pi, lr, li := param("pr"), param("pi"), param("lr"), param("li")
	class, count := param("class"), param("count")
	sums, place := param("sums"), GP64()
	XORQ(place, place)
	repeat(count, func() {
		which := nextOffset(class, a.blockBytes())
		p, q, sum := a.loadAt(pr, place), a.loadAt(pi, place), a.loadAt(sums, which)
		a.emit(opFMA, sum, q, indexed(lr, place))
		a.emit(opFNMA, sum, p, indexed(li, place))
		a.storeAt(sum, sums, which)
		ADDQ(U32(uint32(a.blockBytes())), place)
	})
	end()
}

// fold adds the blocks at hi to those at lo, and the sum of their differences hi − lo to the block
// difference.
func (a arch) fold() {
	a.text("Fold", "lo, hi *T, count int, difference *T", "")
	lo, hi, count, difference := param("lo"), param("hi"), param("count"), param("difference")
	total := a.loadVec(Mem{Base: difference})
	repeat(count, func() {
		x, y := a.loadVec(Mem{Base: lo}), a.loadVec(Mem{Base: hi})
		sum, more := a.vec(), a.vec()
		a.emit(opAdd, sum, x, y)
		a.emit(opSub, more, y, x)
		a.emit(opAdd, total, total, more)
		a.storeVec(sum, Mem{Base: lo})
		ADDQ(U32(uint32(a.blockBytes())), lo)
		ADDQ(U32(uint32(a.blockBytes())), hi)
	})
	a.storeVec(total, Mem{Base: difference})
	end()
}
