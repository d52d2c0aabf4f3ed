package circuit

import (
	"math"
	"math/bits"
	"math/cmplx"
	"slices"

	"github.com/pkg/errors"
)

// Matrix is a square matrix in row-major order, of 2^k rows for k qubits. The first of the qubits is the most
// significant bit of the index.
type Matrix []complex128

// Dim returns the number of rows, 0 if the matrix is not square.
func (m Matrix) Dim() int {
	n := int(math.Sqrt(float64(len(m))))
	if n*n != len(m) {
		return 0
	}
	return n
}

// Identity returns the identity on k qubits, 0 ≤ k ≤ 10, nil for other k.
func Identity(k int) Matrix {
	if k < 0 || k > maxDense {
		return nil
	}
	return expDiagonal(make([]float64, 1<<k), 0)
}

// Mul returns the matrix product m·b, nil unless both are square and of one size.
func (m Matrix) Mul(b Matrix) Matrix {
	n := m.Dim()
	if n != b.Dim() || n == 0 {
		return nil
	}
	out := make(Matrix, len(m))
	for i := range n {
		for k := range n {
			v := m[i*n+k]
			if v == 0 {
				continue
			}
			for j, w := range b[k*n : (k+1)*n] {
				out[i*n+j] += v * w
			}
		}
	}
	return out
}

// Dagger returns the conjugate transpose, nil unless the matrix is square.
func (m Matrix) Dagger() Matrix {
	n := m.Dim()
	if n == 0 {
		return nil
	}
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

// Distance returns the largest absolute difference of two entries, +Inf if the sizes differ and NaN if an
// entry is NaN.
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

// IsDiagonal tells whether the matrix is square and every entry off the diagonal is exactly zero.
func (m Matrix) IsDiagonal() bool {
	n := m.Dim()
	for i, v := range m {
		if n == 0 || v != 0 && i/n != i%n {
			return false
		}
	}
	return n > 0
}

// controlled returns m acting where c further qubits in front are all 1, and rest·1 elsewhere (rest is 1 for
// a unitary, 0 for a generator).
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

// actOn returns m·b where m acts on the given ones of n qubits, the first of them the most significant bit of
// m's index.
func (m Matrix) actOn(b Matrix, n int, qubits []int) Matrix {
	spread := make([]int, m.Dim()) // index of m to bits of the index of b
	for i := range spread {
		for j, q := range qubits {
			spread[i] |= i >> (len(qubits) - 1 - j) & 1 << (n - 1 - q)
		}
	}
	ascending := register(0, len(spread)) // order of summation: that of the rows of b
	slices.SortFunc(ascending, func(i, j int) int { return spread[i] - spread[j] })
	mask, dim := spread[len(spread)-1], 1<<n
	out := make(Matrix, len(b))
	for rest := range dim {
		if rest&mask != 0 {
			continue
		}
		for i, to := range spread {
			row := out[(rest|to)*dim:][:dim]
			for _, j := range ascending {
				v := m[i*len(spread)+j]
				if v == 0 {
					continue
				}
				for k, w := range b[(rest|spread[j])*dim:][:dim] {
					row[k] += v * w
				}
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

// qubitsOf returns k for a matrix of 2^k rows.
func qubitsOf(m Matrix) int { return bits.Len(uint(m.Dim())) - 1 }

// checkQubits returns k for a matrix of 2^k rows, and an error for any other one.
func (m Matrix) checkQubits() (int, error) {
	for k := 1; k <= maxDense; k++ {
		if len(m) == 1<<(2*k) {
			return k, nil
		}
	}
	return 0, errors.Errorf(
		"want a square matrix of 2^k rows, 1 to %d qubits, got %d entries", maxDense, len(m))
}

// eigen returns the eigenvalues of a Hermitian m and the unitary whose columns are its eigenvectors, by
// cyclic Jacobi rotations. A diagonal m comes back exactly, with the identity.
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

// annihilate makes the entry (p, q) of a Hermitian matrix zero by a rotation J of the two axes, m ← J†·m·J
// and v ← v·J. It tells whether there was anything to do.
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
