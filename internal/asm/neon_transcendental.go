package main

import "math"

// The functions are those of dense_transcendental.go, with its numbers; what is constant stays in registers
// as far as there are enough.

// polynomial returns Σ c[i]·xⁱ by Horner's rule.
func (n *neon) polynomial(x register, c []float64) register {
	p := n.number(c[len(c)-1])
	for i := len(c) - 2; i >= 0; i-- {
		next := n.set(c[i])
		n.do(fmla, next, p, x)
		p = next
	}
	return p
}

// exp returns e^(x+low), x in a range where the result does not overflow by more than a factor of two; low is
// a correction to x, if there is one.
func (n *neon) exp(x register, low ...register) register {
	r := precision[n.size]
	shifted := n.set(r.magic)
	n.do(fmla, shifted, x, n.number(math.Log2E))
	k := n.of(fsub, shifted, n.number(r.magic))
	high, rest := math.Ln2, 2.319046813846299558e-17
	if n.size == 4 {
		high = float64(float32(math.Ln2))
		rest = math.Ln2 - high
	}
	rem := n.copy(x)
	n.do(fmls, rem, k, n.number(high))
	n.do(fmls, rem, k, n.number(rest))
	for _, more := range low {
		n.do(fadd, rem, rem, more)
	}
	return n.power(n.polynomial(rem, append([]float64{1, 1}, r.exp...)), shifted)
}

// power returns p times two to the integer in the low bits of shifted. It multiplies twice by a half, so that
// the result may be denormal or infinite.
func (n *neon) power(p, shifted register) register {
	r := precision[n.size]
	const offset = 2048 // keeps the integer positive while it is halved
	integer := n.of(sub, shifted, n.number(r.magic))
	half := n.shiftRight(n.of(add, integer, n.constant(offset)), 1)
	other := n.of(sub, integer, half)
	mask := uint64(1)<<(8*n.size-1)<<1 - 1
	half = n.of(sub, half, n.constant((offset/2-r.exponent)&mask))
	other = n.of(add, other, n.constant((offset/2+r.exponent)&mask))
	p = n.of(fmul, p, n.shiftLeft(half, int(r.mantissa)))
	return n.of(fmul, p, n.shiftLeft(other, int(r.mantissa)))
}

// gauss returns e^(factor·z²) for 0 ≤ z ≤ far. The rounding error of the square, which the exponential would
// magnify, is carried along.
func (n *neon) gauss(z register, factor float64) register {
	square := n.of(fmul, z, z)
	low := n.of(fneg, square)
	n.do(fmla, low, z, z)
	f := n.number(factor)
	return n.exp(n.of(fmul, square, f), n.of(fmul, low, f))
}

// mills returns Φ(−t)·e^(t²/2) for 0 ≤ t ≤ far.
func (n *neon) mills(t register) register {
	const k = 4
	inverse := n.of(fdiv, n.number(1), n.of(fadd, t, n.number(k)))
	u := n.set(1)
	n.do(fmls, u, inverse, n.number(2*k))
	return n.of(fmul, n.polynomial(u, precision[n.size].mills), inverse)
}

// where returns yes in the lanes in which x > y, no in the others.
func (n *neon) where(x, y, yes, no register) register {
	v := n.of(fcmgt, x, y)
	n.do(bsl, v, yes, no)
	return v
}

// normal returns Φ(x) and e^(−x²/2).
func (n *neon) normal(x register) (cumulative, e register) {
	t := n.of(fmin, n.of(fabs, x), n.number(precision[n.size].far))
	e = n.gauss(t, -0.5)
	tail := n.of(fmul, n.mills(t), e)
	return n.where(n.number(0), x, tail, n.of(fsub, n.number(1), tail)), e
}

// erf returns erf(x): by its series near zero, as 1 − 2Φ(−√2·x) beyond.
func (n *neon) erf(x register) register {
	z := n.of(fmin, n.of(fabs, x), n.number(precision[n.size].far/2))
	tail := n.gauss(z, -1)
	tail = n.of(fmul, tail, n.mills(n.of(fmul, z, n.number(math.Sqrt2))))
	large := n.set(1)
	n.do(fmls, large, tail, n.number(2))
	small := n.copy(z)
	n.do(fmla, small, n.polynomial(n.of(fmul, z, z), precision[n.size].erf), z)
	v := n.where(n.number(1), z, small, large)
	n.do(bit, v, x, n.constant(1<<(8*n.size-1)))
	return v
}

// transcendental are the functions of one element.
func (n *neon) transcendental() {
	for _, f := range []struct {
		name string
		of   func(x register) register
	}{
		{"Exp", func(x register) register {
			x = n.of(fmax, x, n.number(precision[n.size].low))
			return n.exp(n.of(fmin, x, n.number(precision[n.size].high)))
		}},
		{"Erf", n.erf},
		{"GELU", func(x register) register {
			y, _ := n.normal(x)
			return n.of(fmul, y, x)
		}},
	} {
		n.text(f.name, "x, y []T", "", func() {
			x, y, count := n.pointer("x"), n.pointer("y"), n.length("x")
			n.loopsBegin()
			n.each(count, 1, func(e elements) { e.put([]register{f.of(e.take(x)[0])}, y) })
			n.end()
		})
	}
	n.text("GELUGrad", "x, dy, dx []T", "", func() {
		x, dy, dx, count := n.pointer("x"), n.pointer("dy"), n.pointer("dx"), n.length("x")
		n.loopsBegin()
		n.each(count, 1, func(e elements) {
			v := e.take(x)[0]
			slope, density := n.normal(v)
			n.do(fmla, slope, v, n.of(fmul, density, n.number(1/math.Sqrt(2*math.Pi))))
			e.put([]register{n.of(fmul, slope, e.take(dy)[0])}, dx)
		})
		n.end()
	})
}

// sincos sets sin and cos of x, in double precision only. It needs |x| below 2²⁵.
func (n *neon) sincos() {
	if n.size != 8 {
		return
	}
	n.text("Sincos", "x, sin, cos []T", "", func() {
		x, sin, cos, count := n.pointer("x"), n.pointer("sin"), n.pointer("cos"), n.length("x")
		n.loopsBegin()
		n.each(count, 1, func(e elements) {
			v, magic := e.take(x)[0], precision[8].magic
			shifted := n.set(magic)
			n.do(fmla, shifted, v, n.number(2/math.Pi))
			k := n.of(fsub, shifted, n.number(magic))
			for _, part := range halfPi {
				n.do(fmls, v, k, n.number(part))
			}
			square := n.of(fmul, v, v)
			sine := n.copy(v) // r + r·r²·p
			n.do(fmla, sine, n.of(fmul, n.polynomial(square, sinPolynomial), square), v)
			cosine := n.set(1)
			n.do(fmls, cosine, square, n.number(0.5))
			n.do(fmla, cosine, n.of(fmul, n.polynomial(square, cosPolynomial), square), square)
			odd := n.of(cmtst, shifted, n.constant(1)) // the quadrants in which sine and cosine change places
			other := n.copy(odd)
			n.do(bsl, odd, cosine, sine)
			n.do(bsl, other, sine, cosine)
			e.put([]register{n.negated(odd, shifted)}, sin)
			e.put([]register{n.negated(other, n.of(add, shifted, n.constant(1)))}, cos)
		})
		n.end()
	})
}

// negated returns x, with the other sign in the lanes whose integer has the second bit.
func (n *neon) negated(x, integer register) register {
	return n.of(eor, x, n.shiftLeft(n.shiftRight(integer, 1), 63))
}
