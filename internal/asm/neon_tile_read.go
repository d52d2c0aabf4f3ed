package main

import "fmt"

// The kernels of measurements, as in tile_read.go. A vector is 64 bytes: what count counts.

// fourTimes returns so many vectors of 64 bytes as vectors of 16.
func (n *neon) fourTimes(name string) register {
	count, all := n.param(name), n.integer()
	n.op("LSL $2, R@, R@", "ud", count, all)
	return all
}

// squares sets out to the squared norms of amplitudes.
func (n *neon) squares() {
	n.text("Squares", "psi *T, count int, out *T", "", func() {
		psi, out := n.param("psi"), n.param("out")
		n.repeat(n.fourTimes("count"), func() {
			v := n.interleaved()
			n.deinterleave(psi, v)
			sum := n.of(fmul, v[0], v[0])
			n.do(fmla, sum, v[1], v[1])
			n.group(1).put([]register{sum}, out)
		})
		n.end()
	})
}

// weigh sets out to the amplitudes times a number each.
func (n *neon) weigh() {
	n.text("Weigh", "w *T, count int, psi, out *T", "", func() {
		w, psi, out := n.param("w"), n.param("psi"), n.param("out")
		n.repeat(n.fourTimes("count"), func() {
			factor, pair := n.group(1).take(w)[0], n.group(2)
			v := pair.take(psi)
			n.do(fmul, v[0], v[0], n.of(zip1, factor, factor))
			n.do(fmul, v[1], v[1], n.of(zip2, factor, factor))
			pair.put(v, out)
		})
		n.end()
	})
}

// widen sets amplitudes to numbers times a factor.
func (n *neon) widen() {
	n.text("Widen", "x *T, count int, factor T, psi *T", "", func() {
		x, psi, factor, v := n.param("x"), n.param("psi"), n.scalar("factor"), n.interleaved()
		n.op("VEOR V@.B16, V@.B16, V@.B16", "d==", v[1], v[1], v[1])
		n.repeat(n.fourTimes("count"), func() {
			n.do(fmul, v[0], n.group(1).take(x)[0], factor)
			n.interleave(v, psi)
		})
		n.end()
	})
}

// narrow sets out to the real parts of amplitudes.
func (n *neon) narrow() {
	n.text("Narrow", "psi *T, count int, out *T", "", func() {
		psi, out := n.param("psi"), n.param("out")
		n.repeat(n.fourTimes("count"), func() {
			v := n.interleaved()
			n.deinterleave(psi, v)
			n.group(1).put(v[:1], out)
		})
		n.end()
	})
}

// walsh replaces each block by its Walsh–Hadamard transform.
func (n *neon) walsh() {
	n.text("Walsh", "x *T, count int", "", func() {
		x, all := n.param("x"), n.group(n.blockBytes()/16)
		plus, minus := n.bits(1), n.bits(-1)
		alternating := n.table([]uint64{plus, minus, plus, minus}[:n.lanes()]...)
		halves := alternating
		if n.size == 4 {
			halves = n.table(plus, plus, minus, minus)
		}
		n.repeat(n.param("count"), func() {
			v := all.load(x)
			for bit := 1; bit < len(v); bit <<= 1 { // between vectors
				for i := range v {
					if i&bit == 0 {
						v[i], v[i|bit] = n.of(fadd, v[i], v[i|bit]), n.of(fsub, v[i], v[i|bit])
					}
				}
			}
			for i := range v { // within
				even, odd := n.of(trn1, v[i], v[i]), n.of(trn2, v[i], v[i])
				n.do(fmla, even, odd, alternating)
				if v[i] = even; n.size == 4 {
					low, high := n.as(8).of(trn1, even, even), n.as(8).of(trn2, even, even)
					n.do(fmla, low, high, halves)
					v[i] = low
				}
			}
			all.put(v, x)
		})
		n.end()
	})
}

