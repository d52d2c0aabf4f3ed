package circuit

import "slices"

// call is a gate with its modifiers, angles and operands as they stand in a program.
type call struct {
	at        position
	name      string
	modifiers []modifier // from left to right
	gate      definition
	angles    []*expr
}

type modifier struct {
	kind  string // inv, ctrl, negctrl
	count int
}

// call reads modifiers @ name(angles).
func (p *qasmParser) call(at position) call {
	c := call{at: at}
	controls := 0
	for p.version == 3 {
		m := modifier{kind: p.oneOf("inv", "ctrl", "negctrl").text}
		if m.kind == "" {
			break
		}
		if m.kind != "inv" {
			m.count = 1
			if p.is("(") {
				m.count = p.integer("a number of controls", MaxQubits)
				p.want(")")
			}
			controls += m.count
		}
		p.want("@")
		c.modifiers = append(c.modifiers, m)
		if controls > MaxQubits || len(c.modifiers) > maxNesting {
			p.failAt(at, "want at most %d controls and %d modifiers", MaxQubits, maxNesting)
		}
	}
	name := p.take('a', "a gate")
	gate, ok := p.definitions[name.text]
	if !ok {
		p.failAt(name.at, "unknown gate %q%s", name.text, p.hint(name.text))
	}
	c.name, c.gate = name.text, gate
	c.gate.qubits += controls
	if p.is("(") && !p.is(")") {
		c.angles = append(c.angles, p.freshExpression())
		for p.is(",") {
			c.angles = append(c.angles, p.freshExpression())
		}
		p.want(")")
	}
	if p.err == nil && len(c.angles) != gate.angles {
		p.failAt(name.at, "%s: want %d angles, got %d", c.name, gate.angles, len(c.angles))
	}
	return c
}

func (p *qasmParser) freshExpression() *expr {
	p.nesting, p.terms = 0, 0
	return p.expression()
}

// hint says more about a name that is no gate.
func (p *qasmParser) hint(name string) string {
	if _, ok := library(p.version)[name]; ok {
		return map[int]string{2: `: include "qelib1.inc" first`, 3: `: include "stdgates.inc" first`}[p.version]
	}
	if keywords[name] {
		return ": a circuit is made of gates only"
	}
	return ""
}

// ops returns what the call does on qubits 0, 1, …, its controls first, for given values of the names in its angles.
func (p *qasmParser) instance(c call, names map[string]Angle) []Operation {
	if !p.spend(c.at, 1) {
		return nil
	}
	angles := make([]Angle, len(c.angles))
	for i, e := range c.angles {
		a, err := e.angle(names)
		if err == nil && !a.finite() {
			err = c.at.errorf("%s: angle %v is not finite", c.name, a)
		}
		if err != nil {
			p.failed(err)
			return nil
		}
		angles[i] = a
	}
	gates := c.gate.gates(angles)
	for _, m := range slices.Backward(c.modifiers) {
		if !p.spend(c.at, len(gates)) {
			return nil
		}
		gates = m.apply(gates)
	}
	return gates
}

// spend counts the work of a program, which definitions inside definitions can make exponential.
func (p *qasmParser) spend(at position, steps int) bool {
	if p.steps += steps; p.steps > maxSteps {
		p.failAt(at, "the program comes to more than %d gates", maxSteps)
	}
	return p.err == nil
}

func (m modifier) apply(gates []Operation) []Operation {
	var out []Operation
	if m.kind == "inv" {
		for _, g := range slices.Backward(gates) {
			out = append(out, g.Adjoint())
		}
		return out
	}
	controls := register(0, m.count)
	for _, g := range gates {
		g = g.mapped(func(q int) int { return q + m.count }, sameAngle)
		out = append(out, g.under(controls...))
	}
	if m.kind == "ctrl" {
		return out
	}
	var flips []Operation
	for _, q := range controls {
		flips = append(flips, gateOn(kindX, q))
	}
	return slices.Concat(flips, out, flips)
}

// place puts the gates of a call on its operands.
func (p *qasmParser) place(c call, gates []Operation, operands []int) []Operation {
	if len(operands) != c.gate.qubits {
		p.failAt(c.at, "%s: want %d qubits, got %d", c.name, c.gate.qubits, len(operands))
		return nil
	}
	for i, q := range operands {
		if slices.Contains(operands[:i], q) {
			p.failAt(c.at, "%s: a qubit is given twice", c.name)
			return nil
		}
	}
	out := make([]Operation, len(gates))
	for i, g := range gates {
		out[i] = g.mapped(func(q int) int { return operands[q] }, sameAngle)
	}
	return out
}

