package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

var negativeInf = math.Inf(-1)

// ranges are the numbers that differ between single and double precision.
type ranges struct {
	low, high float64 // eˣ is 0 below and +Inf above
	magic     float64 // adding it rounds to an integer, which is left in the low bits
	far       float64 // e^(−x²/2) is 0 beyond
	exponent  uint64  // bias of the exponent
	mantissa  uint64  // bits of the mantissa
	exp       []float64
	mills     []float64
	erf       []float64
}

// The polynomials interpolate at Chebyshev nodes, computed with 60 digits, lowest power first:
//
//	exp    (eʳ − 1 − r)/r²                               in r   over |r| ≤ ln(2)/2
//	mills  (t + 4)·Φ(−t)·e^(t²/2), t = 4(1+u)/(1−u)      in u   over 0 ≤ t ≤ far
//	erf    erf(x)/x − 1                                  in x²  over 0 ≤ x ≤ 1
//
// Their relative errors are below 2·10⁻⁸ in single and 4·10⁻¹⁷ in double precision. The form of the tail, a
// polynomial in (t−k)/(t+k), is that of Shepherd and Laframboise, Math. Comp. 36 (1981) 249.
var precision = map[int]ranges{
	4: {
		low: -105, high: 89, magic: 1.5 * (1 << 23), far: 16, exponent: 127, mantissa: 23,
		exp: []float64{
			0.500000000000, 0.166665769897, 0.0416665546172, 0.00836317905272, 0.00139261835877,
		},
		mills: []float64{
			0.755285138500, -0.607896571581, 0.387136708010, -0.186523845522, 0.0604054794931,
			-0.00752238638434, -0.00351591905215, 0.00156336996796,
			0.000179049395412, -0.000130122311532,
		},
		erf: []float64{
			0.128379165848, -0.376126266667, 0.112835947152, -0.0268542120106, 0.00518908742343,
			-0.000801686428717, 7.87587506269e-5,
		},
	},
	8: {
		low: -746, high: 710, magic: 1.5 * (1 << 52), far: 40, exponent: 1023, mantissa: 52,
		exp: []float64{
			0.50000000000000010221, 0.16666666666666667453, 0.041666666666624127873,
			0.0083333333333300618325, 0.0013888888917213716901,
			0.00019841269863053616878, 0.000024801521295954375131, 2.7557268459997064772e-6,
			2.7620088445409748161e-7, 2.5100385495510319078e-8,
		},
		mills: []float64{
			0.75528513041575147840, -0.60789664197189176423, 0.38713740074221933516,
			-0.18652185795969339227, 0.060396574890676654358,
			-0.0075401889656250168371, -0.0034796923618040595618, 0.0016308184424805885646,
			0.00013334424978358428193, -0.00023109482414997103996,
			-1.9078434059248705287e-6, 0.000035144214968257803627, 7.1493083254784008935e-7,
			-5.9190131861540441231e-6, -6.2499069953697852133e-7,
			1.0200713392568464483e-6, 2.6354310560684454123e-7, -1.5461968191221918745e-7,
			-7.6347128434410860849e-8, 1.4842390072751343108e-8,
			1.3976528155950821835e-8, -1.0152957176496179736e-11, -9.9906241600232759999e-10,
		},
		erf: []float64{
			0.12837916709551256654, -0.37612638903183540438, 0.11283791670945006266,
			-0.026866170643237770360, 0.0052239776071164227321,
			-0.00085483259753896920806, 0.00012055294904839707917, -0.000014924736907419660338,
			1.6447424703317362410e-6, -1.6208483801871705902e-7,
			1.3720064546777685604e-8, -7.7958988270021422416e-10,
		},
	},
}

// polynomial returns Σ c[i]·xⁱ by Horner's rule.
func (a arch) polynomial(x reg.VecVirtual, c []float64) reg.VecVirtual {
	p := a.set(a.number(c[len(c)-1]))
	for i := len(c) - 2; i >= 0; i-- {
		a.emit(opHorner, p, x, a.number(c[i]))
	}
	return p
}

// exp returns e^(x+low), x in a range where the result does not overflow by more than a factor of two; low is
// a correction to x, or nil.
func (a arch) exp(x, low reg.VecVirtual) reg.VecVirtual {
	r := precision[a.size]
	shifted := a.set(a.number(r.magic))
	a.emit(opFMA, shifted, x, a.number(math.Log2E))
	n := a.vec()
	a.emit(opSub, n, shifted, a.number(r.magic))
	high, rest := math.Ln2, 2.319046813846299558e-17
	if a.size == 4 {
		high = float64(float32(math.Ln2))
		rest = math.Ln2 - high
	}
	rem := a.copy(x)
	a.emit(opFNMA, rem, n, a.number(high))
	a.emit(opFNMA, rem, n, a.number(rest))
	if low != nil {
		a.emit(opAdd, rem, rem, low)
	}
	p := a.polynomial(rem, append([]float64{1, 1}, r.exp...))
	if a.avx512 {
		a.pick(VSCALEFPS, VSCALEFPD)(n, p, p)
		return p
	}
	a.power(p, shifted)
	return p
}