// pauli adds ψ times the image of ψ under a Pauli string, number by number, to a vector of sums; AddPauli
// adds the image to another state. A vector of ψ from number first on is permuted, multiplied by one of the
// two vectors at factors, the second if its number has an odd number of ones in common with sign, and belongs
// at the number that differs by flip.
func (n *neon) pauli() {
	for _, sum := range []bool{true, false} {
		name, last := "AddPauli", "to"
		if sum {
			name, last = "Pauli", "sums"
		}
		params := "psi *T, first, count, flip, sign int, permutation *int32, factors, " + last + " *T"
		n.text(name, params, "", func() {
			psi, first, flip, sign := n.param("psi"), n.param("first"), n.param("flip"), n.param("sign")
			factors, to, e := n.param("factors"), n.param(last), n.group(4)
			index := n.byteIndices(n.param("permutation"))
			var sums []register
			if sum {
				sums = e.load(to)
			}
			n.repeat(n.param("count"), func() {
				parity, partner := n.integer(), n.integer()
				n.op("AND R@, R@, R@", "uud", first, sign, parity)
				for _, by := range []int{32, 16, 8, 4, 2, 1} {
					n.op(fmt.Sprintf("EOR R@>>%d, R@", by), "ub", parity, parity)
				}
				n.op("AND $1, R@", "b", parity)
				n.op("EOR R@, R@, R@", "uud", first, flip, partner)
				from := n.entry(psi, first, columnBytes)
				table := n.pinned(28, 4)
				n.op("VLD1 (R@), [V@.B16, V@.B16, V@.B16, V@.B16]", "udddd", append([]register{from}, table...)...)
				image := e.new()
				for i, v := range image {
					n.op("VTBL V@.B16, [V@.B16, V@.B16, V@.B16, V@.B16], V@.B16", "uuuuud",
						append(append([]register{index[i]}, table...), v)...)
				}
				n.all(fmul, image, image, e.load(n.entry(factors, parity, columnBytes)))
				if sum {
					n.all(fmla, sums, image, e.load(n.entry(psi, partner, columnBytes)))
				} else {
					at := n.entry(to, partner, columnBytes)
					n.all(fadd, image, image, e.load(at))
					e.store(image, at)
				}
				n.op("ADD $1, R@", "b", first)
			})
			if sum {
				e.store(sums, to)
			}
			n.end()
		})
	}
}

// byteIndices returns a permutation of 16 groups of four bytes as one of bytes.
func (n *neon) byteIndices(permutation register) []register {
	words := n.as(4)
	index, times, plus := n.group(4).load(permutation), n.words(0x04040404), n.words(0x03020100)
	for i := range index {
		index[i] = words.of(add, words.of(mul, index[i], times), plus)
	}
	return index
}

// words returns a register that holds four bytes four times.
func (n *neon) words(x uint32) register {
	all := uint64(x)<<32 | uint64(x)
	v := n.vector()
	n.lines = append(n.lines, n.loadingPair(v, [2]uint64{all, all})...)
	return v
}

// turned returns a vector with the two numbers of each amplitude exchanged.
func (n *neon) turned(v register) register {
	if n.size == 4 {
		return n.of(rev64, v)
	}
	t := n.vector()
	n.op("VEXT $8, V@.B16, V@.B16, V@.B16", "u=d", v, v, t)
	return t
}

// inner adds φ·ψ, number by number, to the first of two vectors of sums, and to the second φ times ψ with the
// numbers of each amplitude exchanged.
func (n *neon) inner() {
	n.text("Inner", "phi, psi *T, count int, sums *T", "", func() {
		phi, psi, sums, e := n.param("phi"), n.param("psi"), n.param("sums"), n.group(4)
		re, im := e.load(sums), e.loadFrom(sums, columnBytes)
		n.repeat(n.param("count"), func() {
			x, y := e.take(phi), e.take(psi)
			n.all(fmla, re, x, y)
			for i := range y {
				n.do(fmla, im[i], x[i], n.turned(y[i]))
			}
		})
		e.store(re, sums)
		e.storeTo(im, sums, columnBytes)
		n.end()
	})
}

// addScaled adds to a state the numbers of another times the first of two vectors, and those numbers
// exchanged in each amplitude times the second.
func (n *neon) addScaled() {
	n.text("AddScaled", "to, x *T, count int, factors *T", "", func() {
		to, from, factors, e := n.param("to"), n.param("x"), n.param("factors"), n.group(4)
		re, im := e.load(factors)[:1], e.loadFrom(factors, columnBytes)[:1] // alike in all parts
		n.repeat(n.param("count"), func() {
			x, y := e.take(from), e.load(to)
			n.all(fmla, y, x, re)
			for i := range y {
				n.do(fmla, y[i], n.turned(x[i]), im[0])
			}
			e.put(y, to)
		})
		n.end()
	})
}
