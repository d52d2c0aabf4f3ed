package qasm

import (
	"iter"

	"github.com/hqvit/hqvit/qops/circuit"
)

// leave carries out break, continue, return and end.
func (r *reader) leave(pos position, how string) {
	from := 0
	switch how {
	case "return":
		if from = r.returns; r.calls == 0 {
			r.p.failAt(pos, "return stands only in a subroutine")
			return
		}
	case "break", "continue":
		if from = r.cycles; from == 0 {
			r.p.failAt(pos, "%s stands only in a loop whose turns are known while the program is read", how)
			return
		}
	case "end":
		from = 1
	}
	if from < len(r.lists) {
		r.p.failAt(pos, "%s under a condition on measured bits is not supported", how)
		return
	}
	r.jump = how
}

// turn carries out the body of a loop once, and tells whether to go on.
func (r *reader) turn(body []stmt, begin func()) bool {
	saved := r.cycles
	r.cycles = len(r.lists)
	r.inScope(&scope{}, func() {
		begin()
		r.body(body)
	})
	r.cycles = saved
	switch r.jump {
	case "continue":
		r.jump = ""
	case "break":
		r.jump = ""
		return false
	}
	return r.p.err == nil && r.jump == ""
}

// forLoop carries out a loop over known values.
func (r *reader) forLoop(s *forStmt) {
	over, size := r.values(s), r.sizeOf(s.typ)
	if r.p.err != nil {
		return
	}
	for v := range over {
		if !r.spend(s.position, 1) {
			return
		}
		v = r.cast(s.name.pos, s.typ, v, false)
		goOn := r.turn(s.body, func() {
			if r.p.err == nil {
				r.declare(s.name.pos, &symbol{name: s.name.text, typ: s.typ.name, width: size, value: v})
			}
		})
		if !goOn {
			return
		}
	}
}

// values returns what a loop goes over, one by one. These are the values before the loop, of measured bits
// too.
func (r *reader) values(s *forStmt) iter.Seq[value] {
	var v value
	var numbers span
	e := s.over
	if e.op == opRange {
		numbers = r.rangeOf(e, 0)
	} else if v = r.eval(e); v.kind != kindArray && v.kind != kindBits {
		r.p.failAt(e.pos, "want a range, a set, bits or an array to go over, got %s", r.describe(v))
	}
	if v.measured() && len(r.assigned(e.pos, s.body)) > 0 {
		fresh := make([]bit, len(v.bits))
		for i, slot := range r.newBits(e.pos, s.name.text, len(v.bits), false) {
			fresh[i] = slotBit(slot)
			r.emit(circuit.Instruction{Kind: circuit.Assign, Line: e.pos.line, Bits: []int{slot},
				When: v.bits[i].condition()})
		}
		v.bits = fresh
	}
	return func(yield func(value) bool) {
		for _, item := range v.items {
			if !yield(item) {
				return
			}
		}
		for _, b := range v.bits {
			if !yield(boolean(b)) {
				return
			}
		}
		for n := range numbers.each() {
			if !yield(integer(n)) {
				return
			}
		}
	}
}

// branch carries out if: the part that is known, or both with the condition.
func (r *reader) branch(pos position, cond value, at *expr, then, els []stmt) {
	b, ok := cond.truth()
	switch {
	case r.p.err != nil:
	case !ok:
		r.p.failAt(at.pos, "want a condition, got %s", r.describe(cond))
	case b.when == nil && b.on:
		r.inScope(&scope{}, func() { r.body(then) })
	case b.when == nil:
		r.inScope(&scope{}, func() { r.body(els) })
	case r.gate:
		r.p.failAt(pos, "the body of a gate holds gates only")
	default:
		r.dynamicBranch(pos, b.when, func() { r.body(then) }, func() { r.body(els) }, then, els)
	}
}