// gate reads a gate of the program itself, which acts on registers qubit by qubit.
func (p *qasmParser) gate(at position) {
	c := p.call(at)
	var operands [][]int
	size := 1 // of the registers
	for p.err == nil && !p.is(";") {
		if len(operands) > 0 {
			p.want(",")
		}
		register := p.operandQubits()
		if len(register) > 1 && size > 1 && len(register) != size {
			p.failAt(at, "%s: registers of %d and %d qubits", c.name, size, len(register))
		}
		size = max(size, len(register))
		if operands = append(operands, register); len(operands) > MaxQubits {
			p.failAt(at, "%s: want at most %d qubits", c.name, MaxQubits)
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
			if g.Gate != kindPhase {
				p.gates = append(p.gates, g)
			}
		}
	}
}

// operandQubits reads a register or one qubit of it.
func (p *qasmParser) operandQubits() []int {
	name := p.take('a', "a qubit")
	qubits := p.registers[name.text]
	if p.err == nil && len(qubits) == 0 {
		p.failAt(name.at, "%q is no register of qubits", name.text)
	}
	if p.err != nil || !p.is("[") {
		return qubits
	}
	i := p.integer("an index of "+name.text, len(qubits)-1)
	p.want("]")
	return qubits[i : i+1]
}

// definition reads gate name(angles) qubits { calls }. A gate of the library may be defined anew.
func (p *qasmParser) definition() {
	name := p.newName()
	if p.defined[name.text] {
		p.failAt(name.at, "gate %s is defined twice", name.text)
	}
	var angles []string
	if p.is("(") && !p.is(")") {
		angles = p.nameList()
		p.want(")")
	}
	qubits := p.nameList()
	if len(qubits) > MaxQubits || len(angles) > MaxQubits {
		p.failAt(name.at, "gate %s: want at most %d qubits and as many angles", name.text, MaxQubits)
	}
	p.want("{")
	var body []call
	var operands [][]int
	depth := 0
	for p.err == nil && !p.is("}") {
		c := p.call(p.tok.at)
		body, operands = append(body, c), append(operands, p.formalQubits(qubits))
		depth = max(depth, c.gate.depth+1)
		p.checkFormal(c, angles, operands[len(operands)-1])
	}
	if depth > maxNesting {
		p.failAt(name.at, "more than %d gate definitions inside each other", maxNesting)
	}
	p.defined[name.text] = true
	p.definitions[name.text] = definition{angles: len(angles), qubits: len(qubits), depth: depth, gates: func(values []Angle) []Operation {
		names := map[string]Angle{}
		for i, a := range angles {
			names[a] = values[i]
		}
		var out []Operation
		for i, c := range body {
			if p.err != nil {
				return nil
			}
			out = append(out, p.place(c, p.instance(c, names), operands[i])...)
		}
		return out
	}}
}

// checkFormal finds the mistakes of a line of a definition that do not depend on its angles, whether or not the gate is ever used.
func (p *qasmParser) checkFormal(c call, angles []string, operands []int) {
	for _, e := range c.angles {
		p.checkNames(e, angles)
	}
	if p.err == nil {
		p.place(c, nil, operands)
	}
}

func (p *qasmParser) checkNames(e *expr, angles []string) {
	if e == nil || p.err != nil {
		return
	}
	if e.op == "name" && !slices.Contains(angles, e.name) {
		p.failAt(e.at, "unknown name %q", e.name)
	}
	p.checkNames(e.left, angles)
	p.checkNames(e.right, angles)
}

// formalQubits reads the operands of a gate in a definition as places in its list of qubits.
func (p *qasmParser) formalQubits(qubits []string) []int {
	var out []int
	for p.err == nil && !p.is(";") {
		if len(out) > 0 {
			p.want(",")
		}
		q := p.take('a', "a qubit")
		i := slices.Index(qubits, q.text)
		if p.err == nil && (i < 0 || len(out) == MaxQubits) {
			p.failAt(q.at, "%q is no qubit of the gate, or one too many", q.text)
		}
		out = append(out, i)
	}
	return out
}

// nameList reads different names between commas.
func (p *qasmParser) nameList() []string {
	out := []string{p.take('a', "a name").text}
	for p.is(",") {
		t := p.take('a', "a name")
		if slices.Contains(out, t.text) {
			p.failAt(t.at, "the name %q is taken", t.text)
		}
		if out = append(out, t.text); len(out) > MaxQubits {
			p.failAt(t.at, "want at most %d names", MaxQubits)
		}
	}
	return out
}
