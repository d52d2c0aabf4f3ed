package qasm

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// parser reads statement by statement. After the first error it sees the end of the source, so that every
// loop ends.
type parser struct {
	lexer          lexer
	tok            token
	err            error
	version        int
	nesting, terms int
	input          string // whose value the source is; "": it is a program
}

// newParser finds out the version of a source: that of its header, else that of its library, else that of the
// way in which it declares its first register. It returns what it took for granted.
func newParser(source string) (*parser, []noteStmt) {
	source = strings.TrimPrefix(source, "\ufeff")
	start := lexer{rest: source, pos: position{1, 1}, version: 3}
	version, why := 3, ""
	for look := start; ; {
		t, problem := look.next()
		if problem != "" || t.kind == tokenEnd {
			break
		}
		if t.kind != tokenWord {
			continue
		}
		switch t.text {
		case "OPENQASM":
			if t, _ := look.next(); t.text == "2" || strings.HasPrefix(t.text, "2.") {
				version = 2
			}
		case "include":
			if t, _ := look.next(); t.text == libraryFile(2) {
				version, why = 2, "includes "+libraryFile(2)
			} else if t.text != libraryFile(3) {
				continue
			}
		case "qreg", "creg", "opaque":
			version, why = 2, "has "+t.text
		case "qubit", "bit", "int", "uint", "float", "angle", "const", "input", "def", "let", "bool", "for":
		default:
			continue
		}
		break
	}
	start.version = version
	p := &parser{lexer: start, version: version}
	p.advance()
	if why == "" {
		return p, nil
	}
	return p, []noteStmt{{position: position{1, 1},
		text: "no OPENQASM line; read as version 2, since it " + why}}
}

func (t token) describe() string {
	if t.kind == tokenEnd {
		return "the end"
	}
	return strconv.Quote(t.text)
}

func (p position) errorf(format string, args ...any) error {
	return errors.Errorf("qasm: line %d, column %d: "+format, append([]any{p.line, p.column}, args...)...)
}

func (p *parser) failAt(pos position, format string, args ...any) {
	switch {
	case p.err != nil:
	case p.input != "":
		p.err = errors.Errorf("qasm: the value of the input %s: "+format, append([]any{p.input}, args...)...)
	default:
		p.err = pos.errorf(format, args...)
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

// peek tells whether a sign or a word comes next.
func (p *parser) peek(text string) bool {
	return (p.tok.kind == tokenSign || p.tok.kind == tokenWord) && p.tok.text == text
}

// acceptAny reads one of the given words or signs, if it comes next.
func (p *parser) acceptAny(texts ...string) token {
	if t := p.tok; (t.kind == tokenSign || t.kind == tokenWord) && slices.Contains(texts, t.text) {
		p.advance()
		return t
	}
	return token{}
}

func (p *parser) accept(text string) bool {
	if p.peek(text) {
		p.advance()
		return true
	}
	return false
}

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

// name reads a word that is no keyword of the version.
func (p *parser) name(what string) token {
	t := p.take(tokenWord, what)
	if p.err == nil && p.reserved(t.text) {
		p.failAt(t.pos, "want %s, got the keyword %s", what, t.text)
	}
	return t
}

// names reads different names between commas. A parameter may be called like a constant.
func (p *parser) names() []string {
	var out []string
	for p.err == nil && (len(out) == 0 || p.accept(",")) {
		if len(out) > 0 && !(p.tok.kind == tokenWord) {
			break // a comma at the end
		}
		t := p.name("a name")
		if slices.Contains(out, t.text) {
			p.failAt(t.pos, "the name %q is taken", t.text)
		}
		if out = append(out, t.text); len(out) > maxOperands {
			p.failAt(t.pos, "want at most %d names", maxOperands)
		}
	}
	return out
}

// otherVersion is the error for words and signs that version 2 does not have.
const otherVersion = "%s is of version 3, and the program is of version 2"

func (p *parser) reserved(word string) bool { return keywords[p.version][word] }

// keywords cannot be names, by version. The names of constants and functions are no keywords.
var keywords = map[int]map[string]bool{
	2: setOf("OPENQASM include qreg creg gate opaque barrier measure reset if"),
	3: setOf(`OPENQASM include qreg creg qubit bit input output const gate barrier measure reset if else for
		while in def cal defcal defcalgrammar let break continue end return extern box delay array int
		uint float angle bool complex duration durationof stretch ctrl negctrl inv pow gphase true
		false void switch case default nop readonly mutable pragma`),
}

func setOf(words string) map[string]bool {
	out := map[string]bool{}
	for _, word := range strings.Fields(words) {
		out[word] = true
	}
	return out
}

// operandQubits reads qubits: a name with indices, or a physical qubit.
func (p *parser) operandQubits() *expr {
	t := p.tok
	if t.kind == tokenHardware {
		p.advance()
		return &expr{pos: t.pos, op: opHardware, text: t.text}
	}
	e := &expr{pos: t.pos, op: opName, text: p.name("a qubit").text}
	for p.err == nil && p.peek("[") {
		e = p.index(e)
	}
	return e
}

// operands reads qubits between commas up to the closing sign.
func (p *parser) operands() []*expr {
	var out []*expr
	p.terms = 0
	for p.err == nil && !p.accept(";") {
		if len(out) > 0 {
			if !p.accept(",") {
				p.failAt(p.tok.pos, "want \",\" or \";\", got %s", p.tok.describe())
			}
			if p.accept(";") {
				break
			}
		}
		out = append(out, p.operandQubits())
	}
	return out
}

// block reads statements in braces.
func (p *parser) block() []stmt {
	defer func() { p.nesting-- }()
	var out []stmt
	if !p.enter() {
		return nil
	}
	p.expect("{")
	for p.err == nil && !p.accept("}") {
		if p.tok.kind == tokenEnd {
			p.expect("}")
		}
		if s := p.statement(); s != nil {
			out = append(out, s)
		}
	}
	return out
}

// blockOrOne reads a block, or one statement.
func (p *parser) blockOrOne() []stmt {
	defer func() { p.nesting-- }()
	if !p.enter() {
		return nil
	}
	if p.peek("{") {
		return p.block()
	}
	for p.err == nil {
		if s := p.statement(); s != nil {
			return []stmt{s}
		}
		if p.tok.kind == tokenEnd {
			p.failAt(p.tok.pos, "want a statement, got the end")
		}
	}
	return nil
}
