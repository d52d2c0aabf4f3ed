package nn

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
)

// GroupNorm is y = γ(x−μ)/√(σ²+ε) + β over images, with the mean μ and the (biased) variance σ² of each group
// of channels of each image. It stands where convolutional networks have a batch norm, but looks at one image
// only: a result does not depend on the batch, nor on how that is cut into micro-batches.
//
//	x       (B, C, …)
//	weight  γ (C), starts at 1, not decayed
//	bias    β (C), starts at 0, not decayed
//	y       (B, C, …)
//
// Source: Wu, He, arXiv 1803.08494; torch.nn.GroupNorm.
type GroupNorm struct {
	Groups int     // of neighbouring channels; they divide C
	Eps    float64 // ε; 0 means 1e-5
}

// Forward returns the normalized x, differentiable in x, weight and bias. It returns an error if x has no
// channels, Groups do not divide them, or Eps is negative.
func (l GroupNorm) Forward(s *Scope, x *G.Node) (*G.Node, error) {
	if err := checkFeatures(x); err != nil {
		return nil, err
	}
	switch {
	case x.Dims() < 2:
		return nil, errors.Errorf("want input (B, C, …), got shape %v", x.Shape())
	case l.Groups < 1 || x.Shape()[1]%l.Groups != 0:
		return nil, errors.Errorf("%d groups for %d channels, want a divisor of the channels",
			l.Groups, x.Shape()[1])
	}
	eps, err := positiveOr("Eps", l.Eps, 1e-5)
	if err != nil {
		return nil, err
	}
	gamma, beta, err := affine(s, x.Shape()[1], x.Dtype())
	if err != nil {
		return nil, err
	}
	return op.ByDtype(x, groupNorm[float32](l.Groups, eps), groupNorm[float64](l.Groups, eps), gamma, beta)
}

// groupNorm is a layer norm over all values of a group, with a weight and a bias for each of its channels; it
// keeps what that does.
func groupNorm[T op.Float](groups int, eps float64) op.NodeFunc {
	return func(x ...*G.Node) (*G.Node, error) {
		batch, channels, size := x[0].Shape()[0], x[0].Shape()[1], x[0].Shape().TotalSize()
		plane, group := size/(batch*channels), size/(batch*groups) // values of a channel and of a group
		var xhat []T
		rstd := make([]T, batch*groups)
		// a weight and a bias for each value
		gamma, beta := make([]T, channels*plane), make([]T, channels*plane)
		dgamma, dbeta := make([]T, group), make([]T, group) // their gradients, not wanted
		ones := make([]T, plane)
		fill(ones, 1)
		return op.Apply(op.Kernel[T]{
			Name:  "GroupNorm",
			Shape: x[0].Shape(),
			ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
				return b.GroupNorm(in[0], in[1], in[2], groups, eps)
			},
			Memory: op.Memory[T]{
				Saved:           []op.Buffer[T]{{Len: size, Slice: &xhat}},
				BackwardIgnores: []int{0, 1, 2, op.Result},
				InPlace:         true,
			},
			Forward: func(out []T, in [][]T) error {
				for c := range channels {
					fill(gamma[c*plane:(c+1)*plane], in[1][c])
					fill(beta[c*plane:(c+1)*plane], in[2][c])
				}
				for i := range rstd {
					from, to, g := i*group, (i+1)*group, i%groups*group
					dense.LayerNorm(1, group, in[0][from:to], gamma[g:], beta[g:], T(eps), out[from:to],
						xhat[from:], rstd[i:])
				}
				return nil
			},
			Backward: func(din, _ [][]T, _, dout []T) error {
				clear(din[1])
				clear(din[2])
				for start := 0; start < size; start += plane {
					c := start / plane % channels
					if din[1] != nil {
						din[1][c] += dense.Dot(dout[start:start+plane], xhat[start:])
					}
					if din[2] != nil {
						din[2][c] += dense.Dot(dout[start:start+plane], ones)
					}
				}
				if din[0] == nil {
					return nil
				}
				for i := range rstd { // last, for din[0] may be dout
					from, to, g := i*group, (i+1)*group, i%groups*group
					dense.LayerNormGrad(1, group, dout[from:to], xhat[from:], rstd[i:], gamma[g:],
						din[0][from:to], dgamma, dbeta)
				}
				return nil
			},
		}, x...)
	}
}

func fill[T op.Float](x []T, v T) {
	for i := range x {
		x[i] = v
	}
}
