package losses

import (
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn/op"
)

// MSE is the mean of (xᵢ − yᵢ)² over the elements of each row, the first axis being that of the rows.
//
//	prediction  (B, ...)
//	target      (B, ...)  a row of nothing but NaN is masked
//
// Differentiable once in the prediction. A run returns an *op.RowError for a target with a NaN beside a
// number, and for a loss that is not finite.
//
// Source: torch.nn.MSELoss, whose mean over all elements is the mean over the rows of this.
type MSE struct{}

// Sum returns the sum over the rows that are not masked.
func (MSE) Sum(prediction, target *G.Node) (*G.Node, error) {
	return newElementwise("MSE", false, squaredErrors, prediction, target)
}

// Mean returns the mean over the rows that are not masked.
func (MSE) Mean(prediction, target *G.Node) (*G.Node, error) {
	return newElementwise("MSE", true, squaredErrors, prediction, target)
}

var squaredErrors = rowLosses{squaredError[float32], squaredError[float64]}

func squaredError[T op.Float](dx, x, y []T) (loss float64, valid bool, err error) {
	missing := 0
	for i, v := range y {
		if math.IsNaN(float64(v)) {
			missing++
		}
		d := x[i] - v
		dx[i] = 2 * d / T(len(x))
		loss += float64(d) * float64(d)
	}
	if missing > 0 && missing < len(y) {
		return 0, false, errors.Errorf("%d of %d targets are NaN, want none, or all for no target",
			missing, len(y))
	}
	return loss / float64(len(x)), missing == 0, nil
}
