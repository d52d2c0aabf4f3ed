package nn

import (
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
)

// Mean returns the mean of x along an axis, which the result does not have any more.
//
// Differentiable in x. It returns an error if x has no such axis.
func Mean(x *G.Node, axis int) (*G.Node, error) {
	if err := checkAxis("Mean", x, axis); err != nil {
		return nil, err
	}
	return op.ByDtype(x, mean[float32](axis), mean[float64](axis))
}

func mean[T op.Float](axis int) op.NodeFunc {
	return func(x ...*G.Node) (*G.Node, error) {
		shape := x[0].Shape().Clone()
		outer, n, inner := splitAt(shape, axis)
		return op.Apply(op.Kernel[T]{
			Name:   "Mean",
			Shape:  append(shape[:axis], shape[axis+1:]...),
			Memory: op.Memory[T]{BackwardIgnores: []int{0, op.Result}},
			ONNX:   func(b *onnx.Builder, in []onnx.Value) onnx.Value { return b.Mean(in[0], false, axis) },
			Forward: func(out []T, in [][]T) error {
				for o := range outer {
					sum := out[o*inner : (o+1)*inner]
					dense.ColSum(n, inner, in[0][o*n*inner:(o+1)*n*inner], sum)
					dense.Scale(1/T(n), sum)
				}
				return nil
			},
			Backward: func(din, _ [][]T, _, dout []T) error {
				for i := range outer * n {
					row := din[0][i*inner : (i+1)*inner]
					copy(row, dout[i/n*inner:])
					dense.Scale(1/T(n), row)
				}
				return nil
			},
		}, x...)
	}
}

// Sum returns the sum of all elements of x, a scalar. It adds in float64 in either dtype.
//
// Differentiable in x. It returns an error if x is nil.
func Sum(x *G.Node) (*G.Node, error) {
	if err := checkOperands("Sum", x); err != nil {
		return nil, err
	}
	return op.ByDtype(x, total[float32], total[float64])
}

func total[T op.Float](x ...*G.Node) (*G.Node, error) {
	return op.Apply(op.Kernel[T]{
		Name:   "Sum",
		Memory: op.Memory[T]{BackwardIgnores: []int{0, op.Result}},
		ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
			return b.Sum(b.Reshape(in[0], x[0].Shape().TotalSize()), false, 0)
		},
		Forward: func(out []T, in [][]T) error {
			sum := 0.0
			for _, v := range in[0] {
				sum += float64(v)
			}
			out[0] = T(sum)
			return nil
		},
		Backward: func(din, _ [][]T, _, dout []T) error {
			for i := range din[0] {
				din[0][i] = dout[0]
			}
			return nil
		},
	}, x...)
}
