package qasm

import (
	"slices"
	"strings"
)

// statement reads one statement, nil for one that means nothing.
func (p *parser) statement() stmt {
	p.terms = 0
	t := p.tok
	if t.kind == tokenWord {
		if read := statements[p.version][t.text]; read != nil {
			return read(p, t.pos)
		}
	}
	if p.version == 3 {
		switch {
		case p.peek("@"), p.peek("#"): // an annotation, or a pragma
			p.lexer.line()
			p.advance()
			return nil
		case p.peek("{"):
			return &blockStmt{t.pos, p.block()}
		case t.kind == tokenWord && slices.Contains(typeNames, t.text):
			return p.declaration(t.pos, "")
		}
	}
	if p.accept(";") {
		return nil
	}
	return p.call(t.pos)
}

// statements are read by their first word.
var statements map[int]map[string]func(p *parser, pos position) stmt

func init() { // functions that call each other
	type reader = func(p *parser, pos position) stmt
	both := map[string]reader{
		"OPENQASM": (*parser).header, "include": (*parser).include, "gate": (*parser).gate,
		"qreg": (*parser).oldRegister, "creg": (*parser).oldRegister,
		"measure": (*parser).measure, "reset": (*parser).quantum, "barrier": (*parser).quantum,
	}
	three := map[string]reader{
		"qubit": (*parser).qubit, "const": (*parser).constant, "input": (*parser).inOut,
		"output": (*parser).inOut,
		"let":    (*parser).alias, "if": (*parser).branch, "for": (*parser).loop, "while": (*parser).while,
		"switch": (*parser).choose, "break": (*parser).jump, "continue": (*parser).jump,
		"end":    (*parser).jump,
		"return": (*parser).result, "def": (*parser).subroutine, "extern": (*parser).subroutine,
		"delay": (*parser).quantum, "nop": (*parser).quantum, "box": (*parser).box,
		"cal":    (*parser).calibration,
		"defcal": (*parser).calibration, "defcalgrammar": (*parser).grammar, "pragma": (*parser).pragma,
	}
	two := map[string]reader{"opaque": (*parser).gate, "if": (*parser).oldBranch}
	for word, read := range both {
		two[word], three[word] = read, read
	}
	statements = map[int]map[string]reader{2: two, 3: three}
}

func (p *parser) header(pos position) stmt {
	p.advance()
	switch t := p.take(tokenNumber, "a version"); {
	case p.err != nil:
	case t.text != "2" && t.text != "2.0" && t.text != "3" && !strings.HasPrefix(t.text, "3."):
		p.failAt(t.pos, "want OpenQASM version 2 or 3, got %s", t.text)
	case (t.text[0] == '2') != (p.version == 2):
		p.failAt(pos, "OPENQASM must come first, and once")
	}
	p.expect(";")
	return &includeStmt{position: pos}
}

func (p *parser) include(pos position) stmt {
	p.advance()
	file := p.take(tokenText, "a file name in quotes")
	p.expect(";")
	return &includeStmt{file.pos, file.text}
}

func (p *parser) oldRegister(pos position) stmt {
	quantum := p.tok.text == "qreg"
	p.advance()
	name := p.name("a name")
	var size *expr
	if p.version == 2 || p.peek("[") {
		p.expect("[")
		size = p.part()
		p.expect("]")
	}
	p.expect(";")
	if quantum {
		return &qubitStmt{name.pos, name.text, size}
	}
	return &declareStmt{position: pos, typ: &typeSpec{pos: pos, name: "bit", size: size}, name: name}
}

func (p *parser) qubit(position) stmt {
	p.advance()
	var size *expr
	if p.accept("[") {
		size = p.part()
		p.expect("]")
	}
	name := p.name("a name")
	p.expect(";")
	return &qubitStmt{name.pos, name.text, size}
}

func (p *parser) constant(pos position) stmt {
	p.advance()
	return p.declaration(pos, "const")
}

func (p *parser) inOut(pos position) stmt {
	mode := p.tok.text
	p.advance()
	s := p.declaration(pos, mode)
	if d, ok := s.(*declareStmt); ok && d.init != nil && p.err == nil {
		p.failAt(d.init.pos, "%s %s: want no value in the program", mode, d.name.text)
	}
	return s
}

func (p *parser) declaration(pos position, mode string) stmt {
	typ := p.typeSpec()
	if mode == "" && p.peek("(") { // a cast as a statement
		p.failAt(pos, "want a declaration: the value of a cast is not used")
	}
	s := &declareStmt{position: pos, typ: typ, name: p.name("a name"), mode: mode}
	if p.accept("=") {
		if p.peek("{") {
			s.init = p.set()
		} else {
			s.init = p.sum()
		}
	}
	if p.err == nil && mode == "const" && s.init == nil {
		p.failAt(pos, "const %s: want a value", s.name.text)
	}
	p.expect(";")
	return s
}

