package statevec

import (
	"slices"

	"github.com/hqvit/hqvit/qops/circuit"
)

// schedule puts ops of a kind side by side, where bundles and merged phases want them, without changing the order on any qubit: exchanges as early as can be, phases as late.
func schedule(ops []op) []op {
	var out []op
	for len(ops) > 0 {
		for _, kind := range []opKind{opPermute, opRotate, opDense, opPhase} {
			var taken []op
			if taken, ops = ready(ops, kind); len(taken) > 0 {
				out = append(out, taken...)
				break
			}
		}
	}
	return out
}

// ready returns the ops of a kind that only ops of the kind stand before on their qubits, and the others.
func ready(ops []op, kind opKind) (taken, left []op) {
	blocked := map[int]bool{}
	for _, o := range ops {
		if o.kind == kind && !slices.ContainsFunc(o.qubits, func(q int) bool { return blocked[q] }) {
			taken = append(taken, o)
			continue
		}
		for _, q := range o.qubits {
			blocked[q] = true
		}
		left = append(left, o)
	}
	return taken, left
}

// mergePhases merges neighbouring phase ops into one over the patterns of all their qubits.
func mergePhases(ops []op, n int) []op {
	var out []op
	for _, o := range ops {
		last := len(out) - 1
		if o.kind != opPhase || last < 0 || out[last].kind != opPhase {
			out = append(out, o)
			continue
		}
		p := &out[last]
		both := union(p.qubits, o.qubits)
		if n <= batchQubits && (p.byRow() || o.byRow()) && len(both) > maxRowQubits {
			out = append(out, o)
			continue
		}
		p.terms = append(slices.Clip(p.terms), o.terms...)
		p.qubits = both
	}
	return out
}

// maxRowQubits bounds the qubits of merged phases that differ from row to row and are computed anew for each.
const maxRowQubits = 3

// byRow tells whether an angle differs from row to row.
func (o *op) byRow() bool {
	return slices.ContainsFunc(o.angles(), func(a circuit.Angle) bool { return a.Source == circuit.Input })
}
