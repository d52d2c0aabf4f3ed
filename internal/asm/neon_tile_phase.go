package main

// A class is a set of amplitudes with one phase; class lists that of every amplitude of the tile.

// phaseOf is what multiplies by the phase of a class: both parts in a register, or by lane.
type phaseOf struct {
	both register
	c, s []register
}

// onePhase loads the phase of a class, the same in all lanes.
func (n *neon) onePhase(phases, which register) phaseOf {
	at, v := n.entry(phases, which, 2*n.size), n.vector()
	n.op(n.pick("FMOVD (R@), F@", "FMOVQ (R@), F@"), "ud", at, v)
	return phaseOf{both: v}
}

// turn returns (z+iw) = (c+is)·(x+iy).
func (e elements) turn(p phaseOf, x, y []register) (z, w []register) {
	if p.c != nil {
		z, w = e.times(x, p.c), e.times(y, p.c)
		e.all(fmls, z, y, p.s)
		e.all(fmla, w, x, p.s)
		return z, w
	}
	z, w = e.new(), e.new()
	for i := range z {
		e.multiplyLane(byLane, z[i], x[i], p.both, 0)
		e.multiplyLane(byLane, w[i], y[i], p.both, 0)
		e.multiplyLane(byLaneSubtract, z[i], y[i], p.both, 1)
		e.multiplyLane(byLaneAdd, w[i], x[i], p.both, 1)
	}
	return z, w
}

// phases multiplies every amplitude by the phase of its class, two numbers each, or two blocks.
func (n *neon) phases() {
	for _, lanes := range []bool{false, true} {
		name := map[bool]string{false: "Phase", true: "PhaseByLane"}[lanes]
		n.text(name, "re, im *T, class *int32, count int, phases *T", "", func() {
			re, im, class, phases := n.param("re"), n.param("im"), n.param("class"), n.param("phases")
			n.repeat(n.param("count"), func() {
				which := n.next(class)
				var p phaseOf
				var at register
				if lanes {
					at = n.entry(phases, which, 2*n.blockBytes())
				} else {
					p = n.onePhase(phases, which)
				}
				n.halves(func(e elements, disp int) {
					if lanes {
						p = phaseOf{c: e.loadFrom(at, disp), s: e.loadFrom(at, n.blockBytes()+disp)}
					}
					z, w := e.turn(p, e.loadFrom(re, disp), e.loadFrom(im, disp))
					e.storeTo(z, re, disp)
					e.storeTo(w, im, disp)
				})
				n.advance(re, im)
			})
			n.end()
		})
	}
}

// signs multiplies every block by the real part of the phase of its class.
func (n *neon) signs() {
	n.text("Signs", "x *T, class *int32, count int, phases *T", "", func() {
		x, class, phases := n.param("x"), n.param("class"), n.param("phases")
		n.repeat(n.param("count"), func() {
			p := n.onePhase(phases, n.next(class))
			e := n.group(4)
			v := e.load(x)
			for _, r := range v {
				n.multiplyLane(byLane, r, r, p.both, 0)
			}
			e.store(v, x)
			n.advance(x)
		})
		n.end()
	})
}

// phaseBackward multiplies every amplitude of ψ and of λ by the phase of its class, two numbers each, and
// adds Im ψλ̄ of the products to the block of the class in sums.
func (n *neon) phaseBackward() {
	n.text("PhaseBackward", "pr, pi, lr, li *T, class *int32, count int, phases, sums *T", "", func() {
		pr, pi, lr, li := n.param("pr"), n.param("pi"), n.param("lr"), n.param("li")
		class, phases, sums := n.param("class"), n.param("phases"), n.param("sums")
		n.repeat(n.param("count"), func() {
			which := n.next(class)
			phase, total := n.onePhase(phases, which), n.block(sums, which)
			n.halves(func(e elements, disp int) {
				p, q := e.turn(phase, e.loadFrom(pr, disp), e.loadFrom(pi, disp))
				x, y := e.turn(phase, e.loadFrom(lr, disp), e.loadFrom(li, disp))
				e.addOverlap(total, disp, p, q, x, y)
				e.storeTo(p, pr, disp)
				e.storeTo(q, pi, disp)
				e.storeTo(x, lr, disp)
				e.storeTo(y, li, disp)
			})
			n.advance(pr, pi, lr, li)
		})
		n.end()
	})
}

