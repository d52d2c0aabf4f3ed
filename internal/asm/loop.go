package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

var labels int

// label returns a name that no other jump target has.
func label(what string) string {
	labels++
	return fmt.Sprintf("%s%d", what, labels)
}

// mask selects the first lanes of a vector: an opmask with AVX-512, a vector of ones and zeros with AVX2.
type mask struct {
	k reg.OpmaskVirtual
	v reg.VecVirtual
}

// first returns the mask of the first n lanes, all of them if there are no more than n.
func (a arch) first(n reg.GPVirtual) *mask {
	t := GP64()
	if a.avx512 {
		k := K()
		MOVQ(I32(-1), t)
		BZHIQ(n, t, t)
		KMOVW(t.As32(), k)
		return &mask{k: k}
	}
	table, zero := GP64(), GP64()
	MOVQ(I32(int32(a.lanes())), t)
	SUBQ(n, t)
	XORQ(zero, zero)
	CMPQ(t, zero)
	CMOVQLT(zero, t)
	LEAQ(a.ladder(), table)
	v := a.vec()
	VMOVUPS(Mem{Base: table, Index: t, Scale: uint8(a.size)}, v)
	return &mask{v: v}
}

// ladder is a vector of ones and then a vector of zeros: the mask of n lanes begins lanes−n elements into it.
func (a arch) ladder() Mem {
	name := fmt.Sprintf("ladder%d", a.bytes)
	if m, ok := constants[name]; ok {
		return m
	}
	m := GLOBL(name, 8|16 /* RODATA|NOPTR */)
	for i := range a.bytes / 8 {
		DATA(i*8, U64(1<<64-1))
	}
	for i := range a.bytes / 8 {
		DATA(a.bytes+i*8, U64(0))
	}
	constants[name] = m
	return m
}

// step is one vector's worth of a loop over elements: all lanes, or those of the mask at the end.
type step struct {
	arch
	index reg.GPVirtual
	disp  int
	tail  *mask
}

func (s step) memory(p reg.GPVirtual) Mem {
	return Mem{Base: p, Index: s.index, Scale: 1, Disp: s.disp}
}

// load returns the elements at p; the lanes beyond the end are zero.
func (s step) load(p reg.GPVirtual) reg.VecVirtual {
	v := s.vec()
	switch {
	case s.tail == nil:
		s.pick(VMOVUPS, VMOVUPD)(s.memory(p), v)
	case s.avx512 && s.size == 4:
		VMOVUPS_Z(s.memory(p), s.tail.k, v)
	case s.avx512:
		VMOVUPD_Z(s.memory(p), s.tail.k, v)
	case s.size == 4:
		VMASKMOVPS(s.memory(p), s.tail.v, v)
	default:
		VMASKMOVPD(s.memory(p), s.tail.v, v)
	}
	return v
}

func (s step) store(v reg.VecVirtual, p reg.GPVirtual) {
	switch {
	case s.tail == nil:
		s.pick(VMOVUPS, VMOVUPD)(v, s.memory(p))
	case s.avx512:
		s.pick(VMOVUPS, VMOVUPD)(v, s.tail.k, s.memory(p))
	case s.size == 4:
		VMASKMOVPS(v, s.tail.v, s.memory(p))
	default:
		VMASKMOVPD(v, s.tail.v, s.memory(p))
	}
}

// fill replaces the lanes beyond the end by those of other.
func (s step) fill(v, other reg.VecVirtual) {
	switch {
	case s.tail == nil:
	case s.avx512:
		s.pick(VBLENDMPS, VBLENDMPD)(v, other, s.tail.k, v)
	case s.size == 4:
		VBLENDVPS(s.tail.v, v, other, v)
	default:
		VBLENDVPD(s.tail.v, v, other, v)
	}
}

// each runs body over n elements: `unroll` vectors at a time, then one, then the rest under a mask. body gets
// the number of the copy it is, in [0,unroll). The mask of the rest may be given, for loops within loops.
func (a arch) each(n reg.GPVirtual, unroll int, tail *mask, body func(s step, copy int)) {
	count, index := GP64(), GP64()
	MOVQ(n, count)
	XORQ(index, index)
	for _, copies := range []int{unroll, 1} {
		again, rest := label("loop"), label("rest")
		SUBQ(U32(uint32(copies*a.lanes())), count)
		JLT(LabelRef(rest))
		Label(again)
		for i := range copies {
			body(step{arch: a, index: index, disp: i * a.bytes}, i)
		}
		ADDQ(U32(uint32(copies*a.bytes)), index)
		SUBQ(U32(uint32(copies*a.lanes())), count)
		JGE(LabelRef(again))
		Label(rest)
		ADDQ(U32(uint32(copies*a.lanes())), count)
		if unroll == 1 {
			break
		}
	}
	done := label("done")
	TESTQ(count, count)
	JEQ(LabelRef(done))
	if tail == nil {
		tail = a.first(count)
	}
	body(step{arch: a, index: index, tail: tail}, 0)
	Label(done)
}

// rest returns the mask of the last vector of n elements, if that is not a whole one.
func (a arch) rest(n reg.GPVirtual) *mask {
	r := GP64()
	MOVQ(n, r)
	ANDQ(Imm(uint64(a.lanes()-1)), r)
	return a.first(r)
}

// rows runs body n times and moves the pointers on by `stride` bytes after each.
func rows(n, stride reg.GPVirtual, pointers []reg.GPVirtual, body func()) {
	again := label("row")
	Label(again)
	body()
	for _, p := range pointers {
		ADDQ(stride, p)
	}
	DECQ(n)
	JNE(LabelRef(again))
}
