package dense

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// BLAS is gonum's BLAS with the matrix products of this package, for gorgonia.Use and tensor.Use: a graph made of Gorgonia's own operations gets them too.
// Arguments are checked as gonum does, by a panic.
type BLAS struct{ gonum.Implementation }

// Sgemm sets C = alpha·op(A)·op(B) + beta·C in float32.
func (b BLAS) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, x []float32, ldb int, beta float32, c []float32, ldc int) {
	if !wellFormed(tA, tB, m, n, k, lda, ldb, ldc) {
		b.Implementation.Sgemm(tA, tB, m, n, k, alpha, a, lda, x, ldb, beta, c, ldc)
		return
	}
	Gemm(tA != blas.NoTrans, tB != blas.NoTrans, m, n, k, alpha, a, lda, x, ldb, beta, c, ldc)
}

// Dgemm sets C = alpha·op(A)·op(B) + beta·C in float64.
func (b BLAS) Dgemm(tA, tB blas.Transpose, m, n, k int, alpha float64, a []float64, lda int, x []float64, ldb int, beta float64, c []float64, ldc int) {
	if !wellFormed(tA, tB, m, n, k, lda, ldb, ldc) {
		b.Implementation.Dgemm(tA, tB, m, n, k, alpha, a, lda, x, ldb, beta, c, ldc)
		return
	}
	Gemm(tA != blas.NoTrans, tB != blas.NoTrans, m, n, k, alpha, a, lda, x, ldb, beta, c, ldc)
}

// wellFormed tells whether gonum would accept the shapes of a product that is not empty; gonum deals with the others.
func wellFormed(tA, tB blas.Transpose, m, n, k, lda, ldb, ldc int) bool {
	known := func(t blas.Transpose) bool { return t == blas.NoTrans || t == blas.Trans || t == blas.ConjTrans }
	acols, bcols := k, n
	if tA != blas.NoTrans {
		acols = m
	}
	if tB != blas.NoTrans {
		bcols = k
	}
	return known(tA) && known(tB) && m > 0 && n > 0 && k > 0 && lda >= acols && ldb >= bcols && ldc >= n
}
