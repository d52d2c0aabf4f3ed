package circuit

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// Relation says what a Condition compares or joins.
type Relation uint8

// The relations of conditions.
const (
	Equal Relation = iota // the number of Bits is Value
	Less                  // the number of Bits is less than Value
	Not                   // the one of Of does not hold
	And                   // all of Of hold; without any it holds
	Or                    // one of Of holds; without any it does not
	Xor                   // an odd number of Of hold
)

// Condition is a statement about classical bits. Equal and Less read Bits as a number, the least significant
// bit first, negative where Signed is set and the last bit is 1; the others join conditions.
type Condition struct {
	Relation Relation
	Bits     []int
	Signed   bool
	Value    int64
	Of       []*Condition
}

// maxConditions bounds how deep conditions may stand inside each other.
const maxConditions = 10000

// Holds tells whether the condition holds for the given values of all bits; those that are missing are 0.
func (c *Condition) Holds(bits []bool) bool {
	if c == nil {
		return false
	}
	switch c.Relation {
	case Not:
		return len(c.Of) > 0 && !c.Of[0].Holds(bits)
	case And:
		return !slices.ContainsFunc(c.Of, func(o *Condition) bool { return !o.Holds(bits) })
	case Or:
		return slices.ContainsFunc(c.Of, func(o *Condition) bool { return o.Holds(bits) })
	case Xor:
		odd := false
		for _, o := range c.Of {
			odd = odd != o.Holds(bits)
		}
		return odd
	}
	var low uint64
	beyond := false // a bit that an int64 does not hold
	last := len(c.Bits) - 1
	for i, b := range c.Bits {
		switch {
		case b < 0 || b >= len(bits) || !bits[b]:
		case i == last && c.Signed && i < 64:
			low -= 1 << i
		case i < 63:
			low |= 1 << i
		default:
			beyond = true
		}
	}
	if c.Relation == Less {
		return !beyond && int64(low) < c.Value
	}
	return !beyond && int64(low) == c.Value
}

// Each calls f for every bit of the condition.
func (c *Condition) Each(f func(bit int)) {
	if c == nil {
		return
	}
	for _, b := range c.Bits {
		f(b)
	}
	for _, o := range c.Of {
		o.Each(f)
	}
}

