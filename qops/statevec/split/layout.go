package split

import (
	"math/bits"
	"slices"

	"github.com/pkg/errors"
)

// Layout says where the amplitudes of a state of n qubits are: which qubits tell ranks apart, the global
// ones, and where in the index of an amplitude on a rank the others stand, the local ones. It never changes.
type Layout struct {
	place []int // by qubit: its position; the first are global, the others those of the index on a rank
	block []int // by rank: what the global positions are there, the first the most significant bit
	local int   // how many qubits are local
}

// NewLayout returns the layout whose global qubits are the first, in order. It returns an error for a number
// of ranks that is no power of two, and for one that leaves no qubit to a rank.
func NewLayout(qubits, ranks int) (*Layout, error) {
	if err := checkSizes(qubits, ranks); err != nil {
		return nil, err
	}
	return orderedLayout(identity(qubits), ranks), nil
}

// orderedLayout returns the layout with the qubits at those positions, and the ranks in order.
func orderedLayout(place []int, ranks int) *Layout {
	return &Layout{place: place, block: identity(ranks), local: len(place) - bits.Len(uint(ranks-1))}
}

const (
	maxQubits = 50 // of a state
	maxLocal  = 30 // of the share of a rank, see package statevec
)

func checkSizes(qubits, ranks int) error {
	if err := checkRanks(ranks); err != nil {
		return err
	}
	global := bits.Len(uint(ranks - 1))
	if qubits < 1 || qubits > maxQubits {
		return errors.Errorf("split: want 1 to %d qubits, got %d", maxQubits, qubits)
	}
	if qubits <= global {
		return errors.Errorf("split: want at most %d ranks for %d qubits, got %d: each holds one qubit or more",
			1<<(qubits-1), qubits, ranks)
	}
	if qubits-global > maxLocal {
		return errors.Errorf("split: want at least %d ranks for %d qubits, got %d: each holds at most %d of them",
			1<<(qubits-maxLocal), qubits, ranks, maxLocal)
	}
	return nil
}

// Qubits returns the number of qubits n.
func (l *Layout) Qubits() int {
	if l == nil {
		return 0
	}
	return len(l.place)
}

// Ranks returns the number of ranks.
func (l *Layout) Ranks() int {
	if l == nil {
		return 0
	}
	return len(l.block)
}

// Local returns how many qubits a rank holds: 2^Local amplitudes.
func (l *Layout) Local() int {
	if l == nil {
		return 0
	}
	return l.local
}

// Global returns the qubits that tell ranks apart.
func (l *Layout) Global() []int {
	out := make([]int, l.Qubits()-l.Local())
	for q := range l.Qubits() {
		if !l.isLocal(q) {
			out[l.place[q]] = q
		}
	}
	return out
}

func (l *Layout) global() int { return len(l.place) - l.local }

func (l *Layout) isLocal(q int) bool { return l.place[q] >= l.global() }

// bitOn returns what a global qubit is on a rank.
func (l *Layout) bitOn(rank, q int) int { return l.block[rank] >> (l.global() - 1 - l.place[q]) & 1 }

// localBit returns the bit of a local qubit in the index of an amplitude on its rank.
func (l *Layout) localBit(q int) int { return 1 << (len(l.place) - 1 - l.place[q]) }

func (l *Layout) equal(m *Layout) bool {
	return slices.Equal(l.place, m.place) && slices.Equal(l.block, m.block)
}

// selection finds what some qubits are, the first the most significant bit, for the amplitudes of a rank.
type selection struct {
	global    uint64   // of the global ones
	low, high []uint64 // by the lower and the upper half of the index, of the local ones
	shift     int
}

// selection returns what finds some qubits on a rank.
func (l *Layout) selection(rank int, qubits []int) selection {
	s := selection{shift: l.local / 2}
	local := make([]uint64, l.local) // by bit of the index: what it is worth
	for i, q := range qubits {
		worth := uint64(1) << (len(qubits) - 1 - i)
		if l.isLocal(q) {
			local[bits.TrailingZeros(uint(l.localBit(q)))] = worth
		} else if l.bitOn(rank, q) == 1 {
			s.global |= worth
		}
	}
	s.low, s.high = spread(local[:s.shift]), spread(local[s.shift:])
	return s
}

// spread returns, for each number, the sum of what its bits are worth.
func spread(worth []uint64) []uint64 {
	out := make([]uint64, 1<<len(worth))
	for i := 1; i < len(out); i++ {
		lowest := bits.TrailingZeros(uint(i))
		out[i] = out[i&(i-1)] + worth[lowest]
	}
	return out
}

// of returns what the qubits are at an index.
func (s *selection) of(i int) uint64 {
	return s.global | s.low[i&(len(s.low)-1)] | s.high[i>>s.shift]
}

func identity(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// relabelled returns the layout after a gate on global qubits that takes basis states to basis states.
func (l *Layout) relabelled(g *gate) *Layout {
	out := *l
	out.block = slices.Clone(l.block)
	for rank := range out.block {
		to, _ := l.imageOn(rank, g)
		for i, q := range g.Qubits {
			bit := 1 << (l.global() - 1 - l.place[q])
			out.block[rank] &^= bit
			if to>>(len(g.Qubits)-1-i)&1 == 1 {
				out.block[rank] |= bit
			}
		}
	}
	return &out
}

// imageOn returns what such a gate makes of its qubits on a rank, and the number that it multiplies.
func (l *Layout) imageOn(rank int, g *gate) (to int, factor complex128) {
	pattern := l.patternOn(rank, g.Qubits)
	if slices.ContainsFunc(g.Controls, func(q int) bool { return l.bitOn(rank, q) == 0 }) {
		return pattern, 1
	}
	return g.image(pattern)
}
