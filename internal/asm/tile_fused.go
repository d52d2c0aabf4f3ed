package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const (
	fusedRotations = 3 // real rotations that one pass does
	fusedBlocks    = 1 << fusedRotations
)

// fused is a kernel of fused rotations: groups of eight blocks are held in registers while the pairs of each
// rotation in turn, those that differ in one bit of their number, are rotated.
type fused struct {
	arch
	groups, count, forms, coefs reg.GPVirtual
	shear                       [fusedRotations]reg.VecVirtual
}

func (a arch) newFused() *fused {
	f := &fused{arch: a}
	f.groups, f.count, f.forms, f.coefs = param("groups"), param("count"), param("forms"), param("coefs")
	for j := range f.shear {
		f.shear[j] = a.loadVec(Mem{Base: f.coefs, Disp: j * a.blockBytes()})
	}
	return f
}

// entry is the memory operand of an entry of a rotation's matrix, which stand behind the shears.
func (f *fused) entry(rotation, i int) Mem {
	return Mem{Base: f.coefs, Disp: (fusedRotations + 4*rotation + i) * f.blockBytes()}
}

// member is the block of a state that stands i-th in the group.
func (a arch) member(state, groups reg.GPVirtual, i int) Mem {
	return indexed(state, offsetOf(Mem{Base: groups, Disp: 4 * i}, a.blockBytes()))
}

func (a arch) loadGroup(state, groups reg.GPVirtual) (v [fusedBlocks]reg.VecVirtual) {
	for i := range v {
		v[i] = a.loadVec(a.member(state, groups, i))
	}
	return v
}

func (a arch) storeGroup(v [fusedBlocks]reg.VecVirtual, state, groups reg.GPVirtual) {
	for i := range v {
		a.storeVec(v[i], a.member(state, groups, i))
	}
}

// eachPair calls f for the pairs of a rotation.
func eachPair(rotation int, f func(lo, hi int)) {
	for i := range fusedBlocks {
		if i>>rotation&1 == 0 {
			f(i, i|1<<rotation)
		}
	}
}

// rotate does one rotation on the groups of all states, in the form that two bits of forms say: 0 not at all,
// 1 to (x−ty, y+tx), 2 to (tx−y, ty+x), 3 by a full matrix. The branches are the same for all groups, and
// predicted.
func (f *fused) rotate(j int, states ...*[fusedBlocks]reg.VecVirtual) {
	forms := []func(x, y reg.VecVirtual){f.tangent(j), f.cotangent(j), f.matrix(j)}
	labels := []string{label("tangent"), label("cotangent"), label("matrix")}
	bits, done := GP64(), label("done")
	MOVQ(f.forms, bits)
	SHRQ(Imm(uint64(2*j)), bits)
	ANDQ(Imm(3), bits)
	JZ(LabelRef(done))
	CMPQ(bits, Imm(2))
	JEQ(LabelRef(labels[1]))
	JA(LabelRef(labels[2]))
	for i, form := range forms {
		Label(labels[i])
		for _, v := range states {
			eachPair(j, func(lo, hi int) { form(v[lo], v[hi]) })
		}
		if i+1 < len(forms) {
			JMP(LabelRef(done))
		}
	}
	Label(done)
}

func (f *fused) tangent(j int) func(x, y reg.VecVirtual) {
	return func(x, y reg.VecVirtual) {
		z := f.copy(x)
		f.emit(opFNMA, x, y, f.shear[j])
		f.emit(opFMA, y, z, f.shear[j])
	}
}

func (f *fused) cotangent(j int) func(x, y reg.VecVirtual) {
	return func(x, y reg.VecVirtual) {
		z := f.copy(x)
		f.pick(VFMSUB213PS, VFMSUB213PD)(y, f.shear[j], x)
		f.pick(VFMADD213PS, VFMADD213PD)(z, f.shear[j], y)
	}
}

func (f *fused) matrix(j int) func(x, y reg.VecVirtual) {
	return func(x, y reg.VecVirtual) {
		z, w := f.vec(), f.vec()
		f.emit(opMul, z, y, f.entry(j, 1))
		f.emit(opMul, w, x, f.entry(j, 2))
		f.pick(VFMADD132PS, VFMADD132PD)(f.entry(j, 0), z, x)
		f.pick(VFMADD132PS, VFMADD132PD)(f.entry(j, 3), w, y)
	}
}

// nextGroup runs body for every group.
func nextGroup(groups, count reg.GPVirtual, body func()) {
	repeat(count, func() {
		body()
		ADDQ(Imm(4*fusedBlocks), groups)
	})
}

func (a arch) rotateFused() {
	a.text("RotateFused", "x *T, groups *int32, count, forms int, coefs *T", "")
	x, f := param("x"), a.newFused()
	nextGroup(f.groups, f.count, func() {
		v := a.loadGroup(x, f.groups)
		for j := range fusedRotations {
			f.rotate(j, &v)
		}
		a.storeGroup(v, x, f.groups)
	})
	end()
}

// rotateFusedBackward rotates ψ and λ and adds Σ ψ₁λ₀ − ψ₀λ₁ over the rotated pairs of each rotation to m.
func (a arch) rotateFusedBackward() {
	a.text("RotateFusedBackward", "psi, lam *T, groups *int32, count, forms int, coefs, m *T", "")
	psi, lam, m := param("psi"), param("lam"), param("m")
	f, sums := a.newFused(), a.loadMoments(m)
	nextGroup(f.groups, f.count, func() {
		v, w := a.loadGroup(psi, f.groups), a.loadGroup(lam, f.groups)
		for j := range fusedRotations {
			f.rotate(j, &v, &w)
		}
		for j := range fusedRotations {
			eachPair(j, func(lo, hi int) {
				a.emit(opFMA, sums[j], w[lo], v[hi])
				a.emit(opFNMA, sums[j], w[hi], v[lo])
			})
		}
		a.storeGroup(v, psi, f.groups)
		a.storeGroup(w, lam, f.groups)
	})
	a.storeMoments(sums, m)
	end()
}

// fusedMoments only adds the moments, for instruction sets with too few registers for both states.
func (a arch) fusedMoments() {
	a.text("FusedMoments", "psi, lam *T, groups *int32, count int, m *T", "")
	psi, lam, m := param("psi"), param("lam"), param("m")
	groups, count := param("groups"), param("count")
	sums := a.loadMoments(m)
	nextGroup(groups, count, func() {
		v := a.loadGroup(psi, groups)
		for i := range fusedBlocks {
			w := a.loadVec(a.member(lam, groups, i))
			for j := range fusedRotations {
				o := opFMA
				if i>>j&1 == 1 {
					o = opFNMA
				}
				a.emit(o, sums[j], v[i^1<<j], w)
			}
		}
	})
	a.storeMoments(sums, m)
	end()
}

func (a arch) loadMoments(m reg.GPVirtual) (sums [fusedRotations]reg.VecVirtual) {
	for j := range sums {
		sums[j] = a.loadVec(Mem{Base: m, Disp: j * a.blockBytes()})
	}
	return sums
}

func (a arch) storeMoments(sums [fusedRotations]reg.VecVirtual, m reg.GPVirtual) {
	for j := range sums {
		a.storeVec(sums[j], Mem{Base: m, Disp: j * a.blockBytes()})
	}
}
