package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// matrix loads the parameters rows and cols, and returns the bytes of a row and the mask of its last vector
// too.
func (a arch) matrix() (count, cols, stride reg.GPVirtual, last *mask) {
	count, cols, stride = param("rows"), param("cols"), GP64()
	MOVQ(cols, stride)
	SHLQ(a.shift(), stride)
	return count, cols, stride, a.rest(cols)
}

// clearRest zeroes the lanes beyond the end.
func (s step) clearRest(v reg.VecVirtual) {
	if s.tail != nil {
		s.fill(v, s.zero())
	}
}

// expSum adds e^(x−shift) to sum and returns it.
func (s step) expSum(x, shift, sum reg.VecVirtual) reg.VecVirtual {
	s.emit(opSub, x, x, shift)
	s.atLeast(x, precision[s.size].low)
	e := s.exp(x, nil)
	s.clearRest(e)
	s.emit(opAdd, sum, sum, e)
	return e
}

// softmax goes through each row three times: maximum, exponentials and their sum, division. Starting from the
// lowest number instead of -Inf makes a row of -Inf come out as zeros.
func (a arch) softmax() {
	lowest, smallest := -math.MaxFloat64, 0x1p-1022
	if a.size == 4 {
		lowest, smallest = -math.MaxFloat32, 0x1p-126
	}
	a.text("Softmax", "rows, cols int, x, y []T", "")
	x, y := pointer("x"), pointer("y")
	count, cols, stride, last := a.matrix()
	rows(count, stride, []reg.GPVirtual{x, y}, func() {
		top, bound := a.set(a.number(lowest)), a.set(a.number(lowest))
		a.each(cols, 1, last, func(s step, _ int) {
			v := s.load(x)
			s.fill(v, bound)
			a.emit(opMax, top, top, v)
		})
		a.reduce(top, opMax)
		sum := a.zero()
		a.each(cols, 1, last, func(s step, _ int) { s.store(s.expSum(s.load(x), top, sum), y) })
		a.reduce(sum, opAdd)
		a.atLeast(sum, smallest)
		inverse := a.set(a.number(1))
		a.emit(opDiv, inverse, inverse, sum)
		a.each(cols, 1, last, func(s step, _ int) {
			v := s.load(y)
			a.emit(opMul, v, v, inverse)
			s.store(v, y)
		})
	})
	end()

	a.text("SumExp", "x []T, shift T", "T")
	x, shift, sum := pointer("x"), a.scalar("shift"), a.zero()
	a.each(length("x"), 1, nil, func(s step, _ int) { s.expSum(s.load(x), shift, sum) })
	a.reduce(sum, opAdd)
	a.result(sum)
	end()
}

func (a arch) softmaxGrad() {
	a.text("SoftmaxGrad", "rows, cols int, y, dy, dx []T", "")
	y, dy, dx := pointer("y"), pointer("dy"), pointer("dx")
	count, cols, stride, last := a.matrix()
	rows(count, stride, []reg.GPVirtual{y, dy, dx}, func() {
		mean := a.zero()
		a.each(cols, 1, last, func(s step, _ int) { a.emit(opFMA, mean, s.load(y), s.load(dy)) })
		a.reduce(mean, opAdd)
		a.each(cols, 1, last, func(s step, _ int) {
			v := s.load(dy)
			a.emit(opSub, v, v, mean)
			a.emit(opMul, v, v, s.load(y))
			s.store(v, dx)
		})
	})
	end()
}

// inverse returns 1/n in every lane.
func (a arch) inverse(n reg.GPVirtual) reg.VecVirtual {
	v, one := a.vec(), a.set(a.number(1))
	VXORPS(v.AsX(), v.AsX(), v.AsX())
	if a.size == 4 {
		VCVTSI2SSQ(n, v.AsX(), v.AsX())
	} else {
		VCVTSI2SDQ(n, v.AsX(), v.AsX())
	}
	a.broadcast(v, v.AsX())
	a.emit(opDiv, v, one, v)
	return v
}

