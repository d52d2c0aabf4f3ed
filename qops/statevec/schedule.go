package statevec

import (
	"slices"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec/internal/tile"
	"github.com/pkg/errors"
)

// frontier gives out ops in any order that does not change the order on a qubit. Taking all takes linear
// time.
type frontier struct {
	ops    []*op
	queues [][]int // by qubit: the ops on it that are left
	waits  []int   // by op: on how many qubits others come first
}

// newFrontier returns the frontier of ops on n qubits, and calls ready for those that can be taken first.
func newFrontier(ops []*op, n int, ready func(i int)) *frontier {
	f := &frontier{ops: ops, queues: make([][]int, n), waits: make([]int, len(ops))}
	for i := range ops {
		for _, q := range ops[i].qubits {
			if len(f.queues[q]) > 0 {
				f.waits[i]++
			}
			f.queues[q] = append(f.queues[q], i)
		}
		if f.waits[i] == 0 {
			ready(i)
		}
	}
	return f
}

// take takes an op and calls ready for those that waited for it alone.
func (f *frontier) take(i int, ready func(i int)) {
	for _, q := range f.ops[i].qubits {
		f.queues[q] = f.queues[q][1:]
		if len(f.queues[q]) == 0 {
			continue
		}
		next := f.queues[q][0]
		if f.waits[next]--; f.waits[next] == 0 {
			ready(next)
		}
	}
}

// schedule puts ops of a kind side by side, where fused rotations and merged phases want them: exchanges as
// early as can be, phases as late.
func schedule(ops []*op, n int) []*op {
	var byKind [opKinds][]int // that can be taken
	ready := func(i int) { byKind[ops[i].kind] = append(byKind[ops[i].kind], i) }
	f, out := newFrontier(ops, n, ready), make([]*op, 0, len(ops))
	for len(out) < len(ops) {
		kind := opPhase
		for _, k := range []opKind{opPermute, opRotate, opDense} {
			if len(byKind[k]) > 0 {
				kind = k
				break
			}
		}
		for k := 0; k < len(byKind[kind]); k++ { // those that become ready are appended
			f.take(byKind[kind][k], ready)
		}
		slices.Sort(byKind[kind])
		for _, i := range byKind[kind] {
			out = append(out, ops[i])
		}
		byKind[kind] = byKind[kind][:0]
	}
	return out
}

// cutting is some ops on few qubits, the active ones: what a segment is made of.
type cutting struct {
	ops    []*op
	active []int
}

// cut takes as many ops as possible into each cutting: those on up to room qubits. The last qubits, whose
// amplitudes share lines, are active together or not at all: a tile is moved by lines.
func cut(ops []*op, n, last, room int) (out []cutting) {
	room = min(room, n-4)
	var ready []int // that can be taken: at most one op a qubit
	add := func(i int) { ready = append(ready, i) }
	f := newFrontier(ops, n, add)
	for len(ready) > 0 {
		var c cutting
		var left []int
		for len(ready) > 0 {
			first := slices.Index(ready, slices.Min(ready))
			i := ready[first]
			ready = slices.Delete(ready, first, first+1)
			with := union(c.active, ops[i].qubits)
			if len(with) > 0 && slices.Max(with) >= n-last {
				with = union(with, allQubits(n)[n-last:])
			}
			if len(with) > room && len(c.active) > 0 {
				left = append(left, i)
				continue
			}
			c.active, c.ops = with, append(c.ops, ops[i])
			f.take(i, add)
		}
		c.active = fill(c.active, room, n)
		out = append(out, c)
		ready = left
	}
	if out == nil { // a circuit without gates still copies its input
		out = append(out, cutting{active: fill(nil, room, n)})
	}
	return out
}

// newSegments cuts the ops into segments, as few as tiles of tileQubits or one more can make: every segment
// is a pass over the state.
func newSegments(ops []*op, n, last int) ([]segment, error) {
	if n <= batchQubits {
		return []segment{newSegment(cutting{ops, allQubits(n)}, n)}, nil
	}
	for i := range ops {
		if k := len(ops[i].qubits); k > tile.MaxDiagonal {
			return nil, errors.Errorf("statevec: want gates on at most %d qubits in a circuit of %d, "+
				"got one on %d", tile.MaxDiagonal, n, k)
		}
	}
	cuttings := cut(ops, n, last, tileQubits)
	if wide := cut(ops, n, last, tileQubits+1); len(wide) < len(cuttings) {
		cuttings = wide
	}
	var out []segment
	for _, c := range cuttings {
		out = append(out, newSegment(c, n))
	}
	return out, nil
}

// fill returns the active qubits in order, with others added from the front until there are room of them: the
// last qubits make the best lanes.
func fill(active []int, room, n int) []int {
	for q := 0; q < n && len(active) < room; q++ {
		active = union(active, []int{q})
	}
	return slices.Sorted(slices.Values(active))
}

func allQubits(n int) []int {
	out := make([]int, n)
	for q := range out {
		out[q] = q
	}
	return out
}

func union(a, b []int) []int {
	out := slices.Clone(a)
	for _, q := range b {
		if !slices.Contains(out, q) {
			out = append(out, q)
		}
	}
	return out
}

// mergePhases merges neighbouring phase ops into one over the patterns of all their qubits. The result takes
// the place of the ops.
func mergePhases(ops []*op, n int) []*op {
	out, lastByRow := ops[:0], false
	for _, o := range ops {
		last, byRow := len(out)-1, o.byRow()
		if o.kind != opPhase || last < 0 || out[last].kind != opPhase {
			out, lastByRow = append(out, o), byRow
			continue
		}
		p := out[last]
		both := union(p.qubits, o.qubits)
		if n <= batchQubits && (lastByRow || byRow) && len(both) > maxRowQubits {
			out, lastByRow = append(out, o), byRow
			continue
		}
		p.terms, p.qubits, lastByRow = append(p.terms, o.terms...), both, lastByRow || byRow
	}
	return out
}

// maxRowQubits bounds the qubits of merged phases that differ from row to row and are computed anew for each.
const maxRowQubits = 3

// byRow tells whether an angle differs from row to row.
func (o *op) byRow() bool {
	return slices.ContainsFunc(o.angles(), func(a circuit.Angle) bool { return a.Source == circuit.Input })
}