func (p *parser) alias(pos position) stmt {
	p.advance()
	s := &aliasStmt{position: pos, name: p.name("a name")}
	p.expect("=")
	s.parts = append(s.parts, p.postfix())
	for p.accept("++") {
		s.parts = append(s.parts, p.postfix())
	}
	p.expect(";")
	return s
}

func (p *parser) measure(pos position) stmt {
	p.advance()
	s := &measureStmt{position: pos, source: p.operandQubits()}
	if p.version == 2 && !p.peek("->") {
		p.expect("->")
	}
	if p.accept("->") {
		s.target = p.operandQubits()
	}
	p.expect(";")
	return s
}

// quantum reads reset, barrier, delay or nop.
func (p *parser) quantum(pos position) stmt {
	s := &quantumStmt{position: pos, name: p.tok.text}
	p.advance()
	if s.name == "delay" {
		p.expect("[")
		s.length = p.part()
		p.expect("]")
	}
	s.operands = p.operands()
	s.all = len(s.operands) == 0
	if p.err == nil && s.name == "reset" && len(s.operands) != 1 && (p.version == 3 || s.all) {
		p.failAt(pos, "reset: want one qubit or register, got %d", len(s.operands))
	}
	return s
}

// oldBranch reads if (register == number) operation; of version 2.
func (p *parser) oldBranch(pos position) stmt {
	p.advance()
	p.expect("(")
	register := p.operandQubits()
	equal := p.tok
	p.expect("==")
	number := p.tok
	if p.take(tokenNumber, "a number"); p.err == nil && strings.ContainsAny(number.text, ".eE") {
		p.failAt(number.pos, "want a whole number, got %s", number.text)
	}
	p.expect(")")
	value := &expr{pos: number.pos, number: number.number, text: number.text}
	cond := &expr{pos: equal.pos, op: opBinary, text: "==", args: []*expr{register, value}}
	switch p.tok.text {
	case "gate", "opaque", "qreg", "creg", "include", "if", "OPENQASM":
		p.failAt(p.tok.pos, "want an operation after if, got %s", p.tok.text)
	}
	s := p.statement()
	if s == nil {
		p.failAt(p.tok.pos, "want an operation after if")
	}
	return &ifStmt{pos, cond, []stmt{s}, nil}
}

func (p *parser) branch(pos position) stmt {
	p.advance()
	p.expect("(")
	s := &ifStmt{position: pos, cond: p.part()}
	p.expect(")")
	s.then = p.blockOrOne()
	if p.accept("else") {
		s.els = p.blockOrOne()
	}
	return s
}

func (p *parser) loop(pos position) stmt {
	p.advance()
	s := &forStmt{position: pos}
	if slices.Contains(typeNames, p.tok.text) {
		s.typ = p.typeSpec()
	} else {
		s.typ = &typeSpec{pos: pos, name: "int"} // as in drafts of version 3
	}
	s.name = p.name("a name")
	p.expect("in")
	switch {
	case p.peek("{"):
		s.over = p.set()
	case p.accept("["):
		s.over = p.rangeOr()
		if p.err == nil && s.over.op != opRange {
			p.failAt(s.over.pos, "want a range")
		}
		p.expect("]")
	default:
		s.over = p.part()
	}
	s.body = p.blockOrOne()
	return s
}

func (p *parser) while(pos position) stmt {
	p.advance()
	p.expect("(")
	s := &whileStmt{position: pos, cond: p.part()}
	p.expect(")")
	s.body = p.blockOrOne()
	return s
}

func (p *parser) choose(pos position) stmt {
	p.advance()
	p.expect("(")
	s := &switchStmt{position: pos, value: p.part()}
	p.expect(")")
	p.expect("{")
	for p.err == nil && !p.accept("}") {
		switch t := p.acceptAny("case", "default"); t.text {
		case "case":
			labels := []*expr{p.part()}
			for p.accept(",") && !p.peek("{") {
				labels = append(labels, p.part())
			}
			s.cases = append(s.cases, switchCase{labels, p.block()})
		case "default":
			s.cases = append(s.cases, switchCase{nil, p.block()})
		default:
			p.failAt(p.tok.pos, "want case or default, got %s", p.tok.describe())
		}
	}
	return s
}

func (p *parser) jump(pos position) stmt {
	name := p.tok.text
	p.advance()
	p.expect(";")
	return &jumpStmt{pos, name}
}

func (p *parser) result(pos position) stmt {
	p.advance()
	s := &returnStmt{position: pos}
	if !p.accept(";") {
		s.value = p.part()
		p.expect(";")
	}
	return s
}

func (p *parser) box(pos position) stmt {
	p.advance()
	if p.accept("[") {
		p.part()
		p.expect("]")
	}
	return &blockStmt{pos, p.block()}
}