// dynamicBranch carries out both parts of a branch, each from the same values of variables, of which what is
// assigned in one of them is not known afterwards.
func (r *reader) dynamicBranch(pos position, when *circuit.Condition, then, els func(), bodies ...[]stmt) {
	variables := r.assigned(pos, bodies...)
	before := make([][]bit, len(variables))
	for i, s := range variables {
		before[i] = s.value.bits
	}
	in := circuit.Instruction{Kind: circuit.Branch, Line: pos.line, When: when}
	in.Then = r.collect(then)
	for i, s := range variables {
		s.value.bits = before[i]
	}
	in.Else = r.collect(els)
	for _, s := range variables {
		s.forget()
	}
	if len(in.Then) > 0 || len(in.Else) > 0 {
		r.emit(in)
	}
}

// collect returns the instructions of f.
func (r *reader) collect(f func()) []circuit.Instruction {
	var out list
	if len(r.lists) > maxNesting {
		r.p.failAt(r.p.tok.pos, "more than %d conditions inside each other", maxNesting)
		return nil
	}
	r.lists = append(r.lists, &out)
	r.inScope(&scope{}, f)
	r.lists = r.lists[:len(r.lists)-1]
	return out.all()
}

// while carries out a loop: turn by turn as long as its condition is known, else as a loop of the program.
func (r *reader) while(s *whileStmt) {
	for r.p.err == nil && r.jump == "" {
		if !r.runs(s) {
			b, ok := r.eval(s.cond).truth()
			switch {
			case r.p.err != nil:
				return
			case !ok:
				r.p.failAt(s.cond.pos, "want a condition")
				return
			case b.when == nil:
				if !b.on || !r.spend(s.position, 1) || !r.turn(s.body, func() {}) {
					return
				}
				continue
			}
		}
		if r.gate {
			r.p.failAt(s.position, "the body of a gate holds gates only")
			return
		}
		r.dynamicLoop(s)
		return
	}
}

// dynamicLoop adds a loop to the program, before and in which nothing is known of what its body assigns.
func (r *reader) dynamicLoop(s *whileStmt) {
	variables := r.assigned(s.position, s.body)
	for _, v := range variables {
		v.forget()
	}
	b, ok := r.eval(s.cond).truth()
	if r.p.err != nil || !ok || b.when == nil {
		r.p.failAt(s.cond.pos, "want a condition on bits")
		return
	}
	saved := r.cycles
	r.cycles = 0
	r.loops++
	body := r.collect(func() { r.body(s.body) })
	r.loops--
	r.cycles = saved
	for _, v := range variables {
		v.forget()
	}
	r.emit(circuit.Instruction{Kind: circuit.Repeat, Line: s.line, When: b.when, Then: body})
}

// choose carries out switch: the case that is known, or a chain of branches.
func (r *reader) choose(s *switchStmt) {
	v := r.eval(s.value)
	if r.p.err == nil && v.kind != kindInt && v.kind != kindBits {
		r.p.failAt(s.value.pos, "switch: want a whole number or bits, got %s", r.describe(v))
	}
	r.chooseFrom(s, v, s.cases)
}

func (r *reader) chooseFrom(s *switchStmt, v value, cases []switchCase) {
	if len(cases) == 0 || r.p.err != nil {
		return
	}
	c, rest := cases[0], cases[1:]
	if c.labels == nil {
		if len(rest) > 0 {
			r.p.failAt(s.position, "switch: want default as the last case")
			return
		}
		r.inScope(&scope{}, func() { r.body(c.body) })
		return
	}
	when := knownBit(false)
	for _, label := range c.labels {
		n, ok := r.wholeOf(label)
		if !ok {
			return
		}
		equal := knownBit(v.n == n)
		if v.kind == kindBits {
			equal = v.equals(n)
		}
		when = joined(circuit.Or, when, equal)
	}
	switch {
	case when.when == nil && when.on:
		r.inScope(&scope{}, func() { r.body(c.body) })
	case when.when == nil:
		r.chooseFrom(s, v, rest)
	case r.gate:
		r.p.failAt(s.position, "the body of a gate holds gates only")
	default:
		bodies := [][]stmt{c.body}
		for _, other := range rest {
			bodies = append(bodies, other.body)
		}
		r.dynamicBranch(s.position, when.when, func() { r.body(c.body) }, func() { r.chooseFrom(s, v, rest) },
			bodies...)
	}
}
