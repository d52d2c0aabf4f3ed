package nn

import (
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
)

// DepthwiseTokens slides a 3×3 filter of each feature over tokens that lie on a square grid, row by row, as
// those of Patches do; beyond the border they are 0.
//
//	x       (B, T, D), T a square number
//	weight  (3, 3, D), starts evenly from ±1/3
//	bias    (D), not decayed
//	y       (B, T, D)
//
// torch.nn.Conv2d(D, D, 3, padding=1, groups=D) has the same weights as (D, 1, 3, 3).
type DepthwiseTokens struct{}

// depthwiseSide is the side of the filters.
const depthwiseSide = 3

// Forward returns the filtered tokens, differentiable in x, weight and bias. It returns an error if x is not
// (B, T, D) or T no square number.
func (DepthwiseTokens) Forward(s *Scope, x *G.Node) (*G.Node, error) {
	if err := checkAxes(x, "(B, T, D)", 3); err != nil {
		return nil, err
	}
	if n := gridSide(x.Shape()[1]); n*n != x.Shape()[1] {
		return nil, errors.Errorf("%d tokens, want a square number of them", x.Shape()[1])
	}
	d, init := x.Shape()[2], FanIn(depthwiseSide*depthwiseSide)
	w, err := s.Param("weight", ParamSpec{Shape: tensor.Shape{depthwiseSide, depthwiseSide, d}, Dtype: x.Dtype(),
		Init: init})
	if err != nil {
		return nil, err
	}
	b, err := s.Param("bias", ParamSpec{Shape: tensor.Shape{d}, Dtype: x.Dtype(), Init: init, NoDecay: true})
	if err != nil {
		return nil, err
	}
	return op.ByDtype(x, depthwise[float32], depthwise[float64], w, b)
}

func gridSide(tokens int) int { return int(math.Round(math.Sqrt(float64(tokens)))) }

// eachRun calls f for each pixel of a filter and each row of the grid at which it sees tokens: n of them from
// token `from` on, for the results from token `to` on. They lie next to each other, as the features of all
// do.
func eachRun(side int, f func(pixel, to, from, n int)) {
	for pixel := range depthwiseSide * depthwiseSide {
		dy, dx := pixel/depthwiseSide-1, pixel%depthwiseSide-1
		for y := max(0, -dy); y < min(side, side-dy); y++ {
			x := max(0, -dx)
			f(pixel, y*side+x, (y+dy)*side+x+dx, min(side, side-dx)-x)
		}
	}
}

// depthwise takes x, weight and bias.
func depthwise[T op.Float](x ...*G.Node) (*G.Node, error) {
	shape := x[0].Shape().Clone()
	batch, tokens, d := shape[0], shape[1], shape[2]
	side := gridSide(tokens)
	wide := make([]T, depthwiseSide*depthwiseSide*side*d) // the filter for a row of the grid
	products := make([]T, side*d)
	sum := make([]T, d)
	// each calls f with what a pixel of the filter sees in an image: rows of so many values, and its weights
	each := func(w []T, f func(pixel, to, from, n int, filter []T)) {
		for i := range depthwiseSide * depthwiseSide * side {
			copy(wide[i*d:(i+1)*d], w[i/side*d:])
		}
		for b := range batch {
			eachRun(side, func(pixel, to, from, n int) {
				f(pixel, (b*tokens+to)*d, (b*tokens+from)*d, n*d, wide[pixel*side*d:])
			})
		}
	}
	return op.Apply(op.Kernel[T]{
		Name:   "DepthwiseTokens",
		Shape:  shape,
		Memory: op.Memory[T]{BackwardIgnores: []int{2, op.Result}},
		Flops:  2 * depthwiseSide * depthwiseSide * batch * tokens * d,
		ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
			return depthwiseONNX(b, in, batch, side, d)
		},
		Forward: func(out []T, in [][]T) error {
			for t := range batch * tokens {
				copy(out[t*d:(t+1)*d], in[2])
			}
			each(in[1], func(_, to, from, n int, filter []T) {
				dense.Mul(products[:n], in[0][from:from+n], filter[:n])
				dense.Add(out[to:to+n], out[to:to+n], products[:n])
			})
			return nil
		},
		Backward: func(din, in [][]T, _, dout []T) error {
			if din[0] != nil {
				clear(din[0])
			}
			if din[1] != nil {
				clear(din[1])
			}
			each(in[1], func(pixel, to, from, n int, filter []T) {
				if din[0] != nil {
					dense.Mul(products[:n], dout[to:to+n], filter[:n])
					dense.Add(din[0][from:from+n], din[0][from:from+n], products[:n])
				}
				if din[1] != nil {
					dense.Mul(products[:n], dout[to:to+n], in[0][from:from+n])
					dense.ColSum(n/d, d, products[:n], sum)
					dw := din[1][pixel*d : (pixel+1)*d]
					dense.Add(dw, dw, sum)
				}
			})
			if din[2] != nil {
				dense.ColSum(batch*tokens, d, dout, din[2])
			}
			return nil
		},
	}, x...)
}

// depthwiseONNX writes the filter as products with shifted grids.
func depthwiseONNX(b *onnx.Builder, in []onnx.Value, batch, side, d int) onnx.Value {
	grid := b.Pad(b.Reshape(in[0], batch, side, side, d), []int{0, 1, 1, 0}, []int{0, 1, 1, 0})
	sum := in[2]
	for pixel := range depthwiseSide * depthwiseSide {
		dy, dx := pixel/depthwiseSide, pixel%depthwiseSide
		seen := b.Slice(b.Slice(grid, 1, dy, dy+side), 2, dx, dx+side)
		weight := b.Reshape(b.Slice(b.Slice(in[1], 0, dy, dy+1), 1, dx, dx+1), d)
		sum = b.Add(b.Mul(seen, weight), sum)
	}
	return b.Reshape(sum, batch, side*side, d)
}
