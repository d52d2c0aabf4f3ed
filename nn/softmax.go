package nn

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
)

// Softmax returns exp(xᵢ)/Σⱼexp(xⱼ) over the last axis, safe for logits of any size.
//
// Differentiable in x. It returns an error if x is a scalar.
func Softmax(x *G.Node) (*G.Node, error) {
	if err := checkFeatures(x); err != nil {
		return nil, errors.WithMessage(err, "nn: Softmax")
	}
	return op.ByDtype(x, softmax[float32], softmax[float64])
}

func softmax[T op.Float](x ...*G.Node) (*G.Node, error) {
	count, width := rows(x[0])
	return op.Apply(op.Kernel[T]{
		Name:   "Softmax",
		Shape:  x[0].Shape(),
		Memory: op.Memory[T]{BackwardIgnores: []int{0}, InPlace: true},
		ONNX:   func(b *onnx.Builder, in []onnx.Value) onnx.Value { return b.Softmax(in[0]) },
		Forward: func(out []T, in [][]T) error {
			dense.Softmax(count, width, in[0], out)
			return nil
		},
		Backward: func(din, _ [][]T, out, dout []T) error {
			dense.SoftmaxGrad(count, width, out, dout, din[0])
			return nil
		},
	}, x...)
}
