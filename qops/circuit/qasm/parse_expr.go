package qasm

import "slices"

const (
	maxNesting = 200   // of parentheses, signs and blocks
	maxTerms   = 10000 // of one expression
)

// The binary operators of the two versions, loosest first. All are left-associative but the last.
var operators = map[int][][]string{
	2: {{"+", "-"}, {"*", "/"}, {"^"}},
	3: {{"||"}, {"&&"}, {"|"}, {"^"}, {"&"}, {"==", "!="}, {"<", "<=", ">", ">="}, {"<<", ">>"}, {"+", "-"},
		{"*", "/", "%"}, {"**"}},
}

// part reads an expression.
func (p *parser) part() *expr { return p.binary(0) }

// sum reads expressions that ++ may join.
func (p *parser) sum() *expr {
	left := p.part()
	for p.err == nil {
		t := p.acceptAny("++")
		if t.text == "" {
			break
		}
		left = p.node(expr{pos: t.pos, op: opBinary, text: "++", args: []*expr{left, p.part()}})
	}
	return left
}

// enter counts what stands inside each other, and tells whether that is too deep. Leave with p.nesting--.
func (p *parser) enter() bool {
	if p.nesting++; p.nesting > maxNesting {
		p.failAt(p.tok.pos, "more than %d parentheses, signs or blocks inside each other", maxNesting)
	}
	return p.err == nil
}

// binary reads operands between operators that bind as tightly as those of a rank, or more so.
func (p *parser) binary(rank int) *expr {
	ranks := operators[p.version]
	if rank == len(ranks)-1 {
		return p.unary()
	}
	left := p.binary(rank + 1)
	for p.err == nil {
		t := p.acceptAny(ranks[rank]...)
		if t.text == "" {
			break
		}
		left = p.node(expr{pos: t.pos, op: opBinary, text: t.text, args: []*expr{left, p.binary(rank + 1)}})
	}
	return left
}

// unary reads signs, which bind less tightly than a power.
func (p *parser) unary() *expr {
	defer func() { p.nesting-- }()
	if !p.enter() {
		return &expr{}
	}
	signs := []string{"-", "+"}
	if p.version == 3 {
		signs = []string{"-", "!", "~", "+"}
	}
	if t := p.acceptAny(signs...); t.text == "+" {
		return p.unary()
	} else if t.text != "" {
		return p.node(expr{pos: t.pos, op: opUnary, text: t.text, args: []*expr{p.unary()}})
	}
	base := p.postfix()
	ranks := operators[p.version]
	if t := p.acceptAny(ranks[len(ranks)-1]...); t.text != "" {
		return p.node(expr{pos: t.pos, op: opBinary, text: "power", args: []*expr{base, p.unary()}})
	}
	return base
}

// postfix reads an operand with its indices.
func (p *parser) postfix() *expr {
	e := p.operand()
	for p.err == nil && p.peek("[") {
		e = p.index(e)
	}
	return e
}

// index reads one [index, …] after an expression.
func (p *parser) index(of *expr) *expr {
	pos := p.tok.pos
	p.expect("[")
	args := []*expr{of}
	for p.err == nil && !p.accept("]") {
		if len(args) > 1 {
			p.expect(",")
			if p.accept("]") {
				break
			}
		}
		args = append(args, p.rangeOr())
	}
	if p.err == nil && len(args) == 1 {
		p.failAt(pos, "want an index")
	}
	return p.node(expr{pos: pos, op: opIndex, args: args})
}

// rangeOr reads an index: a range start : step : stop, a set, or an expression.
func (p *parser) rangeOr() *expr {
	pos := p.tok.pos
	if p.version == 2 {
		return p.part()
	}
	if p.peek("{") {
		return p.set()
	}
	var first, second, third *expr
	if !p.peek(":") {
		first = p.part()
	}
	if !p.accept(":") {
		return first
	}
	if !p.peek("]") && !p.peek(",") && !p.peek(":") {
		second = p.part()
	}
	if p.accept(":") {
		if !p.peek("]") && !p.peek(",") {
			third = p.part()
		}
		return p.node(expr{pos: pos, op: opRange, args: []*expr{first, second, third}})
	}
	return p.node(expr{pos: pos, op: opRange, args: []*expr{first, nil, second}})
}

