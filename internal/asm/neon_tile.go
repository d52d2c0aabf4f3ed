package main

import "fmt"

// tile writes the kernels of a tile of states: those of tile.go, with 64 bytes of every block in a call, four
// vectors. A kernel that has not the registers for four goes through the blocks again for the others.
func (n *neon) tile() {
	n.rotate()
	n.rotateReal()
	n.rotateBackward()
	n.rotateRealBackward()
	n.phases()
	n.phaseBackward()
	n.overlaps()
	n.signs()
	n.fold()
	n.rotateFused()
	n.rotateFusedBackward()
	n.multiply()
	n.multiplyFour()
	n.moveRows()
	n.movePairs()
	n.squares()
	n.weigh()
	n.butterfly()
	n.unfold()
	n.sumBlocks()
	n.walsh()
	n.pauli()
	n.inner()
	n.addScaled()
	n.widen()
	n.narrow()
}

// columnBytes is how much of a block a call does.
const columnBytes = 64

// blockBytes is the size of a block in bytes.
func (n *neon) blockBytes() int { return tileLanes * n.size }

// group is so many vectors, one after the other in memory.
func (n *neon) group(vectors int) elements { return elements{neon: n, vectors: vectors} }

// loadFrom and storeTo move a group that begins so many bytes behind a pointer.
func (e elements) loadFrom(p register, disp int) []register {
	v := e.new()
	for i := 0; i < len(v); i += 2 {
		if len(v) == 1 {
			e.op(fmt.Sprintf("FMOVQ %d(R@), F@", disp), "ud", p, v[0])
			break
		}
		e.op(fmt.Sprintf("FLDPQ %d(R@), (F@, F@)", disp+16*i), "udd", p, v[i], v[i+1])
	}
	return v
}

func (e elements) storeTo(v []register, p register, disp int) {
	for i := 0; i < len(v); i += 2 {
		if len(v) == 1 {
			e.op(fmt.Sprintf("FMOVQ F@, %d(R@)", disp), "uu", v[0], p)
			break
		}
		e.op(fmt.Sprintf("FSTPQ (F@, F@), %d(R@)", disp+16*i), "uuu", v[i], v[i+1], p)
	}
}

// times returns x·y for each register of a group; y may be one for all.
func (e elements) times(x, y []register) []register {
	v := e.new()
	e.all(fmul, v, x, y)
	return v
}

// columns runs body for each group of a column of 64 bytes, and moves the pointers on in between.
func (n *neon) columns(vectors int, pointers []register, body func()) {
	left := n.integer()
	n.op(fmt.Sprintf("MOVD $%d, R@", columnBytes/16/vectors), "d", left)
	n.repeat(left, func() {
		body()
		for _, p := range pointers {
			n.group(vectors).move(p)
		}
	})
	n.end()
}

// nextPair returns the next two numbers of a table.
func (n *neon) nextPair(table register) (lo, hi register) {
	lo, hi = n.integer(), n.integer()
	n.op("LDPSW.P 8(R@), (R@, R@)", "bdd", table, lo, hi)
	return lo, hi
}

// next returns the next number of a table.
func (n *neon) next(table register) register {
	x := n.integer()
	n.op("MOVW.P 4(R@), R@", "bd", table, x)
	return x
}

// entry returns the address of the entry of so many bytes that has a number.
func (n *neon) entry(base, number register, size int) register {
	p := n.integer()
	n.op(fmt.Sprintf("ADD R@<<%d, R@, R@", log2(size)), "uud", number, base, p)
	return p
}

// block returns the address of a block.
func (n *neon) block(base, number register) register { return n.entry(base, number, n.blockBytes()) }

// toOffset replaces the number of a block by its distance from the first.
func (n *neon) toOffset(number register) {
	n.op(n.pick("LSL $6, R@, R@", "LSL $7, R@, R@"), "ud", number, number)
}

// advance moves pointers on by a block.
func (n *neon) advance(pointers ...register) {
	for _, p := range pointers {
		n.op(fmt.Sprintf("ADD $%d, R@", n.blockBytes()), "b", p)
	}
}

// halves runs body for the two halves of a column, with the bytes that lie before it.
func (n *neon) halves(body func(e elements, disp int)) {
	for disp := 0; disp < columnBytes; disp += 32 {
		body(n.group(2), disp)
	}
}
