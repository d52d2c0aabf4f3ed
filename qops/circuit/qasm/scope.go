package qasm

import (
	"github.com/hqvit/hqvit/qops/circuit"
)

// symbol is what a name means: a classical variable, qubits, or a subroutine.
type symbol struct {
	name  string
	typ   string // of a variable, "qubits", "def" or "extern"
	width int    // of a variable, 0: none
	value value
	fixed bool // const: it keeps its value, and gates and subroutines see it

	// Bits that the program holds while it runs. Those of a variable whose value is known are made when a
	// value that is not known comes in.
	slots   []int
	aliased bool // by another name: what is known of it may be wrong
	dynamic int  // how many branches and loops that depend on bits it was declared in
	dims    []int
	routine *defStmt
	whole   bool // an alias of bits: slots are all that there is
	looped  bool // declared in a loop that depends on bits
}

// scope is what names mean in a block.
type scope struct {
	names  map[string]*symbol
	outer  *scope
	sealed bool // a gate or a subroutine: of what is outside, only constants, qubits and subroutines are seen
	gate   bool // no qubits either
}

func (s *scope) find(name string) *symbol {
	sealed, gate := false, false
	for ; s != nil; s = s.outer {
		if sym := s.names[name]; sym != nil {
			if sealed && !sym.fixed && sym.typ != "def" && sym.typ != "extern" && (gate ||
				sym.typ != "qubits") {
				return nil
			}
			return sym
		}
		sealed, gate = sealed || s.sealed, gate || s.gate
	}
	return nil
}

// declare gives a name a meaning in the innermost scope.
func (r *reader) declare(pos position, s *symbol) *symbol {
	_, gate := r.defined[s.name]
	if old := r.scope.names[s.name]; old != nil || gate && r.p.version == 3 && r.scope.outer == nil {
		r.p.failAt(pos, "the name %q is taken", s.name)
	}
	s.dynamic, s.looped = len(r.lists)-1, r.loops > 0
	r.scope.names[s.name] = s
	return s
}

// inScope runs f in a new scope.
func (r *reader) inScope(inner *scope, f func()) {
	inner.outer, inner.names = r.scope, map[string]*symbol{}
	r.scope = inner
	f()
	r.scope = inner.outer
}

// emit adds an instruction.
func (r *reader) emit(in circuit.Instruction) {
	if r.spend(position{in.Line, 1}, 1) {
		list := r.lists[len(r.lists)-1]
		*list = append(*list, in)
	}
}

// spend counts the work of a program, which loops and definitions can make exponential.
func (r *reader) spend(pos position, steps int) bool {
	if r.steps += steps; r.steps > maxSteps {
		r.p.failAt(pos, "the program comes to more than %d gates and turns of loops", maxSteps)
	}
	return r.p.err == nil
}

// note records what is taken for granted or left out, once.
func (r *reader) note(pos position, text string) {
	if !r.noted[text] {
		r.noted[text] = true
		r.d.Notes = append(r.d.Notes, circuit.Note{Line: pos.line, Text: text})
	}
}

// newBits makes bits of the program, and returns the first one.
func (r *reader) newBits(pos position, name string, n int, single bool) []int {
	unique := name
	for i := 2; r.registers[unique]; i++ {
		unique = name + "_" + itoa(i)
	}
	r.registers[unique] = true
	out := register(r.bits, n)
	if r.bits += n; r.bits > maxRegisters {
		r.p.failAt(pos, "want at most %d bits", maxRegisters)
	}
	r.d.BitRegisters = append(r.d.BitRegisters, circuit.Register{Name: unique, Size: n, Single: single})
	return out
}

// hold gives a variable of bits its place in the program.
func (r *reader) hold(pos position, s *symbol) {
	if s.slots != nil || r.p.err != nil {
		return
	}
	s.slots = r.newBits(pos, s.name, max(1, s.width), s.width == 0)
	if s.value.kind == kindNone {
		s.value = value{kind: kindBits, single: s.width == 0}
		for _, slot := range s.slots {
			s.value.bits = append(s.value.bits, slotBit(slot))
		}
		return
	}
	list := r.lists[s.dynamic]
	for i, b := range s.value.bits {
		if b.when != nil || b.on || s.looped {
			*list = append(*list, circuit.Instruction{Kind: circuit.Assign, Line: pos.line,
				Bits: s.slots[i : i+1], When: b.condition()})
		}
	}
	s.forget()
}

// forget makes the bits of a variable unknown.
func (s *symbol) forget() {
	bits := make([]bit, len(s.slots))
	for i, slot := range s.slots {
		bits[i] = slotBit(slot)
	}
	s.value.kind, s.value.bits = kindBits, bits
}

// setBits assigns bits to some of those of a variable.
func (r *reader) setBits(pos position, s *symbol, places []int, bits []bit) {
	known := true
	for _, b := range bits {
		known = known && b.when == nil
	}
	if known && s.slots == nil && s.dynamic == len(r.lists)-1 && s.value.kind == kindBits {
		fresh := append([]bit(nil), s.value.bits...)
		for i, at := range places {
			fresh[at] = bits[i]
		}
		s.value.bits = fresh
		return
	}
	r.hold(pos, s)
	if r.p.err != nil {
		return
	}
	bits = r.apart(pos, s, places, bits)
	fresh := append([]bit(nil), s.value.bits...)
	for i, at := range places {
		slot := s.slots[at]
		if bits[i].slot() != slot {
			r.emit(circuit.Instruction{Kind: circuit.Assign, Line: pos.line, Bits: []int{slot},
				When: bits[i].condition()})
		}
		if fresh[at] = bits[i]; bits[i].when != nil || s.aliased {
			fresh[at] = slotBit(slot)
		}
	}
	s.value.bits = fresh
}

// apart returns the bits that are assigned together; where one depends on another that is assigned before it,
// they go through bits of their own.
func (r *reader) apart(pos position, s *symbol, places []int, bits []bit) []bit {
	written, hazard := map[int]bool{}, false
	for i, at := range places {
		if bits[i].when != nil {
			bits[i].when.Each(func(b int) { hazard = hazard || written[b] })
		}
		written[s.slots[at]] = true
	}
	if !hazard {
		return bits
	}
	out := make([]bit, len(bits))
	for i, slot := range r.newBits(pos, s.name+"_new", len(bits), false) {
		r.emit(circuit.Instruction{Kind: circuit.Assign, Line: pos.line, Bits: []int{slot},
			When: bits[i].condition()})
		out[i] = slotBit(slot)
	}
	return out
}
