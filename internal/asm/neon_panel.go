package main

import "fmt"

// panelWidth is how many vectors a panel of B has, and half of it if it is narrow.
const panelWidth = 4

// panel takes a panel of B through all rows of A, in tiles of 4 rows by 4 vectors or 8 by 2: sixteen sums, as
// many as hide the latency of four multipliers. Elements of A come as vectors, along the row or, if A is
// transposed, down the column, and are multiplied lane by lane.
func (n *neon) panel() {
	n.text("Panel", "m, n, k int, a []T, down, along int, b []T, stride int, c []T, ldc int, "+
		"alpha, beta T, bias []T", "", func() {
		p := &panel{neon: n, m: n.param("m"), a: n.pointer("a"), c: n.pointer("c"), b: n.pointer("b")}
		p.down, p.along = n.scaled(n.param("down")), n.scaled(n.param("along"))
		p.stride, p.ldc = n.scaled(n.param("stride")), n.scaled(n.param("ldc"))
		n.frame = 256
		narrow := n.newLabel("narrow")
		cols := n.param("n")
		n.op(fmt.Sprintf("CMP $%d, R@", panelWidth/2*n.lanes()), "u", cols)
		n.branch("BLE", narrow)
		p.byMode(panelWidth)
		n.mark(narrow)
		p.byMode(panelWidth / 2)
	})
}

// panel is the state while the tiles of a panel are made.
type panel struct {
	*neon
	vectors                  int
	transposed               bool // A lies by columns: down is one element
	m, a, b, c               register
	down, along, stride, ldc register
	bank                     []register // of a row of B
}

// byMode makes all tiles of a panel of so many vectors and returns.
func (p *panel) byMode(vectors int) {
	p.vectors = vectors
	transposed := p.newLabel("transposed")
	p.op(fmt.Sprintf("CMP $%d, R@", p.size), "u", p.along)
	p.branch("BNE", transposed)
	p.transposed = false
	p.strip()
	p.mark(transposed)
	p.transposed = true
	p.strip()
}

// strip cuts the rows into tiles: the highest again and again, then the others.
func (p *panel) strip() {
	highest := 16 / p.vectors
	for height := highest; height > 0; height /= 2 {
		again, rest := p.newLabel("tile"), p.newLabel("rest")
		p.mark(again)
		p.op(fmt.Sprintf("CMP $%d, R@", height), "u", p.m)
		p.branch("BLT", rest)
		p.tile(height)
		p.op(fmt.Sprintf("ADD R@<<%d, R@", log2(height)), "ub", p.down, p.a)
		p.op(fmt.Sprintf("SUB $%d, R@", height), "b", p.m)
		if height == highest {
			p.jump(again)
		}
		p.mark(rest)
	}
	p.end()
}

func log2(n int) (k int) {
	for ; n > 1; n /= 2 {
		k++
	}
	return k
}

// tile makes so many rows of C: the sums live in registers for the whole of k.
func (p *panel) tile(height int) {
	sums := p.begin(height)
	b, left := p.duplicate(p.b), p.param("k")
	var at []register // of the rows of A, or of its next columns
	if p.transposed {
		at = []register{p.duplicate(p.a)}
	} else {
		at = append(at, p.duplicate(p.a))
		for i := 1; i < height; i++ {
			next := p.integer()
			p.op("ADD R@, R@, R@", "uud", p.down, at[i-1], next)
			at = append(at, next)
		}
	}
	p.bank = p.pinned(32-p.vectors, p.vectors)
	lanes := p.lanes()
	several, rest, one, done := p.newLabel("several"), p.newLabel("rest"), p.newLabel("one"), p.newLabel("done")
	p.op(fmt.Sprintf("SUBS $%d, R@", lanes), "b", left)
	p.branch("BLT", rest)
	p.mark(several)
	if p.transposed {
		for range lanes {
			p.column(sums, at[0], b)
		}
	} else {
		x := make([]register, height)
		for i := range x {
			x[i] = p.vector()
			p.op("FMOVQ.P 16(R@), F@", "bd", at[i], x[i])
		}
		for lane := range lanes {
			p.row(b)
			p.accumulate(sums, func(i int) (register, int) { return x[i], lane })
		}
	}
	p.op(fmt.Sprintf("SUBS $%d, R@", lanes), "b", left)
	p.branch("BGE", several)
	p.mark(rest)
	p.op(fmt.Sprintf("ADDS $%d, R@", lanes), "b", left)
	p.branch("BEQ", done)
	p.mark(one)
	if p.transposed {
		p.column(sums, at[0], b)
	} else {
		x := make([]register, height)
		for i := range x {
			x[i] = p.vector()
			p.op(p.pick("FMOVS.P 4(R@), F@", "FMOVD.P 8(R@), F@"), "bd", at[i], x[i])
		}
		p.row(b)
		p.accumulate(sums, func(i int) (register, int) { return x[i], 0 })
	}
	p.op("SUBS $1, R@", "b", left)
	p.branch("BNE", one)
	p.mark(done)
	p.finish(sums)
}

