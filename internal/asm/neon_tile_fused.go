package main

import "fmt"

// neonFused is a kernel of fused rotations, as fused is.
type neonFused struct {
	elements
	forms, coefs register
}

// next returns the addresses of the blocks of the next group.
func (f *neonFused) next(table, state register) (at []register) {
	for i := 0; i < fusedBlocks; i += 2 {
		lo, hi := f.nextPair(table)
		at = append(at, f.block(state, lo), f.block(state, hi))
	}
	return at
}

// rotate does one rotation on the groups of all states, in the form that two bits of forms say: 0 not at all,
// 1 to (x−ty, y+tx), 2 to (tx−y, ty+x), 3 by a full matrix.
func (f *neonFused) rotate(j int, states ...[][]register) {
	done, cotangent, matrix := f.newLabel("done"), f.newLabel("cotangent"), f.newLabel("matrix")
	bits := f.integer()
	f.op(fmt.Sprintf("UBFX $%d, R@, $2, R@", 2*j), "ud", f.forms, bits)
	f.branch("CBZ R@,", done, bits)
	f.op("CMP $2, R@", "u", bits)
	f.branch("BEQ", cotangent)
	f.branch("BGT", matrix)
	each := func(form func(x, y []register)) {
		for _, v := range states {
			eachPair(j, func(lo, hi int) { form(v[lo], v[hi]) })
		}
	}
	t := f.loadFrom(f.coefs, j*f.blockBytes())
	each(func(x, y []register) {
		z := f.copies(x)
		f.all(fmls, x, y, t)
		f.all(fmla, y, z, t)
	})
	f.jump(done)
	f.mark(cotangent)
	t = f.loadFrom(f.coefs, j*f.blockBytes())
	each(func(x, y []register) {
		z, w := f.new(), f.copies(x)
		for i := range z {
			f.do(fneg, z[i], y[i])
		}
		f.all(fmla, z, x, t)
		f.all(fmla, w, y, t)
		f.replace(x, z)
		f.replace(y, w)
	})
	f.jump(done)
	f.mark(matrix)
	var u [4][]register
	for i := range u { // they stand behind the shears
		u[i] = f.loadFrom(f.matrices(), (4*j+i)*f.blockBytes())
	}
	each(func(x, y []register) {
		z, w := f.times(x, u[0]), f.times(x, u[2])
		f.all(fmla, z, y, u[1])
		f.all(fmla, w, y, u[3])
		f.replace(x, z)
		f.replace(y, w)
	})
	f.mark(done)
}

// matrices is the address of the matrices.
func (f *neonFused) matrices() register {
	p := f.integer()
	f.op(fmt.Sprintf("ADD $%d, R@, R@", fusedRotations*f.blockBytes()), "ud", f.coefs, p)
	return p
}

// copies returns registers of their own with the same contents; replace writes into registers.
func (e elements) copies(x []register) []register {
	v := e.new()
	e.replace(v, x)
	return v
}

func (e elements) replace(dst, x []register) { e.all(orr, dst, x, x) }

func (f *neonFused) loadGroup(at []register) (v [][]register) {
	for _, p := range at {
		v = append(v, f.load(p))
	}
	return v
}

func (f *neonFused) storeGroup(v [][]register, at []register) {
	for i, p := range at {
		f.store(v[i], p)
	}
}

func (n *neon) rotateFused() {
	n.text("RotateFused", "x *T, groups *int32, count, forms int, coefs *T", "", func() {
		x, coefs := n.param("x"), n.param("coefs")
		n.columns(2, []register{x, coefs}, func() {
			f := neonFused{n.group(2), n.param("forms"), coefs}
			groups := n.param("groups")
			n.repeat(n.param("count"), func() {
				at := f.next(groups, x)
				v := f.loadGroup(at)
				for j := range fusedRotations {
					f.rotate(j, v)
				}
				f.storeGroup(v, at)
			})
		})
	})
}

// rotateFusedBackward rotates ψ and λ and adds Σ ψ₁λ₀ − ψ₀λ₁ over the rotated pairs of each rotation to m.
func (n *neon) rotateFusedBackward() {
	n.text("RotateFusedBackward", "psi, lam *T, groups *int32, count, forms int, coefs, m *T", "", func() {
		psi, lam, coefs, m := n.param("psi"), n.param("lam"), n.param("coefs"), n.param("m")
		n.columns(1, []register{psi, lam, coefs, m}, func() {
			f := neonFused{n.group(1), n.param("forms"), coefs}
			groups := n.param("groups")
			var sums [fusedRotations][]register
			for j := range sums {
				sums[j] = f.loadFrom(m, j*n.blockBytes())
			}
			n.repeat(n.param("count"), func() {
				var offsets []register
				for range fusedBlocks / 2 {
					lo, hi := n.nextPair(groups)
					n.toOffset(lo)
					n.toOffset(hi)
					offsets = append(offsets, lo, hi)
				}
				var v, w [][]register
				for _, at := range offsets {
					v = append(v, []register{n.loadIndexed(psi, at)})
					w = append(w, []register{n.loadIndexed(lam, at)})
				}
				for j := range fusedRotations {
					f.rotate(j, v, w)
				}
				for j := range fusedRotations {
					eachPair(j, func(lo, hi int) {
						f.all(fmla, sums[j], w[lo], v[hi])
						f.all(fmls, sums[j], w[hi], v[lo])
					})
				}
				for i, at := range offsets {
					n.storeIndexed(v[i][0], psi, at)
					n.storeIndexed(w[i][0], lam, at)
				}
			})
			for j := range sums {
				f.storeTo(sums[j], m, j*n.blockBytes())
			}
		})
	})
}
