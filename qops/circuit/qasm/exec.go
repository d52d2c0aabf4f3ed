package qasm

import (
	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
)

// reader carries out a program as far as it is known while it is read: constants, loops, subroutines and
// definitions of gates are gone afterwards, and what is left depends on measured bits alone.
type reader struct {
	p       *parser
	d       *circuit.Dynamic
	scope   *scope
	lists   []*list               // of the branches that we are in
	loops   int                   // that depend on bits, which we are in
	gate    bool                  // in the body of a gate
	known   map[string]definition // the gates of that body
	ops     []circuit.Operation   // of that
	calls   int                   // of subroutines inside each other
	jump    string                // break, continue, return or end on the way to where it goes
	result  value                 // of return
	returns int                   // in how many branches the subroutine was called
	cycles  int                   // likewise the innermost loop that is carried out

	definitions map[string]definition
	defined     map[string]bool // by this program
	opaque      map[circuit.Gate]bool
	options     Options
	inputs      []string       // all that the program has
	registers   map[string]int // how many names in use are made of this one
	noted       map[string]bool
	qubitCount  int
	bits        int
	steps       int // of work
	terms       int // of the next one
	stored      int // memory in use, of
	most        int
	started     bool
	pool        []int // memory of operands
}

func newReader(source string, o Options) *reader {
	p, notes := newParser(source)
	r := &reader{options: o, p: p, d: &circuit.Dynamic{}, definitions: builtin(p.version),
		defined: map[string]bool{}, opaque: map[circuit.Gate]bool{}, registers: map[string]int{},
		noted: map[string]bool{},
		scope: &scope{names: map[string]*symbol{}}, most: min(max(maxStored, len(source)/4), maxSteps)}
	r.lists = []*list{{}}
	for _, n := range notes {
		r.note(n.position, n.text)
	}
	return r
}

// run reads the whole program.
func (r *reader) run() (*circuit.Dynamic, error) {
	for r.p.err == nil && r.p.tok.kind != tokenEnd && r.jump == "" {
		if s := r.p.statement(); s != nil && r.p.err == nil {
			r.exec(s)
			r.started = true
		}
	}
	switch {
	case r.p.err != nil:
		return nil, r.p.err
	case !r.started:
		return nil, errors.New("qasm: there is no statement: want a program, such as OPENQASM 3.0; qubit q; " +
			"U(pi, 0, pi) q;")
	}
	if err := r.checkInputs(); err != nil {
		return nil, err
	}
	r.d.Body = r.lists[0].all()
	r.placeHardware()
	return r.d, nil
}

// body carries out statements one after the other.
func (r *reader) body(body []stmt) {
	for _, s := range body {
		if r.p.err != nil || r.jump != "" {
			return
		}
		r.exec(s)
	}
}

func (r *reader) exec(s stmt) {
	if !r.spend(s.at(), 1) {
		return
	}
	switch s := s.(type) {
	case *callStmt:
		r.callGate(s)
	case *blockStmt:
		r.inScope(&scope{}, func() { r.body(s.body) })
	case *forStmt:
		r.forLoop(s)
	case *ifStmt:
		r.branch(s.at(), r.eval(s.cond), s.cond, s.then, s.els)
	case *declareStmt:
		r.declareVariable(s)
	case *assignStmt:
		r.assign(s)
	case *exprStmt:
		r.eval(s.value)
	case *aliasStmt:
		r.alias(s)
	case *jumpStmt:
		r.leave(s.position, s.name)
	case *returnStmt:
		if s.value != nil {
			r.result = r.eval(s.value)
		}
		r.leave(s.position, "return")
	case *switchStmt:
		r.choose(s)
	case *whileStmt:
		r.while(s)
	default:
		r.execQuantum(s)
	}
}

// execQuantum carries out what has no place in the body of a gate.
func (r *reader) execQuantum(s stmt) {
	if q, ok := s.(*quantumStmt); ok && q.name != "reset" {
		r.directive(q)
		return
	}
	if r.gate {
		r.p.failAt(s.at(), "the body of a gate holds gates only")
		return
	}
	switch s := s.(type) {
	case *measureStmt:
		r.measureStatement(s)
	case *quantumStmt:
		for _, e := range s.operands {
			if q := r.qubits(e); r.p.err == nil {
				r.emit(circuit.Instruction{Kind: circuit.Reset, Line: s.line,
					Operation: circuit.Operation{Qubits: q.qubits}})
			}
		}
	case *qubitStmt:
		size := 1
		if s.size != nil {
			size = r.positive(s.size, "a size", maxRegisters)
		}
		r.declareQubits(s, size)
	case *gateStmt:
		r.defineGate(s)
	case *defStmt:
		typ := "def"
		if s.extern {
			typ = "extern"
		}
		r.declare(s.position, &symbol{name: s.name, typ: typ, routine: s})
	case *includeStmt:
		r.include(s)
	case *noteStmt:
		r.note(s.position, s.text)
		if s.gate == "" || s.qubits == 0 || s.gate == "measure" {
			return
		}
		if _, known := r.gateNamed(s.position, s.gate); !known {
			r.define(s.position, s.gate, s.args, s.qubits)
		}
	}
}