func (a arch) layerNorm() {
	a.text("LayerNorm", "rows, cols int, x, gamma, beta []T, eps T, y, xhat, rstd []T", "")
	x, gamma, beta := pointer("x"), pointer("gamma"), pointer("beta")
	y, xhat, rstd := pointer("y"), pointer("xhat"), pointer("rstd")
	count, cols, stride, last := a.matrix()
	part, eps := a.inverse(cols), a.scalar("eps")
	rows(count, stride, []reg.GPVirtual{x, y, xhat}, func() {
		mean, variance := a.zero(), a.zero()
		a.each(cols, 1, last, func(s step, _ int) { a.emit(opAdd, mean, mean, s.load(x)) })
		a.reduce(mean, opAdd)
		a.emit(opMul, mean, mean, part)
		a.each(cols, 1, last, func(s step, _ int) {
			v := s.load(x)
			a.emit(opSub, v, v, mean)
			s.clearRest(v)
			a.emit(opFMA, variance, v, v)
		})
		a.reduce(variance, opAdd)
		a.emit(opMul, variance, variance, part)
		a.emit(opAdd, variance, variance, eps)
		a.pick(VSQRTPS, VSQRTPD)(variance, variance)
		inverse := a.set(a.number(1))
		a.emit(opDiv, inverse, inverse, variance)
		a.pick(VMOVSS, VMOVSD)(inverse.AsX(), Mem{Base: rstd})
		ADDQ(U32(uint32(a.size)), rstd)
		a.each(cols, 1, last, func(s step, _ int) {
			v := s.load(x)
			a.emit(opSub, v, v, mean)
			a.emit(opMul, v, v, inverse)
			s.store(v, xhat)
			out := s.load(beta)
			a.emit(opFMA, out, v, s.load(gamma))
			s.store(out, y)
		})
	})
	end()
}

// layerNormGrad adds each row to dgamma and dbeta on the way to the two sums that dx needs.
func (a arch) layerNormGrad() {
	a.text("LayerNormGrad", "rows, cols int, dy, xhat, rstd, gamma, dx, dgamma, dbeta []T", "")
	dy, xhat, rstd := pointer("dy"), pointer("xhat"), pointer("rstd")
	gamma, dx := pointer("gamma"), pointer("dx")
	count, cols, stride, last := a.matrix()
	part := a.inverse(cols)
	dgamma, dbeta := pointer("dgamma"), pointer("dbeta")
	again, next := label("row"), label("next")
	Label(again)
	mean, along := a.zero(), a.zero()
	a.each(cols, 1, last, func(s step, _ int) {
		g, h := s.load(dy), s.load(xhat)
		sum := s.load(dbeta)
		a.emit(opAdd, sum, sum, g)
		s.store(sum, dbeta)
		sum = s.load(dgamma)
		a.emit(opFMA, sum, g, h)
		s.store(sum, dgamma)
		a.emit(opMul, g, g, s.load(gamma))
		a.emit(opAdd, mean, mean, g)
		a.emit(opFMA, along, g, h)
	})
	TESTQ(dx, dx)
	JEQ(LabelRef(next))
	for _, v := range []reg.VecVirtual{mean, along} {
		a.reduce(v, opAdd)
		a.emit(opMul, v, v, part)
	}
	inverse := a.vec()
	a.broadcast(inverse, Mem{Base: rstd})
	ADDQ(U32(uint32(a.size)), rstd)
	a.each(cols, 1, last, func(s step, _ int) {
		g := s.load(dy)
		a.emit(opMul, g, g, s.load(gamma))
		a.emit(opSub, g, g, mean)
		a.emit(opFNMA, g, along, s.load(xhat))
		a.emit(opMul, g, g, inverse)
		s.store(g, dx)
	})
	ADDQ(stride, dx)
	Label(next)
	ADDQ(stride, dy)
	ADDQ(stride, xhat)
	DECQ(count)
	JNE(LabelRef(again))
	end()
}
