package qasm

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/hqvit/hqvit/qops/circuit"
)

// branch writes if.
func (w *writer) branch(in *circuit.Instruction, prefix string) {
	if w.version == 3 {
		w.print("%sif (%s) {\n", prefix, w.d.ConditionText(in.When))
		w.body(in.Then, prefix+"  ")
		if len(in.Else) > 0 {
			w.print("%s} else {\n", prefix)
			w.body(in.Else, prefix+"  ")
		}
		w.print("%s}\n", prefix)
		return
	}
	name, value, ok := w.wholeRegister(in.When)
	switch {
	case prefix != "":
		w.failAt(in, "OpenQASM 2 has no conditions inside each other")
	case !ok:
		w.failAt(in, "OpenQASM 2 compares whole registers with numbers only, got %s",
			w.d.ConditionText(in.When))
	case len(in.Else) > 0:
		w.failAt(in, "OpenQASM 2 has no else")
	}
	for i := range in.Then {
		for _, b := range in.Then[i].Bits {
			if i < len(in.Then)-1 && w.changes(in.When, b) {
				w.failAt(in, "OpenQASM 2 has conditions on single operations, and here one changes that of "+
					"the others")
			}
		}
	}
	if w.err == nil {
		w.body(in.Then, fmt.Sprintf("if (%s == %v) ", name, value))
	}
}

func (w *writer) changes(c *circuit.Condition, bit int) bool {
	found := false
	c.Each(func(b int) { found = found || b == bit })
	return found
}

// wholeRegister returns the register and the number that a condition compares it with, if it is of that form,
// or of bits one by one that make a register together.
func (w *writer) wholeRegister(c *circuit.Condition) (string, *big.Int, bool) {
	want := map[int]bool{}
	var collect func(c *circuit.Condition, holds bool) bool
	collect = func(c *circuit.Condition, holds bool) bool {
		switch {
		case c.Relation == circuit.Not:
			return collect(c.Of[0], !holds)
		case c.Relation == circuit.And && holds:
			return !slices.ContainsFunc(c.Of, func(o *circuit.Condition) bool { return !collect(o, true) })
		case c.Relation != circuit.Equal || !holds && len(c.Bits) != 1:
			return false
		}
		for i, b := range c.Bits {
			on := c.Value>>min(i, 63)&1 == 1
			if !holds {
				on = !on
			}
			if old, ok := want[b]; ok && old != on {
				return false
			}
			want[b] = on
		}
		return c.Signed || c.Value>>min(len(c.Bits), 63) == 0
	}
	if !collect(c, true) {
		return "", nil, false
	}
	at := 0
	for _, r := range w.d.BitRegisters {
		value, found := new(big.Int), 0
		for i := range r.Size {
			on, ok := want[at+i]
			if ok {
				found++
			}
			if on {
				value.SetBit(value, i, 1)
			}
		}
		if at += r.Size; found == r.Size && found == len(want) {
			return r.Name, value, true
		}
	}
	return "", nil, false
}
