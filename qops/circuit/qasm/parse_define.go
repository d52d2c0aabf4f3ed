package qasm

import (
	"slices"
	"strings"
)

// gate reads gate name(params) qubits { … }, or opaque name(params) qubits;
func (p *parser) gate(pos position) stmt {
	s := &gateStmt{position: pos, opaque: p.tok.text == "opaque"}
	p.advance()
	name := p.name("a name")
	s.position, s.name = name.pos, name.text
	if p.accept("(") && !p.accept(")") {
		s.params = p.names()
		p.expect(")")
	}
	s.qubits = p.names()
	if s.opaque {
		p.expect(";")
	} else {
		s.body = p.block()
	}
	return s
}

func (p *parser) subroutine(pos position) stmt {
	s := &defStmt{position: pos, extern: p.tok.text == "extern"}
	p.advance()
	s.name = p.name("a name").text
	if s.extern { // only called, and then refused
		p.signature()
		p.expect(";")
		return s
	}
	p.expect("(")
	for p.err == nil && !p.accept(")") {
		if len(s.params) > 0 {
			p.expect(",")
			if p.accept(")") {
				break
			}
		}
		next := p.param()
		if slices.ContainsFunc(s.params, func(other param) bool { return other.name.text == next.name.text }) {
			p.failAt(next.name.pos, "the name %q is taken", next.name.text)
		}
		s.params = append(s.params, next)
	}
	if p.accept("->") {
		s.result = p.typeSpec()
	}
	s.body = p.block()
	return s
}

// signature skips the types of an extern.
func (p *parser) signature() {
	for p.err == nil && !p.peek(";") {
		if p.tok.kind == tokenEnd {
			p.expect(";")
		}
		p.advance()
	}
}

func (p *parser) param() param {
	var out param
	if t := p.acceptAny("qubit", "qreg"); t.text != "" {
		out.qubits = true
		if p.accept("[") {
			out.size = p.part()
			p.expect("]")
		}
	} else {
		out.typ = p.typeSpec()
	}
	out.name = p.name("a name")
	if p.accept("[") { // qreg q[2], creg c[2]
		size := p.part()
		p.expect("]")
		if out.qubits {
			out.size = size
		} else {
			out.typ.size = size
		}
	}
	return out
}

// calibration skips cal { … } and defcal … { … }.
func (p *parser) calibration(pos position) stmt {
	s := &noteStmt{position: pos, text: p.tok.text + " is left out"}
	if p.tok.text == "defcal" {
		look := p.lexer
		name, _ := look.next()
		s.gate = name.text
		next, problem := look.next()
		depth := 0
		for ; problem == "" && next.kind != tokenEnd && next.text != "{" && depth >= 0; next,
			problem = look.next() {
			switch next.text {
			case "(":
				depth++
				s.args++
			case ")":
				depth--
			case ",":
				if depth > 0 {
					s.args++
				}
			case "->":
				depth = -1
				p.calibrationResult(look)
			default:
				if depth == 0 && (next.kind == tokenHardware || next.kind == tokenWord) {
					s.qubits++
				}
			}
		}
	}
	if p.err == nil && !p.lexer.braces() {
		p.failAt(pos, "want braces after %s, closed again", p.tok.text)
		return nil
	}
	p.advance()
	return s
}

// calibrationResult checks what stands between the arrow of a defcal, behind which look is, and its braces:
// one type, also one that is not supported elsewhere, as complex[float[32]].
func (p *parser) calibrationResult(look lexer) {
	first, problem := look.next()
	next, depth := first, 0
	for ; problem == "" && next.kind != tokenEnd && (depth > 0 || next.text != "{"); next,
		problem = look.next() {
		switch {
		case next.text == "[":
			depth++
		case next.text == "]":
			depth--
		case depth == 0 && next.pos != first.pos:
			p.failAt(next.pos, "want one type of a result behind ->, and then braces, got %s", next.describe())
			return
		}
	}
	if !slices.Contains(typeNames, first.text) {
		p.failAt(first.pos, "want a type of a result behind ->, got %s", first.describe())
	}
}

func (p *parser) grammar(pos position) stmt {
	p.advance()
	p.take(tokenText, "a name in quotes")
	p.expect(";")
	return nil
}

func (p *parser) pragma(position) stmt {
	p.lexer.line()
	p.advance()
	return nil
}

// call reads what begins with a name: a gate with its modifiers, a subroutine, an assignment.
func (p *parser) call(pos position) stmt {
	s := &callStmt{position: pos}
	for p.version == 3 && p.err == nil {
		m := modifier{pos: p.tok.pos, name: p.acceptAny("inv", "pow", "ctrl", "negctrl").text}
		if m.name == "" {
			break
		}
		if m.name != "inv" && p.accept("(") {
			m.arg = p.part()
			p.expect(")")
		} else if m.name == "pow" {
			p.failAt(m.pos, "pow: want a number in parentheses")
		}
		p.expect("@")
		if s.modifiers = append(s.modifiers, m); len(s.modifiers) > maxModifiers {
			p.failAt(pos, "want at most %d modifiers", maxModifiers)
		}
	}
	t := p.take(tokenWord, "a statement")
	if p.err == nil && p.reserved(t.text) && t.text != "gphase" {
		p.failAt(t.pos, "want a gate, got the keyword %s", t.text)
	}
	s.name = t.text
	if len(s.modifiers) == 0 && p.version == 3 {
		target := &expr{pos: t.pos, op: opName, text: t.text}
		for p.err == nil && p.peek("[") {
			target = p.index(target)
		}
		if o := p.acceptAny("=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=",
			"**="); o.text != "" {
			a := &assignStmt{o.pos, target, strings.TrimSuffix(o.text, "="), p.sum()}
			p.expect(";")
			return a
		}
		if target.op == opIndex && p.err == nil {
			p.failAt(p.tok.pos, "want =, got %s", p.tok.describe())
		}
	}
	parentheses := p.accept("(")
	if parentheses {
		s.args = p.list(")")
	}
	if parentheses && s.name != "gphase" && len(s.modifiers) == 0 && p.peek(";") {
		p.advance()
		return &exprStmt{pos, &expr{pos: t.pos, op: opCall, text: s.name, args: s.args}}
	}
	before := p.err
	if s.operands = p.operands(); before == nil && p.err != nil && p.version == 2 && keywords[3][s.name] {
		p.err = t.pos.errorf(otherVersion, s.name)
	}
	return s
}
