package nn

import (
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
)

// Slice returns a copy of the part [from,to) of x along an axis; the axis stays, with size to−from.
//
// Differentiable in x. It returns an error if x has no such axis or part.
func Slice(x *G.Node, axis, from, to int) (*G.Node, error) {
	if err := checkAxis("Slice", x, axis); err != nil {
		return nil, err
	}
	if from < 0 || to > x.Shape()[axis] || from >= to {
		return nil, errors.Errorf("nn: Slice: part [%d,%d) of axis %d of shape %v", from, to, axis, x.Shape())
	}
	return op.ByDtype(x, slice[float32](axis, from, to), slice[float64](axis, from, to))
}

func slice[T op.Float](axis, from, to int) op.NodeFunc {
	return func(x ...*G.Node) (*G.Node, error) {
		shape := x[0].Shape().Clone()
		outer, n, inner := splitAt(shape, axis)
		shape[axis] = to - from
		width, part := n*inner, (to-from)*inner
		return op.Apply(op.Kernel[T]{
			Name:   "Slice",
			Shape:  shape,
			Memory: op.Memory[T]{BackwardIgnores: []int{0, op.Result}},
			ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
				return b.Slice(in[0], axis, from, to)
			},
			Forward: func(out []T, in [][]T) error {
				copyColumns(outer, part, out, part, 0, in[0], width, from*inner)
				return nil
			},
			Backward: func(din, _ [][]T, _, dout []T) error {
				clear(din[0])
				copyColumns(outer, part, din[0], width, from*inner, dout, part, 0)
				return nil
			},
		}, x...)
	}
}

// Concat returns the operands one after the other along an axis, in which alone their shapes may differ.
//
// Differentiable in all operands. It returns an error if there is none, if they have no such axis, or if
// their shapes differ in another.
func Concat(axis int, xs ...*G.Node) (*G.Node, error) {
	if err := checkOperands("Concat", xs...); err != nil {
		return nil, err
	}
	if len(xs) == 0 {
		return nil, errors.New("nn: Concat: no operands")
	}
	if err := checkAxis("Concat", xs[0], axis); err != nil {
		return nil, err
	}
	shape := xs[0].Shape().Clone()
	for i, x := range xs[1:] {
		other := x.Shape()
		equal := len(other) == len(shape) && slices.Equal(shape[:axis], other[:axis]) &&
			slices.Equal(shape[axis+1:], other[axis+1:])
		if !equal {
			return nil, errors.Errorf("nn: Concat: operand %d has shape %v, the first %v: only axis %d may "+
				"differ", i+1, other, xs[0].Shape(), axis)
		}
		shape[axis] += other[axis]
	}
	return op.ByDtype(xs[0], concat[float32](axis, shape), concat[float64](axis, shape), xs[1:]...)
}

func concat[T op.Float](axis int, shape tensor.Shape) func(xs ...*G.Node) (*G.Node, error) {
	return func(xs ...*G.Node) (*G.Node, error) {
		outer, n, inner := splitAt(shape, axis)
		widths := make([]int, len(xs))
		for i, x := range xs {
			widths[i] = x.Shape()[axis] * inner
		}
		return op.Apply(op.Kernel[T]{
			Name:  "Concat",
			Shape: shape,
			ONNX:  func(b *onnx.Builder, in []onnx.Value) onnx.Value { return b.Concat(axis, in...) },
			Forward: func(out []T, in [][]T) error {
				column := 0
				for i, w := range widths {
					copyColumns(outer, w, out, n*inner, column, in[i], w, 0)
					column += w
				}
				return nil
			},
			Backward: func(din, _ [][]T, _, dout []T) error {
				column := 0
				for i, w := range widths {
					if din[i] != nil {
						copyColumns(outer, w, din[i], w, 0, dout, n*inner, column)
					}
					column += w
				}
				return nil
			},
		}, xs...)
	}
}

// copyColumns copies n neighbouring columns of a matrix of that many rows, from column srcColumn of src to
// column dstColumn of dst.
func copyColumns[T op.Float](
	rows, n int, dst []T, dstWidth, dstColumn int, src []T, srcWidth, srcColumn int,
) {
	for r := range rows {
		to := r*dstWidth + dstColumn
		copy(dst[to:to+n], src[r*srcWidth+srcColumn:])
	}
}
