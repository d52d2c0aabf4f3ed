package nn

import (
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
)

// MatMul returns the matrix products of a and b.
//
//	a    (…, m, k)
//	b    (…, k, n) with the same leading axes, or (k, n) for all of them
//	out  (…, m, n)
//
// Differentiable in a and b. It returns an error if the shapes do not fit.
func MatMul(a, b *G.Node) (*G.Node, error) {
	if err := checkOperands("MatMul", a, b); err != nil {
		return nil, err
	}
	left, right := a.Shape(), b.Shape()
	p, q := left.Dims()-2, right.Dims()-2
	if p < 0 || q < 0 || left[p+1] != right[q] || q > 0 && !slices.Equal(left[:p], right[:q]) {
		const want = "(…, m, k) and (…, k, n) with equal leading axes, or (k, n)"
		return nil, errors.Errorf("nn: MatMul: shapes %v and %v, want %s", left, right, want)
	}
	return op.ByDtype(a, matMul[float32], matMul[float64], b)
}

func matMul[T op.Float](x ...*G.Node) (*G.Node, error) {
	left, right := x[0].Shape(), x[1].Shape()
	p, q := left.Dims()-2, right.Dims()-2
	batch, m, k, n := left[:p].TotalSize(), left[p], left[p+1], right[q+1]
	if q == 0 { // one product, of all rows
		batch, m = 1, batch*m
	}
	return op.Apply(op.Kernel[T]{
		Name:   "MatMul",
		Shape:  withLast(left, n),
		Memory: op.Memory[T]{BackwardIgnores: []int{op.Result}},
		Flops:  2 * batch * m * n * k,
		ONNX:   func(b *onnx.Builder, in []onnx.Value) onnx.Value { return b.MatMul(in[0], in[1]) },
		Forward: func(out []T, in [][]T) error {
			dense.GemmBatch(batch, false, false, m, n, k, 1, in[0], k, m*k, in[1], n, k*n, 0, out, n, m*n)
			return nil
		},
		Backward: func(din, in [][]T, _, dout []T) error {
			if din[0] != nil {
				dense.GemmBatch(batch, false, true, m, k, n, 1, dout, n, m*n, in[1], n, k*n, 0, din[0], k,
					m*k)
			}
			if din[1] != nil {
				dense.GemmBatch(batch, true, false, k, n, m, 1, in[0], k, m*k, dout, n, m*n, 0, din[1], n,
					k*n)
			}
			return nil
		},
	}, x...)
}
