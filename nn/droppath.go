package nn

import (
	"math"

	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
)

// DropPath sets all of a row to 0 with probability P and divides the other rows by 1−P, in a graph that trains: stochastic depth, for the branch of
// a residual that some images go without. In a graph that evaluates, and with a P of 0, it returns its input and adds no node.
//
// The first axis of its input is the batch; which rows fall is drawn as in Dropout.
//
// Source: Huang et al., Deep Networks with Stochastic Depth, arXiv 1603.09382, with the division of Dropout.
type DropPath struct {
	P float64 // in [0,1)
}

// Forward returns x without the rows that fall, differentiable in x. It returns an error if P is not in [0,1) or x a scalar; a run gives one if
// Noise.SetRows gave keys for another number of rows.
func (d DropPath) Forward(s *Scope, x *G.Node) (*G.Node, error) {
	if idle, err := dropsNothing(s, x, d.P); idle || err != nil {
		return x, err
	}
	draw := s.Random().Stream(s.join("drop_path"))
	return op.ByDtype(x, dropPath[float32](d.P, draw), dropPath[float64](d.P, draw))
}

// dropPath keeps which rows fell for its backward pass.
func dropPath[T op.Float](p float64, draw *RandomStream) func(x ...*G.Node) (*G.Node, error) {
	below := uint64(math.Ldexp(p, 64))
	kept := T(1 / (1 - p))
	return func(x ...*G.Node) (*G.Node, error) {
		fell := make([]bool, x[0].Shape()[0])
		thin := func(dst, src []T) {
			copy(dst, src)
			dense.Scale(kept, dst)
			width := len(dst) / len(fell)
			for r, f := range fell {
				if f {
					clear(dst[r*width : (r+1)*width])
				}
			}
		}
		return op.Apply(op.Kernel[T]{
			Name:   "DropPath",
			Memory: op.Memory[T]{BackwardIgnores: []int{0, op.Result}, InPlace: true},
			Shape:  x[0].Shape(),
			Forward: func(out []T, in [][]T) error {
				if err := draw.Next(len(fell)); err != nil {
					return err
				}
				for r := range fell {
					random := draw.Row(r)
					fell[r] = random.Uint64() < below
				}
				thin(out, in[0])
				return nil
			},
			Backward: func(din, _ [][]T, _, dout []T) error {
				thin(din[0], dout)
				return nil
			},
		}, x...)
	}
}
