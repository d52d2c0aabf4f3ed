package circuit

import (
	"slices"

	"github.com/pkg/errors"
	"math"
	"math/cmplx"
)

// Matrix is a square matrix in row-major order, of 2^k rows for k qubits. The first of the qubits is the most significant bit of the index.
type Matrix []complex128

// Dim returns the number of rows.
func (m Matrix) Dim() int { return int(math.Sqrt(float64(len(m)))) }

// Identity returns the identity on k qubits.
func Identity(k int) Matrix { return expDiagonal(make([]float64, 1<<k), 0) }

// Mul returns the matrix product m·b.
func (m Matrix) Mul(b Matrix) Matrix {
	n := m.Dim()
	out := make(Matrix, len(m))
	for i := range n {
		for k := range n {
			for j := range n {
				out[i*n+j] += m[i*n+k] * b[k*n+j]
			}
		}
	}
	return out
}

// Dagger returns the conjugate transpose.
func (m Matrix) Dagger() Matrix {
	n := m.Dim()
	out := make(Matrix, len(m))
	for i := range n {
		for j := range n {
			out[j*n+i] = cmplx.Conj(m[i*n+j])
		}
	}
	return out
}

// Scaled returns s·m.
func (m Matrix) Scaled(s complex128) Matrix {
	out := make(Matrix, len(m))
	for i, v := range m {
		out[i] = s * v
	}
	return out
}

// Distance returns the largest absolute difference of two entries, +Inf if the sizes differ and NaN if an entry is NaN.
func (m Matrix) Distance(b Matrix) float64 {
	if len(m) != len(b) {
		return math.Inf(1)
	}
	worst := 0.0
	for i := range m {
		worst = max(worst, cmplx.Abs(m[i]-b[i])) // max keeps a NaN
	}
	return worst
}

// IsReal tells whether every entry has an imaginary part of exactly zero.
func (m Matrix) IsReal() bool {
	for _, v := range m {
		if imag(v) != 0 {
			return false
		}
	}
	return true
}

// IsDiagonal tells whether every entry off the diagonal is exactly zero.
func (m Matrix) IsDiagonal() bool {
	n := m.Dim()
	for i, v := range m {
		if v != 0 && i/n != i%n {
			return false
		}
	}
	return true
}

// controlled returns m acting where c further qubits in front are all 1, and rest·1 elsewhere (rest is 1 for a unitary, 0 for a generator).
func (m Matrix) controlled(c int, rest complex128) Matrix {
	d := m.Dim()
	n := d << c
	out := make(Matrix, n*n)
	for i := range n - d {
		out[i*n+i] = rest
	}
	for i := range d {
		copy(out[(n-d+i)*n+n-d:], m[i*d:(i+1)*d])
	}
	return out
}

// embed returns the matrix on n qubits that acts as m on the given ones, the first of them the most significant bit of m's index.
func (m Matrix) embed(n int, qubits []int) Matrix {
	k := len(qubits)
	mask := 0
	for _, q := range qubits {
		mask |= 1 << (n - 1 - q)
	}
	local := func(i int) (j int) {
		for _, q := range qubits {
			j = j<<1 | i>>(n-1-q)&1
		}
		return j
	}
	dim := 1 << n
	out := make(Matrix, dim*dim)
	for r := range dim {
		for c := range dim {
			if r&^mask == c&^mask {
				out[r*dim+c] = m[local(r)<<k|local(c)]
			}
		}
	}
	return out
}

// expDiagonal returns diag(exp(−i·a·g)).
func expDiagonal(g []float64, a float64) Matrix {
	n := len(g)
	out := make(Matrix, n*n)
	for i, v := range g {
		out[i*n+i] = cmplx.Rect(1, -a*v)
	}
	return out
}

// expGenerator returns exp(−i·a·g) for a Hermitian g whose eigenvalues are 0 and ±c, that is g³ = c²·g.
func expGenerator(g Matrix, c, a float64) Matrix {
	n := g.Dim()
	sin, cos := math.Sincos(c * a)
	g2 := g.Mul(g)
	out := make(Matrix, len(g))
	for i := range out {
		out[i] = complex(0, -sin/c)*g[i] + complex((cos-1)/(c*c), 0)*g2[i]
		if i/n == i%n {
			out[i]++
		}
	}
	return out
}

func diagonalMatrix(d []float64) Matrix {
	out := make(Matrix, len(d)*len(d))
	for i, v := range d {
		out[i*len(d)+i] = complex(v, 0)
	}
	return out
}

// kron returns the tensor product m ⊗ b.
func (m Matrix) kron(b Matrix) Matrix {
	n, k := m.Dim(), b.Dim()
	out := make(Matrix, len(m)*len(b))
	for i := range n * k {
		for j := range n * k {
			out[i*n*k+j] = m[i/k*n+j/k] * b[i%k*k+j%k]
		}
	}
	return out
}

// qubits returns k for a matrix of 2^k rows.
func (m Matrix) qubits() (int, error) {
	for k := 1; k <= maxDense; k++ {
		if len(m) == 1<<(2*k) {
			return k, nil
		}
	}
	return 0, errors.Errorf("want a square matrix of 2^k rows, 1 to %d qubits, got %d entries", maxDense, len(m))
}

// eigen returns the eigenvalues of a Hermitian m and the unitary whose columns are its eigenvectors, by cyclic Jacobi rotations.
// A diagonal m comes back exactly, with the identity.
func (m Matrix) eigen() ([]float64, Matrix) {
	n := m.Dim()
	a := slices.Clone(m)
	v := diagonalMatrix(slices.Repeat([]float64{1}, n))
	for range 60 { // converges quadratically: ten sweeps are plenty
		rotated := false
		for p := range n {
			for q := p + 1; q < n; q++ {
				rotated = a.annihilate(v, p, q) || rotated
			}
		}
		if !rotated {
			break
		}
	}
	values := make([]float64, n)
	for i := range values {
		values[i] = real(a[i*n+i])
	}
	return values, v
}

// annihilate makes the entry (p, q) of a Hermitian matrix zero by a rotation J of the two axes, a ← J†·a·J and v ← v·J.
// It tells whether there was anything to do.
func (m Matrix) annihilate(v Matrix, p, q int) bool {
	n := m.Dim()
	off := m[p*n+q]
	size := cmplx.Abs(off)
	if size <= 1e-17*(cmplx.Abs(m[p*n+p])+cmplx.Abs(m[q*n+q])) {
		return false
	}
	phase := off / complex(size, 0)
	sin, cos := math.Sincos(math.Atan2(2*size, real(m[q*n+q]-m[p*n+p])) / 2)
	c, s := complex(cos, 0), complex(sin, 0)*phase
	for _, w := range []Matrix{m, v} { // columns: times J
		for i := range n {
			x, y := w[i*n+p], w[i*n+q]
			w[i*n+p], w[i*n+q] = c*x-cmplx.Conj(s)*y, s*x+c*y
		}
	}
	for i := range n { // rows: J† times
		x, y := m[p*n+i], m[q*n+i]
		m[p*n+i], m[q*n+i] = c*x-s*y, cmplx.Conj(s)*x+c*y
	}
	m[p*n+q], m[q*n+p] = 0, 0
	return true
}
