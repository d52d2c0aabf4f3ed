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
	base    string // type of the elements of an array, of size width
	routine *defStmt
	whole   bool  // an alias of bits: slots are all that there is
	looped  bool  // declared in a loop that depends on bits
	open    []bit // those of slots, while they are not known
}

// scope is what names mean in a block.
type scope struct {
	names  map[string]*symbol
	outer  *scope
	stored int  // memory of the variables
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
	if n := variableSize(s); r.store(pos, n) {
		r.scope.stored += n
	}
	r.scope.names[s.name] = s
	return s
}

// inScope runs f in a new scope.
func (r *reader) inScope(inner *scope, f func()) {
	inner.outer, inner.names = r.scope, map[string]*symbol{}
	r.scope = inner
	f()
	r.scope = inner.outer
	r.stored -= inner.stored
}

// emit adds an instruction.
func (r *reader) emit(in circuit.Instruction) { r.emitTo(r.lists[len(r.lists)-1], in) }

func (r *reader) emitTo(l *list, in circuit.Instruction) {
	size := operationSize(in.Operation) + len(in.Bits)/16 + conditionSize(in.When, r.most-r.stored)
	if r.store(position{in.Line, 1}, size) {
		l.add(in)
	}
}

// note records what is taken for granted or left out, once.
func (r *reader) note(pos position, text string) {
	if r.options.Strict {
		r.p.failAt(pos, "%s, which Strict does not allow", text)
	}
	if !r.noted[text] {
		r.noted[text] = true
		r.d.Notes = append(r.d.Notes, circuit.Note{Line: pos.line, Text: text})
	}
}

// newBits makes bits of the program, and returns the first one.
func (r *reader) newBits(pos position, name string, n int, single bool) []int {
	unique := name
	for r.registers[unique] > 0 {
		r.registers[name]++
		unique = name + "_" + itoa(r.registers[name])
	}
	r.registers[unique] = 1
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
		s.value.single = s.width == 0
		s.forget()
		return
	}
	for i, b := range s.value.bits {
		if b.when != nil || b.on || s.looped {
			r.emitTo(r.lists[s.dynamic], circuit.Instruction{Kind: circuit.Assign, Line: pos.line,
				Bits: s.slots[i : i+1], When: b.condition()})
		}
	}
	s.forget()
}

// slotBit returns a bit of a variable that has its place in the program, as what the program holds.
func (s *symbol) slotBit(at int) bit {
	if s.open != nil {
		return s.open[at]
	}
	return slotBit(s.slots[at])
}

// forget makes the bits of a variable unknown.
func (s *symbol) forget() {
	if s.open == nil {
		s.open = make([]bit, len(s.slots))
		for i, slot := range s.slots {
			s.open[i] = slotBit(slot)
		}
	}
	s.value.kind, s.value.bits = kindBits, s.open
}

// setBits assigns bits to some of those of a variable.
func (r *reader) setBits(pos position, s *symbol, places []int, bits []bit) {
	r.work(pos, len(s.value.bits)/64)
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
			fresh[at] = s.slotBit(at)
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
