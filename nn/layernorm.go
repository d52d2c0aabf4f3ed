package nn

import (
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
)

// LayerNorm is y = γ(x−μ)/√(σ²+ε) + β over the last axis, with the mean μ and the (biased) variance σ² of
// each row.
//
//	x       (…, D)
//	weight  γ (D), starts at 1, not decayed
//	bias    β (D), starts at 0, not decayed
//	y       (…, D)
//
// Source: Ba, Kiros, Hinton, arXiv 1607.06450.
type LayerNorm struct {
	Eps float64 // ε; 0 means 1e-5
}

// Forward returns the normalized x, differentiable in x, weight and bias. It returns an error if Eps is
// negative or x a scalar.
func (l LayerNorm) Forward(s *Scope, x *G.Node) (*G.Node, error) {
	if err := checkFeatures(x); err != nil {
		return nil, err
	}
	eps, err := positiveOr("Eps", l.Eps, 1e-5)
	if err != nil {
		return nil, err
	}
	_, d := rows(x)
	gamma, beta, err := affine(s, d, x.Dtype())
	if err != nil {
		return nil, err
	}
	return op.ByDtype(x, layerNorm[float32](eps), layerNorm[float64](eps), gamma, beta)
}

// affine returns the parameters of a norm: a weight (n) that starts at 1, and a bias (n) that starts at 0.
func affine(s *Scope, n int, dt tensor.Dtype) (gamma, beta *G.Node, err error) {
	spec := ParamSpec{Shape: tensor.Shape{n}, Dtype: dt, NoDecay: true}
	spec.Init = Constant(1)
	if gamma, err = s.Param("weight", spec); err != nil {
		return nil, nil, err
	}
	spec.Init = Constant(0)
	beta, err = s.Param("bias", spec)
	return gamma, beta, err
}

// layerNorm keeps the normalized rows and 1/√(σ²+ε) for its backward pass.
func layerNorm[T op.Float](eps float64) op.NodeFunc {
	return func(x ...*G.Node) (*G.Node, error) {
		count, width := rows(x[0])
		var normalized []T // nil where no gradient will be asked for
		rstd := make([]T, count)
		unwanted := make([]T, width) // where a gradient goes that nobody wants
		return op.Apply(op.Kernel[T]{
			Name:  "LayerNorm",
			Shape: x[0].Shape(),
			ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
				return b.LayerNorm(in[0], in[1], in[2], eps)
			},
			Memory: op.Memory[T]{
				Saved:           []op.Buffer[T]{{Len: count * width, Slice: &normalized, ForBackward: true}},
				BackwardIgnores: []int{0, 2, op.Result},
				InPlace:         true,
			},
			Forward: func(out []T, in [][]T) error {
				xhat := normalized
				if xhat == nil {
					xhat = out
				}
				dense.LayerNorm(count, width, in[0], in[1], in[2], T(eps), out, xhat, rstd)
				return nil
			},
			Backward: func(din, in [][]T, _, dout []T) error {
				dgamma, dbeta := din[1], din[2]
				if dgamma == nil {
					dgamma = unwanted
				}
				if dbeta == nil {
					dbeta = unwanted
				}
				dense.LayerNormGrad(count, width, dout, normalized, rstd, in[1], din[0], dgamma, dbeta)
				return nil
			},
		}, x...)
	}
}
