package qasm

import (
	"maps"
	"slices"

	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/qops/circuit"
)

func sortedKeys(m map[int]bool) []int { return slices.Sorted(maps.Keys(m)) }

// measureStatement carries out measure q; and measure q -> c;
func (r *reader) measureStatement(s *measureStmt) {
	if s.target == nil {
		if q := r.qubits(s.source); r.p.err == nil {
			r.measureInto(s.position, q.qubits, nil)
		}
		return
	}
	if r.p.version == 2 {
		r.imply(s)
	}
	if sym, places := r.target(s.target); r.p.err == nil {
		r.measureTo(s.position, s.source, sym, places)
	}
}

// imply gives the registers of a measurement a meaning that a program of version 2 uses and does not declare,
// as some in use do: the one register of qubits that there is, and as many bits.
func (r *reader) imply(s *measureStmt) {
	base := func(e *expr) *expr {
		if e.op == opIndex {
			return e.args[0]
		}
		return e
	}
	q, c := base(s.source), base(s.target)
	if q.op == opName && r.scope.find(q.text) == nil && len(r.d.QubitRegisters) == 1 {
		only := r.d.QubitRegisters[0].Name
		r.note(q.pos, "the register "+q.text+" is measured and not declared; it is taken to be "+only)
		known := *r.scope.find(only)
		known.name = q.text
		r.declare(q.pos, &known)
	}
	if c.op == opName && r.scope.find(c.text) == nil && r.p.err == nil && r.qubitCount > 0 {
		size := r.qubitCount
		if s.source.op == opName {
			size = len(r.qubits(s.source).qubits)
		}
		sym := r.declare(c.pos, &symbol{name: c.text, typ: "bit", width: size})
		r.hold(c.pos, sym)
		r.note(c.pos, "the register "+c.text+" is not declared; it is taken to have "+itoa(size)+" bits")
	}
}

func (r *reader) measureInto(pos position, qubits, slots []int) {
	if r.gate {
		r.p.failAt(pos, "the body of a gate holds gates only")
	}
	r.emit(circuit.Instruction{Kind: circuit.Measure, Line: pos.line, Bits: slots,
		Operation: circuit.Operation{Qubits: qubits}})
}

// measureTo measures qubits into bits of a variable, nil for all.
func (r *reader) measureTo(pos position, source *expr, sym *symbol, places []int) {
	q := r.qubits(source)
	if sym.typ != "bit" && sym.typ != "bool" {
		r.p.failAt(pos, "measure: want bits for the results, got %s of type %s", sym.name, sym.typ)
		return
	}
	if r.hold(pos, sym); r.p.err != nil {
		return
	}
	if places == nil {
		places = register(0, len(sym.slots))
	}
	if len(q.qubits) != len(places) {
		r.p.failAt(pos, "measure: want as many bits as qubits, got %d and %d", len(places), len(q.qubits))
		return
	}
	r.work(pos, len(sym.slots)/64)
	slots := make([]int, len(places))
	fresh := slices.Clone(sym.value.bits)
	for i, at := range places {
		slots[i] = sym.slots[at]
		fresh[at] = sym.slotBit(at)
	}
	sym.value.kind, sym.value.bits = kindBits, fresh
	r.measureInto(pos, q.qubits, slots)
}

// target returns the variable that is assigned and which of its bits, nil for all of it.
func (r *reader) target(e *expr) (*symbol, []int) {
	base := e
	for base.op == opIndex {
		base = base.args[0]
	}
	sym := r.scope.find(base.text)
	switch {
	case r.p.err != nil:
	case base.op != opName || sym == nil:
		r.p.failAt(e.pos, "unknown name %q", base.text)
	case sym.fixed || sym.typ == "qubits" || sym.typ == "def" || sym.typ == "extern":
		r.p.failAt(e.pos, "%s cannot be assigned", sym.name)
	case e.op != opIndex:
	case sym.typ != "bit":
		return sym, []int{}
	default:
		size := max(1, sym.width)
		if sym.whole {
			size = len(sym.slots)
		}
		places := register(0, size)
		var walk func(e *expr)
		walk = func(e *expr) {
			if e.op != opIndex {
				return
			}
			walk(e.args[0])
			for _, index := range e.args[1:] {
				chosen, _ := r.places(index, len(places))
				next := make([]int, len(chosen))
				for i, at := range chosen {
					next[i] = places[at]
				}
				places = next
			}
		}
		walk(e)
		return sym, places
	}
	return sym, nil
}

