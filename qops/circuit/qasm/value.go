package qasm

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/hqvit/hqvit/qops/circuit"
)

// value is what an expression comes to while a program is read.
type value struct {
	kind   valueKind
	n      int64         // kindInt
	typed  bool          // kindInt: of a variable, not of literals alone: its quotients are whole
	x      float64       // kindFloat
	cut    bool          // kindFloat: a quotient of literals, which is whole where a whole number is wanted
	beyond *overflow     // kindFloat: why it is no integer, although it comes of integers
	angle  circuit.Angle // kindAngle: a multiple of an input plus a number
	bits   []bit         // kindBits: the least significant first
	signed bool          // kindBits: negative where the last one is 1
	single bool          // kindBits, kindQubits: not a register
	qubits []int         // kindQubits
	items  []value       // kindArray
}

// overflow is where integers came to one that is too large for 64 bits.
type overflow struct {
	pos  position
	text string // 4611686018427387904 * 4
}

type valueKind uint8

const (
	kindNone valueKind = iota // nothing yet
	kindInt
	kindFloat
	kindAngle
	kindBits // also of type bool
	kindQubits
	kindArray
	kindDuration
	kindUnknown // an input whose value is not known while reading
)

var kindNames = [...]string{"a variable without a value", "an integer", "a number", "an input", "bits",
	"qubits",
	"an array", "a duration", "an input whose value is not known while the program is read"}

// bit is one that is known, or a condition on the bits of the program.
type bit struct {
	on   bool
	when *circuit.Condition // nil: known
}

func knownBit(on bool) bit { return bit{on: on} }

// slotBit is a bit of the program.
func slotBit(slot int) bit {
	return bit{when: &circuit.Condition{Bits: []int{slot}, Value: 1}}
}

// slot returns which bit of the program it is, −1 for any other.
func (b bit) slot() int {
	if b.when != nil && b.when.Relation == circuit.Equal && len(b.when.Bits) == 1 && b.when.Value == 1 &&
		!b.when.Signed {
		return b.when.Bits[0]
	}
	return -1
}

// condition returns the condition under which the bit is 1.
func (b bit) condition() *circuit.Condition {
	switch {
	case b.when != nil:
		return b.when
	case b.on:
		return &circuit.Condition{Relation: circuit.And}
	}
	return &circuit.Condition{Relation: circuit.Or}
}

func (b bit) not() bit {
	if b.when == nil {
		return knownBit(!b.on)
	}
	return bit{when: b.when.Negated()}
}

// joined returns And, Or or Xor of two bits.
func joined(r circuit.Relation, a, b bit) bit {
	if a.when == nil {
		a, b = b, a
	}
	if b.when == nil { // known: it decides, or it does not matter
		switch {
		case r == circuit.Xor && b.on:
			return a.not()
		case r == circuit.And && !b.on, r == circuit.Or && b.on:
			return b
		}
		return a
	}
	of := func(c *circuit.Condition) []*circuit.Condition {
		if c.Relation == r {
			return c.Of
		}
		return []*circuit.Condition{c}
	}
	left := of(a.when)
	return bit{when: &circuit.Condition{Relation: r, Of: append(left[:len(left):len(left)], of(b.when)...)}}
}

func integer(n int64) value     { return value{kind: kindInt, n: n} }
func realValue(x float64) value { return value{kind: kindFloat, x: x} }
func boolean(b bit) value       { return value{kind: kindBits, bits: []bit{b}, single: true} }

// describe returns what the value is, for errors.
func (v value) describe() string {
	const much = ", which does not fit 63 bits and a sign"
	switch {
	case v.kind == kindInt:
		return "the integer " + strconv.FormatInt(v.n, 10)
	case v.kind == kindFloat && v.beyond != nil:
		return fmt.Sprintf("%s (line %d)%s", v.beyond.text, v.beyond.pos.line, much)
	case v.kind == kindFloat && math.Abs(v.x) >= 1<<63:
		return strconv.FormatFloat(v.x, 'g', -1, 64) + much
	case v.kind == kindFloat:
		return "the number " + strconv.FormatFloat(v.x, 'g', -1, 64)
	case v.kind == kindBits && !v.measured() && len(v.bits) > 62:
		return withSize("bit", len(v.bits)) + ", of which a 1 stands beyond the 63rd"
	}
	return kindNames[v.kind]
}

