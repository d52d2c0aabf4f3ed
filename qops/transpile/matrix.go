package transpile

import (
	"math"
	"math/cmplx"

	"github.com/hqvit/hqvit/qops/circuit"
)

// negligible is what counts as zero: an angle or a coordinate below it is dropped, so that a gate is off by
// 1e-10 at most.
const negligible = 1e-10

// m2 and m4 are unitaries of one and two qubits, row by row, the first qubit the more significant bit. They
// are values, so that the many products of a search allocate nothing.
type (
	m2 [4]complex128
	m4 [16]complex128
)

var (
	one2   = m2{1, 0, 0, 1}
	pauliX = m2{0, 1, 1, 0}
	pauliY = m2{0, -1i, 1i, 0}
	pauliZ = m2{1, 0, 0, -1}
	hadam  = m2{complex(math.Sqrt2/2, 0), complex(math.Sqrt2/2, 0), complex(math.Sqrt2/2, 0),
		complex(-math.Sqrt2/2, 0)}

	one4 = kron(one2, one2)
	// cxFirst and cxSecond are controlled by the first and the second qubit.
	cxFirst  = m4{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0}
	cxSecond = m4{1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0}
	swap4    = m4{1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1}
)

func rz(a float64) m2 { return m2{cmplx.Rect(1, -a/2), 0, 0, cmplx.Rect(1, a/2)} }

func rx(a float64) m2 {
	sin, cos := math.Sincos(a / 2)
	return m2{complex(cos, 0), complex(0, -sin), complex(0, -sin), complex(cos, 0)}
}

func ry(a float64) m2 {
	sin, cos := math.Sincos(a / 2)
	return m2{complex(cos, 0), complex(-sin, 0), complex(sin, 0), complex(cos, 0)}
}

func (a m2) mul(b m2) m2 {
	return m2{a[0]*b[0] + a[1]*b[2], a[0]*b[1] + a[1]*b[3], a[2]*b[0] + a[3]*b[2], a[2]*b[1] + a[3]*b[3]}
}

func (a m4) mul(b m4) (out m4) {
	for i := range 4 {
		for k := range 4 {
			v := a[i*4+k]
			if v == 0 {
				continue
			}
			for j := range 4 {
				out[i*4+j] += v * b[k*4+j]
			}
		}
	}
	return out
}

func (a m2) dagger() m2 {
	return m2{cmplx.Conj(a[0]), cmplx.Conj(a[2]), cmplx.Conj(a[1]), cmplx.Conj(a[3])}
}

func (a m4) dagger() (out m4) {
	for i := range 4 {
		for j := range 4 {
			out[j*4+i] = cmplx.Conj(a[i*4+j])
		}
	}
	return out
}

// kron returns a ⊗ b.
func kron(a, b m2) (out m4) {
	for i := range 4 {
		for j := range 4 {
			out[i*4+j] = a[i/2*2+j/2] * b[i%2*2+j%2]
		}
	}
	return out
}

// exchanged returns the unitary with its two qubits in the other order.
func (a m4) exchanged() m4 { return swap4.mul(a).mul(swap4) }

// factors returns matrices of determinant 1 with f·a⊗b = u, for u that is such a product.
func (u m4) factors() (a, b m2) {
	best := 0
	for i, v := range u {
		if cmplx.Abs(v) > cmplx.Abs(u[best]) {
			best = i
		}
	}
	row, column := best/4, best%4
	for i := range 2 {
		for j := range 2 {
			a[i*2+j] = u[(i*2+row%2)*4+j*2+column%2]
			b[i*2+j] = u[(row/2*2+i)*4+column/2*2+j]
		}
	}
	return a.special(), b.special()
}

// special returns the matrix divided by the root of its determinant.
func (a m2) special() m2 {
	root := cmplx.Sqrt(a[0]*a[3] - a[1]*a[2])
	for i := range a {
		a[i] /= root
	}
	return a
}

// isPhase tells whether the unitary is the identity up to a phase.
func (a m2) isPhase() bool {
	return cmplx.Abs(a[1]) < negligible && cmplx.Abs(a[2]) < negligible && cmplx.Abs(a[0]-a[3]) < negligible
}

// same tells whether two unitaries are equal up to a phase.
func (a m2) same(b m2) bool { return a.mul(b.dagger()).isPhase() }

// null tells whether a number is zero, but for rounding.
func null(v complex128) bool { return math.Abs(real(v)) < negligible && math.Abs(imag(v)) < negligible }

// near tells whether two matrices are equal.
func (a m2) near(b m2) bool {
	return null(a[0]-b[0]) && null(a[1]-b[1]) && null(a[2]-b[2]) && null(a[3]-b[3])
}

// colour returns the Pauli matrix of which u is a function on its first or second qubit: its four blocks by
// that qubit are A, B, C, D with B = C = 0 for Z, A = D and B = C for X, A = D and B = −C for Y.
func (u *m4) colour(slot int) colour {
	upper, lower, step := 2, 8, 1 // from A to B and C, and between the entries of a block
	if slot == 1 {
		upper, lower, step = 1, 4, 2
	}
	z, x, y := true, true, true
	for _, k := range [4]int{0, step, 4 * step, 5 * step} {
		a, b, c, d := u[k], u[k+upper], u[k+lower], u[k+upper+lower]
		z = z && null(b) && null(c)
		x = x && null(a-d) && null(b-c)
		y = y && null(a-d) && null(b+c)
	}
	switch {
	case z:
		return zs
	case x:
		return xs
	case y:
		return ys
	}
	return none
}

// toM2 and toM4 take a matrix of the right size.
func toM2(m circuit.Matrix) (out m2) { copy(out[:], m); return out }
func toM4(m circuit.Matrix) (out m4) { copy(out[:], m); return out }
