package qasm

import (
	"slices"

	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/qops/circuit"
)

// gateNamed returns the gate with that name: of the program, of the language, or of a library, included or
// not.
func (r *reader) gateNamed(pos position, name string) (definition, bool) {
	if r.gate { // what the name meant when the gate was defined
		d, ok := r.known[name]
		return d, ok
	}
	d, ok := r.definitions[name]
	if !ok {
		if d, ok = library(r.p.version)[name]; ok {
			r.definitions[name] = d
			r.note(pos, "gates of "+libraryFile(r.p.version)+" are used, which is not included")
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
		r.p.failAt(s.position, "the file %q is not at hand: want %q or %q, or put its text in its place",
			s.file,
			libraryFile(2), libraryFile(3))
		return
	}
	if version != r.p.version {
		r.note(s.position, s.file+" is the library of version "+itoa(version)+
			", and the program is of version "+itoa(r.p.version))
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
		if kept != nil {
			return kept
		}
		before := r.stored
		out := r.expand(s, global, angles)
		if len(s.params) == 0 && r.p.err == nil {
			kept = append([]circuit.Operation{}, out...)
		} else {
			r.stored = before // they are added where the gate is called
		}
		return out
	}
	r.defined[s.name] = true
	r.definitions[s.name] = definition{angles: len(s.params), qubits: len(s.qubits), build: build,
		depth: depth}
}

// expand carries out the body of a gate on qubits 0, 1, ….
func (r *reader) expand(s *gateStmt, global *scope, angles []circuit.Angle) []circuit.Operation {
	caller, ops, inside, known, cycles := r.scope, r.ops, r.gate, r.known, r.cycles
	r.scope, r.ops, r.gate, r.known, r.cycles = global, nil, true, s.known, 0
	r.inScope(&scope{sealed: true, gate: true}, func() {
		for i, name := range s.params {
			v := fromAngle(angles[i])
			r.scope.names[name] = &symbol{name: name, typ: "angle", value: v, dynamic: len(r.lists) - 1,
				fixed: true}
		}
		for i, name := range s.qubits {
			r.scope.names[name] = &symbol{name: name, typ: "qubits",
				value: value{kind: kindQubits, qubits: []int{i}, single: true}}
		}
		r.body(s.body)
	})
	out := r.ops
	r.scope, r.ops, r.gate, r.known, r.cycles = caller, ops, inside, known, cycles
	return out
}

// checkBody finds the mistakes in the body of a gate that do not depend on its angles, whether or not the
// gate is ever used, and returns how many definitions stand inside each other.
func (r *reader) checkBody(s *gateStmt) int {
	depth := 1
	known := map[string]bool{}
	s.known = map[string]definition{}
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
				depth = max(depth, 1+r.checkCall(line, s, known))
			case *quantumStmt:
				if line.name == "reset" {
					r.p.failAt(line.position, "the body of a gate holds gates only")
				}
				r.checkQubits(line.operands, s.qubits, known)
			case *blockStmt:
				walk(line.body)
			case *ifStmt:
				if r.p.version == 2 {
					r.p.failAt(line.position, "the body of a gate holds gates only")
				}
				walk(line.then)
				walk(line.els)
			case *forStmt:
				known[line.name.text] = true
				walk(line.body)
			case *declareStmt:
				known[line.name.text] = true
			case *whileStmt:
				walk(line.body)
			case *switchStmt:
				for _, c := range line.cases {
					walk(c.body)
				}
			case *aliasStmt:
				known[line.name.text] = true
			case *assignStmt, *jumpStmt:
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
func (r *reader) checkCall(s *callStmt, in *gateStmt, known map[string]bool) int {
	d, ok := r.gateNamed(s.position, s.name)
	in.known[s.name] = d
	switch {
	case !ok:
		r.p.failAt(s.position, "unknown gate %q", s.name)
	case len(s.args) != d.angles:
		r.p.failAt(s.position, "%s: want %s, got %d", s.name, words.Count(d.angles, "angle"), len(s.args))
	}
	for _, e := range s.args {
		r.checkNames(e, known)
	}
	r.checkQubits(s.operands, in.qubits, known)
	if len(s.modifiers) == 0 && r.p.err == nil {
		places := make([]int, len(s.operands))
		for i, e := range s.operands {
			if places[i] = slices.Index(in.qubits, e.text); places[i] < 0 {
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
		if e.op == opIndex && slices.Contains(qubits, e.args[0].text) {
			r.p.failAt(e.pos, "%s is one qubit, and has no index", e.args[0].text)
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
