// Command asm writes the kernels of package statevec that keep eight amplitudes in registers: go generate ./qops/statevec.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const (
	qubits = 3 // that a pass rotates
	group  = 1 << qubits
)

func main() {
	ConstraintExpr("amd64")
	for _, size := range []int{4, 8} {
		k := kernel{size: size, bytes: 64, vec: ZMM}
		k.rotate()
		k.rotateBack()
		k = kernel{size: size, bytes: 32, vec: YMM}
		k.rotate()
		k.moments()
	}
	Generate()
}

// kernel is a kernel for an element type and a vector of so many bytes. A block is 16 elements, of which a call does one vector.
type kernel struct {
	size, bytes int
	vec         func() reg.VecVirtual
	coefs       reg.GPVirtual
	kinds       reg.GPVirtual
	shear       [qubits]reg.VecVirtual
}

func (k *kernel) block() int { return 16 * k.size }

func (k *kernel) pick(single, double func(...Op)) func(...Op) {
	if k.size == 4 {
		return single
	}
	return double
}

func (k *kernel) text(name, params string) {
	TEXT(fmt.Sprintf("%s%d_%d", name, 8*k.bytes, 8*k.size), 4 /* NOSPLIT */, "func("+params+")")
	Pragma("noescape")
}

func param(name string) reg.GPVirtual { return Load(Param(name), GP64()).(reg.GPVirtual) }

// begin loads what both kernels need.
func (k *kernel) begin() (groups, count reg.GPVirtual) {
	groups, count = param("groups"), param("count")
	k.kinds, k.coefs = param("kinds"), param("coefs")
	for j := range k.shear {
		k.shear[j] = k.vec()
		VMOVUPS(Mem{Base: k.coefs, Disp: j * k.block()}, k.shear[j])
	}
	return groups, count
}

// full is the memory operand of the entry of a stage's matrix.
func (k *kernel) full(stage, entry int) Mem {
	return Mem{Base: k.coefs, Disp: (qubits + 4*stage + entry) * k.block()}
}

// at is the amplitude of a plane that stands i-th in the group.
func (k *kernel) at(plane, groups reg.GPVirtual, i int) Mem {
	offset := GP64()
	MOVLQSX(Mem{Base: groups, Disp: 4 * i}, offset)
	SHLQ(Imm(uint64(map[int]int{4: 6, 8: 7}[k.size])), offset)
	return Mem{Base: plane, Index: offset, Scale: 1}
}

func (k *kernel) load(plane, groups reg.GPVirtual) (v [group]reg.VecVirtual) {
	for i := range v {
		v[i] = k.vec()
		VMOVUPS(k.at(plane, groups, i), v[i])
	}
	return v
}

func (k *kernel) store(v [group]reg.VecVirtual, plane, groups reg.GPVirtual) {
	for i := range v {
		VMOVUPS(v[i], k.at(plane, groups, i))
	}
}

// pairs calls f for the pairs that differ in one bit of their number.
func pairs(stage int, f func(lo, hi int)) {
	for i := range group {
		if i>>stage&1 == 0 {
			f(i, i|1<<stage)
		}
	}
}

// stage rotates the pairs of all states in the way that two bits of kinds say: 0 not at all, 1 to a−tb, b+ta, 2 to ta−b, tb+a, 3 by a full matrix.
func (k *kernel) stage(j int, states ...*[group]reg.VecVirtual) {
	label := func(kind string) string { return fmt.Sprintf("%s%d", kind, j) }
	ways := map[string]func(a, b reg.VecVirtual){
		"tangent": func(a, b reg.VecVirtual) {
			c := k.vec()
			VMOVAPS(a, c)
			k.pick(VFNMADD231PS, VFNMADD231PD)(k.shear[j], b, a)
			k.pick(VFMADD231PS, VFMADD231PD)(k.shear[j], c, b)
		},
		"cotangent": func(a, b reg.VecVirtual) {
			c := k.vec()
			VMOVAPS(a, c)
			k.pick(VFMSUB213PS, VFMSUB213PD)(b, k.shear[j], a)
			k.pick(VFMADD213PS, VFMADD213PD)(c, k.shear[j], b)
		},
		"full": func(a, b reg.VecVirtual) {
			c, d := k.vec(), k.vec()
			k.pick(VMULPS, VMULPD)(k.full(j, 1), b, c)
			k.pick(VMULPS, VMULPD)(k.full(j, 2), a, d)
			k.pick(VFMADD132PS, VFMADD132PD)(k.full(j, 0), c, a)
			k.pick(VFMADD132PS, VFMADD132PD)(k.full(j, 3), d, b)
		},
	}
	k.choose(j, label("tangent"), label("cotangent"), label("full"), label("done"))
	for _, kind := range []string{"tangent", "cotangent", "full"} {
		Label(label(kind))
		for _, v := range states {
			pairs(j, func(lo, hi int) { ways[kind](v[lo], v[hi]) })
		}
		if kind != "full" {
			JMP(LabelRef(label("done")))
		}
	}
	Label(label("done"))
}

