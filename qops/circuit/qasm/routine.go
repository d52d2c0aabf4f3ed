package qasm

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
		r.p.failAt(pos, "%s: want %d arguments, got %d", def.name, len(def.params), len(args))
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
	r.inScope(&scope{sealed: true}, func() {
		for i, p := range def.params {
			r.bindParam(pos, p, values[i])
		}
		r.body(def.body)
	})
	r.scope = caller
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
func (r *reader) bindParam(pos position, p param, v value) {
	sym := &symbol{name: p.name.text, typ: "qubits", value: v}
	if p.qubits {
		size := 1
		if p.size != nil {
			size = r.positive(p.size, "a size", maxRegisters)
		}
		if r.p.err == nil && len(v.qubits) != size {
			r.p.failAt(pos, "%s: want %d qubits, got %d", sym.name, size, len(v.qubits))
		}
		sym.value.single = p.size == nil
	} else {
		sym.typ, sym.width = p.typ.name, 0
		if p.typ.name != "array" {
			sym.width = r.sizeOf(p.typ)
			sym.value = r.cast(pos, p.typ, v, true)
		}
	}
	if r.p.err == nil {
		r.declare(p.name.pos, sym)
	}
}
