package nn

import (
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
)

// Slice returns a copy of the part [from,to) of x along an axis; the axis stays, with size to−from.
//
// Differentiable in x. It returns an error if x has no such axis or part.
func Slice(x *G.Node, axis, from, to int) (*G.Node, error) {
	if err := axisOf("Slice", x, axis); err != nil {
		return nil, err
	}
	if from < 0 || to > x.Shape()[axis] || from >= to {
		return nil, errors.Errorf("nn: Slice: part [%d,%d) of axis %d of shape %v", from, to, axis, x.Shape())
	}
	return op.ByDtype(x, slice[float32](axis, from, to), slice[float64](axis, from, to))
}

func slice[T op.Float](axis, from, to int) func(x ...*G.Node) (*G.Node, error) {
	return func(x ...*G.Node) (*G.Node, error) {
		shape := x[0].Shape().Clone()
		outer, n, inner := around(shape, axis)
		shape[axis] = to - from
		return op.Apply(op.Kernel[T]{
			Name:   "Slice",
			Memory: op.Memory[T]{BackwardIgnores: []int{0, op.Result}},
			Shape:  shape,
			Forward: func(out []T, in [][]T) error {
				copyRows(outer, out, (to-from)*inner, 0, in[0], n*inner, from*inner, (to-from)*inner)
				return nil
			},
			Backward: func(din, _ [][]T, _, dout []T) error {
				clear(din[0])
				copyRows(outer, din[0], n*inner, from*inner, dout, (to-from)*inner, 0, (to-from)*inner)
				return nil
			},
		}, x...)
	}
}

// Concat returns the operands one after the other along an axis, in which alone their shapes may differ.
//
// Differentiable in all operands. It returns an error if there is none, if they have no such axis, or if their shapes differ in another.
func Concat(axis int, xs ...*G.Node) (*G.Node, error) {
	if err := present("Concat", xs...); err != nil {
		return nil, err
	}
	if len(xs) == 0 {
		return nil, errors.New("nn: Concat: no operands")
	}
	if err := axisOf("Concat", xs[0], axis); err != nil {
		return nil, err
	}
	shape := xs[0].Shape().Clone()
	for i, x := range xs[1:] {
		other := x.Shape()
		if x.Dims() != shape.Dims() || !slices.Equal(shape[:axis], other[:axis]) || !slices.Equal(shape[axis+1:], other[axis+1:]) {
			return nil, errors.Errorf("nn: Concat: operand %d has shape %v, the first %v: they may differ in axis %d only", i+1, other, xs[0].Shape(), axis)
		}
		shape[axis] += other[axis]
	}
	return op.ByDtype(xs[0], concat[float32](axis, shape), concat[float64](axis, shape), xs[1:]...)
}

func concat[T op.Float](axis int, shape tensor.Shape) func(xs ...*G.Node) (*G.Node, error) {
	return func(xs ...*G.Node) (*G.Node, error) {
		outer, n, inner := around(shape, axis)
		widths := make([]int, len(xs))
		for i, x := range xs {
			widths[i] = x.Shape()[axis] * inner
		}
		return op.Apply(op.Kernel[T]{
			Name:  "Concat",
			Shape: shape,
			Forward: func(out []T, in [][]T) error {
				at := 0
				for i, w := range widths {
					copyRows(outer, out, n*inner, at, in[i], w, 0, w)
					at += w
				}
				return nil
			},
			Backward: func(din, _ [][]T, _, dout []T) error {
				at := 0
				for i, w := range widths {
					if din[i] != nil {
						copyRows(outer, din[i], w, 0, dout, n*inner, at, w)
					}
					at += w
				}
				return nil
			},
		}, xs...)
	}
}

// copyRows copies n elements of each row, from column col of src to column at of dst.
func copyRows[T op.Float](rows int, dst []T, width, at int, src []T, stride, col, n int) {
	for r := range rows {
		copy(dst[r*width+at:r*width+at+n], src[r*stride+col:])
	}
}
