package main

import "math"

// expSum adds e^(x−shift) to sum and returns it, zeros beyond a single element.
func (e elements) expSum(x, shift, sum register) register {
	v := e.of(fsub, x, shift)
	if e.single {
		v = e.lane0(v, e.number(negativeInf))
	}
	v = e.exp(e.of(fmax, v, e.number(precision[e.size].low)))
	e.do(fadd, sum, sum, v)
	return v
}

// lane0 returns the first lane of v, and the others of w.
func (n *neon) lane0(v, w register) register {
	mask := []uint64{1<<(8*n.size-1)<<1 - 1}
	m := n.table(mask...)
	n.do(bsl, m, v, w)
	return m
}

// rowsOf runs body for every row and moves the pointers on by a row; body gets the number of columns.
func (n *neon) rowsOf(body func(cols func() register), pointers ...register) {
	count, cols := n.param("rows"), n.param("cols")
	stride := n.scaled(cols)
	n.loopsBegin()
	n.repeat(count, func() {
		body(func() register { return n.duplicate(cols) })
		for _, p := range pointers {
			n.op("ADD R@, R@", "ub", stride, p)
		}
	})
	n.end()
}

// softmax goes through each row three times: maximum, exponentials and their sum, division. Starting from the
// lowest number instead of -Inf makes a row of -Inf come out as zeros.
func (n *neon) softmax() {
	lowest, smallest := -math.MaxFloat64, 0x1p-1022
	if n.size == 4 {
		lowest, smallest = -math.MaxFloat32, 0x1p-126
	}
	n.text("Softmax", "rows, cols int, x, y []T", "", func() {
		x, y := n.pointer("x"), n.pointer("y")
		n.rowsOf(func(cols func() register) {
			from, part := n.duplicate(x), n.partials(lowest)
			n.each(cols(), 4, func(e elements) {
				v := e.take(from)
				if e.single {
					v[0] = n.broadcast(v[0])
				}
				n.all(fmax, part[:len(v)], part[:len(v)], v)
			})
			top := n.total(part, fmax, fmaxp)
			sum, to := n.set(0), n.duplicate(y)
			from = n.duplicate(x)
			n.each(cols(), 1, func(e elements) {
				e.put([]register{e.expSum(e.take(from)[0], top, sum)}, to)
			})
			total := n.of(fmax, n.reduce(sum, faddp), n.number(smallest))
			inverse := []register{n.of(fdiv, n.number(1), total)}
			to = n.duplicate(y)
			n.each(cols(), 4, func(e elements) {
				v := e.load(to)
				n.all(fmul, v, v, inverse)
				e.put(v, to)
			})
		}, x, y)
	})
	n.text("SumExp", "x []T, shift T", "T", func() {
		x, count, shift, sum := n.pointer("x"), n.length("x"), n.scalar("shift"), n.set(0)
		n.loopsBegin()
		n.each(count, 1, func(e elements) { e.expSum(e.take(x)[0], shift, sum) })
		n.result(n.reduce(sum, faddp))
		n.end()
	})
}

func (n *neon) softmaxGrad() {
	n.text("SoftmaxGrad", "rows, cols int, y, dy, dx []T", "", func() {
		y, dy, dx := n.pointer("y"), n.pointer("dy"), n.pointer("dx")
		n.rowsOf(func(cols func() register) {
			p, g, part := n.duplicate(y), n.duplicate(dy), n.partials(0)
			n.each(cols(), 4, func(e elements) {
				v := e.take(p)
				n.all(fmla, part[:len(v)], v, e.take(g))
			})
			mean := []register{n.total(part, fadd, faddp)}
			p, g = n.duplicate(y), n.duplicate(dy)
			to := n.duplicate(dx)
			n.each(cols(), 4, func(e elements) {
				v := e.take(g)
				n.all(fsub, v, v, mean)
				n.all(fmul, v, v, e.take(p))
				e.put(v, to)
			})
		}, y, dy, dx)
	})
}

// inverse returns 1/n in every lane.
func (n *neon) inverse(count register) register {
	v := n.vector()
	n.op("VDUP R@, "+n.pick("V@.S4", "V@.D2"), "ud", count, v)
	return n.of(fdiv, n.set(1), n.of(scvtf, v))
}

// cleared returns v; of a single element the other lanes are made zero.
func (e elements) cleared(v register) register {
	if e.single {
		return e.lane0(v, e.number(0))
	}
	return v
}

