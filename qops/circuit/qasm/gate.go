package qasm

import (
	"math"
	"slices"

	"github.com/hqvit/hqvit/qops/circuit"
)

// callGate carries out a gate, or a subroutine that is called like one, on registers qubit by qubit.
func (r *reader) callGate(s *callStmt) {
	if sym := r.scope.find(s.name); sym != nil && len(s.modifiers) == 0 && (sym.typ == "def" || sym.typ == "extern") {
		r.callRoutine(s.position, sym, slices.Concat(s.args, s.operands))
		return
	}
	d, ok := r.gateNamed(s.name)
	if !ok {
		r.p.failAt(s.position, "unknown gate %q", s.name)
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
		r.p.failAt(s.position, "%s: want %d angles, got %d", s.name, d.angles, len(s.args))
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
			r.p.failAt(e.pos, "%s: want a number, got %s", s.name, v.describe())
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
		r.p.failAt(s.position, "%s: want %d qubits, got %d", s.name, n, len(qubits))
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
		if r.spend(pos, 1) {
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

// build returns what a call does on qubits 0, 1, …, its controls first, and on how many.
func (r *reader) build(s *callStmt, d definition, angles []circuit.Angle) ([]circuit.Operation, int) {
	ops, n := d.build(angles), d.qubits
	for _, m := range slices.Backward(s.modifiers) {
		if r.p.err != nil || !r.spend(m.pos, len(ops)) {
			return nil, 0
		}
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
			r.p.failAt(m.pos, "pow: want a number that is known while the program is read, got %s", v.describe())
			return nil, 0
		}
		out, err := circuit.Power(ops, n, k, maxSteps-r.steps)
		if err != nil {
			r.p.failAt(m.pos, "pow: %v", err)
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

// gateNamed returns the gate with that name: of the program, of the language, or of a library, included or
// not.
func (r *reader) gateNamed(name string) (definition, bool) {
	d, ok := r.definitions[name]
	if !ok {
		if d, ok = library(r.p.version)[name]; ok {
			r.definitions[name] = d
			r.note(r.p.tok.pos, "gates of "+libraryFile(r.p.version)+" are used, which is not included")
		}
	}
	return d, ok
}

// include makes the gates of a library known, unless the program has defined its own.
func (r *reader) include(s *includeStmt) {
	if s.file == "" { // the header
		if r.started {
			r.p.failAt(s.position, "OPENQASM must come first, and once")
		}
		return
	}
	version := 2
	switch s.file {
	case libraryFile(2):
	case libraryFile(3):
		version = 3
	default:
		r.p.failAt(s.position, "the file %q is not at hand: want %q or %q, or put its text in its place", s.file,
			libraryFile(2), libraryFile(3))
		return
	}
	if version != r.p.version {
		r.note(s.position, s.file+" is the library of version "+itoa(version)+", and the program is of version "+
			itoa(r.p.version))
	}
	for name, d := range library(version) {
		if !r.defined[name] {
			r.definitions[name] = d
		}
	}
}

// define adds an opaque gate.
func (r *reader) define(pos position, name string, angles, qubits int) {
	g, err := circuit.OpaqueGate(name, qubits, angles)
	if err != nil {
		r.p.failAt(pos, "%v", err)
		return
	}
	r.opaque[g], r.defined[name] = true, true
	r.definitions[name] = definition{angles: angles, qubits: qubits, row: g}
	d := r.definitions[name]
	d.build = func(a []circuit.Angle) []circuit.Operation {
		return []circuit.Operation{{Gate: g, Qubits: register(0, qubits), Angles: a}}
	}
	r.definitions[name] = d
}

// defineGate reads gate name(params) qubits { body }. A gate of the library may be defined again.
func (r *reader) defineGate(s *gateStmt) {
	_, variable := r.scope.names[s.name]
	switch {
	case r.defined[s.name]:
		r.p.failAt(s.position, "gate %s is defined twice", s.name)
	case r.scope.outer != nil:
		r.p.failAt(s.position, "gates are defined outside of blocks only")
	case variable && r.p.version == 3:
		r.p.failAt(s.position, "the name %q is taken", s.name)
	case s.opaque:
		r.define(s.position, s.name, len(s.params), len(s.qubits))
		return
	}
	depth := r.checkBody(s)
	if depth > maxDefinitions {
		r.p.failAt(s.position, "more than %d gate definitions inside each other", maxDefinitions)
	}
	if r.p.err != nil {
		return
	}
	global := r.scope
	var kept []circuit.Operation // of a gate without angles
	build := func(angles []circuit.Angle) []circuit.Operation {
		if kept != nil && r.spend(s.position, len(kept)) {
			return kept
		}
		out := r.expand(s, global, angles)
		if len(s.params) == 0 && r.p.err == nil {
			kept = append([]circuit.Operation{}, out...)
		}
		return out
	}
	r.defined[s.name] = true
	r.definitions[s.name] = definition{angles: len(s.params), qubits: len(s.qubits), build: build, depth: depth}
}

// expand carries out the body of a gate on qubits 0, 1, ….
func (r *reader) expand(s *gateStmt, global *scope, angles []circuit.Angle) []circuit.Operation {
	caller, ops, inside, cycles := r.scope, r.ops, r.gate, r.cycles
	r.scope, r.ops, r.gate, r.cycles = global, nil, true, 0
	r.inScope(&scope{sealed: true, gate: true}, func() {
		for i, name := range s.params {
			v := fromAngle(angles[i])
			r.scope.names[name] = &symbol{name: name, typ: "angle", value: v, dynamic: len(r.lists) - 1, fixed: true}
		}
		for i, name := range s.qubits {
			r.scope.names[name] = &symbol{name: name, typ: "qubits",
				value: value{kind: kindQubits, qubits: []int{i}, single: true}}
		}
		r.body(s.body)
	})
	out := r.ops
	r.scope, r.ops, r.gate, r.cycles = caller, ops, inside, cycles
	return out
}

// checkBody finds the mistakes in the body of a gate that do not depend on its angles, whether or not the gate
// is ever used, and returns how many definitions stand inside each other.
func (r *reader) checkBody(s *gateStmt) int {
	depth := 1
	known := map[string]bool{}
	for _, name := range s.params {
		known[name] = true
	}
	var walk func(body []stmt)
	walk = func(body []stmt) {
		for _, line := range body {
			if r.p.err != nil {
				return
			}
			switch line := line.(type) {
			case *callStmt:
				depth = max(depth, 1+r.checkCall(line, s.qubits, known))
			case *quantumStmt:
				if line.name == "reset" {
					r.p.failAt(line.position, "the body of a gate holds gates only")
				}
				r.checkQubits(line.operands, s.qubits, known)
			case *blockStmt:
				walk(line.body)
			case *ifStmt:
				walk(line.then)
				walk(line.els)
			case *forStmt:
				known[line.name.text] = true
				walk(line.body)
			case *declareStmt:
				known[line.name.text] = true
			case *aliasStmt, *assignStmt, *whileStmt, *switchStmt, *jumpStmt:
			default:
				r.p.failAt(line.at(), "the body of a gate holds gates only")
			}
		}
	}
	walk(s.body)
	return depth
}

// checkCall checks one call in the body of a gate, and returns how many definitions stand inside each other
// in it.
func (r *reader) checkCall(s *callStmt, qubits []string, known map[string]bool) int {
	d, ok := r.gateNamed(s.name)
	switch {
	case !ok:
		r.p.failAt(s.position, "unknown gate %q", s.name)
	case len(s.args) != d.angles:
		r.p.failAt(s.position, "%s: want %d angles, got %d", s.name, d.angles, len(s.args))
	}
	for _, e := range s.args {
		r.checkNames(e, known)
	}
	r.checkQubits(s.operands, qubits, known)
	if len(s.modifiers) == 0 && r.p.err == nil {
		places := make([]int, len(s.operands))
		for i, e := range s.operands {
			if places[i] = slices.Index(qubits, e.text); places[i] < 0 {
				return d.depth
			}
		}
		r.fits(s, places, d.qubits)
	}
	return d.depth
}

func (r *reader) checkQubits(operands []*expr, qubits []string, known map[string]bool) {
	for _, e := range operands {
		if e.op == opHardware {
			r.p.failAt(e.pos, "the body of a gate has no physical qubits")
		}
		if r.p.err == nil && e.op == opName && !slices.Contains(qubits, e.text) && !known[e.text] {
			r.p.failAt(e.pos, "unknown qubit %q", e.text)
		}
	}
}

func (r *reader) checkNames(e *expr, known map[string]bool) {
	if e == nil || r.p.err != nil {
		return
	}
	if e.op == opName && !known[e.text] {
		if _, constant := constants[r.p.version][e.text]; !constant && r.scope.find(e.text) == nil {
			r.p.failAt(e.pos, "unknown name %q", e.text)
		}
	}
	for _, a := range e.args {
		r.checkNames(a, known)
	}
}

// inputAngle returns the angle that Write gives this name, a constant for other names.
func inputAngle(name string) circuit.Angle {
	for prefix, angle := range map[string]func(int) circuit.Angle{"theta": circuit.Theta, "x": circuit.Data} {
		if len(name) > len(prefix) && name[:len(prefix)] == prefix {
			n := 0
			for _, c := range name[len(prefix):] {
				if c < '0' || c > '9' || n > circuit.MaxAngles {
					n = math.MaxInt32
					break
				}
				n = 10*n + int(c-'0')
			}
			if n < circuit.MaxAngles && name == prefix+itoa(n) {
				return angle(n)
			}
		}
	}
	return circuit.Angle{}
}