func (c *Condition) check(bits, depth int) error {
	compares := c.Relation == Equal || c.Relation == Less
	switch {
	case depth > maxConditions:
		return errors.Errorf("more than %d conditions inside each other", maxConditions)
	case c.Relation > Xor:
		return errors.Errorf("relation %d is none of Equal, Less, Not, And, Or, Xor", c.Relation)
	case compares && (len(c.Of) > 0 || len(c.Bits) == 0), !compares && len(c.Bits) > 0,
		c.Relation == Not && len(c.Of) != 1:
		return errors.New("want bits to compare, or conditions to join (one for Not)")
	}
	for _, b := range c.Bits {
		if b < 0 || b >= bits {
			return errors.Errorf("bit %d of the condition out of range [0,%d)", b, bits)
		}
	}
	for _, o := range c.Of {
		if o == nil {
			return errors.New("a condition is nil")
		}
		if err := o.check(bits, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// Negated returns the opposite.
func (c *Condition) Negated() *Condition {
	if c != nil && c.Relation == Not && len(c.Of) == 1 {
		return c.Of[0]
	}
	return &Condition{Relation: Not, Of: []*Condition{c}}
}

// ConditionText returns the condition as OpenQASM 3 writes it: c == 5, c[0] == 1 && !(d < 3). A whole
// register is written by its name, uint and int casts where its bits are compared as a number.
//
// It returns the text of the error for a condition that does not fit.
func (d *Dynamic) ConditionText(c *Condition) string {
	err := errors.New("circuit: the condition is nil")
	if c != nil {
		err = c.check(d.Bits(), 0)
	}
	if err != nil {
		return err.Error()
	}
	return d.text(c, false)
}

func (d *Dynamic) text(c *Condition, inside bool) string {
	joined := func(sign string, empty string) string {
		if len(c.Of) == 0 {
			return empty
		}
		parts := make([]string, len(c.Of))
		for i, o := range c.Of {
			parts[i] = d.text(o, len(c.Of) > 1)
		}
		s := strings.Join(parts, " "+sign+" ")
		if inside && len(parts) > 1 {
			s = "(" + s + ")"
		}
		return s
	}
	switch c.Relation {
	case And:
		return joined("&&", "true")
	case Or:
		return joined("||", "false")
	case Xor:
		return joined("^", "false")
	case Not:
		o := c.Of[0]
		if o.Relation == Equal {
			if s, ok := d.comparison(o, "!="); ok {
				return parenthesized(s, inside)
			}
		}
		if o.Relation == Less {
			if s, ok := d.comparison(o, ">="); ok {
				return parenthesized(s, inside)
			}
		}
		s := d.text(o, true)
		if s[0] != '(' {
			s = "(" + s + ")"
		}
		return "!" + s
	}
	sign := "=="
	if c.Relation == Less {
		sign = "<"
	}
	s, ok := d.comparison(c, sign)
	if !ok {
		s = d.apart(c)
	}
	return parenthesized(s, inside)
}

func parenthesized(s string, inside bool) string {
	if inside {
		return "(" + s + ")"
	}
	return s
}

// comparison returns the comparison of a run of bits of one register, false for other bits.
func (d *Dynamic) comparison(c *Condition, sign string) (string, bool) {
	value := strconv.FormatInt(c.Value, 10)
	if len(c.Bits) == 1 && !c.Signed && (c.Relation == Equal || c.Value == 1 || c.Value == 0) {
		return d.BitName(c.Bits[0]) + " " + sign + " " + value, true
	}
	first := c.Bits[0]
	for i, b := range c.Bits {
		if b != first+i {
			return "", false
		}
	}
	at := 0
	for _, r := range d.BitRegisters {
		if at <= first && first+len(c.Bits) <= at+r.Size {
			name := r.Name
			whole := len(c.Bits) == r.Size
			if !whole {
				name += "[" + strconv.Itoa(first-at) + ":" + strconv.Itoa(first-at+len(c.Bits)-1) + "]"
			}
			switch {
			case c.Signed:
				name = "int[" + strconv.Itoa(len(c.Bits)) + "](" + name + ")"
			case c.Relation == Less || !whole:
				name = "uint[" + strconv.Itoa(len(c.Bits)) + "](" + name + ")"
			}
			return name + " " + sign + " " + value, true
		}
		at += r.Size
	}
	return "", false
}

// apart returns a comparison of bits that are no run of a register, bit by bit: from the least significant
// one on, each of which decides unless a later one does.
func (d *Dynamic) apart(c *Condition) string {
	n, s := len(c.Bits), ""
	switch low, high := c.bounds(); {
	case c.Relation == Less && c.Value > high:
		return "true"
	case c.Relation == Less && c.Value <= low, c.Relation == Equal && (c.Value < low || c.Value > high):
		return "false"
	}
	for i, b := range c.Bits {
		on := c.Value>>min(i, 63)&1 == 1
		sign := c.Signed && i == n-1
		is := func(one bool) string {
			if one {
				return d.BitName(b) + " == 1"
			}
			return d.BitName(b) + " == 0"
		}
		switch {
		case c.Relation == Equal && i == 0:
			s = is(on)
		case c.Relation == Equal:
			s += " && " + is(on)
		case s == "" && on != sign: // the first bit that may be less
			s = is(sign)
		case s == "":
		case on != sign:
			s = is(sign) + " || " + s
		default:
			s = is(sign) + " && (" + s + ")"
		}
	}
	return s
}

// bounds returns the smallest and the largest number of the bits, as far as an int64 goes.
func (c *Condition) bounds() (low, high int64) {
	n := len(c.Bits)
	switch {
	case c.Signed && n <= 63:
		return -1 << (n - 1), 1<<(n-1) - 1
	case c.Signed:
		return math.MinInt64, math.MaxInt64
	case n <= 62:
		return 0, 1<<n - 1
	}
	return 0, math.MaxInt64
}
