package main

import (
	"math/bits"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tile writes the kernels of a tile of states. A block is one real or imaginary part of an amplitude in 16
// lanes. A call does one vector of every block, the column at which its pointers stand; further calls do the
// rest. Tables hold the numbers of blocks. Loading and storing tiles is left to plain Go with AVX2.
func (a arch) tile() {
	a.rotate()
	a.rotateBackward()
	a.rotateReal()
	a.rotateRealBackward()
	a.phase()
	a.phaseByLane()
	a.signs()
	a.phaseBackward()
	a.overlaps()
	a.fold()
	a.squares()
	a.weigh()
	a.butterfly()
	a.unfold()
	a.sumBlocks()
	a.walsh()
	a.pauli()
	a.addPauli()
	a.inner()
	a.addScaled()
	a.multiply()
	a.multiplyFour()
	a.widen()
	a.narrow()
	a.rotateFused()
	if a.avx512 {
		a.rotateFusedBackward()
		a.loadRows()
		a.storeRows()
		a.loadPairs()
		a.storePairs()
	} else {
		a.fusedMoments()
	}
}

const tileLanes = 16

// blockBytes is the size of a block in bytes.
func (a arch) blockBytes() int { return tileLanes * a.size }

// offsetOf returns the offset in bytes of the entry of so many bytes whose number stands in a table.
func offsetOf(number Mem, size int) reg.GPVirtual {
	at := GP64()
	MOVLQSX(number, at)
	SHLQ(Imm(uint64(bits.TrailingZeros(uint(size)))), at)
	return at
}

// nextOffset returns the offset of the entry that is next in a table, and moves on in the table.
func nextOffset(table reg.GPVirtual, size int) reg.GPVirtual {
	at := GP64()
	MOVLQSX(Mem{Base: table}, at)
	ADDQ(Imm(4), table)
	SHLQ(Imm(uint64(bits.TrailingZeros(uint(size)))), at)
	return at
}

// indexed is the memory so many bytes behind a pointer.
func indexed(pointer, offset reg.GPVirtual) Mem { return Mem{Base: pointer, Index: offset, Scale: 1} }

// repeat runs body count times, at least once.
func repeat(count reg.GPVirtual, body func()) {
	again := label("again")
	Label(again)
	body()
	DECQ(count)
	JNZ(LabelRef(again))
}

// loadVec returns the vector at an address.
func (a arch) loadVec(from Mem) reg.VecVirtual {
	v := a.vec()
	a.pick(VMOVUPS, VMOVUPD)(from, v)
	return v
}

func (a arch) storeVec(v reg.VecVirtual, to Mem) { a.pick(VMOVUPS, VMOVUPD)(v, to) }

// loadAt returns the vector so many bytes behind a pointer.
func (a arch) loadAt(pointer, offset reg.GPVirtual) reg.VecVirtual {
	return a.loadVec(indexed(pointer, offset))
}

func (a arch) storeAt(v reg.VecVirtual, pointer, offset reg.GPVirtual) {
	a.storeVec(v, indexed(pointer, offset))
}
