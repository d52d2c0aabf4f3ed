package dense

import "math"

// Add sets dst = a + b over len(dst) elements. dst may be a or b.
func Add[T Float](dst, a, b []T) {
	active[T]().add(dst, a[:len(dst)], b[:len(dst)])
}

// Mul sets dst = a ∘ b, element by element over len(dst) elements. dst may be a or b.
func Mul[T Float](dst, a, b []T) {
	active[T]().mul(dst, a[:len(dst)], b[:len(dst)])
}

// Axpy adds alpha·x to y over len(x) elements.
func Axpy[T Float](alpha T, x, y []T) {
	active[T]().axpy(alpha, x, y[:len(x)])
}

// Scale multiplies x by alpha in place.
func Scale[T Float](alpha T, x []T) {
	active[T]().scale(alpha, x)
}

// Exp sets y = eˣ over len(x) elements, to 1 ulp in float64 and 2 in float32. It overflows to +Inf,
// underflows through the denormals to 0 and passes NaN on. y may be x.
func Exp[T Float](x, y []T) {
	active[T]().exp(x, y[:len(x)])
}

// Erf sets y = erf(x) over len(x) elements, to a few ulp of the result. y may be x.
func Erf[T Float](x, y []T) {
	active[T]().erf(x, y[:len(x)])
}

// GELU sets y = x·Φ(x) over len(x) elements, where Φ is the normal distribution function: the exact form, not
// the tanh approximation. The relative error stays at a few ulp for negative x too, where Φ is tiny, until
// e^(−x²/2) is denormal. GELU(-Inf) is NaN. y may be x.
//
// Source: Hendrycks and Gimpel, arXiv:1606.08415.
func GELU[T Float](x, y []T) {
	active[T]().gelu(x, y[:len(x)])
}

// GELUGrad sets dx = dy ∘ (Φ(x) + x·φ(x)) over len(x) elements, the gradient of GELU. dx may be dy or x.
func GELUGrad[T Float](x, dy, dx []T) {
	active[T]().geluGrad(x, dy[:len(x)], dx[:len(x)])
}

// maxSincos bounds the angles that the kernels reduce exactly.
const maxSincos = 1 << 25

// Sincos sets the sines and cosines of x, over len(x) elements, to 2 ulp for angles below 2²⁵, and as
// math.Sincos has them beyond and in plain Go. It passes NaN on. None of the slices may overlap.
func Sincos(x, sin, cos []float64) {
	sin, cos = sin[:len(x)], cos[:len(x)]
	vectors := current.f64.sincos
	if vectors != nil {
		vectors(x, sin, cos)
	}
	for i, v := range x {
		if vectors == nil || !(math.Abs(v) < maxSincos) {
			sin[i], cos[i] = math.Sincos(v)
		}
	}
}
