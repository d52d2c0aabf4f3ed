package qasm

import "github.com/hqvit/hqvit/internal/words"

// callRoutine carries out a subroutine, and returns what it returns.
func (r *reader) callRoutine(pos position, s *symbol, args []*expr) value {
	def := s.routine
	switch {
	case r.p.err != nil:
		return value{}
	case def.extern:
		r.p.failAt(pos, "the program does not say what the extern function %s does", def.name)
	case r.gate:
		r.p.failAt(pos, "the body of a gate holds gates only, and %s is a subroutine", def.name)
	case len(args) != len(def.params):
		r.p.failAt(pos, "%s: want %s, got %d", def.name, words.Count(len(def.params), "argument"), len(args))
	case r.calls >= maxCalls:
		r.p.failAt(pos, "more than %d subroutines inside each other", maxCalls)
	}
	if !r.spend(pos, 1) {
		return value{}
	}
	values := make([]value, len(args))
	for i, a := range args {
		if def.params[i].qubits {
			values[i] = r.qubits(a)
		} else {
			values[i] = r.eval(a)
		}
	}
	saved := [...]int{r.returns, r.cycles}
	r.returns, r.cycles, r.result = len(r.lists), 0, value{}
	r.calls++
	caller := r.scope
	for r.scope.outer != nil {
		r.scope = r.scope.outer
	}
	global := r.scope
	symbols := make([]*symbol, len(args))
	r.inScope(&scope{sealed: true}, func() {
		for i, p := range def.params {
			symbols[i] = r.bindParam(pos, p, values[i])
		}
		r.body(def.body)
	})
	r.scope = caller
	for i, p := range def.params {
		if p.typ != nil && p.typ.access == "mutable" {
			r.giveBack(p, args[i], symbols[i].value)
		}
	}
	_ = global
	r.calls--
	r.returns, r.cycles = saved[0], saved[1]
	if r.jump == "return" {
		r.jump = ""
	}
	out := r.result
	r.result = value{}
	if def.result != nil && r.p.err == nil {
		if out.kind == kindNone {
			r.p.failAt(pos, "%s returns no value", def.name)
			return value{}
		}
		inner := r.scope
		r.scope = global
		out = r.cast(pos, def.result, out, true)
		r.scope = inner
	}
	return out
}

// bindParam gives a parameter of a subroutine its value.
func (r *reader) bindParam(pos position, p param, v value) *symbol {
	sym := &symbol{name: p.name.text, typ: "qubits", value: v}
	if p.qubits {
		size := 1
		if p.size != nil {
			size = r.positive(p.size, "a size", maxRegisters)
		}
		if r.p.err == nil && len(v.qubits) != size {
			r.p.failAt(pos, "%s: want %s, got %d", sym.name, words.Count(size, "qubit"), len(v.qubits))
		}
		sym.value.single = p.size == nil
	} else {
		sym.typ = p.typ.name
		if p.typ.name == "array" {
			sym.base, sym.width = p.typ.base.name, r.sizeOf(p.typ.base)
			sym.fixed = p.typ.access != "mutable"
			r.fitsArray(pos, p, v, 0)
		} else {
			sym.width = r.sizeOf(p.typ)
			sym.value = r.cast(pos, p.typ, v, true)
		}
	}
	if r.p.err == nil {
		r.declare(p.name.pos, sym)
	}
	return sym
}

// fitsArray checks the shape of an array that is an argument.
func (r *reader) fitsArray(pos position, p param, v value, depth int) {
	deep := len(p.typ.dims) // 0: only their number is said
	switch {
	case r.p.err != nil:
	case v.kind != kindArray && (depth == 0 || depth < deep):
		r.p.failAt(pos, "%s: want an array, got %s", p.name.text, r.describe(v))
	case v.kind != kindArray || deep == 0:
	case depth == deep:
		r.p.failAt(pos, "%s: want an array of arrays %d deep, got a deeper one", p.name.text, deep)
	default:
		if n := r.positive(p.typ.dims[depth], "a size", maxRegisters); n != len(v.items) {
			r.p.failAt(pos, "%s: want an array of %s, got %d", p.name.text, words.Count(n, "element"), len(v.items))
			return
		}
		for _, item := range v.items {
			r.fitsArray(pos, p, item, depth+1)
		}
	}
}

// giveBack assigns what a subroutine made of a mutable array to the variable that was its argument.
func (r *reader) giveBack(p param, arg *expr, made value) {
	sym := r.scope.find(arg.text)
	switch {
	case r.p.err != nil:
	case arg.op != opName || sym == nil || sym.typ != "array":
		r.p.failAt(arg.pos, "%s is mutable: want an array by its name", p.name.text)
	case sym.fixed:
		r.p.failAt(arg.pos, "%s cannot be assigned, and %s is mutable", sym.name, p.name.text)
	case sym.dynamic < len(r.lists)-1:
		r.p.failAt(arg.pos, "%s of type array would depend on measured bits here", sym.name)
	default:
		sym.value = made
	}
}
