// Package losses holds scalar functions of a model's output and the wanted output, as fused nodes with
// analytic gradients: CrossEntropy, BinaryCrossEntropy, MSE and KLDivergence, and Distillation of labels and
// a teacher.
//
// A batch has a fixed size in a graph, so rows can be masked: a masked row adds nothing to the loss and gets
// a zero gradient. Each Loss says what target masks a row.
//
// A new loss in this package is a rowLoss: the loss of one row with its gradient.
package losses

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
)

// Loss makes a scalar node of what a model predicts and what it should.
//
// Both methods are differentiable once in the prediction, and never in the target. They return an error if
// the shapes do not fit. A run returns an *op.RowError if a row's target is not one that the loss takes, or
// if its loss is not finite, as with a NaN in the prediction.
type Loss interface {
	// Sum returns the sum of the losses of all rows that are not masked. Sums and gradients of several
	// micro-batches add up to those of the whole batch, whatever rows are masked in each.
	Sum(prediction, target *G.Node) (*G.Node, error)

	// Mean returns the mean of the losses of all rows that are not masked; 0, with zero gradient, if all are.
	Mean(prediction, target *G.Node) (*G.Node, error)
}

// rowLoss writes the gradient of one row's loss to dx and returns that loss, for the prediction x and the
// target y of the row. For a masked row it returns false, and need not write dx.
type rowLoss[T op.Float] func(dx, x, y []T) (loss float64, valid bool, err error)

// rowLosses is a rowLoss in both dtypes.
type rowLosses struct {
	f32 rowLoss[float32]
	f64 rowLoss[float64]
}

// newNode returns the node of a loss whose operands fit each other, in their dtype.
func newNode(name string, mean bool, rows rowLosses, prediction, target *G.Node) (*G.Node, error) {
	return op.ByDtype(prediction, applyRows(name, mean, rows.f32), applyRows(name, mean, rows.f64), target)
}

func applyRows[T op.Float](name string, mean bool, row rowLoss[T]) op.NodeFunc {
	return func(x ...*G.Node) (*G.Node, error) {
		return op.Apply(kernel(name, mean, x[0].Shape(), row), x...)
	}
}

// kernel keeps in its forward pass the gradients of the rows, which its backward pass scales.
func kernel[T op.Float](name string, mean bool, shape tensor.Shape, row rowLoss[T]) op.Kernel[T] {
	rows, dx := shape[0], make([]T, shape.TotalSize()) // dx is needed in a graph without gradients too
	var share T                                        // of a row in the loss
	return op.Kernel[T]{
		Name:   name,
		Memory: op.Memory[T]{BackwardIgnores: []int{0, 1, op.Result}},
		Forward: func(out []T, in [][]T) error {
			sum, valid, err := sumRows(row, rows, dx, in[0], in[1])
			share = 1
			if mean && valid > 0 {
				share = 1 / T(valid)
				sum /= float64(valid)
			}
			out[0] = T(sum)
			return err
		},
		Backward: func(din, _ [][]T, _, dout []T) error {
			copy(din[0], dx)
			dense.Scale(dout[0]*share, din[0])
			return nil
		},
		Constant: []int{1},
	}
}

// sumRows adds up in float64 the losses of the rows that are not masked.
func sumRows[T op.Float](row rowLoss[T], rows int, dx, x, y []T) (sum float64, valid int, err error) {
	nx, ny := len(x)/rows, len(y)/rows
	for r := range rows {
		drow := dx[r*nx : (r+1)*nx]
		loss, ok, err := row(drow, x[r*nx:(r+1)*nx], y[r*ny:(r+1)*ny])
		if err != nil {
			return 0, 0, &op.RowError{Row: r, Err: err}
		}
		if !ok {
			clear(drow)
			continue
		}
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			err = errors.Errorf("the loss is %v for the prediction %v", loss, x[r*nx:(r+1)*nx])
			return 0, 0, &op.RowError{Row: r, Err: err}
		}
		sum += loss
		valid++
	}
	return sum, valid, nil
}

// newElementwise is newNode for a loss that compares element with element.
func newElementwise(name string, mean bool, rows rowLosses, prediction, target *G.Node) (*G.Node, error) {
	if err := checkNodes(name, prediction, target); err != nil {
		return nil, err
	}
	if prediction.Dims() < 1 || !slices.Equal(prediction.Shape(), target.Shape()) {
		return nil, shapeError(name, "prediction and target of one shape (B, ...)", prediction, target)
	}
	return newNode(name, mean, rows, prediction, target)
}

func checkNodes(name string, prediction, target *G.Node) error {
	if err := op.CheckNode(prediction); err != nil {
		return errors.WithMessagef(err, "losses: %s: prediction", name)
	}
	return errors.WithMessagef(op.CheckNode(target), "losses: %s: target", name)
}

func shapeError(name, want string, prediction, target *G.Node) error {
	return errors.Errorf("losses: %s: want %s, got %v and %v", name, want, prediction.Shape(), target.Shape())
}
