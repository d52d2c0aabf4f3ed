package nn

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
)

// heads is the layout of multi-head attention: head h of (batch, tokens, width) is columns h·width/count to (h+1)·width/count of every token, and
// a map of it is matrix h of (batch, count, tokens, tokens).
type heads struct{ batch, count, tokens, width int }

// headsOf returns the layout for x of (B, T, D). It returns an error if x is not that or count does not divide D.
func headsOf(x *G.Node, count int) (heads, error) {
	if err := want(x, "(B, T, D)", 3); err != nil {
		return heads{}, err
	}
	h, err := op.NewHeads(x.Shape(), count)
	return heads{h.Batch, h.Count, h.Tokens, h.Width}, err
}

func (h heads) mapShape() tensor.Shape { return tensor.Shape{h.batch, h.count, h.tokens, h.tokens} }

// products sets maps to c·abᵀ in every head.
func products[T op.Float](h heads, c T, a, b, maps []T) {
	t, d, w := h.tokens, h.width, h.width/h.count
	for i := range h.count {
		dense.GemmBatch(h.batch, false, true, t, t, w, c, a[i*w:], d, t*d, b[i*w:], d, t*d, 0, maps[i*t*t:], t, h.count*t*t)
	}
}

// mixed sets out to c·maps·x in every head, or to c·mapsᵀ·x.
func mixed[T op.Float](h heads, transposed bool, c T, maps, x, out []T) {
	t, d, w := h.tokens, h.width, h.width/h.count
	for i := range h.count {
		dense.GemmBatch(h.batch, transposed, false, t, w, t, c, maps[i*t*t:], t, h.count*t*t, x[i*w:], d, t*d, 0, out[i*w:], d, t*d)
	}
}

// HeadProducts returns c·qᵢ·kⱼ for all pairs of tokens in every head.
//
//	q, k  (B, T, D)
//	out   (B, H, T, T)
//
// Differentiable in q and k. It returns an error if the shapes differ, are not (B, T, D), or H does not divide D.
func HeadProducts(q, k *G.Node, count int, c float64) (*G.Node, error) {
	h, err := headsOf(q, count)
	if err == nil && (k == nil || !slices.Equal(k.Shape(), q.Shape())) {
		err = errors.Errorf("queries of shape %v, want keys like them, got %v", q.Shape(), shapeOf(k))
	}
	if err != nil {
		return nil, errors.WithMessage(err, "nn: HeadProducts")
	}
	return op.ByDtype(q, headProducts[float32](h, c), headProducts[float64](h, c), k)
}

func headProducts[T op.Float](h heads, c float64) func(x ...*G.Node) (*G.Node, error) {
	return func(x ...*G.Node) (*G.Node, error) {
		return op.Apply(op.Kernel[T]{
			Name:   "HeadProducts",
			Memory: op.Memory[T]{BackwardIgnores: []int{op.Result}},
			Flops:  2 * product(h.mapShape()) * (h.width / h.count),
			Shape:  h.mapShape(),
			Forward: func(out []T, in [][]T) error {
				products(h, T(c), in[0], in[1], out)
				return nil
			},
			Backward: func(din, in [][]T, _, dout []T) error {
				if din[0] != nil {
					mixed(h, false, T(c), dout, in[1], din[0])
				}
				if din[1] != nil {
					mixed(h, true, T(c), dout, in[0], din[1])
				}
				return nil
			},
		}, x...)
	}
}

// Mix returns A·V in every head: what attention probabilities do to the values.
//
//	probs  A (B, H, T, T)
//	v      V (B, T, D); head h mixes columns h·D/H to (h+1)·D/H
//	out    (B, T, D)
//
// Differentiable in probs and v. It returns an error if the shapes do not fit.
func Mix(probs, v *G.Node) (*G.Node, error) {
	if err := want(probs, "(B, H, T, T)", 4); err != nil {
		return nil, errors.WithMessage(err, "nn: Mix")
	}
	h, err := headsOf(v, probs.Shape()[1])
	if err == nil && !slices.Equal(probs.Shape(), h.mapShape()) {
		err = errors.Errorf("probabilities of shape %v for values of shape %v, want %v", probs.Shape(), v.Shape(), h.mapShape())
	}
	if err != nil {
		return nil, errors.WithMessage(err, "nn: Mix")
	}
	return op.ByDtype(probs, mixHeads[float32](h), mixHeads[float64](h), v)
}

func mixHeads[T op.Float](h heads) func(x ...*G.Node) (*G.Node, error) {
	return func(x ...*G.Node) (*G.Node, error) {
		return op.Apply(op.Kernel[T]{
			Name:   "Mix",
			Memory: op.Memory[T]{BackwardIgnores: []int{op.Result}},
			Flops:  2 * product(h.mapShape()) * (h.width / h.count),
			Shape:  x[1].Shape(),
			Forward: func(out []T, in [][]T) error {
				mixed(h, false, 1, in[0], in[1], out)
				return nil
			},
			Backward: func(din, in [][]T, _, dout []T) error {
				if din[0] != nil {
					products(h, 1, dout, in[1], din[0])
				}
				if din[1] != nil {
					mixed(h, true, 1, in[0], dout, din[1])
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
// Differentiable in x and s. It returns an error if the shapes do not fit.
func ScaleHeads(x, s *G.Node, c float64) (*G.Node, error) {
	if err := want(x, "(B, H, T, T)", 4); err != nil {
		return nil, errors.WithMessage(err, "nn: ScaleHeads")
	}
	if s == nil || !slices.Equal(s.Shape(), x.Shape()[1:2]) {
		return nil, errors.Errorf("nn: ScaleHeads: scales of shape %v for shape %v, want one of each head, (%d)", shapeOf(s), x.Shape(), x.Shape()[1])
	}
	return op.ByDtype(x, scaledHeads[float32](c), scaledHeads[float64](c), s)
}

func scaledHeads[T op.Float](c float64) func(x ...*G.Node) (*G.Node, error) {
	return func(x ...*G.Node) (*G.Node, error) {
		shape := x[0].Shape()
		count, n := shape[1], shape[2]*shape[3]
		factor := T(c)
		return op.Apply(op.Kernel[T]{
			Name:   "ScaleHeads",
			Memory: op.Memory[T]{BackwardIgnores: []int{op.Result}},
			Shape:  shape,
			Forward: func(out []T, in [][]T) error {
				copy(out, in[0])
				for i := range shape[0] * count {
					dense.Scale(factor*in[1][i%count], out[i*n:(i+1)*n])
				}
				return nil
			},
			Backward: func(din, in [][]T, _, dout []T) error {
				if din[0] != nil {
					copy(din[0], dout)
				}
				if din[1] != nil {
					clear(din[1])
				}
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

// unitHeads returns x with the part of each head in each token divided by its length √(Σx²+1e-12).
func unitHeads(x *G.Node, count int) (*G.Node, error) {
	h, err := headsOf(x, count)
	if err != nil {
		return nil, err
	}
	return op.ByDtype(x, unitRows[float32](h.width/h.count), unitRows[float64](h.width/h.count))
}

func unitRows[T op.Float](width int) func(x ...*G.Node) (*G.Node, error) {
	return func(x ...*G.Node) (*G.Node, error) {
		count := product(x[0].Shape()) / width
		inverse := make([]T, count) // of the lengths, for the backward pass
		return op.Apply(op.Kernel[T]{
			Name:   "UnitHeads",
			Memory: op.Memory[T]{BackwardIgnores: []int{0}},
			Shape:  x[0].Shape(),
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
