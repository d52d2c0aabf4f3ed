package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Minimax polynomials of FreeBSD's msun, k_sin.c and k_cos.c (Sun Microsystems), lowest power first:
// (sin(r)/r − 1)/r² and (cos(r) − 1 + r²/2)/r⁴, in r² over |r| ≤ π/4.
var (
	sinPolynomial = []float64{
		-1.66666666666666324348e-01, 8.33333333332248946124e-03, -1.98412698298579493134e-04,
		2.75573137070700676789e-06, -2.50507602534068634195e-08, 1.58969099521155010221e-10,
	}
	cosPolynomial = []float64{
		4.16666666666666019037e-02, -1.38888888888741095749e-03, 2.48015872894767294178e-05,
		-2.75573143513906633035e-07, 2.08757232129817482790e-09, -1.13596475577881948265e-11,
	}
)

// π/2 is the sum of three doubles.
var halfPi = []float64{math.Pi / 2, 6.123233995736766036e-17, -1.497384904859169777e-33}

// sincos sets sin and cos of x, in double precision only. It needs |x| below 2²⁵.
func (a arch) sincos() {
	if a.size != 8 {
		return
	}
	a.text("Sincos", "x, sin, cos []T", "")
	x, sin, cos, n := pointer("x"), pointer("sin"), pointer("cos"), length("x")
	a.each(n, 1, nil, func(s step, _ int) {
		v := s.load(x)
		magic := precision[8].magic
		shifted, k := a.set(a.number(magic)), a.vec()
		a.emit(opFMA, shifted, v, a.number(2/math.Pi))
		a.emit(opSub, k, shifted, a.number(magic))
		for _, part := range halfPi {
			a.emit(opFNMA, v, k, a.number(part))
		}
		square := a.vec()
		a.emit(opMul, square, v, v)
		odd, even := a.polynomial(square, sinPolynomial), a.polynomial(square, cosPolynomial)
		a.emit(opMul, odd, odd, square)
		a.emit(opHorner, odd, v, v) // r + r·r²·p
		t := a.set(a.number(1))
		a.emit(opFNMA, t, square, a.number(0.5))
		a.emit(opMul, even, even, square)
		a.emit(opHorner, even, square, t)
		sine, cosine := a.exchange(shifted, odd, even)
		next := a.vec()
		if a.avx512 {
			VPADDQ_BCST(a.bits(1).Mem, shifted, next)
		} else {
			VPADDQ(a.bits(1).Mem, shifted, next)
		}
		s.store(a.negate(sine, shifted), sin)
		s.store(a.negate(cosine, next), cos)
	})
	end()
}

// exchange returns x and y, and y and x in the lanes whose integer is odd.
func (a arch) exchange(integer, x, y reg.VecVirtual) (u, v reg.VecVirtual) {
	odd := a.vec()
	u, v = a.vec(), a.vec()
	VPSLLQ(Imm(63), integer, odd)
	if a.avx512 {
		k := K()
		VPMOVQ2M(odd, k)
		VBLENDMPD(y, x, k, u)
		VBLENDMPD(x, y, k, v)
		return u, v
	}
	VBLENDVPD(odd, y, x, u)
	VBLENDVPD(odd, x, y, v)
	return u, v
}

// negate returns x, with the other sign in the lanes whose integer has the second bit.
func (a arch) negate(x, integer reg.VecVirtual) reg.VecVirtual {
	sign, out := a.vec(), a.vec()
	VPSRLQ(Imm(1), integer, sign)
	VPSLLQ(Imm(63), sign, sign)
	VXORPD(sign, x, out)
	return out
}