func (n *neon) layerNorm() {
	n.text("LayerNorm", "rows, cols int, x, gamma, beta []T, eps T, y, xhat, rstd []T", "", func() {
		x, gamma, beta := n.pointer("x"), n.pointer("gamma"), n.pointer("beta")
		y, xhat, rstd := n.pointer("y"), n.pointer("xhat"), n.pointer("rstd")
		fraction, eps := n.inverse(n.param("cols")), n.scalar("eps")
		n.rowsOf(func(cols func() register) {
			from, part := n.duplicate(x), n.partials(0)
			n.each(cols(), 4, func(e elements) {
				v := e.take(from)
				n.all(fadd, part[:len(v)], part[:len(v)], v)
			})
			mean := n.of(fmul, n.total(part, fadd, faddp), fraction)
			from, part = n.duplicate(x), n.partials(0)
			n.each(cols(), 4, func(e elements) {
				v := e.take(from)
				n.all(fsub, v, v, []register{mean})
				v[0] = e.cleared(v[0])
				n.all(fmla, part[:len(v)], v, v)
			})
			variance := n.of(fmul, n.total(part, fadd, faddp), fraction)
			inverse := n.of(fdiv, n.number(1), n.of(fsqrt, n.of(fadd, variance, eps)))
			elements{neon: n, vectors: 1, single: true}.put([]register{inverse}, rstd)
			from = n.duplicate(x)
			hat, to, slope, start := n.duplicate(xhat), n.duplicate(y), n.duplicate(gamma), n.duplicate(beta)
			n.each(cols(), 4, func(e elements) {
				v := e.take(from)
				n.all(fsub, v, v, []register{mean})
				n.all(fmul, v, v, []register{inverse})
				e.put(v, hat)
				out := e.take(start)
				n.all(fmla, out, v, e.take(slope))
				e.put(out, to)
			})
		}, x, y, xhat)
	})
}

// layerNormGrad adds each row to dgamma and dbeta on the way to the two sums that dx needs.
func (n *neon) layerNormGrad() {
	n.text("LayerNormGrad", "rows, cols int, dy, xhat, rstd, gamma, dx, dgamma, dbeta []T", "", func() {
		dy, xhat, rstd, gamma := n.pointer("dy"), n.pointer("xhat"), n.pointer("rstd"), n.pointer("gamma")
		dx, dgamma, dbeta := n.pointer("dx"), n.pointer("dgamma"), n.pointer("dbeta")
		fraction := n.inverse(n.param("cols"))
		n.rowsOf(func(cols func() register) {
			g, h, scale := n.duplicate(dy), n.duplicate(xhat), n.duplicate(gamma)
			toGamma, toBeta := n.duplicate(dgamma), n.duplicate(dbeta)
			mean, along := []register{n.set(0), n.set(0)}, []register{n.set(0), n.set(0)}
			n.each(cols(), 2, func(e elements) {
				grad, hat := e.take(g), e.take(h)
				sum := e.load(toBeta)
				n.all(fadd, sum, sum, grad)
				e.put(sum, toBeta)
				sum = e.load(toGamma)
				n.all(fmla, sum, grad, hat)
				e.put(sum, toGamma)
				n.all(fmul, grad, grad, e.take(scale))
				n.all(fadd, mean[:e.vectors], mean[:e.vectors], grad)
				n.all(fmla, along[:e.vectors], grad, hat)
			})
			next := n.newLabel("next")
			n.branch("CBZ R@,", next, dx)
			sum := func(v []register) []register {
				return []register{n.of(fmul, n.reduce(n.of(fadd, v[0], v[1]), faddp), fraction)}
			}
			center, slope := sum(mean), sum(along)
			factor := []register{n.broadcast(elements{neon: n, vectors: 1, single: true}.take(rstd)[0])}
			g, h, scale = n.duplicate(dy), n.duplicate(xhat), n.duplicate(gamma)
			to := n.duplicate(dx)
			n.each(cols(), 4, func(e elements) {
				v := e.take(g)
				n.all(fmul, v, v, e.take(scale))
				n.all(fsub, v, v, center)
				n.all(fmls, v, e.take(h), slope)
				n.all(fmul, v, v, factor)
				e.put(v, to)
			})
			stride := n.scaled(n.param("cols"))
			n.op("ADD R@, R@", "ub", stride, dx)
			n.mark(next)
		}, dy, xhat)
	})
}
