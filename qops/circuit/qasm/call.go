package qasm

import (
	"fmt"
	"slices"

	"github.com/hqvit/hqvit/qops/circuit"
)

// call is a gate with its modifiers, angles and operands as they stand in a program.
type call struct {
	pos       position
	name      string
	modifiers []modifier // from left to right
	gate      definition
	angles    []*expr
}

type modifier struct {
	name  string // inv, ctrl, negctrl
	count int
}

// call reads modifiers @ name(angles).
func (p *parser) call(pos position) call {
	c := call{pos: pos}
	controls := 0
	for p.version == 3 {
		m := modifier{name: p.acceptAny("inv", "ctrl", "negctrl").text}
		if m.name == "" {
			break
		}
		if m.name != "inv" {
			m.count = 1
			if p.accept("(") {
				m.count = p.integer("a number of controls", circuit.MaxQubits)
				p.expect(")")
			}
			controls += m.count
		}
		p.expect("@")
		c.modifiers = append(c.modifiers, m)
		if controls > circuit.MaxQubits || len(c.modifiers) > maxNesting {
			p.failAt(pos, "want at most %d controls and %d modifiers", circuit.MaxQubits, maxNesting)
		}
	}
	name := p.take(tokenWord, "a gate")
	gate, ok := p.definitions[name.text]
	if !ok {
		p.failAt(name.pos, "unknown gate %q%s", name.text, p.hint(name.text))
	}
	c.name, c.gate = name.text, gate
	c.gate.qubits += controls
	if p.accept("(") && !p.accept(")") {
		c.angles = append(c.angles, p.freshExpression())
		for p.accept(",") {
			c.angles = append(c.angles, p.freshExpression())
		}
		p.expect(")")
	}
	if p.err == nil && len(c.angles) != gate.angles {
		p.failAt(name.pos, "%s: want %d angles, got %d", c.name, gate.angles, len(c.angles))
	}
	return c
}

func (p *parser) freshExpression() *expr {
	p.nesting, p.terms = 0, 0
	return p.expression()
}

// hint returns more about a name that is no gate.
func (p *parser) hint(name string) string {
	if _, ok := library(p.version)[name]; ok {
		return fmt.Sprintf(": include %q first", libraryFile(p.version))
	}
	if keywords[name] {
		return ": a circuit is made of gates only"
	}
	return ""
}

// instance returns what the call does on qubits 0, 1, …, its controls first, for given values of the names in
// its angles.
func (p *parser) instance(c call, names map[string]circuit.Angle) []circuit.Operation {
	if !p.spend(c.pos, 1) {
		return nil
	}
	angles := make([]circuit.Angle, len(c.angles))
	for i, e := range c.angles {
		a, err := e.angle(names)
		if err != nil {
			p.fail(err)
			return nil
		}
		if err := a.Err(); err != nil {
			p.failAt(c.pos, "%s: %v", c.name, err)
			return nil
		}
		angles[i] = a
	}
	ops := c.gate.build(angles)
	for _, m := range slices.Backward(c.modifiers) {
		if !p.spend(c.pos, len(ops)) {
			return nil
		}
		ops = m.apply(ops)
	}
	return ops
}

// spend counts the work of a program, which definitions inside definitions can make exponential.
func (p *parser) spend(pos position, steps int) bool {
	if p.steps += steps; p.steps > maxSteps {
		p.failAt(pos, "the program comes to more than %d gates", maxSteps)
	}
	return p.err == nil
}

func (m modifier) apply(ops []circuit.Operation) []circuit.Operation {
	var out []circuit.Operation
	if m.name == "inv" {
		for _, g := range slices.Backward(ops) {
			out = append(out, g.Adjoint())
		}
		return out
	}
	controls := register(0, m.count)
	for _, g := range ops {
		out = append(out, g.Map(func(q int) int { return q + m.count }, nil).Controlled(controls...))
	}
	if m.name == "ctrl" {
		return out
	}
	var flips []circuit.Operation
	for _, q := range controls {
		flips = append(flips, circuit.Operation{Gate: gate("x"), Qubits: []int{q}})
	}
	return slices.Concat(flips, out, flips)
}

// place puts the operations of a call on its operands.
func (p *parser) place(c call, ops []circuit.Operation, operands []int) []circuit.Operation {
	if len(operands) != c.gate.qubits {
		p.failAt(c.pos, "%s: want %d qubits, got %d", c.name, c.gate.qubits, len(operands))
		return nil
	}
	for i, q := range operands {
		if slices.Contains(operands[:i], q) {
			p.failAt(c.pos, "%s: a qubit is given twice", c.name)
			return nil
		}
	}
	out := make([]circuit.Operation, len(ops))
	for i, g := range ops {
		out[i] = g.Map(func(q int) int { return operands[q] }, nil)
	}
	return out
}

