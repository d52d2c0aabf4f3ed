package qasm

import (
	"iter"
	"slices"

	"github.com/hqvit/hqvit/qops/circuit"
)

const (
	maxSource      = 64 << 20 // bytes of a program
	maxRegisters   = 1 << 17  // qubits, and bits
	maxOperands    = 1024     // qubits and angles of a gate
	maxModifiers   = 100      // of a gate
	maxDefinitions = 1000     // of gates inside each other
	maxCalls       = 100      // of subroutines inside each other
)

// A few lines can ask for more work, and for more memory, than there is: both are counted before anything is
// done. The unit of memory is a gate, with what else takes about 200 bytes.
var (
	maxSteps  = 1 << 22 // statements that are carried out and turns of loops, and terms by 16
	maxStored = 1 << 18 // gates; of a source of over 1 MiB one for each 4 bytes
)

// spend counts the work of a program, which loops and definitions can make exponential.
func (r *reader) spend(pos position, steps int) bool {
	if r.steps += steps; r.steps > maxSteps {
		r.p.failAt(pos, "the program comes to more than %d statements and turns of loops", maxSteps)
	}
	return r.p.err == nil
}

// work counts what is less than a step: 16 of it are one.
func (r *reader) work(pos position, n int) {
	if r.terms += n; r.terms >= 16 {
		r.spend(pos, r.terms/16)
		r.terms %= 16
	}
}

// store counts memory that stays. Where it does not, r.stored is set back.
func (r *reader) store(pos position, n int) bool {
	if r.stored += n; r.stored > r.most {
		r.p.failAt(pos, "the program comes to more than %d gates, with the elements of arrays and the terms of "+
			"conditions", r.most)
	}
	return r.p.err == nil
}

// fitsIn tells whether so much more memory could stay, for what is made of it to be given up soon.
func (r *reader) fitsIn(pos position, n int) bool {
	ok := r.store(pos, n)
	r.stored -= n
	return ok
}

// list is a run of instructions that grows in pieces, so that no larger copy of it stands beside it.
type list struct {
	full [][]circuit.Instruction
	last []circuit.Instruction
}

func (l *list) add(in circuit.Instruction) {
	const piece = 4096
	if len(l.last) == piece {
		l.full = append(l.full, l.last)
		l.last = make([]circuit.Instruction, 0, piece)
	}
	l.last = append(l.last, in)
}

// all returns the instructions, and forgets its pieces.
func (l *list) all() []circuit.Instruction {
	if len(l.full) == 0 {
		return l.last
	}
	return slices.Concat(append(l.full, l.last)...)
}

// operationSize returns the memory of an operation.
func operationSize(g circuit.Operation) int {
	return 1 + (len(g.Controls)+len(g.Qubits)+4*len(g.Angles))/16
}

// conditionSize returns the memory of a condition, counted no further than somewhat above most: conditions
// share parts, so that there may be many more ways through one than parts of it.
func conditionSize(c *circuit.Condition, most int) int {
	if c == nil {
		return 0
	}
	n := 1 + len(c.Bits)/16
	for _, o := range c.Of {
		if n > most {
			break
		}
		n += conditionSize(o, most-n)
	}
	return n
}

// fitsCondition checks bits that were computed.
func (r *reader) fitsCondition(pos position, v value) {
	n, room := 0, r.most-r.stored
	for _, b := range v.bits {
		if n <= room && b.when != nil {
			n += conditionSize(b.when, room-n)
		}
	}
	r.work(pos, n)
	r.fitsIn(pos, n)
}

// variableSize returns the memory of a variable, of an alias or of a parameter.
func variableSize(s *symbol) int {
	if s.typ == "array" {
		return elements(s.value)
	}
	return (max(s.width, len(s.value.bits))+len(s.slots))/8 + len(s.value.qubits)/16
}

// elements returns how many elements an array has, those of its elements with them.
func elements(v value) int {
	n := len(v.items)
	for _, item := range v.items {
		n += elements(item)
	}
	return n
}

// span is the numbers of a range, both ends included.
type span struct{ start, step, stop int64 }

// each goes over the numbers.
func (s span) each() iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for i := s.start; s.step > 0 && i <= s.stop || s.step < 0 && i >= s.stop; {
			next := i + s.step
			if !yield(i) || (next > i) != (s.step > 0) { // beyond an int64
				return
			}
			i = next
		}
	}
}