// addOverlap adds Im (p+iq)·(x−iy) to a group in memory.
func (e elements) addOverlap(at register, disp int, p, q, x, y []register) {
	sum := e.loadFrom(at, disp)
	e.all(fmla, sum, q, x)
	e.all(fmls, sum, p, y)
	e.storeTo(sum, at, disp)
}

// overlaps adds Im ψλ̄ of every amplitude to the block of its class in sums.
func (n *neon) overlaps() {
	n.text("Overlaps", "pr, pi, lr, li *T, class *int32, count int, sums *T", "", func() {
		pr, pi, lr, li := n.param("pr"), n.param("pi"), n.param("lr"), n.param("li")
		class, sums := n.param("class"), n.param("sums")
		n.repeat(n.param("count"), func() {
			total := n.block(sums, n.next(class))
			n.halves(func(e elements, disp int) {
				e.addOverlap(total, disp, e.loadFrom(pr, disp), e.loadFrom(pi, disp), e.loadFrom(lr, disp),
					e.loadFrom(li, disp))
			})
			n.advance(pr, pi, lr, li)
		})
		n.end()
	})
}

// fold adds the blocks at hi to those at lo, and the sum of their differences hi − lo to the block
// difference.
func (n *neon) fold() {
	n.text("Fold", "lo, hi *T, count int, difference *T", "", func() {
		lo, hi, difference, e := n.param("lo"), n.param("hi"), n.param("difference"), n.group(4)
		total := e.load(difference)
		n.repeat(n.param("count"), func() {
			x, y, more := e.load(lo), e.load(hi), e.new()
			n.all(fsub, more, y, x)
			n.all(fadd, x, x, y)
			n.all(fadd, total, total, more)
			e.store(x, lo)
			n.advance(lo, hi)
		})
		e.store(total, difference)
		n.end()
	})
}

// unfold is the adjoint of fold: it sets the blocks at hi to those at lo plus the difference, and those at lo
// to themselves minus it.
func (n *neon) unfold() {
	n.text("Unfold", "lo, hi *T, count int, difference *T", "", func() {
		lo, hi, e := n.param("lo"), n.param("hi"), n.group(4)
		g := e.load(n.param("difference"))
		n.repeat(n.param("count"), func() {
			x, sum := e.load(lo), e.new()
			n.all(fadd, sum, x, g)
			n.all(fsub, x, x, g)
			e.store(x, lo)
			e.store(sum, hi)
			n.advance(lo, hi)
		})
		n.end()
	})
}

// butterfly replaces blocks x and y by x + y and x − y.
func (n *neon) butterfly() {
	n.text("Butterfly", "x, y *T, count int", "", func() {
		p, q, e := n.param("x"), n.param("y"), n.group(4)
		n.repeat(n.param("count"), func() {
			x, y, sum := e.load(p), e.load(q), e.new()
			n.all(fadd, sum, x, y)
			n.all(fsub, x, x, y)
			e.store(sum, p)
			e.store(x, q)
			n.advance(p, q)
		})
		n.end()
	})
}

// sumBlocks adds blocks to the block sum.
func (n *neon) sumBlocks() {
	n.text("SumBlocks", "x *T, count int, sum *T", "", func() {
		x, to, e := n.param("x"), n.param("sum"), n.group(4)
		sum := e.load(to)
		n.repeat(n.param("count"), func() {
			n.all(fadd, sum, sum, e.load(x))
			n.advance(x)
		})
		e.store(sum, to)
		n.end()
	})
}
