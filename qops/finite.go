package qops

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
)

// finite returns an error that names the first angle that is NaN or infinite: an op.RowError for the angles of a batch
// (batch, …), a plain one for angles that are shared by all rows (batch 0). Gates would spread it over a whole state.
func finite[T op.Float](name string, batch int, angles []T) error {
	for i, a := range angles {
		switch v := float64(a); {
		case !math.IsNaN(v) && !math.IsInf(v, 0):
		case batch == 0:
			return errors.Errorf("%s %d is %v", name, i, a)
		default:
			width := len(angles) / batch
			return &op.RowError{Row: i / width, Err: errors.Errorf("%s %d is %v", name, i%width, a)}
		}
	}
	return nil
}

// batchOf returns the size of the batch of rows with these leading axes, 0 for a single row without an axis.
func batchOf(leading tensor.Shape) int {
	if len(leading) == 0 {
		return 0
	}
	return leading[0]
}
