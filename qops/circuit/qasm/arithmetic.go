package qasm

import (
	"fmt"
	"math"
	"slices"

	"github.com/hqvit/hqvit/qops/circuit"
)

// binary returns the value of an operator between two expressions.
func (r *reader) binary(e *expr) value {
	a := r.eval(e.args[0])
	if e.text == "&&" || e.text == "||" {
		return r.logical(e, a)
	}
	b := r.eval(e.args[1])
	if r.p.err != nil {
		return value{}
	}
	if e.text == "++" && a.kind == kindArray && b.kind == kindArray {
		r.fitsIn(e.pos, len(a.items)+len(b.items))
		return value{kind: kindArray, items: slices.Concat(a.items, b.items)}
	}
	if e.text == "++" || a.kind == kindQubits || b.kind == kindQubits || a.kind == kindArray ||
		b.kind == kindArray {
		r.p.failAt(e.pos, "%s between %s and %s", e.text, r.describe(a), r.describe(b))
		return value{}
	}
	switch e.text {
	case "==", "!=", "<", "<=", ">", ">=":
		return boolean(r.compare(e, a, b))
	case "&", "|", "^", "<<", ">>":
		if r.p.version == 3 {
			return r.bitwise(e, a, b)
		}
	}
	return r.arithmetic(e.pos, e.text, a, b)
}

// logical returns a && b or a || b; b is not looked at if a decides.
func (r *reader) logical(e *expr, a value) value {
	relation := circuit.And
	if e.text == "||" {
		relation = circuit.Or
	}
	left, ok := a.truth()
	if ok && left.when == nil && left.on == (relation == circuit.Or) {
		return boolean(left)
	}
	right, also := r.eval(e.args[1]).truth()
	if r.p.err == nil && (!ok || !also) {
		r.p.failAt(e.pos, "want bits or numbers on both sides of %s", e.text)
	}
	return boolean(joined(relation, left, right))
}

// arithmetic returns +, −, *, / and powers.
func (r *reader) arithmetic(pos position, sign string, a, b value) value {
	if a.kind == kindDuration || b.kind == kindDuration {
		return value{kind: kindDuration}
	}
	for _, v := range []value{a, b} {
		if v.measured() {
			r.p.failAt(pos, "%s of measured bits: no arithmetic is done while a program runs", sign)
			return value{}
		}
	}
	if a.kind == kindAngle || b.kind == kindAngle {
		return r.linear(pos, sign, a, b)
	}
	beyond, cut := a.beyond, false
	if beyond == nil {
		beyond = b.beyond
	}
	if m, n, ok := bothWhole(a, b); ok {
		out, result := wholeArithmetic(sign, m, n)
		switch cut = sign == "/"; {
		case result == isWhole && (sign != "/" || m%n == 0 || a.typed || b.typed):
			return value{kind: kindInt, n: out, typed: a.typed || b.typed}
		case result == tooLarge:
			beyond = &overflow{pos, fmt.Sprintf("%d %s %d", m, r.written(sign), n)}
		}
	}
	x, ok := a.real()
	y, fits := b.real()
	if !ok || !fits {
		r.p.failAt(pos, "want numbers on both sides of %s, got %s and %s", sign, r.describe(a), r.describe(b))
		return value{}
	}
	switch sign {
	case "+":
		x += y
	case "-":
		x -= y
	case "*":
		x *= y
	case "/", "%":
		if y == 0 {
			r.p.failAt(pos, "division by zero")
			return value{}
		}
		if sign == "%" {
			x = math.Mod(x, y)
		} else {
			x /= y
		}
	case "power":
		x = math.Pow(x, y)
	}
	return value{kind: kindFloat, x: x, beyond: beyond, cut: cut}
}

// written returns the sign of an operator as a program of the version writes it.
func (r *reader) written(sign string) string {
	if sign == "power" {
		return map[int]string{2: "^", 3: "**"}[r.p.version]
	}
	return sign
}

// bothWhole returns two values as integers, if none of them is a real number.
func bothWhole(a, b value) (int64, int64, bool) {
	m, ok := a.whole()
	n, also := b.whole()
	return m, n, ok && also && a.kind != kindFloat && b.kind != kindFloat
}

// wholeResult says what came of an operator between integers.
type wholeResult uint8

const (
	isWhole wholeResult = iota
	notWhole
	tooLarge // for 64 bits
)

// wholeArithmetic returns the result of an operator between integers as an integer; a quotient is cut off.
func wholeArithmetic(sign string, m, n int64) (int64, wholeResult) {
	switch sign {
	case "+":
		if sum := m + n; (sum > m) == (n > 0) {
			return sum, isWhole
		}
		return 0, tooLarge
	case "-":
		if difference := m - n; (difference < m) == (n > 0) {
			return difference, isWhole
		}
		return 0, tooLarge
	case "*":
		product := m * n
		if m == 0 || product/m == n && !(m == -1 && n == math.MinInt64) {
			return product, isWhole
		}
		return 0, tooLarge
	case "/", "%":
		switch {
		case n == 0:
			return 0, notWhole
		case n == -1 && sign == "%":
			return 0, isWhole
		case n == -1 && m == math.MinInt64:
			return 0, tooLarge
		case sign == "%":
			return m % n, isWhole
		}
		return m / n, isWhole
	case "power":
		return wholePower(m, n)
	}
	return 0, notWhole
}

func wholePower(m, n int64) (int64, wholeResult) {
	switch {
	case n < 0:
		return 0, notWhole
	case m == -1 || m == 0 || m == 1:
		n = min(n, 2-n%2) // the same power, or 0
	}
	out, result := int64(1), isWhole
	for ; n > 0 && result == isWhole; n-- {
		out, result = wholeArithmetic("*", out, m)
	}
	return out, result
}

// linear returns a sum of inputs and numbers, or a multiple of an input.
func (r *reader) linear(pos position, sign string, a, b value) value {
	x, ok := a.asAngle()
	y, also := b.asAngle()
	if !ok || !also {
		r.p.failAt(pos, "want numbers on both sides of %s, got %s and %s", sign, r.describe(a), r.describe(b))
		return value{}
	}
	switch sign {
	case "-":
		y = y.Times(-1)
		fallthrough
	case "+":
		switch {
		case y.Source == circuit.Constant:
			return fromAngle(x.Plus(y.Shift))
		case x.Source == circuit.Constant:
			return fromAngle(y.Plus(x.Shift))
		case x.Source != y.Source || x.Index != y.Index:
			name := r.inputOf(x)
			r.p.failAt(pos, "the inputs %s and %s, which have no values, in one angle%s: else angles are "+
				"multiples of one input plus a number", name, r.inputOf(y), r.howToGive(name))
		}
		x.Scale += y.Scale
		return fromAngle(x.Plus(y.Shift))
	case "*":
		if x.Source == circuit.Constant {
			x, y = y, x
		}
		if y.Source == circuit.Constant {
			return fromAngle(x.Times(y.Shift))
		}
	case "/":
		switch {
		case y.Source == circuit.Constant && y.Shift == 0:
			r.p.failAt(pos, "division by zero")
		case y.Source == circuit.Constant:
			x.Scale /= y.Shift
			x.Shift /= y.Shift
			return fromAngle(x)
		}
	}
	if x.Source == circuit.Constant {
		x = y
	}
	name := r.inputOf(x)
	r.p.failAt(pos, "%q with the input %s, which has no value%s: else angles are multiples of an input plus a "+
		"number", r.written(sign), name, r.howToGive(name))
	return value{}
}