// assign carries out name = value, name[…] = value and += and its like.
func (r *reader) assign(s *assignStmt) {
	sym, places := r.target(s.target)
	if r.p.err != nil {
		return
	}
	isBits := sym.typ == "bit" || sym.typ == "bool"
	if s.value.op == opMeasure && s.op == "" && isBits {
		r.measureTo(s.value.pos, s.value.args[0], sym, places)
		return
	}
	var v value
	if s.op == "" {
		v = r.eval(s.value)
	} else {
		sign := s.op
		if sign == "**" {
			sign = "power"
		}
		v = r.binary(&expr{pos: s.position, op: opBinary, text: sign, args: []*expr{s.target, s.value}})
	}
	switch {
	case r.p.err != nil:
	case isBits:
		r.assignBits(s, sym, places, v)
	case sym.dynamic < len(r.lists)-1:
		r.p.failAt(s.position,
			"%s of type %s would depend on measured bits here: only bits do, declare it as bit",
			sym.name, sym.typ)
	case sym.typ == "array":
		r.assignElement(s, sym, v)
	case places != nil:
		r.p.failAt(s.position, "%s of type %s has no parts that can be assigned", sym.name, sym.typ)
	default:
		if v = r.castTo(s.value.pos, sym.typ, sym.width, v, false); r.p.err == nil {
			sym.value = v
		}
	}
}

func (r *reader) assignBits(s *assignStmt, sym *symbol, places []int, v value) {
	size := len(places)
	single := sym.width == 0
	if places == nil {
		if size = max(1, sym.width); sym.whole {
			size = len(sym.slots)
		}
		places = register(0, size)
	} else {
		single = len(places) == 1 && v.kind != kindBits
	}
	if single && size == 1 {
		size = 0
	}
	out, ok := castBits(v, size)
	if size == 1 && len(places) == 1 && v.kind == kindBits && len(v.bits) == 1 {
		out, ok = v, true
	}
	if !ok || v.kind == kindInt && !fitsBits(v.n, size) {
		r.p.failAt(s.value.pos, "%s: want %s, got %s", sym.name, withSize("bit", size), r.describeBits(v))
		return
	}
	if sym.slots == nil && sym.value.kind == kindNone && len(places) == max(1, sym.width) {
		sym.value = value{kind: kindBits, single: sym.width == 0, bits: make([]bit, len(places))}
	}
	r.setBits(s.position, sym, places, out.bits)
}

// assignElement assigns an element or a part of an array.
func (r *reader) assignElement(s *assignStmt, sym *symbol, v value) {
	var indices []*expr
	for e := s.target; e.op == opIndex; e = e.args[0] {
		if last := e.args[len(e.args)-1]; len(indices) > 0 && (last.op == opRange || last.op == opSet) {
			r.p.failAt(e.pos, "want the indices of all dimensions in one pair of brackets, as in a[0:1, 0]")
			return
		}
		indices = append(slices.Clone(e.args[1:]), indices...)
	}
	var set func(to value, indices []*expr, v value) value
	set = func(to value, indices []*expr, v value) value {
		if r.p.err != nil {
			return v
		}
		if len(indices) == 0 {
			return r.replaced(s.value.pos, sym, to, v)
		}
		if to.kind != kindArray {
			r.p.failAt(s.target.pos, "more indices than the array has")
			return to
		}
		places, single := r.places(indices[0], len(to.items))
		r.work(s.position, len(to.items)/16)
		to.items = slices.Clone(to.items)
		for i, at := range places {
			part := v
			if !single {
				if v.kind != kindArray || len(v.items) != len(places) {
					r.p.failAt(s.value.pos, "want an array of %s", words.Count(len(places), "element"))
					return to
				}
				part = v.items[i]
			}
			to.items[at] = set(to.items[at], indices[1:], part)
		}
		return to
	}
	sym.value = set(sym.value, indices, v)
}

// replaced returns a value that takes the place of another one in an array: of the same shape, and of its
// type.
func (r *reader) replaced(pos position, sym *symbol, old, v value) value {
	if old.kind != kindArray {
		return r.castTo(pos, sym.base, sym.width, v, false)
	}
	if v.kind != kindArray || len(v.items) != len(old.items) {
		r.p.failAt(pos, "want an array of %s, got %s", words.Count(len(old.items), "element"), r.describe(v))
		return v
	}
	out := value{kind: kindArray, items: make([]value, len(v.items))}
	for i, item := range v.items {
		out.items[i] = r.replaced(pos, sym, old.items[i], item)
	}
	return out
}
