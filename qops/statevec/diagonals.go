package statevec

import (
	"math/bits"

	"github.com/hqvit/hqvit/qops/statevec/internal/tile"
)

// diagonals reads strings of Z from the squared norms of the amplitudes of a block: of bits qubits of a
// state. It is the part of a Walsh–Hadamard transform that the strings need, one bit of the index after the
// other, the highest first. A part of the norms whose strings need its sum alone is added up into 16
// neighbours; what the lowest four bits are in a string is then read from the transform of these 16, a leaf.
//
// Reading each ⟨Z⟩ of 10 qubits so takes two additions an amplitude.
type diagonals[T Float] struct {
	bits   int
	steps  []diagonalStep
	leaves int
	place  map[int]leafPlace // by string, as a mask
}

// leafPlace is where a string stands among the transforms of leaves, and with which sign.
type leafPlace struct {
	at       int // leaf·16 + entry
	negative bool
}

// diagonalStep is done to the norms [at, at + 16·blocks).
type diagonalStep struct {
	kind       stepKind
	at, blocks int
	leaf       int // of the sum, or of the difference
}

type stepKind uint8

const (
	sumStep       stepKind = iota // all of it into the leaf
	foldStep                      // the second half is added to the first, second minus first goes into the leaf
	butterflyStep                 // the halves become sum and difference
	unusedStep                    // nobody reads it
)

// leafBits is how many bits of an index are read from a leaf.
const leafBits = 4

// newDiagonals prepares strings of Z on so many qubits, as masks; on less than four qubits too.
func newDiagonals[T Float](numBits int, masks []int) *diagonals[T] {
	d := &diagonals[T]{bits: max(leafBits, numBits), place: map[int]leafPlace{}}
	distinct := make([]diagonalMask, 0, len(masks))
	for _, m := range masks {
		if _, ok := d.place[m]; !ok {
			d.place[m] = leafPlace{}
			distinct = append(distinct, diagonalMask{left: m, whole: m})
		}
	}
	if len(distinct) > 0 {
		d.plan(0, d.bits, distinct)
	}
	return d
}

// diagonalMask is a string and what is left of it, in the bits that are not done.
type diagonalMask struct {
	left, whole int
	negative    bool
}

// plan adds the steps for norms of so many bits, of which some strings are read.
func (d *diagonals[T]) plan(at, numBits int, masks []diagonalMask) {
	blocks := 1 << (numBits - leafBits)
	if len(masks) == 0 {
		d.steps = append(d.steps, diagonalStep{kind: unusedStep, at: at, blocks: blocks})
		return
	}
	if sumsAlone(masks) {
		d.steps = append(d.steps, diagonalStep{kind: sumStep, at: at, blocks: blocks, leaf: d.leaf(masks)})
		return
	}
	top := 1 << (numBits - 1)
	var without, with []diagonalMask
	for _, m := range masks {
		if m.left&top == 0 {
			without = append(without, m)
			continue
		}
		m.left &^= top
		with = append(with, m)
	}
	if sumsAlone(with) { // of none too, into a leaf that nobody reads
		for i := range with {
			with[i].negative = !with[i].negative
		}
		d.steps = append(d.steps, diagonalStep{kind: foldStep, at: at, blocks: blocks, leaf: d.leaf(with)})
		d.plan(at, numBits-1, without)
		return
	}
	d.steps = append(d.steps, diagonalStep{kind: butterflyStep, at: at, blocks: blocks})
	d.plan(at, numBits-1, without)
	d.plan(at+blocks/2, numBits-1, with)
}

// sumsAlone tells whether nothing but the lowest bits is left of the strings.
func sumsAlone(masks []diagonalMask) bool {
	for _, m := range masks {
		if m.left>>leafBits != 0 {
			return false
		}
	}
	return true
}

// leaf returns a new leaf, which some strings are read from.
func (d *diagonals[T]) leaf(masks []diagonalMask) int {
	for _, m := range masks {
		d.place[m.whole] = leafPlace{at: d.leaves<<leafBits | m.left, negative: m.negative}
	}
	d.leaves++
	return d.leaves - 1
}

// diagonalScratch is the memory of one goroutine.
type diagonalScratch[T Float] struct {
	norms, leaves []tile.Block[T]
	small         smallStates[T]
}

func (d *diagonals[T]) newScratch() *diagonalScratch[T] {
	return &diagonalScratch[T]{norms: make([]tile.Block[T], 1<<(d.bits-leafBits)),
		leaves: make([]tile.Block[T], d.leaves)}
}

// read sets the leaves to what the strings are in a block of a state.
func (d *diagonals[T]) read(w *diagonalScratch[T], psi []T) {
	squares(psi, w.norms, &w.small)
	clear(w.leaves)
	for _, s := range d.steps {
		x := w.norms[s.at:][:s.blocks]
		switch s.kind {
		case sumStep:
			tile.SumBlocks(x, &w.leaves[s.leaf])
		case foldStep:
			tile.Fold(x, &w.leaves[s.leaf])
		case butterflyStep:
			tile.Butterfly(x)
		}
	}
	tile.Walsh(w.leaves)
}

// value returns what read has found for a string.
func (w *diagonalScratch[T]) value(p leafPlace) float64 {
	v := float64(w.leaves[p.at>>leafBits][p.at&(1<<leafBits-1)])
	if p.negative {
		return -v
	}
	return v
}

// add adds to the weight of a string for weigh.
func (w *diagonalScratch[T]) add(p leafPlace, weight float64) {
	if p.negative {
		weight = -weight
	}
	w.leaves[p.at>>leafBits][p.at&(1<<leafBits-1)] += T(weight)
}

// weigh sets out to a block of a state with each amplitude times the weighted sum of the strings' signs
// there. It uses up the weights, which begin at 0 with clear(w.leaves).
func (d *diagonals[T]) weigh(w *diagonalScratch[T], psi, out []T) {
	tile.Walsh(w.leaves)
	for i := len(d.steps) - 1; i >= 0; i-- {
		s := d.steps[i]
		x := w.norms[s.at:][:s.blocks]
		switch s.kind {
		case sumStep:
			for k := range x {
				x[k] = w.leaves[s.leaf]
			}
		case foldStep:
			tile.Unfold(x, &w.leaves[s.leaf])
		case butterflyStep:
			tile.Butterfly(x)
		case unusedStep:
			clear(x)
		}
	}
	weigh(w.norms, psi, out, &w.small)
}

// diagonalBlock is how many qubits the blocks of strings of Z have: small enough for the first cache, so that
// their memory does not grow with the states. A block costs a pass over the strings.
func diagonalBlock(n, strings int) int { return min(n, max(11, bits.Len(uint(strings)))) }
