package qasm

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"strings"

	"github.com/hqvit/hqvit/qops/circuit"
)

// compare returns whether a relation holds.
func (r *reader) compare(e *expr, a, b value) bit {
	sign := e.text
	if a.kind != kindBits && b.kind == kindBits {
		a, b = b, a
		sign = map[string]string{"<": ">", ">": "<", "<=": ">=", ">=": "<="}[sign]
		if sign == "" {
			sign = e.text
		}
	}
	if a.kind == kindBits {
		if _, known := a.known(); !known { // measured, or too large for a number
			return r.compareBits(e, sign, a, b)
		}
	}
	if m, n, ok := bothWhole(a, b); ok {
		return related(sign, cmp.Compare(m, n))
	}
	x, ok := a.real()
	y, also := b.real()
	if !ok || !also {
		if b.kind == kindBits {
			return r.compareBits(e, map[string]string{"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==",
				"!=": "!="}[sign], b, a)
		}
		r.p.failAt(e.pos, "want numbers on both sides of %s, got %s and %s", e.text, r.describe(a),
			r.describe(b))
		return bit{}
	}
	if math.IsNaN(x) || math.IsNaN(y) {
		return knownBit(sign == "!=")
	}
	return related(sign, cmp.Compare(x, y))
}

// related tells whether a relation holds of which cmp.Compare has found the order.
func related(sign string, order int) bit {
	return knownBit(map[string]bool{"==": order == 0, "!=": order != 0, "<": order < 0, "<=": order <= 0,
		">": order > 0, ">=": order >= 0}[sign])
}

// compareBits compares bits that are not known with a number, or with other bits for being equal.
func (r *reader) compareBits(e *expr, sign string, a, b value) bit {
	if n := longNumber(e.args); n != nil && (sign == "==" || sign == "!=") {
		equal := a.equalsLong(n)
		if sign == "!=" {
			return equal.not()
		}
		return equal
	}
	n, ok := b.whole()
	if ok && b.kind == kindFloat && float64(n) != b.x {
		ok = false
	}
	switch {
	case ok && sign == "==":
		return a.equals(n)
	case ok && sign == "!=":
		return a.equals(n).not()
	case ok && sign == "<":
		return a.less(n)
	case ok && sign == ">=":
		return a.less(n).not()
	case ok && n == math.MaxInt64:
		return knownBit(sign == "<=")
	case ok && sign == "<=":
		return a.less(n + 1)
	case ok:
		return a.less(n + 1).not()
	case b.kind == kindBits && len(a.bits) == len(b.bits) && (sign == "==" || sign == "!="):
		out := knownBit(true)
		for i := range a.bits {
			out = joined(circuit.And, out, joined(circuit.Xor, a.bits[i], b.bits[i]).not())
		}
		if a.signed != b.signed { // the same bits are two numbers
			out = joined(circuit.And, out, a.bits[len(a.bits)-1].not())
		}
		if sign == "!=" {
			return out.not()
		}
		return out
	}
	r.p.failAt(e.pos, "measured bits can be compared with a whole number, or for equality with as many bits")
	return bit{}
}

// longNumber returns the one of the expressions that is a whole number of more than 63 bits, nil if none is.
func longNumber(all []*expr) *big.Int {
	for _, e := range all {
		if e.op == opNumber && !e.number.whole {
			base := 10
			if len(e.text) > 1 && strings.ContainsAny(e.text[1:2], "xXbBo") {
				base = 0
			}
			if n, ok := new(big.Int).SetString(strings.ToLower(strings.ReplaceAll(e.text, "_", "")), base); ok {
				return n
			}
		}
	}
	return nil
}

// equalsLong returns whether the bits are a number that is not negative, a part of them after the other.
func (v value) equalsLong(n *big.Int) bit {
	const part = 62
	out, rest := knownBit(!v.signed), new(big.Int).Set(n)
	mask := big.NewInt(1<<part - 1)
	for from := 0; from < len(v.bits); from += part {
		bits := value{kind: kindBits, bits: v.bits[from:min(from+part, len(v.bits))]}
		out = joined(circuit.And, out, bits.equals(new(big.Int).And(rest, mask).Int64()))
		rest.Rsh(rest, part)
	}
	if rest.Sign() != 0 {
		return knownBit(false)
	}
	return out
}

// bitwise returns &, |, ^, << and >> of integers or of bits.
func (r *reader) bitwise(e *expr, a, b value) value {
	shift := e.text == "<<" || e.text == ">>"
	if a.kind == kindInt && (b.kind == kindInt || shift) {
		n, ok := b.whole()
		if !ok || shift && (n < 0 || n > 63) {
			r.p.failAt(e.pos, "%s: want a shift by 0 to 63, got %s", e.text, r.describe(b))
			return value{}
		}
		out := value{kind: kindInt, typed: a.typed || b.typed}
		switch e.text {
		case "&":
			out.n = a.n & n
		case "|":
			out.n = a.n | n
		case "^":
			out.n = a.n ^ n
		case "<<":
			if out.n = a.n << n; out.n>>n != a.n {
				return value{kind: kindFloat, x: math.Ldexp(float64(a.n), int(n)),
					beyond: &overflow{e.pos, fmt.Sprintf("%d << %d", a.n, n)}}
			}
		case ">>":
			out.n = a.n >> n
		}
		return out
	}
	if shift && a.kind == kindBits {
		by, ok := b.whole()
		if !ok || by < 0 {
			r.p.failAt(e.pos, "want a shift by a known number, at least 0")
			return value{}
		}
		out := a
		out.bits = make([]bit, len(a.bits))
		for i := range a.bits {
			from := int64(i) - by
			if e.text == ">>" {
				from = int64(i) + by
			}
			if from >= 0 && from < int64(len(a.bits)) {
				out.bits[i] = a.bits[from]
			}
		}
		return out
	}
	if shift || a.kind != kindBits && b.kind != kindBits {
		r.p.failAt(e.pos, "want integers or bits for %s, got %s and %s", e.text, r.describe(a), r.describe(b))
		return value{}
	}
	return r.joinBits(e, a, b)
}

// joinBits returns &, | or ^ bit by bit.
func (r *reader) joinBits(e *expr, a, b value) value {
	widen := func(v value, n int) value {
		if k, ok := v.whole(); v.kind != kindBits && ok {
			v = value{kind: kindBits}
			for i := range n {
				v.bits = append(v.bits, knownBit(k>>min(i, 63)&1 == 1))
			}
		}
		return v
	}
	a, b = widen(a, len(b.bits)), widen(b, len(a.bits))
	if a.kind != kindBits || b.kind != kindBits || len(a.bits) != len(b.bits) {
		r.p.failAt(e.pos, "want as many bits on both sides of %s, got %d and %d", e.text, len(a.bits),
			len(b.bits))
		return value{}
	}
	relation := map[string]circuit.Relation{"&": circuit.And, "|": circuit.Or, "^": circuit.Xor}[e.text]
	out := value{kind: kindBits, single: a.single && b.single}
	for i := range a.bits {
		out.bits = append(out.bits, joined(relation, a.bits[i], b.bits[i]))
	}
	return out
}
