package nn

import (
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
)

// HeadDistances returns c·‖qᵢ − kⱼ‖² for all pairs of tokens in every head.
//
//	q, k  (B, T, W); head h sees columns h·W/H to (h+1)·W/H
//	out   (B, H, T, T)
//
// Differentiable in q and k. It returns an error if the shapes differ or are not (B, T, W), H does not divide
// W, or c is not finite.
func HeadDistances(q, k *G.Node, count int, c float64) (*G.Node, error) {
	h, err := headsOf(q, count)
	if err == nil && (k == nil || !slices.Equal(k.Shape(), q.Shape())) {
		err = errors.Errorf("queries of shape %v, want keys like them, got %v", q.Shape(), shapeOf(k))
	}
	if err != nil {
		return nil, errors.WithMessage(err, "nn: HeadDistances")
	}
	if err := checkFactor("HeadDistances", c); err != nil {
		return nil, err
	}
	return op.ByDtype(q, headDistances[float32](h, c), headDistances[float64](h, c), k)
}

func headDistances[T op.Float](h op.Heads, c float64) op.NodeFunc {
	t, w := h.Tokens, h.HeadWidth()
	row := func(x []T, b, i, head int) []T { return x[(b*t+i)*h.Width+head*w:][:w] }
	// each calls f with every query, and what belongs to its pairs in a result.
	each := func(out []T, f func(b, head, i int, pairs []T)) {
		for m := 0; m*t < len(out); m++ {
			f(m/t/h.Count, m/t%h.Count, m%t, out[m*t:(m+1)*t])
		}
	}
	return func(x ...*G.Node) (*G.Node, error) {
		return op.Apply(op.Kernel[T]{
			Name:   "HeadDistances",
			Shape:  h.MapShape(),
			Memory: op.Memory[T]{BackwardIgnores: []int{op.Result}},
			Flops:  headFlops(h),
			ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
				q, k := b.SplitHeads(in[0], h.Count), b.SplitHeads(in[1], h.Count)
				keys := b.Transpose(b.Sum(b.Mul(k, k), true, 3), 0, 1, 3, 2)
				products := b.Scale(b.MatMul(q, b.Transpose(k, 0, 1, 3, 2)), -2)
				return b.Scale(b.Add(b.Add(products, b.Sum(b.Mul(q, q), true, 3)), keys), c)
			},
			// Differences rather than ‖q‖² + ‖k‖² − 2q·k, which cancels where tokens are close.
			Forward: func(out []T, in [][]T) error {
				each(out, func(b, head, i int, pairs []T) {
					q := row(in[0], b, i, head)
					for j := range pairs {
						sum := T(0)
						for l, v := range row(in[1], b, j, head) {
							d := q[l] - v
							sum += d * d
						}
						pairs[j] = T(c) * sum
					}
				})
				return nil
			},
			// dqᵢ = 2c(Σⱼg·qᵢ − Σⱼg·kⱼ), and the same for keys with g transposed.
			Backward: func(din, in [][]T, _, dout []T) error {
				for side, d := range din {
					if d == nil {
						continue
					}
					applyMaps(h, side == 1, T(-2*c), dout, in[1-side], d)
				}
				each(dout, func(b, head, i int, pairs []T) {
					sum := T(0)
					for j, g := range pairs {
						sum += g
						if din[1] != nil {
							dense.Axpy(T(2*c)*g, row(in[1], b, j, head), row(din[1], b, j, head))
						}
					}
					if din[0] != nil {
						dense.Axpy(T(2*c)*sum, row(in[0], b, i, head), row(din[0], b, i, head))
					}
				})
				return nil
			},
		}, x...)
	}
}
