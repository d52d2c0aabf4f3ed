package main

import "fmt"

// multiply multiplies each group of dim amplitudes by a matrix. Its entries stand as blocks in the order of
// the loops below: for two rows at a time, for each column, the real and imaginary part of the entry of the
// first row, then of the second. scratch has two blocks for each member of a group.
func (n *neon) multiply() {
	n.text("Multiply", "re, im *T, groups *int32, count, dim int, matrix, scratch *T", "", func() {
		re, im, groups, dim := n.param("re"), n.param("im"), n.param("groups"), n.param("dim")
		scratch, e := n.param("scratch"), n.group(4)
		n.repeat(n.param("count"), func() {
			at, members := n.duplicate(scratch), n.duplicate(groups)
			n.repeat(n.duplicate(dim), func() {
				from := n.next(members)
				e.put(e.load(n.block(re, from)), at)
				e.put(e.load(n.block(im, from)), at)
			})
			pairs, entry := n.integer(), n.param("matrix")
			n.op("LSR $1, R@, R@", "ud", dim, pairs)
			n.repeat(pairs, func() {
				var sums [2][2][]register
				for r := range sums {
					for k := range sums[r] {
						sums[r][k] = e.new()
						for _, s := range sums[r][k] {
							n.op("VEOR V@.B16, V@.B16, V@.B16", "d==", s, s, s)
						}
					}
				}
				from := n.duplicate(scratch)
				n.repeat(n.duplicate(dim), func() {
					x, y := e.take(from), e.take(from)
					n.addColumn(sums, x, y, entry, 0)
					n.op(fmt.Sprintf("ADD $%d, R@", 4*n.blockBytes()), "b", entry)
				})
				for r := range sums {
					to := n.next(groups)
					e.store(sums[r][0], n.block(re, to))
					e.store(sums[r][1], n.block(im, to))
				}
			})
		})
		n.end()
	})
}

// addColumn adds the products of an amplitude with the entries of two rows, which stand so many bytes behind
// a pointer.
func (n *neon) addColumn(sums [2][2][]register, x, y []register, entry register, disp int) {
	for r := range sums {
		one := n.group(1)
		c := one.loadFrom(entry, disp+2*r*n.blockBytes())
		s := one.loadFrom(entry, disp+(2*r+1)*n.blockBytes())
		n.all(fmla, sums[r][0], x, c)
		n.all(fmla, sums[r][1], y, c)
		n.all(fmls, sums[r][0], y, s)
		n.all(fmla, sums[r][1], x, s)
	}
}

// multiplyFour is multiply for groups of four, which stay in registers.
func (n *neon) multiplyFour() {
	n.text("MultiplyFour", "re, im *T, groups *int32, count int, matrix *T", "", func() {
		re, im, matrix := n.param("re"), n.param("im"), n.param("matrix")
		n.columns(2, []register{re, im}, func() {
			e, groups := n.group(2), n.param("groups")
			n.repeat(n.param("count"), func() {
				var x, y [4][]register
				var at [4][2]register
				for i := 0; i < len(at); i += 2 {
					lo, hi := n.nextPair(groups)
					at[i] = [2]register{n.block(re, lo), n.block(im, lo)}
					at[i+1] = [2]register{n.block(re, hi), n.block(im, hi)}
				}
				for i := range at {
					x[i], y[i] = e.load(at[i][0]), e.load(at[i][1])
				}
				for r := 0; r < len(at); r += 2 {
					var sums [2][2][]register
					for k := range sums {
						for part := range sums[k] {
							sums[k][part] = e.new()
							for _, s := range sums[k][part] {
								n.op("VEOR V@.B16, V@.B16, V@.B16", "d==", s, s, s)
							}
						}
					}
					for c := range at {
						n.addColumn(sums, x[c], y[c], matrix, 4*(r/2*4+c)*n.blockBytes())
					}
					for k := range sums {
						e.store(sums[k][0], at[r+k][0])
						e.store(sums[k][1], at[r+k][1])
					}
				}
			})
		})
	})
}
