package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tall lists, for a tile of one or two vectors, how many rows the tiles have that a panel is cut into: the
// first is repeated, the others take what remains. The accumulators of the first fill the pipeline of the
// multipliers and leave registers for the operands.
func (a arch) tall(vectors int) []int {
	switch {
	case a.avx512 && vectors == 2:
		return []int{12, 8, 4, 2, 1}
	case a.avx512:
		return []int{16, 8, 4, 2, 1}
	case vectors == 2:
		return []int{6, 4, 2, 1}
	}
	return []int{8, 4, 2, 1}
}

// strided addresses the elements of up to 16 vectors that lie `by` bytes apart, with few registers: multiples
// of the distance as scaled indices.
type strided struct {
	base              [2]reg.GPVirtual // of rows 0 and 8
	by, by3, by5, by7 reg.GPVirtual
}

func newStrided(by reg.GPVirtual) *strided {
	s := &strided{base: [2]reg.GPVirtual{GP64(), GP64()}, by: by, by3: GP64(), by5: GP64(), by7: GP64()}
	LEAQ(Mem{Base: by, Index: by, Scale: 2}, s.by3)
	LEAQ(Mem{Base: by, Index: by, Scale: 4}, s.by5)
	LEAQ(Mem{Base: s.by3, Index: by, Scale: 4}, s.by7)
	return s
}

// start sets the first address; count is how many there will be.
func (s *strided) start(at reg.GPVirtual, count int) {
	MOVQ(at, s.base[0])
	if count > 8 {
		LEAQ(Mem{Base: at, Index: s.by, Scale: 8}, s.base[1])
	}
}

func (s *strided) advance(by Op, count int) {
	ADDQ(by, s.base[0])
	if count > 8 {
		ADDQ(by, s.base[1])
	}
}

func (s *strided) element(i int) Mem {
	base := s.base[i/8]
	switch i % 8 {
	case 0:
		return Mem{Base: base}
	case 1, 2, 4:
		return Mem{Base: base, Index: s.by, Scale: uint8(i % 8)}
	case 3, 6:
		return Mem{Base: base, Index: s.by3, Scale: uint8(i % 8 / 3)}
	case 5:
		return Mem{Base: base, Index: s.by5, Scale: 1}
	}
	return Mem{Base: base, Index: s.by7, Scale: 1}
}

// tiles is the state of a panel while its tiles are made.
type tiles struct {
	arch
	vectors                int
	m, a, c, ldc           reg.GPVirtual
	rows                   *strided
	along, stride, b, left reg.GPVirtual
	columns                []*mask
}

// panel takes a panel of B, one or two vectors wide, through all rows of A. Operands come straight from their
// places: elements of A are broadcast.
func (a arch) panel() {
	a.text("Panel", "m, n, k int, a []T, down, along int, b []T, stride int, c []T, ldc int, "+
		"alpha, beta T, bias []T", "")
	t := tiles{arch: a, m: param("m"), a: pointer("a"), c: pointer("c"), ldc: param("ldc"),
		along: param("along"), stride: param("stride"), b: GP64(), left: GP64()}
	down := param("down")
	shift := Imm(2)
	if a.size == 8 {
		shift = Imm(3)
	}
	for _, r := range []reg.GPVirtual{t.ldc, t.along, t.stride, down} {
		SHLQ(shift, r)
	}
	t.rows = newStrided(down)
	n, narrow := param("n"), label("narrow")
	CMPQ(n, U32(uint32(a.lanes())))
	JLE(LabelRef(narrow))
	if a.avx512 {
		SUBQ(U32(uint32(a.lanes())), n)
		t.columns = []*mask{nil, a.first(n)}
	}
	t.strip(2)
	Label(narrow)
	if a.avx512 {
		t.columns = []*mask{a.first(n)}
	}
	t.strip(1)
}

// strip makes all tiles of a panel of so many vectors and returns.
func (t tiles) strip(vectors int) {
	t.vectors = vectors
	for i, height := range t.tall(vectors) {
		again, rest := label("tile"), label("rest")
		Label(again)
		CMPQ(t.m, U32(uint32(height)))
		JLT(LabelRef(rest))
		t.tile(height)
		MOVQ(t.rows.by, t.left)
		IMUL3Q(U32(uint32(height)), t.left, t.left)
		ADDQ(t.left, t.a)
		SUBQ(U32(uint32(height)), t.m)
		if i == 0 {
			JMP(LabelRef(again))
		}
		Label(rest)
	}
	end()
}

