package nn

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
)

// headsOf returns the layout of that many heads of x. It returns an error if x is not (B, T, D) or count does
// not divide D.
func headsOf(x *G.Node, count int) (op.Heads, error) {
	if err := checkAxes(x, "(B, T, D)", 3); err != nil {
		return op.Heads{}, err
	}
	return op.NewHeads(x.Shape(), count)
}

// multiplyHeads sets maps to c·abᵀ in every head.
func multiplyHeads[T op.Float](h op.Heads, c T, a, b, maps []T) {
	t, d, w := h.Tokens, h.Width, h.HeadWidth()
	for i := range h.Count {
		dense.GemmBatch(h.Batch, false, true, t, t, w, c, a[i*w:], d, t*d, b[i*w:], d, t*d, 0, maps[i*t*t:],
			t, h.Count*t*t)
	}
}

// applyMaps sets out to c·maps·x in every head, or to c·mapsᵀ·x.
func applyMaps[T op.Float](h op.Heads, transposed bool, c T, maps, x, out []T) {
	t, d, w := h.Tokens, h.Width, h.HeadWidth()
	for i := range h.Count {
		m := maps[i*t*t:]
		dense.GemmBatch(h.Batch, transposed, false, t, w, t, c, m, t, h.Count*t*t, x[i*w:], d, t*d, 0,
			out[i*w:], d, t*d)
	}
}

// headFlops is the work of one of the two.
func headFlops(h op.Heads) int { return 2 * h.MapShape().TotalSize() * h.HeadWidth() }

// HeadProducts returns c·qᵢ·kⱼ for all pairs of tokens in every head.
//
//	q, k  (B, T, D)
//	out   (B, H, T, T)
//
// Differentiable in q and k. It returns an error if the shapes differ or are not (B, T, D), H does not divide
// D, or c is not finite.
func HeadProducts(q, k *G.Node, count int, c float64) (*G.Node, error) {
	h, err := headsOf(q, count)
	if err == nil && (k == nil || !slices.Equal(k.Shape(), q.Shape())) {
		err = errors.Errorf("queries of shape %v, want keys like them, got %v", q.Shape(), shapeOf(k))
	}
	if err != nil {
		return nil, errors.WithMessage(err, "nn: HeadProducts")
	}
	if err := checkFactor("HeadProducts", c); err != nil {
		return nil, err
	}
	return op.ByDtype(q, headProducts[float32](h, c), headProducts[float64](h, c), k)
}

func headProducts[T op.Float](h op.Heads, c float64) op.NodeFunc {
	return func(x ...*G.Node) (*G.Node, error) {
		return op.Apply(op.Kernel[T]{
			Name:   "HeadProducts",
			Shape:  h.MapShape(),
			Memory: op.Memory[T]{BackwardIgnores: []int{op.Result}},
			Flops:  headFlops(h),
			ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
				keys := b.Transpose(b.SplitHeads(in[1], h.Count), 0, 1, 3, 2)
				return b.Scale(b.MatMul(b.SplitHeads(in[0], h.Count), keys), c)
			},
			Forward: func(out []T, in [][]T) error {
				multiplyHeads(h, T(c), in[0], in[1], out)
				return nil
			},
			Backward: func(din, in [][]T, _, dout []T) error {
				if din[0] != nil {
					applyMaps(h, false, T(c), dout, in[1], din[0])
				}
				if din[1] != nil {
					applyMaps(h, true, T(c), dout, in[0], din[1])
				}
				return nil
			},
		}, x...)
	}
}

// Mix returns A·V in every head: what attention coefficients do to the values.
//
//	probs  A (B, H, T, T)
//	v      V (B, T, D); head h mixes columns h·D/H to (h+1)·D/H
//	out    (B, T, D)
//
// Differentiable in probs and v. It returns an error if the shapes do not fit.
func Mix(probs, v *G.Node) (*G.Node, error) {
	if err := checkAxes(probs, "(B, H, T, T)", 4); err != nil {
		return nil, errors.WithMessage(err, "nn: Mix")
	}
	h, err := headsOf(v, probs.Shape()[1])
	if err == nil && !slices.Equal(probs.Shape(), h.MapShape()) {
		err = errors.Errorf("coefficients of shape %v for values of shape %v, want %v",
			probs.Shape(), v.Shape(), h.MapShape())
	}
	if err != nil {
		return nil, errors.WithMessage(err, "nn: Mix")
	}
	return op.ByDtype(probs, mixHeads[float32](h), mixHeads[float64](h), v)
}

