package nn

import (
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
)

// Dropout sets each element to 0 with probability P and divides the others by 1−P, in a graph that trains. In a graph that evaluates, and with
// a P of 0, it returns its input and adds no node.
//
// The first axis of its input is the batch; which elements of a row fall depends on the row's key in Scope.Noise, the store's seed, the
// Scope and the run, not on the other rows.
//
// Source: Srivastava et al., JMLR 15 (2014), in the inverted form.
type Dropout struct {
	P float64 // in [0,1)
}

// Forward returns the thinned x, differentiable in x. It returns an error if P is not in [0,1) or x a scalar; a run gives one if
// Noise.SetRows gave keys for another number of rows.
func (d Dropout) Forward(s *Scope, x *G.Node) (*G.Node, error) {
	if idle, err := dropsNothing(s, x, d.P); idle || err != nil {
		return x, err
	}
	draw := s.Random().Stream(s.join("dropout"))
	return op.ByDtype(x, dropout[float32](d.P, draw), dropout[float64](d.P, draw))
}

// dropsNothing reports whether x passes as it is. It returns an error if p is no probability to drop with, or x has no rows.
func dropsNothing(s *Scope, x *G.Node, p float64) (bool, error) {
	if err := features(x); err != nil {
		return false, err
	}
	if !(p >= 0 && p < 1) {
		return false, errors.Errorf("P is %v, want it in [0,1)", p)
	}
	return p == 0 || !s.Training(), nil
}

// dropout keeps the factors of the elements for its backward pass.
func dropout[T op.Float](p float64, draw *RandomStream) func(x ...*G.Node) (*G.Node, error) {
	below := uint64(math.Ldexp(p, 64))
	kept := T(1 / (1 - p))
	return func(x ...*G.Node) (*G.Node, error) {
		batch := x[0].Shape()[0]
		var factor []T
		size := product(x[0].Shape())
		width := size / batch
		return op.Apply(op.Kernel[T]{
			Name: "Dropout",
			Memory: op.Memory[T]{
				Saved:           []op.Buffer[T]{{Len: size, Slice: &factor}},
				BackwardIgnores: []int{0, op.Result},
				InPlace:         true,
			},
			Shape: x[0].Shape(),
			Forward: func(out []T, in [][]T) error {
				if err := draw.Next(batch); err != nil {
					return err
				}
				for r := range batch {
					random := draw.Row(r)
					row := factor[r*width : (r+1)*width]
					for i := range row {
						row[i] = kept
						if random.Uint64() < below {
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
