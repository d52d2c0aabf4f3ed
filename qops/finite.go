package qops

import (
	"math"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/nn/op"
)

// finite returns an error that names the first angle that is NaN or infinite, of rows of width numbers. Gates would spread it over a whole state.
func finite[T op.Float](name string, width int, angles []T) error {
	for i, a := range angles {
		switch v := float64(a); {
		case !math.IsNaN(v) && !math.IsInf(v, 0):
		case len(angles) == width:
			return errors.Errorf("%s %d is %v", name, i, a)
		default:
			return errors.Errorf("%s of row %d, element %d is %v", name, i/width, i%width, a)
		}
	}
	return nil
}