func mixHeads[T op.Float](h op.Heads) op.NodeFunc {
	return func(x ...*G.Node) (*G.Node, error) {
		return op.Apply(op.Kernel[T]{
			Name:   "Mix",
			Shape:  x[1].Shape(),
			Memory: op.Memory[T]{BackwardIgnores: []int{op.Result}},
			Flops:  headFlops(h),
			ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
				return b.JoinHeads(b.MatMul(in[0], b.SplitHeads(in[1], h.Count)))
			},
			Forward: func(out []T, in [][]T) error {
				applyMaps(h, false, 1, in[0], in[1], out)
				return nil
			},
			Backward: func(din, in [][]T, _, dout []T) error {
				if din[0] != nil {
					multiplyHeads(h, 1, dout, in[1], din[0])
				}
				if din[1] != nil {
					applyMaps(h, true, 1, in[0], dout, din[1])
				}
				return nil
			},
		}, x...)
	}
}

// ScaleHeads returns c·sₕ·x, each head with a scale of its own.
//
//	x  (B, H, T, T)
//	s  (H)
//
// Differentiable in x and s. It returns an error if the shapes do not fit or c is not finite.
func ScaleHeads(x, s *G.Node, c float64) (*G.Node, error) {
	if err := checkAxes(x, "(B, H, T, T)", 4); err != nil {
		return nil, errors.WithMessage(err, "nn: ScaleHeads")
	}
	if s == nil || !slices.Equal(s.Shape(), x.Shape()[1:2]) {
		return nil, errors.Errorf("nn: ScaleHeads: scales of shape %v for shape %v, want one a head, (%d)",
			shapeOf(s), x.Shape(), x.Shape()[1])
	}
	if err := checkFactor("ScaleHeads", c); err != nil {
		return nil, err
	}
	return op.ByDtype(x, scaleHeads[float32](c), scaleHeads[float64](c), s)
}

func scaleHeads[T op.Float](c float64) op.NodeFunc {
	return func(x ...*G.Node) (*G.Node, error) {
		shape := x[0].Shape()
		count, n := shape[1], shape[2]*shape[3]
		factor := T(c)
		return op.Apply(op.Kernel[T]{
			Name:   "ScaleHeads",
			Shape:  shape,
			Memory: op.Memory[T]{BackwardIgnores: []int{op.Result}},
			ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
				return b.Scale(b.Mul(in[0], b.Reshape(in[1], count, 1, 1)), c)
			},
			Forward: func(out []T, in [][]T) error {
				copy(out, in[0])
				for i := range shape[0] * count {
					dense.Scale(factor*in[1][i%count], out[i*n:(i+1)*n])
				}
				return nil
			},
			Backward: func(din, in [][]T, _, dout []T) error {
				copy(din[0], dout) // into nil, nothing
				clear(din[1])
				for i := range shape[0] * count {
					from, to := i*n, (i+1)*n
					if din[0] != nil {
						dense.Scale(factor*in[1][i%count], din[0][from:to])
					}
					if din[1] != nil {
						din[1][i%count] += factor * dense.Dot(in[0][from:to], dout[from:to])
					}
				}
				return nil
			},
		}, x...)
	}
}

// UnitHeads returns x (B, T, D) with the part of each head in each token divided by its length √(Σx²+1e-12).
//
// Differentiable in x. It returns an error if x is not (B, T, D) or count does not divide D.
func UnitHeads(x *G.Node, count int) (*G.Node, error) {
	h, err := headsOf(x, count)
	if err != nil {
		return nil, err
	}
	return op.ByDtype(x, normalizeRows[float32](h.HeadWidth()), normalizeRows[float64](h.HeadWidth()))
}

func normalizeRows[T op.Float](width int) op.NodeFunc {
	return func(x ...*G.Node) (*G.Node, error) {
		count := x[0].Shape().TotalSize() / width
		inverse := make([]T, count) // of the lengths, for the backward pass
		return op.Apply(op.Kernel[T]{
			Name:   "UnitHeads",
			Shape:  x[0].Shape(),
			Memory: op.Memory[T]{BackwardIgnores: []int{0}},
			ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
				y := b.Reshape(in[0], count, width)
				squares := b.Add(b.Sum(b.Mul(y, y), true, 1), b.Scalar(1e-12))
				return b.Reshape(b.Div(y, b.Sqrt(squares)), x[0].Shape()...)
			},
			Forward: func(out []T, in [][]T) error {
				copy(out, in[0])
				for r := range count {
					row := out[r*width : (r+1)*width]
					inverse[r] = T(1 / math.Sqrt(float64(dense.SumSquares(row))+1e-12))
					dense.Scale(inverse[r], row)
				}
				return nil
			},
			Backward: func(din, _ [][]T, out, dout []T) error {
				copy(din[0], dout)
				for r := range count {
					y, g := out[r*width:(r+1)*width], din[0][r*width:(r+1)*width]
					dense.Axpy(-dense.Dot(y, g), y, g)
					dense.Scale(inverse[r], g)
				}
				return nil
			},
		}, x...)
	}
}