// statementCall reads a gate of the program itself, which acts on registers qubit by qubit.
func (p *parser) statementCall(pos position) {
	c := p.call(pos)
	var operands [][]int
	size := 1 // of the registers
	for p.err == nil && !p.accept(";") {
		if len(operands) > 0 {
			p.expect(",")
		}
		register := p.operandQubits()
		if len(register) > 1 && size > 1 && len(register) != size {
			p.failAt(pos, "%s: registers of %d and %d qubits", c.name, size, len(register))
		}
		size = max(size, len(register))
		if operands = append(operands, register); len(operands) > circuit.MaxQubits {
			p.failAt(pos, "%s: want at most %d qubits", c.name, circuit.MaxQubits)
		}
	}
	for i := range size {
		if p.err != nil {
			return
		}
		qubits := make([]int, len(operands))
		for j, register := range operands {
			qubits[j] = register[i%len(register)]
		}
		for _, g := range p.place(c, p.instance(c, p.inputs), qubits) {
			if g.Gate != circuit.GlobalPhase() {
				p.ops = append(p.ops, g)
			}
		}
	}
}

// operandQubits reads a register or one qubit of it.
func (p *parser) operandQubits() []int {
	name := p.take(tokenWord, "a qubit")
	qubits := p.registers[name.text]
	if p.err == nil && len(qubits) == 0 {
		p.failAt(name.pos, "%q is not a register of qubits", name.text)
	}
	if p.err != nil || !p.accept("[") {
		return qubits
	}
	i := p.integer("an index of "+name.text, len(qubits)-1)
	p.expect("]")
	return qubits[i : i+1]
}

// define reads gate name(angles) qubits { calls }. A gate of the library may be defined again.
func (p *parser) define() {
	name := p.newName()
	if p.defined[name.text] {
		p.failAt(name.pos, "gate %s is defined twice", name.text)
	}
	var angles []string
	if p.accept("(") && !p.accept(")") {
		angles = p.nameList()
		p.expect(")")
	}
	qubits := p.nameList()
	if len(qubits) > circuit.MaxQubits || len(angles) > circuit.MaxQubits {
		p.failAt(name.pos, "gate %s: want at most %d qubits and as many angles", name.text, circuit.MaxQubits)
	}
	p.expect("{")
	var body []call
	var operands [][]int
	depth := 0
	for p.err == nil && !p.accept("}") {
		c := p.call(p.tok.pos)
		body, operands = append(body, c), append(operands, p.formalQubits(qubits))
		depth = max(depth, c.gate.depth+1)
		p.checkFormal(c, angles, operands[len(operands)-1])
	}
	if depth > maxNesting {
		p.failAt(name.pos, "more than %d gate definitions inside each other", maxNesting)
	}
	p.defined[name.text] = true
	build := func(values []circuit.Angle) []circuit.Operation {
		names := map[string]circuit.Angle{}
		for i, a := range angles {
			names[a] = values[i]
		}
		var out []circuit.Operation
		for i, c := range body {
			if p.err != nil {
				return nil
			}
			out = append(out, p.place(c, p.instance(c, names), operands[i])...)
		}
		return out
	}
	p.definitions[name.text] = definition{len(angles), len(qubits), build, depth}
}

// checkFormal finds the mistakes of a line of a definition that do not depend on its angles, whether or not
// the gate is ever used.
func (p *parser) checkFormal(c call, angles []string, operands []int) {
	for _, e := range c.angles {
		p.checkNames(e, angles)
	}
	if p.err == nil {
		p.place(c, nil, operands)
	}
}

func (p *parser) checkNames(e *expr, angles []string) {
	if e == nil || p.err != nil {
		return
	}
	if e.op == "name" && !slices.Contains(angles, e.name) {
		p.failAt(e.pos, "unknown name %q", e.name)
	}
	p.checkNames(e.left, angles)
	p.checkNames(e.right, angles)
}

// formalQubits reads the operands of a gate in a definition as indices of its list of qubits.
func (p *parser) formalQubits(qubits []string) []int {
	var out []int
	for p.err == nil && !p.accept(";") {
		if len(out) > 0 {
			p.expect(",")
		}
		q := p.take(tokenWord, "a qubit")
		i := slices.Index(qubits, q.text)
		if i < 0 {
			p.failAt(q.pos, "unknown qubit %q", q.text)
		} else if len(out) == circuit.MaxQubits {
			p.failAt(q.pos, "want at most %d qubits", circuit.MaxQubits)
		}
		out = append(out, i)
	}
	return out
}

// nameList reads different names between commas.
func (p *parser) nameList() []string {
	out := []string{p.take(tokenWord, "a name").text}
	for p.accept(",") {
		t := p.take(tokenWord, "a name")
		if slices.Contains(out, t.text) {
			p.failAt(t.pos, "the name %q is taken", t.text)
		}
		if out = append(out, t.text); len(out) > circuit.MaxQubits {
			p.failAt(t.pos, "want at most %d names", circuit.MaxQubits)
		}
	}
	return out
}
