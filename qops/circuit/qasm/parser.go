package qasm

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
)

const (
	maxSource = 16 << 20 // bytes of a program
	maxSteps  = 1 << 18  // gates of a program, gates inside definitions and under modifiers counted again
)

// Parse reads a circuit from OpenQASM 2 or 3: gates of qelib1.inc or stdgates.inc, gate definitions,
// registers, angles as expressions of numbers, pi, + - * / ^ and functions, in version 3 also ctrl @, negctrl
// @ and inv @, gphase, and inputs. Qubits are counted through the registers in order, q[i] of a single
// register is qubit i.
//
// Gate definitions are expanded: in place of a gate that the program defines, the circuit holds the gates of
// the table that it comes to, and its name is lost.
//
// An input named theta3 is circuit.Theta(3), x3 is circuit.Data(3); any other name takes the next free
// trainable angle. All numbers are real, so 1/2 is a half. A global phase is dropped, and in version 2
// rotations have the phases of the gate table. Barriers are ignored.
//
// It returns an error with line and column for anything else (measurement, reset, classical control), for
// more than circuit.MaxQubits qubits, and for a program of over 16 MiB or of more than 262144 gates.
func Parse(r io.Reader) (*circuit.Circuit, error) {
	if r == nil {
		return nil, errors.New("qasm: Parse: the reader is nil")
	}
	source, err := io.ReadAll(io.LimitReader(r, maxSource+1))
	if err != nil {
		return nil, errors.WithMessage(err, "qasm: Parse")
	}
	if len(source) > maxSource {
		return nil, errors.Errorf("qasm: Parse: want at most %d bytes", maxSource)
	}
	p := &parser{lexer: lexer{rest: string(source), pos: position{1, 1}}, version: 3, definitions: builtin(3),
		registers: map[string][]int{}, inputs: map[string]circuit.Angle{}, defined: map[string]bool{}}
	p.advance()
	for p.err == nil && p.tok.kind != tokenEnd {
		p.statement()
	}
	if p.err == nil && p.qubits == 0 {
		p.failAt(p.tok.pos, "the program has no qubits")
	}
	if p.err != nil {
		return nil, p.err
	}
	c := circuit.New(p.qubits)
	for _, g := range p.ops {
		c.Control(g.Controls, g.Gate, g.Angles, g.Qubits...)
	}
	if err := c.Err(); err != nil {
		return nil, errors.WithMessage(err, "qasm: Parse")
	}
	return c, nil
}

// parser reads statement by statement. After the first error it sees the end of the source, so that every
// loop ends.
type parser struct {
	lexer          lexer
	tok            token
	err            error
	version        int
	definitions    map[string]definition
	defined        map[string]bool // by this program
	registers      map[string][]int
	inputs         map[string]circuit.Angle
	qubits, steps  int
	nesting, terms int // of the expression at hand
	ops            []circuit.Operation
}

func (t token) describe() string {
	if t.kind == tokenEnd {
		return "the end"
	}
	return strconv.Quote(t.text)
}

func (p *parser) failAt(pos position, format string, args ...any) {
	p.fail(pos.errorf(format, args...))
}

func (p *parser) fail(err error) {
	if p.err == nil {
		p.err = err
	}
	p.tok = token{pos: p.tok.pos}
}

func (p *parser) advance() {
	if p.err != nil {
		return
	}
	t, problem := p.lexer.next()
	p.tok = t
	if problem != "" {
		p.failAt(t.pos, "%s", problem)
	}
}

// acceptAny reads one of the given words or signs, if it comes next.
func (p *parser) acceptAny(texts ...string) token {
	if t := p.tok; (t.kind == tokenSign || t.kind == tokenWord) && slices.Contains(texts, t.text) {
		p.advance()
		return t
	}
	return token{}
}

func (p *parser) accept(text string) bool { return p.acceptAny(text).text != "" }

func (p *parser) expect(text string) {
	if !p.accept(text) {
		p.failAt(p.tok.pos, "want %q, got %s", text, p.tok.describe())
	}
}

// take reads a token of the given kind.
func (p *parser) take(kind tokenKind, what string) token {
	t := p.tok
	if t.kind != kind {
		p.failAt(t.pos, "want %s, got %s", what, t.describe())
		return token{pos: t.pos}
	}
	p.advance()
	return t
}

