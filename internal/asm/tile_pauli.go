package main

import (
	"math/bits"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// pauliLoop runs body over count vectors of a state from number first on, with the offset of the vector, that
// of its partner first^flip, and its numbers permuted and multiplied by one of the two vectors at factors:
// the second if the number of the vector has an odd number of ones in common with sign.
func (a arch) pauliLoop(psi reg.GPVirtual, body func(partner reg.GPVirtual, image reg.VecVirtual)) {
	first, count, flip, sign := param("first"), param("count"), param("flip"), param("sign")
	factors, index := param("factors"), a.loadVec(Mem{Base: param("permutation")})
	shift := Imm(uint64(bits.TrailingZeros(uint(a.bytes))))
	repeat(count, func() {
		at, partner, parity := GP64(), GP64(), GP64()
		MOVQ(first, at)
		MOVQ(first, partner)
		XORQ(flip, partner)
		MOVQ(first, parity)
		ANDQ(sign, parity)
		POPCNTQ(parity, parity)
		ANDQ(Imm(1), parity)
		SHLQ(shift, at)
		SHLQ(shift, partner)
		SHLQ(shift, parity)
		image := a.dwords(index, a.loadAt(psi, at))
		a.emit(opMul, image, image, indexed(factors, parity))
		body(partner, image)
		INCQ(first)
	})
}

// pauli adds ψ times the image of ψ under a Pauli string, number by number, to a vector of sums.
func (a arch) pauli() {
	a.text("Pauli", "psi *T, first, count, flip, sign int, permutation *int32, factors, sums *T", "")
	psi, sums := param("psi"), param("sums")
	total := a.loadVec(Mem{Base: sums})
	a.pauliLoop(psi, func(partner reg.GPVirtual, image reg.VecVirtual) {
		a.emit(opFMA, total, image, indexed(psi, partner))
	})
	a.storeVec(total, Mem{Base: sums})
	end()
}

// addPauli adds the image of ψ under a Pauli string to another state.
func (a arch) addPauli() {
	a.text("AddPauli", "psi *T, first, count, flip, sign int, permutation *int32, factors, to *T", "")
	psi, to := param("psi"), param("to")
	a.pauliLoop(psi, func(partner reg.GPVirtual, image reg.VecVirtual) {
		a.emit(opAdd, image, image, indexed(to, partner))
		a.storeAt(image, to, partner)
	})
	end()
}
