package qasm

import (
	"maps"
	"slices"

	"github.com/hqvit/hqvit/internal/suggest"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/qops/circuit"
)

// callGate carries out a gate, or a subroutine that is called like one, on registers qubit by qubit.
func (r *reader) callGate(s *callStmt) {
	if sym := r.scope.find(s.name); sym != nil && len(s.modifiers) == 0 && (sym.typ == "def" ||
		sym.typ == "extern") {
		r.callRoutine(s.position, sym, slices.Concat(s.args, s.operands))
		return
	}
	d, ok := r.gateNamed(s.position, s.name)
	if !ok {
		r.unknownGate(s)
	}
	angles := r.angles(s, d)
	if r.p.err != nil {
		return
	}
	if d.row != (circuit.Gate{}) && len(s.modifiers) == 0 && r.direct(s, d, angles) {
		return
	}
	ops, n := r.build(s, d, angles)
	operands, size := r.broadcast(s, n)
	for i := range size {
		qubits := make([]int, len(operands))
		for j, register := range operands {
			qubits[j] = register[i%len(register)]
		}
		if r.p.err != nil || !r.fits(s, qubits, n) {
			return
		}
		if n == 0 {
			r.addOps(s.position, ops)
			continue
		}
		for _, g := range ops {
			if r.p.err != nil {
				return
			}
			r.addOp(s.position, r.place(g, qubits))
		}
	}
}

// unknownGate says that a call is of no gate.
func (r *reader) unknownGate(s *callStmt) {
	if sym := r.scope.find(s.name); sym != nil && sym.routine != nil {
		r.p.failAt(s.position, "%s is a subroutine, and %s is of gates", s.name, s.modifiers[0].name)
		return
	}
	if r.p.version == 2 && keywords[3][s.name] {
		r.p.failAt(s.position, otherVersion, s.name)
	}
	names := slices.Concat(slices.Sorted(maps.Keys(r.definitions)),
		slices.Sorted(maps.Keys(library(r.p.version))))
	r.p.failAt(s.position, "unknown gate %q%s", s.name, suggest.Among(s.name, names))
}

// memory returns room for n qubits.
func (r *reader) memory(n int) []int {
	if len(r.pool) < n {
		r.pool = make([]int, 4096+n)
	}
	out := r.pool[:n:n]
	r.pool = r.pool[n:]
	return out
}

// place returns an operation of a gate on the qubits of a call.
func (r *reader) place(g circuit.Operation, on []int) circuit.Operation {
	n := len(g.Controls)
	qubits := r.memory(n + len(g.Qubits))
	for i, q := range g.Controls {
		qubits[i] = on[q]
	}
	for i, q := range g.Qubits {
		qubits[n+i] = on[q]
	}
	g.Controls, g.Qubits = qubits[:n:n], qubits[n:]
	return g
}

// angles returns the angles of a call.
func (r *reader) angles(s *callStmt, d definition) []circuit.Angle {
	if r.p.err == nil && len(s.args) != d.angles {
		r.p.failAt(s.position, "%s: want %s, got %d", s.name, words.Count(d.angles, "angle"), len(s.args))
	}
	if r.p.err != nil || len(s.args) == 0 {
		return nil
	}
	out := make([]circuit.Angle, len(s.args))
	for i, e := range s.args {
		v := r.eval(e)
		a, ok := v.asAngle()
		switch {
		case r.p.err != nil:
			return nil
		case !ok && v.kind == kindBits:
			r.p.failAt(e.pos, "%s: an angle that depends on measured bits is not supported", s.name)
		case !ok:
			r.p.failAt(e.pos, "%s: want a number, got %s", s.name, r.describe(v))
		case a.Err() != nil:
			r.p.failAt(s.position, "%s: %v", s.name, a.Err())
		}
		out[i] = a
	}
	return out
}

// broadcast returns the operands of a call, and how often it acts.
func (r *reader) broadcast(s *callStmt, n int) ([][]int, int) {
	size := 1
	var operands [][]int
	for _, e := range s.operands {
		q := r.qubits(e)
		if r.p.err != nil {
			return nil, 0
		}
		if len(q.qubits) != 1 && size > 1 && len(q.qubits) != size {
			r.p.failAt(s.position, "%s: registers of %d and %d qubits", s.name, size, len(q.qubits))
		}
		size = max(size, len(q.qubits))
		operands = append(operands, q.qubits)
	}
	return operands, size
}

// fits tells whether the qubits of a call are as many as the gate has, and different.
func (r *reader) fits(s *callStmt, qubits []int, n int) bool {
	if len(qubits) != n {
		r.p.failAt(s.position, "%s: want %s, got %d", s.name, words.Count(n, "qubit"), len(qubits))
	}
	if twice(qubits) {
		r.p.failAt(s.position, "%s: a qubit is given twice", s.name)
	}
	return r.p.err == nil
}

func twice(qubits []int) bool {
	if len(qubits) > 16 {
		sorted := slices.Sorted(slices.Values(qubits))
		return len(slices.Compact(sorted)) < len(qubits)
	}
	for i, q := range qubits {
		if slices.Contains(qubits[:i], q) {
			return true
		}
	}
	return false
}

// direct adds a gate of the table that stands alone, the usual case, and tells whether it was one.
func (r *reader) direct(s *callStmt, d definition, angles []circuit.Angle) bool {
	n := d.qubits
	operands, size := r.broadcast(s, n)
	for i := range size {
		qubits := r.memory(len(operands))
		for j, register := range operands {
			qubits[j] = register[i%len(register)]
		}
		if r.p.err != nil || !r.fits(s, qubits, n) {
			return true
		}
		r.addOp(s.position, circuit.Operation{Gate: d.row, Controls: qubits[:d.controls:d.controls],
			Qubits: qubits[d.controls:], Angles: angles})
	}
	return true
}

// addOps adds operations to the program, or to the body of the gate that we are in.
func (r *reader) addOps(pos position, ops []circuit.Operation) {
	for _, g := range ops {
		if r.p.err != nil {
			return
		}
		r.addOp(pos, g)
	}
}

func (r *reader) addOp(pos position, g circuit.Operation) {
	if r.gate {
		if r.store(pos, operationSize(g)) {
			r.ops = append(r.ops, g)
		}
		return
	}
	switch {
	case g.Gate == circuit.GlobalPhase(): // of the whole program
	case len(r.opaque) > 0 && r.opaque[g.Gate]:
		r.emit(circuit.Instruction{Kind: circuit.Opaque, Line: pos.line, Operation: g})
	default:
		r.emit(circuit.Instruction{Line: pos.line, Operation: g})
	}
}
