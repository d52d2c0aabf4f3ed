package statevec

import (
	"slices"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/pkg/errors"
)

// A segment is a run of ops that act on few qubits only, the active ones. A tile holds the amplitudes of all patterns of the active qubits for up to 16 lanes.
// In a small circuit there is one segment, every qubit is active and the lanes are rows. In a large one the lanes are the values of up to four
// further qubits, and the remaining qubits number the tiles.
type segment struct {
	steps   []step
	bundles []bundle // of the steps
	amp     []int32  // by pattern of the active qubits: the amplitude, all other qubits 0
	place   []int32  // by pattern: where the amplitude stands in the tile after all steps; before them it is the pattern itself
	lane    []int32  // by lane: the amplitude, all other qubits 0; nil if lanes are rows
	rest    []int    // the qubits that number the tiles
	qubits  int      // of the circuit

	start, end layout // before the steps and after them
}

// step is an op with its places in the tile.
type step struct {
	*op
	slot  int     // its number in the plan
	real  bool    // its matrix is real: it acts on real and imaginary parts alike
	laned bool    // some angle depends on the row and lanes are rows
	table []int32 // rotate: pairs of places; phase: by place, the pattern of the op's qubits; dense: groups of places

	angles []circuit.Angle // that are not constant, in the order of the factors or terms
	phase  phase
}

// split cuts the ops into segments, as few as tiles of tileQubits or one more can make: every segment is a pass over the state.
func split(ops []op, n, last int) ([]segment, error) {
	out, err := cut(ops, n, last, tileQubits)
	if err != nil || n <= batchQubits {
		return out, err
	}
	if wide, err := cut(ops, n, last, tileQubits+1); err == nil && len(wide) < len(out) {
		return wide, nil
	}
	return out, nil
}

// cut takes as many ops as possible into each segment without changing the order on any qubit.
// The last qubits, whose amplitudes share lines, are active together or not at all: a tile is moved by lines.
func cut(ops []op, n, last, room int) ([]segment, error) {
	every := make([]int, n)
	for q := range every {
		every[q] = q
	}
	if n <= batchQubits {
		return []segment{newSegment(ops, every, n)}, nil
	}
	room = min(room, n-4)
	var out []segment
	for len(ops) > 0 {
		var taken, left []op
		var active []int
		blocked := make([]bool, n)
		for _, o := range ops {
			if len(o.qubits) > maxTouched {
				return nil, errors.Errorf("statevec: want gates on at most %d qubits in a circuit of %d, got one on %d", maxTouched, n, len(o.qubits))
			}
			with := union(active, o.qubits)
			if slices.Max(with) >= n-last {
				with = union(with, every[n-last:])
			}
			free := !slices.ContainsFunc(o.qubits, func(q int) bool { return blocked[q] })
			if free && (len(with) <= room || len(active) == 0) {
				active, taken = with, append(taken, o)
				continue
			}
			for _, q := range o.qubits {
				blocked[q] = true
			}
			left = append(left, o)
		}
		out = append(out, newSegment(taken, filled(active, room, n), n))
		ops = left
	}
	if out == nil { // a circuit without gates still copies its input
		out = append(out, newSegment(nil, filled(nil, room, n), n))
	}
	return out, nil
}

// filled returns the active qubits in order, with others added from the front until there are room of them: the last qubits make the best lanes.
func filled(active []int, room, n int) []int {
	for q := 0; q < n && len(active) < room; q++ {
		active = union(active, []int{q})
	}
	return slices.Sorted(slices.Values(active))
}

func newSegment(ops []op, active []int, n int) segment {
	s := segment{qubits: n}
	var others []int
	for q := range n {
		if !slices.Contains(active, q) {
			others = append(others, q)
		}
	}
	s.amp = patterns(active, n)
	if n > batchQubits {
		cut := max(0, len(others)-4)
		s.rest, s.lane = others[:cut], patterns(others[cut:], n)
	}
	s.place = identity(len(s.amp))
	ops = mergePhases(schedule(ops), n)
	for i := range ops {
		s.add(&ops[i], active)
	}
	s.bundle()
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
		out[i] = int32(deposit(i, qubits, n))
	}
	return out
}

// deposit spreads the bits of a pattern of the given qubits over an index of n qubits.
func deposit(pattern int, qubits []int, n int) (index int) {
	for i, q := range qubits {
		index |= pattern >> (len(qubits) - 1 - i) & 1 << (n - 1 - q)
	}
	return index
}

// extract is the inverse of deposit.
func extract(index int, qubits []int, n int) (pattern int) {
	for _, q := range qubits {
		pattern = pattern<<1 | index>>(n-1-q)&1
	}
	return pattern
}

// tiles returns how many tiles cover one state.
func (s *segment) tiles() int { return 1 << len(s.rest) }

// add appends an op: its tables of places, or for an exchange only the new places.
func (s *segment) add(o *op, active []int) {
	local, a := positions(o.qubits, active), len(active)
	at := func(pattern int) int { return deposit(pattern, local, a) }
	st := step{op: o, real: o.real(), angles: o.angles()}
	st.laned = s.lane == nil && slices.ContainsFunc(st.angles, func(a circuit.Angle) bool { return a.Source == circuit.Input })
	switch o.kind {
	case opPermute:
		for j := range s.others(at(-1)) {
			lo, hi := j|at(o.lo), j|at(o.hi)
			s.place[lo], s.place[hi] = s.place[hi], s.place[lo]
		}
		return
	case opRotate:
		for j := range s.others(at(-1)) {
			st.table = append(st.table, s.place[j|at(o.lo)], s.place[j|at(o.hi)])
		}
	case opDense:
		dim := o.matrix.Dim()
		first := 1<<len(o.qubits) - dim
		for j := range s.others(at(-1)) {
			for v := range dim {
				st.table = append(st.table, s.place[j|at(first+v)])
			}
		}
	case opPhase:
		st.table = make([]int32, len(s.amp))
		for j := range s.amp {
			st.table[s.place[j]] = int32(extract(j, local, a))
		}
		st.phase = newPhase(o)
	}
	s.steps = append(s.steps, st)
}

// others iterates over the patterns in which the masked qubits are 0.
func (s *segment) others(mask int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for j := range len(s.amp) {
			if j&mask == 0 && !yield(j) {
				return
			}
		}
	}
}

// positions returns where the qubits stand in the list.
func positions(qubits, list []int) []int {
	out := make([]int, len(qubits))
	for i, q := range qubits {
		out[i] = slices.Index(list, q)
	}
	return out
}

// real tells whether the op is a real matrix whatever its angles.
func (o *op) real() bool {
	for i := range o.factors {
		if !o.factors[i].real() {
			return false
		}
	}
	for i := range o.terms {
		t := &o.terms[i]
		if !t.constant() || slices.ContainsFunc(t.constants, func(v complex128) bool { return imag(v) != 0 }) {
			return false
		}
	}
	return o.matrix.IsReal()
}
