package qasm

import (
	"math"

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
	if a.kind == kindQubits || b.kind == kindQubits || a.kind == kindArray || b.kind == kindArray {
		r.p.failAt(e.pos, "%s between %s and %s", e.text, a.describe(), b.describe())
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
		if _, known := v.known(); v.kind == kindBits && !known {
			r.p.failAt(pos, "%s of measured bits: no arithmetic is done while a program runs", sign)
			return value{}
		}
	}
	if a.kind == kindAngle || b.kind == kindAngle {
		return r.linear(pos, sign, a, b)
	}
	m, whole := a.whole()
	n, also := b.whole()
	typed := a.typed || b.typed
	if whole && also && a.kind != kindFloat && b.kind != kindFloat {
		if out, ok := wholeArithmetic(sign, m, n, typed); ok {
			return out
		}
	}
	x, ok := a.real()
	y, fits := b.real()
	if !ok || !fits {
		r.p.failAt(pos, "want numbers on both sides of %s, got %s and %s", sign, a.describe(), b.describe())
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
			return realValue(math.Mod(x, y))
		}
		x /= y
	case "power":
		x = math.Pow(x, y)
	}
	return realValue(x)
}

// wholeArithmetic returns what is an integer and fits one. A quotient of literals that is none is left to
// real numbers, as 1/2 is a half; that with a variable of a type of integers is cut off.
func wholeArithmetic(sign string, m, n int64, typed bool) (value, bool) {
	out := value{kind: kindInt, typed: typed}
	const most = 1 << 62
	small := math.Abs(float64(m)) < 1<<31 && math.Abs(float64(n)) < 1<<31
	switch sign {
	case "+":
		out.n = m + n
		return out, max(m, -m) < most && max(n, -n) < most
	case "-":
		out.n = m - n
		return out, max(m, -m) < most && max(n, -n) < most
	case "*":
		out.n = m * n
		return out, small || m == 0 || n == 0 || math.Abs(float64(m))*math.Abs(float64(n)) < most
	case "/":
		if n == 0 || n == -1 || !typed && m%n != 0 {
			out.n = -m
			return out, n == -1 && m > -most
		}
		out.n = m / n
		return out, true
	case "%":
		if n == 0 || n == -1 {
			return out, n == -1
		}
		out.n = m % n
		return out, true
	case "power":
		if n < 0 || n > 62 && max(m, -m) > 1 || math.Pow(math.Abs(float64(m)), float64(n)) >= most {
			return out, false
		}
		out.n = 1
		for range min(n, 62+n%2) {
			out.n *= m
		}
		return out, true
	}
	return out, false
}

// linear returns a sum of inputs and numbers, or a multiple of an input.
func (r *reader) linear(pos position, sign string, a, b value) value {
	x, ok := a.asAngle()
	y, also := b.asAngle()
	if !ok || !also {
		r.p.failAt(pos, "want numbers on both sides of %s, got %s and %s", sign, a.describe(), b.describe())
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
			r.p.failAt(pos, "two inputs in one angle: angles are multiples of an input plus a number")
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
	if sign == "power" {
		sign = map[int]string{2: "^", 3: "**"}[r.p.version]
	}
	r.p.failAt(pos, "%q of an input by an input: angles are multiples of an input plus a number", sign)
	return value{}
}
