package statevec

import (
	"math"
	"math/cmplx"
)

// matrix2 is a 2×2 matrix in row-major order.
type matrix2 [4]complex128

var identity2 = matrix2{1, 0, 0, 1}

func (m matrix2) mul(b matrix2) matrix2 {
	return matrix2{
		m[0]*b[0] + m[1]*b[2], m[0]*b[1] + m[1]*b[3],
		m[2]*b[0] + m[3]*b[2], m[2]*b[1] + m[3]*b[3],
	}
}

func (m matrix2) dagger() matrix2 {
	return matrix2{cmplx.Conj(m[0]), cmplx.Conj(m[2]), cmplx.Conj(m[1]), cmplx.Conj(m[3])}
}

func (m matrix2) near(b matrix2) bool {
	for i := range m {
		if cmplx.Abs(m[i]-b[i]) > 1e-15 {
			return false
		}
	}
	return true
}

func (m matrix2) real() bool {
	return imag(m[0]) == 0 && imag(m[1]) == 0 && imag(m[2]) == 0 && imag(m[3]) == 0
}

func (m matrix2) diagonal() bool { return m[1] == 0 && m[2] == 0 }

// exponential holds a Hermitian 2×2 generator as center·1 + radius·axis, where axis² = 1, which makes
// exp(−i·a·G) one sine and one cosine.
type exponential struct {
	g              matrix2
	center, radius float64
	axis           matrix2
}

func newExponential(g matrix2) *exponential {
	e := &exponential{g: g, center: real(g[0]+g[3]) / 2}
	shift := complex(e.center, 0)
	e.radius = math.Hypot(real(g[0]-shift), cmplx.Abs(g[1]))
	if e.radius > 0 {
		r := complex(1/e.radius, 0)
		e.axis = matrix2{(g[0] - shift) * r, g[1] * r, g[2] * r, (g[3] - shift) * r}
	}
	return e
}

// value returns exp(−i·a·G).
func (e *exponential) value(a float64) matrix2 {
	sin, cos := math.Sincos(a * e.radius)
	c, s := complex(cos, 0), complex(0, -sin)
	m := matrix2{c + s*e.axis[0], s * e.axis[1], s * e.axis[2], c + s*e.axis[3]}
	if e.center != 0 {
		p := cmplx.Rect(1, -a*e.center)
		for i := range m {
			m[i] *= p
		}
	}
	return m
}

// real tells whether all exponentials are: i·G is.
func (e *exponential) real() bool {
	return matrix2{1i * e.g[0], 1i * e.g[1], 1i * e.g[2], 1i * e.g[3]}.real()
}
