// Package tile holds the kernels of a tile: the amplitudes of 16 states, or of 16 parts of a large state,
// side by side in the lanes of vector registers.
//
// A tile has two blocks an amplitude, its real and its imaginary part, and a block is that number in all
// lanes. A gate is a loop over the blocks that a table lists: pairs of blocks for a rotation, groups of them
// for a larger matrix, the class of each for a phase. Lanes never meet, so that what they hold is the
// business of the package above.
//
//	tile.go       blocks and the states in a tile
//	layout.go     where the amplitudes of a lane stand in a state and in a tile
//	move.go       loading and storing tiles
//	rotate.go     2×2 matrices on pairs of amplitudes, forward and backward
//	groups.go     which real rotations can be done in one pass, and on which groups of amplitudes
//	fused.go      their coefficients and kernels
//	phase.go      phases by class, forward and backward
//	diagonal.go   the phases of many diagonal gates as one, and their derivatives
//	multiply.go   constant matrices on a few qubits
//	read.go       what measurements do with states as they lie in memory: norms, sums, transforms
//	pauli.go      Pauli strings on such states
//	inner.go      inner products of them
//	vector.go     which assembly does all that, if any; vector_amd64.go and vector_arm64.go list it
//
// Kernels in plain Go are the definition; the assembly (internal/asm writes it) agrees to rounding. Backward
// kernels take ψ after a gate and λ = ∂L/∂ψ there, multiply both by the adjoint of the gate, and add up what
// the derivatives by the gate's angles are made of. Slices that are too short panic: the package above checks
// what users pass.
package tile

import "github.com/hqvit/hqvit/internal/dense"

// Lanes is how many numbers a block has: those of one AVX-512 register of float32.
const Lanes = 16

// Block is the real or the imaginary part of one amplitude in all lanes.
type Block[T dense.Float] [Lanes]T

// Sum returns the sum over the lanes, by four chains of additions in float64.
func (b *Block[T]) Sum() float64 {
	var s [4]float64
	for l := 0; l < Lanes; l += 4 {
		for i := range s {
			s[i] += float64(b[l+i])
		}
	}
	return s[0] + s[1] + (s[2] + s[3])
}

// States are the real and imaginary parts of the states in a tile; Im is nil for real states.
type States[T dense.Float] struct {
	Re, Im []Block[T]
	all    []Block[T] // both
}

// NewStates returns room for states of so many amplitudes.
func NewStates[T dense.Float](size int, real bool) States[T] {
	if real {
		x := make([]Block[T], size)
		return States[T]{Re: x, all: x}
	}
	x := make([]Block[T], 2*size)
	return States[T]{Re: x[:size], Im: x[size:], all: x}
}

// Deposit spreads the bits of a pattern of some qubits over an index of n qubits, of which the last is bit 0.
func Deposit(pattern int, qubits []int, n int) (index int) {
	for i, q := range qubits {
		index |= pattern >> (len(qubits) - 1 - i) & 1 << (n - 1 - q)
	}
	return index
}

// Extract is the inverse of Deposit.
func Extract(index int, qubits []int, n int) (pattern int) {
	for _, q := range qubits {
		pattern = pattern<<1 | index>>(n-1-q)&1
	}
	return pattern
}
