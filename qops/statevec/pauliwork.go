package statevec

import (
	"math/bits"
	"slices"

	"github.com/hqvit/hqvit/qops/statevec/internal/tile"
)

// letters returns a Pauli operator as the product of letters with its masks, and whether it is that times −1.
// The operator is a product of letters times 1 or −1.
func (p pauliOperator) letters() (letters tile.Pauli, negative bool) {
	return tile.Pauli{Flip: p.flip, Sign: p.sign}, (p.turns-bits.OnesCount(uint(p.flip&p.sign)))&2 != 0
}

// pauliWork applies products of letters X, Y, Z to states, for one worker.
type pauliWork[T Float] struct {
	scratch tile.Scratch[T]
	copied  []T
}

// room returns memory for a state of so many numbers, until the next call of room or of a method on one
// state.
func (w *pauliWork[T]) room(size int) []T {
	w.copied = slices.Grow(w.copied[:0], size)[:size]
	return w.copied
}

// apart returns a state that dst can be computed from: a copy if it is dst.
func (w *pauliWork[T]) apart(dst, src []T) []T {
	if &dst[0] != &src[0] {
		return src
	}
	copied := w.room(len(src))
	copy(copied, src)
	return copied
}

// move sets dst to the letters of p on src, which may be dst. It is its own inverse.
func (w *pauliWork[T]) move(p pauliOperator, dst, src []T) {
	src = w.apart(dst, src)
	letters, _ := p.letters()
	clear(dst)
	w.scratch.Add(letters, 1, src, dst)
}

// expect returns ⟨ψ|ψ⟩ and ⟨ψ|P|ψ⟩.
func (w *pauliWork[T]) expect(p pauliOperator, psi []T) (norm, value float64) {
	letters, negative := p.letters()
	norm, value = w.scratch.Expectation(tile.Pauli{}, psi), w.scratch.Expectation(letters, psi)
	if negative {
		value = -value
	}
	return norm, value
}

// project sets dst to scale times the part of src, which may be dst, on which P is 1, or −1 if minus is set.
func (w *pauliWork[T]) project(p pauliOperator, minus bool, scale float64, dst, src []T) {
	src = w.apart(dst, src)
	letters, negative := p.letters()
	half := T(scale / 2)
	clear(dst)
	w.scratch.Add(tile.Pauli{}, half, src, dst)
	if minus != negative {
		half = -half
	}
	w.scratch.Add(letters, half, src, dst)
}