func (p *parser) newName() token {
	t := p.take(tokenWord, "a name")
	_, isRegister := p.registers[t.text]
	_, isInput := p.inputs[t.text]
	if isRegister || isInput || keywords[t.text] {
		p.failAt(t.pos, "the name %q is taken", t.text)
	}
	return t
}

// integer reads a number from 0 to most.
func (p *parser) integer(what string, most int) int {
	t := p.take(tokenNumber, what)
	n, err := strconv.Atoi(t.text)
	if err != nil || n > most {
		p.failAt(t.pos, "want %s from 0 to %d, got %s", what, most, t.text)
		return 0
	}
	return n
}

func (p *parser) statement() {
	pos := p.tok.pos
	word := p.acceptAny("OPENQASM", "include", "qreg", "creg", "qubit", "bit", "input", "gate", "barrier")
	switch word.text {
	case "OPENQASM":
		p.header(pos)
	case "include":
		p.include()
	case "qreg", "creg":
		name := p.newName()
		p.expect("[")
		p.declare(name, p.integer("a size", 1<<20), word.text == "qreg")
		p.expect("]")
		p.expect(";")
	case "qubit", "bit":
		size := 1
		if p.accept("[") {
			size = p.integer("a size", 1<<20)
			p.expect("]")
		}
		p.declare(p.newName(), size, word.text == "qubit")
		p.expect(";")
	case "input":
		p.input()
	case "gate":
		p.define()
	case "barrier":
		for p.err == nil && !p.accept(";") {
			if p.tok.kind == tokenEnd {
				p.expect(";")
			}
			p.advance()
		}
	default:
		p.statementCall(pos)
	}
}

func (p *parser) header(pos position) {
	if pos != (position{1, 1}) && (p.qubits > 0 || len(p.ops) > 0 || len(p.defined) > 0) {
		p.failAt(pos, "OPENQASM must come first")
	}
	switch t := p.take(tokenNumber, "a version"); t.text {
	case "2", "2.0":
		p.version = 2
	case "3", "3.0", "3.1":
		p.version = 3
	default:
		p.failAt(t.pos, "want OpenQASM version 2 or 3, got %s", t.text)
	}
	p.definitions = builtin(p.version)
	p.expect(";")
}

func (p *parser) include() {
	file := p.take(tokenText, "a file name in quotes")
	known := libraryFile(p.version)
	if p.err == nil && file.text != known {
		p.failAt(file.pos, "want %q, the library of version %d, got %q", known, p.version, file.text)
	}
	for name, d := range library(p.version) {
		if !p.defined[name] {
			p.definitions[name] = d
		}
	}
	p.expect(";")
}

// declare makes a register. One of bits holds nothing, since no measurement can follow.
func (p *parser) declare(name token, size int, quantum bool) {
	if p.err != nil {
		return
	}
	if !quantum {
		p.registers[name.text] = nil
		return
	}
	if size < 1 || p.qubits+size > circuit.MaxQubits {
		p.failAt(name.pos, "want 1 to %d qubits, got %d", circuit.MaxQubits, p.qubits+size)
		return
	}
	p.registers[name.text] = register(p.qubits, size)
	p.qubits += size
}

// input reads input float[64] name;
func (p *parser) input() {
	if p.acceptAny("float", "angle").text == "" {
		p.failAt(p.tok.pos, "want an input of type float or angle, got %s", p.tok.describe())
	}
	if p.accept("[") {
		p.integer("a width", 1<<10)
		p.expect("]")
	}
	name := p.newName()
	a := inputAngle(name.text)
	next := 0
	for _, b := range p.inputs {
		if b.Source == circuit.Trainable {
			next = max(next, b.Index+1)
		}
		if b == a {
			p.failAt(name.pos, "the angle of input %s belongs to another input already", name.text)
		}
	}
	if a.Source == circuit.Constant {
		a = circuit.Theta(next)
	}
	p.inputs[name.text] = a
	p.expect(";")
}

// inputAngle returns the angle that Write gives this name, a constant for other names.
func inputAngle(name string) circuit.Angle {
	for prefix, angle := range map[string]func(int) circuit.Angle{"theta": circuit.Theta, "x": circuit.Data} {
		if digits, ok := strings.CutPrefix(name, prefix); ok {
			i, err := strconv.Atoi(digits)
			if err == nil && i >= 0 && i < circuit.MaxAngles && digits == strconv.Itoa(i) {
				return angle(i)
			}
		}
	}
	return circuit.Angle{}
}
