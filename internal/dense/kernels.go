package dense

import "sync"

// kernels is one set of kernels for one element type. The exported functions check lengths and deal with what
// is empty; kernels trust their arguments.
type kernels[T Float] struct {
	// lanes is the number of elements in a vector; the tile of panel is one or two vectors wide.
	lanes int
	// panel sets C = alpha·(A·B + bias) + beta·C for a C of n ≤ 2·lanes columns. Element (i,p) of A is at
	// a[i·down+p·along]. B has rows of lanes elements if n ≤ lanes and of 2·lanes otherwise, at a distance of
	// stride, all of which may be read; so has a bias that is not empty.
	panel func(m, n, k int, a []T, down, along int, b []T, stride int, c []T, ldc int,
		alpha, beta T, bias []T)
	// pack copies rows×cols elements into rows of `padded`; what is beyond cols is arbitrary.
	pack func(rows, cols int, src []T, ld int, dst []T, padded int)
	// packTransposed copies the transpose of rows×cols elements into cols rows of `padded`; what is beyond
	// rows is arbitrary. It may write up to the next multiple of lanes rows.
	packTransposed func(rows, cols int, src []T, ld int, dst []T, padded int)

	add, mul       func(dst, a, b []T)
	axpy           func(alpha T, x, y []T)
	scale          func(alpha T, x []T)
	dot            func(x, y []T) T
	sumSquares     func(x []T) float64
	colSum         func(rows, cols int, x, dst []T)
	exp, erf, gelu func(x, y []T)
	geluGrad       func(x, dy, dx []T)
	sincos         func(x, sin, cos []T) // of |x| below maxSincos, in float64 only
	maximum        func(x []T) T
	sumExp         func(x []T, shift T) T // Σ exp(x − shift)
	softmax        func(rows, cols int, x, y []T)
	softmaxGrad    func(rows, cols int, y, dy, dx []T)
	layerNorm      func(rows, cols int, x, gamma, beta []T, eps T, y, xhat, rstd []T)
	// layerNormGrad adds to dgamma and dbeta; dx may be nil.
	layerNormGrad func(rows, cols int, dy, xhat, rstd, gamma, dx, dgamma, dbeta []T)
	adamW         func(w, g, m, v []T, keep, beta1, rest1, beta2, rest2, root, eps, step T)
	fma           func(n int) // n rounds of fmaChains·lanes multiplications and additions; n > 0
	workspaces    *sync.Pool
}

var (
	workspaces32 = sync.Pool{New: func() any { return new(workspace[float32]) }}
	workspaces64 = sync.Pool{New: func() any { return new(workspace[float64]) }}
)

// active returns the kernels in use for T.
func active[T Float]() *kernels[T] {
	if k, ok := any(current.f32).(*kernels[T]); ok {
		return k
	}
	return any(current.f64).(*kernels[T])
}