// choose jumps to the label of the stage's kind. The branches are the same for all groups, and predicted.
func (k *kernel) choose(j int, tangent, cotangent, full, none string) {
	bits := GP64()
	MOVQ(k.kinds, bits)
	SHRQ(Imm(uint64(2*j)), bits)
	ANDQ(Imm(3), bits)
	JZ(LabelRef(none))
	CMPQ(bits, Imm(2))
	JEQ(LabelRef(cotangent))
	JA(LabelRef(full))
}

// next goes on to the next group.
func next(groups, count reg.GPVirtual) {
	ADDQ(Imm(4*group), groups)
	DECQ(count)
	JNZ(LabelRef("next"))
}

func (k *kernel) rotate() {
	k.text("rotate", "x, groups *byte, count, kinds int, coefs *byte")
	x := param("x")
	groups, count := k.begin()
	Label("next")
	v := k.load(x, groups)
	for j := range qubits {
		k.stage(j, &v)
	}
	k.store(v, x, groups)
	next(groups, count)
	VZEROUPPER()
	RET()
}

// rotateBack rotates ψ and λ and adds Σ ψ₁λ₀ − ψ₀λ₁ over the pairs of each stage, of the rotated ones, to the first blocks of m.
func (k *kernel) rotateBack() {
	k.text("rotateBack", "p, q, groups *byte, count, kinds int, coefs, m *byte")
	p, q, m := param("p"), param("q"), param("m")
	groups, count := k.begin()
	sums := k.sums(m)
	Label("next")
	v, w := k.load(p, groups), k.load(q, groups)
	for j := range qubits {
		k.stage(j, &v, &w)
	}
	for j := range qubits {
		pairs(j, func(lo, hi int) {
			k.pick(VFMADD231PS, VFMADD231PD)(v[hi], w[lo], sums[j])
			k.pick(VFNMADD231PS, VFNMADD231PD)(v[lo], w[hi], sums[j])
		})
	}
	k.store(v, p, groups)
	k.store(w, q, groups)
	next(groups, count)
	k.keep(sums, m)
}

// moments adds only, for instruction sets with too few registers for both states.
func (k *kernel) moments() {
	k.text("moments", "p, q, groups *byte, count int, m *byte")
	p, q, m := param("p"), param("q"), param("m")
	groups, count := param("groups"), param("count")
	sums := k.sums(m)
	Label("next")
	v := k.load(p, groups)
	for i := range group {
		w := k.vec()
		VMOVUPS(k.at(q, groups, i), w)
		for j := range qubits {
			add := k.pick(VFMADD231PS, VFMADD231PD)
			if i>>j&1 == 1 {
				add = k.pick(VFNMADD231PS, VFNMADD231PD)
			}
			add(w, v[i^1<<j], sums[j])
		}
	}
	next(groups, count)
	k.keep(sums, m)
}

func (k *kernel) sums(m reg.GPVirtual) (sums [qubits]reg.VecVirtual) {
	for j := range sums {
		sums[j] = k.vec()
		VMOVUPS(Mem{Base: m, Disp: j * k.block()}, sums[j])
	}
	return sums
}

// keep stores the sums and returns.
func (k *kernel) keep(sums [qubits]reg.VecVirtual, m reg.GPVirtual) {
	for j := range sums {
		VMOVUPS(sums[j], Mem{Base: m, Disp: j * k.block()})
	}
	VZEROUPPER()
	RET()
}