// set reads {expression, …}, or an array of such.
func (p *parser) set() *expr {
	e := expr{pos: p.tok.pos, op: opSet}
	defer func() { p.nesting-- }()
	if !p.enter() {
		return &e
	}
	p.expect("{")
	for p.err == nil && !p.accept("}") {
		if len(e.args) > 0 {
			p.expect(",")
			if p.accept("}") {
				break
			}
		}
		if p.peek("{") {
			e.args = append(e.args, p.set())
		} else {
			e.args = append(e.args, p.part())
		}
	}
	return p.node(e)
}

func (p *parser) operand() *expr {
	t := p.tok
	switch {
	case p.err != nil:
	case t.kind == tokenNumber:
		p.advance()
		return p.node(expr{pos: t.pos, number: t.number, text: t.text})
	case t.kind == tokenTime:
		p.advance()
		return p.node(expr{pos: t.pos, op: opTime, number: t.number})
	case t.kind == tokenText && p.version == 3:
		p.advance()
		return p.node(expr{pos: t.pos, op: opBits, text: t.text})
	case t.kind == tokenHardware:
		p.advance()
		return p.node(expr{pos: t.pos, op: opHardware, text: t.text})
	case t.kind == tokenWord:
		return p.word()
	case p.accept("("):
		e := p.part()
		p.expect(")")
		return e
	default:
		p.failAt(t.pos, "want a number, got %s", t.describe())
	}
	return &expr{pos: t.pos}
}

// word reads what begins with a word: a name, a call, a cast, a measurement.
func (p *parser) word() *expr {
	t := p.tok
	if p.version == 3 {
		switch {
		case slices.Contains(typeNames, t.text):
			typ := p.typeSpec()
			p.expect("(")
			e := p.part()
			p.expect(")")
			return p.node(expr{pos: t.pos, op: opCast, typ: typ, args: []*expr{e}})
		case t.text == "measure":
			p.advance()
			return p.node(expr{pos: t.pos, op: opMeasure, args: []*expr{p.operandQubits()}})
		case t.text == "true", t.text == "false":
			p.advance()
			return p.node(expr{pos: t.pos, op: opBool, text: t.text})
		case t.text == "durationof":
			p.advance()
			p.expect("(")
			p.block()
			p.expect(")")
			return p.node(expr{pos: t.pos, op: opDuration})
		}
	}
	if p.reserved(t.text) && t.text != "pow" { // a function too
		p.failAt(t.pos, "want a number, got the keyword %s", t.text)
	}
	p.advance()
	if t.text == "pow" && !p.peek("(") {
		p.expect("(")
	}
	if !p.accept("(") {
		return p.node(expr{pos: t.pos, op: opName, text: t.text})
	}
	return p.node(expr{pos: t.pos, op: opCall, text: t.text, args: p.list(")")})
}

// list reads expressions between commas up to the closing sign.
func (p *parser) list(end string) []*expr {
	var out []*expr
	for p.err == nil && !p.accept(end) {
		if len(out) > 0 {
			p.expect(",")
			if p.accept(end) {
				break
			}
		}
		out = append(out, p.part())
	}
	return out
}

func (p *parser) node(e expr) *expr {
	if p.terms++; p.terms > maxTerms {
		p.failAt(e.pos, "more than %d terms in one expression", maxTerms)
	}
	return &e
}

var typeNames = []string{"bit", "int", "uint", "float", "angle", "bool", "duration", "stretch", "complex",
	"array", "creg"}

// typeSpec reads a classical type.
func (p *parser) typeSpec() *typeSpec {
	t := &typeSpec{pos: p.tok.pos}
	t.access = p.acceptAny("readonly", "mutable").text
	t.name = p.acceptAny(typeNames...).text
	switch {
	case t.name == "":
		p.failAt(t.pos, "want a type, got %s", p.tok.describe())
	case t.name == "complex":
		p.failAt(t.pos, "complex numbers are not supported")
	case t.name == "array":
		p.expect("[")
		t.base = p.typeSpec()
		p.expect(",")
		if p.accept("#") { // #dim = 2
			p.expect("dim")
			p.expect("=")
			p.part()
			p.expect("]")
			break
		}
		t.dims = p.list("]")
	case p.peek("[") && (t.name == "bool" || t.name == "duration" || t.name == "stretch"):
		p.failAt(p.tok.pos, "%s has no size", t.name)
	case p.accept("["):
		t.size = p.part()
		p.expect("]")
	}
	return t
}
