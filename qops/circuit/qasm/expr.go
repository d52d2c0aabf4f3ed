package qasm

import (
	"math"
	"strconv"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
)

const (
	maxNesting = 100  // of parentheses and of gate definitions
	maxTerms   = 1000 // of one expression
)

// expr is an expression over numbers, pi, angles by name and functions: a number or a name, or an operator
// with one or two operands.
type expr struct {
	pos         position
	op          string // "" number, "name", a function or an operator
	value       float64
	name        string
	left, right *expr
}

var functions = map[string]func(float64) float64{
	"sin": math.Sin, "cos": math.Cos, "tan": math.Tan, "exp": math.Exp, "ln": math.Log, "log": math.Log,
	"sqrt": math.Sqrt, "arcsin": math.Asin, "arccos": math.Acos, "arctan": math.Atan}

var constants = map[string]float64{
	"pi": math.Pi, "π": math.Pi, "tau": 2 * math.Pi, "τ": 2 * math.Pi, "euler": math.E, "ℇ": math.E}

// angle returns the expression as an angle: a number, or a multiple of one named angle plus a number.
func (e *expr) angle(names map[string]circuit.Angle) (circuit.Angle, error) {
	if e.op == "" {
		return circuit.Const(e.value), nil
	}
	if e.op == "name" {
		a, ok := names[e.name]
		if !ok {
			return a, e.errorf("unknown name %q", e.name)
		}
		return a, nil
	}
	a, err := e.left.angle(names)
	if err != nil {
		return a, err
	}
	if e.right != nil {
		b, err := e.right.angle(names)
		if err != nil {
			return b, err
		}
		return e.binary(a, b)
	}
	if e.op == "-" {
		return a.Times(-1), nil
	}
	if a.Source != circuit.Constant {
		return a, e.errorf("%s of an input: angles are multiples of an input plus a number", e.op)
	}
	return circuit.Const(functions[e.op](a.Shift)), nil
}

func (e *expr) binary(a, b circuit.Angle) (circuit.Angle, error) {
	switch e.op {
	case "+":
		return e.sum(a, b)
	case "-":
		return e.sum(a, b.Times(-1))
	case "*":
		if a.Source == circuit.Constant {
			a, b = b, a
		}
		if b.Source == circuit.Constant {
			return a.Times(b.Shift), nil
		}
	case "/":
		if b.Source == circuit.Constant && b.Shift == 0 {
			return a, e.errorf("division by zero")
		}
		if b.Source == circuit.Constant {
			a.Scale /= b.Shift
			a.Shift /= b.Shift
			return a, nil
		}
	default:
		if a.Source == circuit.Constant && b.Source == circuit.Constant {
			return circuit.Const(math.Pow(a.Shift, b.Shift)), nil
		}
	}
	return a, e.errorf("%q of an input by an input: angles are multiples of an input plus a number", e.op)
}

func (e *expr) sum(a, b circuit.Angle) (circuit.Angle, error) {
	if a.Source == circuit.Constant {
		a, b = b, a
	}
	if b.Source != circuit.Constant && (a.Source != b.Source || a.Index != b.Index) {
		return a, e.errorf("two inputs in one angle: angles are multiples of an input plus a number")
	}
	a.Scale += b.Scale
	a.Shift += b.Shift
	return a, nil
}

func (e *expr) errorf(format string, args ...any) error { return e.pos.errorf(format, args...) }

func (p position) errorf(format string, args ...any) error {
	return errors.Errorf("qasm: line %d, column %d: "+format, append([]any{p.line, p.column}, args...)...)
}

// expression reads sums of products of powers.
func (p *parser) expression() *expr { return p.chain([]string{"+", "-"}, p.product) }

func (p *parser) product() *expr { return p.chain([]string{"*", "/"}, p.signed) }

// chain reads operands between operators of one rank, from the left.
func (p *parser) chain(operators []string, operand func() *expr) *expr {
	left := operand()
	for p.err == nil {
		op := p.acceptAny(operators...)
		if op.text == "" {
			break
		}
		left = p.node(expr{pos: op.pos, op: op.text, left: left, right: operand()})
	}
	return left
}

func (p *parser) signed() *expr {
	p.nesting++
	defer func() { p.nesting-- }()
	if p.nesting > maxNesting {
		p.failAt(p.tok.pos, "more than %d parentheses or signs inside each other", maxNesting)
	}
	if sign := p.acceptAny("-", "+"); sign.text == "-" {
		return p.node(expr{pos: sign.pos, op: "-", left: p.signed()})
	} else if sign.text == "+" {
		return p.signed()
	}
	base := p.operand()
	if op := p.acceptAny("^", "**"); op.text != "" {
		return p.node(expr{pos: op.pos, op: op.text, left: base, right: p.signed()})
	}
	return base
}

func (p *parser) operand() *expr {
	t := p.tok
	switch {
	case p.err != nil:
	case t.kind == tokenNumber:
		p.advance()
		v, _ := strconv.ParseFloat(t.text, 64) // the lexer checked it
		return p.node(expr{pos: t.pos, value: v})
	case t.kind == tokenWord:
		p.advance()
		if v, ok := constants[t.text]; ok {
			return p.node(expr{pos: t.pos, value: v})
		}
		if functions[t.text] == nil {
			return p.node(expr{pos: t.pos, op: "name", name: t.text})
		}
		p.expect("(")
		e := p.node(expr{pos: t.pos, op: t.text, left: p.expression()})
		p.expect(")")
		return e
	case p.acceptAny("(").text != "":
		e := p.expression()
		p.expect(")")
		return e
	default:
		p.failAt(t.pos, "want a number, got %s", t.describe())
	}
	return &expr{pos: t.pos}
}

func (p *parser) node(e expr) *expr {
	if p.terms++; p.terms > maxTerms {
		p.failAt(e.pos, "more than %d terms in one expression", maxTerms)
	}
	return &e
}
