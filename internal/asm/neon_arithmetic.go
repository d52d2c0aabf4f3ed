package main

// arithmetic is what takes one instruction for an element.
func (n *neon) arithmetic() {
	for _, kernel := range []struct {
		name string
		instruction
	}{{"Add", fadd}, {"Mul", fmul}} {
		n.text(kernel.name, "dst, a, b []T", "", func() {
			dst, x, y := n.pointer("dst"), n.pointer("a"), n.pointer("b")
			n.each(n.length("dst"), 4, func(e elements) {
				v := e.take(x)
				n.all(kernel.instruction, v, v, e.take(y))
				e.put(v, dst)
			})
			n.end()
		})
	}
	n.text("Axpy", "alpha T, x, y []T", "", func() {
		x, y, alpha := n.pointer("x"), n.pointer("y"), n.scalar("alpha")
		n.each(n.length("x"), 4, func(e elements) {
			v := e.load(y)
			n.all(fmla, v, e.take(x), []register{alpha})
			e.put(v, y)
		})
		n.end()
	})
	n.text("Scale", "alpha T, x []T", "", func() {
		x, alpha := n.pointer("x"), n.scalar("alpha")
		n.each(n.length("x"), 4, func(e elements) {
			v := e.load(x)
			n.all(fmul, v, v, []register{alpha})
			e.put(v, x)
		})
		n.end()
	})
}

// multipliers is the kernel that dense.FMA runs: multiplications and additions between registers alone, in as
// many chains as hide their latency.
func (n *neon) multipliers() {
	n.text("FMA", "n int", "", func() {
		count, x := n.param("n"), n.set(0)
		sums := make([]register, 2*fmaChains) // dense.FMA counts chains of two vectors
		for i := range sums {
			sums[i] = n.set(0)
		}
		n.repeat(count, func() { n.all(fmla, sums, []register{x}, []register{x}) })
		n.end()
	})
}

// partials are the sums that a reduction runs side by side.
func (n *neon) partials(start float64) []register {
	return []register{n.set(start), n.set(start), n.set(start), n.set(start)}
}

// total combines partial results and lanes.
func (n *neon) total(p []register, i, pairwise instruction) register {
	return n.reduce(n.of(i, n.of(i, p[0], p[1]), n.of(i, p[2], p[3])), pairwise)
}

// sums are the reductions over one slice or two, and over columns.
func (n *neon) sums() {
	n.text("Dot", "x, y []T", "T", func() {
		x, y, partial := n.pointer("x"), n.pointer("y"), n.partials(0)
		n.each(n.length("x"), 4, func(e elements) {
			v := e.take(x)
			n.all(fmla, partial[:len(v)], v, e.take(y))
		})
		n.result(n.total(partial, fadd, faddp))
		n.end()
	})
	n.sumSquares()
	n.colSum()
	n.text("Maximum", "x []T", "T", func() {
		x, partial := n.pointer("x"), n.partials(negativeInf)
		n.each(n.length("x"), 4, func(e elements) {
			v := e.take(x)
			if e.single {
				v[0] = n.broadcast(v[0])
			}
			n.all(fmax, partial[:len(v)], partial[:len(v)], v)
		})
		n.result(n.total(partial, fmax, fmaxp))
		n.end()
	})
}

// sumSquares adds in float64: float32 elements are converted two at a time.
func (n *neon) sumSquares() {
	n.text("SumSquares", "x []T", "float64", func() {
		wide, x, partial := n.as(8), n.pointer("x"), n.partials(0)
		n.each(n.length("x"), 2, func(e elements) {
			v := e.take(x)
			if n.size == 4 && e.single {
				v = []register{n.of(fcvtl, v[0])}
			} else if n.size == 4 {
				var doubles []register
				for _, r := range v {
					doubles = append(doubles, n.of(fcvtl, r), n.of(fcvtl2, r))
				}
				v = doubles
			}
			for i, d := range v {
				wide.do(fmla, partial[i], d, d)
			}
		})
		sum := wide.of(fadd, wide.of(fadd, partial[0], partial[1]), wide.of(fadd, partial[2], partial[3]))
		n.op("FMOVD F@, "+n.operand("ret"), "u", wide.of(faddp, sum, sum))
		n.end()
	})
}

// colSum keeps the sums of four vectors of columns, of one, or of a column in registers while it walks down
// the rows.
func (n *neon) colSum() {
	n.text("ColSum", "rows, cols int, x, dst []T", "", func() {
		x, dst, rows, cols := n.pointer("x"), n.pointer("dst"), n.param("rows"), n.param("cols")
		stride := n.scaled(cols)
		n.each(n.duplicate(cols), 4, func(e elements) {
			sum := make([]register, e.vectors)
			for i := range sum {
				sum[i] = n.set(0)
			}
			empty := n.newLabel("empty")
			n.branch("CBZ R@,", empty, rows)
			down := n.duplicate(x)
			n.repeat(n.duplicate(rows), func() {
				n.all(fadd, sum, sum, e.load(down))
				n.op("ADD R@, R@", "ub", stride, down)
			})
			n.mark(empty)
			e.move(x)
			e.put(sum, dst)
		})
		n.end()
	})
}

// adamW makes the update of AdamW in the element type, in the order that PyTorch uses.
func (n *neon) adamW() {
	n.text("AdamW", "w, g, m, v []T, keep, beta1, rest1, beta2, rest2, root, eps, step T", "", func() {
		w, g, m, v := n.pointer("w"), n.pointer("g"), n.pointer("m"), n.pointer("v")
		p := map[string][]register{}
		for _, name := range []string{"keep", "beta1", "rest1", "beta2", "rest2", "root", "eps", "step"} {
			p[name] = []register{n.scalar(name)}
		}
		n.each(n.length("w"), 2, func(e elements) {
			grad, first, second, weight := e.take(g), e.load(m), e.load(v), e.load(w)
			n.all(fmul, first, first, p["beta1"])
			n.all(fmla, first, grad, p["rest1"])
			e.put(first, m)
			n.all(fmul, second, second, p["beta2"])
			scaled := e.new()
			n.all(fmul, scaled, grad, p["rest2"])
			n.all(fmla, second, scaled, grad)
			e.put(second, v)
			for _, s := range second {
				n.do(fsqrt, s, s)
			}
			n.all(fmul, second, second, p["root"])
			n.all(fadd, second, second, p["eps"])
			n.all(fmul, first, first, p["step"])
			n.all(fdiv, first, first, second)
			n.all(fmul, weight, weight, p["keep"])
			n.all(fsub, weight, weight, first)
			e.put(weight, w)
		})
		n.end()
	})
}