// row loads the next row of B.
func (p *panel) row(b register) {
	text := "VLD1.P (R@)(R@), [V@.B16, V@.B16, V@.B16, V@.B16]"
	if p.vectors == 2 {
		text = "VLD1.P (R@)(R@), [V@.B16, V@.B16]"
	}
	p.op(text, "bu"+repeated("d", p.vectors), append([]register{b, p.stride}, p.bank...)...)
}

// accumulate adds the products of a row of B with an element of each row of A.
func (p *panel) accumulate(sums [][]register, element func(i int) (v register, lane int)) {
	for i := range sums {
		x, lane := element(i)
		for v := range sums[i] {
			p.multiplyLane(byLaneAdd, sums[i][v], p.bank[v], x, lane)
		}
	}
}

// column adds the products of a row of B with a column of A, which lies in one piece.
func (p *panel) column(sums [][]register, at, b register) {
	var x []register
	lanes := min(p.lanes(), len(sums))
	load := map[int]string{4: "FMOVS", 8: "FMOVD", 16: "FMOVQ"}[lanes*p.size]
	for i := 0; i < len(sums); i += lanes {
		v := p.vector()
		x = append(x, v)
		p.op(fmt.Sprintf("%s %d(R@), F@", load, i*p.size), "ud", at, v)
	}
	p.op("ADD R@, R@", "ub", p.along, at)
	p.row(b)
	p.accumulate(sums, func(i int) (register, int) { return x[i/lanes], i % lanes })
}

// begin returns the sums at their start: the bias, or zero.
func (p *panel) begin(height int) [][]register {
	sums := make([][]register, height)
	for i := range sums {
		for range p.vectors {
			sums[i] = append(sums[i], p.vector())
		}
	}
	zero, ready := p.newLabel("zero"), p.newLabel("ready")
	p.branch("CBZ R@,", zero, p.length("bias"))
	bias := p.pointer("bias")
	for v, sum := range sums[0] {
		p.op(fmt.Sprintf("FMOVQ %d(R@), F@", 16*v), "ud", bias, sum)
	}
	for i := 1; i < height; i++ {
		for v := range sums[i] {
			p.do(orr, sums[i][v], sums[0][v], sums[0][v])
		}
	}
	p.jump(ready)
	p.mark(zero)
	for i := range sums {
		for _, sum := range sums[i] {
			p.op("VEOR V@.B16, V@.B16, V@.B16", "d==", sum, sum, sum)
		}
	}
	p.mark(ready)
	return sums
}

// finish writes C = alpha·sums + beta·C and moves on in C. If beta is zero, of either sign, C is not read.
func (p *panel) finish(sums [][]register) {
	overwrite, partial, done := p.newLabel("overwrite"), p.newLabel("partial"), p.newLabel("done")
	alpha := p.scalar("alpha")
	for i := range sums {
		for _, sum := range sums[i] {
			p.do(fmul, sum, sum, alpha)
		}
	}
	beta, cols := p.integer(), p.param("n")
	p.op(fmt.Sprintf("%s %s, R@", p.pick("MOVWU", "MOVD"), p.operand("beta")), "d", beta)
	p.op(p.pick("LSLW $1, R@, R@", "LSL $1, R@, R@"), "ud", beta, beta)
	p.op(fmt.Sprintf("CMP $%d, R@", p.vectors*p.lanes()), "u", cols)
	p.branch("BNE", partial)
	p.branch("CBZ R@,", overwrite, beta)
	factor := p.scalar("beta")
	full := elements{neon: p.neon, vectors: p.vectors}
	for i := range sums {
		p.all(fmla, sums[i], full.load(p.c), []register{factor})
		full.store(sums[i], p.c)
		p.op("ADD R@, R@", "ub", p.ldc, p.c)
	}
	p.jump(done)
	p.mark(overwrite)
	for i := range sums {
		full.store(sums[i], p.c)
		p.op("ADD R@, R@", "ub", p.ldc, p.c)
	}
	p.jump(done)
	p.mark(partial)
	p.spill(sums, cols, beta)
	p.mark(done)
}

// spill writes rows that are shorter than the panel: by way of memory, vector by vector and then element by
// element.
func (p *panel) spill(sums [][]register, cols, beta register) {
	local := p.integer()
	p.op("MOVD $sums-256(SP), R@", "d", local)
	at := p.duplicate(local)
	full := elements{neon: p.neon, vectors: p.vectors}
	for i := range sums {
		full.put(sums[i], at)
	}
	factor, left := p.scalar("beta"), p.integer()
	p.op(fmt.Sprintf("MOVD $%d, R@", len(sums)), "d", left)
	p.repeat(left, func() {
		from, to := p.duplicate(local), p.duplicate(p.c)
		p.each(p.duplicate(cols), 1, func(e elements) {
			v, plain := e.take(from), p.newLabel("plain")
			p.branch("CBZ R@,", plain, beta)
			p.all(fmla, v, e.load(to), []register{factor})
			p.mark(plain)
			e.put(v, to)
		})
		p.op(fmt.Sprintf("ADD $%d, R@", 16*p.vectors), "b", local)
		p.op("ADD R@, R@", "ub", p.ldc, p.c)
	})
}
