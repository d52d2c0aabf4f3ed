package nn

import (
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
)

// Dropout sets each element to 0 with probability P and divides the others by 1−P, in a graph that trains. In
// a graph that evaluates, and with a P of 0, it returns its input and adds no node.
//
// The first axis of its input is the batch; which elements of a row are dropped depends on the row's key in
// Scope.Random, the store's seed, the Scope and the run, not on the other rows.
//
// Source: Srivastava et al., JMLR 15 (2014), in the inverted form.
type Dropout struct {
	P float64 // in [0,1)
}

// Forward returns x with elements dropped, differentiable in x. It returns an error if P is not in [0,1) or x
// a scalar; a run gives one if RandomSource.SetRows gave keys for another number of rows.
func (d Dropout) Forward(s *Scope, x *G.Node) (*G.Node, error) {
	if nothing, err := dropsNothing(s, x, d.P); nothing || err != nil {
		return x, err
	}
	random := s.Random().Stream(s.join("dropout"))
	return op.ByDtype(x, dropout[float32](d.P, random), dropout[float64](d.P, random))
}

// dropsNothing reports whether x passes as it is. It returns an error if p is no probability to drop with, or
// x has no rows.
func dropsNothing(s *Scope, x *G.Node, p float64) (bool, error) {
	if err := checkFeatures(x); err != nil {
		return false, err
	}
	if !(p >= 0 && p < 1) {
		return false, errors.Errorf("P is %v, want it in [0,1)", p)
	}
	return p == 0 || !s.Training(), nil
}

// dropout keeps the factors of the elements for its backward pass.
func dropout[T op.Float](p float64, random *RandomStream) op.NodeFunc {
	threshold := uint64(math.Ldexp(p, 64))
	scale := T(1 / (1 - p))
	return func(x ...*G.Node) (*G.Node, error) {
		batch, size := x[0].Shape()[0], x[0].Shape().TotalSize()
		width := size / batch
		var factor []T
		return op.Apply(op.Kernel[T]{
			Name:  "Dropout",
			Shape: x[0].Shape(),
			Memory: op.Memory[T]{
				Saved:           []op.Buffer[T]{{Len: size, Slice: &factor}},
				BackwardIgnores: []int{0, op.Result},
				InPlace:         true,
			},
			Forward: func(out []T, in [][]T) error {
				if err := random.Next(batch); err != nil {
					return err
				}
				for r := range batch {
					numbers := random.Row(r)
					row := factor[r*width : (r+1)*width]
					for i := range row {
						row[i] = scale
						if numbers.Uint64() < threshold {
							row[i] = 0
						}
					}
				}
				dense.Mul(out, in[0], factor)
				return nil
			},
			Backward: func(din, _ [][]T, _, dout []T) error {
				dense.Mul(din[0], dout, factor)
				return nil
			},
		}, x...)
	}
}
