package nn

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
)

// FeatureTokens makes a token of each feature of a vector: (B, F) -> (B, F, D), with a weight and a bias for
// each feature. Token f is x_f·weight_f + bias_f.
//
//	x       (B, F)
//	weight  (F, D)
//	bias    (F, D), not decayed; both start evenly from ±1/√D
//
// The bias says which feature a token is of, so that a position code has nothing to add.
//
// Source: Gorishniy et al., Revisiting Deep Learning Models for Tabular Data, arXiv 2106.11959, section 3.3.
type FeatureTokens struct {
	Width int // D
}

// Forward returns the tokens, differentiable in x, weight and bias. It returns an error if Width is below 1
// or x is not (B, F).
func (l FeatureTokens) Forward(s *Scope, x *G.Node) (*G.Node, error) {
	if err := checkAxes(x, "(B, F)", 2); err != nil {
		return nil, err
	}
	if l.Width < 1 {
		return nil, errors.Errorf("Width is %d, want at least 1", l.Width)
	}
	spec := ParamSpec{Shape: tensor.Shape{x.Shape()[1], l.Width}, Dtype: x.Dtype(), Init: FanIn(l.Width)}
	weight, err := s.Param("weight", spec)
	if err != nil {
		return nil, err
	}
	spec.NoDecay = true
	bias, err := s.Param("bias", spec)
	if err != nil {
		return nil, err
	}
	return op.ByDtype(x, featureTokens[float32], featureTokens[float64], weight, bias)
}

// featureTokens takes x, weight and bias.
func featureTokens[T op.Float](x ...*G.Node) (*G.Node, error) {
	batch, features, width := x[0].Shape()[0], x[0].Shape()[1], x[1].Shape()[1]
	return op.Apply(op.Kernel[T]{
		Name:   "FeatureTokens",
		Shape:  tensor.Shape{batch, features, width},
		Memory: op.Memory[T]{BackwardIgnores: []int{2, op.Result}},
		ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
			return b.Add(b.Mul(b.Reshape(in[0], batch, features, 1), in[1]), in[2])
		},
		Forward: func(out []T, in [][]T) error {
			for i, v := range in[0] {
				token, f := out[i*width:(i+1)*width], i%features*width
				weight, bias := in[1][f:f+width], in[2][f:f+width]
				for j := range token {
					token[j] = v*weight[j] + bias[j]
				}
			}
			return nil
		},
		Backward: func(din, in [][]T, _, dout []T) error {
			for _, d := range din[1:] {
				clear(d)
			}
			for i, v := range in[0] {
				g, f := dout[i*width:(i+1)*width], i%features*width
				if din[0] != nil {
					sum := T(0)
					for j, w := range in[1][f : f+width] {
						sum += g[j] * w
					}
					din[0][i] = sum
				}
				if din[1] != nil {
					for j, d := range g {
						din[1][f+j] += v * d
					}
				}
				if din[2] != nil {
					for j, d := range g {
						din[2][f+j] += d
					}
				}
			}
			return nil
		},
	}, x...)
}
