package qasm

import (
	"slices"
	"strings"

	"github.com/hqvit/hqvit/qops/circuit"
)

// build returns what a call does on qubits 0, 1, …, its controls first, and on how many.
func (r *reader) build(s *callStmt, d definition, angles []circuit.Angle) ([]circuit.Operation, int) {
	ops, n := d.build(angles), d.qubits
	for _, m := range slices.Backward(s.modifiers) {
		if r.p.err != nil {
			return nil, 0
		}
		r.work(m.pos, len(ops))
		ops, n = r.modify(s, m, ops, n)
	}
	return ops, n
}

// modify applies one modifier to operations on n qubits.
func (r *reader) modify(s *callStmt, m modifier, ops []circuit.Operation, n int) ([]circuit.Operation, int) {
	undefined := slices.ContainsFunc(ops, func(g circuit.Operation) bool { return r.opaque[g.Gate] })
	if undefined {
		r.p.failAt(m.pos, "%s of %s, which has no definition", m.name, s.name)
		return nil, 0
	}
	switch m.name {
	case "inv":
		var out []circuit.Operation
		for _, g := range slices.Backward(ops) {
			out = append(out, g.Adjoint())
		}
		return out, n
	case "pow":
		v := r.eval(m.arg)
		k, ok := v.real()
		if r.p.err != nil || !ok {
			r.p.failAt(m.pos, "pow: want a number that is known while the program is read, got %s",
				r.describe(v))
			return nil, 0
		}
		out, err := circuit.Power(ops, n, k, r.most-r.stored)
		if err != nil {
			r.p.failAt(m.pos, "pow: %s", strings.TrimPrefix(err.Error(), "circuit: Power: "))
		}
		if len(out) == 1 && len(out[0].Qubits) > 1 {
			if _, named := circuit.Named(out[0].Gate.Name()); !named { // a matrix, and that of its inverse
				r.store(m.pos, 4+1<<(2*n)/4)
			}
		}
		return out, n
	}
	count := 1
	if m.arg != nil {
		count = r.positive(m.arg, "a number of controls", maxOperands)
	}
	if n+count > maxOperands {
		r.p.failAt(m.pos, "want at most %d qubits of a gate", maxOperands)
		return nil, 0
	}
	if !r.fitsIn(m.pos, len(ops)*(1+(n+count)/16)) {
		return nil, 0
	}
	return controlled(ops, count, m.name == "negctrl"), n + count
}

// controlled returns operations under further controls, in front of their qubits, that are 1 or all 0.
func controlled(ops []circuit.Operation, count int, zero bool) []circuit.Operation {
	controls := register(0, count)
	var out []circuit.Operation
	for _, g := range ops {
		out = append(out, g.Map(func(q int) int { return q + count }, nil).Controlled(controls...))
	}
	if !zero {
		return out
	}
	var flips []circuit.Operation
	for _, q := range controls {
		flips = append(flips, circuit.Operation{Gate: gate("x"), Qubits: []int{q}})
	}
	return slices.Concat(flips, out, flips)
}
