package qasm

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/suggest"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/qops/circuit"
)

// input declares an input: with its value if there is one, else as an angle, as bits that begin as 0, or as
// something that is not known.
func (r *reader) input(s *declareStmt) {
	name := s.name.text
	if r.scope.outer != nil {
		r.p.failAt(s.position, "inputs are declared outside of blocks only")
	}
	r.inputs = append(r.inputs, name)
	text, given := r.options.Inputs[name]
	if s.typ.name == "array" {
		if given {
			r.inputText(name, text, func(e *expr) {
				s.init = e
				r.declareArray(s)
			})
			return
		}
		r.declare(s.name.pos, &symbol{name: name, typ: "array", value: value{kind: kindUnknown}})
		return
	}
	sym := &symbol{name: name, typ: s.typ.name, width: r.sizeOf(s.typ), value: value{kind: kindUnknown}}
	if sym.typ == "creg" {
		sym.typ = "bit"
	}
	switch {
	case r.p.err != nil:
		return
	case given:
		sym.value = r.inputValue(sym, text)
	case sym.typ == "bit":
		sym.value = value{}
		r.note(s.name.pos, "the input "+name+" begins as 0")
	case sym.typ == "float", sym.typ == "angle":
		a := r.inputAngle(s)
		r.d.Inputs = append(r.d.Inputs, circuit.InputAngle{Name: name, Angle: a})
		sym.value = value{kind: kindAngle, angle: a}
	}
	if r.p.err == nil {
		r.declareBits(s.name.pos, sym)
	}
}

// inputText reads the text of a value, and calls a function with it, whose errors are blamed on it.
func (r *reader) inputText(name, text string, f func(e *expr)) {
	program := r.p
	if program.err != nil {
		return
	}
	r.p = &parser{lexer: lexer{rest: text, pos: position{1, 1}, version: program.version},
		version: program.version, input: name + " = " + text}
	r.p.advance()
	e := r.p.rangeOr()
	if r.p.tok.kind != tokenEnd {
		r.p.failAt(r.p.tok.pos, "want one value, got %s behind it", r.p.tok.describe())
	}
	if r.p.err == nil {
		f(e)
	}
	program.err, r.p = r.p.err, program
	if r.p.err != nil {
		r.p.tok = token{pos: r.p.tok.pos}
	}
}

// inputValue returns the value of an input as one of its type, without anything cut off.
func (r *reader) inputValue(sym *symbol, text string) value {
	if sym.typ == "bit" && len(text) == max(1, sym.width) && strings.Trim(text, "01") == "" {
		text = `"` + text + `"`
	}
	var out value
	r.inputText(sym.name, text, func(e *expr) {
		v := r.eval(e)
		out = r.castTo(e.pos, sym.typ, sym.width, v, false)
		real := sym.typ == "float" || sym.typ == "angle"
		kept, _ := out.whole()
		cut := !real && (v.kind == kindFloat || v.kind == kindInt && kept != v.n)
		if r.p.err == nil && (v.measured() || cut) {
			r.p.failAt(e.pos, "want %s, got %s", withSize(sym.typ, sym.width), r.describe(v))
		}
		out.single = sym.width == 0
	})
	return out
}

// inputAngle returns the angle of an input without a value.
func (r *reader) inputAngle(s *declareStmt) circuit.Angle {
	a := namedAngle(s.name.text)
	next := 0
	for _, other := range r.d.Inputs {
		if b := other.Angle; b == a {
			r.p.failAt(s.name.pos, "the angle of input %s belongs to another input already", s.name.text)
		} else if b.Source == circuit.Trainable {
			next = max(next, b.Index+1)
		}
	}
	if a.Source == circuit.Constant {
		if a = circuit.Theta(next); next >= circuit.MaxAngles {
			r.p.failAt(s.name.pos, "want at most %d inputs", circuit.MaxAngles)
		}
	}
	return a
}

// namedAngle returns the angle that Write gives this name, a constant for other names.
func namedAngle(name string) circuit.Angle {
	for prefix, angle := range map[string]func(int) circuit.Angle{"theta": circuit.Theta, "x": circuit.Data} {
		number, ok := strings.CutPrefix(name, prefix)
		n, err := strconv.Atoi(number)
		if ok && err == nil && number == itoa(n) && n >= 0 && n < circuit.MaxAngles {
			return angle(n)
		}
	}
	return circuit.Angle{}
}

// inputOf returns the name of the input that an angle depends on.
func (r *reader) inputOf(a circuit.Angle) string {
	for _, in := range r.d.Inputs {
		if in.Angle.Source == a.Source && in.Angle.Index == a.Index {
			return in.Name
		}
	}
	return a.String()
}

// describe returns what a value is, for errors: of an input, its name too, and how it gets a value.
func (r *reader) describe(v value) string {
	if v.kind == kindAngle {
		name := r.inputOf(v.angle)
		return "the input " + name + ", which has no value" + r.howToGive(name)
	}
	return v.describe()
}

// howToGive returns how an input gets a value, for errors.
func (r *reader) howToGive(name string) string {
	text := " (give it one, as in hqvit circuit --input " + name + "=3, or in qasm.Options"
	var others []string
	for other := range r.options.Inputs {
		if !slices.Contains(r.inputs, other) {
			others = append(others, other)
		}
	}
	if slices.Sort(others); len(others) > 0 {
		text += "; the value of " + words.List(others, "and") + " is that of no input above"
	}
	return text + ")"
}

// checkInputs returns an error if there are values of inputs that the program does not have.
func (r *reader) checkInputs() error {
	for _, name := range slices.Sorted(maps.Keys(r.options.Inputs)) {
		switch {
		case slices.Contains(r.inputs, name):
		case len(r.inputs) == 0:
			return errors.Errorf("qasm: there is no input %q: the program has no inputs", name)
		default:
			return errors.Errorf("qasm: there is no input %q%s: the program has %s", name,
				suggest.Among(name, r.inputs), words.List(r.inputs, "and"))
		}
	}
	return nil
}
