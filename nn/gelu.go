package nn

import (
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
)

// GELU is x·Φ(x) with the exact normal distribution function Φ(x) = (1+erf(x/√2))/2, not its tanh
// approximation.
//
// Source: Hendrycks, Gimpel, arXiv 1606.08415.
type GELU struct{}

// Forward returns x·Φ(x), of any shape, differentiable in x.
func (GELU) Forward(_ *Scope, x *G.Node) (*G.Node, error) {
	return op.ByDtype(x, gelu[float32], gelu[float64])
}

func gelu[T op.Float](x ...*G.Node) (*G.Node, error) {
	return op.Apply(op.Kernel[T]{
		Name:     "GELU",
		Shape:    x[0].Shape(),
		Memory:   op.Memory[T]{BackwardIgnores: []int{op.Result}, InPlace: true},
		ONNX:     func(b *onnx.Builder, in []onnx.Value) onnx.Value { return b.GELU(in[0]) },
		Forward:  func(out []T, in [][]T) error { dense.GELU(in[0], out); return nil },
		Backward: func(din, in [][]T, _, dout []T) error { dense.GELUGrad(in[0], dout, din[0]); return nil },
	}, x...)
}