// directive carries out barrier, delay and nop.
func (r *reader) directive(s *quantumStmt) {
	var all []int
	seen := map[int]bool{}
	for _, e := range s.operands {
		for _, q := range r.qubits(e).qubits {
			if !seen[q] {
				seen[q], all = true, append(all, q)
			}
		}
	}
	r.work(s.position, len(all))
	if s.length != nil {
		if v := r.eval(s.length); r.p.err == nil && v.kind != kindDuration {
			r.p.failAt(s.length.pos, "delay: want a duration, got %s", r.describe(v))
		}
		r.note(s.position, "delays are left out")
		return
	}
	if s.name != "barrier" || r.gate || r.p.err != nil {
		return
	}
	if s.all {
		all = register(0, r.qubitCount)
	}
	if len(all) > 0 {
		r.emit(circuit.Instruction{Kind: circuit.Barrier, Line: s.line, Operation: circuit.Operation{
			Qubits: all}})
	}
}

// declareQubits makes a register of qubits.
func (r *reader) declareQubits(s *qubitStmt, size int) {
	if r.p.err != nil {
		return
	}
	if r.scope.outer != nil {
		r.p.failAt(s.position, "qubits are declared outside of blocks only")
		return
	}
	sym := &symbol{name: s.name, typ: "qubits"}
	sym.value = value{kind: kindQubits, qubits: register(r.qubitCount, size), single: s.size == nil}
	if r.qubitCount += size; r.qubitCount > maxRegisters {
		r.p.failAt(s.position, "want at most %d qubits", maxRegisters)
		return
	}
	r.declare(s.position, sym)
	r.registers[s.name] = 1
	r.d.QubitRegisters = append(r.d.QubitRegisters, circuit.Register{Name: s.name, Size: size,
		Single: s.size == nil})
}

// qubits returns the qubits that an operand names.
func (r *reader) qubits(e *expr) value {
	if e.op == opName {
		if s := r.scope.find(e.text); s != nil && s.value.kind == kindQubits {
			return s.value
		}
		if r.p.err == nil {
			if r.gate {
				r.p.failAt(e.pos, "unknown qubit %q", e.text)
			} else {
				r.p.failAt(e.pos, "%q is not a register of qubits", e.text)
			}
		}
		return value{}
	}
	if e.op == opIndex && e.args[0].op == opName { // the usual q[0], without detours
		if s := r.scope.find(e.args[0].text); s == nil || s.value.kind != kindQubits {
			return r.qubits(e.args[0])
		}
	}
	v := r.eval(e)
	if r.p.err == nil && v.kind != kindQubits {
		r.p.failAt(e.pos, "want qubits, got %s", r.describe(v))
	}
	return v
}

// alias carries out let name = parts.
func (r *reader) alias(s *aliasStmt) {
	sym := &symbol{name: s.name.text, typ: "qubits"}
	for i, e := range s.parts {
		v := r.eval(e)
		switch {
		case r.p.err != nil:
			return
		case v.kind == kindQubits && (i == 0 || sym.typ == "qubits"):
			sym.value.kind = kindQubits
			sym.value.qubits = append(sym.value.qubits[:len(sym.value.qubits):len(sym.value.qubits)],
				v.qubits...)
			sym.value.single = v.single && len(s.parts) == 1
		case v.kind == kindBits && (i == 0 || sym.typ == "bit"):
			base := e
			for base.op == opIndex {
				base = base.args[0]
			}
			of := r.scope.find(base.text)
			if base.op != opName || of == nil {
				r.p.failAt(e.pos, "want a part of a register")
				return
			}
			r.hold(e.pos, of)
			of.aliased = true
			of.forget()
			v = r.eval(e)
			sym.typ, sym.aliased, sym.whole = "bit", true, true
			sym.slots = append(sym.slots[:len(sym.slots):len(sym.slots)], v.slots()...)
			sym.value = value{kind: kindBits, single: v.single && len(s.parts) == 1}
			sym.forget()
		default:
			r.p.failAt(e.pos, "want qubits, or bits, got %s", r.describe(v))
			return
		}
	}
	if twice(sym.value.qubits) || twice(sym.slots) {
		r.p.failAt(s.position, "a %s is given twice", map[bool]string{true: "qubit", false: "bit"}[sym.typ ==
			"qubits"])
		return
	}
	sym.dynamic = len(r.lists) - 1
	if old := r.scope.names[sym.name]; old != nil && old.typ == sym.typ && r.scope.outer != nil {
		delete(r.scope.names, sym.name) // let again, in a block
	}
	r.declare(s.name.pos, sym)
}