// power multiplies p by two to the integer in the low bits of shifted. It does so in two halves, so that the
// result may be denormal or infinite.
func (a arch) power(p, shifted reg.VecVirtual) {
	r := precision[a.size]
	add, sub, left, right := VPADDD, VPSUBD, VPSLLD, VPSRLD
	if a.size == 8 {
		add, sub, left, right = VPADDQ, VPSUBQ, VPSLLQ, VPSRLQ
	}
	const offset = 2048 // keeps the integer positive while it is halved
	magic := a.number(r.magic)
	half, other := a.vec(), a.vec()
	sub(magic.Mem, shifted, shifted)
	add(a.bits(offset).Mem, shifted, half)
	right(Imm(1), half, half)
	sub(half, shifted, other)
	mask := uint64(1)<<(8*a.size-1)<<1 - 1
	sub(a.bits((offset/2-r.exponent)&mask).Mem, half, half)
	add(a.bits((offset/2+r.exponent)&mask).Mem, other, other)
	for _, scale := range []reg.VecVirtual{half, other} {
		left(Imm(r.mantissa), scale, scale)
		a.emit(opMul, p, p, scale)
	}
}

// atLeast returns max(x, low), NaN if x is.
func (a arch) atLeast(x reg.VecVirtual, low float64) {
	bound := a.set(a.number(low))
	a.emit(opMax, x, bound, x)
}

func (a arch) atMost(x reg.VecVirtual, high float64) {
	bound := a.set(a.number(high))
	a.emit(opMin, x, bound, x)
}

func (a arch) abs(x reg.VecVirtual) reg.VecVirtual {
	v := a.vec()
	a.emit(opAnd, v, x, a.bits(1<<(8*a.size-1)-1))
	return v
}

// gauss returns e^(factor·z²) for 0 ≤ z ≤ far. The rounding error of the square, which the exponential would
// magnify, is carried along.
func (a arch) gauss(z reg.VecVirtual, factor float64) reg.VecVirtual {
	square, low := a.vec(), a.vec()
	a.emit(opMul, square, z, z)
	a.pick(VMOVAPS, VMOVAPD)(square, low)
	a.emit(opFMS, low, z, z)
	a.emit(opMul, square, square, a.number(factor))
	a.emit(opMul, low, low, a.number(factor))
	return a.exp(square, low)
}

// mills returns Φ(−t)·e^(t²/2) for 0 ≤ t ≤ far.
func (a arch) mills(t reg.VecVirtual) reg.VecVirtual {
	const k = 4
	inverse, u := a.set(a.number(1)), a.set(a.number(1))
	sum := a.vec()
	a.emit(opAdd, sum, t, a.number(k))
	a.emit(opDiv, inverse, inverse, sum)
	a.emit(opFNMA, u, inverse, a.number(2*k))
	p := a.polynomial(u, precision[a.size].mills)
	a.emit(opMul, p, p, inverse)
	return p
}

// normal returns Φ(x) and e^(−x²/2).
func (a arch) normal(x reg.VecVirtual) (cumulative, e reg.VecVirtual) {
	t := a.abs(x)
	a.atMost(t, precision[a.size].far)
	e = a.gauss(t, -0.5)
	tail := a.mills(t)
	a.emit(opMul, tail, tail, e)
	upper := a.set(a.number(1))
	a.emit(opSub, upper, upper, tail)
	a.selectLess(upper, x, a.zero(), tail, upper)
	return upper, e
}

// erf returns erf(x): by its series near zero, as 1 − 2Φ(−√2·x) beyond.
func (a arch) erf(x reg.VecVirtual) reg.VecVirtual {
	z, t := a.abs(x), a.vec()
	bound := precision[a.size].far / 2
	a.atMost(z, bound)
	tail := a.gauss(z, -1)
	a.emit(opMul, t, z, a.number(math.Sqrt2))
	a.emit(opMul, tail, tail, a.mills(t))
	large := a.set(a.number(1))
	a.emit(opFNMA, large, tail, a.number(2))
	square := a.vec()
	a.emit(opMul, square, z, z)
	p := a.polynomial(square, precision[a.size].erf)
	small := a.copy(z)
	a.emit(opFMA, small, p, z)
	a.selectLess(large, z, a.set(a.number(1)), small, large)
	sign := a.vec()
	a.emit(opAnd, sign, x, a.bits(1<<(8*a.size-1)))
	a.emit(opOr, large, large, sign)
	return large
}

// transcendental are the functions of one element.
func (a arch) transcendental() {
	for _, f := range []struct {
		name string
		of   func(x reg.VecVirtual) reg.VecVirtual
	}{
		{"Exp", func(x reg.VecVirtual) reg.VecVirtual {
			a.atLeast(x, precision[a.size].low)
			a.atMost(x, precision[a.size].high)
			return a.exp(x, nil)
		}},
		{"Erf", a.erf},
		{"GELU", func(x reg.VecVirtual) reg.VecVirtual {
			y, _ := a.normal(x)
			a.emit(opMul, y, y, x)
			return y
		}},
	} {
		a.text(f.name, "x, y []T", "")
		x, y := pointer("x"), pointer("y")
		a.each(length("x"), 1, nil, func(s step, _ int) { s.store(f.of(s.load(x)), y) })
		end()
	}

	a.text("GELUGrad", "x, dy, dx []T", "")
	x, dy, dx := pointer("x"), pointer("dy"), pointer("dx")
	a.each(length("x"), 1, nil, func(s step, _ int) {
		v := s.load(x)
		slope, e := a.normal(v)
		a.emit(opMul, e, e, a.number(1/math.Sqrt(2*math.Pi)))
		a.emit(opFMA, slope, v, e)
		a.emit(opMul, slope, slope, s.load(dy))
		s.store(slope, dx)
	})
	end()
}
