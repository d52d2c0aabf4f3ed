package nn

import (
	"math"

	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
)

// DropPath sets all of a row to 0 with probability P and divides the other rows by 1−P, in a graph that
// trains: stochastic depth, for the branch of a residual that some images go without. In a graph that
// evaluates, and with a P of 0, it returns its input and adds no node.
//
// The first axis of its input is the batch; which rows are dropped is drawn as in Dropout.
//
// Source: Huang et al., Deep Networks with Stochastic Depth, arXiv 1603.09382, with the division of Dropout.
type DropPath struct {
	P float64 // in [0,1)
}

// Forward returns x with rows dropped, differentiable in x. It returns an error if P is not in [0,1) or x a
// scalar; a run gives one if RandomSource.SetRows gave keys for another number of rows.
func (d DropPath) Forward(s *Scope, x *G.Node) (*G.Node, error) {
	if nothing, err := dropsNothing(s, x, d.P); nothing || err != nil {
		return x, err
	}
	random := s.Random().Stream(s.join("drop_path"))
	return op.ByDtype(x, dropPath[float32](d.P, random), dropPath[float64](d.P, random))
}

// dropPath keeps which rows were dropped for its backward pass.
func dropPath[T op.Float](p float64, random *RandomStream) op.NodeFunc {
	threshold := uint64(math.Ldexp(p, 64))
	scale := T(1 / (1 - p))
	return func(x ...*G.Node) (*G.Node, error) {
		dropped := make([]bool, x[0].Shape()[0])
		drop := func(dst, src []T) {
			copy(dst, src)
			dense.Scale(scale, dst)
			width := len(dst) / len(dropped)
			for r, d := range dropped {
				if d {
					clear(dst[r*width : (r+1)*width])
				}
			}
		}
		return op.Apply(op.Kernel[T]{
			Name:   "DropPath",
			Shape:  x[0].Shape(),
			Memory: op.Memory[T]{BackwardIgnores: []int{0, op.Result}, InPlace: true},
			Forward: func(out []T, in [][]T) error {
				if err := random.Next(len(dropped)); err != nil {
					return err
				}
				for r := range dropped {
					numbers := random.Row(r)
					dropped[r] = numbers.Uint64() < threshold
				}
				drop(out, in[0])
				return nil
			},
			Backward: func(din, _ [][]T, _, dout []T) error {
				drop(din[0], dout)
				return nil
			},
		}, x...)
	}
}
