package main

import "fmt"

// pack copies rows; lanes beyond the columns are left as they are.
func (n *neon) pack() {
	n.text("Pack", "rows, cols int, src []T, ld int, dst []T, padded int", "", func() {
		count, cols, src, dst := n.param("rows"), n.param("cols"), n.pointer("src"), n.pointer("dst")
		ld, padded := n.scaled(n.param("ld")), n.scaled(n.param("padded"))
		n.repeat(count, func() {
			from, to := n.duplicate(src), n.duplicate(dst)
			n.each(n.duplicate(cols), 4, func(e elements) { e.put(e.take(from), to) })
			n.op("ADD R@, R@", "ub", ld, src)
			n.op("ADD R@, R@", "ub", padded, dst)
		})
		n.end()
	})
}

// transpose transposes whole blocks of as many rows and columns as a vector has lanes.
func (n *neon) transpose() {
	n.text("Transpose", "rows, cols int, src []T, ld int, dst []T, padded int", "", func() {
		count, src, dst := n.param("rows"), n.pointer("src"), n.pointer("dst")
		ld, padded := n.scaled(n.param("ld")), n.scaled(n.param("padded"))
		lanes := n.lanes()
		again := n.newLabel("rows")
		n.mark(again)
		left, to, from := n.param("cols"), n.duplicate(dst), []register{n.duplicate(src)}
		for i := 1; i < lanes; i++ {
			next := n.integer()
			n.op("ADD R@, R@, R@", "uud", ld, from[i-1], next)
			from = append(from, next)
		}
		columns := n.newLabel("columns")
		n.mark(columns)
		rows := make([]register, lanes)
		for i := range rows {
			rows[i] = n.vector()
			n.op("FMOVQ.P 16(R@), F@", "bd", from[i], rows[i])
		}
		for _, column := range n.transposed(rows) {
			n.op("FMOVQ F@, (R@)", "uu", column, to)
			n.op("ADD R@, R@", "ub", padded, to)
		}
		n.op(fmt.Sprintf("SUBS $%d, R@", lanes), "b", left)
		n.branch("BNE", columns)
		n.op(fmt.Sprintf("ADD R@<<%d, R@", log2(lanes)), "ub", ld, src)
		n.op("ADD $16, R@", "b", dst)
		n.op(fmt.Sprintf("SUBS $%d, R@", lanes), "b", count)
		n.branch("BNE", again)
		n.end()
	})
}

// transposed returns the columns of a square of as many vectors as a vector has lanes.
func (n *neon) transposed(rows []register) []register {
	if n.size == 8 {
		return []register{n.of(zip1, rows[0], rows[1]), n.of(zip2, rows[0], rows[1])}
	}
	low, high := n.of(trn1, rows[0], rows[1]), n.of(trn2, rows[0], rows[1])
	low2, high2 := n.of(trn1, rows[2], rows[3]), n.of(trn2, rows[2], rows[3])
	pairs := func(i instruction, x, y register) register { return n.as(8).of(i, x, y) }
	return []register{
		pairs(zip1, low, low2), pairs(zip1, high, high2), pairs(zip2, low, low2), pairs(zip2, high, high2),
	}
}