// tile makes `height` rows of C: the sums live in registers for the whole of k.
func (t tiles) tile(height int) {
	sums := t.begin(height)
	t.rows.start(t.a, height)
	Load(Param("b").Base(), t.b)
	Load(Param("k"), t.left)
	again := label("k")
	Label(again)
	row := make([]reg.VecVirtual, t.vectors)
	for v := range row {
		row[v] = t.vec()
		t.pick(VMOVUPS, VMOVUPD)(Mem{Base: t.b, Disp: v * t.bytes}, row[v])
	}
	for i := range height {
		if t.vectors == 1 && t.avx512 {
			t.emit(opFMA, sums[i][0], row[0], constant{t.rows.element(i)})
			continue
		}
		x := t.vec()
		t.broadcast(x, t.rows.element(i))
		for v := range row {
			t.emit(opFMA, sums[i][v], x, row[v])
		}
	}
	t.rows.advance(t.along, height)
	ADDQ(t.stride, t.b)
	DECQ(t.left)
	JNE(LabelRef(again))
	t.finish(sums)
}

// begin returns the sums at their start: the bias, or zero.
func (t tiles) begin(height int) [][]reg.VecVirtual {
	sums := make([][]reg.VecVirtual, height)
	for i := range sums {
		for range t.vectors {
			sums[i] = append(sums[i], t.vec())
		}
	}
	zero, ready := label("zero"), label("ready")
	Load(Param("bias").Len(), t.left)
	TESTQ(t.left, t.left)
	JEQ(LabelRef(zero))
	Load(Param("bias").Base(), t.left)
	for i := range sums {
		for v, sum := range sums[i] {
			t.pick(VMOVUPS, VMOVUPD)(Mem{Base: t.left, Disp: v * t.bytes}, sum)
		}
	}
	JMP(LabelRef(ready))
	Label(zero)
	for i := range sums {
		for _, sum := range sums[i] {
			VXORPS(sum, sum, sum)
		}
	}
	Label(ready)
	return sums
}

// finish writes C = alpha·sums + beta·C. If beta is zero, of either sign, C is not read.
func (t tiles) finish(sums [][]reg.VecVirtual) {
	overwrite, done := label("overwrite"), label("done")
	alpha := t.scalar("alpha")
	for i := range sums {
		for _, sum := range sums[i] {
			t.emit(opMul, sum, sum, alpha)
		}
	}
	if t.size == 4 {
		MOVL(address(Param("beta")), t.left.As32())
		SHLL(Imm(1), t.left.As32())
	} else {
		MOVQ(address(Param("beta")), t.left)
		SHLQ(Imm(1), t.left)
	}
	JEQ(LabelRef(overwrite))
	t.write(sums, true)
	JMP(LabelRef(done))
	Label(overwrite)
	t.write(sums, false)
	Label(done)
}

func (t tiles) write(sums [][]reg.VecVirtual, accumulate bool) {
	var beta reg.VecVirtual
	if accumulate {
		beta = t.scalar("beta")
	}
	columns := t.columns
	if !t.avx512 {
		columns = make([]*mask, t.vectors)
		columns[t.vectors-1] = t.last()
	}
	for i := range sums {
		for v, sum := range sums[i] {
			s := step{arch: t.arch, disp: v * t.bytes, tail: columns[v]}
			if accumulate {
				t.emit(opFMA, sum, beta, s.load(t.c))
			}
			s.store(sum, t.c)
		}
		ADDQ(t.ldc, t.c)
	}
}

// last is the mask of the last vector, the only one that can be short. With AVX2 it is made anew for each
// tile: there are no registers to keep it in.
func (t tiles) last() *mask {
	Load(Param("n"), t.left)
	if t.vectors == 2 {
		SUBQ(U32(uint32(t.lanes())), t.left)
	}
	return t.first(t.left)
}
