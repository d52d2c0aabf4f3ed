package statevec

import (
	"slices"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec/internal/tile"
)

// A segment is a run of ops that act on few qubits only, the active ones. A tile holds the amplitudes of all
// patterns of the active qubits for up to 16 lanes. In a small circuit there is one segment, every qubit is
// active and the lanes are rows. In a large one the lanes are the values of up to four further qubits, and
// the remaining ones number the tiles.
type segment struct {
	steps  []step
	passes []pass  // of the steps
	amp    []int32 // by pattern of the active qubits: the amplitude, all other qubits 0
	place  []int32 // by pattern: where that stands in the tile after all steps; before them at the pattern
	lane   []int32 // by lane: the amplitude, all other qubits 0; nil if lanes are rows
	rest   []int   // the qubits that number the tiles
	qubits int     // of the circuit

	start, end tile.Layout // before the steps and after them
}

// step is an op with its places in the tile.
type step struct {
	*op
	index  int     // its number in the plan
	real   bool    // its matrix is real: it acts on real and imaginary parts alike
	byLane bool    // some angle depends on the row, and lanes are rows
	table  []int32 // rotate: pairs of places; phase: the class of each place; dense: groups of places

	angles   []circuit.Angle // that are not constant, in the order of the factors or terms
	diagonal tile.Diagonal   // phase
}

// lastLanes is how many qubits make the lanes of a large state.
const lastLanes = 4

func newSegment(c cutting, n int) segment {
	s := segment{qubits: n, amp: patterns(c.active, n)}
	if n > batchQubits {
		var others []int
		for q := range n {
			if !slices.Contains(c.active, q) {
				others = append(others, q)
			}
		}
		first := max(0, len(others)-lastLanes)
		s.rest, s.lane = others[:first], patterns(others[first:], n)
	}
	s.place = identity(len(s.amp))
	ops := mergePhases(schedule(c.ops, n), n)
	s.steps = make([]step, 0, len(ops))
	for _, o := range ops {
		s.add(o, c.active)
	}
	s.group()
	return s
}

func identity(n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(i)
	}
	return out
}

// patterns returns, for each pattern of the given qubits, the index among n qubits, all others 0.
func patterns(qubits []int, n int) []int32 {
	out := make([]int32, 1<<len(qubits))
	for i := range out {
		out[i] = int32(tile.Deposit(i, qubits, n))
	}
	return out
}

// tiles returns how many tiles cover one state.
func (s *segment) tiles() int { return 1 << len(s.rest) }

// add appends an op as a step with its table, or for an exchange only changes the places.
func (s *segment) add(o *op, active []int) {
	local, a := indices(o.qubits, active), len(active)
	spread := func(pattern int) int { return tile.Deposit(pattern, local, a) }
	all := spread(-1)
	st := step{op: o, real: o.real(), angles: o.angles()}
	st.byLane = s.lane == nil && o.byRow()
	switch o.kind {
	case opPermute:
		lo, hi := spread(o.lo), spread(o.hi)
		for j := range s.withZeros(all) {
			s.place[j|lo], s.place[j|hi] = s.place[j|hi], s.place[j|lo]
		}
		return
	case opRotate:
		lo, hi := spread(o.lo), spread(o.hi)
		st.table = make([]int32, 0, 2*len(s.amp)>>len(o.qubits))
		for j := range s.withZeros(all) {
			st.table = append(st.table, s.place[j|lo], s.place[j|hi])
		}
	case opDense:
		dim := o.matrix.Dim()
		first := 1<<len(o.qubits) - dim
		for j := range s.withZeros(all) {
			for v := range dim {
				st.table = append(st.table, s.place[j|spread(first+v)])
			}
		}
	case opPhase:
		st.table = make([]int32, len(s.amp))
		for j := range s.amp {
			st.table[s.place[j]] = int32(tile.Extract(j, local, a))
		}
		st.diagonal = newDiagonal(o)
	}
	s.steps = append(s.steps, st)
}

// withZeros iterates over the patterns in which the masked qubits are 0.
func (s *segment) withZeros(mask int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for j := range len(s.amp) {
			if j&mask == 0 && !yield(j) {
				return
			}
		}
	}
}

// newDiagonal returns the product of the terms of a phase op.
func newDiagonal(o *op) tile.Diagonal {
	d, angle := tile.NewDiagonal(len(o.qubits)), 0
	for i := range o.terms {
		t := &o.terms[i]
		if qubits := indices(t.qubits, o.qubits); t.constant() {
			d.Multiply(qubits, t.constants)
		} else {
			d.MultiplyExp(angle, qubits, t.values)
			angle++
		}
	}
	return d
}

// indices returns where the qubits stand in a list.
func indices(qubits, list []int) []int {
	out := make([]int, len(qubits))
	for i, q := range qubits {
		out[i] = slices.Index(list, q)
	}
	return out
}
