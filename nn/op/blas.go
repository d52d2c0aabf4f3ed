package op

import (
	"github.com/hqvit/hqvit/internal/dense"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// BLAS is gonum's BLAS with this module's matrix products (AVX-512, AVX2 or plain Go, whichever the processor
// has), for graphs that are made of Gorgonia's own operations:
//
//	gorgonia.Use(op.BLAS{})
//
// Only Sgemm and Dgemm are replaced; everything else is gonum's. Layers and operations of this module have
// these products already and do not ask for a BLAS. A product runs on the goroutine that calls it: gonum's
// own spreads a large one over all processors, which this one leaves to the caller.
//
// Results agree with gonum's to rounding. With alpha = 0 the operands are not read, with beta = 0 the result
// is not, so NaN in them does not spread.
//
// Errors: panics where gonum's does, with its words, and before anything is written: a transpose that does
// not exist, a negative size, a leading dimension that is too small, a slice that is too short. A result that
// overlaps an operand is undefined.
type BLAS struct{ gonum.Implementation }

// Sgemm sets C = alpha·op(A)·op(B) + beta·C in float32.
func (b BLAS) Sgemm(
	tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, x []float32, ldb int,
	beta float32, c []float32, ldc int,
) {
	if !fits(tA, m, k, len(a), lda) || !fits(tB, k, n, len(x), ldb) ||
		!fits(blas.NoTrans, m, n, len(c), ldc) {
		b.Implementation.Sgemm(tA, tB, m, n, k, alpha, a, lda, x, ldb, beta, c, ldc)
		return
	}
	dense.Gemm(tA != blas.NoTrans, tB != blas.NoTrans, m, n, k, alpha, a, lda, x, ldb, beta, c, ldc)
}

// Dgemm sets C = alpha·op(A)·op(B) + beta·C in float64.
func (b BLAS) Dgemm(
	tA, tB blas.Transpose, m, n, k int, alpha float64, a []float64, lda int, x []float64, ldb int,
	beta float64, c []float64, ldc int,
) {
	if !fits(tA, m, k, len(a), lda) || !fits(tB, k, n, len(x), ldb) ||
		!fits(blas.NoTrans, m, n, len(c), ldc) {
		b.Implementation.Dgemm(tA, tB, m, n, k, alpha, a, lda, x, ldb, beta, c, ldc)
		return
	}
	dense.Gemm(tA != blas.NoTrans, tB != blas.NoTrans, m, n, k, alpha, a, lda, x, ldb, beta, c, ldc)
}

// fits tells whether op(X), rows×cols and not empty, lies within a slice of that length. What does not fit is
// gonum's to answer, with its panic if it is wrong.
func fits(t blas.Transpose, rows, cols, length, ld int) bool {
	switch t {
	case blas.NoTrans:
	case blas.Trans, blas.ConjTrans:
		rows, cols = cols, rows
	default:
		return false
	}
	return rows > 0 && cols > 0 && ld >= cols && length >= (rows-1)*ld+cols
}
