package main

import "fmt"

// States to tiles and back: the kernels of tile_move.go, for the same tables.

// moveRows moves squares: a line of 64 bytes of each of 16 rows (float32) or 8 (float64) on the side of the
// states, as many half blocks or whole ones on the side of the tile. They are made of small squares, of as
// many rows and columns as a vector has lanes. Row 0 is stored last: it also stands for rows that are
// missing.
func (n *neon) moveRows() {
	for _, load := range []bool{true, false} {
		name := map[bool]string{true: "LoadRows", false: "StoreRows"}[load]
		n.text(name, "rows **T, lines, columns *int32, count int, blocks *T", "", func() {
			rows, lines, columns := n.param("rows"), n.param("lines"), n.param("columns")
			blocks, lanes := n.param("blocks"), n.lanes()
			n.repeat(n.param("count"), func() {
				line, left := n.next(lines), n.integer()
				n.op("LSL $6, R@, R@", "ud", line, line)
				n.op(fmt.Sprintf("MOVD $%d, R@", columnBytes/16), "d", left)
				n.repeat(left, func() {
					var to []register
					for range lanes / 2 {
						lo, hi := n.nextPair(columns)
						to = append(to, n.block(blocks, lo), n.block(blocks, hi))
					}
					for of := columnBytes/16 - 1; of >= 0; of-- {
						n.square(load, rows, line, of, to)
					}
					n.op("ADD $16, R@", "b", line)
				})
			})
			n.end()
		})
	}
}

// square moves the small square of the of-th rows.
func (n *neon) square(load bool, rows, line register, of int, to []register) {
	lanes := n.lanes()
	from, square := make([]register, lanes), make([]register, lanes)
	for i := 0; i < lanes; i += 2 {
		from[i], from[i+1] = n.integer(), n.integer()
		n.op(fmt.Sprintf("LDP %d(R@), (R@, R@)", 8*(of*lanes+i)), "udd", rows, from[i], from[i+1])
	}
	if load {
		for i := range square {
			square[i] = n.loadIndexed(from[i], line)
		}
		for i, v := range n.transposed(square) {
			n.group(1).storeTo([]register{v}, to[i], 16*of)
		}
		return
	}
	for i := range square {
		square[i] = n.group(1).loadFrom(to[i], 16*of)[0]
	}
	square = n.transposed(square)
	for i := lanes - 1; i >= 0; i-- {
		n.storeIndexed(square[i], from[i], line)
	}
}

// movePairs moves amplitudes whose lanes are neighbours in the state, real and imaginary parts in pairs: two
// lines (float32) or four (float64) for 16 lanes. lines points to a pointer for each line of amplitude 0, amp
// has the amplitudes, place their blocks.
func (n *neon) movePairs() {
	for _, load := range []bool{true, false} {
		name := map[bool]string{true: "LoadPairs", false: "StorePairs"}[load]
		n.text(name, "lines **T, amp, place *int32, count int, re, im *T", "", func() {
			lines, amp, place := n.param("lines"), n.param("amp"), n.param("place")
			re, im := n.param("re"), n.param("im")
			var from []register
			for i := 0; i < 2*n.blockBytes()/columnBytes; i += 2 {
				from = append(from, n.integer(), n.integer())
				n.op(fmt.Sprintf("LDP %d(R@), (R@, R@)", 8*i), "udd", lines, from[i], from[i+1])
			}
			n.repeat(n.param("count"), func() {
				state, number := n.next(amp), n.next(place)
				x, y := n.block(re, number), n.block(im, number)
				for _, line := range from {
					at := n.entry(line, state, 2*n.size)
					for range columnBytes / 32 {
						v, one := n.interleaved(), elements{neon: n, vectors: 1}
						if load {
							n.deinterleave(at, v)
							one.put(v[:1], x)
							one.put(v[1:], y)
							continue
						}
						n.op("FMOVQ.P 16(R@), F@", "bd", x, v[0])
						n.op("FMOVQ.P 16(R@), F@", "bd", y, v[1])
						n.interleave(v, at)
					}
				}
			})
			n.end()
		})
	}
}

// interleaved returns two registers, one after the other, as the instructions below want them.
func (n *neon) interleaved() []register { return n.pinned(30, 2) }

// deinterleave loads pairs of numbers, the first of each into one register and the second into another, and
// moves on; interleave is its inverse.
func (n *neon) deinterleave(p register, v []register) {
	n.op("VLD2.P 32(R@), "+n.pick("[V@.S4, V@.S4]", "[V@.D2, V@.D2]"), "bdd", p, v[0], v[1])
}

func (n *neon) interleave(v []register, p register) {
	n.op("VST2.P "+n.pick("[V@.S4, V@.S4]", "[V@.D2, V@.D2]")+", 32(R@)", "uub", v[0], v[1], p)
}
