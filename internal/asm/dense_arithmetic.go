package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// arithmetic is what takes one instruction for an element.
func (a arch) arithmetic() {
	for _, binary := range []struct {
		name string
		op   operation
	}{{"Add", opAdd}, {"Mul", opMul}} {
		a.text(binary.name, "dst, a, b []T", "")
		dst, x, y := pointer("dst"), pointer("a"), pointer("b")
		a.each(length("dst"), 4, nil, func(s step, _ int) {
			v := s.load(x)
			a.emit(binary.op, v, v, s.load(y))
			s.store(v, dst)
		})
		end()
	}

	a.text("Axpy", "alpha T, x, y []T", "")
	x, y, alpha := pointer("x"), pointer("y"), a.scalar("alpha")
	a.each(length("x"), 4, nil, func(s step, _ int) {
		v := s.load(y)
		a.emit(opFMA, v, alpha, s.load(x))
		s.store(v, y)
	})
	end()

	a.text("Scale", "alpha T, x []T", "")
	x, alpha = pointer("x"), a.scalar("alpha")
	a.each(length("x"), 4, nil, func(s step, _ int) {
		v := s.load(x)
		a.emit(opMul, v, v, alpha)
		s.store(v, x)
	})
	end()
}

// fma is multiplications and additions between registers alone, in as many chains as hide their latency: what
// no other kernel can exceed.
func (a arch) fma() {
	a.text("FMA", "n int", "")
	n, x := param("n"), a.zero()
	var sums [fmaChains]reg.VecVirtual
	for i := range sums {
		sums[i] = a.zero()
	}
	again := label("fma")
	Label(again)
	for i := range sums {
		a.emit(opFMA, sums[i], x, x)
	}
	DECQ(n)
	JNE(LabelRef(again))
	end()
}

// fmaChains is the number of independent sums in fma; dense.FMA counts with it.
const fmaChains = 12

// sums are the reductions over one slice or two, and over columns. Four partial sums hide the latency of an
// addition.
func (a arch) sums() {
	a.text("Dot", "x, y []T", "T")
	x, y := pointer("x"), pointer("y")
	partial := a.partials()
	a.each(length("x"), len(partial), nil, func(s step, i int) {
		a.emit(opFMA, partial[i], s.load(x), s.load(y))
	})
	a.result(a.total(partial, opAdd))
	end()

	a.sumSquares()
	a.colSum()

	a.text("Maximum", "x []T", "T")
	x = pointer("x")
	lowest := a.set(a.number(negativeInf))
	partial = a.partials()
	for i := range partial {
		a.pick(VMOVAPS, VMOVAPD)(lowest, partial[i])
	}
	a.each(length("x"), len(partial), nil, func(s step, i int) {
		v := s.load(x)
		s.fill(v, lowest)
		a.emit(opMax, partial[i], partial[i], v)
	})
	a.result(a.total(partial, opMax))
	end()
}

func (a arch) partials() []reg.VecVirtual {
	return []reg.VecVirtual{a.zero(), a.zero(), a.zero(), a.zero()}
}

// total combines partial results and lanes.
func (a arch) total(p []reg.VecVirtual, o operation) reg.VecVirtual {
	a.emit(o, p[0], p[0], p[1])
	a.emit(o, p[2], p[2], p[3])
	a.emit(o, p[0], p[0], p[2])
	a.reduce(p[0], o)
	return p[0]
}

// sumSquares adds in float64: float32 elements are loaded half a vector at a time and converted.
func (a arch) sumSquares() {
	a.text("SumSquares", "x []T", "float64")
	x := pointer("x")
	in, wide := a, arch{avx512: a.avx512, bytes: a.bytes, size: 8}
	if a.size == 4 {
		in.bytes /= 2
	}
	partial := wide.partials()
	in.each(length("x"), len(partial), nil, func(s step, i int) {
		v := s.load(x)
		if a.size == 4 {
			w := wide.vec()
			VCVTPS2PD(v, w)
			v = w
		}
		wide.emit(opFMA, partial[i], v, v)
	})
	wide.result(wide.total(partial, opAdd))
	end()
}

// colSum keeps the sums of four vectors of columns, then of one, in registers while it walks down the rows.
func (a arch) colSum() {
	a.text("ColSum", "rows, cols int, x, dst []T", "")
	x, dst, count, cols := pointer("x"), pointer("dst"), param("rows"), param("cols")
	stride := GP64()
	MOVQ(cols, stride)
	SHLQ(a.shift(), stride)
	columns := func(vectors int, tail *mask) {
		sum := make([]reg.VecVirtual, vectors)
		for v := range sum {
			sum[v] = a.zero()
		}
		down, left, empty := GP64(), GP64(), label("empty")
		MOVQ(x, down)
		MOVQ(count, left)
		TESTQ(left, left)
		JEQ(LabelRef(empty))
		rows(left, stride, []reg.GPVirtual{down}, func() {
			for v := range sum {
				a.emit(opAdd, sum[v], sum[v], step{arch: a, disp: v * a.bytes, tail: tail}.load(down))
			}
		})
		Label(empty)
		for v := range sum {
			step{arch: a, disp: v * a.bytes, tail: tail}.store(sum[v], dst)
		}
		ADDQ(U32(uint32(vectors*a.bytes)), x)
		ADDQ(U32(uint32(vectors*a.bytes)), dst)
		SUBQ(U32(uint32(vectors*a.lanes())), cols)
	}
	for _, vectors := range []int{4, 1} {
		again, rest := label("columns"), label("rest")
		Label(again)
		CMPQ(cols, U32(uint32(vectors*a.lanes())))
		JLT(LabelRef(rest))
		columns(vectors, nil)
		JMP(LabelRef(again))
		Label(rest)
	}
	done := label("done")
	TESTQ(cols, cols)
	JEQ(LabelRef(done))
	columns(1, a.first(cols))
	Label(done)
	end()
}

// adamW makes the update of AdamW in the element type, in the order that PyTorch uses.
func (a arch) adamW() {
	a.text("AdamW", "w, g, m, v []T, keep, beta1, rest1, beta2, rest2, root, eps, step T", "")
	w, g, m, v := pointer("w"), pointer("g"), pointer("m"), pointer("v")
	p := map[string]reg.VecVirtual{}
	for _, name := range []string{"keep", "beta1", "rest1", "beta2", "rest2", "root", "eps", "step"} {
		p[name] = a.scalar(name)
	}
	a.each(length("w"), 1, nil, func(s step, _ int) {
		grad, first, second, weight := s.load(g), s.load(m), s.load(v), s.load(w)
		a.emit(opMul, first, first, p["beta1"])
		a.emit(opFMA, first, grad, p["rest1"])
		s.store(first, m)
		a.emit(opMul, second, second, p["beta2"])
		scaled := a.vec()
		a.emit(opMul, scaled, grad, p["rest2"])
		a.emit(opFMA, second, scaled, grad)
		s.store(second, v)
		a.pick(VSQRTPS, VSQRTPD)(second, second)
		a.emit(opMul, second, second, p["root"])
		a.emit(opAdd, second, second, p["eps"])
		a.emit(opMul, first, first, p["step"])
		a.emit(opDiv, first, first, second)
		a.emit(opMul, weight, weight, p["keep"])
		a.emit(opSub, weight, weight, first)
		s.store(weight, w)
	})
	end()
}
