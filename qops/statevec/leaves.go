package statevec

import (
	"slices"

	"github.com/hqvit/hqvit/qops/circuit"
)

// moving is an error that is made of Pauli strings, in a form that can be moved behind gates: move, behind a
// measurement of the product of letters look, unless that is trivial, only if its value is −1 to the power of
// when.
type moving struct {
	look, move pauliOperator
	when       int
}

// leafing divides a noisy circuit into leaves. A gate goes into the first one that it can: behind what comes
// before it on its qubits, and not behind a place of an error unless that can be moved behind the gate.
type leafing[T Float] struct {
	*Trajectories[T]
	leaves  []*part[T]
	pending [][]int // by leaf: its places
	level   []int   // by qubit: the leaf of what comes last on it
	known   cliffords
}

// mostMoved bounds the places of a leaf that are looked at for every gate.
const mostMoved = 256

// of returns the first leaf that comes behind all before on some qubits.
func (l *leafing[T]) of(qubits []int) (leaf int) {
	for _, q := range qubits {
		leaf = max(leaf, l.level[q])
	}
	return leaf
}

// reach makes a leaf the last on some qubits.
func (l *leafing[T]) reach(leaf int, qubits []int) {
	for len(l.leaves) <= leaf {
		l.leaves, l.pending = append(l.leaves, &part[T]{}), append(l.pending, nil)
	}
	for _, q := range qubits {
		l.level[q] = leaf
	}
}

func (l *leafing[T]) apply(g circuit.Operation) {
	qubits := g.AllQubits()
	leaf := l.of(qubits)
	if !l.moveBehind(leaf, g, qubits) {
		leaf++
	}
	l.reach(leaf, qubits)
	l.leaves[leaf].gates = append(l.leaves[leaf].gates, g)
}

// moveBehind moves the places of a leaf behind a gate, and tells whether all of them can be, or are on other
// qubits.
func (l *leafing[T]) moveBehind(leaf int, g circuit.Operation, qubits []int) bool {
	if leaf >= len(l.leaves) || len(l.pending[leaf]) == 0 {
		return true
	}
	mask := l.mask(qubits)
	var met []int
	for _, i := range l.pending[leaf] {
		if b := &l.places[i]; b.moved == nil && b.touches(mask, l.qubits) || b.reaches(mask) {
			met = append(met, i)
		}
	}
	if len(met) == 0 {
		return true
	}
	images := l.known.imagesOf(g)
	if images == nil || len(l.pending[leaf]) > mostMoved ||
		slices.ContainsFunc(met, func(i int) bool { return l.places[i].moved == nil }) {
		return false
	}
	for _, i := range met {
		for k, m := range l.places[i].moved {
			m.look, m.move = m.look.behind(images, qubits, l.qubits), m.move.behind(images, qubits, l.qubits)
			l.places[i].moved[k] = m
		}
	}
	return true
}

func (l *leafing[T]) mask(qubits []int) (mask int) {
	for _, q := range qubits {
		mask |= 1 << (l.qubits - 1 - q)
	}
	return mask
}

// touches tells whether the channel acts on one of some qubits of n.
func (b *place) touches(mask, n int) bool {
	return slices.ContainsFunc(b.strides, func(s int) bool { return mask&(s/2) != 0 })
}

// reaches tells whether an error that was moved acts on one of some qubits.
func (b *place) reaches(mask int) bool {
	return slices.ContainsFunc(b.moved, func(m moving) bool {
		return (m.look.flip|m.look.sign|m.move.flip|m.move.sign)&mask != 0
	})
}

func (l *leafing[T]) disturb(b branches, qubits []int) {
	leaf := l.of(qubits)
	l.reach(leaf, qubits)
	l.pending[leaf] = append(l.pending[leaf], len(l.places))
	p := place{branches: b, target: newTarget(qubits, l.qubits), number: len(l.places), leaf: leaf}
	for _, e := range b.errors {
		m, ok := e.moving(qubits, l.qubits)
		if !ok {
			p.moved = nil
			break
		}
		p.moved = append(p.moved, m)
	}
	l.places = append(l.places, p)
}

// finish puts the places in the order of the leaves, which are returned with those that are theirs.
func (l *leafing[T]) finish() []*part[T] {
	l.reach(0, nil)
	slices.SortStableFunc(l.places, func(a, b place) int { return a.leaf - b.leaf })
	last := 0
	for i, leaf := range l.leaves {
		leaf.first = last
		for last < len(l.places) && l.places[last].leaf == i {
			last++
		}
		leaf.last = last
	}
	return l.leaves
}
