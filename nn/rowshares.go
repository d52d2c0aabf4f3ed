package nn

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
)

// leastSum is what RowShares adds to each sum, so that a row of zeros stays finite; below darkSum a row has
// no gradient.
const (
	leastSum = 1e-30
	darkSum  = 1e-20
)

// RowShares returns xᵢ/Σⱼxⱼ over the last axis: what values that are not negative have of the whole. A row of
// zeros becomes even, without a gradient.
//
// Differentiable in x. It returns an error if x is a scalar.
func RowShares(x *G.Node) (*G.Node, error) {
	if err := checkFeatures(x); err != nil {
		return nil, errors.WithMessage(err, "nn: RowShares")
	}
	return op.ByDtype(x, rowShares[float32], rowShares[float64])
}

func rowShares[T op.Float](x ...*G.Node) (*G.Node, error) {
	count, width := rows(x[0])
	inverse := make([]T, count) // of the sums, for the backward pass
	return op.Apply(op.Kernel[T]{
		Name:   "RowShares",
		Shape:  x[0].Shape(),
		Memory: op.Memory[T]{BackwardIgnores: []int{0}},
		ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
			y := b.Add(in[0], b.Scalar(leastSum/float64(width)))
			return b.Div(y, b.Sum(y, true, x[0].Dims()-1))
		},
		Forward: func(out []T, in [][]T) error {
			for r := range count {
				row, shares := in[0][r*width:(r+1)*width], out[r*width:(r+1)*width]
				sum := T(leastSum)
				for _, v := range row {
					sum += v
				}
				inverse[r] = 0
				if sum > darkSum {
					inverse[r] = 1 / sum
				}
				for i, v := range row {
					shares[i] = (v + T(leastSum/float64(width))) / sum
				}
			}
			return nil
		},
		Backward: func(din, _ [][]T, out, dout []T) error {
			for r := range count {
				sum := T(0)
				for i := r * width; i < (r+1)*width; i++ {
					sum += out[i] * dout[i]
				}
				for i := r * width; i < (r+1)*width; i++ {
					din[0][i] = inverse[r] * (dout[i] - sum)
				}
			}
			return nil
		},
	}, x...)
}