// measured tells whether there are bits that are not known.
func (v value) measured() bool {
	return slices.ContainsFunc(v.bits, func(b bit) bool { return b.when != nil })
}

// known tells whether the bits are all known, and their number.
func (v value) known() (int64, bool) {
	var n int64
	for i, b := range v.bits {
		switch {
		case b.when != nil:
			return 0, false
		case !b.on:
		case i == len(v.bits)-1 && v.signed && i < 64:
			n -= 1 << i
		case i < 63:
			n |= 1 << i
		default:
			return 0, false
		}
	}
	return n, true
}

// whole returns the value as an integer: a number loses its fraction, bits are a number.
func (v value) whole() (int64, bool) {
	switch v.kind {
	case kindInt:
		return v.n, true
	case kindFloat:
		exact := v.beyond == nil || math.Abs(v.x) < 1<<53 // 2**70 / 2**69 is
		if x := math.Trunc(v.x); exact && x >= -1<<63 && x < 1<<63 {
			return int64(x), true
		}
	case kindBits:
		return v.known()
	}
	return 0, false
}

// real returns the value as a real number.
func (v value) real() (float64, bool) {
	switch v.kind {
	case kindInt:
		return float64(v.n), true
	case kindFloat:
		return v.x, true
	case kindAngle:
		return v.angle.Shift, v.angle.Source == circuit.Constant
	case kindBits:
		n, ok := v.known()
		return float64(n), ok
	}
	return 0, false
}

// asAngle returns the value as an angle.
func (v value) asAngle() (circuit.Angle, bool) {
	if v.kind == kindAngle {
		return v.angle, true
	}
	x, ok := v.real()
	return circuit.Const(x), ok
}

// truth returns the value as one bit: whether it is not 0.
func (v value) truth() (bit, bool) {
	switch v.kind {
	case kindInt:
		return knownBit(v.n != 0), true
	case kindFloat:
		return knownBit(v.x != 0), true
	case kindBits:
		if len(v.bits) == 1 {
			return v.bits[0], true
		}
		return v.equals(0).not(), true
	}
	return bit{}, false
}

// slots returns the bits of the program that the bits are, nil if they are anything else.
func (v value) slots() []int {
	out := make([]int, len(v.bits))
	for i, b := range v.bits {
		if out[i] = b.slot(); out[i] < 0 {
			return nil
		}
	}
	return out
}

// equals returns whether the bits are a number.
func (v value) equals(n int64) bit {
	width := len(v.bits)
	if v.signed {
		width-- // that of the sign
	}
	all := v.slots()
	if v.signed || all == nil || n < 0 { // else it is left as the program says it
		if width < 63 && n>>width != 0 && !(v.signed && n>>width == -1) || !v.signed && n < 0 {
			return knownBit(false)
		}
	}
	if all != nil {
		c := &circuit.Condition{Bits: all, Value: n, Signed: v.signed && n < 0}
		if len(all) == 1 && !c.Signed {
			switch n {
			case 0:
				return slotBit(all[0]).not()
			case 1:
				return slotBit(all[0])
			}
			return knownBit(false)
		}
		return bit{when: c}
	}
	out := knownBit(true)
	for i, b := range v.bits {
		if n>>min(i, 63)&1 == 0 {
			b = b.not()
		}
		out = joined(circuit.And, out, b)
	}
	return out
}

// less returns whether the bits are less than a number.
func (v value) less(n int64) bit {
	if k, ok := v.known(); ok {
		return knownBit(k < n)
	}
	if all := v.slots(); all != nil {
		return bit{when: &circuit.Condition{Relation: circuit.Less, Bits: all, Value: n, Signed: v.signed}}
	}
	width := len(v.bits)
	low, high := int64(0), int64(math.MaxInt64)
	if width < 63 {
		high = 1<<width - 1
	}
	if v.signed && width < 63 {
		low, high = -1<<(width-1), 1<<(width-1)-1
	}
	switch {
	case n <= low:
		return knownBit(false)
	case n > high:
		return knownBit(true)
	}
	out := knownBit(false)
	for i, b := range v.bits { // a later one decides before an earlier one
		on, sign := n>>min(i, 63)&1 == 1, v.signed && i == width-1
		smaller := b.not()
		if sign {
			smaller = b
		}
		if on != sign {
			out = joined(circuit.Or, smaller, out)
		} else {
			out = joined(circuit.And, smaller, out)
		}
	}
	return out
}
