package main

// neonMatrix is the 2×2 matrix of each lane: re00 im00 re01 im01 re10 im10 re11 im11.
type neonMatrix [8][]register

// matrix loads entries of a matrix.
func (e elements) matrix(u register, disp int, entries ...int) (m neonMatrix) {
	for _, i := range entries {
		m[i] = e.loadFrom(u, i*e.blockBytes()+disp)
	}
	return m
}

// apply returns (e+if, g+ih) = u·(x+iy, z+iw).
func (e elements) apply(u neonMatrix, x, y, z, w []register) (p, q, r, s []register) {
	p, q, r, s = e.times(x, u[0]), e.times(y, u[0]), e.times(x, u[4]), e.times(y, u[4])
	e.all(fmls, p, y, u[1])
	e.all(fmla, q, x, u[1])
	e.all(fmls, r, y, u[5])
	e.all(fmla, s, x, u[5])
	e.all(fmla, p, z, u[2])
	e.all(fmla, q, w, u[2])
	e.all(fmla, r, z, u[6])
	e.all(fmla, s, w, u[6])
	e.all(fmls, p, w, u[3])
	e.all(fmla, q, z, u[3])
	e.all(fmls, r, w, u[7])
	e.all(fmla, s, z, u[7])
	return p, q, r, s
}

// applyReal multiplies the groups at two addresses by Re(u) where they stand and returns the product.
func (e elements) applyReal(u neonMatrix, lo, hi register, disp int) (z, w []register) {
	x, y := e.loadFrom(lo, disp), e.loadFrom(hi, disp)
	z, w = e.times(x, u[0]), e.times(x, u[4])
	e.all(fmla, z, y, u[2])
	e.all(fmla, w, y, u[6])
	e.storeTo(z, lo, disp)
	e.storeTo(w, hi, disp)
	return z, w
}

func (n *neon) rotate() {
	n.text("Rotate", "re, im *T, pairs *int32, count int, u *T", "", func() {
		re, im, u := n.param("re"), n.param("im"), n.param("u")
		n.columns(2, []register{re, im, u}, func() {
			e, pairs := n.group(2), n.param("pairs")
			m := e.matrix(u, 0, 0, 1, 2, 3, 4, 5, 6, 7)
			n.repeat(n.param("count"), func() {
				lo, hi := n.nextPair(pairs)
				at := []register{n.block(re, lo), n.block(im, lo), n.block(re, hi), n.block(im, hi)}
				p, q, r, s := e.apply(m, e.load(at[0]), e.load(at[1]), e.load(at[2]), e.load(at[3]))
				for i, v := range [][]register{p, q, r, s} {
					e.store(v, at[i])
				}
			})
		})
	})
}

func (n *neon) rotateReal() {
	n.text("RotateReal", "x *T, pairs *int32, count int, u *T", "", func() {
		x, pairs, u := n.param("x"), n.param("pairs"), n.param("u")
		m := [2]neonMatrix{n.group(2).matrix(u, 0, 0, 2, 4, 6), n.group(2).matrix(u, 32, 0, 2, 4, 6)}
		n.repeat(n.param("count"), func() {
			lo, hi := n.nextPair(pairs)
			a, b := n.block(x, lo), n.block(x, hi)
			n.halves(func(e elements, disp int) { e.applyReal(m[disp/32], a, b, disp) })
		})
		n.end()
	})
}

// rotateBackward multiplies every pair of ψ and of λ by u and adds the four moments of the products to m.
func (n *neon) rotateBackward() {
	n.text("RotateBackward", "pr, pi, lr, li *T, pairs *int32, count int, u, m *T", "", func() {
		planes := []register{n.param("pr"), n.param("pi"), n.param("lr"), n.param("li")}
		u, m := n.param("u"), n.param("m")
		n.columns(1, append([]register{u, m}, planes...), func() {
			e, pairs := n.group(1), n.param("pairs")
			matrix := e.matrix(u, 0, 0, 1, 2, 3, 4, 5, 6, 7)
			var sums [4]register
			for i := range sums {
				sums[i] = e.loadFrom(m, i*n.blockBytes())[0]
			}
			n.repeat(n.param("count"), func() {
				lo, hi := n.nextPair(pairs)
				n.toOffset(lo)
				n.toOffset(hi)
				pair := func(re, im register) (e0, f, g, h register) {
					at := [][2]register{{re, lo}, {im, lo}, {re, hi}, {im, hi}}
					var x [4][]register
					for i, a := range at {
						x[i] = []register{n.loadIndexed(a[0], a[1])}
					}
					p, q, r, s := e.apply(matrix, x[0], x[1], x[2], x[3])
					for i, v := range [][]register{p, q, r, s} {
						n.storeIndexed(v[0], at[i][0], at[i][1])
					}
					return p[0], q[0], r[0], s[0]
				}
				p, q, r, s := pair(planes[0], planes[1])
				x, y, z, w := pair(planes[2], planes[3])
				n.do(fmla, sums[0], x, q)
				n.do(fmla, sums[1], z, s)
				n.do(fmla, sums[2], x, s)
				n.do(fmla, sums[3], x, r)
				n.do(fmls, sums[0], y, p)
				n.do(fmls, sums[1], w, r)
				n.do(fmls, sums[2], y, r)
				n.do(fmla, sums[3], y, s)
				n.do(fmla, sums[2], z, q)
				n.do(fmls, sums[3], z, p)
				n.do(fmls, sums[2], w, p)
				n.do(fmls, sums[3], w, q)
			})
			for i := range sums {
				e.storeTo(sums[i:i+1], m, i*n.blockBytes())
			}
		})
	})
}

// rotateRealBackward multiplies every pair of ψ's and of λ's blocks by Re(u) and adds Σ ψ₁λ₀ − ψ₀λ₁ to m.
func (n *neon) rotateRealBackward() {
	n.text("RotateRealBackward", "psi, lam *T, pairs *int32, count int, u, m *T", "", func() {
		psi, lam, u, m := n.param("psi"), n.param("lam"), n.param("u"), n.param("m")
		n.columns(2, []register{psi, lam, u, m}, func() {
			e, pairs := n.group(2), n.param("pairs")
			matrix, sum := e.matrix(u, 0, 0, 2, 4, 6), e.load(m)
			n.repeat(n.param("count"), func() {
				lo, hi := n.nextPair(pairs)
				p, r := e.applyReal(matrix, n.block(psi, lo), n.block(psi, hi), 0)
				x, z := e.applyReal(matrix, n.block(lam, lo), n.block(lam, hi), 0)
				e.all(fmla, sum, x, r)
				e.all(fmls, sum, z, p)
			})
			e.store(sum, m)
		})
	})
}
